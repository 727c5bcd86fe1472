package entry

import (
	"context"
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Writer puts values into a [Store], all of them in one [Tx], and counts what
// they change. It is for one goroutine. Each key may be written once.
//
// The last call is Commit or Rollback.
type Writer struct {
	Store    Store // if nil, nothing is stored, and every value counts as new
	Strategy Strategy

	// DryRun looks up what is stored and stores nothing.
	DryRun bool

	// Batch is the number of values in one call of Stored and Put; 0 means
	// 1,000. Values with long texts make smaller batches.
	Batch int

	// Vain, if not nil, reports whether the message can no longer be stored.
	// Put is then no longer called.
	Vain func() bool

	Imported  int64 // values that are new
	Updated   int64 // values that replace another value
	Deleted   int64 // values that are removed
	Unchanged int64 // values already stored as they are, or not changed under the Strategy

	tx     Tx
	values []hmis.DataValue
	keys   []hmis.Key
	texts  int // bytes of the values in the batch
}

// maxTexts limits the bytes of the values in a batch.
const maxTexts = 4 << 20

func (w *Writer) most() int {
	if w.Batch > 0 {
		return w.Batch
	}
	return 1000
}

// Write adds a value, and empties the batch if it is full.
func (w *Writer) Write(ctx context.Context, v hmis.DataValue) error {
	w.values = append(w.values, v)
	w.texts += len(v.Value) + len(v.Comment)
	if len(w.values) < w.most() && w.texts < maxTexts {
		return nil
	}
	return w.Flush(ctx)
}

// begin begins the Tx if there is a Store. It is called with the first full
// batch, so that a slow sender does not keep a transaction open.
func (w *Writer) begin(ctx context.Context) (err error) {
	if w.tx != nil || w.Store == nil {
		return nil
	}
	if w.tx, err = w.Store.Begin(ctx); err != nil {
		w.tx = nil
		return errStore(err)
	}
	return nil
}

func errStore(err error) error { return fmt.Errorf("entry: the store: %w", err) }

// Flush looks up the values written since the last Flush, counts what they
// change, and calls Put with those that change something.
func (w *Writer) Flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(w.values) == 0 {
		return nil
	}
	if err := w.begin(ctx); err != nil {
		return err
	}
	var there map[hmis.Key]hmis.DataValue
	if w.tx != nil {
		w.keys = w.keys[:0]
		for i := range w.values {
			w.keys = append(w.keys, w.values[i].Key)
		}
		var err error
		if there, err = w.tx.Stored(ctx, w.keys); err != nil {
			return errStore(err)
		}
	}
	changed := w.values[:0]
	for _, v := range w.values {
		if w.changes(&v, there) {
			changed = append(changed, v)
		}
	}
	var err error
	if w.tx != nil && len(changed) > 0 && !w.DryRun && (w.Vain == nil || !w.Vain()) {
		err = w.tx.Put(ctx, changed)
	}
	w.values, w.texts = w.values[:0], 0
	if err != nil {
		return errStore(err)
	}
	return nil
}

// changes counts a value by what it does to the store, and reports whether it
// does anything.
func (w *Writer) changes(v *hmis.DataValue, stored map[hmis.Key]hmis.DataValue) bool {
	was, there := stored[v.Key]
	if w.tx == nil && (v.Deleted || w.Strategy == Update) { // without a Store it is unknown what would change
		there = true
	}
	n := &w.Unchanged
	switch change(v, &was, there, w.Strategy) {
	case created:
		n = &w.Imported
	case updated:
		n = &w.Updated
	case deleted:
		n = &w.Deleted
	}
	*n++
	return n != &w.Unchanged
}

// stored finds one value in the store.
func (w *Writer) stored(ctx context.Context, k hmis.Key) (v hmis.DataValue, there bool, err error) {
	if err := w.begin(ctx); err != nil || w.tx == nil {
		return v, false, err
	}
	found, err := w.tx.Stored(ctx, []hmis.Key{k})
	if err != nil {
		return v, false, errStore(err)
	}
	v, there = found[k]
	return v, there, nil
}

// Commit stores what was written, and the completions. It does not commit a dry
// run.
func (w *Writer) Commit(ctx context.Context, done []hmis.Completion) error {
	if err := w.Flush(ctx); err != nil {
		return err
	}
	if w.DryRun {
		return ctx.Err()
	}
	if len(done) > 0 {
		if err := w.begin(ctx); err != nil {
			return err
		}
	}
	if w.tx == nil { // there is nothing to store
		return ctx.Err()
	}
	for from := 0; from < len(done); from += w.most() {
		if err := w.tx.Complete(ctx, done[from:min(from+w.most(), len(done))]); err != nil {
			return errStore(err)
		}
	}
	if err := w.tx.Commit(ctx); err != nil {
		return errStore(err)
	}
	w.tx = nil
	return nil
}

// Rollback undoes what has not been committed. It works after ctx has ended.
func (w *Writer) Rollback(ctx context.Context) error {
	if w.tx == nil {
		return nil
	}
	tx := w.tx
	w.tx = nil
	if err := tx.Rollback(context.WithoutCancel(ctx)); err != nil {
		return errStore(err)
	}
	return nil
}
