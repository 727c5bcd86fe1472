package hmis

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/period"
)

// A Severity ranks problems.
type Severity uint8

// The severities, mildest first.
const (
	Info Severity = iota
	Warning
	Severe   // the object or value is wrong
	Critical // the whole cannot be used
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

// An Issue is one problem in metadata or data, with the object it concerns.
type Issue struct {
	Code     string // stable, such as "E8122" or "orgunits_orphaned"; may be ""
	Severity Severity
	Object   Ref    // the object at fault; zero if it is not known
	Field    string // the field of that object, such as "categoryCombo"
	Refs     []Ref  // other objects that the problem is about, such as one with the same code
	Rows     []int  // positions in a stream of values, from 0
	Offset   int64  // byte offset in the input, -1 if there is no input
	Err      error  // what is wrong
}

// Error returns the issue on one line:
// "hmis: dataElement fbfJHSPpUQD: categoryCombo: no object \"bjDvmb4bfuf\"". Where
// no more than i.Err is known, it is that error.
func (i *Issue) Error() string {
	if i.Err != nil && i.Code == "" && i.Object == (Ref{}) && i.Field == "" {
		return i.Err.Error()
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
	if i.Err != nil {
		text := i.Err.Error()
		if _, ok := errors.AsType[*Issue](i.Err); ok {
			text = strings.TrimPrefix(text, "hmis: ") // one line names the package once
		}
		b.WriteString(text)
	}
	return strings.TrimSuffix(b.String(), ": ")
}

// Unwrap returns i.Err.
func (i *Issue) Unwrap() error { return i.Err }

// Issues is a list of problems in the order they were found. It is an error;
// errors.Is and errors.AsType look into each Issue.
type Issues []*Issue

// Error returns one line for each issue.
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

// Err returns l as an error, or nil if l is empty.
func (l Issues) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// A Summary says what became of values that were taken in, here or by a server.
type Summary struct {
	Imported, Updated, Ignored, Deleted int
	Issues                              Issues
	Completed                           period.Date // the form was marked complete on this day; 0 if not
}
