package place_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/place"
	"github.com/stretchr/testify/require"
)

// country returns the places of a tree of 7 positions: unit 0 is all of it, unit
// 1 the positions 1 to 3, and unit 2 the positions 4 to 6.
func country() *place.Places {
	return &place.Places{
		N:    3,
		Base: []place.Base{{Unit: 0}, {Unit: 1}, {Unit: 2}},
		Maps: []*place.Map{
			place.NewMap(7, []column.Span{{First: 0, End: 7, Place: 1}}),
			place.NewMap(7, []column.Span{{First: 1, End: 4, Place: 2}, {First: 4, End: 7, Place: 3}}),
		},
	}
}

// counts returns the units in which each position counts.
func counts(p *place.Places, positions int) [][]place.Base {
	list := make([][]place.Base, positions)
	for pos := range list {
		p.Each(uint32(pos), func(b place.Base) { list[pos] = append(list[pos], b) })
	}
	return list
}

func TestPlaces(t *testing.T) {
	p := country()
	a, b, c := place.Base{Unit: 0}, place.Base{Unit: 1}, place.Base{Unit: 2}
	require.Equal(t, [][]place.Base{{a}, {a, b}, {a, b}, {a, b}, {a, c}, {a, c}, {a, c}}, counts(p, 7))
	for pos := range uint32(7) {
		for _, m := range p.Maps {
			require.Equal(t, m.Lookup()[pos], m.Of(pos))
		}
	}
	p.Maps[0].Narrow(func(pos int) bool { return pos > 1 })
	require.True(t, p.Holds(1), "it counts in the second map")
	p.Maps[1].Narrow(func(pos int) bool { return pos > 1 })
	require.False(t, p.Holds(1))
	require.Nil(t, p.Maps[1].Spans(), "spans that do not say it all")
}

// TestDivide keeps places apart by an axis of two items, 4 cells from each other.
func TestDivide(t *testing.T) {
	p := country()
	p.Divide([]int32{0, 1, -1, 0, 1, 1, 0}, 2, 4)
	require.Equal(t, 6, p.N)
	got := counts(p, 7)
	require.Equal(t, []place.Base{{Unit: 0, Cell: 4}, {Unit: 1, Cell: 4}}, got[1])
	require.Empty(t, got[2], "it has no item")
	require.Equal(t, []place.Base{{Unit: 0, Cell: 0}, {Unit: 2, Cell: 0}}, got[6])
}

// TestOwn makes each position of a level its own place.
func TestOwn(t *testing.T) {
	own := country().Own(1)
	require.Equal(t, 7, own.N)
	got := counts(own, 7)
	require.Empty(t, got[0], "it is in no unit of that level")
	require.Equal(t, []place.Base{{Unit: 5}}, got[5])
}

// TestCompacted leaves out the places that values do not reach. With rolls a
// value counts once, and the totals of its place are added to those above.
func TestCompacted(t *testing.T) {
	for _, rolls := range []bool{false, true} {
		p, units := country().Compacted([]uint32{4, 6}, rolls)
		require.Equal(t, []uint32{0, 2}, units)
		require.Equal(t, 2, p.N)
		totals := make(column.Packed, p.N+1)
		for _, pos := range []uint32{4, 6} {
			for _, m := range p.Maps {
				totals.Add(int(m.Of(pos)), 10, 1)
			}
		}
		totals.Roll(p.Rolls)
		for place := range p.N {
			sum, count := totals.At(place + 1)
			require.Equal(t, []int64{20, 2}, []int64{sum, count}, "rolls %t, place %d", rolls, place)
		}
		require.Equal(t, rolls, len(p.Rolls) > 0)
		p.Free()
	}
}
