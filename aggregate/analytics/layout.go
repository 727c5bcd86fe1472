package analytics

import (
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// maxTable is the number of cells that a table may have, empty ones included.
const maxTable = 1_000_000

// A layout says how the cells of an answer are arranged in a table. Dimensions
// that stand in neither list make it impossible.
type layout struct {
	columns, rows         []string
	hideColumns, hideRows bool // those without any value
	off                   bool
}

// wanted reports whether there is to be a table.
func (l layout) wanted() bool { return !l.off && len(l.columns)+len(l.rows) > 0 }

// checkLayout holds the table against the dimensions of the request.
func (r *request) checkLayout() error {
	if !r.layout.wanted() {
		return nil
	}
	seen := make(map[string]bool)
	for _, list := range []struct {
		param, code string
		ids         []string
	}{{"columns", codeBadColumns, r.layout.columns}, {"rows", codeBadRows, r.layout.rows}} {
		for _, id := range list.ids {
			if indexOf(r.dimensions, id) < 0 {
				return wrong(list.code, list.param, "%s: want one of the dimensions of the request", quote.Text(id))
			}
			if seen[id] {
				return wrong(list.code, list.param, "%s: want each dimension once", quote.Text(id))
			}
			seen[id] = true
		}
	}
	for _, d := range r.dimensions {
		if !seen[d.id] {
			return wrong(codeBadRows, "rows", "want every dimension in columns or rows, %s is in neither", quote.Text(d.id))
		}
	}
	return nil
}

// A heading is one combination of items along a side of a table.
type heading struct {
	texts, names, codes []string // one for each dimension of that side
}

// arrange makes a table of an answer: a row for each combination of items of the
// row dimensions, with three columns for each of these (identifier, name and
// code, of which only the name is not hidden), and a column for each combination
// of the column dimensions, with the values as they were (analytics
// specification, section 17). Where there is no value the cell is empty.
func (a *answer) arrange(plain *Response) (*Response, error) {
	across, down, err := a.headings()
	if err != nil {
		return nil, err
	}
	values := make(map[string]string, len(plain.Rows))
	for _, row := range plain.Rows {
		values[strings.Join(row[:len(a.dimensions)], "\x00")] = row[len(a.dimensions)]
	}
	// key says where a cell is, with the dimensions in the order of the answer.
	key := func(row, column heading) string {
		texts := make([]string, len(a.dimensions))
		for i, id := range a.layout.rows {
			texts[indexOf(a.dimensions, id)] = row.texts[i]
		}
		for i, id := range a.layout.columns {
			texts[indexOf(a.dimensions, id)] = column.texts[i]
		}
		return strings.Join(texts, "\x00")
	}
	used := make([]bool, len(across))
	table := &Response{Rows: make([][]string, 0, len(down)), Meta: plain.Meta}
	for _, row := range down {
		cells := make([]string, 0, 3*len(row.texts)+len(across))
		for i := range row.texts {
			cells = append(cells, row.texts[i], row.names[i], row.codes[i])
		}
		empty := true
		for i, column := range across {
			value, ok := values[key(row, column)]
			empty, used[i] = empty && !ok, used[i] || ok
			cells = append(cells, value)
		}
		if !empty || !a.layout.hideRows {
			table.Rows = append(table.Rows, cells)
		}
	}
	table.Headers = a.tableHeaders(across)
	if a.layout.hideColumns {
		table.dropColumns(3*len(a.layout.rows), used)
	}
	return table, nil
}

// tableHeaders returns the columns of a table.
func (a *answer) tableHeaders(across []heading) []Header {
	var headers []Header
	for _, id := range a.layout.rows {
		d := a.dimensions[indexOf(a.dimensions, id)]
		title := a.names.dimension(d)
		side := []Header{metaHeader(id+"id", title+" ID"), metaHeader(id+"name", title), metaHeader(id+"code", title+" code")}
		side[0].Hidden, side[2].Hidden = true, true
		headers = append(headers, side...)
	}
	for _, column := range across {
		headers = append(headers, numberHeader(strings.Join(column.texts, "-"), strings.Join(column.names, " ")))
	}
	return headers
}

// dropColumns removes the columns, after the first ones, that are not used.
func (r *Response) dropColumns(first int, used []bool) {
	keep := func(i int) bool { return i < first || used[i-first] }
	filter := func(row []string) []string {
		kept := row[:0]
		for i, cell := range row {
			if keep(i) {
				kept = append(kept, cell)
			}
		}
		return kept
	}
	for i := range r.Rows {
		r.Rows[i] = filter(r.Rows[i])
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
		return nil, nil, wrong(codeTableTooBig, "columns", "want a table of at most %d cells, got %d columns and %d rows", maxTable, len(across), len(down))
	}
	return across, down, nil
}

// side returns all combinations of the items of some dimensions, the last one
// changing fastest. It is one combination of nothing if there are none.
func (a *answer) side(param string, ids []string) ([]heading, error) {
	all := []heading{{}}
	for _, id := range ids {
		items := a.sideItems(a.dimensions[indexOf(a.dimensions, id)])
		if len(all)*len(items) > maxTable {
			return nil, wrong(codeTableTooBig, param, "want a table of at most %d cells", maxTable)
		}
		next := make([]heading, 0, len(all)*len(items))
		for _, h := range all {
			for _, item := range items {
				next = append(next, heading{
					append(slices.Clip(h.texts), item.texts...),
					append(slices.Clip(h.names), item.names...),
					append(slices.Clip(h.codes), item.codes...),
				})
			}
		}
		all = next
	}
	return all, nil
}

// sideItems returns the items of a dimension: those of the request, or those
// that occur in the cells if it names none.
func (a *answer) sideItems(d dimension) []heading {
	var list []heading
	add := func(text string, item MetaItem) {
		list = append(list, heading{[]string{text}, []string{item.Name}, []string{item.Code}})
	}
	for _, item := range d.data {
		add(a.labels.item(item), a.dataItem(item))
	}
	for _, p := range d.periods {
		add(p.String(), a.periodItem(p))
	}
	ids := d.ids
	if len(ids) == 0 && len(list) == 0 {
		ids = a.met(d.id)
	}
	for _, id := range ids {
		add(a.labels.object(d.items, id), a.objectItem(d.items, id))
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
