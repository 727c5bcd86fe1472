package adx

import (
	"errors"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// servedKey decodes the fields that all values of a group share, in the order
// of a server.
func (s *served) servedKey(g *Group) (k hmis.Key, set hmis.UID, bad *Finding) {
	if set = s.DataSet; g.DataSet != "" {
		if set, bad = s.reference("ADX-027", "dataSet", g.DataSet, hmis.KindDataSet, g.Line, g.Column); bad != nil {
			return k, set, bad
		}
	}
	if k.Period, bad = s.containing(g); bad != nil {
		return k, set, bad
	}
	candidates, combo := attrCandidates(g.Attrs, outer.combo)
	switch {
	case combo != nil:
		k.AttributeCombo, bad = s.whole(outer.code, combo, g.Line, g.Column)
	case set == "" && len(candidates) > 0:
		bad = s.fail(g.Line, g.Column, Finding{
			Rule: "E8101", Attr: "dataSet",
			Want: "the data set that " + candidates[0].Name + " belongs to",
		})
	case set != "":
		of, _ := hmis.Find[hmis.DataSet](s.Catalog, set)
		// Options that fit no option combo are ignored.
		k.AttributeCombo, _ = s.explodedCombo(of.CategoryCombo, candidates, outer, g.Line, g.Column)
	}
	if bad == nil {
		bad = s.completeDate(g, set)
	}
	if bad != nil {
		return k, set, bad
	}
	k.OrgUnit, bad = s.reference("ADX-030", "orgUnit", g.OrgUnit, hmis.KindOrgUnit, g.Line, g.Column)
	return k, set, bad
}

// completeDate checks the completeDate of a group.
func (s *served) completeDate(g *Group, set hmis.UID) *Finding {
	text, ok := g.Attr("completeDate")
	if !ok {
		return nil
	}
	if _, ok := completeTime(text); !ok {
		return s.fail(g.Line, g.Column, Finding{
			Rule: "E8008", Attr: "completeDate", Got: text, Want: "a date such as 2026-02-04",
		})
	}
	if set == "" {
		return s.fail(g.Line, g.Column, Finding{
			Rule: "E8009", Attr: "completeDate", Got: text, Want: "a data set beside it",
		})
	}
	return nil
}

// containing returns the period of a group. If it is not a calendar period, the
// result is the one of its type that contains its start, with a warning.
func (s *served) containing(g *Group) (period.Period, *Finding) {
	p, err := g.Period.Period(s.Calendar)
	if err == nil {
		return p, nil
	}
	calendar := s.Calendar
	if calendar == nil {
		calendar = period.Gregorian
	}
	snapped, snapErr := calendar.SnapISO(g.Period.String())
	if snapErr != nil {
		bad := err.(*Finding)
		return p, s.fail(g.Line, g.Column, Finding{
			Rule: bad.Rule, Attr: bad.Attr, Got: bad.Got, Want: bad.Want,
		})
	}
	s.warn(g.Line, g.Column, Finding{
		Rule: "ADX-026a", Attr: "period", Got: g.Period.String(),
		Err: errors.New("it counts as " + snapped.String()),
	})
	return snapped, nil
}

// attrCandidates returns the attributes that may be options of categories, and
// the attribute with the code of an option combo.
func attrCandidates(attrs []Attr, combo string) (list []Attr, whole *Attr) {
	for i := range attrs {
		switch a := &attrs[i]; {
		case a.Space != "":
		case a.Name == combo:
			whole = a
		case combo == inner.combo && (a.Name == "comment" || a.Name == "followup"):
		default:
			list = append(list, *a)
		}
	}
	return list, whole
}

// explodedCombo returns the option combo of a category combo that has these
// options. Attributes that are not categories are skipped with a warning.
func (s *served) explodedCombo(combo hmis.UID, candidates []Attr, l level, line, column int) (hmis.UID, *Finding) {
	categories, err := s.text.categories(combo)
	if err != nil {
		return "", s.fail(line, column, Finding{Rule: l.code, Err: err})
	}
	var room [8]hmis.UID
	options := room[:0]
	for i := range categories {
		c := &categories[i]
		j := slices.IndexFunc(candidates, func(a Attr) bool { return a.Name == c.name })
		if j < 0 {
			return "", s.fail(line, column, Finding{Rule: l.missing, Attr: c.name, Err: errMissing})
		}
		option, ok := c.options[candidates[j].Value]
		if !ok {
			s.text.report(hmis.KindCategoryOption, candidates[j].Value)
			return "", s.fail(line, column, Finding{
				Rule: l.code, Attr: c.name, Got: candidates[j].Value,
				Want: "an option of the category",
			})
		}
		options = append(options, option)
	}
	plain, none := false, s.text.none() // plain becomes true if there is the default option
	for i := range candidates {
		a := &candidates[i]
		switch {
		case *a == none:
			plain = true
		case isExtension(a.Name), slices.ContainsFunc(categories, func(c category) bool { return c.name == a.Name }):
		default:
			s.warn(line, column, Finding{
				Rule: "ADX-050", Attr: a.Name, Got: a.Value,
				Err: errors.New("it is passed over: it is no category here"),
			})
		}
	}
	switch {
	case len(categories) == 0 && !plain && l == inner:
		return "", s.fail(line, column, Finding{
			Rule: l.missing, Attr: defaultName,
			Want: `default="default" where there is no disaggregation`,
		})
	case len(categories) == 0:
		return "", nil
	}
	id, ok := s.Catalog.OptionCombo(combo, options...)
	if !ok {
		return "", s.fail(line, column, Finding{
			Rule: l.code, Want: "an option combo of these options",
		})
	}
	return id, nil
}

// servedValue decodes a value. Fields that cannot be decoded keep their text.
func (s *served) servedValue(v *Value, k hmis.Key, set hmis.UID) (hmis.DataValue, *Finding) {
	out := hmis.DataValue{Key: k, Value: v.Value}
	element, f := s.reference("ADX-043", "dataElement", v.DataElement, hmis.KindDataElement, v.Line, v.Column)
	out.DataElement = element
	if f != nil {
		return out, f
	}
	candidates, combo := attrCandidates(v.Attrs, inner.combo)
	switch {
	case combo != nil:
		out.OptionCombo, f = s.whole(inner.code, combo, v.Line, v.Column)
	case set == "" && len(candidates) > 0:
		f = s.fail(v.Line, v.Column, Finding{
			Rule: "E8101", Attr: "dataSet",
			Want: "the data set that " + candidates[0].Name + " belongs to",
		})
	default:
		out.OptionCombo, f = s.explodedCombo(s.Catalog.CategoryCombo(element, set), candidates, inner, v.Line, v.Column)
	}
	if f == nil {
		f = s.extensions(v, &out)
	}
	if out.Deleted {
		out.Deleted = false
		s.warn(v.Line, v.Column, Finding{
			Rule: "ADX-050", Attr: "deleted",
			Err: errors.New("the value is stored: a server does not know this attribute"),
		})
	}
	if f == nil && v.Annotation != nil {
		out.Value = *v.Annotation
	}
	return out, f
}
