package objects

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api/internal/fields"
)

// A plan says how the objects of a kind are written.
type plan struct{ steps []step }

// A step writes one property.
type step struct {
	property   *property
	name       string // as it is written
	nested     *plan  // for objects and parts
	transforms []fields.Transform
}

// compile makes the plan for a list of fields. Names that the kind does not
// have are left out. The members are in the order of the table, or for the
// newer engine in that of the list.
func compile(k *kind, list fields.List, newer bool) *plan {
	pl := new(plan)
	whole := slices.Concat(everything, excluded(list))
	for _, f := range list {
		switch {
		case f.Exclude:
		case f.Preset:
			for _, p := range k.properties {
				if p.in(f.Name) && !pl.has(p) {
					pl.steps = append(pl.steps, newStep(p, fields.Field{Name: p.name}, whole))
				}
			}
		default:
			p := k.byName[f.Name]
			if p == nil {
				continue
			}
			one := newStep(p, f, whole)
			pl.steps = slices.DeleteFunc(pl.steps, func(s step) bool { return s.property == p && s.name == one.name })
			pl.steps = append(pl.steps, one)
		}
	}
	for _, f := range list {
		if f.Exclude {
			pl.steps = slices.DeleteFunc(pl.steps, func(s step) bool {
				return s.property.name == f.Name || f.Preset && s.property.in(f.Name)
			})
		}
	}
	if !newer {
		slices.SortStableFunc(pl.steps, func(a, b step) int { return a.property.index - b.property.index })
	}
	return pl
}

// onlyOf leaves out what another kind does not have, and addresses.
func (pl *plan) onlyOf(k *kind) *plan {
	pl.steps = slices.DeleteFunc(pl.steps, func(s step) bool {
		return s.property.name == "href" || k.byName[s.property.name] == nil
	})
	return pl
}

func (pl *plan) has(p *property) bool {
	return slices.ContainsFunc(pl.steps, func(s step) bool { return s.property == p })
}

var (
	everything = fields.List{{Name: "all", Preset: true}}
	idOnly     = fields.List{{Name: "id"}}
)

// excluded returns the exclusions of a list, which hold inside its parts too.
func excluded(list fields.List) fields.List {
	return slices.DeleteFunc(slices.Clone(list), func(f fields.Field) bool { return !f.Exclude })
}

// newStep returns the step that writes a property. whole has the fields of its
// parts if the field does not say.
func newStep(p *property, f fields.Field, whole fields.List) step {
	s := step{property: p, name: p.name, transforms: f.Transforms}
	for _, t := range f.Transforms {
		if t.Name == "rename" && len(t.Args) > 0 {
			s.name = t.Args[0]
		}
	}
	switch {
	case p.target == nil:
	case f.Nested:
		s.nested = compile(p.target, f.Fields, false)
	case p.target.part:
		s.nested = compile(p.target, whole, false)
	default:
		s.nested = compile(p.target, idOnly, false)
	}
	return s
}
