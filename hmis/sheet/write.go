package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/spreadsheet"
	"github.com/ohie-hmis/hmis-go/period"
)

// Write writes values as a table of the format. It has the columns of Columns,
// then one column for each heading that occurs, in order of first use. If those
// differ only in time, they are sorted by it. All values are held until the
// end. Comments without a column, names of people and times are left out.
//
// It is an error if a value differs from Shared, is marked deleted, shares its
// cell with another, or could not be read back. A text that a spreadsheet would
// read as a formula gets an apostrophe before it.
func (f Format) Write(w io.Writer, values iter.Seq2[hmis.DataValue, error]) error {
	if err := f.check(); err != nil {
		return err
	}
	if f.Skip > 0 {
		return errors.New("sheet: Skip: there is no title to write")
	}
	g := &grid{finder: newFinder(f), format: f, rowAt: map[string]int{}, columnAt: map[string]int{}}
	for v, err := range values {
		if err != nil {
			return err
		}
		if err := g.add(v); err != nil {
			return fmt.Errorf("sheet: %s in %s of %s: %w", v.DataElement, v.OrgUnit, v.Period, err)
		}
	}
	return g.write(w)
}

// A grid holds the cells of a table before it is written.
type grid struct {
	*finder
	format Format

	rows, columns   []line
	rowAt, columnAt map[string]int
	cells           map[[2]int]string
}

// A line has the texts that identify one row or column.
type line struct {
	texts  []string
	period period.Period
}

// add puts a value into its cell of the grid.
func (g *grid) add(v hmis.DataValue) error {
	if v.Deleted {
		return errors.New("a deleted value has no place in a table")
	}
	if err := g.shared(v.Key); err != nil {
		return err
	}
	fields := make([]Field, 0, len(g.format.Columns))
	for _, c := range g.format.Columns {
		fields = append(fields, c.Field)
	}
	row, err := g.line(fields, v)
	if err != nil {
		return err
	}
	if len(g.format.Across) == 0 {
		g.rows = append(g.rows, row)
		return nil
	}
	column, err := g.line(g.format.Across, v)
	if err != nil {
		return err
	}
	text, err := g.valueText(v)
	if err != nil {
		return err
	}
	at := [2]int{place(&g.rows, g.rowAt, row), place(&g.columns, g.columnAt, column)}
	if g.cells == nil {
		g.cells = map[[2]int]string{}
	}
	if _, twice := g.cells[at]; twice {
		return errors.New("two values for one cell")
	}
	g.cells[at] = text
	return nil
}

// place returns the index of a row or column in list. A new one is appended.
func place(list *[]line, at map[string]int, l line) int {
	key := strings.Join(l.texts, "\x00")
	n, ok := at[key]
	if !ok {
		n = len(*list)
		at[key] = n
		*list = append(*list, l)
	}
	return n
}

// shared returns an error if a key differs from Shared in a field that no
// column holds.
func (g *grid) shared(k hmis.Key) error {
	has := map[Field]bool{}
	for _, c := range g.format.Columns {
		has[c.Field] = true
	}
	for _, field := range g.format.Across {
		has[field] = true
	}
	s := g.format.Shared
	for _, part := range []struct {
		field     Field
		got, want string
	}{
		{DataElement, string(k.DataElement), string(s.DataElement)},
		{OptionCombo, string(k.OptionCombo), string(s.OptionCombo)},
		{AttributeCombo, string(k.AttributeCombo), string(s.AttributeCombo)},
		{OrgUnit, string(k.OrgUnit), string(s.OrgUnit)},
		{Period, k.Period.String(), s.Period.String()},
	} {
		if has[part.field] || part.field == Period && has[Month] || part.got == part.want {
			continue
		}
		return fmt.Errorf("%s %q is in no column, and Shared has %q", part.field, part.got, part.want)
	}
	return nil
}

// line returns the texts of some fields of a value, as the heading of a row or
// column.
func (g *grid) line(fields []Field, v hmis.DataValue) (line, error) {
	l := line{period: v.Period}
	for _, field := range fields {
		text, err := g.text(field, v)
		if err != nil {
			return line{}, err
		}
		l.texts = append(l.texts, text)
	}
	return l, nil
}

func (g *grid) text(field Field, v hmis.DataValue) (string, error) {
	switch field {
	case DataElement:
		return g.nameOf(field, v.DataElement)
	case OptionCombo:
		return g.nameOf(field, v.OptionCombo)
	case AttributeCombo:
		return g.nameOf(field, v.AttributeCombo)
	case OrgUnit:
		return g.nameOf(field, v.OrgUnit)
	case Period:
		if _, err := g.format.typed(v.Period); err != nil {
			return "", err
		}
		return v.Period.String(), nil
	case Year, Month:
		if v.Period.Type() != period.Monthly {
			return "", errors.New("want a month")
		}
		year, month, _ := g.format.Calendar.Civil(v.Period.First())
		if field == Year {
			return strconv.Itoa(year), nil
		}
		return strconv.Itoa(month), nil
	case Comment:
		return spreadsheet.Safe(v.Comment), nil
	}
	return g.valueText(v)
}

// nameOf returns the text by which the sheet names an object.
func (g *grid) nameOf(field Field, id hmis.UID) (string, error) {
	if id == "" || g.format.Catalog == nil {
		return spreadsheet.Safe(string(id)), nil
	}
	text, err := g.format.Catalog.Text(hmis.Ref{Kind: field.kind(), ID: id}, g.scheme(field))
	return spreadsheet.Safe(text), err
}

// valueText returns the text of a value in the sheet.
func (g *grid) valueText(v hmis.DataValue) (string, error) {
	text := v.Value
	if g.valueType(v.DataElement).IsNumeric() {
		if _, err := (Numbers{}).parse(text); err != nil {
			return "", fmt.Errorf("%q: %w", text, err)
		}
		text = strings.Replace(text, ".", string(g.format.Numbers.point()), 1)
	} else {
		text = spreadsheet.Safe(text)
	}
	if text != "" && g.format.isMissing(text) || text == "" && v.Comment == "" {
		return "", fmt.Errorf("%q means that there is no value", text)
	}
	return text, nil
}

func (g *grid) write(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Comma = g.format.comma()
	order := g.order()
	lines := max(1, len(g.format.Across))
	for n := range lines {
		var record []string
		for _, c := range g.format.Columns {
			heading := ""
			if n == lines-1 {
				heading = c.Heading
			}
			record = append(record, heading)
		}
		for _, i := range order {
			record = append(record, g.columns[i].texts[n])
		}
		out.Write(record)
	}
	for r, row := range g.rows {
		record := slices.Clone(row.texts)
		for _, i := range order {
			record = append(record, g.cells[[2]int{r, i}])
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// order returns the column indexes in the order of writing. If they differ only
// in time, they are sorted by it.
func (g *grid) order() []int {
	order := make([]int, len(g.columns))
	for i := range order {
		order[i] = i
	}
	for _, field := range g.format.Across {
		if field != Period && field != Year && field != Month {
			return order
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return g.columns[a].period.Compare(g.columns[b].period)
	})
	return order
}
