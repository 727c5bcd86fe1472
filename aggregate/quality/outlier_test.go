package quality_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// clinic loads the values of one data element "cases" at the clinic "c", one month
// after the other from January 2024 on. "-" is a month without a value; a value may
// be marked "!", or "x" if it is deleted.
func clinic(t testing.TB, values string, change ...func(*hmis.DataElement)) *aggregate.Cube {
	t.Helper()
	units := []hmis.OrgUnit{{ID: "n"}, {ID: "c", Parent: "n"}}
	e := hmis.DataElement{ID: "cases"}
	for _, f := range change {
		f(&e)
	}
	catalog, err := hmis.NewCatalog(hmis.Metadata{DataElements: []hmis.DataElement{e}, OrgUnits: units})
	require.NoError(t, err)
	tree, err := orgunit.NewTree(units)
	require.NoError(t, err)
	month := period.MustParse("202401")
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree, KeepUncounted: true}.Load(t.Context(),
		func(yield func(hmis.DataValue, error) bool) {
			for i, text := range strings.Fields(values) {
				if text == "-" {
					continue
				}
				v := hmis.DataValue{Value: strings.TrimRight(text, "!x"), FollowUp: strings.HasSuffix(text, "!"), Deleted: strings.HasSuffix(text, "x")}
				v.DataElement, v.OrgUnit, v.Period = "cases", "c", month.Add(i)
				if !yield(v, nil) {
					return
				}
			}
		})
	require.NoError(t, err)
	return cube
}

// found writes outliers as "202406=90 z 2.20".
func found(t *testing.T, cube *aggregate.Cube, m quality.Method, s quality.Scope) string {
	t.Helper()
	list, err := quality.Outliers(t.Context(), cube, m, s)
	require.NoError(t, err)
	var out []string
	for _, o := range list {
		out = append(out, fmt.Sprintf("%s=%s %.2f", o.Value.Period, o.Value.Value, o.Score))
	}
	return strings.Join(out, ", ")
}

// RULES.md#outliers, RULES.md#analytics-variant
func TestOutliers(t *testing.T) {
	const spike = "31 34 38 81 39 33"
	const flat = "10 10 10 10 10 10 10 10 10 10 10 100"
	averaged := func(e *hmis.DataElement) { e.Aggregation = hmis.Average }
	tests := []struct {
		name, values string
		method       quality.Method
		scope        quality.Scope
		want         string
	}{
		{"z-score", spike, quality.Method{Threshold: 2}, quality.Scope{}, "202404=81 2.21"},
		{"its default is 3", spike, quality.Method{}, quality.Scope{}, ""},
		{"modified score", spike, quality.Method{Score: quality.ModifiedZ}, quality.Scope{}, "202404=81 10.12"},
		{"no median deviation", flat, quality.Method{Score: quality.ModifiedZ}, quality.Scope{}, ""},
		{"the mean one instead", flat, quality.Method{Score: quality.ModifiedZ, MADFallback: true}, quality.Scope{}, "202412=100 9.57"},
		{"without the value itself there is no deviation", "10 10 10 90", quality.Method{ExcludeTested: true}, quality.Scope{}, ""},
		{"without the value itself", "10 12 10 12 10 90", quality.Method{ExcludeTested: true, Threshold: 20}, quality.Scope{}, "202406=90 80.83"},
		{"quartiles", spike, quality.Method{Score: quality.Quartiles}, quality.Scope{}, "202404=81 7.68"},
		{"on the threshold", "0 0 0 0 0 0 0 0 0 10", quality.Method{}, quality.Scope{}, "202410=10 3.00"},
		{"in analytics that is not above", "0 0 0 0 0 0 0 0 0 10", quality.Method{Analytics: true}, quality.Scope{}, ""},
		{"some months are judged", "90 10 10 10 90 10 10 10 10 10", quality.Method{Threshold: 1.5}, quality.Scope{From: period.DateOf(2024, 4, 1), To: period.DateOf(2024, 12, 31)}, "202405=90 2.00"},
		{"one period is judged", "90 10 10 10 90 10 10 10 10 10", quality.Method{Threshold: 1.5}, quality.Scope{Periods: []period.Period{period.MustParse("202401")}}, "202401=90 2.00"},
		{"statistics of some months", "10 12 10 12 90 95", quality.Method{To: period.DateOf(2024, 4, 30)}, quality.Scope{}, "202406=95 84.00, 202405=90 79.00"},
		{"deleted values do not count", "10 12 10 12 10 12 900x 11", quality.Method{Threshold: 1}, quality.Scope{}, "202401=10 1.08, 202402=12 1.08, 202403=10 1.08, 202404=12 1.08, 202405=10 1.08, 202406=12 1.08"},
		{"in analytics they do", "10 12 10 12 10 12 900x 50", quality.Method{Threshold: 0.3, Analytics: true}, quality.Scope{}, "202401=10 0.40, 202403=10 0.40, 202405=10 0.40, 202402=12 0.39, 202404=12 0.39, 202406=12 0.39"},
		{"an unsigned zero of analytics", "40 42 41 40 42 41 40 42 41 0", quality.Method{Threshold: 2, Analytics: true}, quality.Scope{}, ""},
		{"a mark comes along", "10 12 10 12 10 90!", quality.Method{Threshold: 2}, quality.Scope{}, "202406=90 2.24"},
		{"texts of analytics are left out", "10 12 10 1e3 10 12 90", quality.Method{Threshold: 2, Analytics: true}, quality.Scope{}, "202407=90 2.24"},
		{"at most", "10 12 10 12 90 95", quality.Method{Threshold: 0.1, Max: 2}, quality.Scope{}, "202406=95 1.48, 202405=90 1.35"},
		{"smallest first", "10 12 10 12 90 95", quality.Method{Threshold: 1, Ascending: true, Order: quality.ByNumber}, quality.Scope{}, "202405=90 1.35, 202406=95 1.48"},
		{"invalid", "12 1e5 1,000 -3. .5 - 007 +4", quality.Method{Score: quality.InvalidNumber}, quality.Scope{}, "202402=1e5 0.00, 202403=1,000 0.00"},
		{"exponents are numbers all the same", "10 12 10 1.2e1 10 9e1", quality.Method{Threshold: 2}, quality.Scope{}, "202406=9e1 2.24"},
		{"an unknown org unit", spike, quality.Method{Threshold: 2}, quality.Scope{OrgUnits: []hmis.UID{"nowhere"}}, ""},
		{"an unknown one beside a known one", spike, quality.Method{Threshold: 2}, quality.Scope{OrgUnits: []hmis.UID{"nowhere", "n"}}, "202404=81 2.21"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, found(t, clinic(t, tt.values), tt.method, tt.scope)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	require.Equal(t, "202410=0 2.99", found(t, clinic(t, "40 42 41 40 42 41 40 42 41 0", averaged), quality.Method{Threshold: 2, Analytics: true}, quality.Scope{}))
}

func TestOutlierFigures(t *testing.T) {
	list, err := quality.Outliers(t.Context(), clinic(t, "31 34 38 81! 39 33"), quality.Method{Threshold: 2}, quality.Scope{})
	require.NoError(t, err)
	require.Len(t, list, 1)
	o := list[0]
	require.True(t, o.Value.FollowUp)
	require.Equal(t, hmis.Key{
		DataElement: "cases", OrgUnit: "c", Period: period.MustParse("202404"), OptionCombo: "HllvX50cXC0", AttributeCombo: "HllvX50cXC0",
	}, o.Value.Key)
	require.Equal(t, 81.0, o.Number)
	for _, f := range []struct{ want, got float64 }{
		{42.667, o.Middle}, {17.365, o.Deviation}, {38.333, o.Distance}, {2.207, o.Score}, {7.936, o.Low}, {77.397, o.High},
	} {
		require.InDelta(t, f.want, f.got, 0.0006)
	}
	rounded := o.Round(1)
	require.Equal(t, []float64{81, 42.7, 17.4, 38.3, 2.2, 7.9, 77.4},
		[]float64{rounded.Number, rounded.Middle, rounded.Deviation, rounded.Distance, rounded.Score, rounded.Low, rounded.High})
	o.Deviation = 0.004
	require.True(t, math.IsNaN(o.Round(2).Score))
}

func TestMinMax(t *testing.T) {
	cube := clinic(t, "5 15 4 16 10 100")
	bound := quality.Bound{DataElement: "cases", OrgUnit: "c", Low: decimal.NewFromInt(5), High: decimal.NewFromInt(15)}
	m := quality.Method{Score: quality.MinMax, Bounds: []quality.Bound{bound}}
	require.Equal(t, "202406=100 0.00, 202403=4 0.00, 202404=16 0.00", found(t, cube, m, quality.Scope{}))
	m.Bounds[0].OrgUnit = "n"
	require.Empty(t, found(t, cube, m, quality.Scope{}), "no bound, nothing judged")
}

// What is wrong is reported by name, and everything else is computed.
func TestOutliersBadInput(t *testing.T) {
	for _, tt := range []struct {
		method quality.Method
		want   string
	}{
		{quality.Method{Threshold: -1}, "hmis: E2204: Threshold: threshold -1: want a positive number"},
		{quality.Method{Threshold: math.NaN()}, "hmis: E2204: Threshold: threshold NaN: want a positive number"},
		{quality.Method{Threshold: math.Inf(1)}, "hmis: E2204: Threshold: threshold +Inf: want a positive number"},
		{quality.Method{From: 20, To: 10}, "hmis: E2207: From: data start date 1970-01-21 is after the data end date 1970-01-11"},
		{quality.Method{Analytics: true, From: 20}, "hmis: E2209: From: data start date 1970-01-21: statistics of analytics are about all values"},
		{quality.Method{Analytics: true, To: 20}, "hmis: E2210: To: data end date 1970-01-21: statistics of analytics are about all values"},
		{quality.Method{Analytics: true, Score: quality.MinMax}, "hmis: E2211: Score: MIN_MAX: analytics knows z-scores only"},
		{quality.Method{Score: 99}, "hmis: Score: unknown score 99"},
		{quality.Method{Order: 99}, "hmis: Order: unknown order 99"},
	} {
		_, err := quality.Outliers(t.Context(), clinic(t, "1 2"), tt.method, quality.Scope{})
		require.EqualError(t, err, tt.want)
	}

	cube := clinic(t, "10 12 ten 12 10 90")
	_, err := quality.Outliers(t.Context(), cube, quality.Method{}, quality.Scope{})
	require.EqualError(t, err, `hmis: E2208: dataElement cases: "ten" at org unit c in 202403 is no number`)
	var said []string
	method := quality.Method{
		Threshold: 1.9,
		Reject:    func(v hmis.DataValue, err error) { said = append(said, v.Value+": "+err.Error()) },
		Warn:      func(i hmis.Issue) { said = append(said, i.Error()) },
	}
	scope := quality.Scope{OrgUnits: []hmis.UID{"n", "nowhere"}, Data: []indicator.Item{{ID: "cases"}, {ID: "nothing"}}}
	require.Equal(t, "202406=90 2.00", found(t, cube, method, scope))
	require.Equal(t, []string{
		"hmis: E7143: organisationUnit nowhere: unknown org unit",
		"hmis: E7125: dataElement nothing: unknown data element",
		`ten: hmis: E2208: dataElement cases: "ten" at org unit c in 202403 is no number`,
	}, said)

	said = nil
	method.Threshold = 3
	found(t, cube, method, quality.Scope{})
	require.Equal(t, "hmis: series_short: dataElement cases: 1 of 1 series have fewer than 10 values: none can be an outlier at 3", said[len(said)-1])
}

// The same bytes for any number of workers, and an end soon after that of the
// context.
func TestOutliersWorkersAndContext(t *testing.T) {
	country := synthetic(t)
	for _, method := range []quality.Method{{Threshold: 1.5}, {Score: quality.ModifiedZ, Max: 40}, {Score: quality.InvalidNumber}, {Score: quality.MinMax, Bounds: country.bounds}} {
		var first []quality.Outlier
		for _, workers := range []int{1, 2, 7} {
			method.Workers = workers
			list, err := quality.Outliers(t.Context(), country.cube, method, quality.Scope{})
			require.NoError(t, err)
			if first == nil {
				first = list
			}
			require.Equal(t, first, list)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := quality.Outliers(ctx, country.cube, method, quality.Scope{})
		require.ErrorIs(t, err, context.Canceled)
	}
}

// RULES.md#generated-bounds
func TestBoundRule(t *testing.T) {
	cube := clinic(t, "5 2 1 12 10 7 52 23 3 15")
	show := func(list []quality.Bound) string {
		var out []string
		for _, b := range list {
			out = append(out, fmt.Sprintf("%s %s %v..%v %v", b.DataElement, b.OrgUnit, b.Low, b.High, b.Generated))
		}
		return strings.Join(out, ", ")
	}
	made, err := quality.BoundRule{}.Generate(t.Context(), cube, quality.Scope{}, nil)
	require.NoError(t, err)
	require.Equal(t, "cases c -16..42 true", show(made))
	manual := quality.Bound{DataElement: "cases", OrgUnit: "c", Low: decimal.NewFromInt(0), High: decimal.NewFromInt(9)}
	made, err = quality.BoundRule{Factor: 1, KeepManual: true}.Generate(t.Context(), cube, quality.Scope{}, []quality.Bound{manual})
	require.NoError(t, err)
	require.Equal(t, "cases c 0..9 false", show(made))
	made, err = quality.BoundRule{Factor: 1, UnitsOnly: true}.Generate(t.Context(), cube, quality.Scope{OrgUnits: []hmis.UID{"n"}}, []quality.Bound{manual})
	require.NoError(t, err)
	require.Equal(t, "cases c 0..9 false", show(made), "the country alone has no values, and what is below it stays")

	_, err = quality.BoundRule{Factor: -1}.Generate(t.Context(), cube, quality.Scope{}, nil)
	require.EqualError(t, err, "hmis: Factor: factor -1: want a positive number")
	var said []string
	warn := func(i hmis.Issue) { said = append(said, i.Error()) }
	text := func(e *hmis.DataElement) { e.ValueType = hmis.Text }
	_, err = quality.BoundRule{Warn: warn}.Generate(t.Context(), clinic(t, "a b", text), quality.Scope{Data: []indicator.Item{{ID: "cases"}, {ID: "x"}}}, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"hmis: E7125: dataElement x: unknown data element", "hmis: dataElement cases: no bounds for values of type TEXT"}, said)
}

// RULES.md#generated-bounds
func TestReadBounds(t *testing.T) {
	cube := clinic(t, "1")
	reader := quality.Reader{Catalog: cube.Catalog(), Tree: cube.Tree()}
	row := func(members string) string { return `{"values":[{` + members + `}]}` }
	for _, tt := range []struct{ file, want string }{
		{row(`"dataElement":"cases","orgUnit":"c","optionCombo":"HllvX50cXC0","minValue":1,"maxValue":2.5`), ""},
		{row(`"dataElement":"cases","orgUnit":"c","optionCombo":"HllvX50cXC0","maxValue":2`), "E2042"},
		{row(`"dataElement":"cases","orgUnit":"c","optionCombo":"HllvX50cXC0","minValue":2`), "E2043"},
		{row(`"dataElement":"cases","orgUnit":"c","optionCombo":"HllvX50cXC0","minValue":2,"maxValue":2`), "E2044"},
		{row(`"dataElement":"x","orgUnit":"c","optionCombo":"HllvX50cXC0","minValue":1,"maxValue":2`), "E2047"},
		{row(`"dataElement":"cases","orgUnit":"x","optionCombo":"HllvX50cXC0","minValue":1,"maxValue":2`), "E2047"},
		{row(`"dataElement":"cases","orgUnit":"c","minValue":1,"maxValue":2`), "E2047"},
		{`{"dataSet":"x","values":[]}`, "E2021"},
	} {
		list, err := reader.Bounds(strings.NewReader(tt.file), nil)
		if tt.want == "" {
			require.NoError(t, err)
			require.Equal(t, "2.5", list[0].High.String())
			continue
		}
		require.ErrorContains(t, err, tt.want, tt.file)
	}
	for file, want := range map[string]string{
		``:                                 "quality: bounds: offset 0: unexpected EOF",
		`[]`:                               `quality: bounds: offset 1: [: want "{"`,
		`{}`:                               `quality: bounds: no list "values"`,
		`{"rows":[]}`:                      `quality: bounds: offset 7: "rows": want dataSet or values`,
		`{"values":[{"minValue":"much"}]}`: `quality: bounds: offset 30: values[0]: error decoding string 'much': can't convert much to decimal`,
		`{"values":[{"minValue":1e-999999999,"maxValue":1e999999999}]}`: "quality: bounds: offset 59: values[0]: a bound of more than 400 digits",
		`{"values":[{},{"max`:          "quality: bounds: offset 14: unexpected EOF",
		`{"values":[{"comment":"x"}]}`: `quality: bounds: offset 26: values[0]: member "comment" is unknown: want it in Ignore`,
	} {
		_, err := reader.Bounds(strings.NewReader(file), nil)
		require.EqualError(t, err, want, file)
	}
	var kept []string
	list, err := reader.Bounds(strings.NewReader(`{"values":[{},{"dataElement":"cases","orgUnit":"c","optionCombo":"HllvX50cXC0","minValue":1,"maxValue":2}]}`),
		func(_ quality.Bound, err error) { kept = append(kept, err.Error()) })
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, []string{`hmis: E2047: dataElement: dataElement: no data element ""`}, kept)
}

// RULES.md#values-to-follow-up, RULES.md#requests-for-outliers
func TestFollowUpRequests(t *testing.T) {
	cube := clinic(t, "1 2! 3 four! 5x")
	reader := quality.Reader{Catalog: cube.Catalog(), Tree: cube.Tree()}
	for query, want := range map[string]string{
		"": "E2300", "de=cases": "E2203", "de=cases&ou=c": "E2301", "de=cases&ou=c&startDate=2024-01-01&endDate=2024-01-01": "E2202",
		"de=cases&ou=c&pe=202402&maxResults=0": "E2205", "de=cases&ou=c&pe=202402&maxResults=10001": "E2206",
		"de=cases&ou=c&pe=2024W99": `pe: "2024W99": want a period`, "de=cases&ou=c&startDate=soon": `startDate: "soon": want a day such as 2024-01-31`,
	} {
		params, err := url.ParseQuery(query)
		require.NoError(t, err)
		_, _, err = reader.FollowUps(params)
		require.ErrorContains(t, err, want, query)
	}
	params, err := url.ParseQuery("de=cases&ou=n&startDate=2024-01-01&endDate=2024-12-31")
	require.NoError(t, err)
	list, scope, err := reader.FollowUps(params)
	require.NoError(t, err)
	marked, err := list.Values(t.Context(), cube, scope)
	require.NoError(t, err)
	require.Len(t, marked, 2)
	require.Equal(t, "2", marked[0].Value.Value)
	require.Equal(t, "four", marked[1].Value.Value)
	list.Max = 1
	marked, err = list.Values(t.Context(), cube, scope)
	require.NoError(t, err)
	require.Len(t, marked, 1)
}

// Outliers found value by value, in the plainest way, are those that Outliers finds.
func TestOutliersByHand(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		n := 2 + rng.IntN(40)
		var values []string
		var x []float64
		for range n {
			v := rng.IntN(30)
			if rng.IntN(9) == 0 {
				v *= 10
			}
			values, x = append(values, fmt.Sprint(v)), append(x, float64(v))
		}
		sum, squares := 0.0, 0.0
		for _, v := range x {
			sum += v
		}
		mean := sum / float64(n)
		for _, v := range x {
			squares += (v - mean) * (v - mean)
		}
		deviation := math.Sqrt(squares / float64(n))
		want := 0
		for _, v := range x {
			if deviation > 0 && math.Abs(v-mean)/deviation >= 1.7 {
				want++
			}
		}
		list, err := quality.Outliers(t.Context(), clinic(t, strings.Join(values, " ")), quality.Method{Threshold: 1.7}, quality.Scope{})
		require.NoError(t, err)
		require.Len(t, list, want, values)
	}
}

// A run over a large country ends soon after its context.
func TestOutliersEndSoon(t *testing.T) {
	if testing.Short() {
		t.Skip("a large country takes long to make")
	}
	c := newBigCountry(t, 100)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(5*time.Millisecond, cancel)
	_, err := quality.Outliers(ctx, c.cube, quality.Method{Score: quality.ModifiedZ}, quality.Scope{})
	require.ErrorIs(t, err, context.Canceled)
	_, err = quality.Review{Overall: "country", Units: []hmis.UID{"district001"}, Period: period.MustParse("2024")}.Run(ctx, c.cube, bigMetrics(c)...)
	require.ErrorIs(t, err, context.Canceled)
}
