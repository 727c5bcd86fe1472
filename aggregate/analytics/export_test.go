package analytics

import "github.com/ohie-hmis/hmis-go/indicator"

// The three ways to write a number, for a table of texts.
func Fits(v indicator.Value) string   { return valueText(v, asFits) }
func Double(v indicator.Value) string { return valueText(v, asDouble) }
func Whole(v indicator.Value) string  { return valueText(v, asWhole) }
