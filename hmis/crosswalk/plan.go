package crosswalk

import (
	"cmp"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A plan is an indexed map. For each source it has what happens to its values.
type plan struct {
	elements map[hmis.UID]*elementPlan
	units    map[hmis.UID]uint32 // number of the target of each source org unit
	targets  []hmis.UID          // target org units by number
	entries  []entry             // sorted by id
}

// An elementPlan says what happens to the values of one data element.
type elementPlan struct {
	combos map[hmis.UID]*fate // by option combo that an entry names
	other  *fate              // for any other option combo; nil means unmapped
}

// A fate says what happens to the values of one source. If there are no uses,
// the values are refused by some entries or, if refused is empty, excluded.
type fate struct {
	uses    []use
	refused []uint32
}

// A use is one entry to which a source contributes.
type use struct {
	entry  uint32
	once   bool // the weight is 1, so no multiplication is needed
	weight number
}

// An entry is an Entry with only the fields that the translation needs.
type entry struct {
	id      string
	to      hmis.Operand
	over    hmis.Aggregation
	integer bool
}

// plan indexes the map. The map must have no critical issues.
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
				continue // Check reports it
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

// A source is one source of one entry. It is used, refused or excluded.
type source struct {
	hmis.Operand
	entry   uint32
	use     *use
	refused bool
}

// index groups the sources by data element. Within an entry, a source that
// names the option combo has priority over one that accepts any.
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

// of returns what happens to values with an option combo, or nil if they are
// unmapped. The receiver may be nil.
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
