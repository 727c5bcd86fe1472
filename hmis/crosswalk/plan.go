package crosswalk

import (
	"cmp"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A plan is a map made ready: for each source, what becomes of its values.
type plan struct {
	elements map[hmis.UID]*elementPlan
	units    map[hmis.UID]uint32 // number of the target
	targets  []hmis.UID          // org units by number
	entries  []entry             // in order of id
}

// An elementPlan says what becomes of the values of one data element.
type elementPlan struct {
	combos map[hmis.UID]*fate // option combos that entries name
	other  *fate              // any other one; nil is unmapped
}

// A fate is what becomes of the values of one source. Without uses they are
// refused by some entries or, if there are none, excluded.
type fate struct {
	uses    []use
	refused []uint32
}

// A use is one entry to which a source contributes.
type use struct {
	entry  uint32
	once   bool // the weight is 1
	weight number
}

// An entry is an Entry as the translation needs it.
type entry struct {
	id      string
	to      hmis.Operand
	over    hmis.Aggregation
	integer bool
}

// plan indexes the map, which has no critical issue.
func (m *Map) plan() *plan {
	p := &plan{elements: map[hmis.UID]*elementPlan{}}
	order := make([]int, 0, len(m.Entries))
	for i := range m.Entries {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(m.Entries[a].ID, m.Entries[b].ID) })

	var sources []source
	for n, i := range order {
		e := &m.Entries[i]
		p.entries = append(p.entries, entry{e.ID, e.To, cmp.Or(e.Over, hmis.Sum), e.Integer})
		relation, _ := e.Relation.R5()
		if relation != Unrelated && e.To.DataElement == "" {
			continue
		}
		for j := range e.From {
			s := &e.From[j]
			if slices.ContainsFunc(e.From[:j], func(o Source) bool { return o.Operand == s.Operand }) {
				continue // reported by Check
			}
			one := source{Operand: s.Operand, entry: uint32(n)}
			switch {
			case relation == Unrelated:
			case relation == Related && !m.AllowInexact, relation == Broader && s.Weight == nil:
				one.refused = true
			default:
				one.use = &use{entry: uint32(n), once: true, weight: number{coef: 1}}
				if s.Weight != nil {
					one.use.weight = numberOf(*s.Weight)
					one.use.once = one.use.weight == number{coef: 1}
				}
			}
			sources = append(sources, one)
		}
	}
	p.index(sources)
	p.units = make(map[hmis.UID]uint32, len(m.OrgUnits))
	numbers := make(map[hmis.UID]uint32, len(m.OrgUnits))
	for _, pair := range m.OrgUnits {
		n, met := numbers[pair.Target]
		if !met {
			n = uint32(len(p.targets))
			numbers[pair.Target] = n
			p.targets = append(p.targets, pair.Target)
		}
		p.units[pair.Source] = n
	}
	return p
}

// A source is one source of one entry. It has a use, or is refused, or is
// excluded.
type source struct {
	hmis.Operand
	entry   uint32
	use     *use
	refused bool
}

// index gathers the sources of each data element. Of one entry, a source with the
// option combo of a value goes over a source with any.
func (p *plan) index(sources []source) {
	of := map[hmis.UID][]source{}
	for _, s := range sources {
		of[s.DataElement] = append(of[s.DataElement], s)
	}
	for element, list := range of {
		e := &elementPlan{combos: map[hmis.UID]*fate{}}
		p.elements[element] = e
		byCombo := map[hmis.UID][]source{}
		for _, s := range list {
			byCombo[s.OptionCombo] = append(byCombo[s.OptionCombo], s)
		}
		anyOne := byCombo[""]
		if len(anyOne) > 0 {
			e.other = fateOf(anyOne)
		}
		for combo, named := range byCombo {
			if combo == "" {
				continue
			}
			own := make(map[uint32]bool, len(named))
			for _, s := range named {
				own[s.entry] = true
			}
			for _, s := range anyOne {
				if !own[s.entry] {
					named = append(named, s)
				}
			}
			e.combos[combo] = fateOf(named)
		}
	}
}

func fateOf(sources []source) *fate {
	f := &fate{}
	for _, s := range sources {
		switch {
		case s.use != nil:
			f.uses = append(f.uses, *s.use)
		case s.refused:
			f.refused = append(f.refused, s.entry)
		}
	}
	return f
}

// of returns what becomes of the values with an option combo, or nil if no entry
// has them. The receiver may be nil.
func (e *elementPlan) of(combo hmis.UID) *fate {
	if e == nil {
		return nil
	}
	if len(e.combos) > 0 {
		if f := e.combos[combo]; f != nil {
			return f
		}
	}
	return e.other
}

// targetOf returns the period of type to that contains the first day of p.
func targetOf(to period.Type, p period.Period) period.Period {
	if p.Type() == to {
		return p
	}
	return p.Calendar().On(to, p.First())
}

// partsOf returns the periods of type from that begin in target.
func partsOf(from, to period.Type, target period.Period) []period.Period {
	if from == to {
		return []period.Period{target}
	}
	var parts []period.Period
	for p := target.Calendar().On(from, target.First()); !p.IsZero() && p.First() <= target.Last(); p = p.Add(1) {
		if targetOf(to, p) == target {
			parts = append(parts, p)
		}
	}
	return parts
}
