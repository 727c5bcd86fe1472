package facilitylist

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A builder makes units of rows, level by level.
type builder struct {
	Format
	ctx      context.Context
	rows     []row
	units    []unit
	above    []int // the unit that each row has named last, or -1
	byID     map[hmis.UID]int
	byCode   map[string]int
	rejected []*RowError
}

// A unit is an org unit with the lines that it comes from.
type unit struct {
	hmis.OrgUnit
	names []string // from the top down to it
	line  int      // the first that names it
	own   int      // the line of the row that is about it, or 0
}

// A place is where rows name a unit: below a parent.
type place struct {
	parent int
	name   string
}

// build returns the units, parents before children.
func (b *builder) build() ([]hmis.OrgUnit, error) {
	b.byID, b.byCode = make(map[hmis.UID]int), make(map[string]int)
	b.above = make([]int, len(b.rows))
	for i := range b.above {
		b.above[i] = -1
	}
	for level := range b.Levels {
		if err := b.ctx.Err(); err != nil {
			return nil, err
		}
		b.level(level)
	}
	slices.SortStableFunc(b.rejected, func(x, y *RowError) int { return cmp.Compare(x.Line, y.Line) })
	for _, bad := range b.rejected {
		if err := b.reject(bad); err != nil {
			return nil, err
		}
	}
	out := make([]hmis.OrgUnit, len(b.units))
	for i, u := range b.units {
		out[i] = u.OrgUnit
	}
	return out, nil
}

// drop rejects a row.
func (b *builder) drop(n int, bad *RowError) {
	bad.Line = b.rows[n].line
	b.rows[n].bad = true
	b.rejected = append(b.rejected, bad)
}

// level makes the units of one level.
func (b *builder) level(level int) {
	var order []place
	at := make(map[place][]int)
	for n := range b.rows {
		r := &b.rows[n]
		if r.bad || r.cells[level].name == "" {
			continue
		}
		p := place{b.above[n], r.cells[level].name}
		if at[p] == nil {
			order = append(order, p)
		}
		at[p] = append(at[p], n)
	}
	for _, p := range order {
		b.place(level, p, at[p])
	}
}

// place makes the units that rows name at one place. It is one, unless they give
// it several ids or codes.
func (b *builder) place(level int, p place, rows []int) {
	kinds := b.kinds(level, rows)
	made := make([]int, len(kinds)) // the units; -1: not made yet, -2: refused
	refusal := make([]*RowError, len(kinds))
	for i := range made {
		made[i] = -1
	}
	for _, n := range rows {
		k, several := which(kinds, b.rows[n].cells[level])
		if several {
			b.drop(n, &RowError{
				Column: b.Levels[level].Name, Text: p.name,
				Err: errors.New("several units there have this name: want the id or code of one"),
			})
			continue
		}
		if made[k] == -1 {
			made[k], refusal[k] = b.make(level, p, kinds[k], b.rows[n].line)
		}
		if made[k] < 0 {
			bad := *refusal[k]
			b.drop(n, &bad)
			continue
		}
		b.above[n] = made[k]
		u := &b.units[made[k]]
		switch {
		case b.rows[n].last != level:
		case u.own > 0:
			b.drop(n, &RowError{
				Column: b.Levels[level].Name, Text: p.name, Other: u.own, Err: fmt.Errorf("also at line %d", u.own),
			})
		default:
			u.own = b.rows[n].line
			b.rows[n].about.give(&u.OrgUnit)
		}
	}
}

// kinds returns the ids and codes that rows give to the units of one name below
// one parent. A blank id or code could be any, so it makes no unit of its own if
// there is another.
func (b *builder) kinds(level int, rows []int) []mention {
	var kinds []mention
	ids, codes := make(map[string]bool), make(map[string]bool)
	seen := make(map[mention]bool)
	for _, n := range rows {
		m := b.rows[n].cells[level]
		if seen[m] {
			continue
		}
		seen[m] = true
		kinds = append(kinds, m)
		ids[m.id], codes[m.code] = true, true
	}
	delete(ids, "")
	delete(codes, "")
	if len(ids) <= 1 && len(codes) <= 1 {
		one := mention{name: kinds[0].name}
		for _, m := range kinds {
			one.id, one.code = cmp.Or(one.id, m.id), cmp.Or(one.code, m.code)
		}
		return []mention{one}
	}
	return slices.DeleteFunc(slices.Clone(kinds), func(m mention) bool {
		return slices.ContainsFunc(kinds, func(other mention) bool { return other != m && m.fits(other) })
	})
}

// fits reports whether m could be about the unit of other.
func (m mention) fits(other mention) bool {
	return (m.id == "" || m.id == other.id) && (m.code == "" || m.code == other.code)
}

// which returns the one of kinds that a row is about.
func which(kinds []mention, m mention) (k int, several bool) {
	k = -1
	for i, other := range kinds {
		if m.fits(other) {
			if k >= 0 {
				return 0, true
			}
			k = i
		}
	}
	return k, false
}

// make adds a unit. If its id or code is that of another, it returns why not.
func (b *builder) make(level int, p place, m mention, line int) (int, *RowError) {
	u := unit{line: line, OrgUnit: hmis.OrgUnit{ID: hmis.UID(m.id), Code: m.code, Name: p.name, Parent: b.Below}}
	if p.parent >= 0 {
		u.Parent = b.units[p.parent].ID
		u.names = slices.Clip(b.units[p.parent].names)
	}
	u.names = append(u.names, p.name)
	id := u.ID
	if id == "" {
		id = b.madeID(m.code, u.names)
	}
	u.ID = id
	if first, again := b.byCode[m.code]; again && m.code != "" {
		return -2, b.twice(b.Levels[level].Code, m.code, u, b.units[first])
	}
	if first, again := b.byID[id]; again {
		if m.id != "" {
			return -2, b.twice(b.Levels[level].ID, m.id, u, b.units[first])
		}
		return -2, b.twice(b.Levels[level].Name, p.name, u, b.units[first])
	}
	if id == b.Below {
		return -2, &RowError{Column: b.Levels[level].ID, Text: m.id, Err: errors.New("the id of the unit above the list")}
	}
	n := len(b.units)
	b.units = append(b.units, u)
	b.byID[id] = n
	if m.code != "" {
		b.byCode[m.code] = n
	}
	return n, nil
}

// twice is the error of a row that places a unit a second time.
func (b *builder) twice(heading, text string, u, first unit) *RowError {
	how := "with another name"
	if u.Parent != first.Parent {
		how = "below another parent"
	}
	return &RowError{
		Column: heading, Text: text, Other: first.line, Err: fmt.Errorf("also at line %d, %s", first.line, how),
	}
}
