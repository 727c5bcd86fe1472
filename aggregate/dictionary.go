package aggregate

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/numbering"
	"github.com/ohie-hmis/hmis-go/period"
)

// A dictionary numbers the option combos and periods of the values that are
// loaded. Those of the cube that the load adds to keep their numbers.
type dictionary struct {
	defaults hmis.UID // the default option combo
	combos   []hmis.UID
	comboN   map[hmis.UID]uint32
	periods  []period.Period
	periodN  map[period.Period]uint32
}

func newDictionary(base *Cube) *dictionary {
	return &dictionary{
		defaults: base.catalog.DefaultOptionCombo(),
		combos:   slices.Clone(base.combos.ids),
		comboN:   numbering.Index(base.combos.ids),
		periods:  slices.Clone(base.periods.list),
		periodN:  numbering.Index(base.periods.list),
	}
}

// combo returns the number of an option combo; "" is the default one.
func (d *dictionary) combo(id hmis.UID) uint32 {
	if id == "" {
		id = d.defaults
	}
	return numbering.In(&d.combos, d.comboN, id)
}

// period returns the number of a period.
func (d *dictionary) period(p period.Period) uint32 {
	return numbering.In(&d.periods, d.periodN, p)
}
