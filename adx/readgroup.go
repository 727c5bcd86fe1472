package adx

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A draft is a group while it is being read. Its lists are those of the group that
// is handed out: they are made as long as those of the group before, so that a
// group mostly costs four allocations however many values it has.
type draft struct {
	group   Group
	attrs   []Attr          // of the group and, after that, of its values in order
	values  []Value         // complete but for those that are being read
	texts   strings.Builder // numbers and annotations, end to end
	notes   []string        // the annotations, to be pointed at
	attrKey key             // of the dimensions of the group
	key     key             // of the group
	bad     bool            // the group is not to be handed out

	// strangers says that something in the group has been reported that may have
	// been meant as a value.
	strangers bool
}

// reset begins a new group, of which this much is known.
func (d *draft) reset(g Group) {
	const most = 1 << 10 // a group after one that is much larger does not take its room
	texts := min(d.texts.Len(), 16*most)
	*d = draft{
		group:  g,
		attrs:  make([]Attr, 0, min(len(d.attrs), 4*most)),
		values: make([]Value, 0, min(len(d.values), most)),
		notes:  make([]string, 0, min(len(d.notes), most)),
	}
	d.texts.Grow(texts + texts/8)
}

// take returns the group. The draft keeps its lengths, but does not change it.
func (d *draft) take() Group {
	d.group.Values = d.values
	if cap(d.values) > 2*len(d.values) {
		d.group.Values = slices.Clone(d.values)
	}
	return d.group
}

// text puts a text with those of the group.
func (d *draft) text(b []byte) string {
	from := d.texts.Len()
	d.texts.Write(b)
	return d.texts.String()[from:]
}

// memory returns about how many bytes the group takes.
func (d *draft) memory() int64 {
	const value, attr = int64(unsafe.Sizeof(Value{})), int64(unsafe.Sizeof(Attr{}))
	return int64(d.texts.Len()) + int64(len(d.values))*value + int64(len(d.attrs))*attr + int64(len(d.group.Rejected))*8
}

// readGroup reads the group whose start tag was just read into r.next. It is
// false if the group has an error that was rejected.
func (r *Reader) readGroup() (whole bool, err error) {
	d := &r.next
	pos := r.xml.Pos()
	r.groups++
	d.reset(Group{Number: r.groups, Line: pos.Line, Column: pos.Column})
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
		if d.memory() > r.limits.Memory {
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
		err := r.tell(r.lenient(), Finding{Rule: "ADX-028", Line: pos.Line, Column: pos.Column, Want: "at least one dataValue"})
		return err == nil && !d.bad && r.Tolerant, err
	}
	if d.bad {
		d.values = d.values[:0]
	}
	r.rejected += met - int64(len(d.values))
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
		dimension = dimension || attr.IsDimension() && !attr.isDefault()
		d.attrs = append(d.attrs, attr)
	}
	d.group.Attrs = d.attrs[:len(d.attrs):len(d.attrs)]
	if len(d.attrs) == 0 {
		d.group.Attrs = nil
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
	a, value := &r.xml.Attrs[i], r.xml.Value(i)
	name := a.Name()
	if a.Space != "" || isReserved(name) && name != "attributeOptionCombo" && name != "categoryOptionCombo" {
		return Attr{a.Space, name, string(value)}, key{}, nil
	}
	code, k, err := r.code(i)
	attr := Attr{"", name, code}
	if attr.isDefault() {
		return attr, key{}, err
	}
	return attr, r.codes.name(name).and(k), err
}

// code returns the code in attribute i without superfluous white space (ADX
// specification, section 5), and its key.
func (r *Reader) code(i int) (string, key, error) {
	value := r.xml.Value(i)
	if !r.xml.Attrs[i].Blank {
		code, k := r.codes.intern(value)
		return code, k, nil
	}
	switch c := token.Collapse(string(value)); c {
	case string(value):
		return c, r.codes.of(c), nil
	case "":
		return "", key{}, nil
	default:
		err := r.tellAttr(hmis.Warning, i, Finding{Rule: "ADX-115", Want: "the code without superfluous blanks"})
		return c, r.codes.of(c), err
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
	d.key = r.codes.group(&d.group, d.attrKey)
	follows := d.key == r.last.key
	r.last.key = d.key
	if !r.Unique && !follows {
		r.keys.reset()
	}
	limit := maxGroupKeys
	if r.Unique {
		limit = max(limit, r.limits.Keys)
	}
	state := r.known.add(d.key, 0, limit)
	if state == keyFull {
		r.known.reset()
		state = r.known.add(d.key, 0, limit)
	}
	if state == keyNew && !follows {
		return nil
	}
	return r.tell(hmis.Warning, Finding{Rule: "ADX-029", Err: errors.New("a group with the same key has been there before")})
}

// maxGroupKeys is how many groups are remembered for ADX-029; the memory begins
// anew when they are reached.
const maxGroupKeys = 1 << 16
