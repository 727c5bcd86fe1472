package adx

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A draft is a group while it is being read. It is used again for the next one:
// build copies it, so that a group costs a few allocations however many values it
// has.
type draft struct {
	group   Group
	attrs   []Attr // of the group and, after that, of its values in order
	values  []draftValue
	texts   []byte // numbers and annotations of the values, end to end
	attrKey key    // of the dimensions of the group
	key     key    // of the group
	bad     bool   // the group is not to be handed out
	// strangers says that something in the group has been reported that may have
	// been meant as a value.
	strangers bool
}

// A draftValue is a value whose texts and attributes are still in the draft.
type draftValue struct {
	dataElement  string
	number       [2]int // from and to in texts
	annotation   [2]int // from and to in texts
	annotated    bool
	attrs        [2]int // from and to in attrs
	line, column int
}

// build returns the group, with nothing shared with the draft.
func (d *draft) build() Group {
	g := d.group
	texts := string(d.texts)
	attrs := slices.Clone(d.attrs)
	cut := func(from, to int) []Attr {
		if from == to {
			return nil
		}
		return attrs[from:to:to]
	}
	end := len(attrs)
	if len(d.values) > 0 {
		end = d.values[0].attrs[0]
	}
	g.Attrs = cut(0, end)
	g.Values = make([]Value, len(d.values))
	annotations := 0
	for i := range d.values {
		v := &d.values[i]
		g.Values[i] = Value{
			DataElement: v.dataElement,
			Value:       texts[v.number[0]:v.number[1]],
			Attrs:       cut(v.attrs[0], v.attrs[1]),
			Line:        v.line,
			Column:      v.column,
		}
		if v.annotated {
			annotations++
		}
	}
	if annotations > 0 {
		notes := make([]string, 0, annotations)
		for i := range d.values {
			if v := &d.values[i]; v.annotated {
				notes = append(notes, texts[v.annotation[0]:v.annotation[1]])
				g.Values[i].Annotation = &notes[len(notes)-1]
			}
		}
	}
	return g
}

// memory returns about how many bytes the group will take.
func (d *draft) memory() int64 {
	return int64(len(d.texts)) + int64(len(d.values))*int64(unsafe.Sizeof(Value{})+unsafe.Sizeof(draftValue{})) +
		int64(len(d.attrs))*2*int64(unsafe.Sizeof(Attr{}))
}

// readGroup reads the group whose start tag was just read into r.next. It is
// false if the group has an error that was rejected.
func (r *Reader) readGroup() (whole bool, err error) {
	d := &r.next
	pos := r.xml.Pos()
	d.group = Group{Line: pos.Line, Column: pos.Column}
	d.attrs, d.values, d.texts, d.attrKey = d.attrs[:0], d.values[:0], d.texts[:0], key{}
	d.bad, d.strangers = false, false
	r.groups++
	r.group, r.value = r.groups, 0
	if err := r.groupAttrs(); err != nil {
		return false, err
	}
	if !d.bad {
		if err := r.groupKey(); err != nil {
			return false, err
		}
	}
	met := r.values
	for open := !r.xml.Empty; open; {
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
		if n := d.memory(); n > r.limits.Memory {
			return false, r.beyond("ADX-164", "the group takes more than "+strconv.FormatInt(r.limits.Memory, 10)+" bytes")
		}
	}
	met = r.values - met
	if met == 0 && d.strangers {
		return false, nil
	}
	if met == 0 {
		err := r.tell(r.lenient(), Finding{Rule: "ADX-028", Line: pos.Line, Column: pos.Column, Want: "at least one dataValue"})
		return err == nil && !d.bad && r.Tolerant, err
	}
	if d.bad {
		d.values = d.values[:0]
	}
	left := met - int64(len(d.values))
	d.group.Rejected = int(left)
	r.rejected += left
	return len(d.values) > 0, nil
}

// beyond is the error of a limit.
func (r *Reader) beyond(rule, msg string) error {
	return &Finding{Rule: rule, Severity: hmis.Critical, Err: errors.New(msg)}
}

// groupAttrs reads the attributes of the group.
func (r *Reader) groupAttrs() error {
	d, x := &r.next, r.xml
	orgUnit, time, dataSet, combo, dimension := -1, -1, -1, -1, false
	for i := range x.Attrs {
		a := &x.Attrs[i]
		if a.Space == "" {
			switch a.Name {
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
				if !isDay(string(a.Value)) {
					if err := r.tellAttr(hmis.Warning, i, Finding{Rule: "ADX-034", Want: "a date such as 2026-02-04"}); err != nil {
						return err
					}
				}
			}
		}
		attr, k, err := r.attr(i)
		if err != nil {
			return err
		}
		d.attrKey = d.attrKey.with(k)
		dimension = dimension || attr.IsDimension()
		d.attrs = append(d.attrs, attr)
	}
	if combo >= 0 && dimension {
		f := Finding{Rule: "ADX-035", Err: errors.New("it stands beside dimensions of the group")}
		if err := r.tellAttr(hmis.Warning, combo, f); err != nil {
			return err
		}
	}
	var err error
	if dataSet >= 0 || r.Edition != 2015 {
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

// mandatory returns the code in attribute i, or reports that there is none; bad
// is set then.
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
	return "", r.tellAttr(hmis.Severe, i, Finding{Rule: rule, Err: errors.New("it is blank")})
}

// attr returns attribute i of the start tag just read, with what it adds to the
// key of its group or value.
func (r *Reader) attr(i int) (Attr, key, error) {
	a := &r.xml.Attrs[i]
	if a.Space != "" || isReserved(a.Name) && a.Name != "attributeOptionCombo" && a.Name != "categoryOptionCombo" {
		return Attr{a.Space, a.Name, string(a.Value)}, key{}, nil
	}
	code, k, err := r.code(i)
	return Attr{"", a.Name, code}, r.codes.name(a.Name).and(k), err
}

// code returns the code in attribute i without superfluous white space (ADX
// specification, section 5), and its key.
func (r *Reader) code(i int) (string, key, error) {
	a := &r.xml.Attrs[i]
	if a.Blank {
		if c := collapse(string(a.Value)); c != string(a.Value) {
			if c == "" {
				return "", key{}, nil
			}
			err := r.tellAttr(hmis.Warning, i, Finding{Rule: "ADX-115", Want: "the code without superfluous blanks"})
			return c, r.codes.of(c), err
		}
	}
	code, k := r.codes.intern(a.Value)
	return code, k, nil
}

// period reads the period of the group from attribute i.
func (r *Reader) period(i int) error {
	d, text := &r.next, r.xml.Attrs[i].Value
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
	if r.Tolerant {
		if read, ok := tolerated(string(text)); ok {
			severity, d.group.Period = hmis.Warning, read
		}
	}
	d.bad = d.bad || severity == hmis.Severe
	return r.tellAttr(severity, i, *bad)
}

// tolerated reads a time range that has white space around it, or a duration in
// weeks (ADX specification, 4.1).
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

// groupKey looks whether there was a group with the same key (ADX specification,
// 2.3).
func (r *Reader) groupKey() error {
	d := &r.next
	start, end := d.group.Period.Span()
	k := r.codes.of(d.group.DataSet).and(r.codes.of(d.group.OrgUnit))
	k = k.and(key{uint64(start.UnixNano()), uint64(end.UnixNano())})
	k = k.and(key{uint64(start.Unix()), uint64(end.Unix())})
	d.key = k.with(d.attrKey)
	follows := d.key == r.last.key
	r.last.key = d.key
	if !r.Unique && !follows {
		r.keys.reset()
	}
	switch r.known.add(d.key, 0, maxGroupKeys) {
	case keyNew:
		return nil
	case keyFull:
		if !follows {
			return nil
		}
	}
	return r.tell(hmis.Warning, Finding{Rule: "ADX-029", Err: errors.New("a group with the same key has been there before")})
}

// maxGroupKeys is how many groups are remembered for ADX-029.
const maxGroupKeys = 1 << 16

// isDay reports whether text is an xs:date or an xs:dateTime.
func isDay(text string) bool {
	s := scan{rest: text}
	m, _, ok := s.start()
	if !ok || s.rest != "" {
		return false
	}
	_, ok = m.time()
	return ok
}
