package dsd

import (
	"fmt"
	"strconv"

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

// quote quotes a text of the input, cut to a length that suits a message.
func quote(s string) string {
	const most = 60
	if runes := []rune(s[:min(len(s), 4*most)]); len(runes) > most {
		return strconv.Quote(string(runes[:most])) + "..."
	}
	return strconv.Quote(s)
}
