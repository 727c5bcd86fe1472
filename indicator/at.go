package indicator

// At returns the value in a cell, counted from 0.
func (c *Column) At(cell int) Value { return c.value(cell) }

// Scaled returns the Value of the number coef × 10^-scale; scale is 0 to 100.
// Unlike [Num] it allocates nothing.
func Scaled(coef int64, scale int) Value { return scaled(coef, scale) }
