// Package rows reads the rows of data value sets in CSV and JSON, many at a
// time.
//
// A [Pipeline] cuts the input in chunks at what seems to be the end of a row,
// and has several parsed at once, in the order of the input. A chunk becomes
// [Rows]: texts numbered by a dictionary for each column, and numbers as
// integers. Resolve looks each distinct text up and makes an [hmis.Batch] of
// the rows, with the faults of those that are of no use.
package rows

import "github.com/ohie-hmis/hmis-go/hmis"

var _ hmis.Batch
