package dhis2

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
)

// csvRows reads rows of comma separated values (RFC 4180; interoperability
// specification, section 5.3).
type csvRows struct {
	columns    []column
	categories []string // by position, of columns that are categories
}

func (csvRows) cut(b []byte) int { return bytes.LastIndexByte(b, '\n') + 1 }

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
			if cell, i, err = quoted(b, i); err != nil {
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
			return i, nil
		}
	}
}

// glance takes cell k at position i and those behind it as long as they are like
// most of their columns: empty, a text that was met before and is as long as the
// one before, a small number, the time of the row before. It returns the next
// cell and its position, or that the line has ended.
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
			return k, i, true
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
	case ignored:
		if k >= len(f.columns) {
			r.fail(ignored, fmt.Errorf("%q: want at most %d cells as in the header", short(cell), len(f.columns)))
		}
	}
}

// quoted reads a cell in quotes and returns the position behind it. Doubled
// quotes stand for one.
func quoted(b []byte, i int) (cell []byte, end int, err error) {
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
			cell, next, err := quoted(b, i)
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

// aliases are the headings of columns in lower case.
func aliases(heading string) column {
	switch strings.ToLower(heading) {
	case "dataelement", "de", "dx", "dataelementid":
		return element
	case "period", "pe":
		return periodID
	case "orgunit", "ou", "organisationunit", "source":
		return orgUnit
	case "categoryoptioncombo", "catoptcombo", "coc", "co":
		return optionCombo
	case "attributeoptioncombo", "attroptcombo", "aoc", "acoc", "ao":
		return attrCombo
	case "value", "val":
		return value
	case "storedby", "strby":
		return storedBy
	case "created":
		return created
	case "lastupdated", "lstupd", "timestamp":
		return updated
	case "comment", "cmt":
		return comment
	case "followup", "flwup":
		return followUp
	case "deleted":
		return deleted
	case "attributecombo":
		return attrCategoryCombo
	case "attributeoptions":
		return attrOptions
	}
	return ignored
}

// positional is the order in which servers write columns.
func positional() []column {
	return []column{
		element, periodID, orgUnit, optionCombo, attrCombo, value, storedBy, updated, comment, followUp, deleted,
	}
}

// csvHeading decides what the columns are from the first line; isData says that
// the line is a row already.
func csvHeading(cells []string, f Format, h *header) (rows csvRows, isData bool, err error) {
	if f.Positional {
		return csvRows{columns: positional()}, false, nil
	}
	var seen [ignored + 1]bool
	for _, cell := range cells {
		c := aliases(cell)
		if c != ignored && seen[c] {
			return csvRows{}, false, fmt.Errorf("%q: want one column of the %s", short(cell), c)
		}
		seen[c] = true
		rows.columns = append(rows.columns, c)
	}
	switch {
	case !seen[element] && len(cells) >= 6:
		// Some headings are arbitrary, and some files have none.
		_, err := h.period(cells[1])
		return csvRows{columns: positional()}, err == nil, nil
	case !seen[element] && len(cells) == 1 && strings.ContainsAny(cells[0], ";\t"):
		return csvRows{}, false, fmt.Errorf("%q: want commas between columns", short(cells[0]))
	case !seen[element]:
		return csvRows{}, false, fmt.Errorf("%q: want a header with a column dataElement", short(strings.Join(cells, ",")))
	case !seen[value] && !seen[comment] && !seen[deleted]:
		return csvRows{}, false, fmt.Errorf("%q: want a header with a column value", short(strings.Join(cells, ",")))
	}
	if !seen[optionCombo] && f.Catalog != nil {
		rows.findCategories(cells, h)
	}
	return rows, false, nil
}

// findCategories makes categories of the columns that are named for one. Without
// a column categoryOptionCombo, their cells are options.
func (f *csvRows) findCategories(cells []string, h *header) {
	f.categories = make([]string, len(cells))
	for k, cell := range cells {
		if f.columns[k] != ignored {
			continue
		}
		scheme := h.schemes.Category
		if scheme == "" {
			scheme = h.schemes.Any
		}
		if _, err := h.lookup(hmis.KindCategory, scheme, cell); err == nil && h.catalog != nil {
			if _, ok := hmis.Find[hmis.Category](h.catalog, hmis.UID(cell)); ok || scheme != hmis.ByID && scheme != hmis.ByUID {
				f.columns[k], f.categories[k] = category, cell
			}
		}
	}
}
