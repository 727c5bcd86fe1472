package quality

import (
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// mentions reports whether the text of an expression contains an id.
func mentions(text string, id hmis.UID) bool {
	return id != "" && (strings.Contains(text, string(id)) || strings.Contains(text, ":DEG:"))
}

// A predictorData has the stored values that a job reads, and the earlier
// predictions that it may replace.
type predictorData struct {
	job      *predictorJob
	attrs    []hmis.UID
	segments []predictorSegment
	scales   []int // the decimal scale of each item
	oldScale int
	// reach maps each position of the tree to the unit of job.units in which a
	// value counts, as its index plus 1. There is one list, or one for each
	// level if units may be below each other.
	reach [][]int32
}

// A predictorSegment has the values of one data element, period and pair of
// option combos.
type predictorSegment struct {
	aggregate.Segment
	period int // index of the period in job.periods
	attr   int
	kind   valueKind
	items  [][]int // for each output combo, the items in which the values count
	old    int     // if the values are earlier predictions, the index of their output combo; otherwise -1
}

// load reads the values of a job.
func (r *predictorRun) load(job *predictorJob) (*predictorData, error) {
	d := &predictorData{job: job, scales: make([]int, len(job.items))}
	elements := []indicator.Item{{ID: job.output.ID}}
	for _, item := range job.items {
		elements = append(elements, indicator.Item{ID: item.ID})
	}
	when := make(map[period.Period]int, len(job.periods))
	for t, p := range job.periods {
		when[p] = t
	}
	attrs := map[hmis.UID]bool{}
	predicted := newBitset(len(job.periods))
	for _, t := range job.outs {
		predicted.set(t)
	}
	for s := range r.cube.Segments(aggregate.Filter{Data: elements, OrgUnits: r.scope.OrgUnits, Periods: job.periods}) {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		kind := kindOf(r.types(indicator.Item{Kind: indicator.DataElementItem, ID: s.DataElement}))
		seg := predictorSegment{Segment: s, period: when[s.Period], kind: kind, old: -1, items: make([][]int, len(job.combos))}
		wanted := false
		for k, combo := range job.combos {
			for n, item := range job.items {
				if item.ID == s.DataElement && reads(item, s.OptionCombo) && (item.OptionCombo != "" || combo.takes == nil || combo.takes[s.OptionCombo]) {
					seg.items[k] = append(seg.items[k], n)
					d.scales[n], wanted = max(d.scales[n], s.Column.Scale), true
				}
			}
			if s.DataElement == job.output.ID && s.OptionCombo == combo.id && predicted.has(seg.period) {
				seg.old, wanted = k, true
				d.oldScale = max(d.oldScale, s.Column.Scale)
			}
		}
		if !wanted || kind == unread {
			continue
		}
		seg.Segment = kept(s, nil, false)
		d.segments = append(d.segments, seg)
		attrs[s.AttributeCombo] = true
	}
	d.attrs = slices.Sorted(maps.Keys(attrs))
	for i := range d.segments {
		d.segments[i].attr, _ = slices.BinarySearch(d.attrs, d.segments[i].AttributeCombo)
	}
	d.findReach(r)
	if !job.withoutData() {
		d.keepReported(r)
	}
	return d, nil
}

// withoutData reports whether the job may predict a value in a cell in which no
// item has a value.
func (job *predictorJob) withoutData() bool {
	if job.Generator.Missing == hmis.NeverSkip || len(job.own) == 0 && len(job.sampled) == 0 {
		return true
	}
	rate := func(item indicator.Item) bool { return item.Kind != indicator.DataElementItem }
	return slices.ContainsFunc(job.own, rate) || slices.ContainsFunc(job.sampled, rate)
}

// keepReported drops org units for which there is no value to read.
func (d *predictorData) keepReported(r *predictorRun) {
	reached := newBitset(len(d.job.units))
	for i := range d.segments {
		for _, reach := range d.reach {
			for _, pos := range d.segments[i].Places {
				if unit := reach[pos]; unit > 0 {
					reached.set(int(unit - 1))
				}
			}
		}
	}
	units := make([]int, 0, reached.count())
	for i := range reached.all() {
		units = append(units, d.job.units[i])
	}
	if len(units) < len(d.job.units) {
		d.job.units, d.reach = units, nil
		d.findReach(r)
	}
}

func (d *predictorData) findReach(r *predictorRun) {
	tree := r.cube.Tree()
	levels := map[int]int{}
	for i, pos := range d.job.units {
		level, end := 0, pos+1
		if d.job.Below {
			level = tree.LevelAt(pos)
			_, end, _ = tree.Span(tree.At(pos))
		}
		n, ok := levels[level]
		if !ok {
			n = len(d.reach)
			levels[level] = n
			d.reach = append(d.reach, make([]int32, tree.Len()))
		}
		for p := pos; p < end; p++ {
			d.reach[n][p] = int32(i + 1)
		}
	}
}

// blockSize returns the number of org units in a block, such that a block has
// about a million cells.
func (d *predictorData) blockSize() int {
	perUnit := len(d.job.periods) * max(len(d.attrs), 1) * (len(d.job.items) + 1) * len(d.job.combos)
	return max(min(1<<20/max(perUnit, 1), 1024), 1)
}

// A predictorBlock has the values of a job at some of its org units. The cell
// of a value is period × units + unit.
type predictorBlock struct {
	*predictorData
	first, units int              // index of the first unit in job.units, and the number of units
	items        [][][]*blockItem // values for each output combo, item and attribute combo; nil without a value
	old          [][]*blockItem   // earlier predictions for each output combo and attribute combo
	free         []*blockItem
}

// fill reads the values at a number of units, beginning with first.
func (b *predictorBlock) fill(first, units int) {
	b.recycle()
	b.first, b.units = first, units
	b.items = make([][][]*blockItem, len(b.job.combos))
	b.old = make([][]*blockItem, len(b.job.combos))
	for k := range b.items {
		b.old[k] = make([]*blockItem, len(b.attrs))
		b.items[k] = make([][]*blockItem, len(b.job.items))
		for n := range b.items[k] {
			b.items[k][n] = make([]*blockItem, len(b.attrs))
		}
	}
	for i := range b.segments {
		for _, reach := range b.reach {
			b.add(&b.segments[i], reach)
		}
	}
}

func (b *predictorBlock) recycle() {
	for k := range b.items {
		for _, list := range append(b.items[k], b.old[k]) {
			for _, item := range list {
				if item != nil {
					b.free = append(b.free, item)
				}
			}
		}
	}
	b.items, b.old = nil, nil
}

// room returns the item at *place. It makes one if there is none.
func (b *predictorBlock) room(place **blockItem, scale int) *blockItem {
	if *place != nil {
		return *place
	}
	item := &blockItem{}
	if n := len(b.free); n > 0 {
		item, b.free = b.free[n-1], b.free[:n-1]
	}
	item.reset(len(b.job.periods)*b.units, scale)
	*place = item
	return item
}

// add adds the values of a segment to the items in which they count.
func (b *predictorBlock) add(s *predictorSegment, reach []int32) {
	low := uint32(b.job.units[b.first])
	from := sort.Search(len(s.Places), func(i int) bool { return s.Places[i] >= low })
	for i := from; i < len(s.Places); i++ {
		unit := int(reach[s.Places[i]]) - 1
		if unit >= b.first+b.units {
			return // org units are sorted by position, so no later one is in the block
		}
		if unit < b.first {
			continue
		}
		cell := s.period*b.units + unit - b.first
		for k, items := range s.items {
			for _, n := range items {
				b.room(&b.items[k][n][s.attr], b.scales[n]).count(cell, s.kind, &s.Column, i)
			}
		}
		if s.old >= 0 && int(s.Places[i]) == b.job.units[unit] {
			b.room(&b.old[s.old][s.attr], b.oldScale).count(cell, s.kind, &s.Column, i)
		}
	}
}
