package analytics

import (
	"context"
	"net/url"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// RawData answers a request with the values themselves, as analytics/rawData
// does: one row for each value that would be counted, at the org unit and period
// for which it is stored. The periods of the request make one range, from the
// earliest day to the latest, and a value must lie inside it. Only data elements
// and operands have values; what else is in dx selects none.
//
// The columns are the dimensions without pe, then pe, of which the server leaves
// the title empty, the first and last day of the period, and the value. Rows are
// in the order of dx, org units and periods (analytics specification, section
// 17).
func (s Server) RawData(ctx context.Context, params url.Values) (*Response, error) {
	r, err := s.request(params)
	if err != nil {
		return nil, err
	}
	r.dimensions = slices.DeleteFunc(r.dimensions, func(d dimension) bool { return d.id == dimPeriod })
	a := &answer{request: r, server: s, names: namer{s.Catalog, r.shortNames}, labels: newLabels(s.Catalog, r)}
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
		response.Meta = a.meta()
	}
	return response, nil
}

// rawQuery returns the query for values between two days.
func (r *request) rawQuery(t *orgunit.Tree) aggregate.Query {
	q := r.query
	q.Data = slices.DeleteFunc(slices.Clone(q.Data), func(i indicator.Item) bool { return i.Kind != indicator.DataElementItem })
	for _, p := range slices.Concat(q.Periods, q.Filter.Periods) {
		if !r.ranged || p.First() < q.Filter.From {
			q.Filter.From = p.First()
		}
		if !r.ranged || p.Last() > q.Filter.To {
			q.Filter.To = p.Last()
		}
		r.ranged = true
	}
	q.Periods, q.Filter.Periods = nil, nil
	if len(q.Data) == 0 && len(q.OrgUnits) == 0 && len(q.Split) == 0 { // periods were the only dimension
		if q.OrgUnits, q.Filter.OrgUnits = q.Filter.OrgUnits, nil; len(q.OrgUnits) == 0 {
			q.OrgUnits = t.Roots()
		}
	}
	return q
}

func (a *answer) rawHeaders() []Header {
	headers := make([]Header, 0, len(a.dimensions)+4)
	for _, d := range a.dimensions {
		headers = append(headers, metaHeader(d.id, a.names.dimension(d)))
	}
	date := Header{ValueType: "DATETIME", Type: "java.util.Date"}
	first, last := date, date
	first.Name, first.Column = "periodstartdate", "Period start date"
	last.Name, last.Column = "periodenddate", "Period end date"
	return append(headers, metaHeader(dimPeriod, ""), first, last, numberHeader("value", "Value"))
}

func (a *answer) rawRows(ctx context.Context, cube *aggregate.Cube) ([][]string, error) {
	most := a.server.maxRows()
	if a.ignoreLimit {
		most = max(most, maxRows)
	}
	rows := [][]string{}
	q := a.rawQuery(a.server.Tree)
	if len(q.Data) == 0 && len(a.query.Data) > 0 {
		return rows, nil // no data would mean all data
	}
	byData, byUnit := indexOf(a.dimensions, dimData) >= 0, indexOf(a.dimensions, dimUnit) >= 0
	var cell [1]aggregate.Cell
	for value, err := range cube.Rows(ctx, q) {
		if err != nil {
			return nil, a.explain(err)
		}
		if len(rows) == most {
			return nil, tooManyRows(most)
		}
		cell[0] = aggregate.Cell{Period: value.Period, Split: value.Split}
		if byData {
			cell[0].Data = indicator.Item{Kind: indicator.DataElementItem, ID: value.DataElement}
		}
		if byUnit {
			cell[0].OrgUnit = value.OrgUnit
		}
		if err := a.labels.fill(cell[:]); err != nil {
			return nil, err
		}
		row := a.place(make([]string, 0, len(a.dimensions)+4), cell[0], "")
		rows = append(rows, append(row, value.Period.String(),
			moment(value.Period.First()), moment(value.Period.Last()), valueText(value.Value, asDouble)))
		a.noteUnit(cell[0])
	}
	return rows, nil
}

// moment writes a day as the server's database does.
func moment(d period.Date) string { return d.String() + " 00:00:00.0" }

// noteUnit keeps one cell for each org unit, of which the hierarchy may be asked.
func (a *answer) noteUnit(cell aggregate.Cell) {
	if n := len(a.cells); n == 0 || a.cells[n-1].OrgUnit != cell.OrgUnit {
		a.cells = append(a.cells, aggregate.Cell{OrgUnit: cell.OrgUnit})
	}
}
