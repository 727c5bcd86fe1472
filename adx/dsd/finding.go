package dsd

import (
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// These constants are short names for the severities.
const (
	warning  = hmis.Warning
	severe   = hmis.Severe
	critical = hmis.Critical
)

// found returns f with the line and column of at.
func found(at place, f adx.Finding) adx.Finding {
	f.Line, f.Column = at.line, at.column
	return f
}
