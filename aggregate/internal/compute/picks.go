package compute

import (
	"cmp"

	"github.com/ohie-hmis/hmis-go/period"
)

// picks holds the value that each place picks as it is.
type picks struct {
	won   map[int]candidate
	order int // +1 picks the greatest text, -1 the least, 0 by date
}

// A candidate is a value that competes for a cell.
type candidate struct {
	Amount
	last, first period.Date
	ids         [3]string // ids of org unit, option combo and attribute option combo
	pos         uint32
	segment     int
	source      int
	null        bool // the value is a text, but numbers are asked for
}

// offer adds a value that competes for a place. The latest period wins, or the
// earliest if first is set. Of equal ones the smallest ids of org unit and
// option combos win (aggregate/RULES.md#what-a-server-leaves-open).
func (p *picks) offer(at int, c candidate, first bool) {
	if had, ok := p.won[at]; !ok || p.beats(&c, &had, first) {
		p.won[at] = c
	}
}

func (p *picks) beats(c, d *candidate, first bool) bool {
	if p.order != 0 && c.Text != d.Text {
		return cmp.Compare(c.Text, d.Text) == p.order
	}
	return c.beats(d, first)
}

func (c *candidate) beats(d *candidate, first bool) bool {
	if c.last != d.last {
		return (c.last > d.last) != first
	}
	if c.first != d.first {
		return (c.first > d.first) != first
	}
	for i := range c.ids {
		if c.ids[i] != d.ids[i] {
			return c.ids[i] < d.ids[i]
		}
	}
	return false
}
