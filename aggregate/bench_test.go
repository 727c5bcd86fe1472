package aggregate_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// A nation has 1,000 facilities in 20 districts, and 480,000 values: 20 data
// elements for 24 months. e19 is the last value, e18 the least, e17 an average;
// the others are sums. ratio is an indicator of two of them.
type nation struct {
	loader aggregate.Loader
	tree   *orgunit.Tree
	values []hmis.DataValue
	cube   *aggregate.Cube
}

// theNation is made when it is first asked for.
var theNation struct {
	once sync.Once
	nation
}

func newNation(t testing.TB) nation {
	t.Helper()
	theNation.once.Do(func() { theNation.nation = makeNation(t) })
	return theNation.nation
}

func makeNation(t testing.TB) nation {
	t.Helper()
	md := hmis.Metadata{
		OrgUnits:       []hmis.OrgUnit{{ID: "country0000"}},
		IndicatorTypes: []hmis.IndicatorType{{ID: "percent0000", Factor: 100}},
		Indicators: []hmis.Indicator{{
			ID: "ratio", Type: "percent0000", Numerator: "#{element0001} + #{element0002}", Denominator: "#{element0003}",
		}},
	}
	for d := range 20 {
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{ID: hmis.UID(fmt.Sprintf("district%03d", d)), Parent: "country0000"})
	}
	for f := range 1000 {
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{
			ID: hmis.UID(fmt.Sprintf("facility%03d", f)), Parent: hmis.UID(fmt.Sprintf("district%03d", f%20)),
		})
	}
	for e := range 20 {
		rule := map[int]hmis.Aggregation{19: hmis.Last, 18: hmis.Min, 17: hmis.Average}[e]
		md.DataElements = append(md.DataElements, hmis.DataElement{ID: element(e), Aggregation: rule})
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	c := nation{}
	c.tree, err = orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 1))
	for _, p := range period.Range(period.MustParse("202301"), period.MustParse("202412")) {
		for _, u := range md.OrgUnits[21:] {
			for e := range 20 {
				c.values = append(c.values, hmis.DataValue{
					Key:   hmis.Key{DataElement: element(e), OrgUnit: u.ID, Period: p},
					Value: fmt.Sprint(rng.IntN(200)),
				})
			}
		}
	}
	c.loader = aggregate.Loader{Catalog: catalog, Tree: c.tree}
	c.cube, err = c.loader.Load(context.Background(), stream(c.values))
	require.NoError(t, err)
	return c
}

func perSecond(b *testing.B, values int) {
	b.ReportMetric(float64(values)*float64(b.N)/b.Elapsed().Seconds(), "values/s")
}

// BenchmarkLoad loads 480,000 values: one by one, and as the columns that a
// reader makes of them.
func BenchmarkLoad(b *testing.B) {
	c := newNation(b)
	b.Run("values", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.loader.Load(b.Context(), stream(c.values)); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b, len(c.values))
	})
	b.Run("batches", func(b *testing.B) {
		var batches []*hmis.Batch
		for i, v := range c.values {
			if i%60_000 == 0 {
				batches = append(batches, &hmis.Batch{})
			}
			batches[len(batches)-1].Append(v)
		}
		b.ReportAllocs()
		b.ResetTimer()
		for b.Loop() {
			if _, err := c.loader.LoadBatches(b.Context(), stream(batches)); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b, len(c.values))
	})
}

func items(ids ...hmis.UID) []indicator.Item {
	var list []indicator.Item
	for _, id := range ids {
		list = append(list, indicator.Item{ID: id})
	}
	return list
}

// BenchmarkQuery asks a country's 480,000 values in the ways that dashboards,
// maps and exports do. The rate is that of the values that count in the answer.
func BenchmarkQuery(b *testing.B) {
	c := newNation(b)
	months := period.Range(period.MustParse("202301"), period.MustParse("202412"))
	quarters := period.Range(period.MustParse("2023Q1"), period.MustParse("2024Q4"))
	years := period.Range(period.MustParse("2023"), period.MustParse("2024"))
	var sums []hmis.UID
	for e := range 17 {
		sums = append(sums, element(e))
	}
	const perElement = 24 * 1000
	for _, bb := range []struct {
		name   string
		values int
		query  aggregate.Query
	}{
		{"one cell", 50, aggregate.Query{Data: items("element0001"), OrgUnits: []hmis.UID{"district007"}, Periods: months[:1]}},
		{"indicator of a district", 3 * 12 * 50, aggregate.Query{Data: items("ratio"), OrgUnits: []hmis.UID{"district007"}, Periods: months[:12]}},
		{"country by month", 17 * perElement, aggregate.Query{Data: items(sums...), OrgUnits: c.tree.AtLevel(1), Periods: months}},
		{"districts by quarter and year", 17 * perElement, aggregate.Query{Data: items(sums...), OrgUnits: c.tree.AtLevel(2), Periods: append(quarters, years...)}},
		{"facilities by month", 17 * perElement, aggregate.Query{Data: items(sums...), OrgUnits: c.tree.AtLevel(3), Periods: months}},
		{"last of districts by quarter", perElement, aggregate.Query{Data: items("element0019"), OrgUnits: c.tree.AtLevel(2), Periods: quarters}},
		{"least of districts by quarter", perElement, aggregate.Query{Data: items("element0018"), OrgUnits: c.tree.AtLevel(2), Periods: quarters}},
		{"average of districts by quarter", perElement, aggregate.Query{Data: items("element0017"), OrgUnits: c.tree.AtLevel(2), Periods: quarters}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range c.cube.Blocks(b.Context(), bb.query) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			perSecond(b, bb.values)
		})
	}
}

func BenchmarkWriteTo(b *testing.B) {
	c := newNation(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.cube.WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, c.cube.Len())
}

func BenchmarkOpen(b *testing.B) {
	c := newNation(b)
	data := snapshotOf(b, c.cube)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.loader.Open(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, c.cube.Len())
}

// BenchmarkWith corrects 1,000 of 480,000 values, all of one month.
func BenchmarkWith(b *testing.B) {
	c := newNation(b)
	changes := c.values[len(c.values)-1000:]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.cube.With(b.Context(), stream(changes), nil); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, len(changes))
}

// BenchmarkRead reads all 480,000 values in each way that there is.
func BenchmarkRead(b *testing.B) {
	c := newNation(b)
	run := func(name string, want int, read func() int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n := read(); n != want {
					b.Fatalf("%d values; want %d", n, want)
				}
			}
			perSecond(b, c.cube.Len())
		})
	}
	run("segments", c.cube.Len(), func() (n int) {
		for s := range c.cube.Segments(aggregate.Filter{}) {
			n += len(s.Places)
		}
		return n
	})
	run("segments of a country", c.cube.Len(), func() (n int) { // which are looked at one by one
		for s := range c.cube.Segments(aggregate.Filter{OrgUnits: []hmis.UID{"country0000"}}) {
			n += len(s.Places)
		}
		return n
	})
	run("series", c.cube.Len(), func() (n int) {
		for s := range c.cube.Series(b.Context(), aggregate.Filter{}) {
			n += s.Len()
		}
		return n
	})
	run("values", c.cube.Len(), func() (n int) {
		for range c.cube.Values(b.Context(), aggregate.Filter{}) {
			n++
		}
		return n
	})
	all, zeros := aggregate.Query{Periods: c.cube.Periods()}, 0
	for e := range 20 {
		all.Data = append(all.Data, indicator.Item{ID: element(e)})
	}
	for _, v := range c.values {
		if v.Value == "0" && v.DataElement != element(17) { // an average counts its zeros
			zeros++
		}
	}
	run("rows", c.cube.Len()-zeros, func() (n int) {
		for range c.cube.Rows(b.Context(), all) {
			n++
		}
		return n
	})
}

// TestAllocations holds that room is needed for data items, not for cells or
// values: 1,000 facilities × 24 months take a few allocations more than one cell.
func TestAllocations(t *testing.T) {
	c := newNation(t)
	months := period.Range(period.MustParse("202301"), period.MustParse("202412"))
	allocations := func(q aggregate.Query) float64 {
		return testing.AllocsPerRun(20, func() {
			for _, err := range c.cube.Blocks(t.Context(), q) {
				require.NoError(t, err)
			}
		})
	}
	few := allocations(aggregate.Query{Data: items("element0001"), OrgUnits: c.tree.AtLevel(1), Periods: months[:1], Workers: 1})
	many := allocations(aggregate.Query{Data: items("element0001"), OrgUnits: c.tree.AtLevel(3), Periods: months, Workers: 1})
	if many > few+40 {
		t.Errorf("24,000 cells take %.0f allocations, one takes %.0f", many, few)
	}
}
