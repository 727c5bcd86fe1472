package entry_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// uid returns a UID with a letter and a number.
func uid(letter string, n int) hmis.UID { return hmis.UID(fmt.Sprintf("%s%010d", letter, n)) }

// monthly makes a year of values of 50 data elements in 4 option combos, at
// many facilities, in the order of an export: facility by facility, month by
// month.
func monthly(t testing.TB, facilities int) (*hmis.Catalog, *orgunit.Tree, []hmis.DataValue) {
	t.Helper()
	md := hmis.Metadata{
		CategoryCombos: []hmis.CategoryCombo{{ID: uid("c", 1), Name: "Sex and age"}},
		DataSets:       []hmis.DataSet{{ID: uid("s", 1), PeriodType: period.Monthly}},
		OrgUnits:       []hmis.OrgUnit{{ID: uid("u", 0), Opened: period.DateOf(2000, 1, 1)}},
	}
	set := &md.DataSets[0]
	for i := range 4 {
		md.OptionCombos = append(md.OptionCombos, hmis.OptionCombo{ID: uid("o", i), CategoryCombo: uid("c", 1)})
	}
	for i := range 50 {
		md.DataElements = append(md.DataElements, hmis.DataElement{ID: uid("e", i), ValueType: hmis.IntegerZeroOrPositive, CategoryCombo: uid("c", 1)})
		set.Elements = append(set.Elements, hmis.DataSetElement{DataElement: uid("e", i)})
	}
	for i := range facilities {
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{ID: uid("u", i+1), Parent: uid("u", 0), Opened: period.DateOf(2000, 1, 1)})
		set.OrgUnits = append(set.OrgUnits, uid("u", i+1))
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	var values []hmis.DataValue
	for _, u := range set.OrgUnits {
		for _, p := range period.MustParse("2025").Split(period.Monthly) {
			for _, e := range md.DataElements {
				for n, o := range md.OptionCombos {
					values = append(values, hmis.DataValue{
						Key:   hmis.Key{DataElement: e.ID, OptionCombo: o.ID, OrgUnit: u, Period: p},
						Value: [...]string{"0", "7", "12", "345"}[n],
					})
				}
			}
		}
	}
	return catalog, tree, values
}

// BenchmarkGate passes 600,000 values of 250 facilities of which nothing is
// wrong: in the order of an export, by data element, and in no order.
func BenchmarkGate(b *testing.B) {
	catalog, tree, values := monthly(b, 250)
	byElement := slices.Clone(values)
	slices.SortStableFunc(byElement, func(a, b hmis.DataValue) int {
		if a.DataElement != b.DataElement {
			return int(a.DataElement[10]) - int(b.DataElement[10])
		}
		return a.Period.Compare(b.Period)
	})
	shuffled := slices.Clone(values)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	gate := entry.Gate{Catalog: catalog, Tree: tree, DataSet: uid("s", 1), Policy: entry.Strict, Now: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)}
	for _, bb := range []struct {
		name   string
		policy entry.Policy
		values []hmis.DataValue
	}{{"export", entry.Strict, values}, {"by_element", entry.Strict, byElement}, {"shuffled", entry.Strict, shuffled}, {"grouped", entry.Grouped, values}} {
		gate.Policy = bb.policy
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				for _, err := range gate.Values(each(bb.values), nil) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != len(bb.values) {
					b.Fatalf("%d of %d values pass", n, len(bb.values))
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(bb.values))/b.Elapsed().Seconds(), "values/s")
		})
	}
}

// each returns values as a reader does.
func each(values []hmis.DataValue) func(func(hmis.DataValue, error) bool) {
	return func(yield func(hmis.DataValue, error) bool) {
		for i := range values {
			if !yield(values[i], nil) {
				return
			}
		}
	}
}

// BenchmarkImport stores 120,000 values of 50 facilities that are all new, in a
// store that keeps nothing.
func BenchmarkImport(b *testing.B) {
	catalog, tree, values := monthly(b, 50)
	im := entry.Import{Gate: entry.Gate{Catalog: catalog, Tree: tree, Policy: entry.Strict}, Store: empty{}}
	b.ReportAllocs()
	for b.Loop() {
		sum, err := im.Run(b.Context(), each(values))
		if err != nil || sum.Imported != len(values) {
			b.Fatal(sum, err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(values))/b.Elapsed().Seconds(), "values/s")
}

// An empty store has nothing and keeps nothing.
type empty struct{}

func (empty) Begin(context.Context) (entry.Tx, error) { return empty{}, nil }

func (empty) Stored(context.Context, []hmis.Key) (map[hmis.Key]hmis.DataValue, error) {
	return nil, nil
}

func (empty) Put(context.Context, []hmis.DataValue) error       { return nil }
func (empty) Complete(context.Context, []hmis.Completion) error { return nil }
func (empty) Commit(context.Context) error                      { return nil }
func (empty) Rollback(context.Context) error                    { return nil }
