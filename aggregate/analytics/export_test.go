package analytics

import "github.com/ohie-hmis/hmis-go/indicator"

// These are the three ways to write a number, for a test of texts.
func Fits(v indicator.Value) string   { return valueText(v, asFits) }
func Double(v indicator.Value) string { return valueText(v, asDouble) }
func Whole(v indicator.Value) string  { return valueText(v, asWhole) }
