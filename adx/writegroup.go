package adx

import (
	"cmp"
	"errors"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx/internal/decimal"
	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// group writes a group to the buffer. The path of a finding has no part for the
// group itself.
func (w *Writer) group(g *Group) *Finding {
	w.line(1)
	w.buf = append(w.buf, "<group"...)
	if g.DataSet != "" || w.Edition != 2015 {
		if f := w.code("ADX-026", "dataSet", g.DataSet); f != nil {
			return f
		}
	}
	if f := w.code("ADX-020", "orgUnit", g.OrgUnit); f != nil {
		return f
	}
	if g.Period.IsZero() {
		return &Finding{Rule: "ADX-021", Attr: "period", Err: errMissing}
	}
	w.buf = append(w.buf, ` period="`...)
	w.buf = append(w.buf, g.Period.text...)
	w.buf = append(w.buf, '"')
	if f := w.dimensions(g.Attrs, inGroup); f != nil {
		return f
	}
	w.noDimension(g.Attrs)
	if f := w.extras(g.Attrs); f != nil {
		return f
	}
	w.buf = append(w.buf, '>')
	if len(g.Values) == 0 {
		return &Finding{Rule: "ADX-028", Want: "at least one value"}
	}
	of := w.codes.group(g, w.attrsKey(g.Attrs))
	if !w.Unique && of != w.last {
		w.keys.Reset()
	}
	w.last = of
	w.patterns.begin()
	for i := range g.Values {
		v := w.withoutRemark(g, i)
		k, done := w.repeated(v)
		var f *Finding
		if !done {
			k = w.attrsKey(v.Attrs).And(w.codes.Text(token.Collapse(v.DataElement)))
			f = w.value(v, k)
		}
		if w.Unique {
			k = k.And(of)
		}
		if f == nil && w.keys.Add(k, 0, math.MaxInt) != keys.New {
			f = &Finding{
				Rule: "ADX-049", Attr: "dataElement", Got: v.DataElement,
				Err: errors.New("a value with the same key has been written before"),
			}
		}
		if f != nil {
			f.Path = "dataValue[" + strconv.Itoa(i+1) + "]"
			return f
		}
	}
	w.line(1)
	w.buf = append(w.buf, "</group>"...)
	return nil
}

var errMissing = errors.New("it is missing")

// noDimension writes default="default" in the dialect of DHIS2, if attrs has no
// dimension.
func (w *Writer) noDimension(attrs []Attr) {
	isCode := func(a Attr) bool { return a.isCode() }
	if w.Dialect == DHIS2 && !slices.ContainsFunc(attrs, isCode) {
		w.buf = append(w.buf, ` default="default"`...)
	}
}

// withoutRemark returns value i of g. In the dialect of DHIS2 a number has no
// annotation, because a server would store that instead.
func (w *Writer) withoutRemark(g *Group, i int) *Value {
	v := &g.Values[i]
	if w.Dialect != DHIS2 || v.Annotation == nil {
		return v
	}
	isText := decimal.IsZero(v.Value)
	if w.Text != nil {
		isText = w.Text(v.DataElement)
	}
	if isText {
		return v
	}
	if w.Warn != nil {
		w.Warn(Finding{
			Rule: "ADX-052", Severity: hmis.Warning, Path: "group[" + strconv.Itoa(w.groups+1) + "]/dataValue[" + strconv.Itoa(i+1) + "]",
			Attr: "annotation", Got: *v.Annotation, Err: errors.New("it is left out: DHIS2 would take it in place of the number"),
		})
	}
	plain := *v
	plain.Annotation = nil
	return &plain
}

// value writes a value to the buffer. k is its key.
func (w *Writer) value(v *Value, k keys.Key) *Finding {
	start := len(w.buf)
	w.line(2)
	w.buf = append(w.buf, "<dataValue"...)
	if f := w.code("ADX-040", "dataElement", v.DataElement); f != nil {
		return f
	}
	if f := w.dimensions(v.Attrs, inValue); f != nil {
		return f
	}
	w.noDimension(v.Attrs)
	if _, ok := decimal.Digits(v.Value); !ok {
		return &Finding{
			Rule: "ADX-042", Attr: "value", Got: v.Value, Want: "a decimal such as -3.50",
		}
	}
	w.buf = append(w.buf, ` value="`...)
	from := len(w.buf)
	w.buf = append(w.buf, v.Value...)
	to := len(w.buf)
	w.buf = append(w.buf, '"')
	if f := w.extras(v.Attrs); f != nil {
		return f
	}
	if v.Annotation == nil {
		w.buf = append(w.buf, "/>"...)
		w.patterns.learn(w.tagID(v), w.buf[start:from], w.buf[to:], v, k)
		return nil
	}
	w.buf = append(w.buf, '>')
	w.line(3)
	w.buf = append(w.buf, "<annotation>"...)
	var bad string
	if w.buf, bad = xmlstream.AppendText(w.buf, *v.Annotation); bad != "" {
		return &Finding{Rule: "ADX-001", Attr: "annotation", Got: bad, Err: errCharacter}
	}
	w.buf = append(w.buf, "</annotation>"...)
	w.line(2)
	w.buf = append(w.buf, "</dataValue>"...)
	return nil
}

var errCharacter = errors.New("XML cannot carry this character")

// code writes an attribute of the profile, whose value must not be blank.
func (w *Writer) code(rule, name, value string) *Finding {
	if isBlank(value) {
		return &Finding{Rule: rule, Attr: name, Err: errMissing}
	}
	return w.attr("", name, value)
}

// attr writes an attribute.
func (w *Writer) attr(prefix, name, value string) *Finding {
	w.buf = append(w.buf, ' ')
	w.buf = append(w.buf, prefix...)
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, `="`...)
	var bad string
	if w.buf, bad = xmlstream.AppendAttr(w.buf, value); bad != "" {
		return &Finding{Rule: "ADX-001", Attr: name, Got: bad, Err: errCharacter}
	}
	w.buf = append(w.buf, '"')
	return nil
}

// A place is the element that an attribute belongs to.
type place uint8

const (
	inHeader place = iota
	inGroup
	inValue
)

// taken reports whether the profile has an attribute of this name at place p.
func (p place) taken(name string) bool {
	switch name {
	case "exported":
		return p == inHeader
	case "dataSet", "orgUnit", "period":
		return p != inHeader
	case "dataElement", "value":
		return p == inValue
	}
	return false
}

// isCode reports whether a is a dimension or the code of a whole option combo.
func (a *Attr) isCode() bool {
	return a.Space == "" && (!isReserved(a.Name) || a.Name == "categoryOptionCombo" || a.Name == "attributeOptionCombo")
}

// dimensions checks all attributes of an element and writes those that are
// dimensions.
func (w *Writer) dimensions(attrs []Attr, p place) *Finding {
	for i := range attrs {
		a := &attrs[i]
		if a.Space == "" && p.taken(a.Name) {
			return &Finding{
				Rule: "ADX-114", Attr: a.Name,
				Err: errors.New("the profile has an attribute of this name"),
			}
		}
		if !w.isName(a.Name) || a.Space == "" && isXML(a.Name) {
			return &Finding{
				Rule: "ADX-114", Attr: a.Name, Want: "a name that XML allows for an attribute",
			}
		}
		for j := range i {
			if attrs[j].Name == a.Name && attrs[j].Space == a.Space {
				return &Finding{Rule: "ADX-001", Attr: a.Name, Err: errors.New("it is there twice")}
			}
		}
		if !a.isCode() {
			continue
		}
		if p != inHeader && isBlank(a.Value) {
			return &Finding{Rule: "ADX-115", Attr: a.Name, Got: a.Value, Want: "a code"}
		}
		if f := w.attr("", a.Name, a.Value); f != nil {
			return f
		}
	}
	return nil
}

// isName reports whether name is an XML name without a colon.
func (w *Writer) isName(name string) bool {
	for _, known := range w.names {
		if known == name {
			return true
		}
	}
	if !xmlstream.IsNCName(name) {
		return false
	}
	if len(w.names) < maxNames {
		w.names = append(w.names, name)
	}
	return true
}

// isXML reports whether name begins with xml in any letter case. XML reserves
// such names.
func isXML(name string) bool { return len(name) >= 3 && strings.EqualFold(name[:3], "xml") }

// isBlank reports whether s is empty or white space.
func isBlank(s string) bool {
	return s == "" || s[0] <= ' ' && strings.Trim(s, " \t\r\n") == ""
}

// These namespaces have well-known prefixes.
const (
	xmlSpace = "http://www.w3.org/XML/1998/namespace"
	xsiSpace = "http://www.w3.org/2001/XMLSchema-instance"
)

// extras writes the attributes that are not dimensions, sorted by name.
// Namespaces are declared on each element, because later elements are not known
// yet.
func (w *Writer) extras(attrs []Attr) *Finding {
	w.sorted = w.sorted[:0]
	for i := range attrs {
		if !attrs[i].isCode() {
			w.sorted = append(w.sorted, &attrs[i])
		}
	}
	if len(w.sorted) == 0 {
		return nil
	}
	slices.SortStableFunc(w.sorted, func(a, b *Attr) int {
		return cmp.Or(strings.Compare(a.Space, b.Space), strings.Compare(a.Name, b.Name))
	})
	space, prefix, declared := "", "", 0
	for _, a := range w.sorted {
		if a.Space != space {
			space = a.Space
			switch space {
			case xmlSpace:
				prefix = "xml:"
			case xsiSpace:
				prefix = "xsi:"
			case "http://www.w3.org/2000/xmlns/":
				return &Finding{
					Rule: "ADX-001", Attr: a.Name, Got: space,
					Err: errors.New("this namespace cannot be used"),
				}
			default:
				declared++
				prefix = "ns" + strconv.Itoa(declared) + ":"
			}
			if space != xmlSpace {
				if f := w.attr("xmlns:", strings.TrimSuffix(prefix, ":"), space); f != nil {
					return f
				}
			}
		}
		if f := w.attr(prefix, a.Name, a.Value); f != nil {
			return f
		}
	}
	return nil
}

// attrsKey returns the part that attributes add to the key of a group or value.
func (w *Writer) attrsKey(attrs []Attr) (k keys.Key) {
	for i := range attrs {
		if a := &attrs[i]; a.isCode() && !a.isDefault() {
			k = k.With(w.codes.name(a.Name).And(w.codes.Text(token.Collapse(a.Value))))
		}
	}
	return k
}

// tagID returns the key of v's tag in the index of patterns.
func (w *Writer) tagID(v *Value) uint64 {
	id := w.codes.Short(v.DataElement)
	for i := range v.Attrs {
		if a := &v.Attrs[i]; a.isCode() {
			id = keys.Mix(id + bits.RotateLeft64(w.codes.Short(a.Value), 23))
		}
	}
	return id
}
