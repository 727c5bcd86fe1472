package dhis2

import (
	"cmp"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
	"github.com/ohie-hmis/hmis-go/period"
)

// A header is what a file says about all its values or completions, and what
// the caller says where the file does not.
type header struct{ rows.Header }

func newHeader(f Format) header {
	return header{rows.Header{
		Catalog: f.Catalog, Schemes: f.Schemes, Calendar: cmp.Or(f.Calendar, period.Gregorian), Set: rows.Set(f.Set),
	}}
}
