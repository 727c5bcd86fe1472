package entry

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// Memory is a [Store] without a database. Use it for tests and small programs.
// The zero Memory is empty. It is safe for concurrent use: a second Tx waits
// until the first has ended.
type Memory struct {
	once   sync.Once
	turn   chan struct{} // holds one token while no Tx is open
	values map[hmis.Key]hmis.DataValue
	done   map[doneKey]hmis.Completion
}

// A doneKey identifies a Completion.
type doneKey struct {
	set, unit, attribute hmis.UID
	period               period.Period
}

// start makes the zero Memory usable.
func (m *Memory) start() {
	m.once.Do(func() {
		m.turn = make(chan struct{}, 1)
		m.turn <- struct{}{}
		m.values = map[hmis.Key]hmis.DataValue{}
		m.done = map[doneKey]hmis.Completion{}
	})
}

// Begin implements [Store].
func (m *Memory) Begin(ctx context.Context) (Tx, error) {
	m.start()
	select {
	case <-m.turn:
		return &memoryTx{memory: m}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Values returns the stored values, in no particular order. It first waits
// until no Tx is open.
func (m *Memory) Values() iter.Seq[hmis.DataValue] {
	m.start()
	<-m.turn
	defer func() { m.turn <- struct{}{} }()
	return slices.Values(slices.Collect(maps.Values(m.values)))
}

// Completions returns the stored completions, in no particular order. It first
// waits until no Tx is open.
func (m *Memory) Completions() iter.Seq[hmis.Completion] {
	m.start()
	<-m.turn
	defer func() { m.turn <- struct{}{} }()
	return slices.Values(slices.Collect(maps.Values(m.done)))
}

// A memoryTx is a Tx of a Memory. It keeps the Memory's token until it ends.
type memoryTx struct {
	memory *Memory
	ended  bool
	values []hmis.DataValue
	done   []hmis.Completion
}

var errEnded = errors.New("entry: the transaction has ended")

// Stored implements [Tx].
func (t *memoryTx) Stored(_ context.Context, keys []hmis.Key) (map[hmis.Key]hmis.DataValue, error) {
	there := map[hmis.Key]hmis.DataValue{}
	for _, k := range keys {
		if v, ok := t.memory.values[k]; ok {
			there[k] = v
		}
	}
	return there, nil
}

// Put implements [Tx].
func (t *memoryTx) Put(_ context.Context, values []hmis.DataValue) error {
	t.values = append(t.values, values...)
	return nil
}

// Complete implements [Tx].
func (t *memoryTx) Complete(_ context.Context, done []hmis.Completion) error {
	t.done = append(t.done, done...)
	return nil
}

// Commit implements [Tx].
func (t *memoryTx) Commit(context.Context) error {
	if t.ended {
		return errEnded
	}
	for _, v := range t.values {
		if v.Deleted {
			delete(t.memory.values, v.Key)
		} else {
			t.memory.values[v.Key] = v
		}
	}
	for _, c := range t.done {
		t.memory.done[doneKey{c.DataSet, c.OrgUnit, c.AttributeCombo, c.Period}] = c
	}
	return t.end()
}

// Rollback implements [Tx].
func (t *memoryTx) Rollback(context.Context) error {
	if t.ended {
		return errEnded
	}
	return t.end()
}

func (t *memoryTx) end() error {
	t.ended = true
	t.memory.turn <- struct{}{}
	return nil
}
