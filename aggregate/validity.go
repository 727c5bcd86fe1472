package aggregate

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// isAny reports whether a segment is of any of the operands of its element.
func (c *Cube) isAny(operands []operand, k column.Key) bool {
	combos := c.combos
	return slices.ContainsFunc(operands, func(o operand) bool {
		return (o.combo == "" || o.combo == combos[k.OptionCombo]) && (o.attr == "" || o.attr == combos[k.AttributeCombo])
	})
}

// valid reports whether both option combos may be used in the whole of a period.
func (c *Cube) valid(k column.Key) bool {
	p := c.periods[k.Period]
	return c.validity(c.combos[k.OptionCombo]).holds(p) && c.validity(c.combos[k.AttributeCombo]).holds(p)
}

// A validity is the days on which all options of a combo are valid; 0 is no limit.
type validity struct{ first, last period.Date }

func (v validity) holds(p period.Period) bool {
	return (v.first == 0 || v.first <= p.First()) && (v.last == 0 || p.Last() <= v.last)
}

func (c *Cube) validity(combo hmis.UID) validity {
	if had, ok := c.shared.validity.Load(combo); ok {
		return had.(validity)
	}
	var v validity
	coc, _ := hmis.Find[hmis.OptionCombo](c.catalog, combo)
	for _, id := range coc.Options {
		option, _ := hmis.Find[hmis.CategoryOption](c.catalog, id)
		if option.First != 0 && (v.first == 0 || option.First > v.first) {
			v.first = option.First
		}
		if option.Last != 0 && (v.last == 0 || option.Last < v.last) {
			v.last = option.Last
		}
	}
	c.shared.validity.Store(combo, v)
	return v
}
