package crosswalk

import (
	"cmp"
	"maps"
	"math/big"
	"math/bits"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// averageDigits is the number of digits after the point of a value that
// includes an average (RULES.md#translating).
const averageDigits = 16

// finish converts cells to values, one target after the other.
func (t *translation) finish(yield func(hmis.DataValue, error) bool) {
	of := map[hmis.Operand][]sortedBlock{}
	unitRank := ranks(t.plan.targets, func(a, b hmis.UID) int { return cmp.Compare(a, b) })
	w := valueWriter{t: t, yield: yield, gaps: map[gap][]period.Period{}}
	w.periodRank = ranks(t.targets, func(a, b target) int { return a.period.Compare(b.period) })
	for place := range t.cells.blocks {
		key := t.cells.blocks[place].key
		to := t.plan.entries[key.entry()].to
		of[to] = append(of[to], sortedBlock{unitRank[key.unit()], uint32(place)})
	}
	operands := slices.SortedFunc(maps.Keys(of), func(a, b hmis.Operand) int {
		return cmp.Or(cmp.Compare(a.DataElement, b.DataElement), cmp.Compare(a.OptionCombo, b.OptionCombo))
	})
	for _, to := range operands {
		blocks := of[to]
		slices.SortFunc(blocks, func(a, b sortedBlock) int { return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.place, b.place)) })
		for i := 0; i < len(blocks); {
			end := i + 1
			for end < len(blocks) && blocks[end].unit == blocks[i].unit {
				end++
			}
			if !w.unit(to, blocks[i:end]) {
				return
			}
			i = end
		}
	}
}

// A sortedBlock is a block with the rank of its org unit.
type sortedBlock struct{ unit, place uint32 }

// A sortedCell is a cell of one target and org unit, with a key that sorts it by
// period and entry.
type sortedCell struct {
	key           uint64
	entry, period uint32
	*cell
}

// unit makes the values of one target at one org unit. It returns false if the
// caller has stopped.
func (w *valueWriter) unit(to hmis.Operand, blocks []sortedBlock) bool {
	w.cells = w.cells[:0]
	sorted := true
	for _, s := range blocks {
		b := &w.t.cells.blocks[s.place]
		for i, place := range b.cells {
			if place == 0 {
				continue
			}
			per := b.key.period(i)
			key := uint64(w.periodRank[per])<<entryBits | uint64(b.key.entry())
			sorted = sorted && (len(w.cells) == 0 || w.cells[len(w.cells)-1].key < key)
			w.cells = append(w.cells, sortedCell{key, b.key.entry(), per, w.t.cells.cell(place - 1)})
		}
	}
	if !sorted {
		slices.SortFunc(w.cells, func(a, b sortedCell) int { return cmp.Compare(a.key, b.key) })
	}
	unit := w.t.plan.targets[w.t.cells.blocks[blocks[0].place].key.unit()]
	for i := 0; i < len(w.cells); {
		end := i + 1
		for end < len(w.cells) && w.cells[end].period == w.cells[i].period {
			end++
		}
		if !w.value(to, unit, w.cells[i:end]) {
			return false
		}
		i = end
	}
	return true
}

// ranks returns, for each entry of a list, its position when the list is sorted
// by compare.
func ranks[T any](list []T, compare func(a, b T) int) []uint32 {
	order := make([]uint32, len(list))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return compare(list[a], list[b]) })
	rank := make([]uint32, len(list))
	for i, at := range order {
		rank[at] = uint32(i)
	}
	return rank
}

// A valueWriter converts the cells of one target, org unit and period to a
// value.
type valueWriter struct {
	t          *translation
	yield      func(hmis.DataValue, error) bool
	periodRank []uint32
	cells      []sortedCell
	text       strings.Builder // buffer that the texts of many values share
	room       []byte
	gaps       map[gap][]period.Period // missing periods of each gap seen so far
}

// value makes one value from cells, which are sorted by entry. It returns false
// if the caller has stopped.
func (w *valueWriter) value(to hmis.Operand, unit hmis.UID, cells []sortedCell) bool {
	t := w.t
	of := cells[0].period
	v := hmis.DataValue{Key: hmis.Key{
		DataElement: to.DataElement, OptionCombo: to.OptionCombo, OrgUnit: unit, Period: t.targets[of].period,
	}}
	var total quotient
	made, partial, integer := false, false, false
	for _, c := range cells {
		e := &t.plan.entries[c.entry]
		present, missing := w.missing(c.cell, e.over, of)
		if len(missing) > 0 {
			gap := Loss{Reason: PartialPeriods, Entry: e.id, OrgUnit: v.OrgUnit, Period: v.Period, Missing: missing}
			if t.RequireAll {
				gap.Reason = MissingPeriods
			}
			if t.strict {
				w.yield(hmis.DataValue{}, &gap)
				return false
			}
			t.lost.gaps = append(t.lost.gaps, gap)
			if t.RequireAll {
				continue
			}
			partial = true
		}
		if e.over != hmis.Average {
			present = 1
		}
		total = total.plus(t.cells.sum(c.cell), present)
		if !made {
			made, integer = true, e.integer // the first entry decides about rounding
		}
	}
	if !made {
		return true
	}
	if partial {
		t.lost.partial = append(t.lost.partial, v.Key)
	}
	v.Value = w.write(total, integer)
	return w.yield(v, nil)
}

// missing returns the number of source periods that a cell has, and the periods
// that it lacks. For a stock only the last period counts.
func (w *valueWriter) missing(c *cell, over hmis.Aggregation, at uint32) (present int, missing []period.Period) {
	parts := w.t.targets[at].parts
	stock := over == hmis.Last
	if c.spread == 0 {
		present = bits.OnesCount64(c.present)
		if present == len(parts) || stock && int(c.latest) == len(parts) {
			return present, nil
		}
		// Most gaps are alike, so they share a list.
		gap := gap{at, stock, c.present}
		if list := w.gaps[gap]; list != nil {
			return present, list
		}
		defer func() { w.gaps[gap] = missing }()
	}
	present = 0
	for i := range parts {
		switch {
		case w.t.cells.has(c, i):
			present++
		case !stock || i == len(parts)-1:
			missing = append(missing, parts[i])
		}
	}
	return present, missing
}

// A gap is a target period with the set of its parts that have a value.
type gap struct {
	target  uint32
	stock   bool
	present uint64
}

// A quotient is an exact sum of numbers and averages.
type quotient struct {
	whole    number
	fraction *big.Rat // nil means 0
}

// plus returns q plus sum / n.
func (q quotient) plus(sum number, n int) quotient {
	if n == 1 {
		q.whole = q.whole.plus(sum)
		return q
	}
	part := new(big.Rat).Quo(sum.decimal().Rat(), new(big.Rat).SetInt64(int64(n)))
	if q.fraction != nil {
		part.Add(part, q.fraction)
	}
	q.fraction = part
	return q
}

// write returns a number as text, without trailing zeros.
func (w *valueWriter) write(q quotient, integer bool) string {
	n := q.whole
	if q.fraction != nil {
		sum := new(big.Rat).Add(q.fraction, n.decimal().Rat())
		digits := int32(averageDigits)
		if integer {
			digits = 0
		}
		n = numberOf(decimal.NewFromBigRat(sum, digits))
	}
	if integer {
		n = n.rounded()
	}
	if n.big != nil {
		return n.big.String()
	}
	for n.scale > 0 && n.coef%10 == 0 {
		n.coef, n.scale = n.coef/10, n.scale-1
	}
	w.room = scan.AppendPlain(w.room[:0], n.coef, n.scale)
	return w.keep(w.room)
}

// keep returns text as a string. Many texts share one buffer, so that a value
// needs no allocation.
func (w *valueWriter) keep(text []byte) string {
	const size = 4096
	if w.text.Cap()-w.text.Len() < len(text) {
		w.text = strings.Builder{}
		w.text.Grow(max(size, len(text)))
	}
	start := w.text.Len()
	w.text.Write(text)
	return w.text.String()[start:]
}

// rounded returns n rounded to a whole number, with halves away from zero.
func (n number) rounded() number {
	if n.big != nil {
		return numberOf(n.big.Round(0))
	}
	if n.scale == 0 {
		return n
	}
	by := powers[n.scale]
	whole, rest := n.coef/by, n.coef%by
	switch {
	case rest >= by-rest:
		whole++
	case -rest >= by+rest:
		whole--
	}
	return number{coef: whole}
}
