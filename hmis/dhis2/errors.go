package dhis2

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A ReadError says why an input cannot be read, and where. Places are those in
// the decompressed input.
type ReadError struct {
	Line   int    // the line in CSV, from 1; 0 in other formats
	Offset int64  // byte offset, from 0, of the fault or of its row
	Row    int    // position among the data values or completions, from 0; -1 outside them
	Field  string // such as "period" or "dataElements[3]", or ""
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

// at returns err with an offset, unless it already has a place.
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

// quoted returns text for an error: in quotes, on one line, and shortened if it
// is long.
func quoted[T string | []byte](text T) string { return quote.Text(string(text)) }
