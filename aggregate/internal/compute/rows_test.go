package compute_test

import (
	"slices"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/stretchr/testify/require"
)

func TestInvert(t *testing.T) {
	rows := [][]uint32{{0, 2}, {2, 3}, nil}
	l := compute.Invert(5, rows, nil)
	want := [][]int32{{0}, {}, {0, 1}, {1}, {}}
	for p := range want {
		require.Equal(t, want[p], l.Of(uint32(p)), "period %d", p)
	}
	l = compute.Invert(5, rows, func(p uint32) bool { return p != 2 })
	require.Equal(t, []int32{0}, l.Of(0))
	require.Empty(t, l.Of(2))
	second := compute.Invert(5, rows, nil)
	second = second.Where(func(_ uint32, row int32) bool { return row == 1 })
	require.Empty(t, second.Of(0))
	require.Equal(t, []int32{1}, second.Of(2))
}

// TestRoll adds up by fine rows and rolls, and compares with every period added
// to all of its rows (RULES.md#longer-periods).
func TestRoll(t *testing.T) {
	tests := []struct {
		name string
		rows [][]uint32 // the periods of each row
		fine int        // additions of periods to rows
	}{
		{"months", [][]uint32{{0}, {1}, {2}}, 3},
		{"months and their quarter", [][]uint32{{0}, {1}, {2}, {0, 1, 2}}, 3},
		{"months, quarters and the year", [][]uint32{{0}, {1}, {2}, {3}, {0, 1}, {2, 3}, {0, 1, 2, 3}}, 4},
		{"two quarters that overlap", [][]uint32{{0, 1, 2}, {1, 2, 3}}, 6},
		{"two ways to a year", [][]uint32{{0, 1, 2}, {1, 2, 3}, {0, 1, 2, 3}}, 0},
		{"the same row twice", [][]uint32{{0, 1}, {0, 1}}, 2},
		{"no period", [][]uint32{nil, {0}}, 1},
	}
	for _, tt := range tests {
		const periods = 4
		r := compute.Rows{N: len(tt.rows), All: compute.Invert(periods, tt.rows, nil)}
		r.Roll()
		added, sums := 0, make([]int, r.N)
		for p := range uint32(periods) {
			for _, row := range r.Fine.Of(p) {
				sums[row] += 1 << p
				added++
			}
		}
		for _, roll := range r.Rolls {
			sums[roll.To] += sums[roll.From]
		}
		want := make([]int, r.N)
		for row, list := range tt.rows {
			for _, p := range slices.Compact(list) {
				want[row] += 1 << p
			}
		}
		require.Equal(t, want, sums, tt.name)
		if tt.fine > 0 && added != tt.fine {
			t.Errorf("%s: %d additions, want %d", tt.name, added, tt.fine)
		}
	}
}
