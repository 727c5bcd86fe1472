package crosswalk

import (
	"fmt"
	"iter"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// Values translates values (RULES.md#translating). The result is sorted by data
// element, option combo, org unit and period. It has the default attribute
// option combo: values of all attribute option combos of the source are added
// up.
//
// The first result comes after values has ended. Until then one number is held
// for each entry, org unit and period. values must not repeat a key. The stream
// can be walked again if values can.
//
// rest is complete at the end. If it is nil, the first lost value ends the
// stream with a *[Loss], unless it is excluded on purpose. A map with critical
// issues is an error: see [Map.Check].
func (m Map) Values(values iter.Seq2[hmis.DataValue, error], rest *Rest) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		if err := m.fatal(); err != nil {
			yield(hmis.DataValue{}, err)
			return
		}
		t := newTranslation(&m, rest == nil)
		if rest != nil {
			defer t.fill(rest)
		}
		for v, err := range values {
			if err == nil {
				err = t.add(&v)
			}
			if err != nil {
				yield(hmis.DataValue{}, err)
				return
			}
		}
		t.finish(yield)
	}
}

// A translation is the state of one walk over values.
type translation struct {
	*Map
	plan   *plan
	strict bool
	lost   *losses
	cells  *cells

	// The last value's objects. Consecutive values mostly share them.
	last    period.Period
	at      slot
	element *elementPlan
	named   hmis.UID // the data element of the field element
	unit    uint32
	source  hmis.UID // the org unit of the field unit

	periods map[period.Period]slot
	targets []target
}

// A slot locates a source period: a target period and the index of a part of
// it.
type slot struct {
	target, part uint32
	foreign      bool // its type is not that of the map
}

// A target is a target period with the source periods that make it up.
type target struct {
	period period.Period
	parts  []period.Period
}

func newTranslation(m *Map, strict bool) *translation {
	if m.To == 0 {
		m.To = m.From
	}
	if m.Memory == 0 {
		m.Memory = 2 << 30
	}
	plan := m.plan()
	return &translation{
		Map: m, plan: plan, strict: strict, periods: map[period.Period]slot{}, lost: newLosses(), cells: newCells(len(plan.entries)),
	}
}

// add counts one value and adds it to the entries that use it. The order of the
// checks decides which loss is reported (RULES.md#losses).
func (t *translation) add(v *hmis.DataValue) error {
	if v.Deleted {
		t.lost.deleted++
		return nil
	}
	t.lost.read++
	n, ok := read(v.Value)
	if !ok {
		return t.lose(NonNumeric, v, n)
	}
	t.lost.volume = t.lost.volume.plus(n)
	if v.OptionCombo == "" {
		v.OptionCombo = t.DefaultCombo
	}
	if v.DataElement != t.named || t.element == nil {
		t.element, t.named = t.plan.elements[v.DataElement], v.DataElement
	}
	f := t.element.of(v.OptionCombo)
	switch {
	case f == nil:
		return t.lose(UnmappedData, v, n)
	case len(f.uses) > 0:
	case len(f.refused) > 0:
		return t.refuse(f)
	default:
		return t.lose(Excluded, v, n)
	}
	if v.OrgUnit != t.source || t.lost.mapped == 0 {
		unit, ok := t.unitOf(v.OrgUnit)
		if !ok {
			return t.lose(UnmappedOrgUnit, v, n)
		}
		t.unit, t.source = unit, v.OrgUnit
	}
	if v.Period != t.last || t.lost.mapped == 0 {
		t.at, t.last = t.slotOf(v.Period), v.Period
	}
	if t.at.foreign {
		return t.lose(OtherPeriodType, v, n)
	}
	t.lost.mapped++
	t.lost.mappedVolume = t.lost.mappedVolume.plus(n)
	for i := range f.uses {
		u := &f.uses[i]
		part := n
		if !u.once {
			part = n.times(u.weight)
		}
		c := t.cells.at(u.entry, t.unit, t.at.target, len(t.targets[t.at.target].parts))
		t.cells.add(c, t.at.part, part, t.plan.entries[u.entry].over == hmis.Last)
	}
	return t.tooMuch()
}

// unitOf returns the number of the target unit for a source unit. ok is false
// if it has none.
func (t *translation) unitOf(source hmis.UID) (unit uint32, ok bool) {
	unit, ok = t.plan.units[source]
	if !ok && t.SameOrgUnits {
		unit, ok = uint32(len(t.plan.targets)), true
		t.plan.units[source] = unit
		t.plan.targets = append(t.plan.targets, source)
	}
	return unit, ok
}

// tooMuch returns an error if the translation holds more memory than allowed.
func (t *translation) tooMuch() error {
	switch {
	case len(t.plan.entries) > maxEntries:
		return fmt.Errorf("crosswalk: %d entries, want at most %d", len(t.plan.entries), maxEntries)
	case len(t.plan.targets) > maxUnits:
		return fmt.Errorf("crosswalk: value %d: more than %d org units", t.lost.read, maxUnits)
	case len(t.targets) > maxPeriods:
		return fmt.Errorf("crosswalk: value %d: more than %d periods", t.lost.read, maxPeriods)
	case int64(t.cells.held()+t.lost.held()) > t.Memory:
		return fmt.Errorf("crosswalk: value %d: the results take more than %d bytes", t.lost.read, t.Memory)
	}
	return nil
}

// slotOf returns the target period of p, and which part of it p is.
func (t *translation) slotOf(p period.Period) slot {
	if at, met := t.periods[p]; met {
		return at
	}
	if t.From != 0 && p.Type() != t.From || p.IsZero() {
		return slot{foreign: true}
	}
	of := target{period: p, parts: []period.Period{p}}
	if t.From != t.To {
		of.period = targetOf(t.To, p)
		of.parts = partsOf(t.From, t.To, of.period)
	}
	if of.period.IsZero() { // beyond the end of the calendar
		return slot{foreign: true}
	}
	n := uint32(len(t.targets))
	t.targets = append(t.targets, of)
	for i, part := range of.parts {
		t.periods[part] = slot{target: n, part: uint32(i)}
	}
	return t.periods[p]
}
