package indicator

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
)

// A Column has the values of one item in many cells: whole numbers with one
// decimal scale. A Column with a single number, such as a constant, has that
// number in all cells. The zero Column is missing everywhere.
type Column struct {
	Coef    []int64       // the numbers are Coef × 10^-Scale
	Scale   int           // the decimal scale, from 0 to 100
	Missing []bool        // for each cell, whether it is missing, whatever its Coef; nil if no cell is missing
	Other   map[int]Value // by cell, values that Coef cannot hold; they replace Coef and Missing
}

// Constant returns the Column that has one value in all cells.
func Constant(v Value) Column {
	if (v.kind == number && v.scale >= 0 || v.kind == exact) && v.scale <= maxColumnScale {
		return Column{Coef: []int64{v.n}, Scale: int(v.scale)}
	}
	if v.kind == missing {
		return Column{}
	}
	return Column{Coef: []int64{0}, Other: map[int]Value{0: v}}
}

const maxColumnScale = 100

// At returns the value in a cell, counted from 0.
func (c *Column) At(cell int) Value {
	if c.constant() {
		cell = 0
	}
	if c.Other != nil {
		if v, ok := c.Other[cell]; ok {
			return v
		}
	}
	if c.gap(cell) {
		return Value{}
	}
	return Scaled(c.Coef[cell], c.Scale)
}

// check returns an error if a Column does not have n cells.
func (c *Column) check(item Item, n int) error {
	switch {
	case c.Scale < 0 || c.Scale > maxColumnScale:
		return fmt.Errorf("indicator: column of %s: scale %d, want 0 to %d",
			item, c.Scale, maxColumnScale)
	case len(c.Coef) > 1 && len(c.Coef) < n:
		return fmt.Errorf("indicator: column of %s: %d cells, want %d", item, len(c.Coef), n)
	case c.Missing != nil && len(c.Missing) < len(c.Coef):
		return fmt.Errorf("indicator: column of %s: %d cells in Missing, want %d",
			item, len(c.Missing), len(c.Coef))
	}
	return nil
}

// constant reports whether c has one number for all cells.
func (c *Column) constant() bool { return len(c.Coef) == 1 }

// gap reports whether a cell is missing, ignoring Other.
func (c *Column) gap(cell int) bool {
	switch len(c.Coef) {
	case 0:
		return true
	case 1:
		cell = 0
	}
	return c.Missing != nil && c.Missing[cell]
}

// plain reports whether the cells of c can be computed as whole numbers,
// ignoring Other.
func (c *Column) plain() bool { return c.Scale <= num.MaxScale }
