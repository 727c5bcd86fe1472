package rows

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
	"unsafe"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
)

// A Column is a part of a row. The first ones hold few different texts and are
// numbered.
type Column uint8

const (
	Element Column = iota
	Period
	OrgUnit
	OptionCombo
	AttributeCombo
	StoredBy
	Numbered // how many there are

	Value Column = iota - 1
	Created
	Updated
	Comment
	FollowUp
	Deleted
	attrCategoryCombo // CSV: a category combo, ...
	attrOptions       // ... and the ids of its options
	category          // CSV: an option of a category
	Ignored           // the caller wants nothing of it
	unnamed           // CSV: a column without a heading, which has to be empty
	Unknown           // a name that is neither known nor ignored
)

// String returns the name of the column in a file of DHIS2.
func (c Column) String() string {
	return [...]string{
		"dataElement", "period", "orgUnit", "categoryOptionCombo", "attributeOptionCombo", "storedBy",
		"value", "created", "lastUpdated", "comment", "followUp", "deleted",
		"attributeCombo", "attributeOptions", "category", "", "", "",
	}[c]
}

// Rows are data values as a chunk of text has them: texts are numbered but not
// yet looked up.
type Rows struct {
	dicts   [Numbered]dict
	list    []cells
	timed   [2]bool // whether any row has a time of creation or update
	rest    map[int]hmis.DataValue
	spelled []spelled
	faults  []Fault // in the order of rows

	// The current row.
	cur               *cells // behind list
	odd               bool   // it has something of what follows
	more              bool   // curRest holds anything
	any               bool   // CSV: some cell was not empty
	curRest           hmis.DataValue
	curSpelled        [2]map[string]string // option combo and attribute option combo, by category
	curAttributeCombo string               // CSV: the category combo of the attribute option combo
	curFault          Fault                // if its error is not nil
	clocks            [2]clock             // of created and updated
}

// cells are what most rows have.
type cells struct {
	texts [Numbered]uint32 // by their numbers, 0 for none
	start uint32           // where the row begins in the chunk
	scale int8             // -1 if the value is no plain number, or empty
	coef  int64
	times [2]int64 // of creation and update, as a Batch has them
}

// A spelled combo is written as options by category. The combo of CSV may be
// named.
type spelled struct {
	row     int
	column  Column
	combo   string
	options map[string]string
}

// A Fault is why a row cannot be used. Row is its position in the chunk.
type Fault struct {
	Row    int
	Column Column
	Err    error
}

// Reset empties r for the next chunk.
func (r *Rows) Reset() {
	for c := range r.dicts {
		r.dicts[c].reset()
	}
	r.list, r.timed = r.list[:0], [2]bool{}
	r.rest, r.spelled, r.faults = nil, nil, nil
	r.odd = true
	r.Clear()
}

// Len returns the number of rows.
func (r *Rows) Len() int { return len(r.list) }

// Start returns where a row begins in its chunk.
func (r *Rows) Start(row int) int64 { return int64(r.list[row].start) }

// SetStart says where a row begins, if End could not know.
func (r *Rows) SetStart(row int, start uint32) { r.list[row].start = start }

// Clear begins a row.
func (r *Rows) Clear() {
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
	r.curAttributeCombo = ""
	r.curFault = Fault{}
}

// Fail notes why the row in the making cannot be used; the first reason counts.
func (r *Rows) Fail(c Column, err error) {
	r.odd = true
	if r.curFault.Err == nil {
		r.curFault = Fault{r.Len(), c, err}
	}
}

// spell notes one option of a combo that is spelt out. A category whose name
// begins with a blank is not known.
func (r *Rows) spell(c Column, category, option string) {
	r.odd = true
	if r.curSpelled[c-OptionCombo] == nil {
		r.curSpelled[c-OptionCombo] = map[string]string{}
	}
	r.curSpelled[c-OptionCombo][category] = option
}

// set stores the text of a cell. Absent cells are not set.
func (r *Rows) set(c Column, text []byte) {
	switch c {
	case Element, Period, OrgUnit, OptionCombo, AttributeCombo, StoredBy:
		r.cur.texts[c] = r.dicts[c].number(text)
	case Value:
		r.setValue(text)
	case Created:
		r.setTime(0, c, text)
	case Updated:
		r.setTime(1, c, text)
	case Comment:
		r.curRest.Comment = r.text(c, text)
		r.keep()
	case FollowUp:
		if r.curRest.FollowUp = r.truth(c, text); r.curRest.FollowUp {
			r.keep()
		}
	case Deleted:
		if r.curRest.Deleted = r.truth(c, text); r.curRest.Deleted {
			r.keep()
		}
	}
}

// keep notes that the row has more than cells hold.
func (r *Rows) keep() { r.odd, r.more = true, true }

func (r *Rows) setValue(text []byte) {
	if coef, scale, ok := scan.Plain(text); ok {
		r.cur.coef, r.cur.scale = coef, scale
		return
	}
	r.curRest.Value = r.text(Value, text)
	r.keep()
}

// text keeps a text that goes to the user as it is.
func (r *Rows) text(c Column, b []byte) string {
	if !utf8.Valid(b) {
		r.Fail(c, errNotUTF8)
	}
	return string(b)
}

func (r *Rows) setTime(i int, c Column, text []byte) {
	if len(text) == 0 {
		return
	}
	ns, ok, t, err := r.clocks[i].read(text)
	switch {
	case err != nil:
		r.Fail(c, err)
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

func (r *Rows) truth(c Column, text []byte) bool {
	switch string(text) {
	case "true", "TRUE", "True", "1":
		return true
	case "", "false", "FALSE", "False", "0", "null":
		return false
	}
	r.Fail(c, fmt.Errorf("%s: want true or false", quoted(text)))
	return false
}

// Errors that any number of rows may have are made once.
var (
	errNoElement = errors.New("want one in every value")
	errNotUTF8   = errors.New("want UTF-8")
	errNoDefault = errors.New("want one in every value, or one for all")
	errTooLate   = fmt.Errorf("want one in every value, or one for all before the values: at most %d MiB of them can wait for it", MaxHeld>>20)
)

// End adds the row in the making, which began at start.
func (r *Rows) End(start int) {
	if r.cur.texts[Element] == 0 {
		r.Fail(Element, errNoElement)
	}
	r.cur.start = uint32(start)
	for i, ns := range r.cur.times {
		r.timed[i] = r.timed[i] || ns != 0
	}
	if r.odd {
		r.endOdd()
	}
	r.list = r.list[:len(r.list)+1]
	r.Clear()
}

// endOdd keeps what cells do not hold.
func (r *Rows) endOdd() {
	n := r.Len()
	if r.curFault.Err != nil {
		r.faults = append(r.faults, r.curFault)
	}
	for i, options := range r.curSpelled {
		if options != nil {
			s := spelled{row: n, column: OptionCombo + Column(i), options: options}
			if s.column == AttributeCombo {
				s.combo = r.curAttributeCombo
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

// Size returns how many bytes of memory the rows need, more or less.
func (r *Rows) Size() int {
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
	return n + len(r.faults)*int(unsafe.Sizeof(Fault{}))
}

// Lacks reports whether some row has nothing in a column of texts.
func (r *Rows) Lacks(c Column) bool {
	for i := range r.list {
		if r.list[i].texts[c] == 0 {
			return true
		}
	}
	return false
}

// Needs reports whether a row lacks what the data value set may say for all.
func (r *Rows) Needs() bool {
	return r.Lacks(Period) || r.Lacks(OrgUnit) || r.Lacks(AttributeCombo)
}
