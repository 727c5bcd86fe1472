package api

import (
	"context"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
)

// A signed is a Store that adds who stores, and when, to what does not say so.
type signed struct {
	entry.Store
	user string
}

func (s signed) Begin(ctx context.Context) (entry.Tx, error) {
	tx, err := s.Store.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return signedTx{tx, s.user, time.Now().UTC().Truncate(time.Millisecond)}, nil
}

type signedTx struct {
	entry.Tx
	user string
	now  time.Time
}

func (t signedTx) Put(ctx context.Context, values []hmis.DataValue) error {
	for i := range values {
		v := &values[i]
		t.sign(&v.StoredBy, &v.Updated)
	}
	return t.Tx.Put(ctx, values)
}

func (t signedTx) Complete(ctx context.Context, done []hmis.Completion) error {
	for i := range done {
		c := &done[i]
		t.sign(&c.By, &c.Updated)
		if c.At.IsZero() {
			c.At = t.now
		}
	}
	return t.Tx.Complete(ctx, done)
}

func (t signedTx) sign(by *string, at *time.Time) {
	if *by == "" {
		*by = t.user
	}
	if at.IsZero() {
		*at = t.now
	}
}
