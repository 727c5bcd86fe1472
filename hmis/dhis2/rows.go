package dhis2

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

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
	ignored
)

func (c column) String() string {
	return [...]string{
		"dataElement", "period", "orgUnit", "categoryOptionCombo", "attributeOptionCombo", "storedBy",
		"value", "created", "lastUpdated", "comment", "followUp", "deleted",
		"attributeCombo", "attributeOptions", "category", "",
	}[c]
}

// rows are data values as a chunk of text has them, in columns: texts are
// numbered but not yet looked up.
type rows struct {
	dicts [numbered]dict
	cols  [numbered][]uint32
	start []uint32 // where each row begins in the chunk

	coef             []int64
	scale            []int8
	created, updated []int64
	timed            [2]bool // whether created and updated hold any
	rest             map[int]hmis.DataValue
	spelled          []spelled
	faults           []fault // in the order of rows

	// The row in the making.
	cur          [numbered]uint32
	curCoef      int64
	curScale     int8
	curTimes     [2]int64
	more         bool // curRest holds anything
	any          bool // CSV: some cell was not empty
	curRest      hmis.DataValue
	curSpelled   [2]map[string]string // option combo and attribute option combo, by category
	curAttrCombo string               // CSV: the category combo of the attribute option combo
	curFault     *fault
	clocks       [2]clock // of created and updated
	expectedRows int      // of the next chunk
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
		r.cols[c] = make([]uint32, 0, r.expectedRows)
	}
	r.start = r.start[:0]
	r.coef, r.scale = make([]int64, 0, r.expectedRows), make([]int8, 0, r.expectedRows)
	r.created, r.updated, r.timed = nil, nil, [2]bool{}
	r.rest, r.spelled, r.faults = nil, nil, nil
	r.clear()
}

func (r *rows) len() int { return len(r.coef) }

// clear begins a row.
func (r *rows) clear() {
	r.cur = [numbered]uint32{}
	r.curScale = -1
	r.curCoef = 0
	r.curTimes = [2]int64{}
	if r.more {
		r.more = false
		r.curRest = hmis.DataValue{}
	}
	r.curSpelled = [2]map[string]string{}
	r.curAttrCombo = ""
	r.curFault = nil
	r.any = false
}

// fail notes why the row in the making cannot be used; the first reason counts.
func (r *rows) fail(c column, err error) {
	if r.curFault == nil {
		r.curFault = &fault{r.len(), c, err}
	}
}

// spell notes one option of a combo that is spelt out. A category whose name
// begins with a blank is not known.
func (r *rows) spell(c column, category, option string) {
	if r.curSpelled[c-optionCombo] == nil {
		r.curSpelled[c-optionCombo] = map[string]string{}
	}
	r.curSpelled[c-optionCombo][category] = option
}

// set takes the text of a cell. Absent cells are not set.
func (r *rows) set(c column, text []byte) {
	switch c {
	case element, periodID, orgUnit, optionCombo, attrCombo, storedBy:
		r.cur[c] = r.dicts[c].number(text)
	case value:
		r.setValue(text)
	case created:
		r.setTime(0, c, text)
	case updated:
		r.setTime(1, c, text)
	case comment:
		r.curRest.Comment = r.text(c, text)
		r.more = true
	case followUp:
		r.curRest.FollowUp = r.truth(c, text)
		r.more = r.more || r.curRest.FollowUp
	case deleted:
		r.curRest.Deleted = r.truth(c, text)
		r.more = r.more || r.curRest.Deleted
	}
}

func (r *rows) setValue(text []byte) {
	if coef, scale, ok := scan.Plain(text); ok {
		r.curCoef, r.curScale = coef, scale
		return
	}
	r.curRest.Value = r.text(value, text)
	r.more = true
}

// text keeps a text that goes to the user as it is.
func (r *rows) text(c column, b []byte) string {
	if !utf8.Valid(b) {
		r.fail(c, errors.New("want UTF-8"))
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
		r.curTimes[i] = ns
	case i == 0:
		r.curRest.Created, r.more = t, true
	default:
		r.curRest.Updated, r.more = t, true
	}
}

func (r *rows) truth(c column, text []byte) bool {
	switch string(text) {
	case "true", "TRUE", "True", "1":
		return true
	case "", "false", "FALSE", "False", "0", "null":
		return false
	}
	r.fail(c, fmt.Errorf("%q: want true or false", short(text)))
	return false
}

// end adds the row in the making, which began at start.
func (r *rows) end(start int) {
	if r.curScale < 0 {
		r.more = true // the text, or that there is none
	}
	n := r.len()
	for c := range r.cur {
		r.cols[c] = append(r.cols[c], r.cur[c])
	}
	r.start = append(r.start, uint32(start))
	if r.curFault != nil {
		r.faults = append(r.faults, *r.curFault)
	} else if r.cur[element] == 0 {
		r.faults = append(r.faults, fault{n, element, errors.New("want one in every value")})
	}
	r.coef, r.scale = append(r.coef, r.curCoef), append(r.scale, r.curScale)
	r.created = r.appendTime(r.created, 0, n)
	r.updated = r.appendTime(r.updated, 1, n)
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
	r.clear()
}

func (r *rows) appendTime(times []int64, i, n int) []int64 {
	ns := r.curTimes[i]
	if ns == 0 && !r.timed[i] {
		return times
	}
	if !r.timed[i] {
		r.timed[i] = true
		times = append(make([]int64, 0, max(r.expectedRows, n+1)), make([]int64, n)...)
	}
	return append(times, ns)
}

// needs reports whether a row lacks what the data value set may say for all.
func (r *rows) needs() bool {
	return slices.Contains(r.cols[periodID], 0) || slices.Contains(r.cols[orgUnit], 0) ||
		slices.Contains(r.cols[attrCombo], 0)
}
