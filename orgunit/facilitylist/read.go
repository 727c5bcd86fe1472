package facilitylist

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/cancel"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/internal/spreadsheet"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

const (
	maxRow  = 1 << 20   // bytes of one row
	maxText = 256 << 20 // bytes of a list, which is held in memory
)

// A row is one row of a list.
type row struct {
	line  int
	cells []mention // one for each level; without a name where the row has none
	last  int       // the level of the last name
	about about
	bad   bool // the row was rejected
}

// A mention is the unit that a row names at one level.
type mention struct{ name, id, code string }

// Read returns the units of a list, in preorder, and the names of its levels. It
// holds the list in memory, which may have 256 MiB of text.
//
// The error is a *[RowError] if the text is no such table, and, unless Reject is
// set, at the first row that cannot be used (RULES.md#rows). Otherwise it is the
// error of ctx.
func (f Format) Read(ctx context.Context, r io.Reader) (hmis.Metadata, error) {
	if err := f.check(); err != nil {
		return hmis.Metadata{}, err
	}
	rows, err := f.rows(ctx, r)
	if err != nil {
		return hmis.Metadata{}, err
	}
	b := &builder{Format: f, ctx: ctx, rows: rows}
	units, err := b.build()
	if err != nil {
		return hmis.Metadata{}, err
	}
	tree, err := orgunit.NewTree(units)
	if err != nil {
		return hmis.Metadata{}, err
	}
	var md hmis.Metadata
	for id := range tree.All() {
		u, _ := tree.Unit(id)
		md.OrgUnits = append(md.OrgUnits, u)
	}
	if f.Below == "" {
		for i, l := range f.Levels {
			id := f.madeID("", []string{"", l.Name})
			md.OrgUnitLevels = append(md.OrgUnitLevels, hmis.OrgUnitLevel{ID: id, Name: l.Name, Level: i + 1})
		}
	}
	return md, nil
}

// reject drops a row, or returns the error that ends the reading.
func (f Format) reject(bad *RowError) error {
	if f.Reject == nil {
		return bad
	}
	f.Reject(bad)
	return nil
}

// A table is a list that is being read.
type table struct {
	Format
	csv     *csv.Reader
	limit   *bounded
	columns []string // the heading of each column
	at      map[string]int
	above   []string // the names of the row above
}

// bounded ends a text in which one row, or all of it, is too long.
type bounded struct {
	r         io.Reader
	row, left int
}

func (b *bounded) Read(p []byte) (int, error) {
	switch {
	case b.row <= 0:
		return 0, fmt.Errorf("want at most %d MiB in one row", maxRow>>20)
	case b.left <= 0:
		return 0, fmt.Errorf("want at most %d MiB of text", maxText>>20)
	}
	n, err := b.r.Read(p[:min(len(p), b.row, b.left)])
	b.row -= n
	b.left -= n
	return n, err
}

// rows reads all rows.
func (f Format) rows(ctx context.Context, r io.Reader) ([]row, error) {
	text, err := spreadsheet.Open(cancel.Reader(ctx, r), f.comma())
	if ended := ctx.Err(); ended != nil {
		return nil, ended
	}
	if err != nil {
		return nil, &RowError{Line: 1, Err: err}
	}
	t := &table{Format: f, limit: &bounded{r: text, left: maxText}, above: make([]string, len(f.Levels))}
	t.csv = csv.NewReader(t.limit)
	t.csv.Comma, t.csv.FieldsPerRecord = f.comma(), -1
	heads, _, err := t.next(ctx)
	if err == io.EOF {
		return nil, &RowError{Line: 1, Err: fmt.Errorf("%w: want headings", io.ErrUnexpectedEOF)}
	}
	if err != nil {
		return nil, err
	}
	if err := t.findColumns(heads); err != nil {
		return nil, err
	}
	var rows []row
	for {
		cells, line, err := t.next(ctx)
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		one, bad := t.row(cells, line)
		switch {
		case bad != nil:
			if err := f.reject(bad); err != nil {
				return nil, err
			}
		case one != nil:
			rows = append(rows, *one)
		}
	}
}

// next returns the cells of the next row.
func (t *table) next(ctx context.Context) (cells []string, line int, err error) {
	t.limit.row = maxRow
	cells, err = t.csv.Read()
	if ended := ctx.Err(); ended != nil {
		return nil, 0, ended
	}
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		return nil, 0, &RowError{Line: bad.Line, Err: bad.Err}
	}
	if err == io.EOF {
		return nil, 0, err
	}
	if err != nil {
		at, _ := t.csv.FieldPos(0)
		return nil, 0, &RowError{Line: at, Err: err}
	}
	line, _ = t.csv.FieldPos(0)
	for _, cell := range cells {
		if !utf8.ValidString(cell) {
			return nil, 0, &RowError{Line: line, Err: errors.New("not UTF-8: " + quote.Line(cell, 40))}
		}
	}
	return cells, line, nil
}

// findColumns finds the columns by their headings.
func (t *table) findColumns(heads []string) error {
	t.at = make(map[string]int)
	for i, head := range heads {
		head = clean(head)
		t.columns = append(t.columns, head)
		if first, again := t.at[head]; again && head != "" {
			return &RowError{Line: 1, Column: head, Text: head, Err: fmt.Errorf("columns %d and %d have this heading", first+1, i+1)}
		}
		t.at[head] = i
	}
	want := t.headings()
	for _, head := range want {
		if _, ok := t.at[head]; !ok {
			return &RowError{Line: 1, Err: fmt.Errorf("no column %s", quote.Text(head))}
		}
	}
	for _, head := range t.columns {
		if head != "" && !slices.Contains(want, head) && !slices.Contains(t.Ignore, head) {
			return &RowError{Line: 1, Err: fmt.Errorf("column %s is not in the format: list it in Ignore", quote.Text(head))}
		}
	}
	return nil
}

// row reads one row. It returns nil for a row without any text.
func (t *table) row(cells []string, line int) (*row, *RowError) {
	if clean(strings.Join(cells, "")) == "" {
		return nil, nil
	}
	if len(cells) != len(t.columns) {
		return nil, &RowError{Line: line, Err: fmt.Errorf("%d cells: want %d, as in the headings", len(cells), len(t.columns))}
	}
	cell := func(heading string) string {
		if heading == "" {
			return ""
		}
		return clean(spreadsheet.Unguard(cells[t.at[heading]]))
	}
	for i, text := range cells {
		if t.columns[i] == "" && clean(text) != "" {
			return nil, &RowError{Line: line, Err: fmt.Errorf("%s has no heading above it", quote.Text(text))}
		}
	}
	one := &row{line: line, last: -1}
	for i, l := range t.Levels {
		m := mention{cell(l.Name), cell(l.ID), cell(l.Code)}
		if m.name == "" && (m.id != "" || m.code != "") {
			return nil, &RowError{Line: line, Column: l.Name, Err: errors.New("an id or code, but no name")}
		}
		if m.name != "" {
			one.last = i
		}
		one.cells = append(one.cells, m)
	}
	if one.last < 0 {
		return nil, &RowError{Line: line, Err: errors.New("no name in any level")}
	}
	t.fillDown(one)
	if bad := t.gaps(one); bad != nil {
		return nil, bad
	}
	var bad *RowError
	one.about, bad = t.readAbout(cell, line)
	return one, bad
}

// fillDown repeats the names above.
func (t *table) fillDown(one *row) {
	if !t.FillDown {
		return
	}
	for i := range one.cells {
		if one.cells[i].name != "" {
			break
		}
		one.cells[i].name = t.above[i]
	}
	for i := range one.cells {
		t.above[i] = one.cells[i].name
	}
}

// gaps refuses a row that leaves out a level above its last name.
func (t *table) gaps(one *row) *RowError {
	for i := range one.last {
		if one.cells[i].name == "" && !t.Ragged {
			return &RowError{Line: one.line, Column: t.Levels[i].Name, Err: fmt.Errorf("blank, but there is a %s", t.Levels[one.last].Name)}
		}
	}
	return nil
}
