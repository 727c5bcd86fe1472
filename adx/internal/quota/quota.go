// Package quota limits how many findings a bad message can cause (ADX-165).
package quota

import "fmt"

// usual is the number of findings that pass by default.
const usual = 1000

// A Quota lets the first findings pass and counts all of them. The zero Quota lets
// none pass.
type Quota struct{ most, passed, held int }

// New returns a Quota that lets most findings pass: 1,000 if most is 0, and all
// if it is negative.
func New(most int) Quota {
	switch {
	case most == 0:
		most = usual
	case most < 0:
		most = int(^uint(0) >> 1)
	}
	return Quota{most: most}
}

// Pass counts a finding and reports whether it may pass.
func (q *Quota) Pass() bool {
	if q.passed >= q.most {
		q.held++
		return false
	}
	q.passed++
	return true
}

// Met returns how many findings there were.
func (q *Quota) Met() int { return q.passed + q.held }

// Held returns how many findings did not pass.
func (q *Quota) Held() int { return q.held }

// Rest returns the error for a last finding, with the number of those that did
// not pass. It is nil if all passed.
func (q *Quota) Rest() error { return Rest(q.passed, q.held) }

// Rest returns what the method Rest does for a Quota with these counts.
func Rest(passed, held int) error {
	if held == 0 {
		return nil
	}
	return fmt.Errorf("%d findings in all, of which the first %d were listed", passed+held, passed)
}
