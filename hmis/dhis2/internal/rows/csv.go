package rows

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
)

// CSV parses rows of comma-separated values (RFC 4180; RULES.md#csv).
type CSV struct {
	columns    []Column
	categories []string // by position, the category whose options the column holds
	short      []error  // by number of cells, the error of a row that has too few
}

// cut returns the position after the last line end that is not in quotes.
// Counting quotes decides this, since b begins with a row.
func (CSV) cut(b []byte) int {
	quotes := bytes.Count(b, quoteMark)
	for end := len(b); ; {
		line := bytes.LastIndexByte(b[:end], '\n')
		if line < 0 {
			return 0
		}
		quotes -= bytes.Count(b[line:end], quoteMark)
		if quotes%2 == 0 {
			return line + 1
		}
		// The line end is inside quotes, so everything back to the opening
		// quote is inside them too.
		if end = bytes.LastIndexByte(b[:line], '"'); end < 0 {
			return 0
		}
		quotes--
	}
}

var quoteMark = []byte{'"'}

func (f CSV) parse(b []byte, r *Rows, first, last bool) outcome {
	b = slices.Grow(b, Padding) // glance reads beyond the end; usually there is room
	i, done := 0, 0
	for i < len(b) {
		if b[i] == '\n' || b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n' {
			if b[i] == '\r' {
				i++
			}
			i++ // an empty line
			done = i
			continue
		}
		end, err := f.row(b, i, r, last)
		if err != nil {
			r.Clear()
			if errors.Is(err, jsontext.ErrShort) {
				if !last {
					return outcome{consumed: done, short: true}
				}
				err = jsontext.Syntax(i, "want a closing quote")
			}
			return outcome{consumed: done, Err: err}
		}
		if r.any {
			r.End(i)
		} else {
			r.Clear() // a row of only commas
		}
		i = end
		done = i
	}
	return outcome{consumed: done}
}

// row parses one row and returns the position after its line end.
func (f CSV) row(b []byte, i int, r *Rows, last bool) (int, error) {
	for k := 0; ; k++ {
		var ended bool
		if k, i, ended = f.glance(b, k, i, r); ended {
			f.count(k, r)
			return i, nil
		}
		c := Ignored
		if k < len(f.columns) {
			c = f.columns[k]
		}
		cell, sep, next, err := cellAt(b, i, last)
		if err != nil {
			return next, err
		}
		i = next
		if len(cell) > 0 {
			f.set(k, c, cell, r)
		}
		if sep == '\n' {
			f.count(k+1, r)
			return i, nil
		}
	}
}

// count makes a row with too few cells a fault, since its value may be missing.
func (f CSV) count(n int, r *Rows) {
	if n < len(f.short) {
		r.Fail(Ignored, f.short[n])
	}
}

// glance quickly parses cell k at position i, and further cells as long as they
// are usual. A usual cell is empty, a short number, a time as servers write it,
// or the text of the row before. It returns the next cell and its position. If
// the line has ended, the first result is the number of cells.
func (f CSV) glance(b []byte, k, i int, r *Rows) (_, _ int, ended bool) {
	for ; k < len(f.columns) && i < len(b); k++ {
		if !ends(b, i) {
			ahead := b[i : i+glance : cap(b)]
			n := 0
			switch c := f.columns[k]; c {
			case Element, Period, OrgUnit, OptionCombo, AttributeCombo, StoredBy:
				d := &r.dicts[c]
				n = d.recent.size
				if n == 0 || !ends(b, i+n) {
					return k, i, false
				}
				if !d.recent.starts(ahead) && !d.find(ahead) {
					return k, i, false
				}
				r.cur.texts[c] = d.last
			case Value:
				coef, scale := int64(0), int8(0)
				coef, n = scan.Digits(binary.LittleEndian.Uint64(ahead))
				if n == 0 || !ends(b, i+n) {
					var ok bool
					n = cellEnd(ahead, 0)
					if coef, scale, ok = scan.Plain(ahead[:n]); !ok || !ends(b, i+n) {
						return k, i, false
					}
				}
				r.cur.coef, r.cur.scale = coef, scale
			case Created, Updated:
				t := &r.clocks[c-Created]
				n = len(t.text)
				if !ends(b, i+n) || !t.repeats(b[i:i+n]) && !t.usual(b[i:i+n]) {
					return k, i, false
				}
				r.cur.times[c-Created] = t.ns
			case FollowUp, Deleted:
				if n = len("false"); string(ahead[:n]) != "false" || !ends(b, i+n) {
					return k, i, false
				}
			default:
				return k, i, false
			}
			r.any = true
			i += n
		}
		i++
		if b[i-1] == '\n' {
			return k + 1, i, true
		}
	}
	return k, i, false
}

// ends reports whether a cell ends at position i.
func ends(b []byte, i int) bool { return i < len(b) && (b[i] == ',' || b[i] == '\n') }

// cellEnd returns the position of the first comma, line end or quote from i, or
// len(b). It compares eight bytes at a time.
func cellEnd(b []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		comma, line, quote := w^(ones*','), w^(ones*'\n'), w^(ones*'"')
		// The lowest mark is exact. Marks above a true one may be wrong.
		marks := ((comma-ones)&^comma | (line-ones)&^line | (quote-ones)&^quote) & highs
		if marks != 0 {
			return i + bits.TrailingZeros64(marks)/8
		}
	}
	for i < len(b) && b[i] != ',' && b[i] != '\n' && b[i] != '"' {
		i++
	}
	return i
}

// set stores cell k, which is not empty.
func (f CSV) set(k int, c Column, cell []byte, r *Rows) {
	r.any = true
	switch c {
	default:
		r.set(c, cell)
	case category:
		r.spell(OptionCombo, f.categories[k], string(cell))
	case attrCategoryCombo:
		r.odd, r.curAttributeCombo = true, string(cell)
	case attrOptions:
		for n, option := range strings.Fields(string(cell)) {
			r.spell(AttributeCombo, fmt.Sprintf(" %d", n), option)
		}
	case unnamed:
		r.Fail(Ignored, fmt.Errorf("%s: want a heading for column %d", quoted(cell), k+1))
	case Ignored:
		if k >= len(f.columns) {
			r.Fail(Ignored, fmt.Errorf("%s: want at most %d cells as in the header", quoted(cell), len(f.columns)))
		}
	}
}

// quotedCell parses a cell in quotes and returns the position after it. A
// doubled quote stands for one.
func quotedCell(b []byte, i int) (cell []byte, end int, err error) {
	start := i + 1
	var parts []byte
	for {
		n := bytes.IndexByte(b[start:], '"')
		if n < 0 {
			return nil, len(b), jsontext.ErrShort
		}
		end = start + n + 1
		if end >= len(b) || b[end] != '"' {
			if parts == nil {
				return b[start : end-1], end, nil
			}
			return append(parts, b[start:end-1]...), end, nil
		}
		parts = append(parts, b[start:end]...)
		start = end + 1
	}
}

// IsCSV returns an error for texts in other forms that are often confused with
// CSV.
func IsCSV(b []byte) error {
	switch text := bytes.TrimSpace(b); {
	case bytes.HasPrefix(text, []byte("{")):
		return errors.New("JSON: want comma separated values")
	case bytes.HasPrefix(text, []byte("<")):
		return errors.New("XML: want comma separated values")
	}
	return nil
}

// CSVRecord parses the cells of one row, and returns the position after its
// line end.
func CSVRecord(b []byte, last bool) (cells []string, end int, err error) {
	for {
		cell, sep, next, err := cellAt(b, end, last)
		if err != nil {
			return nil, next, err
		}
		cells, end = append(cells, string(cell)), next
		if sep == '\n' {
			return cells, end, nil
		}
	}
}

// cellAt parses the cell at position i. sep is the comma or line end after the
// cell, and next the position after that. The end of the input counts as a line
// end. The error is ErrShort if the cell may continue after b.
func cellAt(b []byte, i int, last bool) (cell []byte, sep byte, next int, err error) {
	if i < len(b) && b[i] == '"' {
		if cell, i, err = quotedCell(b, i); err != nil {
			return nil, 0, i, err
		}
		if i == len(b) {
			if !last {
				return nil, 0, i, jsontext.ErrShort // a quote may follow
			}
			return cell, '\n', i, nil
		}
		if b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n' {
			i++
		}
		if b[i] == '\r' && i+1 == len(b) && !last {
			return nil, 0, i, jsontext.ErrShort // a line feed may follow
		}
		if b[i] != ',' && b[i] != '\n' {
			return nil, 0, i, jsontext.Syntax(i, "%q: want a comma or the end of the line behind a quoted cell", b[i:i+1])
		}
		return cell, b[i], i + 1, nil
	}
	start := i
	i = cellEnd(b, i)
	switch {
	case i == len(b) && !last:
		return nil, 0, i, jsontext.ErrShort
	case i < len(b) && b[i] == '"':
		return nil, 0, i, jsontext.Syntax(i, "want no quote within a cell that does not begin with one")
	}
	cell = b[start:i]
	if n := len(cell); n > 0 && (cell[0] <= ' ' || cell[n-1] <= ' ') {
		cell = bytes.TrimSpace(cell)
	}
	if i == len(b) {
		return cell, '\n', i, nil
	}
	return cell, b[i], i + 1, nil
}
