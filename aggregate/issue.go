package aggregate

import (
	"errors"
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// issue returns what makes a query impossible. The code is that of DHIS2, or ""
// if it has none; field names a field of Query.
func issue(code, field, format string, args ...any) *hmis.Issue {
	err := fmt.Errorf(format, args...)
	return &hmis.Issue{Code: code, Severity: hmis.Critical, Field: field, Offset: -1, Err: err}
}

// within returns an error with the indicator in which it occurred.
func within(id hmis.UID, err error) error {
	if issue, ok := errors.AsType[*hmis.Issue](err); ok {
		located := *issue
		located.Err = fmt.Errorf("indicator %s: %w", id, issue.Err)
		return &located
	}
	return fmt.Errorf("aggregate: indicator %s: %w", id, err)
}
