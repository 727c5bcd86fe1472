package crosswalk

import (
	"maps"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// listed limits how many values that are not numbers are listed.
const listed = 100_000

// losses counts the values that a translation loses, by reason.
type losses struct {
	read, mapped, excluded, deleted, hidden int
	volume, mappedVolume                    number

	data      map[hmis.Operand]*count // an operand is either unmapped or excluded
	units     map[hmis.UID]*count
	refusedBy map[uint32]int // counts of refused values, by entry
	types     map[period.Type]int
	texts     []Loss // values that are not numbers
	gaps      []Loss // missing source periods
	partial   []hmis.Key
}

type count struct {
	values   int
	total    number
	excluded bool
}

func newLosses() *losses {
	return &losses{
		data: map[hmis.Operand]*count{}, units: map[hmis.UID]*count{}, refusedBy: map[uint32]int{}, types: map[period.Type]int{},
	}
}

// held estimates the bytes that the counts take.
func (l *losses) held() int { return (len(l.data) + len(l.units)) * 160 }

// lose counts a value that is lost. It returns the loss as an error if nothing
// may be lost.
func (t *translation) lose(why Reason, v *hmis.DataValue, n number) error {
	l := t.lost
	operand := hmis.Operand{DataElement: v.DataElement, OptionCombo: v.OptionCombo}
	switch why {
	case UnmappedData, Excluded:
		if l.data[operand] == nil {
			l.data[operand] = &count{excluded: why == Excluded}
		}
		l.data[operand].add(n)
	case UnmappedOrgUnit:
		if l.units[v.OrgUnit] == nil {
			l.units[v.OrgUnit] = &count{}
		}
		l.units[v.OrgUnit].add(n)
	case OtherPeriodType:
		l.types[v.Period.Type()]++
	case NonNumeric:
		if len(l.texts) < listed {
			l.texts = append(l.texts, Loss{Reason: why, Operand: operand, OrgUnit: v.OrgUnit, Period: v.Period, Count: 1})
		} else {
			l.hidden++
		}
	}
	if why == Excluded {
		l.excluded++
	} else if t.strict {
		return &Loss{
			Reason: why, Operand: operand, OrgUnit: v.OrgUnit, Period: v.Period, Type: v.Period.Type(), Count: 1, Total: n.decimal(),
		}
	}
	return t.tooMuch()
}

// refuse counts a value whose entries all may not use it.
func (t *translation) refuse(f *fate) error {
	for _, e := range f.refused {
		t.lost.refusedBy[e]++
	}
	if t.strict {
		return &Loss{Reason: InexactNotAllowed, Entry: t.plan.entries[f.refused[0]].id, Count: 1}
	}
	return nil
}

func (c *count) add(n number) {
	c.values++
	c.total = c.total.plus(n)
}

// fill copies the losses to r.
func (t *translation) fill(r *Rest) {
	l := t.lost
	*r = Rest{
		Read: l.read, Mapped: l.mapped, Excluded: l.excluded, Unmapped: l.read - l.mapped - l.excluded, Deleted: l.deleted,
		Volume: l.volume.decimal(), MappedVolume: l.mappedVolume.decimal(), Partial: l.partial, Hidden: l.hidden,
	}
	for operand, c := range l.data {
		why := UnmappedData
		if c.excluded {
			why = Excluded
		}
		r.Losses = append(r.Losses, Loss{Reason: why, Operand: operand, Count: c.values, Total: c.total.decimal()})
	}
	for unit, c := range l.units {
		r.Losses = append(r.Losses, Loss{Reason: UnmappedOrgUnit, OrgUnit: unit, Count: c.values, Total: c.total.decimal()})
	}
	for _, e := range slices.Sorted(maps.Keys(l.refusedBy)) {
		r.Losses = append(r.Losses, Loss{Reason: InexactNotAllowed, Entry: t.plan.entries[e].id, Count: l.refusedBy[e]})
	}
	for typ, n := range l.types {
		r.Losses = append(r.Losses, Loss{Reason: OtherPeriodType, Type: typ, Count: n})
	}
	r.Losses = append(append(r.Losses, l.texts...), l.gaps...)
	slices.SortStableFunc(r.Losses, compareLosses)
}
