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

// A Column is a part of a row. The first columns have few different texts,
// which are numbered.
type Column uint8

const (
	Element Column = iota
	Period
	OrgUnit
	OptionCombo
	AttributeCombo
	StoredBy
	Numbered // the number of columns with numbered texts

	Value Column = iota - 1
	Created
	Updated
	Comment
	FollowUp
	Deleted
	attrCategoryCombo // CSV: the category combo of the attribute option combo
	attrOptions       // CSV: the ids of its options
	category          // CSV: an option of a category
	Ignored           // a column that the caller wants to be skipped
	unnamed           // CSV: a column without a heading, which must be empty
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

// A Rows holds the data values of a chunk of text. Texts are numbered but not
// yet looked up.
type Rows struct {
	dicts   [Numbered]dict
	list    []cells
	timed   [2]bool // whether any row has a time of creation, or of update
	rest    map[int]hmis.DataValue
	spelled []spelled
	faults  []Fault      // in the order of rows
	empty   map[int]bool // the rows whose org unit is an empty text

	// The following fields are about the current row.
	cur               *cells // its cells, which are stored after list
	odd               bool   // it has some of the fields below
	more              bool   // curRest is not empty
	any               bool   // CSV: some cell was not empty
	curRest           hmis.DataValue
	curSpelled        [2]map[string]string // options by category of its option combo and attribute option combo
	curAttributeCombo string               // CSV: the category combo of its attribute option combo
	curFault          Fault                // its fault, if the error is not nil
	curNoElement      bool                 // its data element is an empty text
	curNoUnit         bool                 // its org unit is an empty text
	clocks            [2]clock             // parsers of created and updated
}

// A cells has the fields that most rows have.
type cells struct {
	texts [Numbered]uint32 // numbers of texts, 0 for none
	start uint32           // offset of the row in the chunk
	scale int8             // -1 if the value is empty or no plain number
	coef  int64
	times [2]int64 // times of creation and update, as a Batch has them
}

// A spelled is an option combo that is written as options by category. In CSV
// it may have the name of its category combo.
type spelled struct {
	row     int
	column  Column
	combo   string
	options map[string]string
}

// A Fault is the reason why a row cannot be used. Row is its position in the
// chunk.
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
	r.rest, r.spelled, r.faults, r.empty = nil, nil, nil, nil
	r.odd = true
	r.Clear()
}

// Len returns the number of rows.
func (r *Rows) Len() int { return len(r.list) }

// Start returns the offset of a row in its chunk.
func (r *Rows) Start(row int) int64 { return int64(r.list[row].start) }

// SetStart sets the offset of a row that was not known when End was called.
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
	r.curFault, r.curNoElement, r.curNoUnit = Fault{}, false, false
}

// Fail records why the current row cannot be used. Only the first reason is
// kept.
func (r *Rows) Fail(c Column, err error) {
	r.odd = true
	if r.curFault.Err == nil {
		r.curFault = Fault{r.Len(), c, err}
	}
}

// spell adds one option to the combo of a row. A category whose name begins
// with a blank is not known.
func (r *Rows) spell(c Column, category, option string) {
	r.odd = true
	if r.curSpelled[c-OptionCombo] == nil {
		r.curSpelled[c-OptionCombo] = map[string]string{}
	}
	r.curSpelled[c-OptionCombo][category] = option
}

// set stores the text of a cell that is not absent.
func (r *Rows) set(c Column, text []byte) {
	switch c {
	case Element, Period, OrgUnit, OptionCombo, AttributeCombo, StoredBy:
		r.cur.texts[c] = r.dicts[c].number(text)
		if len(text) == 0 && (c == Element || c == OrgUnit) {
			r.odd = true
			r.curNoElement, r.curNoUnit = r.curNoElement || c == Element, r.curNoUnit || c == OrgUnit
		}
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

// keep records that the row has fields that cells cannot hold.
func (r *Rows) keep() { r.odd, r.more = true, true }

func (r *Rows) setValue(text []byte) {
	if coef, scale, ok := scan.Plain(text); ok {
		r.cur.coef, r.cur.scale = coef, scale
		return
	}
	r.curRest.Value = r.text(Value, text)
	r.keep()
}

// text returns a text for the user, kept as it is.
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

// These errors may be those of many rows, so each is made only once.
var (
	errNoElement = errors.New("want one in every value")
	// ErrEmpty is the error of an id that is an empty text, where one is needed.
	ErrEmpty     = errors.New("want one in every value, not an empty text")
	errNotUTF8   = errors.New("want UTF-8")
	errNoDefault = errors.New("want one in every value, or one for all")
	errTooLate   = fmt.Errorf("want one in every value, or one for all before the values: at most %d MiB of them can wait for it", MaxHeld>>20)
)

// End adds the current row, which began at start.
func (r *Rows) End(start int) {
	if r.cur.texts[Element] == 0 {
		if r.curNoElement {
			r.Fail(Element, ErrEmpty)
		} else {
			r.Fail(Element, errNoElement)
		}
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

// endOdd keeps the fields of the current row that cells cannot hold.
func (r *Rows) endOdd() {
	n := r.Len()
	if r.curFault.Err != nil {
		r.faults = append(r.faults, r.curFault)
	}
	if r.curNoUnit {
		if r.empty == nil {
			r.empty = map[int]bool{}
		}
		r.empty[n] = true
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

// Size returns the approximate memory of the rows in bytes.
func (r *Rows) Size() int {
	const perText, perRest = 64, 320 // including the memory of map or table entries
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

// Lacks reports whether some row has no text in a column.
func (r *Rows) Lacks(c Column) bool {
	for i := range r.list {
		if r.list[i].texts[c] == 0 {
			return true
		}
	}
	return false
}

// Needs reports whether a row lacks a field that the data value set may state
// for all.
func (r *Rows) Needs() bool {
	return r.Lacks(Period) || r.Lacks(OrgUnit) || r.Lacks(AttributeCombo)
}
