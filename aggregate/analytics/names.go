package analytics

import (
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A namer returns the names or the short names of objects, whichever the
// request wants.
type namer struct {
	catalog *hmis.Catalog
	short   bool
}

// object returns the name of an object, or its id if it has none.
func (n namer) object(kind hmis.Kind, id hmis.UID) string {
	r := hmis.Ref{Kind: kind, ID: id}
	if n.short {
		return n.catalog.ShortName(r)
	}
	return n.catalog.Name(r)
}

// data returns the name of a data item. For a reporting rate it is the name of
// the data set and the metric in words. For an operand it is the names of its
// parts.
//
// In an operand the default option combo has no name. It is written as a star
// if an attribute option combo follows.
func (n namer) data(i indicator.Item) string {
	name := n.object(kindOf(i.Kind), i.ID)
	if i.Rate != "" {
		words := strings.ToLower(strings.ReplaceAll(string(i.Rate), "_", " "))
		return name + " - " + strings.ToUpper(words[:1]) + words[1:]
	}
	combo, attr := n.part(i.OptionCombo), n.part(i.AttributeCombo)
	switch {
	case attr != "" && combo != "":
		return name + " " + combo + " " + attr
	case attr != "":
		return name + " " + anyCombo + " " + attr
	case combo != "":
		return name + " " + combo
	}
	return name
}

// part returns the name of an option combo in an operand. It returns "" for a
// wildcard and for the default option combo.
func (n namer) part(combo hmis.UID) string {
	if combo == "" || combo == n.catalog.DefaultOptionCombo() {
		return ""
	}
	return n.object(hmis.KindOptionCombo, combo)
}

func (n namer) period(p period.Period) string {
	if n.short {
		return p.ShortName()
	}
	return p.Name()
}

// dimension returns the title of a dimension's column.
func (n namer) dimension(d dimension) string {
	switch d.id {
	case dimData:
		return "Data"
	case dimPeriod:
		return "Period"
	case dimUnit:
		return "Organisation unit"
	case dimCombo:
		return "Category option combo"
	case dimAttr:
		return "Attribute option combo"
	}
	return n.object(d.kind, hmis.UID(d.id))
}
