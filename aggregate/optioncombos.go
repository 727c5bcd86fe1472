package aggregate

import (
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// optionCombos are the option combos of both kinds that a cube knows, as its
// columns number them.
type optionCombos struct {
	catalog *hmis.Catalog
	ids     []hmis.UID

	dating sync.Once
	days   []validity // days of each combo, found when first needed
}

// An operand narrows a data element to an option combo, an attribute option
// combo or both. An empty one does not narrow.
type operand struct{ combo, attr hmis.UID }

// anyOf reports whether a segment is of any of the operands of its element.
func (o *optionCombos) anyOf(operands []operand, k column.Key) bool {
	ids := o.ids
	return slices.ContainsFunc(operands, func(o operand) bool {
		return (o.combo == "" || o.combo == ids[k.OptionCombo]) && (o.attr == "" || o.attr == ids[k.AttributeCombo])
	})
}

// valid reports whether both option combos of a segment may be used in the
// whole of its period, which is p.
func (o *optionCombos) valid(k column.Key, p period.Period) bool {
	o.dating.Do(o.findDays)
	return o.days[k.OptionCombo].holds(p) && o.days[k.AttributeCombo].holds(p)
}

func (o *optionCombos) findDays() {
	o.days = make([]validity, len(o.ids))
	for i, id := range o.ids {
		o.days[i] = validityOf(o.catalog, id)
	}
}

// A validity is the days on which all options of a combo are valid; 0 is no
// limit.
type validity struct{ first, last period.Date }

func (v validity) holds(p period.Period) bool {
	return (v.first == 0 || v.first <= p.First()) && (v.last == 0 || p.Last() <= v.last)
}

// validityOf returns the days on which a combo is valid. A combo that the
// catalog does not know has no limits.
func validityOf(catalog *hmis.Catalog, combo hmis.UID) validity {
	var v validity
	coc, _ := hmis.Find[hmis.OptionCombo](catalog, combo)
	for _, id := range coc.Options {
		option, _ := hmis.Find[hmis.CategoryOption](catalog, id)
		if option.First != 0 && (v.first == 0 || option.First > v.first) {
			v.first = option.First
		}
		if option.Last != 0 && (v.last == 0 || option.Last < v.last) {
			v.last = option.Last
		}
	}
	return v
}
