package dhis2

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A ReadError says where an input cannot be read, and why. Places are those of
// the uncompressed input.
type ReadError struct {
	Line   int    // of CSV, from 1; 0 in other formats
	Offset int64  // in bytes, from 0: of the fault, or of the row it is in
	Row    int    // position among the data values or completions, from 0; -1 outside of them
	Field  string // such as "period" or "dataElements[3]"; may be ""
	Err    error  // what is wrong
}

// Error returns the error on one line, such as
// "dhis2: line 12: period: "2024Q5": want a quarter from 1 to 4".
func (e *ReadError) Error() string {
	var b strings.Builder
	b.WriteString("dhis2: ")
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	} else {
		fmt.Fprintf(&b, "offset %d: ", e.Offset)
		if e.Row >= 0 {
			fmt.Fprintf(&b, "value %d: ", e.Row)
		}
	}
	msg := e.Err.Error()
	if e.Field != "" && !strings.HasPrefix(msg, e.Field+": ") {
		b.WriteString(e.Field + ": ")
	}
	b.WriteString(msg)
	return b.String()
}

// Unwrap returns e.Err.
func (e *ReadError) Unwrap() error { return e.Err }

// at places an error, unless it has a place already.
func at(offset int64, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*ReadError](err); ok {
		return err
	}
	if bad, ok := errors.AsType[*rows.Error](err); ok {
		offset, err = bad.Offset, bad.Err
	}
	return &ReadError{Offset: offset, Row: -1, Err: err}
}

// quoted returns text as an error quotes it: on one line, and not too long.
func quoted[T string | []byte](text T) string { return quote.Text(string(text)) }
