package sheet

import (
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A CellError says which cell of a table cannot be used, and why.
type CellError struct {
	Line   int    // line of the text, from 1
	Column int    // column, from 1; 0 means the whole row
	Text   string // text of the cell
	Field  Field  // field as which the cell was read; 0 if none
	Err    error  // what is wrong
}

// Error returns the error on one line, such as
// "sheet: line 5, column C: OrgUnit "Bo": two objects have it".
func (e *CellError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "sheet: line %d", e.Line)
	if e.Column > 0 {
		b.WriteString(", column " + Letters(e.Column))
	}
	b.WriteString(": ")
	if e.Field > 0 {
		b.WriteString(e.Field.String() + " ")
	}
	if e.Column > 0 {
		b.WriteString(quote.Text(e.Text) + ": ")
	}
	return b.String() + e.Err.Error()
}

// Unwrap returns e.Err.
func (e *CellError) Unwrap() error { return e.Err }

// Letters returns the name that spreadsheets give to a column, from 1: A to Z,
// AA, AB and so on.
func Letters(column int) string {
	var b []byte
	for ; column > 0; column = (column - 1) / 26 {
		b = append(b, byte('A'+(column-1)%26))
	}
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}
