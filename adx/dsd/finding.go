package dsd

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// The severities of the checklist (ADX specification, section 10): W, E and F.
const (
	warning  = hmis.Warning
	severe   = hmis.Severe
	critical = hmis.Critical
)

func found(rule string, severity hmis.Severity, at place, path, format string, args ...any) adx.Finding {
	return adx.Finding{
		Rule: rule, Severity: severity, Line: at.line, Column: at.column, Path: path,
		Err: fmt.Errorf(format, args...),
	}
}
