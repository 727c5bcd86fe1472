package quality

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A found is the result of searching one data element for outliers.
type found struct {
	short, total int // number of series that are too short, and number of all series
	rejected     []leftOut
	err          error
}

// A leftOut is a value that is not judged, with the reason.
type leftOut struct {
	value hmis.DataValue
	err   error
}

func (f *found) tooShort(element hmis.UID, m *Method) *hmis.Issue {
	return &hmis.Issue{
		Code: "series_short", Severity: hmis.Info, Offset: -1,
		Object: hmis.Ref{Kind: hmis.KindDataElement, ID: element},
		Err: fmt.Errorf("%d of %d series have fewer than %d values: none can be an outlier at %v",
			f.short, f.total, m.fewest(), m.threshold()),
	}
}

// A detector judges the series of one data element after another. It is for one
// goroutine.
type detector struct {
	*detection
	outliers  []Outlier // outliers of all data elements so far, except some that cannot be among the first
	last      *Outlier  // the last of the outliers that are kept, once there are as many as wanted
	allTested bool      // every value is judged
	found
	sample
	looking wanted // the data element being judged
	at      []int  // indexes of the series' values that are numbers
	number  []float64
	types   []period.Type
}

// A numberKind is the way in which a score treats a value.
type numberKind uint8

const (
	absent numberKind = iota // there is no value
	counts                   // the value is a number that counts
	noNumber
)

func (w *detector) element(ctx context.Context, e wanted) error {
	w.looking = e
	if w.method.Analytics && !e.typ.IsNumeric() {
		return nil // analytics does not hold numbers for such an element
	}
	for s, err := range w.series(ctx, e) {
		if err != nil {
			return err
		}
		switch w.method.Score {
		case InvalidNumber:
			w.invalid(s)
		case MinMax:
			err = w.minMax(s)
		default:
			err = w.scores(s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add adds value i of a series to the outliers, unless it cannot be among the
// first.
func (w *detector) add(s *aggregate.Series, i int, o Outlier) {
	if w.last != nil && w.method.after(&o, w.last) {
		return
	}
	o.Value = s.Data(i)
	w.outliers = append(w.outliers, o)
	if most := w.method.most(); len(w.outliers) > 4*defaultMax && len(w.outliers)/2 > most {
		w.outliers = w.method.first(context.Background(), w.outliers)
		w.last = &w.outliers[most-1]
	}
}

// read returns value i of a series as a number.
func (w *detector) read(s *aggregate.Series, i int) (float64, numberKind) {
	if f, ok := s.Values[i].Float64(); ok && !math.IsInf(f, 0) {
		return f, counts
	}
	text := s.Text(i)
	switch {
	case s.Marks[i]&aggregate.Deleted != 0:
		if w.method.Analytics {
			if d, ok := hmis.Number.Number(text); ok {
				return d.InexactFloat64(), counts
			}
		}
		return 0, absent
	case text == "":
		return 0, absent
	case w.method.Analytics:
		return 0, absent
	}
	if f, ok := readNumber(text); ok {
		return f, counts
	}
	return 0, noNumber
}

// scientific matches a number in the form of a database: with an optional sign,
// point and exponent.
var scientific = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)

func readNumber(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	if !scientific.MatchString(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// plainNumber matches a number that INVALID_NUMERIC accepts.
var plainNumber = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)$`)

// isPlainNumber reports whether a text is a number with at most 307 characters
// before the point, including the sign. Blanks around the number are ignored.
func isPlainNumber(text string) bool {
	text = strings.TrimSpace(text)
	whole, _, _ := strings.Cut(text, ".")
	const longest = 307
	return len(whole) <= longest && plainNumber.MatchString(text)
}

// invalid finds texts that are no plain number.
func (w *detector) invalid(s *aggregate.Series) {
	for i := range s.Values {
		if s.Marks[i]&aggregate.Deleted != 0 || !w.tested(s.Periods[i]) {
			continue
		}
		if f, ok := s.Values[i].Float64(); ok && math.Abs(f) < 1e300 {
			continue // the text has only plain digits, and not too many
		}
		if !isPlainNumber(s.Text(i)) {
			w.add(s, i, Outlier{})
		}
	}
}

// minMax finds values outside the bounds for their data element, org unit and
// option combo.
func (w *detector) minMax(s *aggregate.Series) error {
	b, ok := w.bounds[boundPlace{s.Key.DataElement, s.Key.OrgUnit, s.Key.OptionCombo}]
	if !ok {
		return nil
	}
	low, high := b[0], b[1]
	for i := range s.Values {
		if s.Marks[i]&aggregate.Deleted != 0 || !w.tested(s.Periods[i]) {
			continue
		}
		x, kind := w.read(s, i)
		switch {
		case kind == noNumber:
			if err := w.refuse(s, i); err != nil {
				return err
			}
		case kind == counts && (x < low || x > high):
			w.add(s, i, Outlier{
				Number: x, Low: low, High: high,
				Distance: min(math.Abs(x-low), math.Abs(x-high)),
			})
		}
	}
	return nil
}

// refuse calls Reject for a text that is no number, or ends the run.
func (w *detector) refuse(s *aggregate.Series, i int) error {
	bad := notNumeric(s, i)
	if w.method.Reject == nil {
		return bad
	}
	w.rejected = append(w.rejected, leftOut{s.Data(i), bad})
	return nil
}

func notNumeric(s *aggregate.Series, i int) *hmis.Issue {
	v := s.Data(i)
	bad := refuse("E2208", "", "%q at org unit %s in %s is no number", v.Value, v.OrgUnit, v.Period)
	bad.Object = hmis.Ref{Kind: hmis.KindDataElement, ID: v.DataElement}
	return bad
}

// scores judges the values of one series by the score of the Method.
func (w *detector) scores(s *aggregate.Series) error {
	w.at, w.number, w.types = w.at[:0], w.number[:0], w.types[:0]
	for i := range s.Values {
		if s.Marks[i]&aggregate.Deleted != 0 && !w.method.Analytics {
			continue
		}
		p := s.Periods[i]
		x, kind := w.read(s, i)
		switch {
		case kind == noNumber && (w.method.counted(p) || w.tested(p)):
			if err := w.refuse(s, i); err != nil {
				return err
			}
		case kind == counts:
			w.at, w.number = append(w.at, i), append(w.number, x)
			if w.method.ByPeriodType && !slices.Contains(w.types, p.Type()) {
				w.types = append(w.types, p.Type())
			}
		}
	}
	if !w.method.ByPeriodType {
		w.judge(s, w.at, w.number)
		return nil
	}
	for _, typ := range w.types {
		var at []int
		var number []float64
		for k, i := range w.at {
			if s.Periods[i].Type() == typ {
				at, number = append(at, i), append(number, w.number[k])
			}
		}
		w.judge(s, at, number)
	}
	return nil
}

// judge judges numbers that belong to one distribution. at has their indexes in
// s.
func (w *detector) judge(s *aggregate.Series, at []int, number []float64) {
	if !w.allTested && !slices.ContainsFunc(at, func(i int) bool { return w.isTested(s, i) }) {
		return
	}
	w.total++
	if !w.method.ExcludeTested {
		if w.x = number; w.method.From != 0 || w.method.To != 0 {
			w.statistics(s, at, number, -1)
		}
		if len(w.x) < w.method.fewest() {
			w.short++
		}
		if !constant(w.x) {
			w.judgeAll(s, at, number, w.spread())
		}
		return
	}
	if len(number) < 1+w.method.fewest() {
		w.short++
	}
	for k := range at {
		w.statistics(s, at, number, k)
		w.judgeAll(s, at[k:k+1], number[k:k+1], w.spread())
	}
}

// statistics fills the sample with the numbers within the days of the
// statistics. It leaves out the number with the index without.
func (w *detector) statistics(s *aggregate.Series, at []int, number []float64, without int) {
	x := make([]float64, 0, len(number))
	for k, i := range at {
		if k != without && w.method.counted(s.Periods[i]) {
			x = append(x, number[k])
		}
	}
	w.x = x
}

func (w *detector) isTested(s *aggregate.Series, i int) bool {
	return s.Marks[i]&aggregate.Deleted == 0 && w.tested(s.Periods[i])
}

// A spread is the middle and the width of a distribution.
type spread struct {
	middle, deviation float64
	perUnit           float64 // the score of a value that is one deviation from the middle
	q1, q3            float64
}

// spread returns the spread of the sample. Its deviation is 0 or NaN if nothing
// can be judged.
func (w *detector) spread() spread {
	if len(w.x) == 0 {
		return spread{}
	}
	switch w.method.Score {
	case ModifiedZ:
		s := spread{middle: w.median(), perUnit: madScore}
		mad, mean := w.absolute(s.middle)
		if s.deviation = mad; mad == 0 && w.method.MADFallback {
			s.deviation, s.perUnit = mean, 1/meanScore
		}
		return s
	case Quartiles:
		s := spread{middle: w.median(), perUnit: 1}
		s.q1, s.q3 = percentile(w.sorted, 0.25), percentile(w.sorted, 0.75)
		s.deviation = s.q3 - s.q1
		return s
	}
	m := mean(w.x)
	return spread{middle: m, deviation: deviation(w.x, m, 0), perUnit: 1}
}

// judgeAll adds those numbers that are outliers in a distribution.
func (w *detector) judgeAll(s *aggregate.Series, at []int, number []float64, d spread) {
	if !(d.deviation > 0) {
		return
	}
	t := w.method.threshold()
	half := t * d.deviation / d.perUnit
	low, high := d.middle-half, d.middle+half
	if w.method.Score == Quartiles {
		low, high = d.q1-half, d.q3+half
	}
	surely := half * (1 - 10*onBound) // a value at less than this distance is certainly no outlier
	if w.method.Score == Quartiles {
		surely = 0
	}
	for k, x := range number {
		distance := math.Abs(x - d.middle)
		if distance < surely {
			continue
		}
		score := d.perUnit * distance / d.deviation
		if w.method.Score == Quartiles {
			score = max(d.q1-x, x-d.q3, 0) / d.deviation
		}
		strict := w.method.Analytics || w.method.Score == Quartiles
		if below(score, t) || strict && !above(score, t) || !w.isTested(s, at[k]) {
			continue
		}
		if x == 0 && w.looking.zero && s.Text(at[k]) == "0" {
			continue
		}
		w.add(s, at[k], Outlier{
			Number: x,
			Middle: d.middle, Deviation: d.deviation, Distance: distance, Score: score, Low: low, High: high,
		})
	}
}

// each calls do for the numbers 0 to n-1 on several goroutines. Each goroutine
// calls start once to get its own do. If do returns false, no further calls are
// started.
func each(workers, n int, start func() (do func(i int) bool)) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var stop atomic.Bool
	work := func() {
		do := start()
		for !stop.Load() {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			if !do(i) {
				stop.Store(true)
			}
		}
	}
	workers = min(workers, n)
	if workers <= 1 {
		work()
		return
	}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(work)
	}
	wg.Wait()
}
