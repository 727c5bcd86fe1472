package dhis2

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
	"unsafe"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
)

// A column is a part of a row. The first ones hold few different texts and are
// numbered.
type column uint8

const (
	element column = iota
	periodID
	orgUnit
	optionCombo
	attrCombo
	storedBy
	numbered // how many there are

	value column = iota - 1
	created
	updated
	comment
	followUp
	deleted
	attrCategoryCombo // CSV: a category combo, ...
	attrOptions       // ... and the ids of its options
	category          // CSV: an option of a category
	ignored           // the caller wants nothing of it
	unnamed           // CSV: a column without a heading, which has to be empty
	unknown           // a name that is neither known nor ignored
)

func (c column) String() string {
	return [...]string{
		"dataElement", "period", "orgUnit", "categoryOptionCombo", "attributeOptionCombo", "storedBy",
		"value", "created", "lastUpdated", "comment", "followUp", "deleted",
		"attributeCombo", "attributeOptions", "category", "", "", "",
	}[c]
}

// rows are data values as a chunk of text has them: texts are numbered but not
// yet looked up.
type rows struct {
	dicts   [numbered]dict
	list    []cells
	timed   [2]bool // whether any row has a time of creation or update
	rest    map[int]hmis.DataValue
	spelled []spelled
	faults  []fault // in the order of rows

	// The row in the making.
	cur          *cells // behind list
	odd          bool   // it has something of what follows
	more         bool   // curRest holds anything
	any          bool   // CSV: some cell was not empty
	curRest      hmis.DataValue
	curSpelled   [2]map[string]string // option combo and attribute option combo, by category
	curAttrCombo string               // CSV: the category combo of the attribute option combo
	curFault     fault                // if its error is not nil
	clocks       [2]clock             // of created and updated
}

// cells are what most rows have.
type cells struct {
	texts [numbered]uint32 // by their numbers, 0 for none
	start uint32           // where the row begins in the chunk
	scale int8             // -1 if the value is no plain number, or empty
	coef  int64
	times [2]int64 // of creation and update, as a Batch has them
}

// A spelled combo is written as options by category. The combo of CSV may be
// named.
type spelled struct {
	row     int
	column  column
	combo   string
	options map[string]string
}

// A fault is why a row cannot be used. Row is its position in the chunk.
type fault struct {
	row    int
	column column
	err    error
}

func (r *rows) reset() {
	for c := range r.dicts {
		r.dicts[c].reset()
	}
	r.list, r.timed = r.list[:0], [2]bool{}
	r.rest, r.spelled, r.faults = nil, nil, nil
	r.odd = true
	r.clear()
}

func (r *rows) len() int { return len(r.list) }

// clear begins a row.
func (r *rows) clear() {
	r.list = slices.Grow(r.list, 1)
	r.cur = &r.list[:len(r.list)+1][len(r.list)]
	*r.cur = cells{scale: -1}
	r.any = false
	if !r.odd {
		return
	}
	r.odd, r.more = false, false
	r.curRest = hmis.DataValue{}
	r.curSpelled = [2]map[string]string{}
	r.curAttrCombo = ""
	r.curFault = fault{}
}

// fail notes why the row in the making cannot be used; the first reason counts.
func (r *rows) fail(c column, err error) {
	r.odd = true
	if r.curFault.err == nil {
		r.curFault = fault{r.len(), c, err}
	}
}

// spell notes one option of a combo that is spelt out. A category whose name
// begins with a blank is not known.
func (r *rows) spell(c column, category, option string) {
	r.odd = true
	if r.curSpelled[c-optionCombo] == nil {
		r.curSpelled[c-optionCombo] = map[string]string{}
	}
	r.curSpelled[c-optionCombo][category] = option
}

// set takes the text of a cell. Absent cells are not set.
func (r *rows) set(c column, text []byte) {
	switch c {
	case element, periodID, orgUnit, optionCombo, attrCombo, storedBy:
		r.cur.texts[c] = r.dicts[c].number(text)
	case value:
		r.setValue(text)
	case created:
		r.setTime(0, c, text)
	case updated:
		r.setTime(1, c, text)
	case comment:
		r.curRest.Comment = r.text(c, text)
		r.keep()
	case followUp:
		if r.curRest.FollowUp = r.truth(c, text); r.curRest.FollowUp {
			r.keep()
		}
	case deleted:
		if r.curRest.Deleted = r.truth(c, text); r.curRest.Deleted {
			r.keep()
		}
	}
}

// keep notes that the row has more than cells hold.
func (r *rows) keep() { r.odd, r.more = true, true }

func (r *rows) setValue(text []byte) {
	if coef, scale, ok := scan.Plain(text); ok {
		r.cur.coef, r.cur.scale = coef, scale
		return
	}
	r.curRest.Value = r.text(value, text)
	r.keep()
}

// text keeps a text that goes to the user as it is.
func (r *rows) text(c column, b []byte) string {
	if !utf8.Valid(b) {
		r.fail(c, errNotUTF8)
	}
	return string(b)
}

func (r *rows) setTime(i int, c column, text []byte) {
	if len(text) == 0 {
		return
	}
	ns, ok, t, err := r.clocks[i].read(text)
	switch {
	case err != nil:
		r.fail(c, err)
	case ok:
		r.cur.times[i] = ns
	case i == 0:
		r.curRest.Created = t
		r.keep()
	default:
		r.curRest.Updated = t
		r.keep()
	}
}

func (r *rows) truth(c column, text []byte) bool {
	switch string(text) {
	case "true", "TRUE", "True", "1":
		return true
	case "", "false", "FALSE", "False", "0", "null":
		return false
	}
	r.fail(c, fmt.Errorf("%s: want true or false", quoted(text)))
	return false
}

// Errors that any number of rows may have are made once.
var (
	errNoElement = errors.New("want one in every value")
	errNotUTF8   = errors.New("want UTF-8")
	errNoDefault = errors.New("want one in every value, or one for all")
)

// end adds the row in the making, which began at start.
func (r *rows) end(start int) {
	if r.cur.texts[element] == 0 {
		r.fail(element, errNoElement)
	}
	r.cur.start = uint32(start)
	for i, ns := range r.cur.times {
		r.timed[i] = r.timed[i] || ns != 0
	}
	if r.odd {
		r.endOdd()
	}
	r.list = r.list[:len(r.list)+1]
	r.clear()
}

// endOdd keeps what cells do not hold.
func (r *rows) endOdd() {
	n := r.len()
	if r.curFault.err != nil {
		r.faults = append(r.faults, r.curFault)
	}
	for i, options := range r.curSpelled {
		if options != nil {
			s := spelled{row: n, column: optionCombo + column(i), options: options}
			if s.column == attrCombo {
				s.combo = r.curAttrCombo
			}
			r.spelled = append(r.spelled, s)
		}
	}
	if r.more {
		if r.rest == nil {
			r.rest = map[int]hmis.DataValue{}
		}
		r.rest[n] = r.curRest
	}
}

// size returns how many bytes of memory the rows take, more or less.
func (r *rows) size() int {
	const perText, perRest = 64, 320 // with what a map or table needs for each
	n := len(r.list) * int(unsafe.Sizeof(cells{}))
	for c := range r.dicts {
		for _, text := range r.dicts[c].texts {
			n += perText + len(text)
		}
	}
	for _, v := range r.rest {
		n += perRest + len(v.Value) + len(v.Comment)
	}
	for _, s := range r.spelled {
		for category, option := range s.options {
			n += 2*perText + len(category) + len(option)
		}
	}
	return n + len(r.faults)*int(unsafe.Sizeof(fault{}))
}

// lacks reports whether some row has nothing in a column of texts.
func (r *rows) lacks(c column) bool {
	for i := range r.list {
		if r.list[i].texts[c] == 0 {
			return true
		}
	}
	return false
}

// needs reports whether a row lacks what the data value set may say for all.
func (r *rows) needs() bool { return r.lacks(periodID) || r.lacks(orgUnit) || r.lacks(attrCombo) }
