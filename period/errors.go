package period

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A ParseError explains what is wrong with the text of a period, date, type or
// keyword.
type ParseError struct {
	Input string // the whole text given
	Pos   int    // byte offset in Input where reading stopped
	Want  string // what was expected there

	// Type is the type of a period identifier that has the right form but
	// impossible numbers, such as Quarterly for 2024Q5. It is 0 if the
	// identifier has the form of no type (rule 3 of RULES.md#identifiers).
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

// A fault is a [ParseError] without its input. Leaving the input out lets texts
// be read without being copied to the heap.
type fault struct {
	what      string // what was expected
	pos       int
	low, high int // the limits of an expected number, or both 0
	typ       Type
}

// expected returns a fault at pos. what describes the text that was expected
// there.
func expected(pos int, what string) *fault {
	return &fault{what: what, pos: pos}
}

// outside returns the fault for a number that is not from low to high. If the
// rest of the text has the form of a type, t is that type; otherwise t is 0.
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
