package analytics

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

// RawData answers a request with stored values, as analytics/rawData does. It
// has one row for each value that would count, with its own org unit and
// period. The periods of the request form one range from the earliest to the
// latest day, and a value's period must be inside it. Items of dx other than
// data elements and operands have no values.
//
// The first columns are the dimensions, with pe last and without a title. With
// showHierarchy, columns follow for the org units above, one for each level.
// The last columns are the first and last day of the period, and the value.
// Rows are in the order of dx, org units and periods.
func (s Server) RawData(ctx context.Context, params url.Values) (*Response, error) {
	h := s.hold()
	defer h.release()
	return s.rawData(ctx, params, h)
}

// rawData implements RawData. It counts the memory that it holds in h; the
// caller must release h.
func (s Server) rawData(ctx context.Context, params url.Values, h *hold) (*Response, error) {
	r, err := s.request(ctx, params)
	if err != nil {
		return nil, err
	}
	// A server ignores the periods of a request that has them as a dimension.
	lost := r.ranged || indexOf(r.dimensions, dimPeriod) >= 0
	r.dimensions = slices.DeleteFunc(r.dimensions, func(d dimension) bool { return d.id == dimPeriod })
	a := s.newAnswer(r, h)
	response := &Response{Rows: [][]string{}}
	if !r.skipData {
		cube, err := s.cube()
		if err != nil {
			return nil, err
		}
		response.Headers = a.rawHeaders()
		if response.Rows, err = a.rawRows(ctx, cube); err != nil {
			return nil, err
		}
	}
	if !r.skipMeta {
		if response.Meta, err = a.meta(ctx); err != nil {
			return nil, err
		}
		if lost {
			response.Meta.Items[dimPeriod] = a.shown(MetaItem{UID: dimPeriod, DimensionType: dimensionTypes[dimPeriod]})
		}
	}
	return response, nil
}

// rawQuery returns the query for the values between the days of the request.
func (r *request) rawQuery(t *orgunit.Tree) aggregate.Query {
	q := r.query
	q.Data = slices.DeleteFunc(slices.Clone(q.Data), func(i indicator.Item) bool { return i.Kind != indicator.DataElementItem })
	if at := indexOf(r.dimensions, dimData); at >= 0 { // leave out the operands that only a server adds
		q.Data = slices.DeleteFunc(q.Data, func(i indicator.Item) bool { return !slices.Contains(r.dimensions[at].data, i) })
	}
	q.ValueCriteria, q.Criteria = nil, nil
	dated := r.ranged
	for _, p := range slices.Concat(q.Periods, q.Filter.Periods) {
		if !dated || p.First() < q.Filter.From {
			q.Filter.From = p.First()
		}
		if !dated || p.Last() > q.Filter.To {
			q.Filter.To = p.Last()
		}
		dated = true
	}
	q.Periods, q.Filter.Periods = nil, nil
	if len(q.Data) == 0 && len(q.OrgUnits) == 0 && len(q.Split) == 0 { // the periods were the only dimension of the request
		if q.OrgUnits, q.Filter.OrgUnits = q.Filter.OrgUnits, nil; len(q.OrgUnits) == 0 {
			q.OrgUnits = t.Roots()
		}
	}
	return q
}

func (a *answer) rawHeaders() []Header {
	var headers []Header
	for _, d := range a.dimensions {
		headers = append(headers, metaHeader(d.id, a.names.dimension(d)))
	}
	headers = append(headers, metaHeader(dimPeriod, ""))
	if a.nameHierarchy {
		for _, level := range a.levels() {
			headers = append(headers, metaHeader(fmt.Sprintf("oulevel%d", level.Level), level.Name))
		}
	}
	date := Header{ValueType: "DATETIME", Type: "java.time.LocalDateTime"}
	first, last := date, date
	first.Name, first.Column = "pestartdate", "Period start date"
	last.Name, last.Column = "peenddate", "Period end date"
	headers = append(headers, first, last, numberHeader("value", "Value"))
	if a.numDen {
		headers = append(headers, partHeaders[:]...) // these columns have headers but no cells
	}
	return headers
}

// levels returns the levels of the org units, from the top, each once.
func (a *answer) levels() []hmis.OrgUnitLevel {
	byNumber := make(map[int]hmis.OrgUnitLevel)
	for id := range a.server.Tree.All() {
		n := a.server.Tree.Level(id)
		byNumber[n] = hmis.OrgUnitLevel{Level: n, Name: fmt.Sprintf("Level %d", n)}
	}
	for level := range hmis.All[hmis.OrgUnitLevel](a.server.Catalog) {
		byNumber[level.Level] = level
	}
	return slices.SortedFunc(maps.Values(byNumber), func(a, b hmis.OrgUnitLevel) int { return a.Level - b.Level })
}

func (a *answer) rawRows(ctx context.Context, cube *aggregate.Cube) ([][]string, error) {
	limits := a.server.Limits.filled()
	most := limits.Rows
	if a.ignoreLimit && !limits.Fixed {
		most = limits.AllRows
	}
	rows := [][]string{}
	q := a.rawQuery(a.server.Tree)
	if len(q.Data) == 0 && len(a.query.Data) > 0 {
		return rows, nil // an empty list would select all data
	}
	var levels []hmis.OrgUnitLevel
	if a.nameHierarchy {
		levels = a.levels()
	}
	byData, byUnit := indexOf(a.dimensions, dimData) >= 0, indexOf(a.dimensions, dimUnit) >= 0
	for value, err := range cube.Rows(ctx, q) {
		if err != nil {
			return nil, a.explain(a.server, err)
		}
		if len(rows) == most {
			return nil, tooManyRows(most)
		}
		if err := a.hold.reserveRow(a.request, len(rows)); err != nil {
			return nil, err
		}
		cell := aggregate.Cell{Split: value.Split}
		if byData {
			cell.Data = indicator.Item{Kind: indicator.DataElementItem, ID: value.DataElement}
		}
		if byUnit {
			cell.OrgUnit = value.OrgUnit
		}
		row := a.place(make([]string, 0, len(a.dimensions)+len(levels)+4), cell)
		row = append(row, a.labels.period(value.Period))
		row = append(row, a.above(levels, value.OrgUnit)...)
		rows = append(rows, append(row, value.Period.First().String(), value.Period.Last().String(), valueText(value.Value, asDouble)))
		a.noteUnit(cell)
	}
	return rows, nil
}

// above returns an id for each of levels: those of the org units above id, and
// id itself.
func (a *answer) above(levels []hmis.OrgUnitLevel, id hmis.UID) []string {
	if len(levels) == 0 {
		return nil
	}
	cells := make([]string, len(levels))
	for _, up := range a.lineageOf(id) {
		at := slices.IndexFunc(levels, func(l hmis.OrgUnitLevel) bool { return l.Level == a.server.Tree.Level(up) })
		cells[at] = string(up)
	}
	return cells
}

// noteUnit keeps one cell for each org unit, so that the hierarchy can be added
// later.
func (a *answer) noteUnit(cell aggregate.Cell) {
	if n := len(a.cells); n == 0 || a.cells[n-1].OrgUnit != cell.OrgUnit {
		a.cells = append(a.cells, aggregate.Cell{OrgUnit: cell.OrgUnit})
	}
}
