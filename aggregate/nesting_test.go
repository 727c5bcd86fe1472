package aggregate_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// A chain is a country of one clinic, with n indicators of which each names the
// next as form says; the last one is last. NEXT stands for the id of the next and
// POWER for two to the power of its number.
func chain(t testing.TB, n int, form, last string) (*aggregate.Cube, aggregate.Query) {
	t.Helper()
	id := func(i int) hmis.UID { return hmis.UID(fmt.Sprintf("In%09d", i)) }
	md := hmis.Metadata{OrgUnits: []hmis.OrgUnit{{ID: "Clinic00001"}}, DataElements: []hmis.DataElement{{ID: "Good0000001"}}}
	for i := range n {
		ind := hmis.Indicator{ID: id(i), Numerator: last, Denominator: "1"}
		if i < n-1 {
			ind.Numerator = strings.NewReplacer("NEXT", string(id(i+1)), "POWER", fmt.Sprint(1<<min(i, 20))).Replace(form)
		}
		md.Indicators = append(md.Indicators, ind)
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	january := period.MustParse("202401")
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(t.Context(), stream([]hmis.DataValue{
		{Value: "7", Key: hmis.Key{DataElement: "Good0000001", OrgUnit: "Clinic00001", Period: january}},
	}))
	require.NoError(t, err)
	return cube, aggregate.Query{Data: []indicator.Item{{ID: id(0)}}, OrgUnits: []hmis.UID{"Clinic00001"}, Periods: []period.Period{january}}
}

// TestNesting asks for indicators that name each other in more ways than there is
// time for: what is shared is computed once, and what is too much is refused.
func TestNesting(t *testing.T) {
	tests := []struct {
		name       string
		n          int
		form, last string
		want       string
	}{
		{"named twice", 60, "N{NEXT} + N{NEXT}.minDate(2020-01-01) * 0", "#{Good0000001}", "7"},
		{"two offsets", 60, "N{NEXT}.periodOffset(-1) + N{NEXT}.periodOffset(1)", "5", fmt.Sprint(5 * math.Pow(2, 59))},
		{"offsets of a last value", 40, "N{NEXT}.periodOffset(-1) + N{NEXT}.periodOffset(-2)", "#{Good0000001}.aggregationType(LAST)", "missing"},
		{"500 deep", 500, "N{NEXT} + 1", "#{Good0000001}", "506"},
		{"501 deep", 501, "N{NEXT} + 1", "#{Good0000001}", "hmis: Data: indicator In000000000: indicators are nested in it more than 500 deep"},
		{"very deep", 100_000, "N{NEXT} + 1", "#{Good0000001}", "hmis: Data: indicator In000000000: indicators are nested in it more than 500 deep"},
		{"round and round", 400, "N{NEXT} + N{NEXT}", "N{In000000000}", "circle"},
	}
	for _, tt := range tests {
		cube, q := chain(t, tt.n, tt.form, tt.last)
		table, err := cube.Query(t.Context(), q)
		got := ""
		if err != nil {
			got = err.Error()
		} else if v := table.At(q.Data[0], q.OrgUnits[0], q.Periods[0]); v.IsMissing() {
			got = "missing"
		} else if f, ok := v.Float64(); ok {
			got = fmt.Sprint(f)
		}
		if got != tt.want && (tt.want != "circle" || !strings.Contains(got, "in a circle: In000000000 > In000000001 >")) {
			t.Errorf("%s: got %.200s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestShiftsAreLimited reads indicators in days that all differ, twice as many with
// each that is nested.
func TestShiftsAreLimited(t *testing.T) {
	for n, want := range map[int]string{
		12: "",
		40: "hmis: Data: indicator In000000031: more than 1048576 periods are read of it and of others",
	} {
		cube, q := chain(t, n, "N{NEXT} + N{NEXT}.periodOffset(POWER)", "#{Good0000001}")
		q.Periods = []period.Period{period.MustParse("20240101")}
		_, err := cube.Query(t.Context(), q)
		if want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, want)
		}
	}
}

// TestNestingOfAll asks for all of many nested indicators at once, some of which
// are too deep.
func TestNestingOfAll(t *testing.T) {
	cube, q := chain(t, 1500, "N{NEXT} + 1", "#{Good0000001}")
	q.Data = nil
	for i := range 1500 {
		q.Data = append(q.Data, indicator.Item{ID: hmis.UID(fmt.Sprintf("In%09d", i))})
	}
	refused := 0
	q.Reject = func(indicator.Item, error) { refused++ }
	table, err := cube.Query(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, 500, table.Len())
	require.Equal(t, 1000, refused)
}

// TestExplainShares explains indicators that name the next one twice: a part that
// comes again is the same, and is written once.
func TestExplainShares(t *testing.T) {
	cube, q := chain(t, 300, "N{NEXT} + N{NEXT}.minDate(2020-01-01) * 0", "#{Good0000001}")
	x, err := cube.Explain(t.Context(), q, aggregate.Cell{Data: q.Data[0], OrgUnit: q.OrgUnits[0], Period: q.Periods[0]})
	require.NoError(t, err)
	require.Equal(t, "7", x.Cell.Value.String())
	require.Same(t, x.Parts[0].Parts[1], x.Parts[1].Parts[0])
	text := x.String()
	require.Equal(t, 596, strings.Count(text, ": explained above"))
	require.Less(t, len(text), 1<<20)

	data, err := json.Marshal(x)
	require.NoError(t, err)
	require.Equal(t, 596, strings.Count(string(data), `"above":true`))
	require.Less(t, len(data), 1<<20)
}

// TestExplainIsLimited explains more than anybody reads.
func TestExplainIsLimited(t *testing.T) {
	md := hmis.Metadata{OrgUnits: []hmis.OrgUnit{{ID: "country0000"}}, DataElements: []hmis.DataElement{{ID: "Good0000001"}}}
	var values []hmis.DataValue
	for i := range 30_000 {
		id := hmis.UID(fmt.Sprintf("facility%06d", i))
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{ID: id, Parent: "country0000"})
		values = append(values, hmis.DataValue{Value: "1", Key: hmis.Key{DataElement: "Good0000001", OrgUnit: id, Period: period.MustParse("202401")}})
	}
	md.Indicators = []hmis.Indicator{
		{ID: "Long0000001", Numerator: "subExpression(#{Good0000001}" + strings.Repeat(" + 1 * 1", 3000) + ")", Denominator: "1"},
		{ID: "Wide0000001", Numerator: "0", Denominator: "1"},
	}
	for i := range 20 {
		md.Indicators[1].Numerator += fmt.Sprintf(" + subExpression(#{Good0000001} + %d)", i)
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(t.Context(), stream(values))
	require.NoError(t, err)
	q := aggregate.Query{Data: []indicator.Item{{ID: "Long0000001"}, {ID: "Wide0000001"}}, OrgUnits: []hmis.UID{"country0000"}, Periods: []period.Period{period.MustParse("202401")}}
	cell := aggregate.Cell{Data: q.Data[0], OrgUnit: "country0000", Period: q.Periods[0]}
	x, err := cube.Explain(t.Context(), q, cell)
	require.NoError(t, err)
	require.Less(t, len(x.String()), 20<<20, "a long formula is written once, not for each org unit")
	cell.Data = q.Data[1]
	_, err = cube.Explain(t.Context(), q, cell)
	require.EqualError(t, err, "hmis: Data: the explanation has more than 524288 parts")
}
