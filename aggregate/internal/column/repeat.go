package column

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// A Repeat is a value that was staged for a segment and position that had a
// different one already. Values are numbered in the order of staging.
type Repeat struct {
	Key
	Pos            uint32
	Earlier, Later int
	Texts          [2]string // earlier and later value; a number is in plain form
}

// Repeats calls do with each repeat, by segment and position. A deletion is no
// repeat. The Builder does not change.
func (b *Builder) Repeats(do func(Repeat)) {
	rows := make([]row, 0, b.n)
	for _, block := range b.blocks {
		rows = append(rows, block...)
	}
	next := make([]int, len(b.keys)+1) // index of the next row of each segment
	for i := range rows {
		next[rows[i].segment+1]++
	}
	for i := range b.keys {
		next[i+1] += next[i]
	}
	order := make([]int, len(rows)) // rows by segment
	for i := range rows {
		order[next[rows[i].segment]] = i
		next[rows[i].segment]++
	}
	first := 0
	for segment, end := range next[:len(b.keys)] {
		if b.stopped() {
			return
		}
		list := order[first:end]
		slices.SortFunc(list, func(i, j int) int { return cmp.Or(cmp.Compare(rows[i].pos, rows[j].pos), cmp.Compare(i, j)) })
		for n := 1; n < len(list); n++ {
			x, y := &rows[list[n-1]], &rows[list[n]]
			if x.pos == y.pos && b.differ(x, y) {
				do(Repeat{Key: b.keys[segment], Pos: x.pos, Earlier: list[n-1], Later: list[n], Texts: [2]string{b.text(x), b.text(y)}})
			}
		}
		first = end
	}
}

// differ reports whether two rows hold different values.
func (b *Builder) differ(x, y *row) bool {
	if x.packed&15 != beside && y.packed&15 != beside {
		return x.packed != y.packed
	}
	v, w := b.other(x), b.other(y)
	switch {
	case v.Deleted || w.Deleted:
		return false
	case v.Numeric && w.Numeric:
		return !v.Number.Equal(w.Number)
	}
	return v.Text != w.Text
}

// other returns the value of a row, a plain number too.
func (b *Builder) other(r *row) Other {
	if r.packed&15 == beside {
		return b.others[r.packed>>4]
	}
	d := decimal.New(r.packed>>4, -int32(r.packed&15))
	return Other{Text: d.String(), Number: d, Numeric: true}
}

func (b *Builder) text(r *row) string { return b.other(r).Text }
