package entry

import (
	"context"
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
// Under Strict and above a registration is rejected that does not belong to its
// form; under Lenient it passes with a warning. What a form compels is looked
// up with Stored, if that is not nil.
func (g Gate) Completions(done iter.Seq2[hmis.Completion, error], sum *hmis.Summary) iter.Seq2[hmis.Completion, error] {
	return func(yield func(hmis.Completion, error) bool) {
		w, err := g.walk(sum)
		if err == nil {
			err = w.completions(done, yield)
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(hmis.Completion{}, err)
		}
	}
}

// completions decides about registrations. The error ends the stream.
func (w *walk) completions(done iter.Seq2[hmis.Completion, error], yield func(hmis.Completion, error) bool) error {
	for c, err := range done {
		if err == nil {
			err = w.ended()
		}
		if err != nil {
			return err
		}
		row := w.next()
		if issue := w.completion(&c); issue != nil {
			issue.Rows = []int{row}
			w.sum.Ignored++
			w.findings.add(issue)
			if w.Policy == Atomic || w.Policy.holds() {
				return issue
			}
			continue
		}
		n := &w.sum.Imported
		if c.Withdrawn {
			n = &w.sum.Updated
		}
		*n++
		if !yield(c, nil) {
			return errStopped
		}
	}
	return w.ended()
}

// ended returns the error that must end a stream, or nil.
func (w *walk) ended() error {
	if w.fault == nil {
		return nil
	}
	return w.fault
}

// A CompletionSource reads registrations as a [Source] reads values.
type CompletionSource func(reject func(hmis.Completion, *hmis.Issue)) iter.Seq2[hmis.Completion, error]

// RunCompletions stores registrations of complete forms that pass the Gate, all
// or nothing, as Run does with values. What a form compels is looked up in the
// Store.
func (im Import) RunCompletions(ctx context.Context, done iter.Seq2[hmis.Completion, error]) (*hmis.Summary, error) {
	return im.RunCompletionsFrom(ctx, func(func(hmis.Completion, *hmis.Issue)) iter.Seq2[hmis.Completion, error] { return done })
}

// RunCompletionsFrom reads registrations from a message and stores them, as
// RunFrom does with values.
func (im Import) RunCompletionsFrom(ctx context.Context, from CompletionSource) (*hmis.Summary, error) {
	sum := new(hmis.Summary)
	w, err := im.Gate.walk(sum)
	if err != nil {
		return sum, err
	}
	out := Writer{Store: im.Store, DryRun: im.DryRun, Batch: im.Batch}
	var failed error
	w.Stored = func(k hmis.Key) (v hmis.DataValue, there bool) {
		if failed == nil {
			v, there, failed = out.stored(ctx, k)
		}
		return v, there
	}
	if im.Store == nil {
		w.Stored = nil
	}
	done := from(func(c hmis.Completion, issue *hmis.Issue) {
		w.unread(hmis.DataValue{Key: hmis.Key{OrgUnit: c.OrgUnit, AttributeCombo: c.AttributeCombo, Period: c.Period}}, issue)
	})
	var list []hmis.Completion
	err = w.completions(done, func(c hmis.Completion, _ error) bool {
		if failed == nil {
			failed = ctx.Err()
		}
		if failed == nil {
			failed = w.hold(thingSize)
		}
		list = append(list, c)
		return failed == nil
	})
	if failed != nil {
		err = failed
	}
	if err == nil {
		err = out.Commit(ctx, list)
	}
	if undo := out.Rollback(ctx); err == nil {
		err = undo
	}
	if err != nil {
		sum.Ignored += sum.Imported + sum.Updated
		sum.Imported, sum.Updated = 0, 0
		w.list(err)
		return sum, within(ctx, err)
	}
	return sum, nil
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
		if bad == e8031 || bad == e8030 || bad == e8033 { // these apply to values only
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

// compelled checks that a completed form has all values that its data set makes
// compulsory.
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
