package aggregate_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// A village is a small country whose values change at random.
type village struct {
	md      hmis.Metadata
	catalog *hmis.Catalog
	tree    *orgunit.Tree
}

func newVillage(t testing.TB) village {
	t.Helper()
	var v village
	v.md.OrgUnits = []hmis.OrgUnit{{ID: "country0000"}}
	for d := range 3 {
		district := hmis.UID(fmt.Sprintf("district%03d", d))
		v.md.OrgUnits = append(v.md.OrgUnits, hmis.OrgUnit{ID: district, Parent: "country0000"})
		for f := range 5 {
			v.md.OrgUnits = append(v.md.OrgUnits, hmis.OrgUnit{ID: hmis.UID(fmt.Sprintf("facility%d%02d", d, f)), Parent: district})
		}
	}
	for i, typ := range []hmis.ValueType{hmis.Number, hmis.Integer, hmis.Boolean, hmis.Text} {
		v.md.DataElements = append(v.md.DataElements, hmis.DataElement{ID: element(i), ValueType: typ})
	}
	v.md.DataSets = []hmis.DataSet{{ID: "dataset0000", PeriodType: period.Monthly}}
	var err error
	v.catalog, err = hmis.NewCatalog(v.md)
	require.NoError(t, err)
	v.tree, err = orgunit.NewTree(v.md.OrgUnits)
	require.NoError(t, err)
	return v
}

func element(i int) hmis.UID { return hmis.UID(fmt.Sprintf("element%04d", i)) }

func (v village) loader() aggregate.Loader { return aggregate.Loader{Catalog: v.catalog, Tree: v.tree} }

func (v village) values(rng *rand.Rand, n int) []hmis.DataValue {
	var list []hmis.DataValue
	for range n {
		e := rng.IntN(4)
		value := hmis.DataValue{Key: hmis.Key{
			DataElement: element(e),
			OptionCombo: []hmis.UID{"", "combo000001"}[rng.IntN(2)],
			OrgUnit:     v.md.OrgUnits[rng.IntN(len(v.md.OrgUnits))].ID,
			Period:      period.MustParse([]string{"202401", "202402", "2024Q1", "2023"}[rng.IntN(4)]),
		}}
		switch {
		case rng.IntN(5) == 0:
			value.Deleted = true
		case e == 3:
			value.Value = fmt.Sprintf("text %d", rng.IntN(9))
		case e == 2:
			value.Value = []string{"true", "false"}[rng.IntN(2)]
		default:
			value.Value = []string{"0", "0.0", "-0", "007", "1.50", "12345678901234567890.5", "3", "-41", "1000000", "0.00000000000001"}[rng.IntN(10)]
		}
		value.FollowUp = rng.IntN(8) == 0
		list = append(list, value)
	}
	return list
}

func (v village) completions(rng *rand.Rand, n int) []hmis.Completion {
	var list []hmis.Completion
	for range n {
		list = append(list, hmis.Completion{
			DataSet: "dataset0000", OrgUnit: v.md.OrgUnits[rng.IntN(len(v.md.OrgUnits))].ID,
			Period: period.MustParse("202401"), At: time.Date(2024, 2, 1+rng.IntN(20), 8, 0, 0, 0, time.UTC),
			Withdrawn: rng.IntN(4) == 0,
		})
	}
	return list
}
