package dsd

import (
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// These are the severities under short names.
const (
	warning  = hmis.Warning
	severe   = hmis.Severe
	critical = hmis.Critical
)

// found returns f with a place.
func found(at place, f adx.Finding) adx.Finding {
	f.Line, f.Column = at.line, at.column
	return f
}
