package sheet

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// maxColumns is the maximum number of columns, the same as in spreadsheets.
const maxColumns = 16384

// A column is one column of a table.
type column struct {
	use   use
	field Field // what the cells hold, if the column applies to the whole row
	part  part  // what the headings state, if the column holds values
}

// A use is the role of a column.
type use uint8

const (
	unnamed  use = iota // a column without a role, whose cells must be blank
	ofRow               // its cells apply to the whole row
	ofValues            // its cells are values
	ignored
)

// headings interprets the lines of headings and returns the columns.
func (f *finder) headings(lines [][]cell) ([]column, error) {
	width := 0
	for _, line := range lines {
		width = max(width, len(line))
	}
	if width > maxColumns {
		return nil, &CellError{Line: lines[0][0].line, Err: fmt.Errorf("%d columns: want at most %d", width, maxColumns)}
	}
	columns := make([]column, width)
	if err := f.rowColumns(lines, columns); err != nil {
		return nil, err
	}
	if err := f.valueColumns(lines, columns); err != nil {
		return nil, err
	}
	return columns, nil
}

// heading returns the only heading of a column, or "" if it has none. ok is
// false if it has several.
func heading(lines [][]cell, column int) (c cell, ok bool) {
	c = cell{line: lines[0][0].line, column: column + 1}
	for _, line := range lines {
		if column >= len(line) || line[column].text == "" {
			continue
		}
		if c.text != "" {
			return cell{}, false
		}
		c = line[column]
	}
	return c, true
}

// rowColumns finds the columns that apply to the whole row, and the ignored
// columns.
func (f *finder) rowColumns(lines [][]cell, columns []column) error {
	for _, want := range f.format.Columns {
		at := -1
		for i := range columns {
			h, ok := heading(lines, i)
			if !ok || h.text != trim(want.Heading) || columns[i].use != unnamed {
				continue
			}
			if at < 0 {
				at = i
			} else if want.Heading != "" {
				return h.fail(fmt.Errorf("column %s has this heading too", Letters(at+1)))
			}
		}
		if at < 0 {
			return &CellError{Line: lines[0][0].line, Err: fmt.Errorf("no column %s", quote.Text(want.Heading))}
		}
		columns[at] = column{use: ofRow, field: want.Field}
	}
	for i := range columns {
		for _, line := range lines {
			if columns[i].use == unnamed && slices.Contains(f.format.Ignore, textAt(line, i)) && textAt(line, i) != "" {
				columns[i].use = ignored
			}
		}
	}
	return nil
}

// textAt returns the text of a heading, or "" beyond the end of the line.
func textAt(line []cell, column int) string {
	if column < len(line) {
		return line[column].text
	}
	return ""
}

// valueColumns interprets the headings of all columns that hold values.
func (f *finder) valueColumns(lines [][]cell, columns []column) error {
	seen := map[part]int{}
	left := make([]string, len(lines)) // for each line, the heading that applies here
	for i := range columns {
		blank := true
		for n, line := range lines {
			text := textAt(line, i)
			if text != "" && columns[i].use != unnamed {
				left[n] = "" // blank headings after it must not repeat one from before it
			} else if text != "" || n == len(lines)-1 {
				left[n] = text
			}
			blank = blank && text == ""
		}
		if columns[i].use != unnamed || blank {
			continue
		}
		if len(f.format.Across) == 0 {
			h, _ := heading(lines, i)
			return h.fail(errors.New("want a heading of Columns, or list it in Ignore"))
		}
		p, at, err := f.headingPart(lines, left, i)
		if err != nil {
			return err
		}
		same := p
		same.combo.line, same.combo.column = 0, 0
		if other, ok := seen[same]; ok {
			return at.fail(fmt.Errorf("column %s says the same", Letters(other+1)))
		}
		seen[same] = i
		columns[i] = column{use: ofValues, part: p}
	}
	if len(seen) == 0 && len(f.format.Across) > 0 {
		return &CellError{Line: lines[0][0].line, Err: errors.New("no column with values")}
	}
	return nil
}

// headingPart reads the headings of one column of values. at is the lowest of
// them.
func (f *finder) headingPart(lines [][]cell, texts []string, column int) (p part, at cell, bad error) {
	for n, field := range f.format.Across {
		at = cell{line: lines[n][0].line, column: column + 1, text: texts[n], field: field}
		if err := p.add(f, at); err != nil {
			return part{}, at, err
		}
	}
	if err := p.complete(f, at); err != nil {
		return part{}, at, err
	}
	return p, at, nil
}

// valueType returns the value type of an element, or Number if there is no
// Catalog.
func (f *finder) valueType(element hmis.UID) hmis.ValueType {
	if f.format.Catalog == nil {
		return hmis.Number
	}
	e, _ := hmis.Find[hmis.DataElement](f.format.Catalog, element)
	return e.ValueType
}
