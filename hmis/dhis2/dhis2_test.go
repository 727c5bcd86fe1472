package dhis2_test

import (
	"iter"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// stream returns values as a stream.
func stream(values []hmis.DataValue) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
}
