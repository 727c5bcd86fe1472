package period

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A ParseError says what is wrong with a period, date, type or keyword.
type ParseError struct {
	Input string // the whole text given
	Pos   int    // byte offset in Input where reading stopped
	Want  string // what was expected there

	// Type is the type that a period identifier has by its form, if only its
	// numbers are impossible: Quarterly for 2024Q5. It is 0 if the form is that
	// of no type (rule 3 of RULES.md#identifiers).
	Type Type
}

// Error returns one line such as
//
//	period: "2024Q5": want quarter 1 to 4 at offset 5
//
// Of a long input only the beginning is quoted.
func (e *ParseError) Error() string {
	return fmt.Sprintf("period: %s: want %s at offset %d", quote.Text(e.Input), e.Want, e.Pos)
}

// A fault is a ParseError in the making. It holds no input, so that text can be
// read without being copied first.
type fault struct {
	what      string // was expected
	pos       int
	low, high int // range of the number expected, if not both 0
	typ       Type
}

// expected returns the fault of a text that should have what at pos.
func expected(pos int, what string) *fault {
	return &fault{what: what, pos: pos}
}

// outside returns the fault of a number that is out of its range. The text has
// the form of type t, if that is not 0.
func outside(pos int, what string, low, high int, t Type) *fault {
	return &fault{what: what, pos: pos, low: low, high: high, typ: t}
}

// in returns the fault as an error about input.
func (f *fault) in(input string) *ParseError {
	want := f.what
	if f.low != 0 || f.high != 0 {
		want = fmt.Sprintf("%s %d to %d", f.what, f.low, f.high)
	}
	return &ParseError{Input: input, Pos: min(f.pos, len(input)), Want: want, Type: f.typ}
}
