package aggregate_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// A clinic is the smallest place that reports: two units, elements of each class
// and a form.
func clinic(t testing.TB) aggregate.Loader {
	t.Helper()
	md := hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "bo"}, {ID: "nge", Parent: "bo"}},
		DataElements: []hmis.DataElement{
			{ID: "bcg"}, {ID: "open", ValueType: hmis.Boolean}, {ID: "yes", ValueType: hmis.TrueOnly}, {ID: "note", ValueType: hmis.Text},
			{ID: "whole", ValueType: hmis.Integer}, {ID: "place", ValueType: hmis.Coordinate},
		},
		DataSets: []hmis.DataSet{{ID: "epi", PeriodType: period.Monthly, OrgUnits: []hmis.UID{"nge"}}},
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	return aggregate.Loader{Catalog: catalog, Tree: tree}
}

// value makes a value of "bcg nge 202401 32"; a period that cannot be read is
// none.
func value(s string) hmis.DataValue {
	f := strings.SplitN(s, " ", 4)
	p, _ := period.Parse(f[2])
	return hmis.DataValue{Key: hmis.Key{DataElement: hmis.UID(f[0]), OrgUnit: hmis.UID(f[1]), Period: p}, Value: f[3]}
}

// texts writes the values of a cube in the same way.
func texts(c *aggregate.Cube) []string {
	var list []string
	for v, err := range c.Values(context.Background(), aggregate.Filter{}) {
		if err != nil {
			return []string{err.Error()}
		}
		list = append(list, fmt.Sprintf("%s %s %s %s", v.DataElement, v.OrgUnit, v.Period, v.Value))
	}
	return list
}

var refusals = []struct {
	value string
	want  string // the whole error
}{
	{"opv nge 202401 5", `hmis: E8103: dataElement: value "5": unknown data element "opv"`},
	{"bcg moon 202401 5", `hmis: E8107: orgUnit: value "5" of data element "bcg": unknown org unit "moon"`},
	{"bcg nge - 5", `hmis: E8100: period: value "5" of data element "bcg": no period`},
	{"bcg moon 202401 " + strings.Repeat("5", 100), `hmis: E8107: orgUnit: value "` + strings.Repeat("5", 64) + `"... of data element "bcg": unknown org unit "moon"`},
	{"bcg nge 202401 five", `hmis: E8122: dataElement bcg: value: "five" is not a value of type NUMBER`},
	{"bcg nge 202401 1e3", `hmis: E8122: dataElement bcg: value: "1e3" is not a value of type NUMBER`},
	{"bcg nge 202401 +5", `hmis: E8122: dataElement bcg: value: "+5" is not a value of type NUMBER`},
	{"bcg nge 202401 .5", `hmis: E8122: dataElement bcg: value: ".5" is not a value of type NUMBER`},
	{"bcg nge 202401 5.", `hmis: E8122: dataElement bcg: value: "5." is not a value of type NUMBER`},
	{"bcg nge 202401 1,000", `hmis: E8122: dataElement bcg: value: "1,000" is not a value of type NUMBER`},
	{"bcg nge 202401  5", `hmis: E8122: dataElement bcg: value: " 5" is not a value of type NUMBER`},
	{"bcg nge 202401 --5", `hmis: E8122: dataElement bcg: value: "--5" is not a value of type NUMBER`},
	{"whole nge 202401 NaN", `hmis: E8122: dataElement whole: value: "NaN" is not a value of type INTEGER`},
	{"open nge 202401 1", `hmis: E8122: dataElement open: value: "1" is not a value of type BOOLEAN`},
	{"open nge 202401 TRUE", `hmis: E8122: dataElement open: value: "TRUE" is not a value of type BOOLEAN`},
	{"note nge 202401 caf\xe9", `hmis: E8122: dataElement note: value: "caf\xe9": want UTF-8`},
	{"bcg nge 202401 " + strings.Repeat("\u00e9", 65), `hmis: E8122: dataElement bcg: value: "` + strings.Repeat("\u00e9", 64) + `"... is not a value of type NUMBER`},
	{"yes nge 202401 false", `hmis: E8122: dataElement yes: value: "false" is not a value of type TRUE_ONLY`},
}

// Without Reject the first value that cannot be used ends the load; the error
// says which one it was.
func TestLoadRefuses(t *testing.T) {
	for _, tt := range refusals {
		l := clinic(t)
		bad := value(tt.value)
		values := []hmis.DataValue{value("bcg nge 202401 1"), value("bcg nge 202402 2"), bad, value("nothing nowhere - x")}
		cube, err := l.Load(t.Context(), stream(values))
		require.EqualError(t, err, fmt.Sprintf("%s (row 2: org unit %q, period %q)", tt.want, bad.OrgUnit, bad.Period.String()))
		require.Nil(t, cube)
		issue, ok := errors.AsType[*hmis.Issue](err)
		require.True(t, ok)
		require.Equal(t, []int{2}, issue.Rows)
		require.Equal(t, int64(-1), issue.Offset)
	}
}

// With Reject each of them is handed over, in order, and everything else is kept.
func TestLoadRejects(t *testing.T) {
	l := clinic(t)
	var got, want []string
	l.Reject = func(v hmis.DataValue, err error) {
		got = append(got, fmt.Sprintf("%s %s %s %s: %v", v.DataElement, v.OrgUnit, v.Period, v.Value, err))
	}
	values := []hmis.DataValue{value("bcg nge 202401 1")}
	for _, tt := range refusals {
		bad := value(tt.value)
		want = append(want, fmt.Sprintf("%s %s %s %s: %s", bad.DataElement, bad.OrgUnit, bad.Period, bad.Value, tt.want))
		values = append(values, bad)
	}
	values = append(values, value("bcg bo 202401 007"), value("open nge 202401 false"), value("note nge 202401 five"), value("place nge 202401 [1,2]"))
	for _, load := range []struct {
		name string
		do   func() (*aggregate.Cube, error)
	}{
		{"Load", func() (*aggregate.Cube, error) { return l.Load(t.Context(), stream(values)) }},
		{"LoadBatches", func() (*aggregate.Cube, error) {
			return l.LoadBatches(t.Context(), func(yield func(*hmis.Batch, error) bool) {
				b := &hmis.Batch{}
				for _, v := range values {
					b.Append(v)
				}
				yield(b, nil)
			})
		}},
	} {
		t.Run(load.name, func(t *testing.T) {
			got = nil
			cube, err := load.do()
			require.NoError(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			kept := []string{"bcg bo 202401 7", "bcg nge 202401 1", "note nge 202401 five", "open nge 202401 false", "place nge 202401 [1,2]"}
			if diff := cmp.Diff(kept, texts(cube)); diff != "" {
				t.Error(diff)
			}
			require.Equal(t, len(kept), cube.Len())
		})
	}
}

// The rows of issues are positions in the stream, batches or not.
func TestLoadBatchesRows(t *testing.T) {
	l := clinic(t)
	var rows []int
	l.Reject = func(_ hmis.DataValue, err error) {
		issue, _ := errors.AsType[*hmis.Issue](err)
		rows = append(rows, issue.Rows...)
	}
	var seen []int
	l.Progress = func(n int) { seen = append(seen, n) }
	_, err := l.LoadBatches(t.Context(), func(yield func(*hmis.Batch, error) bool) {
		for _, list := range [][]string{{"bcg nge 202401 1", "opv nge 202401 2"}, {}, {"opv nge 202401 3", "bcg nge 202401 x", "bcg nge 202402 4"}} {
			b := &hmis.Batch{}
			for _, s := range list {
				b.Append(value(s))
			}
			if !yield(b, nil) {
				return
			}
		}
	})
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 3}, rows)
	require.Equal(t, []int{2, 2, 5}, seen)
}

// A Batch may come from a user's hands.
func TestLoadBatchesByHand(t *testing.T) {
	l := clinic(t)
	cube, err := l.LoadBatches(t.Context(), func(yield func(*hmis.Batch, error) bool) {
		yield(&hmis.Batch{
			IDs:         []hmis.UID{"bcg", "", "nge", "bo"},
			Periods:     []period.Period{period.MustParse("202401")},
			DataElement: []uint32{0, 0}, OptionCombo: []uint32{1, 1}, AttributeCombo: []uint32{1, 1},
			OrgUnit: []uint32{2, 3}, Period: []uint32{0, 0},
			Coef: []int64{125, 3}, Scale: []int8{1, 0},
		}, nil)
	})
	require.NoError(t, err)
	require.Equal(t, []string{"bcg bo 202401 3", "bcg nge 202401 12.5"}, texts(cube))
}

// failingAfter is a stream that breaks.
func failingAfter(n int, err error) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for range n {
			if !yield(value("bcg nge 202401 1"), nil) {
				return
			}
		}
		yield(hmis.DataValue{}, err)
	}
}

// An error of the stream is the error of the load, wherever it comes.
func TestLoadStreamError(t *testing.T) {
	broken := errors.New("line 7: the cable is broken")
	for _, n := range []int{0, 1, 4095, 4096, 4097, 10000} {
		l := clinic(t)
		l.Reject = func(v hmis.DataValue, err error) { t.Errorf("after %d values: rejected %v: %v", n, v, err) }
		cube, err := l.Load(t.Context(), failingAfter(n, broken))
		require.ErrorIs(t, err, broken)
		require.Nil(t, cube)
	}
	_, err := clinic(t).LoadBatches(t.Context(), func(yield func(*hmis.Batch, error) bool) { yield(nil, broken) })
	require.ErrorIs(t, err, broken)
}

// A context that is done ends loads and queries.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l := clinic(t)
	cube, err := l.Load(ctx, stream([]hmis.DataValue{value("bcg nge 202401 1")}))
	require.NoError(t, err)
	cancel()
	_, err = l.Load(ctx, failingAfter(1, nil))
	require.ErrorIs(t, err, context.Canceled)
	_, err = cube.With(ctx, stream([]hmis.DataValue{value("bcg nge 202401 1")}), nil)
	require.ErrorIs(t, err, context.Canceled)

	q := aggregate.Query{Data: []indicator.Item{{ID: "bcg"}}, OrgUnits: []hmis.UID{"bo"}, Periods: []period.Period{period.MustParse("202401")}}
	_, err = cube.Query(ctx, q)
	require.ErrorIs(t, err, context.Canceled)
	for _, err := range cube.Cells(ctx, q) {
		require.ErrorIs(t, err, context.Canceled)
	}
	for _, err := range cube.Rows(ctx, q) {
		require.ErrorIs(t, err, context.Canceled)
	}
}

// Completions are refused like values.
func TestLoadCompletions(t *testing.T) {
	january := period.MustParse("202401")
	when := time.Date(2024, 2, 3, 10, 0, 0, 0, time.UTC)
	good := hmis.Completion{DataSet: "epi", OrgUnit: "nge", Period: january, At: when}
	tests := []struct {
		bad  hmis.Completion
		want string
	}{
		{hmis.Completion{DataSet: "nets", OrgUnit: "nge", Period: january, At: when}, `hmis: E8005: dataSet nets: dataSet: completion of unknown data set "nets"`},
		{hmis.Completion{DataSet: "epi", OrgUnit: "moon", Period: january, At: when}, `hmis: E8107: dataSet epi: orgUnit: completion by unknown org unit "moon"`},
		{hmis.Completion{DataSet: "epi", OrgUnit: "nge", At: when}, `hmis: E8100: dataSet epi: period: completion for no period by org unit "nge"`},
	}
	rate := aggregate.Query{
		Data:     []indicator.Item{{ID: "epi", Rate: indicator.ActualReports}},
		OrgUnits: []hmis.UID{"nge"}, Periods: []period.Period{january},
	}
	for _, tt := range tests {
		l := clinic(t)
		l.Completions = stream([]hmis.Completion{good, tt.bad})
		_, err := l.Load(t.Context(), stream[hmis.DataValue](nil))
		require.EqualError(t, err, tt.want)
		issue, _ := errors.AsType[*hmis.Issue](err)
		require.Equal(t, []int{1}, issue.Rows)

		var refused []string
		l.RejectCompletion = func(c hmis.Completion, err error) {
			require.Equal(t, tt.bad, c)
			refused = append(refused, err.Error())
		}
		l.Completions = stream([]hmis.Completion{tt.bad, good})
		cube, err := l.Load(t.Context(), stream[hmis.DataValue](nil))
		require.NoError(t, err)
		require.Equal(t, []string{tt.want}, refused)
		table, err := cube.Query(t.Context(), rate)
		require.NoError(t, err)
		require.Equal(t, "1", table.At(rate.Data[0], "nge", january).String())
	}

	// Without a date a report is there, and in place of an earlier one, but nobody
	// can say that it came on time.
	undated := good
	undated.At = time.Time{}
	for _, tt := range []struct {
		rate indicator.Rate
		want string
	}{{indicator.ActualReports, "1"}, {indicator.ActualReportsOnTime, "0"}} {
		l := clinic(t)
		l.Completions = stream([]hmis.Completion{good, undated})
		cube, err := l.Load(t.Context(), stream[hmis.DataValue](nil))
		require.NoError(t, err)
		rate.Data[0].Rate = tt.rate
		table, err := cube.Query(t.Context(), rate)
		require.NoError(t, err)
		require.Equal(t, tt.want, table.At(rate.Data[0], "nge", january).String(), tt.rate)
	}

	broken := errors.New("the cable is broken")
	l := clinic(t)
	l.Completions = func(yield func(hmis.Completion, error) bool) { yield(hmis.Completion{}, broken) }
	_, err := l.Load(t.Context(), stream[hmis.DataValue](nil))
	require.ErrorIs(t, err, broken)
}

// Values come back as they went in, or in plain form; a filter lets through what
// is stored at the place and the period that it names.
func TestCubeValues(t *testing.T) {
	l := clinic(t)
	values := []hmis.DataValue{
		value("bcg nge 202401 32"), value("bcg bo 202401 1.50"), value("bcg nge 2024Q1 0"), value("open nge 202401 true"),
		value("note nge 202402 two words"), value("bcg nge 202402 123456789012345678901234567890"),
	}
	marked := value("bcg bo 202402 4")
	marked.FollowUp, marked.Comment = true, "checked"
	cube, err := l.Load(t.Context(), stream(append(values, marked)))
	require.NoError(t, err)
	require.Positive(t, cube.Size())
	tests := []struct {
		name   string
		filter aggregate.Filter
		want   []string
	}{
		{"all", aggregate.Filter{}, []string{
			"bcg bo 202401 1.5", "bcg bo 202402 4", "bcg nge 2024Q1 0", "bcg nge 202401 32", "bcg nge 202402 123456789012345678901234567890",
			"note nge 202402 two words", "open nge 202401 true",
		}},
		{"a unit and below", aggregate.Filter{OrgUnits: []hmis.UID{"nge"}, Data: []indicator.Item{{ID: "bcg"}}}, []string{
			"bcg nge 2024Q1 0", "bcg nge 202401 32", "bcg nge 202402 123456789012345678901234567890",
		}},
		{"a period, and not what lies within", aggregate.Filter{Periods: []period.Period{period.MustParse("2024Q1")}}, []string{"bcg nge 2024Q1 0"}},
		{"days", aggregate.Filter{From: period.DateOf(2024, 2, 1), To: period.DateOf(2024, 2, 29), Data: []indicator.Item{{ID: "note"}, {ID: "open"}}},
			[]string{"note nge 202402 two words"}},
		{"an axis of nothing", aggregate.Filter{Axes: []aggregate.Axis{{ID: "nothing"}}}, nil},
		{"an option combo", aggregate.Filter{Axes: []aggregate.Axis{{ID: aggregate.OptionCombos, Items: []hmis.UID{"male"}}}}, nil},
		{"an operand", aggregate.Filter{Data: []indicator.Item{{ID: "bcg", OptionCombo: "male"}}}, nil},
	}
	for _, tt := range tests {
		var got []string
		for v, err := range cube.Values(t.Context(), tt.filter) {
			require.NoError(t, err)
			got = append(got, fmt.Sprintf("%s %s %s %s", v.DataElement, v.OrgUnit, v.Period, v.Value))
			require.Equal(t, v.Value == "4", v.FollowUp)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	for range cube.Values(t.Context(), aggregate.Filter{}) {
		break // may be left early
	}
}

// A stream that is nil has nothing, as in With.
func TestLoadNothing(t *testing.T) {
	l := clinic(t)
	for _, load := range []func() (*aggregate.Cube, error){
		func() (*aggregate.Cube, error) { return l.Load(t.Context(), nil) },
		func() (*aggregate.Cube, error) { return l.LoadBatches(t.Context(), nil) },
	} {
		cube, err := load()
		require.NoError(t, err)
		cube, err = cube.With(t.Context(), nil, nil)
		require.NoError(t, err)
		require.Empty(t, texts(cube))
	}
}

// A Loader without metadata is refused before anything is read.
func TestLoadWithoutMetadata(t *testing.T) {
	whole := clinic(t)
	for _, l := range []aggregate.Loader{{}, {Catalog: whole.Catalog}, {Tree: whole.Tree}} {
		const want = "aggregate: a Loader needs a Catalog and a Tree"
		_, err := l.Load(t.Context(), stream[hmis.DataValue](nil))
		require.EqualError(t, err, want)
		_, err = l.Open(strings.NewReader(""))
		require.EqualError(t, err, want)
	}
}
