package dsd

import (
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// The severities of findings, as RULES.md has them.
const (
	warning  = hmis.Warning
	severe   = hmis.Severe
	critical = hmis.Critical
)

// found completes a finding at a place.
func found(at place, f adx.Finding) adx.Finding {
	f.Line, f.Column = at.line, at.column
	return f
}
