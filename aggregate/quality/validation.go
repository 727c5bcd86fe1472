package quality

import (
	"context"
	"runtime"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// A Validation compares both sides of validation rules at each org unit and
// period, on the values stored there: nothing is rolled up from below. What a
// DHIS2 server finds in the same values, it finds (RULES.md#validation).
type Validation struct {
	Rules []hmis.ValidationRule

	Max              int  // violations to return, the others are only counted; 0 means 500
	UnitsOnly        bool // look at the org units of the scope, not at those below them
	OwnItems         bool // compare only for attribute option combos with a value of the rule's own items
	TypeErrorsAsZero bool // a side that cannot be a number is 0, as on a DHIS2 server
	Workers          int  // goroutines; 0 means GOMAXPROCS

	// Reject, if not nil, is called for each rule that gives no result, wholly or
	// in some cells, and for each org unit of the scope that is not in the tree.
	// The rest is computed. If nil, the first of them ends the run.
	Reject func(hmis.Ref, error)

	// Warn, if not nil, is called for each data element or option combo of a rule
	// that the catalog does not know. The rule is compared as if there were no
	// values of it.
	Warn func(hmis.Issue)
}

// A ValidationRun is the outcome of a Validation.
type ValidationRun struct {
	// Violations come by first day of the period, the shorter period first; then
	// by path of the org unit, id of the rule and id of the attribute option combo.
	Violations []Violation

	Violated  int // violations found, those beyond Validation.Max included
	Evaluated int // comparisons made: rules × org units × periods × attribute option combos
}

// A Violation is a rule that does not hold.
type Violation struct {
	Rule        hmis.UID
	Importance  string // "HIGH", "MEDIUM" or "LOW"
	Operator    string // as people write it: ">=", "[Compulsory pair]"
	hmis.Key           // org unit, period and attribute option combo
	Left, Right Side
}

// A Side is one side of a rule that does not hold.
type Side struct {
	Value indicator.Value // rounded for people; a side without a value is 0
	Exact indicator.Value // before rounding; missing if the side has no value
	Items []Reading       // what the side reads, each item once, by name
}

// A Reading is an item of an expression with the value found for it.
type Reading struct {
	Item  indicator.Item
	Name  string
	Value indicator.Value // missing if nothing was reported
}

const usualMax = 500

// Run compares the rules within s. Periods of s are those compared; without them
// it is every period, of any type, that lies within the days of s, or without
// days within those that have data. A rule takes part in periods of its own type.
//
// A value belongs to a period if its own period contains the first day, is of a
// type at least as long, and that type occurs among the periods of the run. What
// Data and Axes of s do not let through is not seen.
func (v Validation) Run(ctx context.Context, c *aggregate.Cube, s Scope) (*ValidationRun, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := newRuleRun(ctx, v, c, s)
	if err != nil {
		return nil, err
	}
	out := &ValidationRun{}
	tasks, err := r.tasks(s)
	if err != nil {
		return nil, err
	}
	for _, task := range tasks {
		if err := r.compare(task, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (v Validation) max() int {
	if v.Max <= 0 {
		return usualMax
	}
	return v.Max
}

func workers(n int) int {
	if n <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return n
}

// operators are the signs that people see.
var operators = map[string]string{
	"equal_to":                 "==",
	"not_equal_to":             "!=",
	"greater_than":             ">",
	"greater_than_or_equal_to": ">=",
	"less_than":                "<",
	"less_than_or_equal_to":    "<=",
	"compulsory_pair":          "[Compulsory pair]",
	"exclusive_pair":           "[Exclusive pair]",
}
