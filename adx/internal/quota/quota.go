// Package quota limits how many findings a bad message can cause (ADX-165).
package quota

import "fmt"

// usual is the default for the number of findings that pass.
const usual = 1000

// A Quota allows a limited number of findings and counts all of them. The zero
// Quota allows none.
type Quota struct{ most, passed, held int }

// New returns a Quota that allows most findings. 0 means 1,000, and a negative
// number means no limit.
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

// Met returns how many findings were counted.
func (q *Quota) Met() int { return q.passed + q.held }

// Held returns how many findings did not pass.
func (q *Quota) Held() int { return q.held }

// Rest returns an error with the number of findings that did not pass. It is
// nil if all passed.
func (q *Quota) Rest() error { return Rest(q.passed, q.held) }

// Rest returns an error with the number of all findings. It is nil if held,
// the number that did not pass, is 0.
func Rest(passed, held int) error {
	if held == 0 {
		return nil
	}
	return fmt.Errorf("%d findings in all, of which the first %d were listed", passed+held, passed)
}
