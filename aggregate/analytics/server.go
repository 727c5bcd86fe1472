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

	// User are the org units of the caller: USER_ORGUNIT names them, and
	// hierarchies begin at them.
	User []hmis.UID

	// ZeroIsData is the setting "include zero values in analytics": the text 0
	// counts for data elements that say that zero is significant.
	ZeroIsData bool

	// ValidOnly is the setting "respect category option start and end date in
	// analytics export".
	ValidOnly bool

	// ServerArtefacts gives the numbers of a DHIS2 server also where it mixes
	// periods up, as [aggregate.Query] says. If false, each data period is
	// divided by its own days, and expected reports are counted period by
	// period. What else a server gets wrong is never reproduced
	// (RULES.md#where-a-server-fails).
	ServerArtefacts bool

	// Within, if not nil, is all that may be seen: these org units and what is
	// below them. Values elsewhere do not exist for any request, whatever it
	// leaves out; org units elsewhere are refused with E7120, or left out where
	// a level or a group names them. If it is empty but not nil, nothing may be
	// seen.
	Within []hmis.UID

	// Interchange makes CSV over HTTP one for programs, with all texts as they
	// are. If false, a text that a spreadsheet would execute as a formula is
	// written so that it does not, since people open such files. Data value
	// sets are always for programs.
	Interchange bool

	// Reject, if not nil, is called for each data item that cannot be computed,
	// such as an indicator whose formula cannot be read. Such an item has no
	// rows, whether or not Reject is nil; all others are answered.
	Reject func(indicator.Item, error)

	// Limits bound what one request may use, and Ceiling what all of them hold
	// together. If Ceiling is nil, it is one that all such servers share.
	Limits  Limits
	Ceiling *Ceiling

	Workers int // goroutines of a query; 0 means GOMAXPROCS

	overHTTP bool // the request comes from ServeHTTP
}

// Query reads the parameters of a request. The error is an *[hmis.Issue] with
// the code of DHIS2, such as "E7124", and the name of the parameter in Field; a
// parameter that cannot be read at all, such as a truth value that is neither
// true nor false, has no code there and none here.
//
// Some of what is wrong is ignored, as DHIS2 does it: parameters that are not
// known, so misspelt ones too; a measure criterion whose number is malformed,
// such as measureCriteria=EQ:x; items that lead nowhere, if another item of the
// same dimension or filter does not.
//
// Of dx the query has the items that the request names, followed by the
// operands that a DHIS2 server answers too, which fetches all elements with all
// combos.
func (s Server) Query(params url.Values) (aggregate.Query, error) {
	r, err := s.request(context.Background(), params)
	if err != nil {
		return aggregate.Query{}, err
	}
	return r.query, nil
}

// Answer answers a request as DHIS2 does, text for text; only the order of
// rows, which DHIS2 leaves open, is that of the request. Errors are those of
// [Server.Query], E7144 while there is no cube, and [ErrBusy]. ServeHTTP does
// the same over HTTP.
func (s Server) Answer(ctx context.Context, params url.Values) (*Response, error) {
	h := s.hold()
	defer h.release()
	return s.answer(ctx, params, h)
}

// answer is Answer that counts in h what is held until h is released.
func (s Server) answer(ctx context.Context, params url.Values, h *hold) (*Response, error) {
	r, err := s.request(ctx, params)
	if err != nil {
		return nil, err
	}
	table := r.layout.wanted() && !r.skipData
	if table {
		r.output = outputSchemes{} // a table has ids, whatever the request says
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
	hold   *hold
	cells  []aggregate.Cell

	active    []hmis.UID // see activeUnits
	activeSet map[hmis.UID]bool
	hasActive bool
}

func (s Server) newAnswer(r *request, h *hold) *answer {
	return &answer{request: r, server: s, names: namer{s.Catalog, r.shortNames}, labels: newLabels(s.Catalog, r), hold: h}
}

// compute asks the engine.
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

// repeat gives an indicator that the request names twice its cells twice, as a
// server does it. All other items have theirs once.
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
