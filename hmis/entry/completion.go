package entry

import (
	"errors"
	"fmt"
	"iter"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// Completions returns the registrations of complete forms that may be stored,
// in order, with the default attribute option combo as "" and the time of entry
// in place of one that is left out (RULES.md#completions). Sum, if not nil, is
// filled as they pass: those that are stored count as imported, withdrawn ones
// as updated, others as ignored. Positions are those of registrations.
//
// Under Strict and above a registration is refused that does not belong to its
// form; under Lenient it passes with a warning. What a form compels is looked
// up with Stored, if that is not nil.
func (g Gate) Completions(done iter.Seq2[hmis.Completion, error], sum *hmis.Summary) iter.Seq2[hmis.Completion, error] {
	return func(yield func(hmis.Completion, error) bool) {
		w, err := g.walk(sum)
		if err != nil {
			yield(hmis.Completion{}, err)
			return
		}
		for c, err := range done {
			if err != nil {
				yield(c, err)
				return
			}
			row := w.next()
			if issue := w.completion(&c); issue != nil {
				issue.Rows = []int{row}
				w.sum.Ignored++
				w.findings.add(issue)
				if w.Policy == Atomic || w.Policy.holds() {
					yield(hmis.Completion{}, issue)
					return
				}
				continue
			}
			if c.Withdrawn {
				w.sum.Updated++
			} else {
				w.sum.Imported++
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

// completion checks a registration and brings it into its stored form. The
// result is nil if it may be stored.
func (w *walk) completion(c *hmis.Completion) *hmis.Issue {
	// The checks are those of a value, with the form in place of a data element.
	v := hmis.DataValue{Key: hmis.Key{OrgUnit: c.OrgUnit, Period: c.Period, AttributeCombo: c.AttributeCombo}}
	fail := func(bad code, t *cast) *hmis.Issue { return w.issue(&v, w.row-1, bad, t) }
	set, ok := hmis.Find[hmis.DataSet](w.Catalog, c.DataSet)
	if !ok {
		return &hmis.Issue{
			Code: "E8005", Severity: hmis.Severe, Object: hmis.Ref{Kind: hmis.KindDataSet, ID: c.DataSet},
			Field: "dataSet", Offset: -1, Err: errors.New("no such data set"),
		}
	}
	if c.Period.IsZero() {
		return &hmis.Issue{
			Code: "E8100", Severity: hmis.Severe, Object: hmis.Ref{Kind: hmis.KindDataSet, ID: c.DataSet},
			Field: "period", Offset: -1, Err: errors.New("want a period such as 202401"),
		}
	}
	t := cast{span: w.things.spanOf(c.Period)}
	if bad := w.things.castUnit(&v, &t); bad != 0 {
		return fail(bad, &t)
	}
	attr := w.things.comboOf(c.AttributeCombo)
	if attr.unknown && !isUID(c.AttributeCombo) {
		return fail(e8111, &t)
	}
	f := w.things.formOf(set.ID)
	t.cell = &cell{element: &element{}, option: w.things.none, attr: attr}
	t.form = &cellForm{form: f, belongs: true, attr: w.things.fits(attr, f.attrs), option: true}
	for bad := w.failing(e8020, &t, t.form); bad != 0; bad = w.failing(bad+1, &t, t.form) {
		if bad == e8031 || bad == e8030 || bad == e8033 { // of values only
			continue
		}
		if !w.passable(bad, &t) {
			return fail(bad, &t)
		}
		w.doubt(&v, w.row-1, bad, &t)
	}
	c.AttributeCombo = attr.id
	if c.At.IsZero() {
		c.At = w.Now
	}
	if c.Withdrawn {
		return nil
	}
	return w.compelled(c, &set)
}

// compelled compares a completion with the values that its form compels.
func (w *walk) compelled(c *hmis.Completion, set *hmis.DataSet) *hmis.Issue {
	if w.Stored == nil {
		return nil
	}
	var lacks *hmis.Issue
	n := 0
	for _, o := range set.Compulsory {
		combo := w.things.comboOf(o.OptionCombo)
		v, there := w.Stored(hmis.Key{
			DataElement: o.DataElement, OptionCombo: combo.id, AttributeCombo: c.AttributeCombo,
			OrgUnit: c.OrgUnit, Period: c.Period,
		})
		if there && !v.Deleted && v.Value != "" {
			continue
		}
		n++
		if lacks == nil {
			lacks = &hmis.Issue{
				Code: compulsory, Severity: hmis.Warning, Object: hmis.Ref{Kind: hmis.KindDataSet, ID: c.DataSet},
				Rows: []int{max(0, w.row-1)}, Offset: -1,
			}
		}
		lacks.Refs = append(lacks.Refs, hmis.Ref{Kind: hmis.KindDataElement, ID: o.DataElement})
	}
	if lacks == nil {
		return nil
	}
	lacks.Err = fmt.Errorf("%s lacks %d compulsory values in org unit %s", c.Period, n, c.OrgUnit)
	if set.CompulsoryToComplete {
		lacks.Severity = hmis.Severe
		return lacks
	}
	w.findings.add(lacks)
	if w.Warn != nil {
		w.Warn(*lacks)
	}
	return nil
}

// compulsory is the code of a form that is complete without compulsory values.
// DHIS2 reports it without a code.
const compulsory = "compulsory_values_missing"
