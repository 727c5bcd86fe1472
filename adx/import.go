package adx

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// An Import takes the values of a message into a store and reports what became of
// each (OpenHIE, workflow "validate and save aggregate data"). It does not change
// and can be used for many messages at a time if its Store and functions can.
//
// A message is stored as a whole, in one [Tx], or not at all: a message that
// breaks off, a store that fails and a context that ends leave everything as it
// was. Values with errors are left out of it, unless Atomic is set. A value whose
// key another one of the message has is such an error (ADX-049), in whatever group
// it is and however its option combo is spelt; so the order of the groups does not
// matter, and a dry run counts as a real one does.
type Import struct {
	// Mapper finds the ids of codes. Its Dialect is that of the message too. Its
	// Completions is called after all has been stored; Warn and Reject are called
	// for what goes into the report too.
	Mapper Mapper

	// Form, if not nil, compares groups with a definition before their codes are
	// looked up: it calls found for each departure, and returns the groups without
	// the values that have an error. The method Keep of a dsd.Checker is such a
	// function.
	Form func(groups iter.Seq2[Group, error], found func(Finding)) iter.Seq2[Group, error]

	// Check, if not nil, decides which values may be stored; it leaves out the
	// others and adds the reasons to sum. A form is not complete if it leaves out
	// one of its values.
	Check func(values iter.Seq2[hmis.DataValue, error], sum *hmis.Summary) iter.Seq2[hmis.DataValue, error]

	// Store is where values go. Without one nothing is stored, and every value
	// counts as new.
	Store Store

	// DryRun stores nothing, but counts as if it did: the Store is asked what is
	// there, and then the changes are rolled back.
	DryRun bool

	// Atomic stores nothing, and fails with [ErrRefused], if there was any error in
	// the message or any value was refused or ignored. All of it is looked at
	// first.
	Atomic bool

	// Batch is how many values are looked up and put at a time; 0 means 1,000, and
	// fewer if their texts are long.
	Batch int

	// Memory is how many bytes an Import may hold until the end of a message: some
	// 64 for the key of each value, and more for each completion, or for each
	// value in the dialect of DHIS2. Beyond it the message fails with ADX-164. 0
	// means 512 MiB, and a negative number no limit.
	Memory int64
}

// ErrRefused ends an atomic import in which not all was acceptable.
var ErrRefused = errors.New("not all is acceptable, and all or nothing was to be stored")

// Run reads a message from r to its end and stores it. It sets r.Warn and
// r.Reject, and calls those that were there too. The report is complete even if
// there is an error, which is also in report.Failed: that of the Store or of ctx,
// or a *[Finding] if the message cannot be read.
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

// An importRun is one Run.
type importRun struct {
	Import
	report *Report
	in     *Reader
	sum    hmis.Summary // of Check

	room           int64    // bytes that may still be held
	full           error    // why no more may be held
	fault          *Finding // of decoding, in the dialect of DHIS2
	repeats        repeats
	formed, kept   int64 // values before and after Form
	mapped, passed int64 // values before and after Check
	forms          forms
	completed      []hmis.Completion
}

// listen makes the Reader report to the run, and returns what undoes that.
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

// note puts a finding into the report.
func (run *importRun) note(f *Finding) {
	if run.report.served {
		g := *f
		g.Rule = run.Mapper.code(f)
		f = &g
	}
	run.report.note(f)
}

// close completes the counts of the report. Err is why the run failed, or nil.
func (run *importRun) close(err error) {
	groups, read, rejected := run.in.Counts()
	run.report.Groups, run.report.Read = groups, read
	run.report.Refused += rejected + run.formed - run.kept
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

// store puts all of the message into one Tx.
func (run *importRun) store(ctx context.Context) (err error) {
	run.in.src = ContextReader(ctx, run.in.src)
	b := batch{run: run, most: run.Batch}
	if b.most <= 0 {
		b.most = 1000
	}
	defer func() {
		if b.tx == nil || err == nil && !run.report.DryRun {
			return
		}
		// The store is to be left as it was, also after ctx has ended.
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
	if run.Atomic && run.refused() {
		return fmt.Errorf("adx: %w", ErrRefused)
	}
	if run.report.DryRun {
		return ctx.Err()
	}
	if len(run.completed) > 0 {
		if err := b.begin(ctx); err != nil {
			return err
		}
	}
	if b.tx == nil { // there is nothing to store
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

// refused reports whether anything in the message keeps an atomic import from
// storing it.
func (run *importRun) refused() bool {
	_, _, rejected := run.in.Counts()
	left := rejected + run.formed - run.kept + run.report.Refused + run.report.Ignored
	if run.Check != nil {
		left += run.mapped - run.passed
	}
	return left > 0 || run.report.worst() >= hmis.Severe
}

// values returns what is to be stored of the message, in order.
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

// mapper returns the Mapper with the run listening to it.
func (run *importRun) mapper() Mapper {
	m := run.Mapper
	reject, warn := m.Reject, m.Warn
	m.Reject = func(v hmis.DataValue, err error) {
		run.report.Refused++
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

// hold counts bytes that are held until the message has been read. When there is
// no more room, run.full is set.
func (run *importRun) hold(n int64) {
	if run.room -= n; run.room < 0 && run.full == nil {
		run.full = &Finding{
			Rule: "ADX-164", Severity: hmis.Critical,
			Err: errors.New("the message has more values than Import.Memory has room for"),
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

// countGroups counts the values of the groups that pass.
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
