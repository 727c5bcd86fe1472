package quality

import (
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

type rates struct{ cube *aggregate.Cube }

func newRates(c *aggregate.Cube) *rates { return &rates{c} }

func (r *rates) prepare(hmis.UID) {}

func (r *rates) at(item indicator.Item, unit hmis.UID, p period.Period) indicator.Value {
	return indicator.Value{}
}
