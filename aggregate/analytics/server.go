package analytics

import (
	"context"
	"net/url"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Server answers DHIS2 analytics requests from a Cube. Its methods do not
// change it, so that it is safe for concurrent use. Who serves users with
// different rights makes a Server for each of them: it is a small value.
type Server struct {
	Cube    func() *aggregate.Cube // called once for each request
	Catalog *hmis.Catalog
	Tree    *orgunit.Tree

	// Clock says what relative periods are counted from, unless the request has
	// a relativePeriodDate, and in which calendar periods are named. If nil, it
	// is the day at this machine in the Gregorian calendar.
	Clock func() period.Clock

	// User are the org units of whoever asks: USER_ORGUNIT stands for them, and
	// hierarchies begin at them.
	User []hmis.UID

	// ZeroIsData is the setting "include zero values in analytics": the text 0
	// counts for data elements that say that zero is significant.
	ZeroIsData bool

	// ValidOnly is the setting "respect category option start and end date in
	// analytics export".
	ValidOnly bool

	// ServerArtefacts gives the numbers of a DHIS2 server also where it mixes
	// periods up. If false, each data period is divided by its own days, and
	// expected reports are counted period by period.
	ServerArtefacts bool

	// MaxRows is how many rows a sub-query may have; 0 means 100,000, as in
	// DHIS2. The parameter ignoreLimit lifts it to a million rows in all.
	MaxRows int

	Workers int // goroutines of a query; 0 means GOMAXPROCS
}

// Query reads the parameters of a request. The error is an *[hmis.Issue] with
// the code of DHIS2, such as "E7124", and the name of the parameter in Field; a
// parameter that cannot be read at all, such as a truth value that is neither
// true nor false, has no code there and none here.
//
// Some of what is wrong is ignored, as DHIS2 does it: parameters that are not
// known, so misspelt ones too; a measure criterion whose number is malformed, such
// as measureCriteria=EQ:x (analytics specification, section 13); items that lead
// nowhere, if another item of the same dimension or filter does not.
//
// Of dx the query has the items that the request names, followed by the operands
// that a DHIS2 server answers too, which fetches all elements with all combos.
func (s Server) Query(params url.Values) (aggregate.Query, error) {
	r, err := s.request(params)
	if err != nil {
		return aggregate.Query{}, err
	}
	return r.query, nil
}

// Answer answers a request as DHIS2 does, text for text; only the order of rows,
// which DHIS2 leaves open, is that of the request. Errors are those of
// [Server.Query], and E7144 while there is no cube. ServeHTTP does the same over
// HTTP.
func (s Server) Answer(ctx context.Context, params url.Values) (*Response, error) {
	r, err := s.request(params)
	if err != nil {
		return nil, err
	}
	a, err := s.compute(ctx, r)
	if err != nil {
		return nil, err
	}
	response := a.response()
	if r.layout.wanted() && !r.skipData {
		return a.arrange(response)
	}
	return response, nil
}

// An answer is a request with the cells that it got.
type answer struct {
	*request
	server Server
	names  namer
	labels *labels
	cells  []aggregate.Cell
}

// compute asks the engine.
func (s Server) compute(ctx context.Context, r *request) (*answer, error) {
	a := &answer{request: r, server: s, names: namer{s.Catalog, r.shortNames}}
	a.labels = newLabels(s.Catalog, r)
	if r.skipData {
		return a, nil
	}
	step, err := r.size(s.Catalog)
	if err != nil {
		return nil, err
	}
	cube, err := s.cube()
	if err != nil {
		return nil, err
	}
	limit := limiter{server: s, counts: make(map[part]int), most: s.maxRows(), off: r.ignoreLimit}
	for cell, err := range a.ask(ctx, cube, step) {
		if err == nil {
			err = limit.count(cell)
		}
		if err != nil {
			return nil, r.explain(err)
		}
		a.cells = append(a.cells, cell)
	}
	if len(r.query.OrgUnits) > step {
		a.sortByItem()
	}
	a.sort()
	return a, a.labels.fill(a.cells)
}

func (s Server) cube() (*aggregate.Cube, error) {
	if s.Cube != nil {
		if cube := s.Cube(); cube != nil {
			return cube, nil
		}
	}
	return nil, wrong(codeNotBuilt, "", "there are no data to answer from yet")
}

// sortByItem puts the cells in the order of the data items again.
func (a *answer) sortByItem() {
	at := make(map[indicator.Item]int, len(a.query.Data))
	for i, item := range a.query.Data {
		at[item] = i
	}
	slices.SortStableFunc(a.cells, func(b, c aggregate.Cell) int { return at[b.Data] - at[c.Data] })
}

// sort puts the cells in the order that the request asks for: what is missing
// comes first in an ascending order and last in a descending one (analytics
// specification, section 15).
func (a *answer) sort() {
	if a.order == 0 {
		return
	}
	slices.SortStableFunc(a.cells, func(b, c aggregate.Cell) int {
		return a.order * compareValues(b.Value, c.Value)
	})
}

// compareValues compares numbers; texts and what is missing come before all of
// them.
func compareValues(v, w indicator.Value) int {
	d, ok := v.Decimal()
	e, ok2 := w.Decimal()
	switch {
	case ok && ok2:
		return d.Cmp(e)
	case ok:
		return 1
	case ok2:
		return -1
	}
	return 0
}
