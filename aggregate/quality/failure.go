package quality

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A failure is the error of computing one side of a rule in one cell.
type failure struct {
	rule, side, cell int
	err              error
}

// unitOf returns the org unit of a cell.
func (f *finding) unitOf(cell int) hmis.UID {
	for _, a := range f.stage.attrs {
		if n := cell - a.first; n < len(a.places) {
			return f.run.tree.At(int(a.places[n]))
		}
	}
	return ""
}

// at returns an error with the org unit and period in which an expression could
// not be computed.
func at(unit hmis.UID, p period.Period, err error) error {
	return fmt.Errorf("org unit %s, period %s: %w", unit, p, err)
}

// sideError returns err with the name of the side that it belongs to. Side 0 is
// the left one.
func sideError(side int, err error) error {
	return fmt.Errorf("%s side: %w", [...]string{"left", "right"}[side], err)
}
