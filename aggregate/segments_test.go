package aggregate_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// Segments has what Values has, for the same filter.
func TestSegmentsAreValues(t *testing.T) {
	filters := map[string]aggregate.Filter{
		"all":     {},
		"place":   {OrgUnits: []hmis.UID{"region0"}},
		"element": {Data: []indicator.Item{{ID: "e0"}, {ID: "e6", OptionCombo: "m"}}},
		"time":    {Periods: []period.Period{period.MustParse("202401"), period.MustParse("2024Q1")}},
		"days":    {From: period.DateOf(2024, 1, 1), To: period.DateOf(2024, 1, 31), OrgUnits: []hmis.UID{"district00"}},
	}
	met := map[string]int{}
	for seed := range uint64(40) {
		w := newWorld(t, seed)
		for i := range w.values {
			w.values[i].FollowUp = i%3 == 0
		}
		cube := w.cube(t)
		for name, f := range filters {
			var want, got []hmis.DataValue
			for v, err := range cube.Values(t.Context(), f) {
				require.NoError(t, err)
				e, _ := hmis.Find[hmis.DataElement](w.catalog, v.DataElement)
				v.Value = plainText(e.ValueType, v.Value)
				want = append(want, v)
			}
			for s := range cube.Segments(f) {
				if !slices.IsSorted(s.Places) {
					t.Errorf("seed %d, %s: places %v of %v are not in order", seed, name, s.Places, s.Key)
				}
				for i, pos := range s.Places {
					v := hmis.DataValue{Key: s.Key, Value: s.Column.At(i).String(), FollowUp: slices.Contains(s.FollowUp, i)}
					v.OrgUnit = cube.Tree().At(int(pos))
					got = append(got, v)
				}
			}
			met[name] += len(got)
			byKey := func(a, b hmis.DataValue) int {
				return slices.Compare(
					[]string{string(a.DataElement), string(a.OrgUnit), a.Period.String(), string(a.OptionCombo), string(a.AttributeCombo)},
					[]string{string(b.DataElement), string(b.OrgUnit), b.Period.String(), string(b.OptionCombo), string(b.AttributeCombo)})
			}
			slices.SortFunc(want, byKey)
			slices.SortFunc(got, byKey)
			if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b period.Period) bool { return a == b })); diff != "" {
				t.Fatalf("seed %d, %s: (-Values +Segments)\n%s", seed, name, diff)
			}
		}
	}
	for name := range filters {
		if met[name] == 0 {
			t.Errorf("no value passes the filter %q", name)
		}
	}
}

// plainText writes a value as Segments has it: numbers in plain digits, 1 and 0
// for truth values.
func plainText(typ hmis.ValueType, text string) string {
	if typ.IsBoolean() {
		truth, _ := strconv.ParseBool(text)
		return map[bool]string{true: "1", false: "0"}[truth]
	}
	if d, err := decimal.NewFromString(text); err == nil && typ.IsNumeric() {
		if d.IsZero() && strings.HasPrefix(text, "-") {
			return "-0"
		}
		return d.String()
	}
	return text
}
