package adx

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A Finding is one departure of a message from the ADX profile or from the
// definition of its data set, with its place. A *Finding is an error.
type Finding struct {
	// Rule is the rule that is broken, such as "ADX-022". It is "" if the
	// profile has no rule for this case.
	Rule string

	// Severity is [hmis.Warning] if nothing is lost, [hmis.Severe] if a value or
	// group is wrong, and [hmis.Critical] if the message cannot be read on.
	Severity hmis.Severity

	Line, Column int    // the place, from 1, with columns in characters; 0 if not known
	Path         string // the place as a path, such as "group[3]/dataValue[12]", counted from 1; "" is the root element
	Attr         string // the attribute at fault, or ""
	Got, Want    string // the text at fault and what was expected; either may be ""
	Err          error  // the error behind the finding, or nil
}

// Error returns the finding on one line, such as
//
//	adx: 3:49: group[1]: ADX-022: period "202601": want a start and a duration
//
// Texts of the message are quoted and cut, so the line is safe for logs.
func (f *Finding) Error() string {
	var b strings.Builder
	b.WriteString("adx: ")
	if f.Line > 0 {
		b.WriteString(strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column) + ": ")
	}
	for _, s := range []string{f.Path, f.Rule} {
		if s != "" {
			b.WriteString(s + ": ")
		}
	}
	b.WriteString(f.reason())
	return b.String()
}

// reason returns the text of the finding without its place.
func (f *Finding) reason() string {
	var parts []string
	switch {
	case f.Attr != "" && f.Got != "":
		parts = append(parts, token.Name(f.Attr)+" "+quote.Text(f.Got))
	case f.Attr != "":
		parts = append(parts, token.Name(f.Attr))
	case f.Got != "":
		parts = append(parts, quote.Text(f.Got))
	}
	if f.Err != nil {
		parts = append(parts, f.Err.Error())
	}
	if f.Want != "" {
		parts = append(parts, "want "+f.Want)
	}
	return strings.Join(parts, ": ")
}

// MarshalJSON returns f as an object with its fields, the severity in words, and the
// reason on one line.
func (f Finding) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Rule     string `json:"rule,omitempty"`
		Severity string `json:"severity"`
		Line     int    `json:"line,omitempty"`
		Column   int    `json:"column,omitempty"`
		Path     string `json:"path,omitempty"`
		Attr     string `json:"attribute,omitempty"`
		Got      string `json:"got,omitempty"`
		Want     string `json:"want,omitempty"`
		Reason   string `json:"reason,omitempty"`
	}{f.Rule, f.Severity.String(), f.Line, f.Column, f.Path, f.Attr, f.Got, f.Want, f.reason()})
}

// Unwrap returns f.Err.
func (f *Finding) Unwrap() error { return f.Err }
