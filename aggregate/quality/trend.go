package quality

import (
	"context"
	"fmt"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// Trend is the consistency over time: it compares a period with earlier ones.
// It is metric 2d for an indicator or data element, and 1d for the reporting
// rate of a data set.
type Trend struct {
	Data    indicator.Item
	DataSet hmis.UID // use the reporting rate of this data set in place of Data
	// Moving compares with a straight line through the reference periods,
	// continued by one step. If false, Trend compares with their mean.
	Moving bool
	// Expected accepts scores near 100 %. If false, scores near the overall
	// score are accepted.
	Expected  bool
	Threshold float64 // how far the score may differ, in per cent; 0 means 33
}

func (t Trend) metric() string {
	if t.DataSet != "" {
		return "1d"
	}
	return "2d"
}

// A History has the totals of an org unit in the period under review and in the
// reference periods, oldest first. A nil total is missing.
type History struct {
	OrgUnit   hmis.UID
	Reference []*float64
	Current   *float64
}

// Measure implements [Metric].
func (t Trend) Measure(ctx context.Context, c *aggregate.Cube, r Review) (Measure, error) {
	m := Measure{Metric: t.metric(), Item: t.Data.Name(c.Catalog())}
	if t.DataSet != "" {
		m.Item = c.Catalog().Name(hmis.Ref{Kind: hmis.KindDataSet, ID: t.DataSet})
	}
	if len(r.Reference) == 0 {
		return m, refuse("", "Reference", "no reference periods")
	}
	at, err := t.totals(ctx, c, r)
	if err != nil {
		return m, err
	}
	history := func(unit int) History {
		h := History{OrgUnit: r.places()[unit], Current: at(unit, r.Period)}
		for _, p := range r.Reference {
			h.Reference = append(h.Reference, at(unit, p))
		}
		return h
	}
	var units []History
	for i := range r.Units {
		units = append(units, history(i+1))
	}
	item := m.Item
	m, err = t.Compare(history(0), units)
	m.Item = item
	return m, err
}

// totals returns a function that returns the total of org unit i in a period.
func (t Trend) totals(
	ctx context.Context, c *aggregate.Cube, r Review,
) (func(i int, p period.Period) *float64, error) {
	periods := append([]period.Period{r.Period}, r.Reference...)
	if t.DataSet != "" {
		rates := map[period.Period][]Figure{}
		for _, p := range periods {
			one := r
			one.Period = p
			m, err := Reporting{DataSet: t.DataSet, ratesOnly: true}.Measure(ctx, c, one)
			if err != nil {
				return nil, err
			}
			rates[p] = append([]Figure{m.Overall}, m.Units...)
		}
		return func(i int, p period.Period) *float64 { return rates[p][i].Score }, nil
	}
	table, err := r.figures(ctx, c, periods, t.Data)
	if err != nil {
		return nil, err
	}
	places := r.places()
	return func(i int, p period.Period) *float64 { return number(table.At(t.Data, places[i], p)) }, nil
}

// Compare returns the metric for given totals. The Parts of a Figure are
// current, reference, and reference1 and so on, one for each reference period
// that has a value, oldest first.
func (t Trend) Compare(overall History, units []History) (Measure, error) {
	m := Measure{Metric: t.metric(), Units: []Figure{}, Note: t.note()}
	var err error
	if m.Threshold, err = threshold(t.Threshold, 33); err != nil {
		return m, err
	}
	m.Overall = t.figure(&overall)
	middle := 100.0
	judged := true
	if !t.Expected {
		if judged = m.Overall.Score != nil; judged {
			middle = *m.Overall.Score
		}
	}
	for i := range units {
		f := t.figure(&units[i])
		f.Unjudged = !judged
		f.Divergent = judged && f.Score != nil && offBy(*f.Score, middle, m.Threshold/100)
		m.Units = append(m.Units, f)
	}
	m.share()
	return m, nil
}

func (t Trend) note() string {
	text := "expected to be constant"
	if t.Moving {
		text = "expected to go on as a straight line"
	}
	if t.Expected {
		return text + "; org units are compared with what is expected"
	}
	return text + "; org units are compared with the overall score"
}

func (t Trend) figure(h *History) Figure {
	totals := make([]*float64, len(h.Reference))
	for i, v := range h.Reference {
		totals[i] = finite(v)
	}
	current, reference := finite(h.Current), t.reference(totals)
	f := Figure{OrgUnit: h.OrgUnit, Parts: parts("current", current, "reference", reference)}
	for i, v := range totals {
		if v != nil {
			f.Parts[fmt.Sprintf("reference%d", i+1)] = *v
		}
	}
	if current != nil && reference != nil && *reference != 0 {
		f.Score = known(100 * *current / *reference)
	}
	return f
}

// reference returns the expected total. It is the mean of the reference periods
// with a value, or the next point of the least-squares line through them. A
// period without a value keeps its place on the line. The result is not below
// 0, and for a rate not above 100.
func (t Trend) reference(totals []*float64) *float64 {
	n, sumX, sumY := 0.0, 0.0, 0.0
	for i, v := range totals {
		if v != nil {
			n, sumX, sumY = n+1, sumX+float64(i), sumY+*v
		}
	}
	if !t.Moving {
		return known(sumY / n)
	}
	if n < 2 {
		return nil
	}
	meanX, meanY, xx, xy := sumX/n, sumY/n, 0.0, 0.0
	for i, v := range totals {
		if v != nil {
			x := float64(i) - meanX
			xx, xy = xx+x*x, xy+x*(*v-meanY)
		}
	}
	y := max(meanY+xy/xx*(float64(len(totals))-meanX), 0)
	if t.DataSet != "" {
		y = min(y, 100)
	}
	return known(y)
}
