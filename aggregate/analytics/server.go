package analytics

import (
	"cmp"
	"context"
	"errors"
	"net/url"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Server answers DHIS2 analytics requests from a Cube. Its methods do not
// change it, so that it is safe for concurrent use. To serve users with
// different rights, make a Server for each: it is a small value.
type Server struct {
	Cube    func() *aggregate.Cube // returns the cube; called once for each request
	Catalog *hmis.Catalog
	Tree    *orgunit.Tree

	// Clock returns the day from which relative periods are counted and the
	// calendar of periods. A relativePeriodDate in the request overrides the
	// day. If nil, it is the day on this machine in the Gregorian calendar.
	Clock func() period.Clock

	// User has the org units of the caller. USER_ORGUNIT stands for them, and
	// hierarchies begin at them.
	User []hmis.UID

	// ZeroIsData is the setting "include zero values in analytics": values 0
	// count for data elements whose zeros are significant.
	ZeroIsData bool

	// ValidOnly is the setting "respect category option start and end date in
	// analytics export".
	ValidOnly bool

	// ServerArtefacts reproduces the numbers of a DHIS2 server even where it
	// confuses periods; see [aggregate.Query]. If false, each data period is
	// divided by its own days, and expected reports are counted period by
	// period. No other fault of a server is reproduced
	// (RULES.md#where-a-server-fails).
	ServerArtefacts bool

	// Within, if not nil, lists the org units that may be seen, with all below
	// them. For every request, values elsewhere do not exist. Org units
	// elsewhere are refused with E7120, or left out of a level or group. If
	// Within is empty but not nil, nothing may be seen.
	Within []hmis.UID

	// Interchange makes CSV over HTTP one for programs, with all texts
	// unchanged. If false, a text that a spreadsheet would execute as a formula
	// is made safe. Data value sets are always for programs.
	Interchange bool

	// Reject, if not nil, is called for each data item that cannot be computed,
	// such as an indicator whose formula cannot be read. Such an item has no
	// rows, whether or not Reject is nil, and all others are answered.
	Reject func(indicator.Item, error)

	// Limits bound the resources of one request, and Ceiling the memory of all
	// together. All servers whose Ceiling is nil share one.
	Limits  Limits
	Ceiling *Ceiling

	Workers int // number of goroutines for a query; 0 means GOMAXPROCS

	overHTTP bool // the request comes from ServeHTTP
}

// Query parses the parameters of a request. The error is an *[hmis.Issue] with
// the code of DHIS2, such as "E7124", and the name of the parameter in Field.
// As on a server, a parameter that cannot be parsed, such as a truth value that
// is neither true nor false, has no code.
//
// Like DHIS2, Query ignores some faults. These are unknown parameters, even
// misspelt ones, a measure criterion with a malformed number, such as EQ:x, and
// unknown items beside known ones.
//
// For dx the query has the items of the request, followed by the operands that
// a DHIS2 server adds, since it combines all elements with all option combos.
func (s Server) Query(params url.Values) (aggregate.Query, error) {
	r, err := s.request(context.Background(), params)
	if err != nil {
		return aggregate.Query{}, err
	}
	return r.query, nil
}

// Answer answers a request exactly as DHIS2 does. Rows, whose order DHIS2
// leaves open, are in the order of the request. Errors are those of
// [Server.Query], E7144 while there is no cube, and [ErrBusy]. ServeHTTP does
// the same over HTTP.
func (s Server) Answer(ctx context.Context, params url.Values) (*Response, error) {
	h := s.hold()
	defer h.release()
	return s.answer(ctx, params, h)
}

// answer implements Answer. It counts the memory that it holds in h; the caller
// must release h.
func (s Server) answer(ctx context.Context, params url.Values, h *hold) (*Response, error) {
	r, err := s.request(ctx, params)
	if err != nil {
		return nil, err
	}
	table := r.layout.wanted() && !r.skipData
	if table {
		r.output = outputSchemes{} // a table always identifies objects by id
	}
	a, err := s.compute(ctx, r, h)
	if err != nil {
		return nil, err
	}
	response := &Response{Rows: [][]string{}}
	if !a.skipData {
		response.Headers = a.headers()
		if response.Rows, err = a.rows(ctx); err != nil {
			return nil, err
		}
	}
	if !a.skipMeta {
		if response.Meta, err = a.meta(ctx); err != nil {
			return nil, err
		}
	}
	if table {
		return a.arrange(ctx, response)
	}
	return response, nil
}

// ready returns an error if the Server lacks something that it needs.
func (s Server) ready() error {
	switch {
	case s.Catalog == nil:
		return errors.New("analytics: the Server has no Catalog")
	case s.Tree == nil:
		return errors.New("analytics: the Server has no Tree")
	}
	return nil
}

// An answer is a request with its cells.
type answer struct {
	*request
	server Server
	names  namer
	labels *labels
	hold   *hold
	cells  []aggregate.Cell

	active    []hmis.UID // the result of activeUnits
	activeSet map[hmis.UID]bool
	hasActive bool
}

func (s Server) newAnswer(r *request, h *hold) *answer {
	return &answer{request: r, server: s, names: namer{s.Catalog, r.shortNames}, labels: newLabels(s.Catalog, r), hold: h}
}

// compute computes the cells of a request with the engine.
func (s Server) compute(ctx context.Context, r *request, h *hold) (*answer, error) {
	a := s.newAnswer(r, h)
	if r.skipData {
		return a, nil
	}
	step, err := r.size(s)
	if err != nil {
		return nil, err
	}
	cube, err := s.cube()
	if err != nil {
		return nil, err
	}
	if err := h.reserve(r.triedBytes(step)); err != nil {
		return nil, err
	}
	limit := s.limiter(r)
	for cell, err := range a.ask(ctx, cube, step) {
		if err != nil {
			return nil, r.explain(s, err)
		}
		if err := cmp.Or(limit.count(cell), h.reserveRow(r, len(a.cells))); err != nil {
			return nil, err
		}
		a.cells = append(a.cells, cell)
	}
	if len(r.query.OrgUnits) > step {
		if err := a.sortByItem(ctx); err != nil {
			return nil, err
		}
	}
	if err := a.repeat(); err != nil {
		return nil, err
	}
	return a, a.sort(ctx)
}

// repeat repeats the cells of an indicator that occurs twice in the request, as
// a server does. The cells of all other items occur once.
func (a *answer) repeat() error {
	at := indexOf(a.dimensions, dimData)
	if at < 0 {
		return nil
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
		return nil
	}
	most := a.server.Limits.filled().AllRows
	var cells []aggregate.Cell
	for _, cell := range a.cells {
		for range max(1, times[cell.Data]) {
			if len(cells) == most {
				return tooManyRows(most)
			}
			if err := a.hold.reserveRow(a.request, len(cells)); err != nil {
				return err
			}
			cells = append(cells, cell)
		}
	}
	a.cells = cells
	return nil
}

func (s Server) cube() (*aggregate.Cube, error) {
	if s.Cube != nil {
		if cube := s.Cube(); cube != nil {
			return cube, nil
		}
	}
	return nil, wrong(codeNotBuilt, "")
}
