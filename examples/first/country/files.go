package country

import (
	"io"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
)

// WriteMetadata writes [Metadata] as JSON.
func WriteMetadata(w io.Writer) error { return dhis2.WriteMetadata(w, Metadata()) }

// WriteValues writes [Values] as CSV.
func WriteValues(w io.Writer) error { return dhis2.Format{CSV: true}.Write(w, Values()) }
