package optioncombo_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/optioncombo"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

const (
	now   hmis.UID = "HllvX50cXC0"
	old   hmis.UID = "bRowv6yZOF2"
	alien hmis.UID = "Xr12mI7VPn3"
)

func metadata() hmis.Metadata {
	return hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "fbfJHSPpUQD", Name: "Visits"}},
		OptionCombos: []hmis.OptionCombo{
			{ID: old, Name: "default", CategoryCombo: "bjDvmb4bfuf", Options: []hmis.UID{"xYerKDKCefk"}},
			{ID: now, Name: "default", CategoryCombo: "bjDvmb4bfuf", Options: []hmis.UID{"xYerKDKCefk"}},
			{ID: "cocFemale01", CategoryCombo: "ccSexAge001", Options: []hmis.UID{"a", "b"}},
			{ID: "cocFemale02", CategoryCombo: "ccSexAge001", Options: []hmis.UID{"b", "a"}},
			{ID: "cocMale0001", CategoryCombo: "ccSexAge001", Options: []hmis.UID{"a", "c"}},
		},
		DataSets: []hmis.DataSet{{
			ID: "form", Compulsory: []hmis.Operand{{DataElement: "fbfJHSPpUQD", OptionCombo: old}, {DataElement: "fbfJHSPpUQD", OptionCombo: now}},
			Sections: []hmis.Section{{Greyed: []hmis.Operand{{DataElement: "fbfJHSPpUQD", OptionCombo: old}}}},
		}},
		Indicators: []hmis.Indicator{{
			ID: "in", Numerator: "#{fbfJHSPpUQD.bRowv6yZOF2}+#{fbfJHSPpUQD.HllvX50cXC0}", Denominator: "#{bRowv6yZOF2}+#{fbfJHSPpUQD.*.bRowv6yZOF2}",
			ExportOptionCombo: string(old), ExportAttributeCombo: "cocMale0001",
		}},
		ValidationRules: []hmis.ValidationRule{{ID: "vr", Left: hmis.Expression{Text: "#{fbfJHSPpUQD.bRowv6yZOF2}"}, Right: hmis.Expression{Text: "1"}}},
		Predictors:      []hmis.Predictor{{ID: "pr", OutputOptionCombo: old, Generator: hmis.Expression{Text: "avg(#{fbfJHSPpUQD.bRowv6yZOF2})"}}},
		Properties:      []hmis.Property{{Object: hmis.Ref{Kind: hmis.KindOptionCombo, ID: old}}, {Object: hmis.Ref{Kind: hmis.KindOptionCombo, ID: now}}},
	}
}

// Combos with the same options are duplicates (RULES.md#duplicates).
func TestDuplicates(t *testing.T) {
	var got []string
	for _, m := range optioncombo.Duplicates(metadata()) {
		got = append(got, fmt.Sprint(m.Combos, m.Into))
	}
	require.Equal(t, []string{"[bRowv6yZOF2]HllvX50cXC0", "[cocFemale02]cocFemale01"}, got)
}

// Everything names the target afterwards (RULES.md#references).
func TestMetadata(t *testing.T) {
	md, before := metadata(), metadata()
	var warned []string
	m := optioncombo.Merge{Combos: []hmis.UID{old}, Into: now, Warn: func(i hmis.Issue) { warned = append(warned, i.Error()) }}
	after, err := m.Metadata(md)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(before, md), "what is given is not changed")
	require.Equal(t, []string{"hmis: indicator in: numerator: two items become one, which may count twice: " +
		"#{fbfJHSPpUQD.HllvX50cXC0}+#{fbfJHSPpUQD.HllvX50cXC0}"}, warned)

	want := metadata()
	want.OptionCombos = slices.Delete(want.OptionCombos, 0, 1)
	want.DataSets[0].Compulsory = []hmis.Operand{{DataElement: "fbfJHSPpUQD", OptionCombo: now}}
	want.DataSets[0].Sections[0].Greyed = []hmis.Operand{{DataElement: "fbfJHSPpUQD", OptionCombo: now}}
	want.Indicators[0].Numerator = "#{fbfJHSPpUQD.HllvX50cXC0}+#{fbfJHSPpUQD.HllvX50cXC0}"
	want.Indicators[0].Denominator = "#{bRowv6yZOF2}+#{fbfJHSPpUQD.*.HllvX50cXC0}" // the first is a data element of that id
	want.Indicators[0].ExportOptionCombo = string(now)
	want.ValidationRules[0].Left.Text = "#{fbfJHSPpUQD.HllvX50cXC0}"
	want.Predictors[0].OutputOptionCombo = now
	want.Predictors[0].Generator.Text = "avg(#{fbfJHSPpUQD.HllvX50cXC0})"
	want.Properties = want.Properties[1:]
	require.Empty(t, cmp.Diff(want, after))
}

func TestRefuses(t *testing.T) {
	type ids = []hmis.UID
	tests := []struct {
		merge optioncombo.Merge
		want  string // "" is accepted
	}{
		{optioncombo.Merge{Combos: ids{alien}, Into: now}, ""},
		{optioncombo.Merge{Combos: ids{old}, Into: alien}, "hmis: categoryOptionCombo Xr12mI7VPn3: the target is no option combo of the metadata"},
		{optioncombo.Merge{Into: now}, "hmis: categoryOptionCombo HllvX50cXC0: want option combos to merge, got none"},
		{optioncombo.Merge{Combos: ids{now}, Into: now}, "hmis: categoryOptionCombo HllvX50cXC0: is to be merged into itself"},
		{optioncombo.Merge{Combos: ids{"cocMale0001"}, Into: "cocFemale01"}, "hmis: categoryOptionCombo cocMale0001: has other options than cocFemale01"},
	}
	for _, tt := range tests {
		_, err := tt.merge.Metadata(metadata())
		if got := fmt.Sprint(err); err == nil && tt.want != "" || err != nil && got != tt.want {
			t.Errorf("%v: %v, want %s", tt.merge.Combos, err, tt.want)
		}
	}
}

// A row is a value: its combos, text, and the day on which it was updated.
type row struct {
	combo, attr hmis.UID
	text        string
	day         int
	deleted     bool
}

func stream(rows ...row) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for _, r := range rows {
			v := hmis.DataValue{Value: r.text, Deleted: r.deleted, Updated: time.Date(2024, 1, r.day, 0, 0, 0, 0, time.UTC)}
			v.Key = hmis.Key{DataElement: "fbfJHSPpUQD", OrgUnit: "bo", Period: period.MustParse("202401"), OptionCombo: r.combo, AttributeCombo: r.attr}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// The newest value is kept, whichever combo it is of (RULES.md#values).
func TestValues(t *testing.T) {
	const gone = true
	m := optioncombo.Merge{Combos: []hmis.UID{old, alien}, Into: now}
	discard, add := m, m
	discard.Discard = true
	add.Add = func(hmis.UID) bool { return true }
	tests := []struct {
		name     string
		merge    optioncombo.Merge
		in, want []row
	}{
		{"others stay", m, []row{{"cocMale0001", "", "1", 1, false}, {now, "", "2", 1, false}}, nil},
		{"alone", m, []row{{old, "", "1", 1, false}}, []row{{old, "", "1", 1, gone}, {now, "", "1", 1, false}}},
		{"both combos", m, []row{{old, old, "1", 1, false}}, []row{{old, old, "1", 1, gone}, {now, now, "1", 1, false}}},
		{"the attribute combo", m, []row{{"cocMale0001", old, "1", 1, false}},
			[]row{{"cocMale0001", old, "1", 1, gone}, {"cocMale0001", now, "1", 1, false}}},
		{"the old one is newer", m, []row{{old, "", "5", 9, false}, {now, "", "7", 2, false}},
			[]row{{old, "", "5", 9, gone}, {now, "", "5", 9, false}}},
		{"the target is newer", m, []row{{old, "", "5", 2, false}, {now, "", "7", 9, false}}, []row{{old, "", "5", 2, gone}}},
		{"of one time the target", m, []row{{old, "", "5", 2, false}, {now, "", "7", 2, false}}, []row{{old, "", "5", 2, gone}}},
		{"of one time the first", m, []row{{alien, "", "5", 2, false}, {old, "", "7", 2, false}},
			[]row{{alien, "", "5", 2, gone}, {old, "", "7", 2, gone}, {now, "", "7", 2, false}}},
		{"discard", discard, []row{{old, "", "5", 9, false}, {now, "", "7", 2, false}}, []row{{old, "", "5", 9, gone}}},
		{"add", add, []row{{old, "", "5", 9, false}, {now, "", "7.5", 2, false}}, []row{{old, "", "5", 9, gone}, {now, "", "12.5", 9, false}}},
	}
	for _, tt := range tests {
		var got []row
		for v, err := range tt.merge.Values(stream(tt.in...)) {
			require.NoError(t, err)
			got = append(got, row{v.OptionCombo, v.AttributeCombo, v.Value, v.Updated.Day(), v.Deleted})
		}
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(row{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// The stream goes into Cube.With, and the total counts each report once.
func TestCube(t *testing.T) {
	md := metadata()
	md.OrgUnits = []hmis.OrgUnit{{ID: "bo"}}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	values := stream(row{old, "", "5", 9, false}, row{now, "", "7", 2, false})
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(t.Context(), values)
	require.NoError(t, err)
	total := func(c *aggregate.Cube) string {
		q := aggregate.Query{Data: []indicator.Item{{ID: "fbfJHSPpUQD"}}, Periods: []period.Period{period.MustParse("202401")}}
		table, err := c.Query(context.Background(), q)
		require.NoError(t, err)
		return table.At(q.Data[0], "", q.Periods[0]).String()
	}
	require.Equal(t, "12", total(cube))
	merged, err := cube.With(t.Context(), optioncombo.Merge{Combos: []hmis.UID{old}, Into: now}.Values(values), nil)
	require.NoError(t, err)
	require.Equal(t, "5", total(merged))
}
