package analytics

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A layout defines how the cells of an answer are arranged in a table. Cells
// are not added up over a dimension that is in neither list; the table then has
// no values.
type layout struct {
	columns, rows         []string
	hideColumns, hideRows bool // leave out columns or rows without values
}

// wanted reports whether the request wants a table.
func (l layout) wanted() bool { return len(l.columns)+len(l.rows) > 0 }

// checkLayout returns an error if a row or column of the table is no dimension
// of the request. It names the last such row, or else the last such column.
func (r *request) checkLayout() error {
	if n := len(r.layout.rows) + len(r.layout.columns); n > maxDims {
		return refuse("columns", "want at most %d columns and rows, got %d", maxDims, n)
	}
	for _, list := range []struct {
		param, code string
		ids         []string
	}{{"rows", codeBadRows, r.layout.rows}, {"columns", codeBadColumns, r.layout.columns}} {
		for _, id := range slices.Backward(list.ids) {
			if indexOf(r.dimensions, id) < 0 {
				return wrong(list.code, list.param, id)
			}
		}
	}
	return nil
}

// tableBytes estimates the memory of a table cell, and columnBytes that of a
// column with its header, in bytes.
const tableBytes, columnBytes = 24, 400

// arrange returns an answer as a table. It has a row for each combination of
// items in the row dimensions, and a column of values for each combination in
// the column dimensions. A row begins with the id, name, code and description
// of each item. A cell without a value is empty.
func (a *answer) arrange(ctx context.Context, plain *Response) (*Response, error) {
	if err := a.checkLayout(); err != nil {
		return nil, err
	}
	across, down := a.side(a.layout.columns), a.side(a.layout.rows)
	if across.n == 0 { // without dimensions there is one empty column
		across = side{n: 1}
	}
	levels := a.levelColumns()
	width := levels + 4*len(down.dims) + across.n
	if most := a.server.Limits.filled().Table; across.n > most || down.n > most/max(1, width) {
		return nil, wrong(codeTableTooBig, "columns")
	}
	if err := a.hold.reserve(int64(down.n*width)*tableBytes + int64(across.n)*columnBytes); err != nil {
		return nil, err
	}
	values := make(map[string]string, len(plain.Rows))
	for _, row := range plain.Rows {
		values[strings.Join(row[:len(a.dimensions)], "\x00")] = row[len(a.dimensions)]
	}
	table := &Response{Rows: make([][]string, 0, down.n), Meta: plain.Meta, Title: a.title()}
	used := make([]bool, across.n)
	steps := 0
	for r := range down.n {
		row := down.at(r)
		cells := a.stub(make([]string, 0, width), levels, row)
		empty := true
		for c := range across.n {
			if steps++; steps%often == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			value := ""
			if key, ok := a.cellKey(row, across.at(c)); ok {
				if value, ok = values[key]; ok {
					empty, used[c] = false, true
				}
			}
			cells = append(cells, value)
		}
		if !empty || !a.layout.hideRows {
			table.Rows = append(table.Rows, cells)
		}
	}
	table.Headers = append(a.stubHeaders(levels), a.columnHeaders(across)...)
	if a.layout.hideColumns {
		stub := len(table.Headers) - across.n
		table.keepColumns(func(i int) bool { return i < stub || used[i-stub] })
	}
	return table, nil
}

// cellKey returns the key of a table cell among the rows of the plain answer.
// ok is false if neither row nor column has some dimension.
func (a *answer) cellKey(row, column []*sideItem) (key string, ok bool) {
	texts := make([]string, len(a.dimensions))
	found := 0
	for _, item := range slices.Concat(row, column) {
		if texts[item.dim] == "" {
			found++
		}
		texts[item.dim] = item.id
	}
	return strings.Join(texts, "\x00"), found == len(texts)
}

// levelColumns returns the number of columns for levels of org units, which
// come before those of ou. If the request wants the names of the hierarchy, it
// is the level of the deepest unit.
func (a *answer) levelColumns() int {
	if !a.nameHierarchy || !slices.Contains(a.layout.rows, dimUnit) {
		return 0
	}
	most := 0
	for _, id := range a.activeUnits() {
		most = max(most, len(a.lineageOf(id)))
	}
	return most
}

// stub appends the first cells of a row, which identify the row's items.
func (a *answer) stub(cells []string, levels int, row []*sideItem) []string {
	for _, item := range row {
		if levels > 0 && a.dimensions[item.dim].id == dimUnit {
			cells = append(cells, a.ancestry(levels, hmis.UID(item.id))...)
		}
		cells = append(cells, item.id, item.meta.Name, item.meta.Code, item.meta.Description)
	}
	return cells
}

// ancestry returns the names of an org unit and of the units above it, from the
// top. The names are empty for a unit that is in no row.
func (a *answer) ancestry(levels int, id hmis.UID) []string {
	cells := make([]string, levels)
	if a.isActive(id) {
		for i, up := range a.lineageOf(id) {
			cells[i] = a.names.object(hmis.KindOrgUnit, up)
		}
	}
	return cells
}

// stubHeaders returns the headers of the columns that name the items of a row.
func (a *answer) stubHeaders(levels int) []Header {
	var headers []Header
	for _, id := range a.layout.rows {
		if id == dimUnit {
			for n := range levels {
				headers = append(headers, metaHeader(fmt.Sprintf("Org unit level %d", n+1), fmt.Sprintf("orgunitlevel%d", n+1)))
			}
		}
		word, key := a.tableWord(a.dimensions[indexOf(a.dimensions, id)])
		for _, part := range []struct {
			name, key string
			hidden    bool
		}{{" ID", "id", true}, {"", "name", false}, {" code", "code", true}, {" description", "description", true}} {
			h := metaHeader(word+part.name, key+part.key)
			h.Hidden = part.hidden
			headers = append(headers, h)
		}
	}
	return headers
}

// tableWord returns the word for a dimension in the headers of a table, and the
// first part of the key. As on a server, group sets of org units have the word
// of org units. A server has no word for categories and other sets; here it is
// the name of the set.
func (a *answer) tableWord(d dimension) (word, key string) {
	switch {
	case d.id == dimData:
		return "Data", "data"
	case d.id == dimPeriod:
		return "Period", "period"
	case d.id == dimUnit || d.kind == hmis.KindOrgUnitGroupSet:
		return "Organisation unit", "organisationunit"
	case d.id == dimCombo:
		return "Data details", "categoryoptioncombo"
	case d.id == dimAttr:
		return "Attribute option combo", "attributeoptioncombo"
	}
	return a.names.dimension(d), d.id
}

// columnHeaders returns the header of each column of values.
func (a *answer) columnHeaders(across side) []Header {
	if len(across.dims) == 0 {
		return []Header{numberHeader("total", "Total")}
	}
	headers := make([]Header, across.n)
	for c := range across.n {
		var names, short []string
		for _, item := range across.at(c) {
			names, short = append(names, item.meta.Name), append(short, item.short)
		}
		headers[c] = numberHeader(columnKey(short), strings.Join(names, " "))
	}
	return headers
}

// unwanted replaces characters that the key of a column may not contain.
var unwanted = strings.NewReplacer("<", "_lt", ">", "_gt",
	"/", "", "?", "", "%", "", "*", "", ":", "", "|", "", `"`, "", "'", "", ".", "")

// columnKey returns the name of a column from the names of its items.
func columnKey(names []string) string {
	const most = 255 // the largest length in characters
	key := []rune(strings.ToLower(unwanted.Replace(strings.Join(names, "_"))))
	return string(key[:min(len(key), most)])
}

// title returns the names of all items of the filters.
func (a *answer) title() string {
	var names []string
	for _, d := range a.filters {
		for _, item := range a.sideItems(d, 0) {
			names = append(names, item.meta.Name)
		}
	}
	return strings.Join(names, ", ")
}

// keepColumns drops the columns for which keep returns false.
func (r *Response) keepColumns(keep func(int) bool) {
	for n, row := range r.Rows {
		var kept []string
		for i, cell := range row {
			if keep(i) {
				kept = append(kept, cell)
			}
		}
		r.Rows[n] = kept
	}
	var headers []Header
	for i, h := range r.Headers {
		if keep(i) {
			headers = append(headers, h)
		}
	}
	r.Headers = headers
}
