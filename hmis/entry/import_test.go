package entry_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// A failing is a Store whose call of one name fails.
type failing struct {
	*entry.Memory
	call  string
	err   error
	calls []string
}

type failingTx struct {
	entry.Tx
	of *failing
}

func (f *failing) does(call string) error {
	f.calls = append(f.calls, call)
	if call == f.call {
		return f.err
	}
	return nil
}

func (f *failing) Begin(ctx context.Context) (entry.Tx, error) {
	if err := f.does("Begin"); err != nil {
		return nil, err
	}
	tx, err := f.Memory.Begin(ctx)
	return failingTx{tx, f}, err
}

func (t failingTx) Stored(ctx context.Context, keys []hmis.Key) (map[hmis.Key]hmis.DataValue, error) {
	if err := t.of.does("Stored"); err != nil {
		return nil, err
	}
	return t.Tx.Stored(ctx, keys)
}

func (t failingTx) Put(ctx context.Context, values []hmis.DataValue) error {
	if err := t.of.does("Put"); err != nil {
		return err
	}
	return t.Tx.Put(ctx, values)
}

func (t failingTx) Complete(ctx context.Context, done []hmis.Completion) error {
	if err := t.of.does("Complete"); err != nil {
		return err
	}
	return t.Tx.Complete(ctx, done)
}

func (t failingTx) Commit(ctx context.Context) error {
	if err := t.of.does("Commit"); err != nil {
		return err
	}
	return t.Tx.Commit(ctx)
}

func (t failingTx) Rollback(ctx context.Context) error {
	_ = t.of.does("Rollback")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return t.Tx.Rollback(ctx)
}

// held returns the number of stored values and completions.
func held(m *entry.Memory) (values, done int) {
	for range m.Values() {
		values++
	}
	for range m.Completions() {
		done++
	}
	return values, done
}

// Whatever call of a store fails, nothing is stored and the transaction has
// ended (RULES.md#imports).
func TestImportStoreFails(t *testing.T) {
	full := errors.New("the disk is full")
	done := func() []hmis.Completion {
		return []hmis.Completion{{DataSet: "dsMonthly01", OrgUnit: "ouBo0000001", Period: period.MustParse("202402"), At: time.Now()}}
	}
	values := lines(t, "deBcg000001 . . ouBo0000001 202402 5", "deBcg000001 . . ouBo0000001 202403 5", "deBcg000001 . . ouBo0000001 202404 x")
	for _, call := range []string{"Begin", "Stored", "Put", "Complete", "Commit"} {
		s := &failing{Memory: &entry.Memory{}, call: call, err: full}
		sum, err := entry.Import{Gate: gate(t, nil), Store: s, Completions: done}.Run(t.Context(), stream(values[:2]...))
		require.ErrorIs(t, err, full, call)
		require.EqualError(t, err, "entry: the store: the disk is full")
		require.Zero(t, sum.Imported+sum.Updated+sum.Deleted, call)
		n, m := held(s.Memory)
		require.Zero(t, n+m, call)
	}
	s := &failing{Memory: &entry.Memory{}}
	sum, err := entry.Import{Gate: gate(t, nil), Store: s, Completions: done}.Run(t.Context(), stream(values[:2]...))
	require.NoError(t, err)
	require.Equal(t, []string{"Begin", "Stored", "Put", "Complete", "Commit"}, s.calls)
	require.Equal(t, 2, sum.Imported)
	require.NotZero(t, sum.Completed)
	n, m := held(s.Memory)
	require.Equal(t, []int{2, 1}, []int{n, m})

	// A form of which a value was rejected is not complete.
	s = &failing{Memory: &entry.Memory{}}
	sum, err = entry.Import{Gate: gate(t, nil), Store: s, Completions: done}.Run(t.Context(), stream(values...))
	require.NoError(t, err)
	require.Zero(t, sum.Completed)
	require.Equal(t, []int{2, 1}, []int{sum.Imported, sum.Ignored})

	// What is there already does not keep it from being complete.
	sum, err = entry.Import{Gate: gate(t, nil), Store: s, Completions: done}.Run(t.Context(), stream(values[:2]...))
	require.NoError(t, err)
	require.NotZero(t, sum.Completed)
	require.Equal(t, 2, sum.Ignored)
}

// A dry run looks up and counts, and undoes its transaction. One without any
// value begins none.
func TestImportDryRun(t *testing.T) {
	values := lines(t, "deBcg000001 . . ouBo0000001 202402 5", "deBcg000001 . . ouBo0000001 202403 5")
	s := &failing{Memory: &entry.Memory{}}
	put(t, s.Memory, value(t, "deBcg000001 . . ouBo0000001 202402 4"))
	im := entry.Import{Gate: gate(t, nil), Store: s, DryRun: true}
	sum, err := im.Run(t.Context(), stream(values...))
	require.NoError(t, err)
	require.Equal(t, hmis.Summary{Imported: 1, Updated: 1}, *sum)
	require.Equal(t, []string{"Begin", "Stored", "Rollback"}, s.calls)
	s.calls = nil
	_, err = im.Run(t.Context(), stream())
	require.NoError(t, err)
	require.Empty(t, s.calls)
}

// Values go to the store many at a time, and long texts in smaller batches.
func TestImportBatches(t *testing.T) {
	catalog, tree, values := monthly(t, 1)
	s := &failing{Memory: &entry.Memory{}}
	im := entry.Import{Gate: entry.Gate{Catalog: catalog, Tree: tree, Policy: entry.Strict}, Store: s, Batch: 1000}
	sum, err := im.Run(t.Context(), stream(values...))
	require.NoError(t, err)
	require.Equal(t, 2400, sum.Imported)
	require.Equal(t, []string{"Begin", "Stored", "Put", "Stored", "Put", "Stored", "Put", "Commit"}, s.calls)
}

// A context that ends, and an error of the source, store nothing.
func TestImportStops(t *testing.T) {
	catalog, tree, values := monthly(t, 30)
	s := &failing{Memory: &entry.Memory{}}
	im := entry.Import{Gate: entry.Gate{Catalog: catalog, Tree: tree, Policy: entry.Strict}, Store: s}
	for _, policy := range []entry.Policy{entry.Strict, entry.Grouped} {
		im.Gate.Policy = policy
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		sum, err := im.Run(ctx, func(yield func(hmis.DataValue, error) bool) {
			for _, v := range values {
				if n++; n == 30_000 {
					cancel()
				}
				if !yield(v, nil) {
					return
				}
			}
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Less(t, n, 30_300)
		require.Zero(t, sum.Imported)
		count, _ := held(s.Memory)
		require.Zero(t, count)
		cancel()

		ctx, cancel = context.WithCancel(t.Context())
		sum, err = im.Run(ctx, func(yield func(hmis.DataValue, error) bool) {
			stream(values...)(yield)
			cancel() // after the last value
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, sum.Imported)
		count, _ = held(s.Memory)
		require.Zero(t, count)

		broken := errors.New("broken off")
		_, err = im.Run(t.Context(), func(yield func(hmis.DataValue, error) bool) {
			_ = yield(values[0], nil) && yield(hmis.DataValue{}, broken)
		})
		require.ErrorIs(t, err, broken)
	}
}

// Memory lets one transaction after the other change it.
func TestMemoryStore(t *testing.T) {
	m := &entry.Memory{}
	tx, err := m.Begin(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err = m.Begin(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	v := value(t, "deBcg000001 . . ouBo0000001 202402 5")
	require.NoError(t, tx.Put(t.Context(), []hmis.DataValue{v}))
	there, err := tx.Stored(t.Context(), []hmis.Key{v.Key})
	require.NoError(t, err)
	require.Empty(t, there, "it is not committed")
	require.NoError(t, tx.Commit(t.Context()))
	require.EqualError(t, tx.Commit(t.Context()), "entry: the transaction has ended")
	require.EqualError(t, tx.Rollback(t.Context()), "entry: the transaction has ended")

	tx, err = m.Begin(t.Context())
	require.NoError(t, err)
	v.Deleted = true
	require.NoError(t, tx.Put(t.Context(), []hmis.DataValue{v}))
	require.NoError(t, tx.Rollback(t.Context()))
	n, _ := held(m)
	require.Equal(t, 1, n)
	put(t, m, v)
	n, _ = held(m)
	require.Zero(t, n, fmt.Sprint(v))
}
