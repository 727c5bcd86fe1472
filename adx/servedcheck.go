package adx

import (
	"errors"

	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// ill checks a value against its data element. It returns nil if the value
// fits.
func (s *served) ill(v *hmis.DataValue) *Finding {
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

// A setCheck compares the values of a message with their data set. Each of its
// checks returns what is wrong with value i of a group, or nil.
type setCheck struct {
	*served
	of       hmis.DataSet // zero if the message does not name one
	elements map[hmis.UID]bool
	units    map[hmis.UID]bool
}

// misfits checks all values against their data set, in the order of a server. It
// returns the findings of the first check that fails.
func (s *served) misfits(set *servedSet) []*Finding {
	c := setCheck{served: s, elements: map[hmis.UID]bool{}, units: map[hmis.UID]bool{}}
	checks := []func(*servedGroup, int) *Finding{c.once}
	if of, known := hmis.Find[hmis.DataSet](s.Catalog, set.id); known {
		c.of = of
		for _, e := range of.Elements {
			c.elements[e.DataElement] = true
		}
		for _, id := range of.OrgUnits {
			c.units[id] = true
		}
		checks = []func(*servedGroup, int) *Finding{
			c.inSet, c.reports, c.ofType, c.attributes, c.options, c.once,
		}
	}
	for _, check := range checks {
		if bad := c.all(set, check); len(bad) > 0 {
			return bad
		}
	}
	return nil
}

// all returns the findings of one check, up to a limit.
func (c *setCheck) all(set *servedSet, check func(*servedGroup, int) *Finding) (bad []*Finding) {
	for gi := range set.groups {
		g := &set.groups[gi]
		for i := range g.values {
			f := check(g, i)
			if f == nil {
				continue
			}
			at := &g.places[i]
			f.Severity, f.Path, f.Line, f.Column = hmis.Severe, at.path, at.line, at.column
			if bad = append(bad, f); len(bad) >= maxCauses {
				return bad
			}
		}
	}
	return bad
}

// inSet checks that the data element belongs to the data set.
func (c *setCheck) inSet(g *servedGroup, i int) *Finding {
	if c.elements[g.values[i].DataElement] {
		return nil
	}
	return &Finding{
		Rule: "E8020", Attr: "dataElement", Got: g.places[i].code, Want: "a data element of the data set",
	}
}

// reports checks that the org unit reports the data set. A catalog may leave out
// who does.
func (c *setCheck) reports(g *servedGroup, i int) *Finding {
	if i > 0 || len(c.units) == 0 || c.units[g.key.OrgUnit] {
		return nil
	}
	return &Finding{
		Rule: "E8022", Attr: "orgUnit", Got: g.group.OrgUnit, Want: "an org unit that reports the data set",
	}
}

// ofType checks the type of the period.
func (c *setCheck) ofType(g *servedGroup, i int) *Finding {
	if i > 0 || g.key.Period.Type() == c.of.PeriodType {
		return nil
	}
	return &Finding{
		Rule: "E8021", Attr: "period", Got: g.group.Period.String(),
		Want: "a period of type " + c.of.PeriodType.String(),
	}
}

// attributes checks that the attribute option combo belongs to the data set.
func (c *setCheck) attributes(g *servedGroup, i int) *Finding {
	if i > 0 || c.fits(g.key.AttributeCombo, c.of.CategoryCombo) {
		return nil
	}
	return &Finding{Rule: "E8023", Want: "an option of each category of the data set"}
}

// options checks that the option combo belongs to the data element.
func (c *setCheck) options(g *servedGroup, i int) *Finding {
	v := &g.values[i]
	if c.fits(v.OptionCombo, c.Catalog.CategoryCombo(v.DataElement, c.of.ID)) {
		return nil
	}
	return &Finding{
		Rule: "E8024", Attr: "dataElement", Got: g.places[i].code, Want: "an option combo of the data element",
	}
}

// once checks that no two values have the same key.
func (c *setCheck) once(g *servedGroup, i int) *Finding {
	if c.run.repeats.add(&g.values[i]) == keys.New {
		c.run.hold(keySize)
		return nil
	}
	return &Finding{
		Rule: "E8128", Attr: "dataElement", Got: g.places[i].code,
		Err: errors.New("another value of the data set has the same key"),
	}
}

// fits reports whether an option combo belongs to a category combo. Empty ids
// mean the default ones.
func (c *setCheck) fits(optionCombo, combo hmis.UID) bool {
	none := c.Catalog.CategoryCombo("", "")
	if combo == "" {
		combo = none
	}
	if optionCombo == "" {
		list, err := c.text.categories(combo)
		return combo == none || err == nil && len(list) == 0
	}
	found, ok := hmis.Find[hmis.OptionCombo](c.Catalog, optionCombo)
	return ok && found.CategoryCombo == combo
}
