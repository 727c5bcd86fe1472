package adx

import (
	"context"
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A batch collects values for one call of Stored and Put.
type batch struct {
	run    *importRun
	tx     Tx // the open transaction, nil without a Store
	most   int
	values []hmis.DataValue
	keys   []hmis.Key
	texts  int // length of the values' texts in bytes
}

// maxBatchTexts limits the bytes of text in a batch.
const maxBatchTexts = 4 << 20

// add adds a value, and empties the batch if it is full.
func (b *batch) add(ctx context.Context, v hmis.DataValue) error {
	b.values = append(b.values, v)
	b.texts += len(v.Value) + len(v.Comment)
	if len(b.values) < b.most && b.texts < maxBatchTexts {
		return nil
	}
	return b.flush(ctx)
}

// begin begins the Tx, if there is a Store. It is called for the first full
// batch, so that a slow sender does not keep a transaction open.
func (b *batch) begin(ctx context.Context) (err error) {
	if b.tx != nil || b.run.Store == nil {
		return nil
	}
	if b.tx, err = b.run.Store.Begin(ctx); err != nil {
		b.tx = nil
		return fmt.Errorf("adx: the store: %w", err)
	}
	return nil
}

// flush looks up the values of the batch, counts what they change, and stores
// those that change something.
func (b *batch) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(b.values) == 0 {
		return nil
	}
	if err := b.begin(ctx); err != nil {
		return err
	}
	var there map[hmis.Key]hmis.DataValue
	if b.tx != nil {
		b.keys = b.keys[:0]
		for i := range b.values {
			b.keys = append(b.keys, b.values[i].Key)
		}
		var err error
		if there, err = b.tx.Stored(ctx, b.keys); err != nil {
			return fmt.Errorf("adx: the store: %w", err)
		}
	}
	changed := b.values[:0]
	for _, v := range b.values {
		if b.changes(&v, there) {
			changed = append(changed, v)
		}
	}
	var err error
	if b.tx != nil && len(changed) > 0 && !b.run.report.DryRun && !(b.run.Atomic && b.run.rejects()) {
		err = b.tx.Put(ctx, changed)
	}
	b.values, b.texts = b.values[:0], 0
	if err != nil {
		return fmt.Errorf("adx: the store: %w", err)
	}
	return nil
}

// changes counts a value by its effect on the store. It reports whether there
// is any.
func (b *batch) changes(v *hmis.DataValue, stored map[hmis.Key]hmis.DataValue) bool {
	was, there := stored[v.Key]
	there = there && !was.Deleted
	report := b.run.report
	n := &report.Imported
	switch {
	case v.Deleted && (there || b.tx == nil):
		n = &report.Deleted
	case v.Deleted:
		n = &report.Unchanged
	case there && was.Value == v.Value && was.Comment == v.Comment && was.FollowUp == v.FollowUp:
		n = &report.Unchanged
	case there:
		n = &report.Updated
	}
	*n++
	return n != &report.Unchanged
}
