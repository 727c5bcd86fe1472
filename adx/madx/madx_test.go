package madx_test

import (
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/adx/madx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// nutrition returns a data set with one outer and two inner dimensions. Its
// elements have both inner ones, one or none, and one is a text.
func nutrition(t testing.TB) *dsd.Definition {
	t.Helper()
	d, err := dsd.New(dsd.Structure{
		ID: "NUT_MONTHLY", Name: "Nutrition", Agency: "MOH", Version: "2.1",
		Elements: []dsd.Element{
			{Code: "VIT_A", Name: "Vitamin A given", Dimensions: []string{"AGE", "SEX"}},
			{Code: "SCREENED", Name: "Children screened", Dimensions: []string{"AGE"}},
			{Code: "SITES", Name: "Sites"},
			{Code: "REMARK", Name: "Remark", Text: true},
		},
		Dimensions: []dsd.Dimension{
			{Name: "AGE", Title: "Age band", Codes: []dsd.Code{{ID: "P6M--P1Y"}, {ID: "P1Y--P5Y"}}},
			{Name: "SEX", Title: "Sex", Codes: []dsd.Code{{ID: "F"}, {ID: "M"}}},
			{Name: "FUNDS", Title: "Who pays", Outer: true, Codes: []dsd.Code{{ID: "STATE"}, {ID: "NGO"}}},
		},
	})
	require.NoError(t, err)
	return d
}

func format(t testing.TB) madx.Format {
	return madx.Format{
		Measure:       madx.MeasureOf(nutrition(t), "https://fhir.moh.example.org/"),
		OrgUnitSystem: "https://fhir.moh.example.org/facility",
	}
}

func timeRange(t testing.TB, s string) adx.TimeRange {
	t.Helper()
	r, err := adx.ParseTimeRange(s)
	require.NoError(t, err)
	return r
}

// a returns attributes, given as names and values in turn.
func a(pairs ...string) []adx.Attr {
	var attrs []adx.Attr
	for i := 0; i < len(pairs); i += 2 {
		attrs = append(attrs, adx.Attr{Name: pairs[i], Value: pairs[i+1]})
	}
	return attrs
}

// january returns the report of a facility.
func january(t testing.TB) []adx.Group {
	return []adx.Group{
		{
			DataSet: "NUT_MONTHLY", OrgUnit: "OU-1", Period: timeRange(t, "2026-01-01/P1M"), Attrs: a("FUNDS", "STATE"),
			Values: []adx.Value{
				{DataElement: "VIT_A", Value: "7", Attrs: a("AGE", "P6M--P1Y", "SEX", "F")},
				{DataElement: "VIT_A", Value: "9", Attrs: a("AGE", "P6M--P1Y", "SEX", "M")},
				{DataElement: "SCREENED", Value: "2.50", Attrs: a("AGE", "P1Y--P5Y")},
				{DataElement: "SITES", Value: "3"},
			},
		},
		{
			DataSet: "NUT_MONTHLY", OrgUnit: "OU-1", Period: timeRange(t, "2026-01-01/P1M"), Attrs: a("FUNDS", "NGO"),
			Values: []adx.Value{{DataElement: "SITES", Value: "1"}},
		},
	}
}

func stream(groups ...adx.Group) iter.Seq2[adx.Group, error] {
	return func(yield func(adx.Group, error) bool) {
		for _, g := range groups {
			if !yield(g, nil) {
				return
			}
		}
	}
}

func write(t testing.TB, f madx.Format, h adx.Header, groups ...adx.Group) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, f.Write(&b, h, stream(groups...)))
	return b.String()
}

// read returns the groups of a document and its findings as "E MADX-004".
func read(t testing.TB, f madx.Format, text string) (groups []adx.Group, found []string, paths []string) {
	t.Helper()
	note := func(x adx.Finding) {
		r := map[hmis.Severity]string{hmis.Warning: "W ", hmis.Severe: "E ", hmis.Critical: "F "}[x.Severity] + x.Rule
		found = append(found, r)
		paths = append(paths, x.Path)
	}
	f.Warn, f.Reject = note, note
	for g, err := range f.Read(strings.NewReader(text)) {
		if err != nil {
			x, ok := errors.AsType[*adx.Finding](err)
			require.True(t, ok, "%v", err)
			note(*x)
			break
		}
		groups = append(groups, g)
	}
	return groups, found, paths
}

// places compares groups without their places.
var places = cmp.Options{
	cmpopts.IgnoreFields(adx.Group{}, "Number", "Line", "Column"),
	cmpopts.IgnoreFields(adx.Value{}, "Line", "Column"),
	cmp.Comparer(func(a, b adx.TimeRange) bool { return a == b }),
}
