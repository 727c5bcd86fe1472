package aggregate

import (
	"context"
	"errors"
	"iter"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

// A Loader reads data values into a [Cube].
type Loader struct {
	Catalog *hmis.Catalog
	Tree    *orgunit.Tree

	// Completions, if not nil, are the forms marked complete. Reporting rates
	// need them.
	Completions iter.Seq2[hmis.Completion, error]

	// Reject, if not nil, is called for each value that cannot be used, with
	// the reason; the load goes on without that value. If nil, the first such
	// value ends the load. The error is an *[hmis.Issue]: the data element, org
	// unit or period is unknown, the text is not UTF-8, or it is no value of
	// the element's value type.
	Reject func(hmis.DataValue, error)

	// Warn, if not nil, is called for each value that is doubtful but kept: the
	// later of two values with the same key and different numbers or texts.
	// Rows of the issue has the rows of both. The calls come in the order of
	// rows once all values are read. Until then each value needs 24 bytes.
	Warn func(hmis.Issue)

	// RequireOwnCombos rejects a value whose option combo does not belong to
	// its data element, neither by the element's own category combo nor by that
	// of a data set. Without it a total that is stored beside a disaggregation
	// counts as well.
	RequireOwnCombos bool

	// KeepUncounted keeps values that aggregation never counts: deleted ones,
	// and texts that are no value of their numeric or yes/no element. Reject is
	// not called for these. Only [Cube.Series] yields them, with a [Mark], for
	// statistics that count them and for lists of corrections. Snapshots do not
	// hold them.
	KeepUncounted bool

	// RejectCompletion, if not nil, is called for each completion that cannot
	// be used, with the reason; the load goes on without it. If nil, the first
	// such completion ends the load.
	RejectCompletion func(hmis.Completion, error)

	// Progress, if not nil, is called from time to time with the number of
	// values read so far.
	Progress func(values int)

	stage int // values to stage before columns are built, at least; 0 means firstStage
}

// Load reads values to the end. Of two values with the same key the later one
// wins; a deleted value removes an earlier one. An option combo that the
// catalog does not know is kept, since real exports are full of them: it counts
// in totals, but in no category. A nil stream has no values.
//
// The error is the first of values, the error of ctx, or, if l.Reject is nil,
// that of a value that cannot be used. When ctx ends, Load returns even if
// values is waiting for something; values then ends by itself, in its own time.
func (l Loader) Load(ctx context.Context, values iter.Seq2[hmis.DataValue, error]) (*Cube, error) {
	return l.LoadBatches(ctx, batches(ctx, values))
}

// batches gathers values into batches that are small enough for the processor's
// cache. It checks ctx between values, since some sources are slow.
func batches(ctx context.Context, values iter.Seq2[hmis.DataValue, error]) iter.Seq2[*hmis.Batch, error] {
	if values == nil {
		return nil
	}
	const size = 4096
	return func(yield func(*hmis.Batch, error) bool) {
		b := &hmis.Batch{}
		for v, err := range values {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				if yield(b, nil) {
					yield(nil, err)
				}
				return
			}
			if b.Append(v); b.Len() == size {
				if !yield(b, nil) {
					return
				}
				b = &hmis.Batch{}
			}
		}
		yield(b, nil)
	}
}

// LoadBatches reads batches of values to the end, as [Loader.Load] reads
// values. Package hmis/dhis2 can read files as batches. A nil stream has none.
//
// Values are staged at 16 bytes each. Without a Warn they are built into the
// cube whenever there are half as many as it has. So the peak is about three
// times the memory of the finished cube ([Cube.Size]), and as much again for
// the garbage collector with GOGC=100.
func (l Loader) LoadBatches(ctx context.Context, batches iter.Seq2[*hmis.Batch, error]) (*Cube, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	return l.loadOnto(ctx, l.empty(), batches)
}

// check returns an error if a Loader has no metadata.
func (l Loader) check() error {
	if l.Catalog == nil || l.Tree == nil {
		return errors.New("aggregate: a Loader needs a Catalog and a Tree")
	}
	return nil
}

// empty returns a cube without values. It numbers the attribute option combos
// of all data sets, since reports are expected for them.
func (l Loader) empty() *Cube {
	var combos []hmis.UID
	for set := range hmis.All[hmis.DataSet](l.Catalog) {
		combos = append(combos, l.Catalog.OptionCombos(set.CategoryCombo)...)
	}
	return newCube(l.Catalog, l.Tree, columns{at: map[hmis.UID]int{}}, nil, distinct(combos), map[int]bool{})
}

// loadOnto stages the batches and makes a cube of them and the values of base.
func (l Loader) loadOnto(ctx context.Context, base *Cube, batches iter.Seq2[*hmis.Batch, error]) (*Cube, error) {
	s := newStaging(l, base)
	read := 0
	if batches == nil {
		batches = func(func(*hmis.Batch, error) bool) {}
	}
	s.stop = func() bool { return ctx.Err() != nil }
	for b, err := range abandonable(ctx, batches) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = s.add(b, read)
		}
		if err != nil {
			return nil, err
		}
		read += b.Len()
		s.flushIfMany()
		if l.Progress != nil {
			l.Progress(read)
		}
	}
	cube := s.build()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if l.Completions != nil {
		if err := l.loadReports(ctx, cube, l.Completions); err != nil {
			return nil, err
		}
	}
	return cube, nil
}

// With returns a Cube that also has these values and completions; either may be
// nil. They win over those of c; deleted values and withdrawn completions are
// removed. c does not change. The new Cube shares with it every data element,
// period and pair of option combos without a new value, so that the cost is
// that of the others.
//
// The error is the first of a stream, the error of ctx, or that of a value that
// cannot be used, as in [Loader.Load] without Reject.
func (c *Cube) With(ctx context.Context, values iter.Seq2[hmis.DataValue, error], completions iter.Seq2[hmis.Completion, error]) (*Cube, error) {
	return Loader{Completions: completions, KeepUncounted: c.aside != nil}.Onto(ctx, c, values)
}

// Onto adds values to c as [Cube.With] does, with the options of l: Reject is
// called for values that cannot be used, Warn for doubtful ones. The Catalog
// and the Tree are those of c.
func (l Loader) Onto(ctx context.Context, c *Cube, values iter.Seq2[hmis.DataValue, error]) (*Cube, error) {
	l.Catalog, l.Tree = c.catalog, c.tree
	return l.loadOnto(ctx, c, batches(ctx, values))
}
