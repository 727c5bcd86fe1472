package quality

import (
	"fmt"
	"math"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Score is the way in which a value is compared with its series.
type Score uint8

// These are the scores.
const (
	ZScore        Score = iota // distance from the mean in population deviations
	ModifiedZ                  // distance from the median in median absolute deviations, times 0.6745
	MinMax                     // values outside the stored bounds
	InvalidNumber              // texts that are no plain number
	Quartiles                  // distance outside the quartiles, in distances between the quartiles
)

// String returns the name of the score in DHIS2. For Quartiles, which DHIS2
// does not have, it returns "QUARTILES".
func (s Score) String() string {
	names := [...]string{"Z_SCORE", "MOD_Z_SCORE", "MIN_MAX", "INVALID_NUMERIC", "QUARTILES"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("Score(%d)", uint8(s))
}

// An Order determines by which figure outliers are sorted.
type Order uint8

// These are the orders. Each sorts outliers by a figure of [Outlier], the
// largest first.
const (
	ByDistance Order = iota
	ByScore
	ByNumber
	ByMiddle
	ByDeviation
	ByLow
	ByHigh
)

// A Method defines what an outlier is. The zero Method finds values with a
// z-score of 3 or more, at most 500, as DHIS2 does by default.
//
// The largest z-score that n values allow is √(n-1), so with the threshold 3 a
// series of fewer than 10 values has no outlier. Method.Warn is called for such
// series. A large outlier increases the deviation and so hides itself and
// others. Medians avoid this, but are useless if more than half of the values
// are equal.
type Method struct {
	Score Score
	// Threshold is the smallest score of an outlier. For Quartiles it is a
	// factor of the distance between the quartiles. 0 means 3, or 1.5 for
	// Quartiles.
	Threshold float64
	From, To  period.Date // statistics only use periods within these days; 0 means no limit
	Bounds    []Bound     // the bounds that MinMax uses
	Max       int         // the largest number of outliers; 0 means 500, a negative number means all
	Order     Order       // not used for MinMax and InvalidNumber
	Ascending bool        // sort the smallest figure first

	ExcludeTested bool // a value is not part of the statistics by which it is judged
	ByPeriodType  bool // monthly and quarterly values of the same place are separate series
	MADFallback   bool // if the median deviation is 0, ModifiedZ uses the mean deviation

	// Analytics judges as the analytics endpoint of DHIS2 does. A score must be
	// above the threshold. Texts that are no plain numbers are left out and do
	// not end the run. Deleted values (see [aggregate.Loader.KeepUncounted])
	// are part of the statistics. So is a 0 that analytics leaves out, but it
	// is not tested. MinMax, InvalidNumber, From and To are not available.
	Analytics  bool
	ZeroIsData bool // with Analytics, a 0 is tested if its data element says that it counts

	Workers int // number of goroutines; 0 means GOMAXPROCS

	// Reject, if not nil, is called for each text that is no number, with an
	// error whose code is E2208. The value is then left out. If nil, the first
	// such text ends the run.
	Reject func(hmis.DataValue, error)

	// Warn, if not nil, is called for everything that makes the answer
	// doubtful: an unknown org unit or data element, and series that are too
	// short to have an outlier. Reject and Warn are called by one goroutine at
	// a time, in the same order for any number of workers.
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

// Check returns an error if the settings of m are impossible. It has DHIS2's
// code if there is one.
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

// refuse returns the error of a wrong request, with the code of DHIS2.
func refuse(code, field, format string, args ...any) *hmis.Issue {
	return &hmis.Issue{
		Code: code, Severity: hmis.Severe, Field: field, Offset: -1, Err: fmt.Errorf(format, args...),
	}
}

// fewest returns the smallest number of values with which a value of a series
// can reach the threshold. The largest z-score is √(n-1), so for a z-score it
// depends on the threshold. For other scores it is 2.
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
