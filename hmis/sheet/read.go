package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/input"
)

// maxRow limits the bytes of a row.
const maxRow = 4 << 20

// Read returns the values of a table, row by row. The stream ends with an error
// if the headings do not match the format or if the text is not a table. Unless
// Reject is set, it also ends at the first cell that cannot be used.
func (f Format) Read(r io.Reader) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		if err := f.check(); err != nil {
			yield(hmis.DataValue{}, err)
			return
		}
		t, err := f.open(r)
		if err == nil {
			err = t.read(func(v hmis.DataValue) bool { return yield(v, nil) })
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(hmis.DataValue{}, err)
		}
	}
}

// errStop means that the caller has stopped the loop.
var errStop = errors.New("stop")

// A table is a text that is being read row by row.
type table struct {
	*finder
	rows    *csv.Reader
	limit   *bounded
	line    int // line number of the last row read
	columns []column
	above   []string // the previous row, if FillDown is set
}

// A bounded reader fails if one row is too long, because package csv holds a
// whole row in memory. It is reset before each row.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("want at most %d MiB in one row", maxRow>>20)
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// open reads the lines up to and including the headings.
func (f Format) open(r io.Reader) (*table, error) {
	text, _, err := input.Open(r)
	if err != nil {
		return nil, &CellError{Line: 1, Err: err}
	}
	t := &table{finder: newFinder(f), limit: &bounded{r: text}}
	t.rows = csv.NewReader(t.limit)
	t.rows.Comma, t.rows.FieldsPerRecord, t.rows.ReuseRecord = f.comma(), -1, true
	for range f.Skip {
		if _, err := t.row(); err != nil {
			return nil, t.short(err)
		}
	}
	lines := make([][]cell, max(1, len(f.Across)))
	for i := range lines {
		row, err := t.row()
		if err != nil {
			return nil, t.short(err)
		}
		for n, text := range row {
			lines[i] = append(lines[i], cell{line: t.line, column: n + 1, text: strings.Clone(text)})
		}
	}
	if err := t.oneColumn(lines); err != nil {
		return nil, err
	}
	t.columns, err = t.headings(lines)
	return t, err
}

// short returns the error for a text that ends before the values.
func (t *table) short(err error) error {
	if err == io.EOF {
		return &CellError{Line: t.line + 1, Err: fmt.Errorf("%w: want %d lines of headings", io.ErrUnexpectedEOF, max(1, len(t.format.Across)))}
	}
	return err
}

// oneColumn returns an error if the cells seem to be separated by another
// character than Comma.
func (t *table) oneColumn(lines [][]cell) error {
	for _, line := range lines {
		if len(line) > 1 {
			return nil
		}
	}
	for _, sign := range []rune{';', '\t', ',', '|'} {
		if strings.ContainsRune(lines[0][0].text, sign) {
			return lines[0][0].fail(fmt.Errorf("one column: is %q between cells? Comma is %q", sign, t.format.comma()))
		}
	}
	return nil
}

// row returns the trimmed cells of the next row that has any text. They are
// valid until the next call.
func (t *table) row() ([]string, error) {
	for {
		t.limit.left = maxRow
		row, err := t.rows.Read()
		if err == io.EOF {
			return nil, err
		}
		if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
			return nil, &CellError{Line: bad.Line, Err: bad.Err}
		}
		if err != nil {
			return nil, &CellError{Line: t.line + 1, Err: err}
		}
		t.line, _ = t.rows.FieldPos(0)
		blank := true
		for i, text := range row {
			if text == "" {
				continue
			}
			if !utf8.ValidString(text) {
				return nil, cell{line: t.line, column: i + 1, text: text}.fail(errors.New("want UTF-8"))
			}
			if isBlank(rune(text[0])) || text[0] >= 0x80 || text[len(text)-1] <= ' ' || text[len(text)-1] >= 0x80 {
				row[i] = trim(text)
			}
			blank = blank && row[i] == ""
		}
		if !blank {
			return row, nil
		}
	}
}

// read yields the values of all rows. It returns errStop if yield returns
// false.
func (t *table) read(yield func(hmis.DataValue) bool) error {
	for {
		row, err := t.row()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := t.values(row, yield); err != nil {
			return err
		}
	}
}

// reject reports a cell that is dropped, or returns the error that ends
// reading.
func (t *table) reject(v hmis.DataValue, bad *CellError) error {
	if t.format.Reject == nil {
		return bad
	}
	t.format.Reject(v, bad)
	return nil
}

// values yields the values of one row.
func (t *table) values(row []string, yield func(hmis.DataValue) bool) error {
	if bad := t.checkWidth(row); bad != nil {
		return t.reject(hmis.DataValue{}, bad)
	}
	t.fillDown(row)
	shared, value, skip, bad := t.rowPart(row)
	if skip {
		return nil
	}
	if bad != nil {
		return t.reject(hmis.DataValue{Key: shared.key}, bad)
	}
	if len(t.format.Across) == 0 {
		return t.yield(shared, value, yield)
	}
	if bad := shared.complete(t.finder, cell{line: t.line}); bad != nil {
		return t.reject(hmis.DataValue{Key: shared.key}, bad)
	}
	for i := range t.columns {
		if t.columns[i].use != ofValues || t.format.isMissing(row[i]) {
			continue
		}
		c := cell{t.line, i + 1, row[i], Value}
		if err := t.yield(shared.over(t.columns[i].part), c, yield); err != nil {
			return err
		}
	}
	return nil
}

// yield completes one value and yields it.
func (t *table) yield(p part, c cell, yield func(hmis.DataValue) bool) error {
	if t.format.isMissing(c.text) && p.comment == "" {
		return nil
	}
	bad := p.complete(t.finder, c)
	v := hmis.DataValue{Key: p.key, Comment: p.comment}
	if bad == nil && !t.format.isMissing(c.text) {
		v.Value, bad = t.value(p.key.DataElement, c)
	}
	if bad != nil {
		v.Value = c.text
		return t.reject(v, bad)
	}
	if !yield(v) {
		return errStop
	}
	return nil
}

// value returns the text of a value, checked by the type of its element.
func (t *table) value(element hmis.UID, c cell) (string, *CellError) {
	switch typ := t.valueType(element); {
	case typ.IsNumeric():
		number, err := t.format.Numbers.parse(c.text)
		if err != nil {
			return "", c.fail(err)
		}
		return number, nil
	case typ.IsBoolean():
		for _, word := range []string{"true", "false"} {
			if strings.EqualFold(c.text, word) {
				return word, nil
			}
		}
		return "", c.fail(errors.New("want true or false"))
	}
	return c.text, nil
}

// checkWidth returns an error for a row with too few cells, or with a text that
// has no heading above it.
func (t *table) checkWidth(row []string) *CellError {
	if len(row) < len(t.columns) {
		return &CellError{Line: t.line, Err: fmt.Errorf("%d cells: want %d, as in the headings", len(row), len(t.columns))}
	}
	for i, text := range row {
		if text != "" && (i >= len(t.columns) || t.columns[i].use == unnamed) {
			return cell{line: t.line, column: i + 1, text: text}.fail(errors.New("no heading above it"))
		}
	}
	return nil
}

// fillDown replaces blank cells by the cells above them.
func (t *table) fillDown(row []string) {
	if !t.format.FillDown {
		return
	}
	if t.above == nil {
		t.above = make([]string, len(t.columns))
	}
	for i := range t.columns {
		if field := t.columns[i].field; t.columns[i].use != ofRow || field == Value || field == Comment {
			continue
		}
		if row[i] == "" {
			row[i] = t.above[i]
		} else {
			t.above[i] = strings.Clone(row[i])
		}
	}
}

// rowPart reads the cells that apply to the whole row. Without Across it also
// returns the cell of the value.
func (t *table) rowPart(row []string) (p part, value cell, skip bool, bad *CellError) {
	p.key = t.format.Shared
	for i := range t.columns {
		field := t.columns[i].field
		if t.columns[i].use != ofRow {
			continue
		}
		c := cell{t.line, i + 1, row[i], field}
		if slices.Contains(t.format.IgnoreRows, c.text) && field != Value && field != Comment {
			return p, value, true, nil
		}
		if field == Value {
			value = c
		} else if err := p.add(t.finder, c); err != nil && bad == nil {
			bad = err
		}
	}
	return p, value, false, bad
}
