package aggregate

import "github.com/ohie-hmis/hmis-go/aggregate/internal/column"

// manyPlaces is from how many places on it pays to look which are reached.
const manyPlaces = 2048

// compact leaves out the places that no value of the part's element reaches,
// where places are so many that most are like that: the full cube of a form that
// few facilities report. Where units of several levels are asked for, values
// then count in the lowest one only, and its totals are added to those above.
func (p *part) compact() {
	if p.compacts() {
		src := &p.sources[0]
		src.places, p.units = src.places.compacted(src.column.Units(p.positions), p.positions, p.rollsUp())
	}
}

// compacts reports whether places are so many that compact has something to do.
func (p *part) compacts() bool {
	return len(p.sources) == 1 && !p.rule.derived() && p.rule.aggregate() != pick &&
		(p.sources[0].places.n >= manyPlaces || p.run.query.compacts)
}

// rollsUp reports whether what counts in a unit counts in all units asked for
// above it, and can be added up there. Aggregation levels stop some on their way.
func (p *part) rollsUp() bool {
	agg := p.rule.aggregate()
	return !p.slow() && agg != least && agg != greatest && len(p.sources[0].element.Levels) == 0 && len(p.sources[0].places.maps) > 1
}

// compacted returns places that the positions used reach, and their org units.
// The units of its bases are indices in that list.
func (p *places) compacted(used []uint32, positions int, rolls bool) (*places, []uint32) {
	at := make([][]uint32, len(p.maps))
	for i, m := range p.maps {
		at[i] = m.lookup(positions)
	}
	reached := column.MakeBits(p.n + 1)
	above := zeros.of(p.n + 1) // of a place: the one of the level above + 1
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
				rolls = false // some of its values count above, others do not
			}
			above[o], over = over+1, o
		}
	}
	number := zeros.of(p.n + 1) // new ordinal + 1
	defer func() { release(number, reached) }()
	out := &places{}
	units := []uint32{}
	for o := range reached.All() {
		b := p.base[o-1]
		if len(units) == 0 || units[len(units)-1] != uint32(b.unit) {
			units = append(units, uint32(b.unit))
		}
		out.base = append(out.base, placeBase{len(units) - 1, b.cell})
		number[o] = uint32(len(out.base))
	}
	out.n, out.used = len(out.base), used
	if rolls {
		out.rollUp(at, reached, number, above, positions)
		return out, units
	}
	for _, place := range at {
		to := zeros.of(positions)
		for _, pos := range used {
			to[pos] = number[place[pos]]
		}
		out.maps = append(out.maps, &placeMap{at: to})
	}
	return out, units
}

// rollUp makes one map of those of all levels, and says which places are added to
// which, lowest first.
func (out *places) rollUp(at [][]uint32, reached column.Bits, number, above []uint32, positions int) {
	low, level := zeros.of(positions), make([]uint8, out.n+1)
	for _, pos := range out.used {
		for i, place := range at {
			if o := place[pos]; o != 0 {
				low[pos] = number[o]
				level[number[o]] = uint8(i)
			}
		}
	}
	out.maps = []*placeMap{{at: low}}
	for l := len(at) - 1; l > 0; l-- {
		for o := range reached.All() {
			if over := above[o]; over > 1 && int(level[number[o]]) == l {
				out.rolls = append(out.rolls, roll{int32(number[o]), int32(number[over-1])})
			}
		}
	}
}

// free gives back the room of compacted places.
func (p *places) free() {
	if p.used == nil {
		return
	}
	for _, m := range p.maps {
		for _, pos := range p.used {
			m.at[pos] = 0
		}
		zeros.giveBack(m.at)
	}
	p.maps, p.used = nil, nil
}
