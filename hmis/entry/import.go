package entry

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// An Import stores the values of a message that pass a [Gate], and reports the
// outcome in a summary. Several messages may use one Import concurrently if its
// Store and functions allow that.
//
// A message is stored in one [Tx]. If the message ends early, if the store
// fails or if the context ends, nothing is stored (RULES.md#imports).
type Import struct {
	Gate Gate // Gate.Stored is not used

	// Store keeps the values. If nil, nothing is stored and every value counts
	// as new.
	Store Store

	// DryRun stores nothing and counts as if it did. It looks up what is stored
	// and then calls Rollback.
	DryRun bool

	// Batch is the number of values in one call of Stored and Put; 0 means
	// 1,000.
	Batch int

	// Completions, if not nil, is called after the last value and returns the
	// forms that the message reports complete. They are stored if no value of
	// the message was rejected and if they pass the Gate.
	Completions func() []hmis.Completion
}

// A Source reads a message. It calls reject for each value that it cannot read,
// with a reason whose Rows are the position of that value, and returns the
// others.
type Source func(reject func(hmis.DataValue, *hmis.Issue)) iter.Seq2[hmis.DataValue, error]

// Run stores values. It is RunFrom for values that have all been read.
func (im Import) Run(ctx context.Context, values iter.Seq2[hmis.DataValue, error]) (*hmis.Summary, error) {
	return im.RunFrom(ctx, func(func(hmis.DataValue, *hmis.Issue)) iter.Seq2[hmis.DataValue, error] { return values })
}

// RunFrom stores the values of a message. The summary is complete even if there
// is an error. The error is that of the Source, of the Store or of ctx, or the
// *[hmis.Issue] that rejects all of the message; then nothing has been stored.
func (im Import) RunFrom(ctx context.Context, from Source) (*hmis.Summary, error) {
	sum := new(hmis.Summary)
	w, err := im.Gate.walk(sum)
	if err != nil {
		return sum, err
	}
	out := Writer{Store: im.Store, Strategy: w.Strategy, DryRun: im.DryRun, Batch: im.Batch}
	w.counted, w.Stored, w.stop = true, nil, ctx.Err
	err = w.pass(ctx, from, &out)
	var done []hmis.Completion
	if err == nil && im.Completions != nil {
		done = w.complete(im.Completions())
	}
	if err == nil {
		err = out.Commit(ctx, done)
	}
	used := len(out.values) // the message ended before these were looked up
	if undo := out.Rollback(ctx); err == nil {
		err = undo
	}
	used += int(out.Imported + out.Updated + out.Deleted)
	sum.Ignored += int(out.Unchanged)
	if err != nil {
		sum.Ignored += used
		w.list(err)
		return sum, within(ctx, err)
	}
	sum.Imported, sum.Updated, sum.Deleted = int(out.Imported), int(out.Updated), int(out.Deleted)
	for _, c := range done {
		sum.Completed = period.DateAt(c.At)
	}
	return sum, nil
}

// list adds an issue that rejects a whole message to the summary.
func (w *walk) list(err error) {
	i, ok := errors.AsType[*hmis.Issue](err)
	if !ok {
		return
	}
	listed := func(other *hmis.Issue) bool { return other.Code == i.Code && other.Err == i.Err }
	if !slices.ContainsFunc(w.sum.Issues, listed) {
		w.findings.add(i)
	}
}

// within returns the error of ctx if ctx has ended, because it then caused err;
// otherwise err.
func within(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("entry: %w", cause)
	}
	return err
}

// pass writes the values of a message that pass the gate.
func (w *walk) pass(ctx context.Context, from Source, out *Writer) error {
	n := 0
	checked := func(yield func(hmis.DataValue, error) bool) {
		for v, err := range from(w.unread) {
			if n++; err == nil && n%256 == 0 {
				err = ctx.Err()
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
	var failed error
	err := w.run(checked, func(v hmis.DataValue, _ error) bool {
		failed = out.Write(ctx, v)
		return failed == nil
	})
	if errors.Is(err, errStopped) {
		return failed
	}
	return err
}

// unread rejects a value that the Source cannot read.
func (w *walk) unread(v hmis.DataValue, issue *hmis.Issue) {
	fatal := w.Policy == Atomic || w.Policy.holds()
	if fatal {
		if w.Policy.holds() {
			issue.Severity = hmis.Critical
		}
		if w.fault == nil || before(issue, w.fault) {
			w.fault = issue
		}
		if w.Policy.holds() {
			return
		}
	}
	w.sum.Ignored++
	w.rejected++
	w.findings.add(issue)
	if w.Reject != nil {
		w.Reject(v, issue)
	}
}

// before reports whether the issue i concerns an earlier value than the issue
// than.
func before(i, than *hmis.Issue) bool {
	return len(than.Rows) > 0 && (len(i.Rows) == 0 || i.Rows[0] < than.Rows[0])
}

// complete returns the forms that may be registered as complete.
func (w *walk) complete(list []hmis.Completion) (done []hmis.Completion) {
	if w.rejected > 0 {
		return nil
	}
	for i := range list {
		issue := w.completion(&list[i])
		if issue != nil {
			w.findings.add(issue)
			continue
		}
		done = append(done, list[i])
	}
	return done
}
