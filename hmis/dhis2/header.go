package dhis2

import (
	"cmp"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
	"github.com/ohie-hmis/hmis-go/period"
)

// A header has the fields and schemes for all values or completions of a file:
// those in the file, and those of the caller that the file leaves open.
type header struct{ rows.Header }

func newHeader(f Format) header {
	return header{rows.Header{
		Catalog: f.Catalog, Schemes: f.Schemes, Calendar: cmp.Or(f.Calendar, period.Gregorian), Set: rows.Set(f.Set),
	}}
}
