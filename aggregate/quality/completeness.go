package quality

import (
	"context"
	"math"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// Completeness is metric 1c, the completeness of data. It is the share of cells
// that have a value among the cells that should have one. A cell is an item at
// an org unit of the data set in one of its periods. A data element has a value
// if any of its option combos has one.
type Completeness struct {
	DataSet   hmis.UID         // decides where and how often values are expected
	Data      []indicator.Item // data elements and operands; none means the data elements of the data set
	Threshold float64          // an org unit with a lower share diverges; 0 means 90
	Reported  bool             // count only the cells of reports that were marked complete
	Periods   []period.Period  // periods of the data set; none means those within the period under review

	// TrimInactive is a number of periods; 0 means no trimming. An org unit
	// without values in at least that many first or last periods counts as not
	// yet open, or as closed. Its cells in these periods are left out.
	TrimInactive int
}

// Measure implements [Metric]. The Parts of a Figure are the numbers of cells
// that are expected, present, missing, zero (all values are 0) and negative
// (some value is). Further Parts are completenessNonZero, missingPercent and
// zeroPercent.
func (q Completeness) Measure(ctx context.Context, c *aggregate.Cube, r Review) (Measure, error) {
	m := Measure{Metric: "1c", Item: q.name(c.Catalog())}
	if q.Reported {
		m.Note = "of the reports that were completed"
	}
	var err error
	if m.Threshold, err = threshold(q.Threshold, 90); err != nil {
		return m, err
	}
	set, ok := hmis.Find[hmis.DataSet](c.Catalog(), q.DataSet)
	switch {
	case !ok:
		return m, refuse("", "DataSet", "unknown data set %q", q.DataSet)
	case set.PeriodType == 0:
		return m, refuse("", "DataSet", "data set %q has no period type", q.DataSet)
	case q.TrimInactive < 0:
		return m, refuse("", "TrimInactive", "%d periods: want a number that is not negative", q.TrimInactive)
	}
	forms, err := newForms(c, &set, q.Periods, r)
	if err != nil {
		return m, err
	}
	if _, err := forms.register(ctx, c, &set); err != nil {
		return m, err
	}
	cells, err := q.cells(ctx, c, forms, &set)
	if err != nil {
		return m, err
	}
	m.Issues = append(forms.issues, cells.issues...)
	figure := func(unit hmis.UID) Figure {
		if ctx.Err() != nil {
			return Figure{}
		}
		n := cells.count(unit)
		f := Figure{OrgUnit: unit, Score: percent(n.present, n.expected)}
		missing := n.expected - n.present
		f.Parts = parts(
			"expected", n.expected, "present", n.present, "missing", missing,
			"zero", n.zero, "negative", n.negative,
			"completenessNonZero", percent(n.present-n.zero, n.expected),
			"missingPercent", percent(missing, n.expected), "zeroPercent", percent(n.zero, n.expected),
		)
		f.Divergent = f.Score != nil && below(*f.Score, m.Threshold)
		return f
	}
	m.Overall = figure(r.Overall)
	m.Overall.Divergent = false
	m.Units = []Figure{}
	for _, unit := range r.Units {
		m.Units = append(m.Units, figure(unit))
	}
	m.share()
	return m, ctx.Err()
}

func (q Completeness) name(c *hmis.Catalog) string {
	if len(q.Data) == 1 {
		return q.Data[0].Name(c)
	}
	return c.Name(hmis.Ref{Kind: hmis.KindDataSet, ID: q.DataSet})
}

// A cellState is the content of a cell. A cell that is present and neither
// positive nor negative has only zeros.
type cellState uint8

const (
	present cellState = 1 << iota
	nonZero
	negative
)

// A cells counts the cells of each report that have a value, only zeros, or a
// negative value.
type cells struct {
	forms  *forms
	each   int // number of cells in one report
	asked  formState
	sums   [][]cellCount // counts for each period and, within it, each position
	active []activity
	issues hmis.Issues
}

type cellCount struct{ present, zero, negative uint16 }

// cells counts the cells of each report. It reads one item after another, so
// that memory does not grow with the number of items.
func (q Completeness) cells(ctx context.Context, c *aggregate.Cube, f *forms, set *hmis.DataSet) (*cells, error) {
	items := q.Data
	if len(items) == 0 {
		items = elementsOf(set)
	}
	n := &cells{forms: f, asked: expected}
	if q.Reported {
		n.asked |= registered
	}
	for range f.periods {
		n.sums = append(n.sums, make([]cellCount, f.tree.Len()))
	}
	state := make([][]cellState, len(f.periods))
	for i := range state {
		state[i] = make([]cellState, f.tree.Len())
	}
	for _, item := range items {
		if item.KindIn(c.Catalog()) != indicator.DataElementItem || n.each == math.MaxUint16 {
			n.issues = append(n.issues, refuse("E7125", "Data", "%s is no data element: it has no cells", item))
			continue
		}
		n.each++
		for i := range state {
			clear(state[i])
		}
		err := f.values(ctx, c, []indicator.Item{item}, func(i, pos int, v indicator.Value) {
			s := present
			x, ok := v.Float64()
			if !ok || x != 0 {
				s |= nonZero
			}
			if ok && x < 0 {
				s |= negative
			}
			state[i][pos] |= s
		})
		if err != nil {
			return nil, err
		}
		for i := range state {
			for pos, s := range state[i] {
				sum := &n.sums[i][pos]
				if s&present != 0 {
					sum.present++
				}
				if s&(present|nonZero) == present {
					sum.zero++
				}
				if s&negative != 0 {
					sum.negative++
				}
			}
		}
	}
	n.active = q.activity(f)
	return n, nil
}

// An activity is the range of periods in which an org unit counts as open.
type activity struct{ first, end int }

// activity returns the range of periods between the first and the last value of
// each org unit.
func (q Completeness) activity(f *forms) []activity {
	list := make([]activity, f.tree.Len())
	for pos := range list {
		a := activity{0, len(f.periods)}
		if q.TrimInactive > 0 {
			first, last := -1, -1
			for i := range f.periods {
				if f.state[i][pos]&withValues != 0 {
					if first < 0 {
						first = i
					}
					last = i
				}
			}
			switch silent := len(f.periods) - 1 - last; {
			case first < 0 && len(f.periods) >= q.TrimInactive:
				a.end = 0
			case first < 0:
			default:
				if first >= q.TrimInactive {
					a.first = first
				}
				if silent >= q.TrimInactive {
					a.end = last + 1
				}
			}
		}
		list[pos] = a
	}
	return list
}

// A cellTotal counts the cells at an org unit and all units below it.
type cellTotal struct{ expected, present, zero, negative float64 }

func (n *cells) count(unit hmis.UID) cellTotal {
	var t cellTotal
	first, end, _ := n.forms.tree.Span(unit)
	for pos := first; pos < end; pos++ {
		for i := n.active[pos].first; i < n.active[pos].end; i++ {
			if n.forms.state[i][pos]&n.asked != n.asked {
				continue
			}
			sum := n.sums[i][pos]
			t.expected += float64(n.each)
			t.present += float64(sum.present)
			t.zero += float64(sum.zero)
			t.negative += float64(sum.negative)
		}
	}
	return t
}
