package quality

import (
	"fmt"
	"math"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Score says how values are compared with their series.
type Score uint8

// The scores.
const (
	ZScore        Score = iota // distance from the mean in population deviations
	ModifiedZ                  // distance from the median in median absolute deviations, times 0.6745
	MinMax                     // outside the stored bounds
	InvalidNumber              // texts that are no plain number
	Quartiles                  // outside the quartiles by so many times the distance between them
)

// String returns the name that DHIS2 gives the score, and QUARTILES.
func (s Score) String() string {
	names := [...]string{"Z_SCORE", "MOD_Z_SCORE", "MIN_MAX", "INVALID_NUMERIC", "QUARTILES"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("Score(%d)", uint8(s))
}

// An Order says which outliers come first.
type Order uint8

// The orders. They go by the figures of [Outlier], largest first.
const (
	ByDistance Order = iota
	ByScore
	ByNumber
	ByMiddle
	ByDeviation
	ByLow
	ByHigh
)

// A Method says what an outlier is. The zero Method finds values with a z-score of
// 3 or more, at most 500, as DHIS2's outlier detection does by default.
//
// The largest z-score that n values allow is √(n-1): with the threshold 3 nothing
// is found in series of fewer than 10 values. Method.Warn says where that is so.
// A spike widens the deviation and so hides itself and its neighbours; medians
// withstand that, but say nothing where more than half of the values are equal.
type Method struct {
	Score Score
	// Threshold is the least score of an outlier, for Quartiles the factor of
	// the distance between them; 0 means 3, and 1.5 for Quartiles.
	Threshold float64
	From, To  period.Date // the days that the periods of the statistics are within; 0 means no limit
	Bounds    []Bound     // for MinMax
	Max       int         // the most outliers returned; 0 means 500, less means all
	Order     Order       // of MinMax and InvalidNumber it is fixed
	Ascending bool        // smallest first

	ExcludeTested bool // a value is no part of its own statistics
	ByPeriodType  bool // months and quarters of one thing are series of their own
	MADFallback   bool // where the median deviation is 0, ModifiedZ uses the mean one

	// Analytics judges as the analytics endpoint of DHIS2 does: a score must be
	// above the threshold; texts that are no plain number are left out instead
	// of ending the run; deleted values (see [aggregate.Loader.KeepUncounted])
	// are part of the statistics; and a 0 that analytics leaves out is not
	// tested, though it is part of them too. MinMax and InvalidNumber, From and
	// To do not exist there.
	Analytics  bool
	ZeroIsData bool // with Analytics, a 0 is tested where its data element says that it counts

	Workers int // goroutines; 0 means GOMAXPROCS

	// Reject, if not nil, is called for each text that is no number, with an error
	// that has the code E2208; the value is then left out. If nil, the first such
	// text ends the run.
	Reject func(hmis.DataValue, error)

	// Warn, if not nil, is called for each thing that makes the answer doubtful:
	// an org unit or data element that is unknown, and series too short to hold
	// an outlier. Reject and Warn are called by one goroutine at a time, in the
	// same order for any number of workers.
	Warn func(hmis.Issue)
}

const defaultMax = 500

func (m *Method) threshold() float64 {
	switch {
	case m.Threshold != 0:
		return m.Threshold
	case m.Score == Quartiles:
		return 1.5
	}
	return 3
}

// Check returns nil, or what makes m impossible, with DHIS2's code where it has
// one.
func (m *Method) Check() error {
	switch t := m.threshold(); {
	case m.Score > Quartiles:
		return refuse("", "Score", "unknown score %d", m.Score)
	case m.Order > ByHigh:
		return refuse("", "Order", "unknown order %d", m.Order)
	case math.IsNaN(t) || math.IsInf(t, 0) || t <= 0:
		return refuse("E2204", "Threshold", "threshold %v: want a positive number", t)
	case m.Analytics && m.From != 0:
		return refuse("E2209", "From", "data start date %s: statistics of analytics are about all values", m.From)
	case m.Analytics && m.To != 0:
		return refuse("E2210", "To", "data end date %s: statistics of analytics are about all values", m.To)
	case m.Analytics && m.Score != ZScore && m.Score != ModifiedZ:
		return refuse("E2211", "Score", "%s: analytics knows z-scores only", m.Score)
	case m.From != 0 && m.To != 0 && m.From > m.To:
		return refuse("E2207", "From", "data start date %s is after the data end date %s", m.From, m.To)
	}
	return nil
}

// refuse returns an error of a request, with the code of DHIS2.
func refuse(code, field, format string, args ...any) *hmis.Issue {
	return &hmis.Issue{
		Code: code, Severity: hmis.Severe, Field: field, Offset: -1, Err: fmt.Errorf(format, args...),
	}
}

// fewest returns how many values a series needs before one can score as high as
// the threshold: |z| is √(n-1) at most. It is 2 for the other scores.
func (m *Method) fewest() int {
	if m.Score != ZScore || m.ExcludeTested || m.From != 0 || m.To != 0 {
		return 2
	}
	t := m.threshold()
	n := int(math.Ceil(t*t*(1-onBound))) + 1
	if m.Analytics && !above(math.Sqrt(float64(n-1)), t) {
		n++
	}
	return max(n, 2)
}
