package adx

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A draft is a group while it is being read. Its lists are made as long as
// those of the group before, so that most groups cost four allocations, however
// many values they have. Texts, attributes and notes are in chunks. A list that
// grows by copying would keep its old memory as long as anything points into
// it.
type draft struct {
	group   Group
	attrs   []Attr          // the current chunk of attributes, of the group and its values
	values  []Value         // the values so far; the last may not be complete
	texts   strings.Builder // the current chunk of numbers and annotations, end to end
	notes   []string        // the current chunk of annotations, to which values point
	scratch []byte          // the annotation that is being read
	used    sizes           // the lengths of all chunks so far
	held    int64           // bytes in full chunks and in texts outside chunks
	attrKey keys.Key        // the key of the group's dimensions
	key     keys.Key        // the key of the group
	bad     bool            // the group must be left out

	// strangers is true if an unknown element was reported that may have been
	// meant as a value.
	strangers bool
}

// A sizes has the lengths of the three lists of a group.
type sizes struct{ attrs, texts, notes int }

// These are the lengths of the longest chunks.
const (
	chunkAttrs = 4 << 10
	chunkTexts = 64 << 10
	chunkNotes = 1 << 10
	firstSize  = 1 << 10 // the number of values that the first group has room for
)

// reset begins the group g.
func (d *draft) reset(g Group) {
	was := d.used
	*d = draft{
		group:   g,
		attrs:   make([]Attr, 0, min(was.attrs, chunkAttrs)),
		values:  make([]Value, 0, min(len(d.values), firstSize)),
		notes:   make([]string, 0, min(was.notes, chunkNotes)),
		scratch: d.scratch[:0],
	}
	if texts := min(was.texts, chunkTexts/4); texts > 0 {
		d.texts.Grow(texts + texts/8)
	}
}

// take returns the finished group. It copies the values if their list is much
// too long.
func (d *draft) take() Group {
	d.group.Values = d.values
	if cap(d.values) > 2*len(d.values) {
		d.group.Values = slices.Clone(d.values)
	}
	return d.group
}

// text copies b to the texts of the group and returns the copy.
func (d *draft) text(b []byte) string {
	if d.texts.Cap()-d.texts.Len() < len(b) {
		d.held += int64(d.texts.Cap())
		next := min(max(2*d.texts.Cap(), 256), chunkTexts)
		d.texts = strings.Builder{}
		d.texts.Grow(max(next, len(b)))
	}
	d.used.texts += len(b)
	from := d.texts.Len()
	d.texts.Write(b)
	return d.texts.String()[from:]
}

// room makes room for n consecutive attributes and returns the index of the
// first.
func (d *draft) room(n int) (from int) {
	if cap(d.attrs)-len(d.attrs) < n {
		d.held += int64(cap(d.attrs)) * attrSize
		d.attrs = make([]Attr, 0, max(n, min(max(2*cap(d.attrs), 16), chunkAttrs)))
	}
	d.used.attrs += n
	return len(d.attrs)
}

// note adds an annotation and returns a pointer to it.
func (d *draft) note(text string) *string {
	if len(d.notes) == cap(d.notes) {
		d.held += int64(cap(d.notes)) * stringSize
		d.notes = make([]string, 0, min(max(2*cap(d.notes), 4), chunkNotes))
	}
	d.used.notes++
	d.notes = append(d.notes, text)
	return &d.notes[len(d.notes)-1]
}

const (
	valueSize  = int64(unsafe.Sizeof(Value{}))
	attrSize   = int64(unsafe.Sizeof(Attr{}))
	stringSize = int64(unsafe.Sizeof(""))
)

// memory returns the approximate size of the group in bytes.
func (d *draft) memory() int64 {
	return d.held + int64(d.texts.Cap()) + int64(cap(d.attrs))*attrSize + int64(cap(d.notes))*stringSize +
		int64(cap(d.values))*valueSize + int64(cap(d.group.Rejected))*8
}

// memory returns the approximate number of bytes held for the group: its own
// size, its codes, and the keys that find repeated values.
func (r *Reader) memory() int64 {
	n := r.next.memory() + r.codes.made
	if !r.Unique {
		n += r.keys.Bytes()
	}
	return n
}

// readGroup reads a group, whose start tag was just read, into r.next. whole is
// false if the group must be left out.
func (r *Reader) readGroup() (whole bool, err error) {
	d := &r.next
	pos := r.xml.Pos()
	r.groups++
	d.reset(Group{Number: r.groups, Line: pos.Line, Column: pos.Column})
	r.codes.made = 0
	r.group, r.value = r.groups, 0
	r.places.group = r.attrPlaces()
	clear(r.places.values)
	if err := r.groupAttrs(); err != nil {
		return false, err
	}
	if !d.bad {
		if err := r.groupKey(); err != nil {
			return false, err
		}
	}
	met := r.values
	r.patterns.begin()
	for open := !r.xml.Empty; open; {
		if r.memory() > r.limits.Memory {
			return false, r.beyond("ADX-164", "the group takes more than "+strconv.FormatInt(r.limits.Memory, 10)+" bytes")
		}
		r.value = int(r.values-met) + 1
		if done, err := r.repeated(); err != nil {
			return false, err
		} else if done {
			continue
		}
		r.value = 0
		token, err := r.xml.Next()
		switch {
		case err != nil:
			return false, err
		case token == xmlstream.Start && r.isElement("dataValue"):
			r.value = int(r.values-met) + 1
			if err = r.readValue(); err == nil {
				r.value = 0
			}
		case token == xmlstream.Start:
			err = r.stranger("group")
		case token == xmlstream.Text:
			err = r.strayText("group")
		default:
			open = false
		}
		if err != nil {
			return false, err
		}
	}
	met = r.values - met
	if met == 0 && d.strangers {
		return false, nil
	}
	if met == 0 {
		err := r.report(r.lenient(), Finding{
			Rule: "ADX-028", Line: pos.Line, Column: pos.Column, Want: "at least one dataValue",
		})
		return err == nil && !d.bad && r.lenient() == hmis.Warning, err
	}
	if d.bad {
		d.values = d.values[:0]
	}
	r.rejected += met - int64(len(d.values))
	return len(d.values) > 0, nil
}

// beyond returns the error for a message that exceeds a limit.
func (r *Reader) beyond(rule, msg string) error {
	return &Finding{Rule: rule, Severity: hmis.Critical, Err: errors.New(msg)}
}

// groupAttrs reads the attributes of a group.
func (r *Reader) groupAttrs() error {
	d, x := &r.next, r.xml
	orgUnit, time, dataSet, combo, dimension := -1, -1, -1, -1, false
	d.room(len(x.Attrs))
	for i := range x.Attrs {
		a := &x.Attrs[i]
		if a.Space == "" {
			switch a.Name() {
			case "orgUnit":
				orgUnit = i
				continue
			case "period":
				time = i
				continue
			case "dataSet":
				dataSet = i
				continue
			case "attributeOptionCombo":
				combo = i
			case "completeDate":
				if _, ok := completeTime(string(x.Value(i))); !ok {
					if err := r.reportAttr(hmis.Warning, i, Finding{
						Rule: "ADX-034", Want: "a date such as 2026-02-04",
					}); err != nil {
						return err
					}
				}
			}
		}
		attr, k, err := r.attr(i)
		if err != nil {
			return err
		}
		d.attrKey = d.attrKey.With(k)
		dimension = dimension || attr.IsDimension() && !attr.isDefault()
		d.attrs = append(d.attrs, attr)
	}
	d.group.Attrs = d.attrs[:len(d.attrs):len(d.attrs)]
	if len(d.attrs) == 0 {
		d.group.Attrs = nil
	}
	if combo >= 0 && dimension {
		f := Finding{Rule: "ADX-035", Err: errors.New("it stands beside dimensions of the group")}
		if err := r.reportAttr(hmis.Warning, combo, f); err != nil {
			return err
		}
	}
	var err error
	if dataSet >= 0 || r.Edition != 2015 && r.Dialect != DHIS2 {
		if d.group.DataSet, err = r.mandatory("ADX-026", "dataSet", dataSet, &d.bad); err != nil {
			return err
		}
	}
	if d.group.OrgUnit, err = r.mandatory("ADX-020", "orgUnit", orgUnit, &d.bad); err != nil {
		return err
	}
	if time < 0 {
		d.bad = true
		return r.missing(hmis.Severe, "ADX-021", "period")
	}
	return r.period(time)
}

// mandatory returns the code in attribute i. If there is no such attribute, it
// reports that and sets bad.
func (r *Reader) mandatory(rule, name string, i int, bad *bool) (string, error) {
	if i < 0 {
		*bad = true
		return "", r.missing(hmis.Severe, rule, name)
	}
	code, _, err := r.code(i)
	if err != nil || code != "" {
		return code, err
	}
	*bad = true
	return "", r.reportAttr(hmis.Severe, i, Finding{Rule: rule, Err: errors.New("it is blank")})
}

// attr returns attribute i of the last start tag, and the part that it adds to
// the key of its group or value.
func (r *Reader) attr(i int) (Attr, keys.Key, error) {
	a, value := &r.xml.Attrs[i], r.xml.Value(i)
	name := a.Name()
	if a.Space != "" || isReserved(name) && name != "attributeOptionCombo" && name != "categoryOptionCombo" {
		r.codes.made += int64(len(value))
		return Attr{a.Space, name, string(value)}, keys.Key{}, nil
	}
	code, k, err := r.code(i)
	attr := Attr{"", name, code}
	if attr.isDefault() {
		return attr, keys.Key{}, err
	}
	return attr, r.codes.name(name).And(k), err
}

// code returns the code in attribute i without extra white space
// (RULES.md#codes), and its key.
func (r *Reader) code(i int) (string, keys.Key, error) {
	value := r.xml.Value(i)
	if !r.xml.Attrs[i].Blank {
		code, k := r.codes.intern(value)
		return code, k, nil
	}
	switch c := token.Collapse(string(value)); c {
	case string(value):
		return c, r.codes.Text(c), nil
	case "":
		return "", keys.Key{}, nil
	default:
		r.codes.made += int64(len(c))
		err := r.reportAttr(hmis.Warning, i, Finding{
			Rule: "ADX-115", Want: "the code without superfluous blanks",
		})
		return c, r.codes.Text(c), err
	}
}

// period reads the period of the group from attribute i.
func (r *Reader) period(i int) error {
	d, text := &r.next, r.xml.Value(i)
	if r.last.text != "" && string(text) == r.last.text {
		d.group.Period = r.last.period
		return nil
	}
	read, err := ParseTimeRange(string(text))
	if err == nil {
		r.last.text, r.last.period = read.text, read
		d.group.Period = read
		return nil
	}
	bad := err.(*Finding)
	severity := hmis.Severe
	if r.lenient() == hmis.Warning {
		read, ok := tolerated(string(text))
		if !ok && r.Edition == 2015 && r.Tolerant && !r.shiftsYears() {
			read, ok = observed(string(text))
		}
		if ok {
			severity, d.group.Period = hmis.Warning, read
		}
	}
	d.bad = d.bad || severity == hmis.Severe
	return r.reportAttr(severity, i, *bad)
}

// shiftsYears reports whether the group has an attribute that moves the first
// day of its years. That moves every part of a year too.
func (r *Reader) shiftsYears() bool {
	return slices.ContainsFunc(r.xml.Attrs, func(a xmlstream.Attr) bool {
		return strings.EqualFold(a.Name(), "ReportingYearStartDay")
	})
}

// tolerated parses a time range with white space around it, or with a duration
// in weeks (RULES.md#time-ranges).
func tolerated(text string) (TimeRange, bool) {
	text = strings.Trim(text, " \t\r\n")
	start, duration, _ := strings.Cut(text, "/")
	if weeks, ok := strings.CutPrefix(duration, "P"); ok {
		if weeks, ok := strings.CutSuffix(weeks, "W"); ok && len(weeks) < 4 {
			if n, err := strconv.ParseUint(weeks, 10, 16); err == nil {
				text = start + "/P" + strconv.FormatUint(7*n, 10) + "D"
			}
		}
	}
	r, err := ParseTimeRange(text)
	return r, err == nil
}

// groupKey reports a group with the same key as an earlier one (RULES.md#keys).
func (r *Reader) groupKey() error {
	d := &r.next
	d.key = r.codes.group(&d.group, d.attrKey)
	follows := d.key == r.last.key
	r.last.key = d.key
	if !r.Unique && !follows {
		r.keys.Reset()
	}
	limit := maxGroupKeys
	if r.Unique {
		limit = max(limit, r.limits.Keys)
	}
	state := r.known.Add(d.key, 0, limit)
	if state == keys.Full {
		r.known.Reset()
		state = r.known.Add(d.key, 0, limit)
	}
	if state == keys.New && !follows {
		return nil
	}
	return r.report(hmis.Warning, Finding{
		Rule: "ADX-029",
		Err:  errors.New("a group with the same key has been there before"),
	})
}

// maxGroupKeys limits how many groups are remembered for ADX-029. At that
// number all of them are forgotten.
const maxGroupKeys = 1 << 16
