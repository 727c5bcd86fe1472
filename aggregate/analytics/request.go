package analytics

import (
	"errors"
	"net/url"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A request is a request of analytics as understood: the query for the engine
// and what the answer looks like.
type request struct {
	options
	query      aggregate.Query
	dimensions []dimension // in the order of the answer's columns
	filters    []dimension // in the order of the request, each id once
}

// request reads and checks the parameters of a request. Errors come in the order
// of the analytics specification, section 4: first what cannot be read, then
// what the engine refuses.
func (s Server) request(values url.Values) (*request, error) {
	o, err := s.options(values)
	if err != nil {
		return nil, err
	}
	if n := len(values[paramDim]) + len(values[paramFilter]); n > maxDims {
		return nil, wrong("", paramDim, "want at most %d dimensions and filters, got %d", maxDims, n)
	}
	p := parser{server: s, options: o}
	r := &request{options: o}
	var twice string
	for _, text := range values[paramDim] {
		if text == "" {
			continue
		}
		d, err := p.dimension(paramDim, text)
		if err != nil {
			return nil, err
		}
		if at := indexOf(r.dimensions, d.id); at < 0 {
			r.dimensions = append(r.dimensions, d)
		} else if twice == "" {
			twice = d.id
		}
	}
	for _, text := range values[paramFilter] {
		if text == "" {
			continue
		}
		d, err := p.dimension(paramFilter, text)
		if err != nil {
			return nil, err
		}
		if at := indexOf(r.filters, d.id); at < 0 {
			r.filters = append(r.filters, d)
		} else {
			r.filters[at].or(d)
		}
	}
	if r.ranged { // days instead of periods need no column of periods
		r.dimensions = slices.DeleteFunc(r.dimensions, func(d dimension) bool { return d.id == dimPeriod && len(d.periods) == 0 })
	}
	slices.SortStableFunc(r.dimensions, func(a, b dimension) int { return rank(a.id) - rank(b.id) })
	if err := r.plan(s); err != nil {
		return nil, err
	}
	if err := r.check(s, twice); err != nil {
		return nil, err
	}
	return r, r.checkLayout()
}

// rank orders the columns of an answer: dx, then co, then ao, then the others as
// requested (analytics specification, section 3.1).
func rank(id string) int {
	switch id {
	case dimData:
		return 0
	case dimCombo:
		return 1
	case dimAttr:
		return 2
	}
	return 3
}

func indexOf(list []dimension, id string) int {
	return slices.IndexFunc(list, func(d dimension) bool { return d.id == id })
}

// or adds the items of another filter on the same dimension: values that pass
// either of them pass (analytics specification, section 5).
func (d *dimension) or(e dimension) {
	d.data = distinct(append(d.data, e.data...))
	d.periods = distinct(append(d.periods, e.periods...))
	d.ids = distinct(append(d.ids, e.ids...))
	d.keywords = append(d.keywords, e.keywords...)
}

// plan makes the query.
func (r *request) plan(s Server) error {
	q := &r.query
	*q = aggregate.Query{
		Aggregation:   r.aggregation,
		Criteria:      r.criteria,
		ValueCriteria: r.valueCriteria,
		SkipRounding:  r.skipRounding,
		ZeroIsData:    s.ZeroIsData,
		ValidOnly:     s.ValidOnly,
		Workers:       s.Workers,
		Note:          func(error) {}, // the server takes type errors as 0 and goes on

		ServerArtefacts: s.ServerArtefacts,
	}
	for _, d := range r.dimensions {
		switch d.id {
		case dimData:
			extra, err := surplus(paramDim, d.data)
			if err != nil {
				return err
			}
			q.Data = slices.Concat(d.data, extra)
		case dimPeriod:
			q.Periods = d.periods
		case dimUnit:
			q.OrgUnits = d.ids
		default:
			q.Split = append(q.Split, d.axis())
		}
	}
	for _, d := range r.filters {
		switch d.id {
		case dimData:
			q.Filter.Data = d.data
		case dimPeriod:
			q.Filter.Periods = d.periods
		case dimUnit:
			q.Filter.OrgUnits = d.ids
		default:
			q.Filter.Axes = append(q.Filter.Axes, d.axis())
		}
	}
	if r.ranged {
		q.Filter.From, q.Filter.To = r.from, r.to
	}
	return nil
}

// axis returns d as the engine knows it. A set without items has all of its
// items; option combos without items restrict nothing.
func (d dimension) axis() aggregate.Axis {
	return aggregate.Axis{ID: hmis.UID(d.id), Items: d.ids}
}

// checkedBefore are the codes of checks that come before [codeTwice], which the
// engine cannot make for dx, pe and ou.
var checkedBefore = []string{"E7101", "E7102", "E7103", "E7104", "E7105", "E7106", "E7107", "E7108", "E7109", "E7110"}

// check asks the engine whether it would answer the query.
func (r *request) check(s Server, twice string) error {
	err := r.query.Check(s.Catalog)
	issue, _ := errors.AsType[*hmis.Issue](err)
	if twice != "" && (err == nil || issue != nil && !slices.Contains(checkedBefore, issue.Code)) {
		return wrong(codeTwice, paramDim, "%s: want each dimension once", quote.Text(twice))
	}
	if issue != nil {
		return r.translate(issue)
	}
	return err
}

// soleItem returns the indicator or reporting rate that is the only item of
// a filter on data: it is computed as if it were a dimension (analytics
// specification, section 10.5).
func (r *request) soleItem() (indicator.Item, bool) {
	if len(r.query.Data) > 0 || len(r.query.Filter.Data) != 1 {
		return indicator.Item{}, false
	}
	item := r.query.Filter.Data[0]
	return item, item.Kind == indicator.IndicatorItem || item.Kind == indicator.ReportingRateItem
}
