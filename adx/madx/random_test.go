package madx_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/adx/madx"
)

// Reports of random definitions read back as the same values, for any codes and
// any division of dimensions between groups and values.
func TestRandomRoundTrip(t *testing.T) {
	codes := []string{"F", "M", "<5 & \"more\"", "P1Y--P5Y", "it's", "âge", "日本", "a b", "|", "_", "\\u0041", "1", "x\U0001F600"}
	periods := []string{"2026-01-01/P1M", "2026-01-05/P7D", "2025-10-01/P1Y", "2026-04-01/P3M"}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 0))
		s := dsd.Structure{ID: "SET " + strconv.FormatUint(seed, 10)}
		for i := range r.IntN(4) {
			dim := dsd.Dimension{Name: "D" + strconv.Itoa(i), Outer: r.IntN(3) == 0}
			for _, k := range r.Perm(len(codes))[:1+r.IntN(3)] {
				dim.Codes = append(dim.Codes, dsd.Code{ID: codes[k]})
			}
			s.Dimensions = append(s.Dimensions, dim)
		}
		for _, k := range r.Perm(len(codes))[:1+r.IntN(4)] {
			e := dsd.Element{Code: codes[k]}
			for _, dim := range s.Dimensions {
				if !dim.Outer && r.IntN(2) == 0 {
					e.Dimensions = append(e.Dimensions, dim.Name)
				}
			}
			s.Elements = append(s.Elements, e)
		}
		d, err := dsd.New(s)
		require.NoError(t, err)

		var groups []adx.Group
		for unit := range 1 + r.IntN(3) {
			period := timeRange(t, periods[r.IntN(len(periods))])
			walk(s, true, nil, func(outer []adx.Attr) {
				g := adx.Group{DataSet: s.ID, OrgUnit: codes[unit], Period: period, Attrs: outer}
				for _, e := range s.Elements {
					walk(dsd.Structure{Dimensions: s.Dimensions}, false, e.Dimensions, func(inner []adx.Attr) {
						if r.IntN(4) > 0 {
							g.Values = append(g.Values, adx.Value{DataElement: e.Code, Value: number(r), Attrs: inner})
						}
					})
				}
				if len(g.Values) > 0 {
					groups = append(groups, g)
				}
			})
		}
		if len(groups) == 0 {
			continue
		}
		for f, err := range d.CheckGroups(stream(groups...)) {
			require.NoError(t, err)
			require.Equal(t, "ADX-060", f.Rule, "%d: %v", seed, f.Error()) // a code such as 1 beside P1Y--P5Y
		}
		f := madx.Format{Measure: madx.MeasureOf(d, "https://moh.example.org"), XML: seed%2 == 1}
		text := write(t, f, adx.Header{}, groups...)
		back, found, paths := read(t, f, text)
		require.Empty(t, found, "%d: %v", seed, paths)
		if diff := cmp.Diff(facts(t, groups), facts(t, back)); diff != "" {
			t.Fatalf("%d: (-want +got):\n%s\n%s", seed, diff, text)
		}
	}
}

// walk calls f with each combination of codes of the outer dimensions, or of
// the inner ones in names.
func walk(s dsd.Structure, outer bool, names []string, f func([]adx.Attr)) {
	var step func(i int, attrs []adx.Attr)
	step = func(i int, attrs []adx.Attr) {
		switch {
		case i == len(s.Dimensions):
			f(attrs)
			return
		case outer != s.Dimensions[i].Outer, !outer && !strings.Contains(fmt.Sprint(names), s.Dimensions[i].Name):
			step(i+1, attrs)
			return
		}
		for _, c := range s.Dimensions[i].Codes {
			step(i+1, append(attrs[:len(attrs):len(attrs)], adx.Attr{Name: s.Dimensions[i].Name, Value: c.ID}))
		}
	}
	step(0, nil)
}

// number returns a decimal in one of the spellings that occur in practice.
func number(r *rand.Rand) string {
	n := strconv.Itoa(r.IntN(1000))
	switch r.IntN(6) {
	case 0:
		return "-" + n
	case 1:
		return n + "." + strconv.Itoa(r.IntN(100))
	case 2:
		return "+" + n + ".50"
	case 3:
		return n + strings.Repeat("9", 30)
	}
	return n
}
