package dhis2

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// An Import stores the values of a data value set in JSON, CSV or XML. Values
// must pass the same gate as in imports of other formats (RULES.md#imports).
// Several files may use one Import concurrently if its Store and functions
// allow that.
type Import struct {
	// Format says how the file is written. If it has no Catalog, that of the
	// Gate is used. Its Reject is called in addition to the summary. An
	// unreadable value never ends the import by itself.
	Format Format

	// Gate says which values may be stored. A data set that the file names
	// overrides Gate.DataSet.
	Gate entry.Gate

	// Store keeps the values. If nil, nothing is stored and every value counts
	// as new.
	Store entry.Store

	// DryRun stores nothing and counts as if it did. The file may request a dry
	// run too.
	DryRun bool

	// Batch is the number of values in one call of the Store; 0 means 1,000.
	Batch int
}

// Run reads r and stores its values: all that pass, or nothing if there is an
// error. The summary is complete even then. Positions in it are those of the
// file. The error is that of the Store or of ctx, a *[ReadError] if the file
// cannot be read, or the *[hmis.Issue] that rejects all of it: under
// entry.Grouped, a text that names no object does.
//
// A completeDate of the file registers its form as complete, if no value was
// rejected.
func (im Import) Run(ctx context.Context, r io.Reader) (*hmis.Summary, error) {
	run := &importRun{Import: im}
	run.Format.Catalog = cmp.Or(im.Format.Catalog, im.Gate.Catalog)
	run.Format.Set.DataSet = cmp.Or(im.Format.Set.DataSet, im.Gate.DataSet)
	run.Gate.Form = func() hmis.UID {
		run.form = run.set.DataSet
		return run.form
	}
	run.Gate.Row = run.row
	to := entry.Import{Gate: run.Gate, Store: run.store(), DryRun: im.DryRun, Batch: im.Batch, Completions: run.completions}
	return to.RunFrom(ctx, func(reject func(hmis.DataValue, *hmis.Issue)) iter.Seq2[hmis.DataValue, error] {
		return run.values(WithContext(ctx, r), reject)
	})
}

// An importRun is the state of one call of Run.
type importRun struct {
	Import
	set      Set
	form     hmis.UID // the form that the values were checked against
	read     int      // number of values read from the file so far
	rejected []int    // positions of rejected values that the stream has not passed yet
}

// row returns the position in the file of the last value or registration read.
// It skips rejected positions, since the reader rejects a value before it
// delivers its neighbours.
func (run *importRun) row() int {
	for len(run.rejected) > 0 && run.rejected[0] == run.read {
		run.rejected = run.rejected[1:]
		run.read++
	}
	run.read++
	return run.read - 1
}

// RunCompletions stores the registrations of complete forms in r, in JSON or
// XML, as Run does with values.
func (im Import) RunCompletions(ctx context.Context, r io.Reader) (*hmis.Summary, error) {
	run := &importRun{Import: im}
	run.Format.Catalog = cmp.Or(im.Format.Catalog, im.Gate.Catalog)
	run.Gate.Row = run.row
	to := entry.Import{Gate: run.Gate, Store: im.Store, DryRun: im.DryRun, Batch: im.Batch}
	return to.RunCompletionsFrom(ctx, func(reject func(hmis.Completion, *hmis.Issue)) iter.Seq2[hmis.Completion, error] {
		f := run.Format
		also := f.RejectCompletion
		f.RejectCompletion = func(c hmis.Completion, err error) {
			if bad, ok := errors.AsType[*ReadError](err); ok {
				run.rejected = append(run.rejected, bad.Row)
				reject(c, run.unreadableForm(bad, c))
			}
			if also != nil {
				also(c, err)
			}
		}
		return f.ReadCompletions(WithContext(ctx, r))
	})
}

// unreadableForm returns the issue for a registration that cannot be read, with
// the code of a server.
func (run *importRun) unreadableForm(bad *ReadError, c hmis.Completion) *hmis.Issue {
	if bad.Field == "dataSet" {
		return &hmis.Issue{
			Code: "E8005", Severity: hmis.Severe, Object: hmis.Ref{Kind: hmis.KindDataSet, ID: hmis.UID(quote.Cut(string(c.DataSet), maxShown))},
			Field: bad.Field, Rows: []int{bad.Row}, Offset: bad.Offset, Err: bad.Err,
		}
	}
	as := *bad
	if as.Field == "organisationUnit" {
		as.Field = "orgUnit"
	}
	i := run.unreadable(&as, hmis.DataValue{Key: hmis.Key{OrgUnit: c.OrgUnit, AttributeCombo: c.AttributeCombo}})
	i.Field = bad.Field
	return i
}

// values returns the values of the file.
func (run *importRun) values(r io.Reader, reject func(hmis.DataValue, *hmis.Issue)) iter.Seq2[hmis.DataValue, error] {
	f := run.Format
	also := f.Reject
	f.Reject = func(v hmis.DataValue, err error) {
		if bad, ok := errors.AsType[*ReadError](err); ok {
			run.rejected = append(run.rejected, bad.Row)
			reject(v, run.unreadable(bad, v))
		}
		if also != nil {
			also(v, err)
		}
	}
	return func(yield func(hmis.DataValue, error) bool) {
		any := false
		for v, err := range f.Read(r, &run.set) {
			if err != nil {
				yield(v, run.broken(err))
				return
			}
			any = true
			if !yield(v, nil) {
				return
			}
		}
		if err := run.whole(any); err != nil {
			yield(hmis.DataValue{}, err)
		}
	}
}

// whole checks what the file says about all of its values, once it is known.
func (run *importRun) whole(any bool) error {
	s := run.set
	switch {
	case any && s.DataSet != run.form:
		return rejection("", "dataSet", errors.New("want it before dataValues"))
	case s.Completed != 0 && (s.DataSet == "" || s.Period.IsZero() || s.OrgUnit == ""):
		return rejection("E8009", "completeDate", errors.New("want a data set, a period and an org unit for all values beside it"))
	}
	return nil
}

// rejection returns the issue for a file that is rejected as a whole.
func rejection(code, field string, err error) *hmis.Issue {
	return &hmis.Issue{Code: code, Severity: hmis.Critical, Field: field, Offset: -1, Err: err}
}

// maxShown limits the bytes of an id in an issue.
const maxShown = 64

// unreadable returns the issue for a value that cannot be read, with the code
// of a server.
func (run *importRun) unreadable(bad *ReadError, v hmis.DataValue) *hmis.Issue {
	i := &hmis.Issue{Severity: hmis.Severe, Field: bad.Field, Rows: []int{bad.Row}, Offset: bad.Offset, Err: bad.Err}
	s := run.Format.Schemes
	of := func(k hmis.Kind, id hmis.UID, scheme hmis.Scheme, none, unknown, malformed string) {
		i.Object = hmis.Ref{Kind: k, ID: hmis.UID(quote.Cut(string(id), maxShown))}
		switch scheme = cmp.Or(scheme, s.Any); {
		case errors.Is(bad.Err, rows.ErrEmpty):
			i.Code = malformed
		case id == "":
			i.Code = none
		case scheme == hmis.ByID || scheme == hmis.ByUID:
			i.Code = malformed
		default:
			i.Code = unknown
		}
	}
	switch bad.Field {
	case "period":
		i.Code = "E8100"
		i.Object = hmis.Ref{Kind: hmis.KindDataElement, ID: hmis.UID(quote.Cut(string(v.DataElement), maxShown))}
	case "dataElement":
		of(hmis.KindDataElement, v.DataElement, s.DataElement, "E8102", "E8103", "E8104")
	case "orgUnit":
		of(hmis.KindOrgUnit, v.OrgUnit, s.OrgUnit, "E8105", "E8107", "E8106")
	case "categoryOptionCombo":
		of(hmis.KindOptionCombo, v.OptionCombo, s.OptionCombo, "E8108", "E8108", "E8109")
	case "attributeOptionCombo":
		of(hmis.KindOptionCombo, v.AttributeCombo, s.AttributeCombo, "E8110", "E8110", "E8111")
	}
	return i
}

// broken returns err, an error of the whole file, as an issue with the code of
// a server if there is one.
func (run *importRun) broken(err error) error {
	bad, ok := errors.AsType[*ReadError](err)
	if !ok {
		return err
	}
	code := map[string]string{
		"dataSet": "E8005", "orgUnit": "E8107", "period": "E8100", "attributeOptionCombo": "E8110", "completeDate": "E8008",
	}[bad.Field]
	if code == "" {
		return err
	}
	return rejection(code, bad.Field, bad)
}

// completions returns the completion of the form that the file marks as
// complete, if any.
func (run *importRun) completions() []hmis.Completion {
	s := run.set
	if s.Completed == 0 {
		return nil
	}
	y, m, d := s.Completed.Civil()
	return []hmis.Completion{{
		DataSet: s.DataSet, OrgUnit: s.OrgUnit, Period: s.Period, AttributeCombo: s.AttributeCombo,
		At: time.Date(y, m, d, 0, 0, 0, 0, time.UTC),
	}}
}

// store returns the Store of the import. If the file requests a dry run, that
// Store undoes all changes.
func (run *importRun) store() entry.Store {
	if run.Store == nil {
		return nil
	}
	return trial{run.Store, &run.set}
}

// A trial is a Store that undoes its changes if the file turns out to request a
// dry run. The request may follow the values.
type trial struct {
	entry.Store
	set *Set
}

func (t trial) Begin(ctx context.Context) (entry.Tx, error) {
	tx, err := t.Store.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return trialTx{tx, t.set}, nil
}

type trialTx struct {
	entry.Tx
	set *Set
}

func (t trialTx) Complete(ctx context.Context, done []hmis.Completion) error {
	if t.set.DryRun {
		return nil
	}
	return t.Tx.Complete(ctx, done)
}

func (t trialTx) Commit(ctx context.Context) error {
	if !t.set.DryRun {
		return t.Tx.Commit(ctx)
	}
	if err := t.Tx.Rollback(ctx); err != nil {
		return fmt.Errorf("dhis2: dry run: %w", err)
	}
	return nil
}
