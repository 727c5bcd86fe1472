package crosswalk

import (
	"cmp"
	"math/big"
	"math/bits"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// averageDigits are the digits behind the point of an average that does not end.
const averageDigits = 16

// finish turns cells into values, one target after the other.
func (t *translation) finish(yield func(hmis.DataValue, error) bool) {
	of := map[hmis.Operand][]sortedCell{}
	unitRank := ranks(t.plan.targets, func(a, b hmis.UID) int { return cmp.Compare(a, b) })
	periodRank := ranks(t.targets, func(a, b target) int { return a.period.Compare(b.period) })
	for place, key := range t.keys {
		entry, unit, per := key>>(unitBits+periodBits), key>>periodBits&(maxUnits-1), key&(maxPeriods-1)
		to := t.plan.entries[entry].to
		of[to] = append(of[to], sortedCell{
			cellKey(unitRank[unit], periodRank[per], 0)>>periodBits<<entryBits | entry, uint32(place),
		})
	}
	operands := make([]hmis.Operand, 0, len(of))
	for to := range of {
		operands = append(operands, to)
	}
	slices.SortFunc(operands, func(a, b hmis.Operand) int {
		return cmp.Or(cmp.Compare(a.DataElement, b.DataElement), cmp.Compare(a.OptionCombo, b.OptionCombo))
	})
	w := valueWriter{t: t, yield: yield, gaps: map[gap][]period.Period{}}
	for _, to := range operands {
		cells := of[to]
		slices.SortFunc(cells, func(a, b sortedCell) int { return cmp.Compare(a.key, b.key) })
		for i := 0; i < len(cells); {
			end := i + 1
			for end < len(cells) && cells[end].key>>entryBits == cells[i].key>>entryBits {
				end++
			}
			if !w.value(to, cells[i:end]) {
				return
			}
			i = end
		}
	}
}

// A sortedCell is a cell of one target, with a key that sorts it by org unit,
// period and entry.
type sortedCell struct {
	key   uint64
	place uint32
}

// ranks returns the rank of each member of a list in the order of compare.
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

// A valueWriter makes values of the cells of one target at one org unit in one
// period.
type valueWriter struct {
	t     *translation
	yield func(hmis.DataValue, error) bool
	text  strings.Builder // many values share one string
	room  []byte
	gaps  map[gap][]period.Period // the missing parts
}

// value makes one value of cells, which are in order of their entries. It returns
// false if the stream has ended.
func (w *valueWriter) value(to hmis.Operand, cells []sortedCell) bool {
	t := w.t
	key := t.keys[cells[0].place]
	of := t.targets[key&(maxPeriods-1)]
	v := hmis.DataValue{Key: hmis.Key{
		DataElement: to.DataElement, OptionCombo: to.OptionCombo,
		OrgUnit: t.plan.targets[key>>periodBits&(maxUnits-1)], Period: of.period,
	}}
	var total quotient
	made, partial, integer := false, false, false
	for _, s := range cells {
		c := &t.list[s.place]
		e := &t.plan.entries[t.keys[s.place]>>(unitBits+periodBits)]
		present, missing := w.missing(c, e.over, uint32(key&(maxPeriods-1)))
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
		total = total.plus(c.sum, present)
		if !made {
			made, integer = true, e.integer // the first entry decides
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

// missing returns how many source periods of a cell are there, and those that are
// not. Of a stock only the last one matters.
func (w *valueWriter) missing(c *cell, over hmis.Aggregation, at uint32) (present int, missing []period.Period) {
	parts := w.t.targets[at].parts
	stock := over == hmis.Last
	if c.spread == 0 {
		present = bits.OnesCount64(c.present)
		if present == len(parts) || stock && int(c.latest) == len(parts) {
			return present, nil
		}
		// Most gaps are alike, and share one list.
		gap := gap{at, stock, c.present}
		if list := w.gaps[gap]; list != nil {
			return present, list
		}
		defer func() { w.gaps[gap] = missing }()
	}
	present = 0
	for i := range parts {
		switch {
		case w.t.has(c, i):
			present++
		case !stock || i == len(parts)-1:
			missing = append(missing, parts[i])
		}
	}
	return present, missing
}

// A gap is a target period with those parts of it that are there.
type gap struct {
	target  uint32
	stock   bool
	present uint64
}

// A quotient is an exact sum of averages: a number or, if an average does not
// end, a fraction.
type quotient struct {
	whole    number
	fraction *big.Rat // nil is 0
}

// plus adds sum / n.
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

// write returns the text of a number, without zeros behind the last digit.
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

// keep returns text as a string. Many share one, so that a value takes no
// allocation of its own.
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

// rounded returns n as a whole number, halves away from zero.
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
