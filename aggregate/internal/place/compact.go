package place

import (
	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/pool"
)

// Many is the number of places from which it is worth finding out which of them
// are reached.
const Many = 2048

// zeros is a pool of arrays that are all 0. Reusing one avoids clearing it, so
// a few numbers among many places stay cheap.
var zeros pool.Pool[uint32]

// release returns list to the pool. Only the entries whose numbers are in set
// may differ from 0; they are cleared.
func release(list []uint32, set column.Bits) {
	for i := range set.All() {
		list[i] = 0
	}
	zeros.Put(list)
}

// Compacted returns only those places that the used positions reach, and the
// list of their org units. The Unit of each Base is an index in that list. If
// rolls is true and every value counts in all units above its own, values then
// count in the lowest place only, and its totals are added to those above.
func (p *Places) Compacted(used []uint32, rolls bool) (*Places, []uint32) {
	at := make([][]uint32, len(p.Maps))
	for i, m := range p.Maps {
		at[i] = m.Lookup()
	}
	reached := column.MakeBits(p.N + 1)
	above := zeros.Get(p.N + 1) // for each place, its place on the level above + 1
	defer func() { release(above, reached) }()
	for _, pos := range used {
		over := uint32(0)
		for _, place := range at {
			o := place[pos]
			if o == 0 {
				continue
			}
			reached.Set(int(o))
			if above[o] != 0 && above[o] != over+1 {
				rolls = false // only some of the place's values count above
			}
			above[o], over = over+1, o
		}
	}
	number := zeros.Get(p.N + 1) // for each place, its new ordinal + 1
	defer func() { release(number, reached) }()
	out := &Places{}
	units := []uint32{}
	for o := range reached.All() {
		b := p.Base[o-1]
		if len(units) == 0 || units[len(units)-1] != uint32(b.Unit) {
			units = append(units, uint32(b.Unit))
		}
		out.Base = append(out.Base, Base{len(units) - 1, b.Cell})
		number[o] = uint32(len(out.Base))
	}
	out.N, out.used = len(out.Base), used
	if rolls {
		out.rollUp(at, reached, number, above)
		return out, units
	}
	for _, place := range at {
		to := zeros.Get(len(place))
		for _, pos := range used {
			to[pos] = number[place[pos]]
		}
		out.Maps = append(out.Maps, &Map{positions: len(to), at: to})
	}
	return out, units
}

// rollUp makes one map of those of all levels, and sets which places are added
// to which, lowest first.
func (p *Places) rollUp(at [][]uint32, reached column.Bits, number, above []uint32) {
	low, level := zeros.Get(len(at[0])), make([]uint8, p.N+1)
	for _, pos := range p.used {
		for i, place := range at {
			if o := place[pos]; o != 0 {
				low[pos] = number[o]
				level[number[o]] = uint8(i)
			}
		}
	}
	p.Maps = []*Map{{positions: len(low), at: low}}
	for l := len(at) - 1; l > 0; l-- {
		for o := range reached.All() {
			if over := above[o]; over > 1 && int(level[number[o]]) == l {
				roll := column.Roll{From: int32(number[o]), To: int32(number[over-1])}
				p.Rolls = append(p.Rolls, roll)
			}
		}
	}
}

// Free returns the arrays of compacted places to a pool.
func (p *Places) Free() {
	if p.used == nil {
		return
	}
	for _, m := range p.Maps {
		for _, pos := range p.used {
			m.at[pos] = 0
		}
		zeros.Put(m.at)
	}
	p.Maps, p.used = nil, nil
}
