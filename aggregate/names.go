package aggregate

import (
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A naming has the names of the objects in an answer. The zero naming has none
// and returns ids.
type naming struct{ catalog *hmis.Catalog }

// none reports whether there are no names.
func (n naming) none() bool { return n.catalog == nil }

// data returns the name of a data item without its modifiers.
func (n naming) data(item indicator.Item) string {
	if n.none() || item == (indicator.Item{}) {
		return itemText(item)
	}
	return item.Name(n.catalog)
}

// object returns the name of an object.
func (n naming) object(kind hmis.Kind, id hmis.UID) string {
	if n.none() {
		return string(id)
	}
	return n.catalog.Name(hmis.Ref{Kind: kind, ID: id})
}

func (n naming) unit(id hmis.UID) string { return n.object(hmis.KindOrgUnit, id) }

// operand returns the data element and the option combos of a value, without
// the default ones.
func (n naming) operand(k hmis.Key) indicator.Item {
	item := indicator.Item{
		Kind: indicator.DataElementItem, ID: k.DataElement,
		OptionCombo: k.OptionCombo, AttributeCombo: k.AttributeCombo,
	}
	for _, combo := range []*hmis.UID{&item.OptionCombo, &item.AttributeCombo} {
		if *combo == n.catalog.DefaultOptionCombo() {
			*combo = ""
		}
	}
	return item
}

// any returns the name of an item of some axis.
func (n naming) any(id hmis.UID) string {
	if n.none() {
		return string(id)
	}
	for _, kind := range []hmis.Kind{
		hmis.KindOptionCombo, hmis.KindCategoryOption, hmis.KindCategoryOptionGroup,
		hmis.KindDataElementGroup, hmis.KindOrgUnitGroup,
	} {
		if r := (hmis.Ref{Kind: kind, ID: id}); n.catalog.Has(r) {
			return n.catalog.Name(r)
		}
	}
	return string(id)
}

// period returns the name of a period in English.
func (n naming) period(p period.Period) string {
	if n.none() {
		return p.String()
	}
	return p.Name()
}

// axis returns the name of an axis.
func (n naming) axis(id hmis.UID) string {
	switch {
	case n.none():
	case id == OptionCombos:
		return "Category option combo"
	case id == AttributeCombos:
		return "Attribute option combo"
	default:
		kind, _ := n.kinds(id)
		return n.object(kind, id)
	}
	return string(id)
}

// item returns the name of an item of an axis.
func (n naming) item(axis, id hmis.UID) string {
	if n.none() {
		return string(id)
	}
	_, kind := n.kinds(axis)
	return n.object(kind, id)
}

// kinds returns the kind of an axis and that of its items.
func (n naming) kinds(axis hmis.UID) (of, items hmis.Kind) {
	if axis == OptionCombos || axis == AttributeCombos {
		return "", hmis.KindOptionCombo
	}
	set, _ := hmis.Find[hmis.GroupSet](n.catalog, axis)
	switch set.Kind {
	case hmis.KindOrgUnitGroupSet:
		return set.Kind, hmis.KindOrgUnitGroup
	case hmis.KindDataElementGroupSet:
		return set.Kind, hmis.KindDataElementGroup
	case hmis.KindCategoryOptionGroupSet:
		return set.Kind, hmis.KindCategoryOptionGroup
	}
	return hmis.KindCategory, hmis.KindCategoryOption
}

// WithNames returns the same table for people: its text has names instead of
// ids, its CSV has a column of names after each column of ids, and its JSON has
// the names in metaData. They are the names in c; [hmis.Catalog.In] gives a
// catalog in another language. The names of periods are English.
func (t *Table) WithNames(c *hmis.Catalog) *Table {
	named := *t
	named.names = naming{c}
	return &named
}

// WithNames returns the same explanation for people: its text has names instead
// of ids, and its JSON has the names in a member "names". They are the names in
// c; [hmis.Catalog.In] gives a catalog in another language.
func (e *Explanation) WithNames(c *hmis.Catalog) *Explanation {
	named := *e
	named.names = naming{c}
	return &named
}
