package quality

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Form identifies a completed report: a data set for an org unit, a period
// and an attribute option combo.
type Form struct {
	DataSet        hmis.UID
	OrgUnit        hmis.UID
	Period         period.Period
	AttributeCombo hmis.UID // the attribute option combo; "" means the default

	// Remarks has values with comments, which a Cube does not hold. They are
	// only read if the data set accepts a comment in place of a value. Values
	// of other forms are skipped. Nil means none.
	Remarks iter.Seq2[hmis.DataValue, error]
}

// A FormRun is the outcome of a check of a Form.
type FormRun struct {
	ValidationRun

	// Unexplained has the cells of the form with neither a value nor a comment,
	// if the data set requires one of them. They are in the order of data
	// elements in the data set, then of option combos in the category combo.
	Unexplained []hmis.Key
}

// Form compares the rules that apply to a form, using only values of the form.
// A rule applies if it is not excluded from forms, has the form's period type,
// and reads one of its data elements or operands. Values of longer periods, or
// with another attribute option combo, are not used.
//
// The error is an *[hmis.Issue] if there is no such data set or org unit.
func (v Validation) Form(ctx context.Context, c *aggregate.Cube, f Form) (*FormRun, error) {
	set, ok := hmis.Find[hmis.DataSet](c.Catalog(), f.DataSet)
	if !ok {
		return nil, formIssue(hmis.KindDataSet, f.DataSet, "not in the catalog")
	}
	if _, _, ok := c.Tree().Span(f.OrgUnit); !ok {
		return nil, formIssue(hmis.KindOrgUnit, f.OrgUnit, "not in the tree of org units")
	}
	if f.AttributeCombo == "" {
		f.AttributeCombo = c.Catalog().DefaultOptionCombo()
	}
	v.Rules = slices.Clone(v.Rules)
	v.Rules = slices.DeleteFunc(v.Rules, func(rule hmis.ValidationRule) bool { return !concerns(c.Catalog(), rule, set) })
	v.UnitsOnly = true
	run, err := v.Run(ctx, c, Scope{
		OrgUnits: []hmis.UID{f.OrgUnit}, Periods: []period.Period{f.Period},
		Axes: []aggregate.Axis{{ID: aggregate.AttributeCombos, Items: []hmis.UID{f.AttributeCombo}}},
	})
	if err != nil {
		return nil, err
	}
	out := &FormRun{ValidationRun: *run}
	if set.ValueOrComment {
		out.Unexplained, err = f.unexplained(ctx, c, set)
	}
	return out, err
}

func formIssue(kind hmis.Kind, id hmis.UID, why string) *hmis.Issue {
	return &hmis.Issue{
		Severity: hmis.Severe, Object: hmis.Ref{Kind: kind, ID: id}, Offset: -1, Err: errors.New(why),
	}
}

// concerns reports whether a rule applies to a form of the data set set.
func concerns(c *hmis.Catalog, rule hmis.ValidationRule, set hmis.DataSet) bool {
	if rule.NotInForms {
		return false
	}
	for _, text := range []string{rule.Left.Text, rule.Right.Text} {
		expr, err := indicator.InRule.Parse(text)
		if err != nil {
			continue
		}
		for item := range expr.Items() {
			inSet := slices.ContainsFunc(set.Elements, func(e hmis.DataSetElement) bool { return e.DataElement == item.ID })
			if item.Kind != indicator.DataElementItem || !inSet {
				continue
			}
			if item.OptionCombo == "" || slices.Contains(c.OptionCombos(c.CategoryCombo(item.ID, set.ID)), item.OptionCombo) {
				return true
			}
		}
	}
	return false
}

// unexplained returns the cells of the form with neither a value nor a comment.
func (f Form) unexplained(ctx context.Context, c *aggregate.Cube, set hmis.DataSet) ([]hmis.Key, error) {
	said := map[hmis.Key]bool{}
	key := func(k hmis.Key) hmis.Key {
		if k.OptionCombo == "" {
			k.OptionCombo = c.Catalog().DefaultOptionCombo()
		}
		if k.AttributeCombo == "" {
			k.AttributeCombo = c.Catalog().DefaultOptionCombo()
		}
		return k
	}
	of := aggregate.Filter{OrgUnits: []hmis.UID{f.OrgUnit}, Periods: []period.Period{f.Period}}
	for v, err := range c.Values(ctx, of) {
		if err != nil {
			return nil, err
		}
		said[key(v.Key)] = strings.TrimSpace(v.Value) != ""
	}
	if f.Remarks != nil {
		for v, err := range f.Remarks {
			if err != nil {
				return nil, err
			}
			if !v.Deleted && strings.TrimSpace(v.Comment) != "" {
				said[key(v.Key)] = true
			}
		}
	}
	var list []hmis.Key
	for _, e := range set.Elements {
		for _, combo := range c.Catalog().OptionCombos(c.Catalog().CategoryCombo(e.DataElement, set.ID)) {
			cell := hmis.Key{
				DataElement: e.DataElement, OptionCombo: combo,
				AttributeCombo: f.AttributeCombo, OrgUnit: f.OrgUnit, Period: f.Period,
			}
			if !said[cell] {
				list = append(list, cell)
			}
		}
	}
	return list, nil
}
