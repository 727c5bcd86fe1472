package adx

import (
	"errors"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// Values translates groups to data values, in order. Of a data element that is a
// number, the value is the number, spelt anew only where DHIS2 would not count it
// (3 for +3, 0.5 for .5), and an annotation is a comment; of any other, the value
// is the annotation. The result can be used as often as groups can. The error,
// always the last pair, is that of groups, or a *[Finding].
func (m Mapper) Values(groups iter.Seq2[Group, error]) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		t, err := newTranslator(m)
		if err != nil {
			yield(hmis.DataValue{}, err)
			return
		}
		for g, err := range groups {
			if err != nil {
				yield(hmis.DataValue{}, err)
				return
			}
			t.group++
			if !t.groupValues(&g, yield) {
				return
			}
		}
	}
}

// A translator carries out one Values.
type translator struct {
	Mapper
	text  texts
	group int // counted from 1
	value int
}

func newTranslator(m Mapper) (*translator, error) {
	if m.Catalog == nil {
		return nil, &Finding{Severity: hmis.Critical, Err: errors.New("the mapper has no catalog")}
	}
	return &translator{Mapper: m, text: newTexts(m.Catalog, m.Schemes)}, nil
}

// fail returns a finding about the group, or about the value that is being
// translated.
func (t *translator) fail(rule string, line, column int, attr, got, want string, err error) *Finding {
	path := "group[" + strconv.Itoa(t.group) + "]"
	if t.value > 0 {
		path += "/dataValue[" + strconv.Itoa(t.value) + "]"
	}
	return &Finding{
		Rule: rule, Severity: hmis.Severe, Line: line, Column: column, Path: path,
		Attr: attr, Got: got, Want: want, Err: err,
	}
}

// reference finds the object that an attribute refers to.
func (t *translator) reference(rule, attr, text string, k hmis.Kind, line, column int) (hmis.UID, *Finding) {
	id, err := t.text.id(k, text)
	switch {
	case err == nil:
		return id, nil
	case errors.Is(err, hmis.ErrAmbiguous):
		if issue, ok := errors.AsType[*hmis.Issue](err); ok {
			err = issue.Err
		}
		return hmis.UID(text), t.fail(rule, line, column, attr, text, "", err)
	}
	return hmis.UID(text), t.fail(rule, line, column, attr, text, t.text.want(k), nil)
}

// groupValues translates one group. It is false if the stream is to end.
func (t *translator) groupValues(g *Group, yield func(hmis.DataValue, error) bool) bool {
	t.value = 0
	common, set, groupErr := t.groupKey(g)
	complete := groupErr == nil && g.Rejected == 0
	for i := range g.Values {
		t.value = i + 1
		v, err := t.dataValue(&g.Values[i], common, set)
		if groupErr != nil {
			err = groupErr
		}
		if err == nil {
			if !yield(v, nil) {
				return false
			}
			continue
		}
		complete = false
		if t.Reject == nil {
			yield(hmis.DataValue{}, err)
			return false
		}
		t.Reject(v, err)
	}
	if groupErr != nil && len(g.Values) == 0 && t.Reject == nil {
		yield(hmis.DataValue{}, groupErr)
		return false
	}
	if complete && t.Completions != nil {
		if text, ok := g.Attr("completeDate"); ok {
			if at, ok := completeTime(text); ok && set != "" {
				t.Completions(hmis.Completion{
					DataSet: set, AttributeOptionCombo: common.AttributeOptionCombo,
					OrgUnit: common.OrgUnit, Period: common.Period, At: at,
				})
			}
		}
	}
	return true
}

// completeTime reads a completeDate.
func completeTime(text string) (time.Time, bool) {
	s := scan{rest: text}
	m, _, ok := s.start()
	if !ok || s.rest != "" {
		return time.Time{}, false
	}
	return m.time()
}

// groupKey translates what a group says of all of its values.
func (t *translator) groupKey(g *Group) (k hmis.Key, set hmis.UID, first *Finding) {
	note := func(f *Finding) {
		if first == nil {
			first = f
		}
	}
	set = t.DataSet
	if g.DataSet != "" {
		var f *Finding
		if set, f = t.reference("ADX-027", "dataSet", g.DataSet, hmis.KindDataSet, g.Line, g.Column); f != nil {
			note(f)
		}
	}
	var f *Finding
	if k.OrgUnit, f = t.reference("ADX-030", "orgUnit", g.OrgUnit, hmis.KindOrgUnit, g.Line, g.Column); f != nil {
		note(f)
	}
	p, err := g.Period.Period(t.Calendar)
	if err != nil {
		bad := err.(*Finding)
		note(t.fail(bad.Rule, g.Line, g.Column, bad.Attr, bad.Got, bad.Want, nil))
	}
	k.Period = p
	if first != nil {
		return k, set, first
	}
	dimensions, combo := t.dimensions(g.Attrs)
	if combo != "" {
		k.AttributeOptionCombo, f = t.reference("ADX-031", "attributeOptionCombo", combo, hmis.KindCategoryOptionCombo, g.Line, g.Column)
		k.AttributeOptionCombo = t.plain(k.AttributeOptionCombo)
		return k, set, f
	}
	of := hmis.UID("")
	if set != "" {
		found, ok := hmis.Find[hmis.DataSet](t.Catalog, set)
		if !ok {
			return k, set, t.fail("ADX-027", g.Line, g.Column, "dataSet", string(set), "a data set of the catalog", nil)
		}
		of = found.CategoryCombo
	} else if len(dimensions) > 0 {
		return k, set, t.fail("ADX-026", g.Line, g.Column, "dataSet", "", "the data set that "+dimensions[0].Name+" belongs to", nil)
	}
	k.AttributeOptionCombo, f = t.combine(of, dimensions, outer, g.Line, g.Column)
	return k, set, f
}

// dataValue translates a value. What could not be translated stays as it was.
func (t *translator) dataValue(v *Value, k hmis.Key, set hmis.UID) (hmis.DataValue, error) {
	out := hmis.DataValue{Key: k, Value: v.Value}
	element, f := t.reference("ADX-043", "dataElement", v.DataElement, hmis.KindDataElement, v.Line, v.Column)
	out.DataElement = element
	if f != nil {
		return out, f
	}
	dimensions, combo := t.dimensions(v.Attrs)
	if combo != "" {
		out.CategoryOptionCombo, f = t.reference("ADX-044", "categoryOptionCombo", combo, hmis.KindCategoryOptionCombo, v.Line, v.Column)
		out.CategoryOptionCombo = t.plain(out.CategoryOptionCombo)
	} else {
		out.CategoryOptionCombo, f = t.combine(t.Catalog.Combo(element, set), dimensions, inner, v.Line, v.Column)
	}
	if f != nil {
		return out, f
	}
	if f := t.extensions(v, &out); f != nil {
		return out, f
	}
	if t.text.isNumber(element) {
		if _, ok := decimalDigits(v.Value); !ok {
			return out, t.fail("ADX-042", v.Line, v.Column, "value", v.Value, "a decimal such as -3.50", nil)
		}
		out.Value = plainNumber(v.Value)
		if v.Annotation != nil && out.Comment == "" {
			out.Comment = *v.Annotation
		}
		return out, nil
	}
	switch {
	case v.Annotation != nil:
		out.Value = *v.Annotation
	case out.Deleted:
		out.Value = ""
	default:
		return out, t.fail("ADX-053", v.Line, v.Column, "annotation", "", "the text of a value that is no number", nil)
	}
	return out, nil
}

// extensions takes over the attributes that DHIS2 adds to values.
func (t *translator) extensions(v *Value, out *hmis.DataValue) *Finding {
	for i := range v.Attrs {
		a := &v.Attrs[i]
		if a.Space != "" {
			continue
		}
		switch a.Name {
		case "comment":
			out.Comment = a.Value
		case "storedBy":
			out.StoredBy = a.Value
		case "created":
			out.Created = looseTime(a.Value)
		case "lastUpdated":
			out.Updated = looseTime(a.Value)
		case "followup", "deleted":
			mark, err := strconv.ParseBool(a.Value)
			if err != nil {
				return t.fail("", v.Line, v.Column, a.Name, a.Value, "true or false", nil)
			}
			if a.Name == "deleted" {
				out.Deleted = mark
			} else {
				out.FollowUp = mark
			}
		}
	}
	return nil
}

// looseTime reads the times that DHIS2 writes of a value; what it cannot read is
// zero, since importers do not look at them either.
func looseTime(text string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999-0700", "2006-01-02T15:04:05.999", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at
		}
	}
	return time.Time{}
}

// plainNumber returns an xs:decimal in a spelling that DHIS2 counts as a number:
// without a plus, with a digit on each side of the point. Whatever has that
// already stays, superfluous zeros included (interoperability specification,
// section 6).
func plainNumber(text string) string {
	digits := strings.TrimPrefix(text, "+")
	sign := ""
	if rest, ok := strings.CutPrefix(digits, "-"); ok {
		sign, digits = "-", rest
	}
	whole, fraction, point := strings.Cut(digits, ".")
	if whole != "" && (!point || fraction != "") {
		return strings.TrimPrefix(text, "+")
	}
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return sign + whole + fraction
}
