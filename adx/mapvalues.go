package adx

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"time"

	"github.com/ohie-hmis/hmis-go/adx/internal/decimal"
	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// Values translates groups to data values, in order. For a numeric data element
// the value is the number, and the annotation becomes the comment. A number is
// rewritten only if DHIS2 could not read it: +3 becomes 3, and .5 becomes 0.5.
// For any other data element the value is the annotation. The result can be
// used as often as groups can. The last pair may have an error: that of groups,
// or a *[Finding].
func (m Mapper) Values(groups iter.Seq2[Group, error]) iter.Seq2[hmis.DataValue, error] {
	return m.values(context.Background(), groups, nil)
}

// values implements Values. It stops when ctx ends. run is the Import that it
// works for, or nil.
func (m Mapper) values(ctx context.Context, groups iter.Seq2[Group, error], run *importRun) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		t, err := newTranslator(ctx, m, run)
		if err != nil {
			yield(hmis.DataValue{}, err)
			return
		}
		for g, err := range groups {
			if err != nil {
				yield(hmis.DataValue{}, err)
				return
			}
			t.begin(&g)
			if !t.groupValues(&g, yield) {
				return
			}
		}
	}
}

// A translator is the state of one call of Values.
type translator struct {
	Mapper
	ctx    context.Context
	run    *importRun // the Import that called, or nil
	text   texts
	groups int      // the number of groups translated so far
	group  *Group   // the group being translated
	value  int      // the index in the group of the value being translated; -1 for the group itself
	set    hmis.UID // the data set of the group, or ""
	seen   map[hmis.Key]bool
}

func newTranslator(ctx context.Context, m Mapper, run *importRun) (*translator, error) {
	if m.Catalog == nil {
		return nil, &Finding{Severity: hmis.Critical, Err: errors.New("the mapper has no catalog")}
	}
	t := &translator{Mapper: m, ctx: ctx, run: run, text: newTexts(m.Catalog, m.Schemes)}
	t.text.unknown = m.unknown
	if run != nil {
		run.now = t
	}
	return t, nil
}

// begin makes g the group that is being translated.
func (t *translator) begin(g *Group) {
	if t.groups++; g.Number == 0 {
		g.Number = t.groups
	}
	t.group, t.value = g, -1
}

// stopped returns the error of the context, or that of an import that is out of
// memory. It is called for value i of each group, but checks the context only
// for some values.
func (t *translator) stopped(i int) error {
	const often = 256
	if t.run != nil && t.run.full != nil {
		return t.run.full
	}
	if i%often != often-1 {
		return nil
	}
	return t.ctx.Err()
}

// fail returns a finding about the group or value being translated, with its
// place.
func (t *translator) fail(line, column int, f Finding) *Finding {
	f.Severity, f.Line, f.Column, f.Path = hmis.Severe, line, column, t.group.Path(t.value)
	return &f
}

// warn reports a finding about a group or value that is kept.
func (t *translator) warn(line, column int, f Finding) {
	if t.Warn != nil {
		f.Severity, f.Line, f.Column, f.Path = hmis.Warning, line, column, t.group.Path(t.value)
		t.Warn(f)
	}
}

// reference returns the object whose code an attribute has.
func (t *translator) reference(rule, attr, text string, k hmis.Kind, line, column int) (hmis.UID, *Finding) {
	id, err := t.text.id(k, text)
	switch {
	case err == nil:
		return id, nil
	case errors.Is(err, hmis.ErrAmbiguous):
		if issue, ok := errors.AsType[*hmis.Issue](err); ok {
			err = issue.Err
		}
		return hmis.UID(text), t.fail(line, column, Finding{
			Rule: rule, Attr: attr, Got: text,
			Err: err,
		})
	}
	return hmis.UID(text), t.fail(line, column, Finding{
		Rule: rule, Attr: attr, Got: text, Want: t.text.want(k),
	})
}

// groupValues yields the values of one group. The result is false if the stream
// must end.
func (t *translator) groupValues(g *Group, yield func(hmis.DataValue, error) bool) bool {
	common, set, groupErr := t.groupKey(g)
	t.set = set
	complete := groupErr == nil && len(g.Rejected) == 0
	clear(t.seen)
	mixed := isMixed(g)
	for i := range g.Values {
		if err := t.stopped(i); err != nil {
			yield(hmis.DataValue{}, err)
			return false
		}
		t.value = i
		v, err := t.dataValue(&g.Values[i], common, set)
		switch {
		case groupErr != nil:
			err = groupErr
		case err != nil:
		case t.run != nil:
			err = t.onlyOnceInMessage(&g.Values[i], &v)
		case mixed:
			err = t.onlyOnce(&g.Values[i], v.Key)
		}
		if err == nil {
			if t.run != nil {
				t.run.forms.mapped(v.Key)
			}
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
	if complete {
		t.value = -1
		t.completion(g, common, set)
	}
	return true
}

// isMixed reports whether only some values of g have their whole option combo
// as one code. A Reader cannot know that such a value repeats one with
// dimensions.
func isMixed(g *Group) bool {
	whole := 0
	for i := range g.Values {
		if _, ok := find(g.Values[i].Attrs, inner.combo); ok {
			whole++
		}
	}
	return whole > 0 && whole < len(g.Values)
}

// onlyOnce returns an error if another value of the group has this key
// (ADX-049).
func (t *translator) onlyOnce(v *Value, k hmis.Key) error {
	if t.seen[k] {
		return t.fail(v.Line, v.Column, Finding{
			Rule: "ADX-049", Attr: "dataElement", Got: v.DataElement,
			Err: errors.New("another value of the group has the same option combo"),
		})
	}
	if t.seen == nil {
		t.seen = map[hmis.Key]bool{}
	}
	t.seen[k] = true
	return nil
}

// onlyOnceInMessage returns an error if another value of the message has this
// key (ADX-049). In tolerant reading it is a warning if both values are equal.
func (t *translator) onlyOnceInMessage(v *Value, out *hmis.DataValue) error {
	var same bool
	switch t.run.repeats.add(out) {
	case keys.New:
		t.run.hold(keySize)
		return nil
	case keys.Same:
		same = true
	}
	reason := errors.New("another value of the message has the same key")
	if same {
		reason = errors.New("the same value is in the message before")
	}
	f := t.fail(v.Line, v.Column, Finding{
		Rule: "ADX-049", Attr: "dataElement", Got: v.DataElement,
		Err: reason,
	})
	if same && t.run.in.Tolerant {
		f.Severity = hmis.Warning
	}
	return f
}

// completion reports the form of a group as complete, if the group has a
// completeDate.
func (t *translator) completion(g *Group, k hmis.Key, set hmis.UID) {
	text, ok := g.Attr("completeDate")
	if !ok {
		return
	}
	at, ok := completeTime(text)
	switch {
	case !ok: // the Reader has already reported this
	case set == "":
		t.warn(g.Line, g.Column, Finding{
			Rule: "ADX-026", Attr: "completeDate", Got: text,
			Err: errors.New("no data set says what is complete"),
		})
	case t.Completions != nil:
		t.Completions(hmis.Completion{
			DataSet: set, AttributeCombo: k.AttributeCombo, OrgUnit: k.OrgUnit, Period: k.Period, At: at,
		})
	}
}

// groupKey translates the fields that the values of a group share. It checks
// all of them. first is the first error.
func (t *translator) groupKey(g *Group) (k hmis.Key, set hmis.UID, first *Finding) {
	note := func(f *Finding) {
		if first == nil {
			first = f
		}
	}
	var f *Finding
	known := true
	if set = t.DataSet; g.DataSet != "" {
		set, f = t.reference("ADX-027", "dataSet", g.DataSet, hmis.KindDataSet, g.Line, g.Column)
		known = f == nil
		note(f)
	}
	k.OrgUnit, f = t.reference("ADX-030", "orgUnit", g.OrgUnit, hmis.KindOrgUnit, g.Line, g.Column)
	note(f)
	var err error
	if k.Period, err = g.Period.Period(t.Calendar); err != nil {
		bad := err.(*Finding)
		note(t.fail(g.Line, g.Column, Finding{
			Rule: bad.Rule, Attr: bad.Attr, Got: bad.Got, Want: bad.Want,
		}))
	}
	if known {
		k.AttributeCombo, f = t.attributeCombo(g, set)
		note(f)
	}
	return k, set, first
}

// attributeCombo returns the attribute option combo of a group.
func (t *translator) attributeCombo(g *Group, set hmis.UID) (hmis.UID, *Finding) {
	dimensions, combo, stray := t.dimensions(g.Attrs, outer)
	switch {
	case stray != nil:
		return "", t.fail(g.Line, g.Column, Finding{
			Rule: "ADX-033", Attr: stray.Name, Got: stray.Value, Want: "it on the values",
		})
	case combo != nil:
		return t.whole(outer.code, combo, g.Line, g.Column)
	}
	if set == "" {
		if len(dimensions) > 0 {
			return "", t.fail(g.Line, g.Column, Finding{
				Rule: "ADX-026", Attr: "dataSet",
				Want: "the data set that " + dimensions[0].Name + " belongs to",
			})
		}
		return t.combine("", nil, outer, g.Line, g.Column)
	}
	of, ok := hmis.Find[hmis.DataSet](t.Catalog, set)
	if !ok {
		return "", t.fail(g.Line, g.Column, Finding{
			Rule: "ADX-027", Attr: "dataSet", Got: string(set), Want: "a data set of the catalog",
		})
	}
	return t.combine(of.CategoryCombo, dimensions, outer, g.Line, g.Column)
}

// dataValue returns a value with ids. Fields that cannot be translated keep
// their text.
func (t *translator) dataValue(v *Value, k hmis.Key, set hmis.UID) (hmis.DataValue, error) {
	out := hmis.DataValue{Key: k, Value: v.Value}
	element, f := t.reference("ADX-043", "dataElement", v.DataElement, hmis.KindDataElement, v.Line, v.Column)
	out.DataElement = element
	if f != nil {
		return out, f
	}
	dimensions, combo, stray := t.dimensions(v.Attrs, inner)
	if stray != nil {
		if id, f := t.whole(outer.code, stray, v.Line, v.Column); f != nil || id != k.AttributeCombo {
			return out, t.fail(v.Line, v.Column, Finding{
				Rule: "ADX-033", Attr: stray.Name, Got: stray.Value, Want: "it on the group",
			})
		}
	}
	if combo != nil {
		out.OptionCombo, f = t.whole(inner.code, combo, v.Line, v.Column)
	} else {
		out.OptionCombo, f = t.combine(t.Catalog.CategoryCombo(element, set), dimensions, inner, v.Line, v.Column)
	}
	if f != nil {
		return out, f
	}
	if f := t.extensions(v, &out); f != nil {
		return out, f
	}
	if t.text.isNumber(element) {
		if _, ok := decimal.Digits(v.Value); !ok {
			return out, t.fail(v.Line, v.Column, Finding{
				Rule: "ADX-042", Attr: "value", Got: v.Value, Want: "a decimal such as -3.50",
			})
		}
		out.Value = decimal.Plain(v.Value)
		switch {
		case v.Annotation == nil:
		case out.Comment == "":
			out.Comment = *v.Annotation
		case out.Comment != *v.Annotation:
			t.warn(v.Line, v.Column, Finding{
				Attr: "annotation", Got: *v.Annotation,
				Err: errors.New("the attribute comment is the comment"),
			})
		}
		return out, nil
	}
	switch {
	case v.Annotation != nil:
		out.Value = *v.Annotation
		if !decimal.IsZero(v.Value) {
			t.warn(v.Line, v.Column, Finding{
				Rule: "ADX-052", Attr: "value", Got: v.Value,
				Want: "0 beside the annotation, which is the value",
			})
		}
	case out.Deleted:
		out.Value = ""
	default:
		return out, t.fail(v.Line, v.Column, Finding{
			Rule: "ADX-053", Attr: "annotation", Want: "the text of a value that is no number",
		})
	}
	return out, nil
}

// extensions copies the attributes that DHIS2 adds to values into out.
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
				return t.fail(v.Line, v.Column, Finding{
					Attr: a.Name, Got: a.Value, Want: "true or false",
				})
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

// looseTime parses a time that DHIS2 writes on a value. It returns zero for any
// other text, because importers ignore these times.
func looseTime(text string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999-0700", "2006-01-02T15:04:05.999", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at
		}
	}
	return time.Time{}
}
