package hmis

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Severity ranks problems.
type Severity uint8

// These are the severities, mildest first.
const (
	Info Severity = iota
	Warning
	Severe   // the object or value is wrong
	Critical // the input as a whole cannot be used
)

// String returns the severity as "info", "warning", "severe" or "critical".
func (s Severity) String() string {
	switch s {
	case Info:
		return "info"
	case Warning:
		return "warning"
	case Severe:
		return "severe"
	case Critical:
		return "critical"
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// MarshalText returns the severity as String does.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name of a severity.
func (s *Severity) UnmarshalText(text []byte) error {
	for one := Info; one <= Critical; one++ {
		if string(text) == one.String() {
			*s = one
			return nil
		}
	}
	return fmt.Errorf("hmis: severity %s: want info, warning, severe or critical", quote.Text(string(text)))
}

// An Issue is one problem in metadata or stored values, with the object it
// concerns. A problem at a place in a message is an adx.Finding instead.
type Issue struct {
	Code     string // a stable name such as "E8122" or "orgunits_orphaned"; "" if there is none
	Severity Severity
	Object   Ref    // the object at fault; zero if it is not known
	Field    string // the field of that object, such as "categoryCombo"
	Refs     []Ref  // other objects that the problem is about, such as one with the same code
	Rows     []int  // positions in a stream of values, from 0
	Offset   int64  // byte offset in the input, -1 if there is no input
	Err      error  // what is wrong
}

// Error returns the issue on one line: "hmis: dataElement fbfJHSPpUQD:
// categoryCombo: no object \"bjDvmb4bfuf\"". If only i.Err is set, it is the
// text of that error.
func (i *Issue) Error() string {
	if i.bare() {
		return i.message()
	}
	var b strings.Builder
	b.WriteString("hmis: ")
	if i.Code != "" {
		b.WriteString(i.Code + ": ")
	}
	if i.Object != (Ref{}) {
		b.WriteString(i.Object.String() + ": ")
	}
	if i.Field != "" {
		b.WriteString(i.Field + ": ")
	}
	b.WriteString(i.message())
	return strings.TrimSuffix(b.String(), ": ")
}

// bare reports whether only i.Err is set.
func (i *Issue) bare() bool {
	return i.Err != nil && i.Code == "" && i.Object == (Ref{}) && i.Field == ""
}

// message returns the text of i.Err without the package's name.
func (i *Issue) message() string {
	if i.Err == nil {
		return ""
	}
	text := i.Err.Error()
	if _, ok := errors.AsType[*Issue](i.Err); ok && !i.bare() {
		text = strings.TrimPrefix(text, "hmis: ") // Error already begins with the name of the package
	}
	return text
}

// Unwrap returns i.Err.
func (i *Issue) Unwrap() error { return i.Err }

// A jsonIssue is an Issue as JSON. Empty fields are left out, and so is the
// offset if there is no input.
type jsonIssue struct {
	Code     string    `json:"code,omitempty"`
	Severity Severity  `json:"severity"`
	Kind     Kind      `json:"kind,omitempty"`
	ID       UID       `json:"id,omitempty"`
	Field    string    `json:"field,omitempty"`
	Refs     []jsonRef `json:"refs,omitempty"`
	Rows     []int     `json:"rows,omitempty"`
	Offset   *int64    `json:"offset,omitempty"`
	Message  string    `json:"message,omitempty"`
}

type jsonRef struct {
	Kind Kind `json:"kind,omitempty"`
	ID   UID  `json:"id,omitempty"`
}

// MarshalJSON returns the issue as an object with the members code, severity,
// kind and id of the object at fault, field, refs, rows, offset, and message,
// the text of i.Err.
func (i Issue) MarshalJSON() ([]byte, error) {
	out := jsonIssue{
		Code: i.Code, Severity: i.Severity, Kind: i.Object.Kind, ID: i.Object.ID, Field: i.Field, Rows: i.Rows, Message: i.message(),
	}
	for _, r := range i.Refs {
		out.Refs = append(out.Refs, jsonRef(r))
	}
	if i.Offset >= 0 {
		out.Offset = &i.Offset
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes. Err has the same text as before,
// but no longer the errors that it wrapped.
func (i *Issue) UnmarshalJSON(text []byte) error {
	var in jsonIssue
	if err := json.Unmarshal(text, &in); err != nil {
		return fmt.Errorf("hmis: issue: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	*i = Issue{Code: in.Code, Severity: in.Severity, Object: Ref{in.Kind, in.ID}, Field: in.Field, Rows: in.Rows, Offset: -1}
	for _, r := range in.Refs {
		i.Refs = append(i.Refs, Ref(r))
	}
	if in.Offset != nil {
		i.Offset = *in.Offset
	}
	if in.Message != "" {
		i.Err = errors.New(in.Message)
	}
	return nil
}

// Issues is a list of problems in the order in which they were found. It is an
// error, and errors.Is and errors.AsType search all of them.
type Issues []*Issue

// Error returns a text with one line for each issue.
func (l Issues) Error() string {
	lines := make([]string, len(l))
	for i, issue := range l {
		lines[i] = issue.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the issues as errors.
func (l Issues) Unwrap() []error {
	errs := make([]error, len(l))
	for i, issue := range l {
		errs[i] = issue
	}
	return errs
}

// UnmarshalJSON reads a list of issues; null entries are left out.
func (l *Issues) UnmarshalJSON(text []byte) error {
	var list []*Issue
	if err := json.Unmarshal(text, &list); err != nil {
		return fmt.Errorf("hmis: issues: %s", strings.TrimPrefix(strings.TrimPrefix(err.Error(), "json: "), "hmis: "))
	}
	*l = slices.DeleteFunc(list, func(i *Issue) bool { return i == nil })
	return nil
}

// Err returns l as an error, or nil if l is empty.
func (l Issues) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// A Summary counts what became of imported values, here or on a server.
type Summary struct {
	Imported, Updated, Ignored, Deleted int
	Issues                              Issues
	Completed                           period.Date // the day on which the form was marked complete; 0 if it was not
}
