package aggregate_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// twoYears is 480,000 values: 20 elements of 1,000 facilities for 24 months.
func twoYears(b *testing.B) (aggregate.Loader, []hmis.DataValue, *aggregate.Cube) {
	b.Helper()
	md := hmis.Metadata{OrgUnits: []hmis.OrgUnit{{ID: "country0000"}}}
	for f := range 1000 {
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{ID: hmis.UID(fmt.Sprintf("facility%03d", f)), Parent: "country0000"})
	}
	for e := range 20 {
		md.DataElements = append(md.DataElements, hmis.DataElement{ID: element(e)})
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(b, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(b, err)
	rng := rand.New(rand.NewPCG(1, 1))
	var values []hmis.DataValue
	for _, p := range period.Range(period.MustParse("202301"), period.MustParse("202412")) {
		for _, u := range md.OrgUnits[1:] {
			for e := range 20 {
				values = append(values, hmis.DataValue{
					Key:   hmis.Key{DataElement: element(e), OrgUnit: u.ID, Period: p},
					Value: fmt.Sprint(rng.IntN(200)),
				})
			}
		}
	}
	l := aggregate.Loader{Catalog: catalog, Tree: tree}
	cube, err := l.Load(context.Background(), stream(values))
	require.NoError(b, err)
	return l, values, cube
}

func perSecond(b *testing.B, values int) {
	b.ReportMetric(float64(values)*float64(b.N)/b.Elapsed().Seconds(), "values/s")
}

func BenchmarkWriteTo(b *testing.B) {
	_, _, cube := twoYears(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cube.WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, cube.Len())
}

func BenchmarkOpen(b *testing.B) {
	l, _, cube := twoYears(b)
	data := snapshotOf(b, cube)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.Open(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, cube.Len())
}

// BenchmarkWith corrects 1,000 of 480,000 values, all of one month.
func BenchmarkWith(b *testing.B) {
	_, values, cube := twoYears(b)
	changes := values[len(values)-1000:]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cube.With(context.Background(), stream(changes), nil); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, len(changes))
}
