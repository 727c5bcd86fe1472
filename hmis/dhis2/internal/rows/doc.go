// Package rows parses the rows of data value sets in CSV and JSON on several
// processors.
//
// A [Pipeline] cuts the input into chunks, each at what seems to be the end of
// a row. Several chunks are parsed at once and returned in order. A chunk
// becomes [Rows], in which texts are numbers of a dictionary and numbers are
// integers. The method Resolve looks up each different text and returns an
// [hmis.Batch], with the faults of rows that cannot be used.
package rows

import "github.com/ohie-hmis/hmis-go/hmis"

var _ hmis.Batch
