package entry

import (
	"cmp"
	"fmt"
	"iter"
	"unsafe"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A held value is kept until the end of the stream.
type held struct {
	hmis.DataValue
	cast
	row int
	bad code
}

// A batch holds the values of one form in pieces, so that growing copies no
// values.
type batch struct {
	form   *cellForm
	pieces [][]held
	n      int
	err    error // the error that ended the walk over the values, or nil
}

// piece is the number of values in a piece.
const piece = 1024

func (b *batch) add(h *held) {
	last := len(b.pieces) - 1
	if last < 0 || len(b.pieces[last]) == cap(b.pieces[last]) {
		b.pieces = append(b.pieces, make([]held, 0, min(piece, max(8, b.n))))
		last++
	}
	b.pieces[last] = append(b.pieces[last], *h)
	b.n++
}

// all returns the values in order. If stop, which may be nil, returns an error,
// all ends early and sets b.err.
func (b *batch) all(stop func() error) iter.Seq[*held] {
	return func(yield func(*held) bool) {
		for _, p := range b.pieces {
			if stop != nil && b.err == nil {
				b.err = stop()
			}
			if b.err != nil || !each(p, yield) {
				return
			}
		}
	}
}

func each(p []held, yield func(*held) bool) bool {
	for i := range p {
		if !yield(&p[i]) {
			return false
		}
	}
	return true
}

// grouped decides about all values after the stream has ended
// (RULES.md#policies).
func (w *walk) grouped(values iter.Seq2[hmis.DataValue, error], yield func(hmis.DataValue, error) bool) error {
	var batches []*batch
	var last *batch
	of := map[*form]*batch{}
	var stray *hmis.Issue // the issue of an element that is not in exactly one form
	var h held
	for v, err := range values {
		if err != nil {
			return err
		}
		h = held{DataValue: v, row: w.next()}
		before := w.things.size
		if bad := w.things.cast(&h.DataValue, &h.cast); bad != 0 {
			return w.whole(&h, bad)
		}
		forms := w.things.formsOf(h.cell)
		if len(forms) != 1 {
			bad := e8003
			if len(forms) > 1 {
				bad = e8002
			}
			if stray == nil || stray.Code == e8002.String() && bad == e8003 {
				stray = w.issue(&h.DataValue, h.row, bad, &h.cast)
				stray.Severity = hmis.Critical
			}
			continue
		}
		h.form = &forms[0]
		if last == nil || last.form.form != h.form.form {
			if last = of[h.form.form]; last == nil {
				last = &batch{form: h.form}
				of[h.form.form] = last
				batches = append(batches, last)
			}
		}
		last.add(&h)
		if err := w.hold(int64(unsafe.Sizeof(h)) + int64(len(v.Value)+len(v.Comment)) + w.things.size - before); err != nil {
			return err
		}
	}
	if w.fault != nil {
		w.findings.add(w.fault)
		return w.fault
	}
	if stray != nil {
		w.findings.add(stray)
		return stray
	}
	for _, b := range batches {
		if err := w.batch(b, yield); err != nil {
			return err
		}
	}
	return nil
}

// whole rejects the whole stream because of one value.
func (w *walk) whole(h *held, bad code) error {
	issue := w.issue(&h.DataValue, h.row, bad, &h.cast)
	issue.Severity = hmis.Critical
	if w.fault != nil && before(w.fault, issue) {
		issue = w.fault
	}
	w.findings.add(issue)
	if w.Reject != nil {
		w.Reject(h.DataValue, issue)
	}
	return issue
}

// batch checks the values of a form and yields those that may be stored.
func (w *walk) batch(b *batch, yield func(hmis.DataValue, error) bool) error {
	if rejected, err := w.misfit(b); err != nil || rejected {
		return err
	}
	if b.err != nil {
		return b.err
	}
	deletions := true
	for h := range b.all(w.stop) {
		deletions = deletions && (h.Deleted || w.Strategy == Delete)
	}
	wrong := 0
	for h := range b.all(w.stop) {
		if deletions {
			h.Deleted = true
		} else if h.bad = w.text(&h.DataValue, &h.cast); h.bad != 0 {
			wrong++
		}
	}
	if b.err != nil {
		return b.err
	}
	if wrong > 0 && w.Policy == GroupedAtomic {
		w.rejectBatch(b, e8000)
		return b.err
	}
	for h := range b.all(w.stop) {
		if h.bad != 0 {
			if err := w.reject(&h.DataValue, h.row, h.bad, &h.cast); err != nil {
				return err
			}
			continue
		}
		if w.effect(&h.DataValue, &h.cast) && !yield(h.DataValue, nil) {
			return errStopped
		}
	}
	return b.err
}

// misfit reports whether a batch is rejected because a value does not fit its
// form. If values fail several checks, the check that comes first in the order
// of checks is reported.
func (w *walk) misfit(b *batch) (rejected bool, err error) {
	first := code(0)
	for h := range b.all(w.stop) {
		if h.bad = w.form(&h.DataValue, h.row, &h.cast); h.bad == 0 {
			again, err := w.again(&h.DataValue, &h.cast)
			if err != nil {
				return false, err
			}
			if again {
				h.bad = e8128
			}
		}
		if h.bad != 0 && (first == 0 || h.bad < first) {
			first = h.bad
		}
	}
	if first == 0 || b.err != nil {
		return false, b.err
	}
	w.rejectBatch(b, first)
	return true, b.err
}

// rejectBatch rejects all values of a form. Values that fail a check are
// reported with their own reason, then all values with the form.
func (w *walk) rejectBatch(b *batch, bad code) {
	w.rejected += b.n
	all := &hmis.Issue{
		Code: bad.String(), Severity: hmis.Critical, Object: hmis.Ref{Kind: hmis.KindDataSet, ID: b.form.ID}, Offset: -1,
	}
	located := func(h *held) *hmis.Issue {
		if h.bad != bad && (bad != e8000 || h.bad == 0) {
			return nil
		}
		issue := w.issue(&h.DataValue, h.row, h.bad, &h.cast)
		issue.Severity = hmis.Critical
		return issue
	}
	var cause *hmis.Issue
	for h := range b.all(w.stop) {
		all.Rows = append(all.Rows, h.row)
		if issue := located(h); issue != nil {
			cause = cmp.Or(cause, issue)
			w.findings.add(issue)
		}
	}
	if cause == nil { // the context has ended
		return
	}
	all.Err = fmt.Errorf("all %d values are rejected: %w", b.n, cause.Err)
	if b.n > 1 || bad != e8000 {
		w.findings.add(all)
	}
	if w.Reject == nil {
		return
	}
	for h := range b.all(w.stop) {
		one := *all
		one.Rows = []int{h.row}
		w.Reject(h.DataValue, cmp.Or(located(h), &one))
	}
}
