package adx

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
)

// An Import stores the values of a message and reports what became of each: the
// OpenHIE workflow "validate and save aggregate data". An Import may handle
// several messages at the same time if its Store and functions can.
//
// A message is stored in one [entry.Tx] (RULES.md#imports). If the message is cut
// off, the store fails or the context ends, nothing is stored. Values with
// errors are dropped; if Atomic is set, the whole message is. A second value
// with the same key is an error anywhere in the message (ADX-049), so a dry run
// gives the same counts as a real one.
type Import struct {
	// Mapper translates codes to ids. Its Dialect also applies to the Reader.
	// Its Completions is called after the message has been stored. Its Warn and
	// Reject are called, and the report has the same findings.
	Mapper Mapper

	// Form, if not nil, checks groups before their codes are translated. It
	// calls report for each finding and returns the groups without the values
	// that have an error. The method Keep of a dsd.Checker is such a function.
	Form func(groups iter.Seq2[Group, error], report func(Finding)) iter.Seq2[Group, error]

	// Gate, if not nil, decides which values may be stored, as it does for
	// other formats. If it has no Catalog, it uses that of the Mapper.
	//
	// In the dialect of DHIS2 there always is a gate. Its policy is
	// entry.Grouped or entry.GroupedAtomic, and its data sets are those that
	// the message names.
	Gate *entry.Gate

	// Check, if not nil, reads the values that pass the Gate and yields those
	// that may be stored. For each other value it adds the reason to sum. A
	// form with a value that does not pass is not marked complete.
	Check func(values iter.Seq2[hmis.DataValue, error], sum *hmis.Summary) iter.Seq2[hmis.DataValue, error]

	// Store keeps the values. If nil, nothing is stored and every value counts
	// as new.
	Store entry.Store

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
	sum    hmis.Summary // counts and issues of the values that Check has rejected
	out    *entry.Writer
	now    *translator // the translator of the value that is in the Gate

	room           int64    // how many more bytes may be held
	full           error    // the error to return when room is used up
	fault          *Finding // the first decoding error, in the dialect of DHIS2
	repeats        repeats
	formed, kept   int64 // the numbers of values before and after Form
	mapped, passed int64 // the numbers of values before and after Check
	forms          forms
	completed      []hmis.Completion
}

// listen sets Warn and Reject of the Reader so that findings go into the
// report. undo restores both.
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
	if out := run.out; out != nil {
		r := run.report
		r.Imported, r.Updated, r.Deleted, r.Unchanged = out.Imported, out.Updated, out.Deleted, out.Unchanged
	}
	groups, read, rejected := run.in.Counts()
	run.report.Groups, run.report.Read = groups, read
	run.report.Rejected += rejected + run.formed - run.kept
	run.report.Ignored += run.left()
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
	out := entry.Writer{Store: run.Store, DryRun: run.report.DryRun, Batch: run.Batch}
	if run.Gate != nil {
		if out.Strategy, err = entry.ParseStrategy(string(run.Gate.Strategy)); err != nil {
			return err
		}
	}
	if run.Atomic {
		out.Vain = run.rejects
	}
	run.out = &out
	defer func() {
		if undo := out.Rollback(ctx); err == nil {
			err = undo
		}
	}()
	for v, err := range run.values(ctx) {
		if errors.Is(err, entry.ErrMemory) {
			return errFull
		}
		if err != nil {
			return err
		}
		run.passed++
		run.forms.pass(v.Key)
		if err := out.Write(ctx, v); err != nil {
			return err
		}
	}
	if run.full != nil {
		return run.full
	}
	if err := out.Flush(ctx); err != nil {
		return err
	}
	run.completed = run.forms.complete()
	if run.Atomic && run.rejects() {
		return fmt.Errorf("adx: %w", ErrRejected)
	}
	return out.Commit(ctx, run.completed)
}

// rejects reports whether the import is atomic and the message has an error, so
// that it must not be stored.
func (run *importRun) rejects() bool {
	_, _, rejected := run.in.Counts()
	left := rejected + run.formed - run.kept + run.report.Rejected + run.report.Ignored + run.left()
	return left > 0 || run.report.worst() >= hmis.Severe
}

// left returns the number of values that did not pass the Gate and Check.
func (run *importRun) left() int64 {
	if run.mapped == 0 {
		return 0
	}
	return run.mapped - run.passed
}

// values yields the values of the message that may be stored, in order.
func (run *importRun) values(ctx context.Context) iter.Seq2[hmis.DataValue, error] {
	groups := run.in.Groups()
	if run.Form != nil {
		groups = countGroups(run.Form(countGroups(groups, &run.formed), func(f Finding) { run.note(&f) }), &run.kept)
	}
	m := run.mapper()
	values := m.values(ctx, groups, run)
	switch {
	case m.Dialect == DHIS2:
		values = run.served(ctx, &m, groups)
	case run.Gate != nil:
		values = run.gate().Values(count(values, &run.mapped), nil)
		if run.Check != nil {
			return run.Check(values, &run.sum)
		}
	}
	if run.Check == nil {
		return values
	}
	return run.Check(count(values, &run.mapped), &run.sum)
}

// mapper returns the Mapper with its functions replaced by ones that also fill
// the report.
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
		run.full = errFull
	}
}

// errFull is the error for a message that needs more memory than Import.Memory.
var errFull = &Finding{
	Rule: "ADX-164", Severity: hmis.Critical,
	Err: errors.New("the message has more values than Import.Memory has room for"),
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
