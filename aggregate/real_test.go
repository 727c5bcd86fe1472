package aggregate_test

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// sierraLeone is the demo country with the values of 2025, which are in the file.
func sierraLeone(t *testing.T) (loader aggregate.Loader, cube *aggregate.Cube, file string) {
	t.Helper()
	file = testfile.Data(t, "sierra-leone/play42-dataValues-2025.csv.gz")[0]
	c := loadSierraLeone(filepath.Dir(file))
	require.NoError(t, c.err)
	return c.loader, c.cube, file
}

type realCountry struct {
	loader aggregate.Loader
	cube   *aggregate.Cube
	err    error
}

var once struct {
	sync.Mutex
	dir     string
	country realCountry
}

// loadSierraLeone loads the country once for all tests.
func loadSierraLeone(dir string) realCountry {
	once.Lock()
	defer once.Unlock()
	if once.dir != dir {
		once.dir, once.country = dir, realCountry{}
		once.country.err = once.country.load(dir)
	}
	return once.country
}

func (c *realCountry) load(dir string) error {
	var parts []hmis.Metadata
	for _, name := range []string{"play42-metadata.json.gz", "play42-organisationUnits.json.gz", "merged-metadata.json.gz"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		md, err := dhis2.ReadMetadata(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		parts = append(parts, md)
	}
	md, _ := hmis.Merge(parts...) // the files know the same objects, more or less fully
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		return err
	}
	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(dir, "play42-dataValues-2025.csv.gz"))
	if err != nil {
		return err
	}
	c.loader = aggregate.Loader{Catalog: catalog, Tree: tree}
	c.cube, err = c.loader.LoadBatches(context.Background(), dhis2.Format{CSV: true, Catalog: catalog}.ReadBatches(f, nil))
	return errors.Join(err, f.Close())
}

// TestRealSierraLeoneTotals compares the totals of every data element, quarter
// and district, and of the country, with a plain sum over the lines of the file,
// read by nothing of this library. The districts are those of a table of the
// server.
func TestRealSierraLeoneTotals(t *testing.T) {
	loader, cube, file := sierraLeone(t)
	type key struct{ element, unit, quarter string }
	want := map[key]*big.Rat{}
	rows, elements := 0, map[string]bool{}
	district := map[string]string{}
	for row := range lines(t, testfile.Data(t, "server-tables/orgunit-structure*.csv.gz")[0]) {
		district[row["organisationunituid"]] = row["uidlevel2"]
	}
	for record := range lines(t, file) {
		rows++
		e, month, unit, text := record["dataelement"], record["period"], record["orgunit"], record["value"]
		elements[e] = true
		require.Len(t, month, 6)
		n, ok := new(big.Rat).SetString(text)
		require.True(t, ok, "%q", text)
		if text == "0" && !keepsZeros(loader.Catalog, e) {
			continue
		}
		quarter := quarterOf(month)
		for _, at := range []string{district[unit], "country"} {
			k := key{e, at, quarter}
			if want[k] == nil {
				want[k] = new(big.Rat)
			}
			want[k].Add(want[k], n)
		}
	}
	require.Equal(t, rows, cube.Len(), "every line is held")

	root := loader.Tree.At(0)
	q := aggregate.Query{
		OrgUnits:     append(loader.Tree.AtLevel(2), root),
		Periods:      period.MustParse("2025").Split(period.Quarterly),
		Aggregation:  hmis.Sum,
		SkipRounding: true,
	}
	for e := range elements {
		q.Data = append(q.Data, indicator.Item{ID: hmis.UID(e)})
	}
	table, err := cube.Query(t.Context(), q)
	require.NoError(t, err)
	counted := tally.Of(t, file)
	for cell := range table.Cells() {
		unit := string(cell.OrgUnit)
		if cell.OrgUnit == root {
			unit = "country"
		}
		k := key{string(cell.Data.ID), unit, cell.Period.String()}
		d, ok := cell.Value.Decimal()
		counted.Check(ok && want[k] != nil && d.Rat().Cmp(want[k]) == 0, "%v: got %s, want %v", k, cell.Value, want[k])
		delete(want, k)
	}
	for k := range want {
		counted.Fail("%v: no cell", k)
	}
	counted.Done()
}

// quarterOf is the quarter of a month: 2025Q2 of 202504.
func quarterOf(month string) string {
	return month[:4] + "Q" + strconv.Itoa((int(month[4]-'0')*10+int(month[5]-'0')+2)/3)
}

func keepsZeros(c *hmis.Catalog, element string) bool {
	e, _ := hmis.Find[hmis.DataElement](c, hmis.UID(element))
	return e.Aggregation == hmis.Average || e.Aggregation == hmis.AverageSumOrgUnit
}

// lines yields the rows of a gzipped CSV file by the names of their columns, in
// one map that is used again.
func lines(t *testing.T, file string) iter.Seq[map[string]string] {
	t.Helper()
	return func(yield func(map[string]string) bool) {
		f, err := os.Open(file)
		require.NoError(t, err)
		defer f.Close()
		z, err := gzip.NewReader(f)
		require.NoError(t, err)
		r := csv.NewReader(z)
		head, err := r.Read()
		require.NoError(t, err)
		row := map[string]string{}
		for {
			cells, err := r.Read()
			if err == io.EOF {
				return
			}
			require.NoError(t, err)
			for i, name := range head {
				row[name] = cells[i]
			}
			if !yield(row) {
				return
			}
		}
	}
}

// TestRealSierraLeoneIndicators asks for every indicator of the metadata by
// district and quarter. Each either is computed or says why not; what it gives
// is what its formula gives on components that are asked for by themselves.
func TestRealSierraLeoneIndicators(t *testing.T) {
	loader, cube, _ := sierraLeone(t)
	q := aggregate.Query{OrgUnits: loader.Tree.AtLevel(2), Periods: period.MustParse("2025").Split(period.Quarterly)}
	computed, empty, cells, compared := 0, 0, 0, 0
	for ind := range hmis.All[hmis.Indicator](loader.Catalog) {
		q.Data = []indicator.Item{{ID: ind.ID}}
		table, err := cube.Query(t.Context(), q)
		if err != nil {
			t.Logf("indicator %s: %v", ind.ID, err)
			require.Contains(t, err.Error(), string(ind.ID), "an error names its indicator")
			continue
		}
		if table.Len() == 0 {
			empty++
		} else {
			computed++
		}
		cells += table.Len()
		compared += compareWithFormula(t, loader, cube, ind, table, q)
	}
	t.Logf("%d indicators have values, %d have none for lack of data: %d cells, %d compared with their formulas", computed, empty, cells, compared)
	require.Positive(t, computed)
}

// compareWithFormula computes an indicator cell by cell.
func compareWithFormula(t *testing.T, loader aggregate.Loader, cube *aggregate.Cube, ind hmis.Indicator, table *aggregate.Table, q aggregate.Query) (compared int) {
	t.Helper()
	f, err := indicator.Compile(loader.Catalog, ind)
	require.NoError(t, err)
	q.Data = nil
	for _, expr := range []*indicator.Expr{f.Numerator, f.Denominator} {
		for item := range expr.Items() {
			if _, ok := hmis.Find[hmis.DataElement](loader.Catalog, item.ID); ok && item.Kind == indicator.DataElementItem && item == item.Plain() {
				q.Data = append(q.Data, item)
			}
		}
	}
	if len(q.Data) == 0 {
		return 0
	}
	parts, err := cube.Query(t.Context(), q)
	if err != nil {
		return 0 // such as a text that cannot be asked for by itself
	}
	for _, unit := range q.OrgUnits {
		for _, p := range q.Periods {
			want, err := f.Eval(indicator.Env{
				Item: func(item indicator.Item) indicator.Value {
					if item.Kind == indicator.ConstantItem {
						c, _ := hmis.Find[hmis.Constant](loader.Catalog, item.ID)
						return indicator.Num(c.Value)
					}
					if item.Kind == indicator.DaysItem {
						return indicator.Scaled(int64(p.Days()), 0)
					}
					return parts.At(item, unit, p)
				},
			})
			require.NoError(t, err)
			got := table.At(indicator.Item{ID: ind.ID}, unit, p)
			require.True(t, got.Equal(want.Value), "%s %s %s: got %s, want %s", ind.ID, unit, p, got, want.Value)
			compared++
		}
	}
	return compared
}
