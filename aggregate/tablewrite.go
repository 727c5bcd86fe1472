package aggregate

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"

	"github.com/ohie-hmis/hmis-go/internal/spreadsheet"
)

// header returns the columns that the query keeps apart, and the value. With
// names, each column but the value is followed by one for the name.
func (t *Table) header() []string {
	var h []string
	add := func(id string) {
		h = append(h, id)
		if !t.names.none() {
			h = append(h, id+"_name")
		}
	}
	if t.hasData {
		add("dx")
	}
	if t.grid.hasUnits {
		add("ou")
	}
	if t.grid.hasPeriods() {
		add("pe")
	}
	for i := range t.grid.axes {
		add(string(t.grid.axes[i].id))
	}
	return append(h, "value")
}

// row returns the texts of a cell below the header.
func (t *Table) row(c Cell) []string {
	var row []string
	add := func(id string, name func() string) {
		row = append(row, id)
		if !t.names.none() {
			row = append(row, name())
		}
	}
	if t.hasData {
		add(itemText(c.Data), func() string { return t.names.data(c.Data) })
	}
	if t.grid.hasUnits {
		add(string(c.OrgUnit), func() string { return t.names.unit(c.OrgUnit) })
	}
	if t.grid.hasPeriods() {
		add(c.Period.String(), func() string { return t.names.period(c.Period) })
	}
	for i, item := range c.Split {
		add(string(item), func() string { return t.names.item(t.grid.axes[i].id, item) })
	}
	return append(row, c.Value.String())
}

// WriteCSV writes a header and one line for each cell: dx, ou, pe and the axes
// that the query keeps apart, and the value in plain form. A table with names
// has a column such as dx_name after each of ids; see [Table.WithNames].
//
// A text that a spreadsheet would run as a formula gets an apostrophe before
// it: such a file is opened by people. WriteInterchange writes texts as they
// are.
func (t *Table) WriteCSV(w io.Writer) error { return t.writeCSV(w, spreadsheet.Safe) }

// WriteInterchange is WriteCSV for programs: texts are written as they are,
// also those that a spreadsheet would execute.
func (t *Table) WriteInterchange(w io.Writer) error {
	return t.writeCSV(w, func(text string) string { return text })
}

func (t *Table) writeCSV(w io.Writer, write func(string) string) error {
	out := csv.NewWriter(w)
	line := func(texts []string) error {
		for i := range texts {
			texts[i] = write(texts[i])
		}
		return out.Write(texts)
	}
	if err := line(t.header()); err != nil {
		return err
	}
	for cell := range t.Cells() {
		if err := line(t.row(cell)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// MarshalJSON writes {"headers": [...], "rows": [...]} with ids and numbers as
// text. A table with names has them beside it, as in answers of DHIS2:
// "metaData": {"items": {"s46m5MS0hxu": {"name": "BCG doses given"}, ...}}; see
// [Table.WithNames].
func (t *Table) MarshalJSON() ([]byte, error) {
	ids := *t
	ids.names = naming{}
	b := []byte(`{"headers":`)
	b = appendTexts(b, ids.header())
	b = append(b, `,"rows":[`...)
	first := true
	for cell := range t.Cells() {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = appendTexts(b, ids.row(cell))
	}
	b = append(b, ']')
	if !t.names.none() {
		items, err := json.Marshal(t.items())
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, `,"metaData":{"items":`...), items...), '}')
	}
	return append(b, '}'), nil
}

// A namedItem is the JSON form of an object's name.
type namedItem struct {
	Name string `json:"name"`
}

// items returns the names of everything that the query keeps apart, by id.
func (t *Table) items() map[string]namedItem {
	items := map[string]namedItem{}
	if t.hasData {
		for _, item := range t.data {
			items[itemText(item)] = namedItem{t.names.data(item)}
		}
	}
	if t.grid.hasUnits {
		for _, unit := range t.grid.units {
			items[string(unit)] = namedItem{t.names.unit(unit)}
		}
	}
	if t.grid.hasPeriods() {
		for _, p := range t.grid.periods {
			items[p.String()] = namedItem{t.names.period(p)}
		}
	}
	for _, a := range t.grid.axes {
		items[string(a.id)] = namedItem{t.names.axis(a.id)}
		for _, item := range a.items {
			items[string(item)] = namedItem{t.names.item(a.id, item)}
		}
	}
	return items
}

func appendTexts(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		text, err := json.Marshal(s)
		if err != nil { // encoding a string cannot fail
			text = strconv.AppendQuote(nil, s)
		}
		b = append(b, text...)
	}
	return append(b, ']')
}
