package aggregate_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// formsOfCountry returns a cube of a country with so many facilities in nine
// provinces, which all send five monthly forms. Every third facility has
// completed the first form.
func formsOfCountry(t testing.TB, count int) *aggregate.Cube {
	t.Helper()
	md := hmis.Metadata{OrgUnits: []hmis.OrgUnit{{ID: "country0000"}}}
	for p := range 9 {
		id := hmis.UID(fmt.Sprintf("province%03d", p))
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{ID: id, Parent: "country0000"})
	}
	var facilities []hmis.UID
	for f := range count {
		id := hmis.UID(fmt.Sprintf("fac%08d", f))
		facilities = append(facilities, id)
		parent := hmis.UID(fmt.Sprintf("province%03d", f%9))
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{ID: id, Parent: parent})
	}
	for s := range 5 {
		id := hmis.UID(fmt.Sprintf("dataset%04d", s))
		md.DataSets = append(md.DataSets, hmis.DataSet{ID: id, PeriodType: period.Monthly, OrgUnits: facilities})
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	var done []hmis.Completion
	for f := 0; f < len(facilities); f += 3 {
		done = append(done, hmis.Completion{
			DataSet: "dataset0000", OrgUnit: facilities[f], Period: period.MustParse("202401"),
		})
	}
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree, Completions: stream(done)}.Load(context.Background(), nil)
	require.NoError(t, err)
	return cube
}

// allRates asks five rates of each form in each province.
func allRates(cube *aggregate.Cube) aggregate.Query {
	q := aggregate.Query{OrgUnits: cube.Tree().AtLevel(2), Periods: []period.Period{period.MustParse("202401")}}
	for set := range hmis.All[hmis.DataSet](cube.Catalog()) {
		for _, rate := range []indicator.Rate{
			indicator.ReportingRate, indicator.ReportingRateOnTime, indicator.ActualReports,
			indicator.ActualReportsOnTime, indicator.ExpectedReports,
		} {
			q.Data = append(q.Data, indicator.Item{ID: set.ID, Rate: rate})
		}
	}
	return q
}

// TestRatesTogether asks a new cube for rates from several goroutines at once.
// All find the same, although the first ones also find what is expected.
func TestRatesTogether(t *testing.T) {
	want, err := formsOfCountry(t, 900).Query(t.Context(), allRates(formsOfCountry(t, 900)))
	require.NoError(t, err)
	item := indicator.Item{ID: "dataset0000", Rate: indicator.ReportingRate}
	rate, _ := want.At(item, "province000", period.MustParse("202401")).Float64()
	require.Equal(t, 100.0, rate) // its facilities are every ninth one from the first
	rate, _ = want.At(item, "province001", period.MustParse("202401")).Float64()
	require.Equal(t, 0.0, rate)
	cube := formsOfCountry(t, 900)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			got, err := cube.Query(t.Context(), allRates(cube))
			if assert.NoError(t, err) {
				assert.Equal(t, slices.Collect(want.Cells()), slices.Collect(got.Cells()))
			}
		})
	}
	group.Wait()
}

// BenchmarkRates asks five rates of five forms in nine provinces: 225 cells over
// 130,000 facilities. The first query of a cube also finds what is expected.
func BenchmarkRates(b *testing.B) {
	cube := formsOfCountry(b, 130_000)
	q := allRates(cube)
	ask := func(b *testing.B, c *aggregate.Cube) {
		if _, err := c.Query(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("first", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			fresh, err := cube.With(b.Context(), nil, nil)
			require.NoError(b, err)
			ask(b, fresh)
		}
	})
	b.Run("later", func(b *testing.B) {
		ask(b, cube)
		b.ReportAllocs()
		for b.Loop() {
			ask(b, cube)
		}
		b.ReportMetric(225*float64(b.N)/b.Elapsed().Seconds(), "cells/s")
	})
}
