package integrity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A Check is one integrity check.
type Check struct {
	Name     string // the name of the check, such as "orgunits_orphaned"
	Section  string // the group of checks, such as "Organisation units"
	Severity hmis.Severity
	Kind     hmis.Kind // kind of the objects that the check lists; "" if there are several kinds

	Description    string // what the check finds
	Introduction   string // why the problem matters
	Recommendation string // what to do about the problem

	Slow bool // the check is only run if it is selected by name

	// Find returns an issue for each object at fault, without Code and
	// Severity. It returns an error if the check cannot be made.
	Find func(ctx context.Context, s *Subject) (hmis.Issues, error)
}

// Code returns the short name of the check: the first letters of the words of its
// name, in upper case. It is "OIG" for orgunits_invalid_geometry.
func (c Check) Code() string {
	var b strings.Builder
	for word := range strings.SplitSeq(c.Name, "_") {
		for _, r := range word {
			b.WriteRune(unicode.ToUpper(r))
			break
		}
	}
	return b.String()
}

// A Suite is a list of checks with different names and codes. It does not
// change and is safe for concurrent use.
type Suite struct{ checks []Check }

// Standard returns all checks of this package.
func Standard() *Suite { return &Suite{standardChecks()} }

// Checks returns the checks of the suite, in their order.
func (s *Suite) Checks() []Check { return slices.Clone(s.checks) }

// With returns a Suite that also has these checks. The error names a check
// without a name or a Find, or one whose name or code is taken.
func (s *Suite) With(checks ...Check) (*Suite, error) {
	all := slices.Clone(s.checks)
	for _, c := range checks {
		if c.Name == "" || c.Find == nil {
			return nil, fmt.Errorf("integrity: check %s: want a name and a function", quote.Text(c.Name))
		}
		for _, had := range all {
			if had.Name == c.Name || had.Code() == c.Code() {
				return nil, fmt.Errorf("integrity: check %s: its name or code %s is that of %s", quote.Text(c.Name), c.Code(), had.Name)
			}
		}
		all = append(all, c)
	}
	return &Suite{all}, nil
}

// Select returns the checks that match any of the names: the name of a check, a
// pattern with *, a section, or a code. Without names it returns all checks
// that are not slow. The error lists names that match none.
func (s *Suite) Select(names ...string) ([]Check, error) {
	if len(names) == 0 {
		return slices.DeleteFunc(s.Checks(), func(c Check) bool { return c.Slow }), nil
	}
	var chosen []Check
	used := make([]bool, len(names))
	for _, c := range s.checks {
		any := false
		for i, name := range names {
			match := name == c.Name || name == c.Section || name == c.Code()
			if !match && strings.Contains(name, "*") {
				match, _ = path.Match(name, c.Name)
			}
			if match {
				any, used[i] = true, true
			}
		}
		if any {
			chosen = append(chosen, c)
		}
	}
	var bad []error
	for i, name := range names {
		if !used[i] {
			bad = append(bad, fmt.Errorf("integrity: no check, section or code %s", quote.Text(name)))
		}
	}
	return chosen, errors.Join(bad...)
}

// A Result is the outcome of one check.
type Result struct {
	Check
	Count    int         // number of objects at fault; -1 if the check could not be made
	Percent  *float64    // share of all objects of the kind; nil if there are no objects, or several kinds
	Issues   hmis.Issues // one for each object, by its id
	Err      error       // why the check could not be made, or nil
	Started  time.Time
	Finished time.Time
}

// A Report is the outcome of a run.
type Report struct{ Results []Result } // sorted by name

// Count returns how many objects are at fault according to checks of a
// severity.
func (r *Report) Count(s hmis.Severity) int {
	n := 0
	for i := range r.Results {
		if r.Results[i].Severity == s {
			n += max(r.Results[i].Count, 0)
		}
	}
	return n
}

// Issues returns all issues, sorted by check, then object.
func (r *Report) Issues() hmis.Issues {
	var all hmis.Issues
	for i := range r.Results {
		all = append(all, r.Results[i].Issues...)
	}
	return all
}

// Run makes the checks that names select; see Suite.Select. If a check cannot
// be made, its Count is -1 and Err has the reason; the others are still made.
// The error is that of ctx or of Suite.Select.
func (s *Suite) Run(ctx context.Context, subject Subject, names ...string) (*Report, error) {
	checks, err := s.Select(names...)
	if err != nil {
		return nil, err
	}
	subject.prepare()
	slices.SortFunc(checks, func(a, b Check) int { return cmp.Compare(a.Name, b.Name) })
	report := &Report{}
	for _, c := range checks {
		r := Result{Check: c, Started: subject.now()}
		r.Issues, r.Err = c.Find(ctx, &subject)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r.finish(&subject)
		report.Results = append(report.Results, r)
	}
	return report, nil
}

// finish sorts the issues, keeps one for each object, and counts them.
func (r *Result) finish(s *Subject) {
	if r.Finished = s.now(); r.Err != nil {
		r.Count, r.Issues = -1, nil
		return
	}
	slices.SortStableFunc(r.Issues, func(a, b *hmis.Issue) int {
		return cmp.Or(cmp.Compare(a.Object.ID, b.Object.ID), cmp.Compare(a.Object.Kind, b.Object.Kind))
	})
	kept := hmis.Issues{}
	for _, issue := range r.Issues {
		if n := len(kept); n > 0 && kept[n-1].Object == issue.Object {
			continue
		}
		one := *issue
		one.Code, one.Severity, one.Offset = r.Name, r.Severity, -1
		kept = append(kept, &one)
	}
	r.Issues, r.Count = kept, len(kept)
	if all := s.count(r.Kind); all > 0 {
		percent := 100 * float64(r.Count) / float64(all)
		r.Percent = &percent
	}
}
