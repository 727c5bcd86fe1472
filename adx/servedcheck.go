package adx

import (
	"errors"

	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// ill checks a value against its data element. It returns nil if the value
// fits.
func (s *served) ill(v *hmis.DataValue) *Finding {
	if v.Deleted {
		return nil
	}
	if v.Value == "" {
		return &Finding{
			Rule: "E8120", Severity: hmis.Severe, Attr: "value",
			Err: errors.New("a value is required"),
		}
	}
	element, _ := hmis.Find[hmis.DataElement](s.Catalog, v.DataElement)
	text, err := element.ValueType.Check(v.Value)
	if err != nil {
		if issue, ok := errors.AsType[*hmis.Issue](err); ok && issue.Err != nil {
			err = issue.Err
		}
		return &Finding{Rule: "E8122", Severity: hmis.Severe, Attr: "value", Got: v.Value, Err: err}
	}
	if set, ok := hmis.Find[hmis.OptionSet](s.Catalog, element.OptionSet); ok {
		if err := set.Check(text); err != nil {
			return &Finding{
				Rule: "E8123", Severity: hmis.Severe, Attr: "value", Got: v.Value,
				Err: err,
			}
		}
	}
	v.Value = text
	return nil
}

// misfits checks all values against their data set. It returns the findings of
// the first check that fails.
func (s *served) misfits(set *servedSet) []*Finding {
	of, known := hmis.Find[hmis.DataSet](s.Catalog, set.id)
	checks := []func(*servedGroup, int) *Finding{s.repeated(set)}
	if known {
		elements := map[hmis.UID]bool{}
		for _, e := range of.Elements {
			elements[e.DataElement] = true
		}
		units := map[hmis.UID]bool{}
		for _, id := range of.OrgUnits {
			units[id] = true
		}
		checks = []func(*servedGroup, int) *Finding{
			func(g *servedGroup, i int) *Finding {
				if elements[g.values[i].DataElement] {
					return nil
				}
				return &Finding{
					Rule: "E8020", Attr: "dataElement", Got: g.places[i].code,
					Want: "a data element of the data set",
				}
			},
			func(g *servedGroup, i int) *Finding {
				if i > 0 || len(units) == 0 || units[g.key.OrgUnit] {
					return nil
				}
				return &Finding{
					Rule: "E8022", Attr: "orgUnit", Got: g.group.OrgUnit,
					Want: "an org unit that reports the data set",
				}
			},
			func(g *servedGroup, i int) *Finding {
				if i > 0 || g.key.Period.Type() == of.PeriodType {
					return nil
				}
				return &Finding{
					Rule: "E8021", Attr: "period", Got: g.group.Period.String(),
					Want: "a period of type " + of.PeriodType.String(),
				}
			},
			func(g *servedGroup, i int) *Finding {
				if i > 0 || s.fits(g.key.AttributeOptionCombo, of.CategoryCombo) {
					return nil
				}
				return &Finding{Rule: "E8023", Want: "an option of each category of the data set"}
			},
			func(g *servedGroup, i int) *Finding {
				v := &g.values[i]
				if s.fits(v.CategoryOptionCombo, s.Catalog.Combo(v.DataElement, set.id)) {
					return nil
				}
				return &Finding{
					Rule: "E8024", Attr: "dataElement", Got: g.places[i].code,
					Want: "an option combo of the data element",
				}
			},
			s.repeated(set),
		}
	}
	var bad []*Finding
	for _, check := range checks {
		for gi := range set.groups {
			g := &set.groups[gi]
			for i := range g.values {
				f := check(g, i)
				if f == nil {
					continue
				}
				f.Severity, f.Path, f.Line, f.Column = hmis.Severe, g.places[i].path, g.places[i].line, g.places[i].column
				if bad = append(bad, f); len(bad) >= maxCauses {
					return bad
				}
			}
		}
		if len(bad) > 0 {
			return bad
		}
	}
	return nil
}

// fits reports whether an option combo belongs to a category combo. "" is the
// default one.
func (s *served) fits(optionCombo, combo hmis.UID) bool {
	none := s.Catalog.Combo("", "")
	if combo == "" {
		combo = none
	}
	if optionCombo == "" {
		list, err := s.text.categories(combo)
		return combo == none || err == nil && len(list) == 0
	}
	found, ok := hmis.Find[hmis.CategoryOptionCombo](s.Catalog, optionCombo)
	return ok && found.CategoryCombo == combo
}

// repeated returns the check that no two values have the same key.
func (s *served) repeated(set *servedSet) func(*servedGroup, int) *Finding {
	return func(g *servedGroup, i int) *Finding {
		if s.run.repeats.add(&g.values[i]) == keys.New {
			return nil
		}
		return &Finding{
			Rule: "E8128", Attr: "dataElement", Got: g.places[i].code,
			Err: errors.New("another value of the data set has the same key"),
		}
	}
}
