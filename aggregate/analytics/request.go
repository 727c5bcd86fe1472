package analytics

import (
	"context"
	"net/url"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// A request is an analytics request after parsing: the query for the engine and
// the form of the answer.
type request struct {
	options
	query      aggregate.Query
	dimensions []dimension // in the order of the answer's columns
	filters    []dimension // in the order of the request, each id once

	criteria, valueCriteria []aggregate.Criterion
}

// request parses and checks the parameters of a request in the order of a DHIS2
// server: first single parameters, then dimensions and filters, criteria and
// time, and then the whole request.
func (s Server) request(ctx context.Context, values url.Values) (*request, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	o, err := s.options(values)
	if err != nil {
		return nil, err
	}
	if n := len(values[paramDim]) + len(values[paramFilter]); n > maxDims {
		return nil, refuse(paramDim, "want at most %d dimensions and filters, got %d", maxDims, n)
	}
	r := &request{options: o}
	twice, err := r.read(ctx, s, values)
	if err != nil {
		return nil, err
	}
	p := params{values: values}
	r.criteria, r.valueCriteria = p.criteria("measureCriteria"), p.criteria("preAggregationMeasureCriteria")
	if p.err != nil {
		return nil, p.err
	}
	if err := r.plan(s); err != nil {
		return nil, err
	}
	if s.overHTTP {
		if err := r.checkTime(); err != nil {
			return nil, err
		}
	}
	return r, r.check(s, twice)
}

// read parses the dimensions and filters. twice lists the ids of dimensions
// that repeat. Filters with the same id are merged.
func (r *request) read(ctx context.Context, s Server, values url.Values) (twice []string, err error) {
	p := parser{ctx: ctx, server: s, options: r.options}
	for _, text := range values[paramDim] {
		if text == "" {
			continue
		}
		d, err := p.dimension(paramDim, text)
		if err != nil {
			return nil, err
		}
		switch at := indexOf(r.dimensions, d.id); {
		case at < 0:
			r.dimensions = append(r.dimensions, d)
		case !slices.Contains(twice, d.id):
			twice = append(twice, d.id)
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
	if r.ranged { // a request with days in place of periods has no column of periods
		r.dimensions = slices.DeleteFunc(r.dimensions, func(d dimension) bool { return d.id == dimPeriod && len(d.periods) == 0 })
	}
	slices.SortStableFunc(r.dimensions, func(a, b dimension) int { return rank(a.id) - rank(b.id) })
	return twice, nil
}

// rank returns the place of a column in an answer: dx first, then co, then ao,
// then all others.
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

// or adds the items of filter e, which is on the same dimension. A value then
// passes if it passes either filter.
func (d *dimension) or(e dimension) {
	d.data = distinct(append(d.data, e.data...))
	d.periods = distinct(append(d.periods, e.periods...))
	d.ids = distinct(append(d.ids, e.ids...))
	d.keywords = append(d.keywords, e.keywords...)
}

// plan sets the query for the engine.
func (r *request) plan(s Server) error {
	q := &r.query
	*q = aggregate.Query{
		Aggregation:     r.aggregation,
		Criteria:        r.criteria,
		ValueCriteria:   r.valueCriteria,
		SkipRounding:    r.skipRounding,
		ZeroIsData:      s.ZeroIsData,
		ValidOnly:       s.ValidOnly,
		ServerArtefacts: s.ServerArtefacts,
		Within:          s.Within,
		Workers:         s.Workers,
		Warn:            func(hmis.Issue) {}, // a server counts a type error as 0 and does not report it
	}
	for _, d := range r.dimensions {
		switch d.id {
		case dimData:
			items := distinct(d.data)
			extra, err := surplus(paramDim, items)
			if err != nil {
				return err
			}
			q.Data = slices.Concat(items, extra)
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
			q.Filter.Data = distinct(d.data)
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

// axis returns d as an axis of the engine. Without items, a set
// means all of its items. Option combos without items restrict nothing.
func (d dimension) axis() aggregate.Axis {
	return aggregate.Axis{ID: hmis.UID(d.id), Items: d.ids}
}

// soleItem returns the only item of a filter on data, if it is an indicator or
// reporting rate. Such an item is computed as if it were a dimension.
func (r *request) soleItem() (indicator.Item, bool) {
	if len(r.query.Data) > 0 || len(r.query.Filter.Data) != 1 {
		return indicator.Item{}, false
	}
	item := r.query.Filter.Data[0]
	return item, item.Kind == indicator.IndicatorItem || item.Kind == indicator.ReportingRateItem
}
