package dhis2

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
)

// csvRows reads rows of comma separated values (RFC 4180; RULES.md#csv).
type csvRows struct {
	columns    []column
	categories []string // by position, of columns that are categories
	short      []error  // by the number of cells: every row has those that a value needs
}

// cut returns the position behind the last line end that is not in quotes. What
// is in quotes follows from how many there are, since b begins with a row.
func (csvRows) cut(b []byte) int {
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
		// The line end is in quotes, and so is all up to the mark before it.
		if end = bytes.LastIndexByte(b[:line], '"'); end < 0 {
			return 0
		}
		quotes--
	}
}

var quoteMark = []byte{'"'}

func (f csvRows) parse(b []byte, r *rows, first, last bool) outcome {
	b = slices.Grow(b, padding) // mostly there is room: glance looks beyond the end
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
			r.clear()
			if errors.Is(err, errShort) {
				if !last {
					return outcome{consumed: done, short: true}
				}
				err = syntax(i, "want a closing quote")
			}
			return outcome{consumed: done, err: err}
		}
		if r.any {
			r.end(i)
		} else {
			r.clear() // nothing but commas
		}
		i = end
		done = i
	}
	return outcome{consumed: done}
}

// row reads one row and returns the position behind its line end.
func (f csvRows) row(b []byte, i int, r *rows, last bool) (int, error) {
	for k := 0; ; k++ {
		var ended bool
		if k, i, ended = f.glance(b, k, i, r); ended {
			f.count(k, r)
			return i, nil
		}
		c := ignored
		if k < len(f.columns) {
			c = f.columns[k]
		}
		var cell []byte
		var sep byte
		if i < len(b) && b[i] == '"' {
			var err error
			if cell, i, err = quotedCell(b, i); err != nil {
				return i, err
			}
			if i == len(b) {
				if !last {
					return i, errShort // a quote may follow
				}
				sep = '\n'
			} else {
				sep = b[i]
			}
			if sep == '\r' && i+1 < len(b) && b[i+1] == '\n' {
				i++
				sep = '\n'
			}
			if sep != ',' && sep != '\n' {
				return i, syntax(i, "%q: want a comma or the end of the line behind a quoted cell", b[i:i+1])
			}
		} else {
			start := i
			i = cellEnd(b, i)
			if i < len(b) {
				if sep = b[i]; sep == '"' {
					return i, syntax(i, "want no quote within a cell that does not begin with one")
				}
			} else {
				if !last {
					return i, errShort
				}
				sep = '\n'
			}
			cell = b[start:i]
			if n := len(cell); n > 0 && (cell[0] <= ' ' || cell[n-1] <= ' ') {
				cell = bytes.TrimSpace(cell)
			}
		}
		i++
		if len(cell) > 0 {
			f.set(k, c, cell, r)
		}
		if sep == '\n' {
			f.count(k+1, r)
			return i, nil
		}
	}
}

// count refuses a row that has too few cells: what is missing may be its value.
func (f csvRows) count(n int, r *rows) {
	if n < len(f.short) {
		r.fail(ignored, f.short[n])
	}
}

// glance takes cell k at position i and those behind it as long as they are like
// most of their columns: empty, a text that was met before and is as long as the
// one before, a small number, the time of the row before. It returns the next
// cell and its position, or how many cells there were if the line has ended.
func (f csvRows) glance(b []byte, k, i int, r *rows) (_, _ int, ended bool) {
	for ; k < len(f.columns) && i < len(b); k++ {
		if !ends(b, i) {
			ahead := b[i : i+glance : cap(b)]
			n := 0
			switch c := f.columns[k]; c {
			case element, periodID, orgUnit, optionCombo, attrCombo, storedBy:
				d := &r.dicts[c]
				n = d.recent.size
				if n == 0 || !ends(b, i+n) {
					return k, i, false
				}
				if !d.recent.starts(ahead) && !d.find(ahead) {
					return k, i, false
				}
				r.cur.texts[c] = d.last
			case value:
				var coef int64
				coef, n = scan.Digits(binary.LittleEndian.Uint64(ahead))
				if n == 0 || !ends(b, i+n) {
					return k, i, false
				}
				r.cur.coef, r.cur.scale = coef, 0
			case created, updated:
				t := &r.clocks[c-created]
				n = len(t.text)
				if !ends(b, i+n) || !t.repeats(b[i:i+n]) {
					return k, i, false
				}
				r.cur.times[c-created] = t.ns
			case followUp, deleted:
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
// len(b). It looks at eight bytes at a time.
func cellEnd(b []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		comma, line, quote := w^(ones*','), w^(ones*'\n'), w^(ones*'"')
		// The lowest mark is exact; those above a true one may not be.
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

// set takes a cell that is not empty.
func (f csvRows) set(k int, c column, cell []byte, r *rows) {
	r.any = true
	switch c {
	default:
		r.set(c, cell)
	case category:
		r.spell(optionCombo, f.categories[k], string(cell))
	case attrCategoryCombo:
		r.odd, r.curAttrCombo = true, string(cell)
	case attrOptions:
		for n, option := range strings.Fields(string(cell)) {
			r.spell(attrCombo, fmt.Sprintf(" %d", n), option)
		}
	case unnamed:
		r.fail(ignored, fmt.Errorf("%s: want a heading for column %d", quoted(cell), k+1))
	case ignored:
		if k >= len(f.columns) {
			r.fail(ignored, fmt.Errorf("%s: want at most %d cells as in the header", quoted(cell), len(f.columns)))
		}
	}
}

// quotedCell reads a cell in quotes and returns the position behind it. Doubled
// quotes stand for one.
func quotedCell(b []byte, i int) (cell []byte, end int, err error) {
	start := i + 1
	var parts []byte
	for {
		n := bytes.IndexByte(b[start:], '"')
		if n < 0 {
			return nil, len(b), errShort
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

// isCSV refuses texts of other forms, which are easily taken for one another.
func isCSV(b []byte) error {
	switch text := bytes.TrimSpace(b); {
	case bytes.HasPrefix(text, []byte("{")):
		return errors.New("JSON: want comma separated values")
	case bytes.HasPrefix(text, []byte("<")):
		return errors.New("XML: want comma separated values")
	}
	return nil
}

// csvRecord reads the cells of one line as they are.
func csvRecord(b []byte, last bool) (cells []string, end int, err error) {
	for i := 0; ; i++ {
		if i < len(b) && b[i] == '"' {
			cell, next, err := quotedCell(b, i)
			if err != nil {
				return nil, next, err
			}
			i = next
			cells = append(cells, string(cell))
			if i < len(b) && b[i] == '\r' {
				i++
			}
			if i < len(b) && b[i] != ',' && b[i] != '\n' {
				return nil, i, syntax(i, "%q: want a comma or the end of the line behind a quoted cell", b[i:i+1])
			}
		} else {
			n := bytes.IndexAny(b[i:], ",\n")
			if n < 0 {
				n = len(b) - i
			}
			if bytes.IndexByte(b[i:i+n], '"') >= 0 {
				return nil, i, syntax(i, "want no quote within a cell that does not begin with one")
			}
			cells = append(cells, string(bytes.TrimSpace(b[i:i+n])))
			i += n
		}
		if i >= len(b) {
			if !last {
				return nil, i, errShort
			}
			return cells, len(b), nil
		}
		if b[i] == '\n' {
			return cells, i + 1, nil
		}
	}
}
