package adx

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/ohie-hmis/hmis-go/adx/internal/decimal"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// Groups translates data values to groups, for a [Writer]. A new data set, org
// unit, period or attribute option combo starts a new group, so the values of
// one group must be consecutive. A value that is not a number becomes 0 with an
// annotation. Comments, follow-up marks and marks of deletion become the
// attributes comment, followup and deleted of DHIS2. The result can be used as
// often as values can. The last pair may have an error: that of values, or a
// *[Finding].
func (m Mapper) Groups(values iter.Seq2[hmis.DataValue, error]) iter.Seq2[Group, error] {
	return func(yield func(Group, error) bool) {
		if m.Catalog == nil {
			yield(Group{}, &Finding{
				Severity: hmis.Critical,
				Err:      errors.New("the mapper has no catalog"),
			})
			return
		}
		c := composer{Mapper: m, text: newTexts(m.Catalog, m.Schemes), combos: map[hmis.Ref]exploded{}, sets: map[setKey]chosen{}}
		for v, err := range values {
			if err != nil {
				yield(Group{}, err)
				return
			}
			finished, f := c.add(&v)
			if finished != nil && !yield(*finished, nil) {
				return
			}
			switch {
			case f == nil:
			case m.Reject == nil:
				yield(Group{}, f)
				return
			default:
				m.Reject(v, f)
			}
		}
		if len(c.group.Values) > 0 {
			yield(c.group, nil)
		}
	}
}

// A composer is the state of one call of Groups.
type composer struct {
	Mapper
	text   texts
	combos map[hmis.Ref]exploded
	sets   map[setKey]chosen

	key   groupOf
	group Group // the group of key
	bad   *Finding
	begun bool
	size  int // number of values in the previous group
}

// A groupOf has the fields that are equal for all values of a group.
type groupOf struct {
	set, unit, combo hmis.UID
	period           period.Period
}

// An exploded is an option combo as a list of attributes, one for each
// category.
type exploded struct {
	attrs []Attr
	combo hmis.UID // the category combo of the option combo
	err   *Finding
}

// add adds a value to its group. If the value begins a new group, finished is
// the previous group.
func (c *composer) add(v *hmis.DataValue) (finished *Group, f *Finding) {
	set, f := c.dataSet(v)
	if f != nil {
		return nil, f
	}
	k := groupOf{set, v.OrgUnit, c.plain(v.AttributeCombo), v.Period}
	if !c.begun || k != c.key {
		if len(c.group.Values) > 0 {
			done := c.group
			finished = &done
			c.size = len(done.Values)
		}
		c.key, c.begun = k, true
		c.group, c.bad = c.newGroup(k)
	}
	if c.bad != nil {
		return finished, c.bad
	}
	value, f := c.compose(v, set)
	if f == nil {
		c.group.Values = append(c.group.Values, value)
	}
	return finished, f
}

func (c *composer) plain(combo hmis.UID) hmis.UID {
	if combo == c.Catalog.DefaultOptionCombo() {
		return ""
	}
	return combo
}

// refuse returns a finding about a value, with its severity.
func refuse(f Finding) *Finding {
	if issue, ok := errors.AsType[*hmis.Issue](f.Err); ok {
		f.Err = fmt.Errorf("%s: %w", issue.Object, issue.Err)
	}
	f.Severity = hmis.Severe
	return &f
}

// newGroup returns a new group for k, without values.
func (c *composer) newGroup(k groupOf) (g Group, f *Finding) {
	var err error
	if g.DataSet, err = c.text.of(hmis.Ref{Kind: hmis.KindDataSet, ID: k.set}); err != nil {
		return Group{}, refuse(Finding{Rule: "ADX-026", Attr: "dataSet", Err: err})
	}
	if g.OrgUnit, err = c.text.of(hmis.Ref{Kind: hmis.KindOrgUnit, ID: k.unit}); err != nil {
		return Group{}, refuse(Finding{Rule: "ADX-020", Attr: "orgUnit", Err: err})
	}
	if g.Period = TimeRangeOf(k.period); g.Period.IsZero() {
		return Group{}, refuse(Finding{Rule: "ADX-021", Attr: "period", Err: errMissing})
	}
	combo := hmis.UID("")
	if set, ok := hmis.Find[hmis.DataSet](c.Catalog, k.set); ok {
		combo = set.CategoryCombo
	}
	attrs, f := c.explode(k.combo, combo, attributeCombo, "ADX-031")
	if f != nil {
		return Group{}, f
	}
	g.Attrs = slices.Clone(attrs)
	if c.Dialect == DHIS2 && len(attrs) == 0 {
		g.Attrs = []Attr{c.none(outer)}
	}
	g.Values = make([]Value, 0, c.size)
	return g, nil
}

// none returns the attribute that means no disaggregation in the dialect of
// DHIS2.
func (c *composer) none(l level) Attr {
	if !c.Whole {
		return c.text.none()
	}
	k := hmis.Kind(l.combo)
	if text, err := c.text.of(hmis.Ref{Kind: k, ID: c.Catalog.DefaultOptionCombo()}); err == nil {
		return Attr{Name: l.combo, Value: text}
	}
	return Attr{Name: l.combo, Value: c.text.fallback(k, defaultOptionCombo)}
}

// compose returns v in the form of a message. set is the data set of v.
func (c *composer) compose(v *hmis.DataValue, set hmis.UID) (out Value, f *Finding) {
	element := hmis.Ref{Kind: hmis.KindDataElement, ID: v.DataElement}
	text, err := c.text.of(element)
	if err != nil {
		return Value{}, refuse(Finding{Rule: "ADX-040", Attr: "dataElement", Err: err})
	}
	attrs, f := c.explode(c.plain(v.OptionCombo), c.Catalog.CategoryCombo(v.DataElement, set), hmis.KindOptionCombo, "ADX-044")
	if f != nil {
		return Value{}, f
	}
	if c.Dialect == DHIS2 {
		if v.Deleted {
			return Value{}, refuse(Finding{
				Attr: "deleted",
				Err:  errors.New("DHIS2 would store the value instead: send it apart, with the import strategy DELETE"),
			})
		}
		if len(attrs) == 0 {
			attrs = []Attr{c.none(inner)}
		}
	}
	out.DataElement = text
	out.Attrs = c.withExtensions(attrs, v)
	switch {
	case !c.text.isNumber(v.DataElement):
		note := v.Value
		out.Value, out.Annotation = "0", &note
	case v.Value == "" && v.Deleted:
		out.Value = "0"
	default:
		if _, ok := decimal.Digits(v.Value); !ok {
			return Value{}, refuse(Finding{
				Rule: "ADX-042", Attr: "value", Got: v.Value, Want: "a decimal such as -3.50",
			})
		}
		out.Value = v.Value
	}
	return out, nil
}

// provenance reports whether storedBy, created and lastUpdated are written.
// They are not in the dialect of DHIS2, because a server would treat these
// names as categories.
func (c *composer) provenance() bool { return c.Provenance && c.Dialect != DHIS2 }

// withExtensions returns a copy of attrs with the extensions of v. attrs itself
// is shared and stays as it is.
func (c *composer) withExtensions(attrs []Attr, v *hmis.DataValue) []Attr {
	attrs = slices.Clone(attrs)
	add := func(name, value string) { attrs = append(attrs, Attr{Name: name, Value: value}) }
	if v.Comment != "" {
		add("comment", v.Comment)
	}
	if c.provenance() && !v.Created.IsZero() {
		add("created", v.Created.Format(time.RFC3339Nano))
	}
	if v.Deleted {
		add("deleted", "true")
	}
	if v.FollowUp {
		add("followup", "true")
	}
	if c.provenance() && !v.Updated.IsZero() {
		add("lastUpdated", v.Updated.Format(time.RFC3339Nano))
	}
	if c.provenance() && v.StoredBy != "" {
		add("storedBy", v.StoredBy)
	}
	return attrs
}

// explode returns the attributes of an option combo, which must belong to
// combo: one for each category, in order. If c.Whole is set, it is one
// attribute with the code of the option combo. The default combo has none. The
// list is shared.
func (c *composer) explode(optionCombo, combo hmis.UID, k hmis.Kind, rule string) ([]Attr, *Finding) {
	if optionCombo == "" {
		return nil, nil
	}
	ref := hmis.Ref{Kind: k, ID: optionCombo}
	e, known := c.combos[ref]
	if !known {
		e = c.exploded(ref, rule)
		c.combos[ref] = e
	}
	if e.err != nil {
		return nil, e.err
	}
	if combo == "" {
		combo = c.Catalog.CategoryCombo("", "")
	}
	if e.combo != combo {
		return nil, refuse(Finding{
			Rule: rule, Got: string(optionCombo),
			Err: fmt.Errorf("the option combo is of category combo %s, not %s", e.combo, combo),
		})
	}
	return e.attrs, nil
}

func (c *composer) exploded(ref hmis.Ref, rule string) exploded {
	fail := func(err error) exploded {
		return exploded{err: refuse(Finding{Rule: rule, Got: string(ref.ID), Err: err})}
	}
	combo, ok := hmis.Find[hmis.OptionCombo](c.Catalog, ref.ID)
	if !ok {
		return fail(errors.New("no such option combo"))
	}
	if combo.CategoryCombo == "" {
		combo.CategoryCombo = c.Catalog.CategoryCombo("", "")
	}
	if c.Whole {
		text, err := c.text.of(ref)
		if err != nil {
			return fail(err)
		}
		return exploded{attrs: []Attr{{Name: string(ref.Kind), Value: text}}, combo: combo.CategoryCombo}
	}
	categories, err := c.text.categories(combo.CategoryCombo)
	if err != nil {
		return fail(err)
	}
	out := exploded{combo: combo.CategoryCombo}
	for _, category := range categories {
		if !isDimensionName(category.name) {
			return exploded{err: refuse(Finding{
				Rule: "ADX-114", Attr: category.name,
				Err: errors.New("it cannot be the name of a dimension"),
			})}
		}
		option, ok := c.Catalog.Option(ref.ID, category.id)
		if !ok {
			return fail(fmt.Errorf("it has no option in category %s", category.id))
		}
		text, err := c.text.of(hmis.Ref{Kind: hmis.KindCategoryOption, ID: option})
		if err != nil {
			return fail(err)
		}
		out.attrs = append(out.attrs, Attr{Name: category.name, Value: text})
	}
	return out
}

// A setKey has the properties of a value that determine its data set.
type setKey struct {
	element hmis.UID
	typ     period.Type
	unit    hmis.UID // "" if the choice does not depend on the unit
}

type chosen struct {
	set hmis.UID
	err *Finding
}

// dataSet chooses the data set of a value.
func (c *composer) dataSet(v *hmis.DataValue) (hmis.UID, *Finding) {
	if c.DataSet != "" {
		return c.DataSet, nil
	}
	k := setKey{element: v.DataElement, typ: v.Period.Type()}
	choice, known := c.sets[k]
	if !known {
		choice = c.choose(k)
		c.sets[k] = choice
	}
	if choice != (chosen{}) {
		return choice.set, choice.err
	}
	k.unit = v.OrgUnit
	if choice, known = c.sets[k]; !known {
		choice = c.choose(k)
		c.sets[k] = choice
	}
	return choice.set, choice.err
}

// choose returns the data set for k. The result is zero if the choice needs an
// org unit and k has none.
func (c *composer) choose(k setKey) chosen {
	sets := slices.Clone(c.Catalog.DataSets(k.element))
	narrow := func(fits func(hmis.DataSet) bool) {
		var kept []hmis.UID
		for _, id := range sets {
			if set, ok := hmis.Find[hmis.DataSet](c.Catalog, id); ok && fits(set) {
				kept = append(kept, id)
			}
		}
		if len(kept) > 0 {
			sets = kept
		}
	}
	if len(sets) > 1 {
		narrow(func(s hmis.DataSet) bool { return s.PeriodType == k.typ })
	}
	if len(sets) > 1 {
		if k.unit == "" {
			return chosen{}
		}
		narrow(func(s hmis.DataSet) bool { return slices.Contains(s.OrgUnits, k.unit) })
	}
	switch len(sets) {
	case 0:
		err := fmt.Errorf("dataElement %s is in no data set", k.element)
		return chosen{err: refuse(Finding{Rule: "ADX-026", Attr: "dataSet", Err: err})}
	case 1:
		return chosen{set: sets[0]}
	}
	err := fmt.Errorf("dataElement %s is in %d data sets, such as %s and %s", k.element, len(sets), sets[0], sets[1])
	return chosen{err: refuse(Finding{
		Rule: "ADX-026", Attr: "dataSet", Want: "one data set in Mapper.DataSet",
		Err: err,
	})}
}
