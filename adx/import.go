package adx

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// An Import stores the values of a message and reports what became of each: the
// OpenHIE workflow "validate and save aggregate data". An Import may handle
// several messages at the same time if its Store and functions can.
//
// A message is stored in one [Tx] (RULES.md#imports). If the message is cut
// off, the store fails or the context ends, nothing is stored. Values with
// errors are dropped; if Atomic is set, the whole message is. A second value
// with the same key is an error anywhere in the message (ADX-049), so a dry run
// gives the same counts as a real one.
type Import struct {
	// Mapper translates codes to ids. Its Dialect is also that of the Reader.
	// Its Completions is called after the message has been stored. Warn and
	// Reject are called in addition to the report.
	Mapper Mapper

	// Form, if not nil, checks groups before their codes are translated. It
	// calls report for each finding and returns the groups without the values
	// that have an error. The method Keep of a dsd.Checker is such a function.
	Form func(groups iter.Seq2[Group, error], report func(Finding)) iter.Seq2[Group, error]

	// Check, if not nil, yields the values that may be stored. For each other
	// value it adds the reason to sum, and the form of that value is not
	// complete.
	Check func(values iter.Seq2[hmis.DataValue, error], sum *hmis.Summary) iter.Seq2[hmis.DataValue, error]

	// Store keeps the values. If nil, nothing is stored and every value counts
	// as new.
	Store Store

	// DryRun makes Run count without storing: it looks up what is stored and
	// then calls Rollback.
	DryRun bool

	// Atomic stores nothing if there was any error or if any value was rejected
	// or ignored. Run then fails with [ErrRejected], after it has read the whole
	// message.
	Atomic bool

	// Batch is the number of values for one call of Stored and Put; 0 means
	// 1,000. Values with long texts make smaller batches.
	Batch int

	// Memory is the number of bytes that Run may hold until the end of a
	// message. A key takes about 64 bytes, a completion 256, and in the dialect
	// of DHIS2 all values are held. Beyond the limit Run fails with ADX-164. 0
	// means 512 MiB, and a negative number no limit.
	Memory int64
}

// ErrRejected is the error of an import with Atomic in which a value was
// rejected or ignored, or any other error was found.
var ErrRejected = errors.New("not all is acceptable, and all or nothing was to be stored")

// Run reads the message in r and stores it. It replaces r.Warn and r.Reject
// while it runs, and also calls the functions that were set. The report is
// complete even if there is an error, which is also in report.Failed. The error
// is that of the Store or of ctx, or a *[Finding] if the message cannot be
// read.
func (im Import) Run(ctx context.Context, r *Reader) (*Report, error) {
	report := &Report{DryRun: im.DryRun || im.Store == nil, served: im.Mapper.Dialect == DHIS2}
	run := &importRun{Import: im, report: report, in: r, room: im.Memory}
	switch {
	case run.room == 0:
		run.room = 512 << 20
	case run.room < 0:
		run.room = int64(^uint64(0) >> 1)
	}
	run.forms.run = run
	defer run.listen()()
	err := run.store(ctx)
	run.close(err)
	if cause := ctx.Err(); err != nil && cause != nil {
		err = fmt.Errorf("adx: %w", cause)
	}
	if err != nil {
		report.Failed = err
		report.Ignored += report.Used()
		report.Imported, report.Updated, report.Deleted = 0, 0, 0
		return report, err
	}
	for _, c := range run.completed {
		report.Completions++
		report.completed = c.At
		if !report.DryRun && im.Mapper.Completions != nil {
			im.Mapper.Completions(c)
		}
	}
	return report, nil
}

// An importRun is the state of one call of Run.
type importRun struct {
	Import
	report *Report
	in     *Reader
	sum    hmis.Summary // what Check has rejected

	room           int64    // the bytes that may still be held
	full           error    // the error if no more may be held
	fault          *Finding // the error of decoding, in the dialect of DHIS2
	repeats        repeats
	formed, kept   int64 // the numbers of values before and after Form
	mapped, passed int64 // the numbers of values before and after Check
	forms          forms
	completed      []hmis.Completion
}

// listen sets Warn and Reject of the Reader. The function undo restores them.
func (run *importRun) listen() (undo func()) {
	r := run.in
	warn, reject := r.Warn, r.Reject
	if run.report.served {
		r.Dialect = DHIS2
	}
	r.Warn = func(f Finding) {
		run.note(&f)
		if warn != nil {
			warn(f)
		}
	}
	r.Reject = func(f Finding) {
		run.note(&f)
		run.undecodable(&f)
		if reject != nil {
			reject(f)
		}
	}
	return func() { r.Warn, r.Reject = warn, reject }
}

// note adds a finding to the report.
func (run *importRun) note(f *Finding) {
	if run.report.served {
		g := *f
		g.Rule = run.Mapper.code(f)
		f = &g
	}
	run.report.note(f)
}

// close completes the counts of the report. err is the reason why the run
// failed, or nil.
func (run *importRun) close(err error) {
	groups, read, rejected := run.in.Counts()
	run.report.Groups, run.report.Read = groups, read
	run.report.Rejected += rejected + run.formed - run.kept
	if run.Check != nil {
		run.report.Ignored += run.mapped - run.passed
	}
	for _, i := range run.sum.Issues {
		run.report.noteIssue(i)
	}
	if f, ok := errors.AsType[*Finding](err); ok && f.Severity >= hmis.Critical {
		run.note(f)
	}
}

// store stores the whole message in one Tx.
func (run *importRun) store(ctx context.Context) (err error) {
	run.in.src = WithContext(ctx, run.in.src)
	b := batch{run: run, most: run.Batch}
	if b.most <= 0 {
		b.most = 1000
	}
	defer func() {
		if b.tx == nil || err == nil && !run.report.DryRun {
			return
		}
		// Rollback must work after ctx has ended.
		if undo := b.tx.Rollback(context.WithoutCancel(ctx)); undo != nil && err == nil {
			err = fmt.Errorf("adx: the store: %w", undo)
		}
	}()
	for v, err := range run.values(ctx) {
		if err != nil {
			return err
		}
		run.passed++
		run.forms.pass(v.Key)
		if err := b.add(ctx, v); err != nil {
			return err
		}
	}
	if run.full != nil {
		return run.full
	}
	if err := b.flush(ctx); err != nil {
		return err
	}
	run.completed = run.forms.complete()
	if run.Atomic && run.rejects() {
		return fmt.Errorf("adx: %w", ErrRejected)
	}
	if run.report.DryRun {
		return ctx.Err()
	}
	if len(run.completed) > 0 {
		if err := b.begin(ctx); err != nil {
			return err
		}
	}
	if b.tx == nil { // no transaction, since nothing is stored
		return ctx.Err()
	}
	for from := 0; from < len(run.completed); from += b.most {
		if err := b.tx.Complete(ctx, run.completed[from:min(from+b.most, len(run.completed))]); err != nil {
			return fmt.Errorf("adx: the store: %w", err)
		}
	}
	if err := b.tx.Commit(ctx); err != nil {
		return fmt.Errorf("adx: the store: %w", err)
	}
	return nil
}

// rejects reports whether an atomic import must not store the message.
func (run *importRun) rejects() bool {
	_, _, rejected := run.in.Counts()
	left := rejected + run.formed - run.kept + run.report.Rejected + run.report.Ignored
	if run.Check != nil {
		left += run.mapped - run.passed
	}
	return left > 0 || run.report.worst() >= hmis.Severe
}

// values yields the values of the message that may be stored, in order.
func (run *importRun) values(ctx context.Context) iter.Seq2[hmis.DataValue, error] {
	groups := run.in.Groups()
	if run.Form != nil {
		groups = countGroups(run.Form(countGroups(groups, &run.formed), func(f Finding) { run.note(&f) }), &run.kept)
	}
	m := run.mapper()
	values := m.values(ctx, groups, run)
	if m.Dialect == DHIS2 {
		values = run.served(ctx, &m, groups)
	}
	if run.Check == nil {
		return values
	}
	return run.Check(count(values, &run.mapped), &run.sum)
}

// mapper returns the Mapper with functions that also fill the report.
func (run *importRun) mapper() Mapper {
	m := run.Mapper
	reject, warn := m.Reject, m.Warn
	m.Reject = func(v hmis.DataValue, err error) {
		run.report.Rejected++
		if f, ok := errors.AsType[*Finding](err); ok {
			run.note(f)
		}
		if reject != nil {
			reject(v, err)
		}
	}
	m.Warn = func(f Finding) {
		run.note(&f)
		if warn != nil {
			warn(f)
		}
	}
	m.unknown = run.report.noteUnknown
	m.Completions = run.forms.add
	return m
}

// hold counts n more bytes that are held until the end of the message. At the
// limit it sets run.full.
func (run *importRun) hold(n int64) {
	if run.room -= n; run.room < 0 && run.full == nil {
		run.full = &Finding{
			Rule: "ADX-164", Severity: hmis.Critical,
			Err: errors.New("the message has more values than Import.Memory has room for"),
		}
	}
}

// count yields values unchanged and counts them in n.
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

// countGroups yields groups unchanged and counts their values in n.
func countGroups(groups iter.Seq2[Group, error], n *int64) iter.Seq2[Group, error] {
	return func(yield func(Group, error) bool) {
		for g, err := range groups {
			*n += int64(len(g.Values))
			if !yield(g, err) {
				return
			}
		}
	}
}
