package aggregate_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// TestLoadWarns loads values that repeat others: those that differ are reported
// with their rows, and the later one counts.
func TestLoadWarns(t *testing.T) {
	rows := []string{
		"bcg nge 202401 32",    // 0
		"bcg nge 202402 5",     // 1
		"bcg nge 202401 32.0",  // 2: the same number
		"bcg nge 202401 33",    // 3: another one than that of row 2
		"open nge 202401 true", // 4
		"note nge 202401 one",  // 5
		"bcg nowhere 202401 1", // 6: refused
		"open nge 202401 false",
		"note nge 202401 two words",
		"bcg nge 202401 0033", // 9: the same number
		"bcg nge 202401 34",   // 10
	}
	want := []string{
		`[2 3] hmis: E8128: dataElement bcg: value: "32" and then "33" for org unit nge, period 202401, option combos HllvX50cXC0 and HllvX50cXC0: the later one counts`,
		`[4 7] hmis: E8128: dataElement open: value: "true" and then "false" for org unit nge, period 202401, option combos HllvX50cXC0 and HllvX50cXC0: the later one counts`,
		`[5 8] hmis: E8128: dataElement note: value: "one" and then "two words" for org unit nge, period 202401, option combos HllvX50cXC0 and HllvX50cXC0: the later one counts`,
		`[9 10] hmis: E8128: dataElement bcg: value: "33" and then "34" for org unit nge, period 202401, option combos HllvX50cXC0 and HllvX50cXC0: the later one counts`,
	}
	var values []hmis.DataValue
	for _, r := range rows {
		values = append(values, value(r))
	}
	var got []string
	l := clinic(t)
	l.Reject = func(hmis.DataValue, error) {}
	l.Warn = func(i hmis.Issue) { got = append(got, fmt.Sprint(i.Rows, " ", i.Error())) }
	whole, err := l.Load(t.Context(), stream(values))
	require.NoError(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Load: (-want +got)\n%s", diff)
	}
	quiet := l
	quiet.Warn = nil
	same, err := quiet.Load(t.Context(), stream(values))
	require.NoError(t, err)
	require.Equal(t, texts(same), texts(whole))

	// What a cube holds is corrected, which is no repeat.
	got = nil
	_, err = l.Onto(t.Context(), same, stream([]hmis.DataValue{value("bcg nge 202401 40")}))
	require.NoError(t, err)
	require.Empty(t, got)
	next, err := l.Onto(t.Context(), same, stream(values))
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, texts(whole), texts(next))
}

// TestLoadWarnsOfAll compares what is reported of random streams with a plain walk
// over them.
func TestLoadWarnsOfAll(t *testing.T) {
	v := newVillage(t)
	for seed := range uint64(40) {
		values := v.values(rand.New(rand.NewPCG(seed, 8)), 400)
		var want, got [][]int
		last := map[hmis.Key]int{}
		for i, value := range values {
			had, ok := last[value.Key]
			last[value.Key] = i
			if !ok || value.Deleted || values[had].Deleted {
				continue
			}
			a, aOK := hmis.Number.Number(values[had].Value)
			b, bOK := hmis.Number.Number(value.Value)
			if value.DataElement == element(3) || !aOK || !bOK {
				if value.Value != values[had].Value {
					want = append(want, []int{had, i})
				}
			} else if !a.Equal(b) {
				want = append(want, []int{had, i})
			}
		}
		l := v.loader()
		l.Warn = func(i hmis.Issue) { got = append(got, slices.Clone(i.Rows)) }
		_, err := l.Load(t.Context(), stream(values))
		require.NoError(t, err)
		require.NotEmpty(t, want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: (-want +got)\n%s", seed, diff)
		}
	}
}

// strictly is a clinic that tests by sex, in a form of its own also by age.
func strictly(t *testing.T) aggregate.Loader {
	t.Helper()
	md := hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "clinic"}},
		CategoryOptions: []hmis.CategoryOption{
			{ID: "male"}, {ID: "female"}, {ID: "young"}, {ID: "old"},
		},
		Categories: []hmis.Category{
			{ID: "sex", Options: []hmis.UID{"male", "female"}}, {ID: "age", Options: []hmis.UID{"young", "old"}},
		},
		CategoryCombos: []hmis.CategoryCombo{{ID: "bySex", Categories: []hmis.UID{"sex"}}, {ID: "byAge", Categories: []hmis.UID{"age"}}},
		OptionCombos: []hmis.OptionCombo{
			{ID: "m", CategoryCombo: "bySex", Options: []hmis.UID{"male"}}, {ID: "f", CategoryCombo: "bySex", Options: []hmis.UID{"female"}},
			{ID: "y", CategoryCombo: "byAge", Options: []hmis.UID{"young"}}, {ID: "o", CategoryCombo: "byAge", Options: []hmis.UID{"old"}},
		},
		DataElements: []hmis.DataElement{{ID: "tested", CategoryCombo: "bySex"}, {ID: "plain"}},
		DataSets: []hmis.DataSet{{
			ID: "form", PeriodType: period.Monthly, Elements: []hmis.DataSetElement{{DataElement: "tested", CategoryCombo: "byAge"}},
		}},
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	return aggregate.Loader{Catalog: catalog, Tree: tree}
}

// TestLoadStrictly loads totals beside disaggregations, and option combos of other
// elements.
func TestLoadStrictly(t *testing.T) {
	reported := func(element, combo hmis.UID, text string) hmis.DataValue {
		return hmis.DataValue{Value: text, Key: hmis.Key{DataElement: element, OptionCombo: combo, OrgUnit: "clinic", Period: period.MustParse("202401")}}
	}
	values := []hmis.DataValue{
		reported("tested", "m", "1"), reported("tested", "f", "2"), reported("tested", "y", "4"), reported("tested", "o", "8"),
		reported("tested", "", "99"), reported("tested", "nobody", "100"), reported("plain", "", "5"), reported("plain", "m", "7"),
	}
	total := func(c *aggregate.Cube, element hmis.UID) string {
		table, err := c.Query(t.Context(), aggregate.Query{Data: []indicator.Item{{ID: element}}, Periods: []period.Period{period.MustParse("202401")}})
		require.NoError(t, err)
		return table.At(indicator.Item{ID: element}, "", period.MustParse("202401")).String()
	}
	l := strictly(t)
	loose, err := l.Load(t.Context(), stream(values))
	require.NoError(t, err)
	require.Equal(t, "214", total(loose, "tested"))

	l.RequireOwnCombos = true
	_, err = l.Load(t.Context(), stream(values))
	require.EqualError(t, err, `hmis: E8024: dataElement tested: categoryOptionCombo: option combo "HllvX50cXC0" does not belong to the data element (row 4: org unit "clinic", period "202401")`)
	var rows []int
	l.Reject = func(_ hmis.DataValue, err error) {
		issue, ok := errors.AsType[*hmis.Issue](err)
		require.True(t, ok)
		rows = append(rows, issue.Rows...)
	}
	cube, err := l.Load(t.Context(), stream(values))
	require.NoError(t, err)
	require.Equal(t, []int{4, 5, 7}, rows)
	require.Equal(t, "15", total(cube, "tested"))
	require.Equal(t, "5", total(cube, "plain"))

	rows = nil
	cube, err = l.Onto(context.Background(), cube, stream([]hmis.DataValue{reported("tested", "m", "2"), reported("tested", "", "99")}))
	require.NoError(t, err)
	require.Equal(t, []int{1}, rows)
	require.Equal(t, "16", total(cube, "tested"))
}
