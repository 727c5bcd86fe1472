package quality

import (
	"context"
	"runtime"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// A Validation compares both sides of validation rules at each org unit and
// period. It uses the values stored there and not those of lower units. It
// finds the same violations as a DHIS2 server (RULES.md#validation).
type Validation struct {
	Rules []hmis.ValidationRule

	Max              int  // largest number of violations to return; all are counted; 0 means 500
	UnitsOnly        bool // compare only at the org units of the scope, not at those below them
	OwnItems         bool // compare only for attribute option combos with a value of the rule's own items
	TypeErrorsAsZero bool // use 0 for a side that cannot be a number, as a DHIS2 server does
	Workers          int  // number of goroutines; 0 means GOMAXPROCS

	// Reject, if not nil, is called for each rule without a result, everywhere
	// or in some cells, and for each org unit of the scope that is not in the
	// tree. The rest is computed. If nil, the first of these ends the run.
	Reject func(hmis.Ref, error)

	// Warn, if not nil, is called for each data element or option combo of a
	// rule that is not in the catalog. Such an object counts as having no
	// values.
	Warn func(hmis.Issue)
}

// A ValidationRun is the outcome of a Validation.
type ValidationRun struct {
	// Violations are sorted by first day of the period, with shorter periods
	// first, then by path of the org unit, id of the rule, and id of the
	// attribute option combo.
	Violations []Violation

	Violated  int // number of violations, including those beyond Validation.Max
	Evaluated int // number of comparisons: rules × org units × periods × attribute option combos
}

// A Violation is a rule that is not satisfied at an org unit in a period.
type Violation struct {
	Rule        hmis.UID
	Importance  string // "HIGH", "MEDIUM" or "LOW"
	Operator    string // the operator as it is shown: ">=", "[Compulsory pair]"
	hmis.Key           // the org unit, period and attribute option combo
	Left, Right Side
}

// A Side is one side of a violated rule.
type Side struct {
	Value indicator.Value // the value, rounded for display; 0 for a side without a value
	Exact indicator.Value // the value before rounding; missing if the side has no value
	Items []Reading       // the items of the side without repeats, sorted by name
}

// A Reading is an item of an expression with its value.
type Reading struct {
	Item  indicator.Item
	Name  string
	Value indicator.Value // the value; missing if nothing was reported
}

const usualMax = 500

// Run compares the rules within s, in each period of s. If s has no periods,
// these are all periods within the days of s or, without days, all that have
// data. Each rule is compared in periods of its own type.
//
// A value counts in a period if its own period contains the first day and is at
// least as long. The type of its period must also occur in the run. Values
// outside Data and Axes of s are not used.
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

// operators has the text that is shown for each operator.
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
