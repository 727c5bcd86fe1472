package aggregate_test

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// seriesWorld has two units below a root, a number, a yes/no and a text.
func seriesWorld(t *testing.T) aggregate.Loader {
	t.Helper()
	units := []hmis.OrgUnit{{ID: "root"}, {ID: "b", Parent: "root"}, {ID: "a", Parent: "root"}}
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "num"}, {ID: "yes", ValueType: hmis.Boolean}, {ID: "txt", ValueType: hmis.Text}},
		OrgUnits:     units,
	})
	require.NoError(t, err)
	tree, err := orgunit.NewTree(units)
	require.NoError(t, err)
	return aggregate.Loader{Catalog: catalog, Tree: tree, KeepUncounted: true}
}

// rows reads a line for each value: "element unit period combo text marks".
func rows(lines string) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for line := range strings.Lines(lines) {
			f := strings.Fields(line)
			if len(f) == 0 {
				continue
			}
			v := hmis.DataValue{Value: strings.ReplaceAll(f[4], "_", " ")}
			v.DataElement, v.OrgUnit, v.Period, v.OptionCombo = hmis.UID(f[0]), hmis.UID(f[1]), period.MustParse(f[2]), hmis.UID(f[3])
			v.FollowUp, v.Deleted = slices.Contains(f[5:], "follow-up"), slices.Contains(f[5:], "deleted")
			if !yield(v, nil) {
				return
			}
		}
	}
}

func printed(t *testing.T, cube *aggregate.Cube, f aggregate.Filter) string {
	t.Helper()
	var b strings.Builder
	for s, err := range cube.Series(t.Context(), f) {
		require.NoError(t, err)
		fmt.Fprintf(&b, "%s %s %s:", s.Key.DataElement, s.Key.OptionCombo, s.Key.OrgUnit)
		for i := range s.Len() {
			v := s.Data(i)
			fmt.Fprintf(&b, " %s=%s", v.Period, v.Value)
			for mark, name := range map[aggregate.Mark]string{aggregate.FollowUp: "!", aggregate.Deleted: "-", aggregate.Uncounted: "?"} {
				if s.Marks[i] == mark {
					b.WriteString(name)
				}
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const seriesRows = `
	num b 202402 x 5
	num b 202401 x 007
	num a 202401 x 1.50
	num a 2024Q1 x 3
	num a 202403 x 0.0
	num a 202402 y 9 follow-up
	num a 202401 y 1e5
	num b 202404 x 4 deleted
	yes a 202401 x true
	yes a 202402 x maybe
	txt a 202401 x hello`

func TestSeries(t *testing.T) {
	cube, err := seriesWorld(t).Load(t.Context(), rows(seriesRows))
	require.NoError(t, err)
	tests := []struct {
		name   string
		filter aggregate.Filter
		want   string
	}{
		{"all, by option combos, then units in preorder", aggregate.Filter{}, `
num x b: 202401=7 202402=5 202404=4-
num x a: 2024Q1=3 202401=1.5 202403=0.0
num y a: 202401=1e5? 202402=9!
txt x a: 202401=hello
yes x a: 202401=true 202402=maybe?
`},
		{"one operand", aggregate.Filter{Data: []indicator.Item{{ID: "num", OptionCombo: "y"}}}, "\nnum y a: 202401=1e5? 202402=9!\n"},
		{"one unit, some days", aggregate.Filter{OrgUnits: []hmis.UID{"b"}, From: period.DateOf(2024, 2, 1), To: period.DateOf(2024, 4, 29)}, "\nnum x b: 202402=5\n"},
		{"a unit that nobody knows", aggregate.Filter{OrgUnits: []hmis.UID{"c"}}, "\n"},
	}
	for _, tt := range tests {
		if diff := gocmp.Diff(tt.want, "\n"+printed(t, cube, tt.filter)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// What is kept aside goes when a value comes in its place, whichever load it
// comes with, and aggregation does not see it.
func TestKeepUncounted(t *testing.T) {
	cube, err := seriesWorld(t).Load(t.Context(), rows(`
		num a 202401 x none
		num a 202401 x 3
		num a 202402 x 4
		num a 202402 x 5 deleted
		num a 202403 x 6
		num a 202403 x six`))
	require.NoError(t, err)
	require.Equal(t, "num x a: 202401=3 202402=5- 202403=six?\n", printed(t, cube, aggregate.Filter{}))
	require.Equal(t, 1, cube.Len())

	next, err := cube.With(t.Context(), rows(`
		num a 202402 x 8
		num a 202401 x 9 deleted`), nil)
	require.NoError(t, err)
	require.Equal(t, "num x a: 202401=9- 202402=8 202403=six?\n", printed(t, next, aggregate.Filter{}))
	require.Equal(t, "num x a: 202401=3 202402=5- 202403=six?\n", printed(t, cube, aggregate.Filter{}), "the first cube stays")

	plain := seriesWorld(t)
	plain.KeepUncounted = false
	_, err = plain.Load(t.Context(), rows("num a 202401 x none"))
	require.ErrorContains(t, err, `"none" is not a value of type NUMBER`)
}

func TestSeriesEnds(t *testing.T) {
	cube, err := seriesWorld(t).Load(t.Context(), rows(seriesRows))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range cube.Series(ctx, aggregate.Filter{}) {
		require.ErrorIs(t, err, context.Canceled)
	}
	for range cube.Series(t.Context(), aggregate.Filter{}) {
		break
	}
}

// Every value held is in one series, at its place, however few values are turned
// round at a time; and walks side by side do not disturb each other.
func TestSeriesAreTheValues(t *testing.T) {
	c := newNation(t)
	filter := aggregate.Filter{Data: []indicator.Item{{ID: element(3)}, {ID: element(7)}}}
	var want []hmis.DataValue
	for v, err := range c.cube.Values(t.Context(), filter) {
		require.NoError(t, err)
		want = append(want, v)
	}
	defer func(usual int) { *aggregate.BlockValues = usual }(*aggregate.BlockValues)
	for _, block := range []int{*aggregate.BlockValues, 1000, 1} {
		*aggregate.BlockValues = block
		var walks sync.WaitGroup
		for range 3 {
			walks.Go(func() {
				var got []hmis.DataValue
				for s, err := range c.cube.Series(context.Background(), filter) {
					if err != nil {
						t.Error(err)
						return
					}
					for i := range s.Len() {
						got = append(got, s.Data(i))
					}
				}
				// Values go by org unit id, series by its place in the tree.
				slices.SortStableFunc(got, func(a, b hmis.DataValue) int {
					return cmp.Or(strings.Compare(string(a.DataElement), string(b.DataElement)), strings.Compare(string(a.OrgUnit), string(b.OrgUnit)))
				})
				if !slices.Equal(want, got) {
					t.Errorf("%d values at a time: %d values, want %d", block, len(got), len(want))
				}
			})
		}
		walks.Wait()
	}
}
