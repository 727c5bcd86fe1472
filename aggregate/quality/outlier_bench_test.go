package quality_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// A bigCountry has 12,000 facilities in 120 districts, of which some report 30
// forms of 10 data elements, with 1 to 4 option combos, in 36 months.
type bigCountry struct {
	md      hmis.Metadata
	tree    *orgunit.Tree
	cube    *aggregate.Cube
	values  int
	reports []hmis.UID // org units that report
}

const (
	bigForms, bigElements, bigMonths = 30, 10, 36
	bigDistricts, bigFacilities      = 120, 12_000
)

// newBigCountry lets one facility in so many report: 100 makes three million
// values, 29 ten million.
func newBigCountry(b testing.TB, oneIn int) *bigCountry {
	b.Helper()
	c := &bigCountry{}
	c.md.OrgUnits = []hmis.OrgUnit{{ID: "country"}}
	for d := range bigDistricts {
		c.md.OrgUnits = append(c.md.OrgUnits, hmis.OrgUnit{ID: hmis.UID(fmt.Sprintf("district%03d", d)), Parent: "country"})
	}
	for f := range bigFacilities {
		id := hmis.UID(fmt.Sprintf("facility%05d", f))
		c.md.OrgUnits = append(c.md.OrgUnits, hmis.OrgUnit{ID: id, Parent: hmis.UID(fmt.Sprintf("district%03d", f%bigDistricts))})
		if f/bigDistricts%oneIn == f%bigDistricts%oneIn {
			c.reports = append(c.reports, id)
		}
	}
	for s := range bigForms {
		set := hmis.DataSet{ID: hmis.UID(fmt.Sprintf("form%02d", s)), PeriodType: period.Monthly, OrgUnits: c.reports, TimelyDays: 15}
		for e := range bigElements {
			id := hmis.UID(fmt.Sprintf("element%02d%02d", s, e))
			c.md.DataElements = append(c.md.DataElements, hmis.DataElement{ID: id})
			set.Elements = append(set.Elements, hmis.DataSetElement{DataElement: id})
		}
		c.md.DataSets = append(c.md.DataSets, set)
	}
	catalog, err := hmis.NewCatalog(c.md)
	require.NoError(b, err)
	c.tree, err = orgunit.NewTree(c.md.OrgUnits)
	require.NoError(b, err)
	c.cube, err = aggregate.Loader{Catalog: catalog, Tree: c.tree, Completions: c.completions()}.LoadBatches(context.Background(), c.batches())
	require.NoError(b, err)
	c.values = c.cube.Len()
	return c
}

func (c *bigCountry) months() []period.Period {
	first := period.MustParse("202201")
	return period.Range(first, first.Add(bigMonths-1))
}

// batches yields the reports of a month and form at a time: whole numbers around
// the size of each facility, with a spike now and then.
func (c *bigCountry) batches() iter.Seq2[*hmis.Batch, error] {
	return func(yield func(*hmis.Batch, error) bool) {
		rng := rand.New(rand.NewPCG(7, 7))
		for _, month := range c.months() {
			for e := range bigForms * bigElements {
				b := &hmis.Batch{}
				for u, unit := range c.reports {
					if rng.IntN(10) == 0 {
						continue
					}
					for combo := range 1 + e%4 {
						n := 20 + u%200 + rng.IntN(20+u%50)
						if rng.IntN(5000) == 0 {
							n *= 20
						}
						b.Append(hmis.DataValue{Key: hmis.Key{
							DataElement: c.md.DataElements[e].ID, OrgUnit: unit, Period: month, OptionCombo: hmis.UID(fmt.Sprintf("combo%d", combo)),
						}, Value: fmt.Sprint(n)})
					}
				}
				if !yield(b, nil) {
					return
				}
			}
		}
	}
}

func (c *bigCountry) completions() iter.Seq2[hmis.Completion, error] {
	return func(yield func(hmis.Completion, error) bool) {
		for s := range bigForms {
			for m, month := range c.months() {
				for u, unit := range c.reports {
					if (u+m)%9 == 0 {
						continue
					}
					done := hmis.Completion{
						DataSet: c.md.DataSets[s].ID, OrgUnit: unit, Period: month,
						At: (month.Last() + period.Date(u%20)).Time(time.UTC),
					}
					if !yield(done, nil) {
						return
					}
				}
			}
		}
	}
}

var small = struct {
	sync.Once
	*bigCountry
}{}

func smallCountry(b testing.TB) *bigCountry {
	small.Do(func() { small.bigCountry = newBigCountry(b, 100) })
	return small.bigCountry
}

// BenchmarkOutliers goes through all series of a country with three million values,
// on one processor.
func BenchmarkOutliers(b *testing.B) {
	c := smallCountry(b)
	bounds, err := quality.BoundRule{}.Generate(b.Context(), c.cube, quality.Scope{}, nil)
	require.NoError(b, err)
	for _, bench := range []struct {
		name   string
		method quality.Method
	}{
		{"z-score", quality.Method{}},
		{"modified", quality.Method{Score: quality.ModifiedZ}},
		{"modified, analytics", quality.Method{Score: quality.ModifiedZ, Analytics: true}},
		{"quartiles", quality.Method{Score: quality.Quartiles}},
		{"min-max", quality.Method{Score: quality.MinMax, Bounds: bounds}},
		{"invalid", quality.Method{Score: quality.InvalidNumber}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			bench.method.Workers = 1
			before := processorTime()
			for b.Loop() {
				_, err := quality.Outliers(b.Context(), c.cube, bench.method, quality.Scope{})
				require.NoError(b, err)
			}
			b.ReportMetric(float64(c.values)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mvalues/s")
			if used := processorTime() - before; used > 0 { // of a machine that others use too
				b.ReportMetric(float64(c.values)*float64(b.N)/used.Seconds()/1e6, "Mvalues/cpu-s")
			}
		})
	}
}

func BenchmarkSeries(b *testing.B) {
	c := smallCountry(b)
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range c.cube.Series(b.Context(), aggregate.Filter{}) {
			require.NoError(b, err)
		}
	}
	b.ReportMetric(float64(c.values)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mvalues/s")
}

// BenchmarkReview takes a whole review with its scorecard: reports and data of 30
// forms, outliers and trends of 20 data elements, and 10 pairs, at 120 districts of
// a country with ten million values.
func BenchmarkReview(b *testing.B) {
	c := newBigCountry(b, 29)
	r := quality.Review{Overall: "country", Period: period.MustParse("2024"), Reference: []period.Period{period.MustParse("2022"), period.MustParse("2023")}}
	for d := range bigDistricts {
		r.Units = append(r.Units, hmis.UID(fmt.Sprintf("district%03d", d)))
	}
	metrics := bigMetrics(c)
	b.Run(fmt.Sprintf("%d million values", c.values/1e6), func(b *testing.B) {
		for b.Loop() {
			measures, err := r.Run(b.Context(), c.cube, metrics...)
			require.NoError(b, err)
			card := quality.Grader{}.Grade(measures)
			require.Len(b, card.Cells, len(metrics))
		}
		b.ReportMetric(float64(len(metrics)), "metrics")
		b.ReportMetric(float64(runtime.GOMAXPROCS(0)), "processors")
	})
}

func bigMetrics(c *bigCountry) []quality.Metric {
	var metrics []quality.Metric
	for _, set := range c.md.DataSets {
		metrics = append(metrics, quality.Reporting{DataSet: set.ID}, quality.Reporting{DataSet: set.ID, OnTime: true},
			quality.Completeness{DataSet: set.ID}, quality.Trend{DataSet: set.ID})
	}
	for e := range 20 {
		item := indicator.Item{ID: c.md.DataElements[e*bigElements].ID}
		metrics = append(metrics, quality.Extremes{Data: item}, quality.Extremes{Data: item, Kind: quality.ModerateValues},
			quality.Extremes{Data: item, Kind: quality.ModifiedValues}, quality.Trend{Data: item, Moving: true})
		if e%2 == 1 {
			metrics = append(metrics, quality.Relation{A: item, B: indicator.Item{ID: c.md.DataElements[e*bigElements+1].ID}})
		}
	}
	return metrics
}
