package analytics

import (
	"context"
	"errors"
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

	overHTTP bool // the request comes from ServeHTTP
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
	table := r.layout.wanted() && !r.skipData
	if table {
		r.output = outputSchemes{} // a table has ids, whatever the request says
	}
	a, err := s.compute(ctx, r)
	if err != nil {
		return nil, err
	}
	response := a.response()
	if table {
		return a.arrange(response)
	}
	return response, nil
}

// ready says what a Server needs and does not have.
func (s Server) ready() error {
	switch {
	case s.Catalog == nil:
		return errors.New("analytics: the Server has no Catalog")
	case s.Tree == nil:
		return errors.New("analytics: the Server has no Tree")
	}
	return nil
}

// An answer is a request with the cells that it got.
type answer struct {
	*request
	server Server
	names  namer
	labels *labels
	cells  []aggregate.Cell
}

func (s Server) newAnswer(r *request) *answer {
	return &answer{request: r, server: s, names: namer{s.Catalog, r.shortNames}, labels: newLabels(s.Catalog, r)}
}

// compute asks the engine.
func (s Server) compute(ctx context.Context, r *request) (*answer, error) {
	a := s.newAnswer(r)
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
		if err != nil {
			return nil, r.explain(s, err)
		}
		if err := limit.count(cell); err != nil {
			return nil, err
		}
		a.cells = append(a.cells, cell)
	}
	if len(r.query.OrgUnits) > step {
		a.sortByItem()
	}
	a.repeat()
	a.sort()
	return a, nil
}

// repeat gives an indicator that the request names twice its cells twice, as a
// server does it. All other items have theirs once.
func (a *answer) repeat() {
	at := indexOf(a.dimensions, dimData)
	if at < 0 {
		return
	}
	times := make(map[indicator.Item]int)
	again := false
	for _, item := range a.dimensions[at].data {
		if item.Kind == indicator.IndicatorItem {
			times[item]++
			again = again || times[item] > 1
		}
	}
	if !again {
		return
	}
	var cells []aggregate.Cell
	for _, cell := range a.cells {
		for range max(1, times[cell.Data]) {
			cells = append(cells, cell)
		}
	}
	a.cells = cells
}

func (s Server) cube() (*aggregate.Cube, error) {
	if s.Cube != nil {
		if cube := s.Cube(); cube != nil {
			return cube, nil
		}
	}
	return nil, wrong(codeNotBuilt, "")
}

// sortByItem puts the cells in the order of the data items again.
func (a *answer) sortByItem() {
	at := make(map[indicator.Item]int, len(a.query.Data))
	for i, item := range a.query.Data {
		at[item] = i
	}
	slices.SortStableFunc(a.cells, func(b, c aggregate.Cell) int { return at[b.Data] - at[c.Data] })
}

// sort puts the cells in the order that the request asks for.
func (a *answer) sort() {
	if a.order == 0 {
		return
	}
	slices.SortStableFunc(a.cells, func(b, c aggregate.Cell) int {
		return a.order * compareValues(b.Value, c.Value)
	})
}
