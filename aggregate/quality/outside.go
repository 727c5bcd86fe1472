package quality

import (
	"context"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// An outside computes the values of items that are not stored values:
// constants, counts, days, reporting rates, and tests of the org unit.
type outside struct {
	catalog *hmis.Catalog
	tree    *orgunit.Tree
	rates   *rates
	sets    map[hmis.UID]map[hmis.UID]bool // for each data set, the org units that it is assigned to
}

func newOutside(ctx context.Context, c *aggregate.Cube) *outside {
	return &outside{
		catalog: c.Catalog(), tree: c.Tree(), rates: newRates(ctx, c), sets: map[hmis.UID]map[hmis.UID]bool{},
	}
}

// prepare loads the data for an item. After that, several goroutines may call
// at.
func (o *outside) prepare(item indicator.Item) {
	if item.Kind == indicator.DataSetTest {
		set, _ := hmis.Find[hmis.DataSet](o.catalog, item.ID)
		units := make(map[hmis.UID]bool, len(set.OrgUnits))
		for _, id := range set.OrgUnits {
			units[id] = true
		}
		o.sets[item.ID] = units
	}
}

// everywhere reports whether an item has the same value at all org units.
func everywhere(item indicator.Item) bool {
	return item.Kind == indicator.ConstantItem || item.Kind == indicator.DaysItem
}

// at returns the value of an item at an org unit in a period.
func (o *outside) at(item indicator.Item, unit hmis.UID, p period.Period) indicator.Value {
	switch item.Kind {
	case indicator.ConstantItem:
		if c, ok := hmis.Find[hmis.Constant](o.catalog, item.ID); ok {
			return indicator.Num(c.Value)
		}
	case indicator.DaysItem:
		return indicator.Scaled(int64(p.Days()), 0)
	case indicator.OrgUnitGroupItem:
		return indicator.Scaled(int64(o.tree.CountIn(item.ID, unit)), 0)
	case indicator.AncestorTest:
		return indicator.Truth(unit != item.ID && o.tree.Contains(item.ID, unit))
	case indicator.GroupTest:
		return indicator.Truth(o.tree.InGroup(item.ID, unit))
	case indicator.DataSetTest:
		return indicator.Truth(o.sets[item.ID][unit])
	case indicator.ProgramTest:
		return indicator.Truth(false)
	case indicator.ReportingRateItem:
		return o.rates.at(item, unit, p)
	}
	return indicator.Value{}
}
