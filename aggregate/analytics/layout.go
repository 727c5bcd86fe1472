package analytics

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// maxTable is the number of cells that a table may have, empty ones included.
const maxTable = 1_000_000

// A layout says how the cells of an answer are arranged in a table. A dimension
// that is in neither list is not summed up: no cell then has a place.
type layout struct {
	columns, rows         []string
	hideColumns, hideRows bool // those without any value
}

// wanted reports whether there is to be a table.
func (l layout) wanted() bool { return len(l.columns)+len(l.rows) > 0 }

// checkLayout holds the table against the dimensions of the request. It names
// the last row that is none, else the last column.
func (r *request) checkLayout() error {
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

// A heading is one combination of items along a side of a table, with an entry
// for each dimension of that side.
type heading struct {
	ids   []string
	items []MetaItem
	short []string // short names
}

// arrange makes a table of an answer: a row for each combination of items of the
// row dimensions, which begins with the id, name, code and description of each,
// and a column for each combination of the column dimensions, with the values as
// they were. Where there is no value the cell is empty.
func (a *answer) arrange(plain *Response) (*Response, error) {
	if err := a.checkLayout(); err != nil {
		return nil, err
	}
	across, down, err := a.headings()
	if err != nil {
		return nil, err
	}
	values := make(map[string]string, len(plain.Rows))
	for _, row := range plain.Rows {
		values[strings.Join(row[:len(a.dimensions)], "\x00")] = row[len(a.dimensions)]
	}
	levels := a.levelColumns()
	table := &Response{Meta: plain.Meta, Title: a.title()}
	used := make([]bool, len(across))
	for _, row := range down {
		cells := a.stub(levels, row)
		empty := true
		for i, column := range across {
			value := ""
			if key, ok := a.cellKey(row, column); ok {
				if value, ok = values[key]; ok {
					empty, used[i] = false, true
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
		stub := len(table.Headers) - len(across)
		table.keepColumns(func(i int) bool { return i < stub || used[i-stub] })
	}
	return table, nil
}

// cellKey says where the cell of a row and a column is among the rows of the
// plain answer. ok is false if a dimension is in neither.
func (a *answer) cellKey(row, column heading) (key string, ok bool) {
	texts := make([]string, len(a.dimensions))
	found := make([]bool, len(a.dimensions))
	for _, side := range []struct {
		dims []string
		ids  []string
	}{{a.layout.rows, row.ids}, {a.layout.columns, column.ids}} {
		for i, id := range side.ids {
			at := indexOf(a.dimensions, side.dims[i])
			texts[at], found[at] = id, true
		}
	}
	return strings.Join(texts, "\x00"), !slices.Contains(found, false)
}

// levelColumns returns how many columns of levels stand before those of ou: as
// many as the deepest unit has, if the request asks for names of the hierarchy.
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

// stub returns the first cells of a row, which say what it is about.
func (a *answer) stub(levels int, row heading) []string {
	var cells []string
	for i, item := range row.items {
		if a.layout.rows[i] == dimUnit && levels > 0 {
			cells = append(cells, a.ancestry(levels, hmis.UID(row.ids[i]))...)
		}
		cells = append(cells, row.ids[i], item.Name, item.Code, item.Description)
	}
	return cells
}

// ancestry returns the names of the units down to one, from the top. They are
// empty for a unit that no row has.
func (a *answer) ancestry(levels int, id hmis.UID) []string {
	cells := make([]string, levels)
	if slices.Contains(a.activeUnits(), id) {
		for i, up := range a.lineageOf(id) {
			cells[i] = a.names.object(hmis.KindOrgUnit, up)
		}
	}
	return cells
}

// lineageOf returns the units from the top down to one, itself included.
func (a *answer) lineageOf(id hmis.UID) []hmis.UID {
	ids := []hmis.UID{id}
	for up := range a.server.Tree.Ancestors(id) {
		ids = append(ids, up)
		if slices.Contains(a.roots(), up) {
			break
		}
	}
	slices.Reverse(ids)
	return ids
}

// stubHeaders returns the headers of the first columns.
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

// tableWord returns what a dimension is called in the headers of a table: in
// words, and as the first part of a key. A server calls the group sets of org
// units like org units, and gives categories and other sets no name at all; here
// they have that of the set.
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

// columnHeaders returns a header for each column of values.
func (a *answer) columnHeaders(across []heading) []Header {
	headers := make([]Header, 0, len(across))
	for _, column := range across {
		if len(column.items) == 0 {
			headers = append(headers, numberHeader("total", "Total"))
			continue
		}
		names := make([]string, len(column.items))
		for i, item := range column.items {
			names[i] = item.Name
		}
		headers = append(headers, numberHeader(columnKey(column.short), strings.Join(names, " ")))
	}
	return headers
}

// unwanted are the characters that the key of a column cannot have.
var unwanted = strings.NewReplacer("<", "_lt", ">", "_gt",
	"/", "", "?", "", "%", "", "*", "", ":", "", "|", "", `"`, "", "'", "", ".", "")

// columnKey returns the name of a column from the names of its items.
func columnKey(names []string) string {
	const most = 255 // characters
	key := []rune(strings.ToLower(unwanted.Replace(strings.Join(names, "_"))))
	return string(key[:min(len(key), most)])
}

// title returns the names of all items of the filters.
func (a *answer) title() string {
	var names []string
	for _, d := range a.filters {
		for _, item := range a.sideItems(d).items {
			names = append(names, item.Name)
		}
	}
	return strings.Join(names, ", ")
}

// keepColumns drops the columns that are not to be kept.
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

// headings returns the columns and rows of the table, in the order of the
// request.
func (a *answer) headings() (across, down []heading, err error) {
	if across, err = a.side("columns", a.layout.columns); err != nil {
		return nil, nil, err
	}
	if down, err = a.side("rows", a.layout.rows); err != nil {
		return nil, nil, err
	}
	if len(across)*len(down) > maxTable {
		return nil, nil, wrong(codeTableTooBig, "columns")
	}
	return across, down, nil
}

// side returns all combinations of the items of some dimensions, the last one
// changing fastest. It is one combination of nothing if there are none.
func (a *answer) side(param string, ids []string) ([]heading, error) {
	all := []heading{{}}
	for _, id := range ids {
		items := a.sideItems(a.dimensions[indexOf(a.dimensions, id)])
		if len(all)*len(items.ids)*len(ids) > maxTable {
			return nil, wrong(codeTableTooBig, param)
		}
		next := make([]heading, 0, len(all)*len(items.ids))
		for _, h := range all {
			for i := range items.ids {
				next = append(next, heading{
					append(slices.Clip(h.ids), items.ids[i]),
					append(slices.Clip(h.items), items.items[i]),
					append(slices.Clip(h.short), items.short[i]),
				})
			}
		}
		all = next
	}
	return all, nil
}

// sideItems returns the items of a dimension: those of the request, or those
// that occur in the cells if it names none.
func (a *answer) sideItems(d dimension) heading {
	var list heading
	short := namer{a.server.Catalog, true}
	add := func(id string, item MetaItem, short string) {
		list.ids, list.items, list.short = append(list.ids, id), append(list.items, item), append(list.short, short)
	}
	for _, item := range d.data {
		add(dataKey(item), a.dataItem(item), short.data(item))
	}
	for _, p := range d.periods {
		add(p.String(), a.periodItem(p), p.Name())
	}
	ids := d.ids
	if len(ids) == 0 && len(list.ids) == 0 {
		ids = a.met(d.id)
	}
	for _, id := range ids {
		add(string(id), a.objectItem(d.items, id), short.object(d.items, id))
	}
	return list
}

// met returns the items of an axis that occur in the cells, in the order of
// their ids.
func (a *answer) met(id string) []hmis.UID {
	at := slices.IndexFunc(a.query.Split, func(x aggregate.Axis) bool { return string(x.ID) == id })
	if at < 0 {
		return nil
	}
	ids := make([]hmis.UID, 0, len(a.cells))
	for _, cell := range a.cells {
		ids = append(ids, cell.Split[at])
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
