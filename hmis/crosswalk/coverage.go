package crosswalk

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Level says how fine a target is mapped, in the terms of the PEPFAR data
// alignment activity (RULES.md#coverage).
type Level uint8

// The levels, finest first.
const (
	Fine      Level = iota // to its own disaggregation
	Coarse                 // only by a wider or related source, or in another disaggregation
	NotMapped              // not mapped at all
)

// String returns the level as "fine", "coarse" or "none".
func (l Level) String() string {
	switch l {
	case Fine:
		return "fine"
	case Coarse:
		return "coarse"
	}
	return "none"
}

// A Coverage says how one target is mapped.
type Coverage struct {
	Target  hmis.Operand
	Level   Level
	Entries []Entry // entries with this target, in the order of the map; shared with it
}

// Coverage returns how each target is mapped, in the order of targets. A target
// that is NotMapped has no source. Use [Operands] to list the targets of a
// catalog.
func (m Map) Coverage(targets []hmis.Operand) []Coverage {
	of := map[hmis.Operand][]Entry{}
	mapped := map[hmis.UID]bool{} // data elements with an operand that is mapped
	for _, e := range m.Entries {
		if relation, ok := e.Relation.R5(); ok && relation != Unrelated && e.To.DataElement != "" && len(e.From) > 0 {
			of[e.To] = append(of[e.To], e)
			mapped[e.To.DataElement] = true
		}
	}
	list := make([]Coverage, len(targets))
	for i, target := range targets {
		c := Coverage{Target: target, Level: NotMapped, Entries: of[target]}
		switch {
		case slices.ContainsFunc(c.Entries, isFine):
			c.Level = Fine
		case mapped[target.DataElement]:
			c.Level = Coarse
		}
		list[i] = c
	}
	return list
}

func isFine(e Entry) bool {
	relation, _ := e.Relation.R5()
	return relation == Equivalent || relation == Narrower
}

// Unused returns the sources that feed no target and are not excluded on
// purpose, in their order.
func (m Map) Unused(sources []hmis.Operand) []hmis.Operand {
	p := m.plan()
	return slices.DeleteFunc(slices.Clone(sources), func(o hmis.Operand) bool {
		if o.OptionCombo == "" {
			o.OptionCombo = m.DefaultCombo
		}
		return p.elements[o.DataElement].of(o.OptionCombo) != nil
	})
}

// Operands returns data elements of a catalog with each of their option combos,
// in the order of the catalog. The option combos are those of the element and
// of data sets that override them. Without elements, it returns the operands of
// all data elements.
func Operands(c *hmis.Catalog, elements ...hmis.UID) []hmis.Operand {
	if len(elements) == 0 {
		for e := range hmis.All[hmis.DataElement](c) {
			elements = append(elements, e.ID)
		}
	}
	var list []hmis.Operand
	for _, e := range elements {
		for _, combo := range combosOf(c, e) {
			list = append(list, hmis.Operand{DataElement: e, OptionCombo: combo})
		}
	}
	return list
}

// combosOf returns the option combos that an element may have.
func combosOf(c *hmis.Catalog, element hmis.UID) []hmis.UID {
	combo := c.CategoryCombo(element, "")
	list := slices.Clone(c.OptionCombos(combo))
	for _, set := range c.DataSets(element) {
		if other := c.CategoryCombo(element, set); other != combo {
			for _, one := range c.OptionCombos(other) {
				if !slices.Contains(list, one) {
					list = append(list, one)
				}
			}
		}
	}
	return list
}
