package adx

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// An Import takes the values of a message into a store and reports what became of
// each (OpenHIE, workflow "validate and save aggregate data"). Values flow through
// it; only completions are held until all is stored. It does not change and can be
// used for many messages at a time if its functions can.
type Import struct {
	// Mapper finds the ids of codes. Its Completions are told after all values
	// have been stored; Found, Unknown and Reject are told as well as the report.
	Mapper Mapper

	// Check, if not nil, decides which values may be stored; it leaves out the
	// others and says why in sum. The method Values of an entry.Gate is such a
	// function.
	Check func(values iter.Seq2[hmis.DataValue, error], sum *hmis.Summary) iter.Seq2[hmis.DataValue, error]

	// Stored, if not nil, finds the value that is there already. Without it every
	// value counts as new.
	Stored func(hmis.Key) (hmis.DataValue, bool)

	// Store stores values; those to be removed are marked Deleted, and those that
	// are there already do not come. It must walk the stream to its end. If the
	// last pair is an error, it should undo what it has done and return that
	// error. A nil Store makes a dry run.
	Store func(values iter.Seq2[hmis.DataValue, error]) error

	// Atomic ends the stream to Store with [ErrRefused] if there was any error in
	// the message or any value was refused or ignored, after all of it has been
	// looked at.
	Atomic bool
}

// ErrRefused ends an atomic import in which not all was acceptable.
var ErrRefused = errors.New("not all is acceptable, and all or nothing was to be stored")

// Run reads a message from r to its end. It sets r.Found and r.Reject, and goes on
// to tell those that were there. The report is complete even if there is an error,
// which is also in report.Failed: that of Store, or a *[Finding] if the message
// cannot be read.
func (im Import) Run(r *Reader) (*Report, error) {
	report := &Report{DryRun: im.Store == nil}
	run := importRun{Import: im, report: report}
	found, reject := r.Found, r.Reject
	r.Found = func(f Finding) {
		report.note(&f)
		if found != nil {
			found(f)
		}
	}
	r.Reject = func(f Finding) {
		report.note(&f)
		if reject != nil {
			reject(f)
		}
	}
	defer func() { r.Found, r.Reject = found, reject }()

	store := im.Store
	if store == nil {
		store = drain
	}
	err := store(run.values(r))
	if err == nil {
		err = run.err // Store may have kept silent about it
	}
	groups, read, rejected := r.Counts()
	report.Groups, report.Read = groups, read
	report.Refused += rejected
	for _, i := range run.sum.Issues {
		report.noteIssue(i)
	}
	if err != nil {
		if f, ok := errors.AsType[*Finding](run.err); ok {
			report.note(f)
		}
		report.Failed = err
		report.Ignored += report.Used()
		report.Imported, report.Updated, report.Deleted = 0, 0, 0
		return report, err
	}
	report.Completions = len(run.completed)
	if im.Store != nil && im.Mapper.Completions != nil {
		for _, c := range run.completed {
			im.Mapper.Completions(c)
		}
	}
	return report, nil
}

// drain walks a stream to its end.
func drain(values iter.Seq2[hmis.DataValue, error]) error {
	for _, err := range values {
		if err != nil {
			return err
		}
	}
	return nil
}

// An importRun is one Run.
type importRun struct {
	Import
	report    *Report
	sum       hmis.Summary
	completed []hmis.Completion
	err       error // that ended the stream to Store
}

// values returns what is to be stored of the message in r, counting what passes.
func (run *importRun) values(r *Reader) iter.Seq2[hmis.DataValue, error] {
	m := run.Mapper
	reject := m.Reject
	m.Reject = func(v hmis.DataValue, err error) {
		run.report.Refused++
		if f, ok := errors.AsType[*Finding](err); ok {
			run.report.note(f)
		}
		if reject != nil {
			reject(v, err)
		}
	}
	found, unknown := m.Found, m.Unknown
	m.Found = func(f Finding) {
		run.report.note(&f)
		if found != nil {
			found(f)
		}
	}
	m.Unknown = func(k hmis.Kind, text string) {
		run.report.noteUnknown(k, text)
		if unknown != nil {
			unknown(k, text)
		}
	}
	m.Completions = func(c hmis.Completion) { run.completed = append(run.completed, c) }

	checked := m.Values(r.Groups())
	mapped, passed := int64(0), int64(0)
	if run.Check != nil {
		checked = run.Check(count(checked, &mapped), &run.sum)
	}
	return func(yield func(hmis.DataValue, error) bool) {
		end := func(err error) {
			run.err = err
			yield(hmis.DataValue{}, err)
		}
		for v, err := range checked {
			if err != nil {
				end(err)
				return
			}
			passed++
			if run.changes(&v) && !yield(v, nil) {
				run.err = errors.New("adx: the store has not taken all values")
				return
			}
		}
		if run.Check != nil {
			run.report.Ignored = mapped - passed
		}
		isError := func(c Cause) bool { return c.Severity >= hmis.Severe }
		if run.Atomic && (run.report.Refused+run.report.Ignored > 0 || slices.ContainsFunc(run.report.Causes, isError)) {
			end(fmt.Errorf("adx: %w", ErrRefused))
		}
	}
}

// count counts the values that pass.
func count(values iter.Seq2[hmis.DataValue, error], n *int64) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for v, err := range values {
			if err == nil {
				*n++
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// changes counts a value by what it does to the store, and reports whether it does
// anything.
func (run *importRun) changes(v *hmis.DataValue) bool {
	var was hmis.DataValue
	there := false
	if run.Stored != nil {
		was, there = run.Stored(v.Key)
		there = there && !was.Deleted
	}
	n := &run.report.Imported
	switch {
	case v.Deleted && (there || run.Stored == nil):
		n = &run.report.Deleted
	case v.Deleted:
		n = &run.report.Unchanged
	case there && was.Value == v.Value && was.Comment == v.Comment && was.FollowUp == v.FollowUp:
		n = &run.report.Unchanged
	case there:
		n = &run.report.Updated
	}
	*n++
	return n != &run.report.Unchanged
}
