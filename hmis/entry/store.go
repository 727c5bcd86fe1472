package entry

import (
	"context"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Store keeps data values, as a database does. An [Import] writes to it.
type Store interface {
	// Begin starts the changes of one message. It may be called while another
	// Tx is open.
	Begin(ctx context.Context) (Tx, error)
}

// A Tx is the changes of one message, made together or not at all, like a
// transaction of a database. An Import calls its methods from one goroutine and
// does not use the Store otherwise, so a pool of one connection is enough. Any
// error ends the import.
//
// The last call is Commit or Rollback; after a Commit that failed it is
// Rollback. Once Commit has returned nil the changes must survive the end of
// the process, because the sender is then told that they are stored. Before
// that, nothing may be kept.
type Tx interface {
	// Stored returns the values that the Store has for these keys. Deleted
	// values may be left out, or marked Deleted. Each key is asked for once per
	// Tx.
	Stored(ctx context.Context, keys []hmis.Key) (map[hmis.Key]hmis.DataValue, error)

	// Put stores values in place of those with the same keys, and removes those
	// that are marked Deleted. It is not called for values that are unchanged.
	// The caller reuses the slice.
	Put(ctx context.Context, values []hmis.DataValue) error

	// Complete stores completions. Each replaces the stored completion with the
	// same data set, org unit, period and attribute option combo.
	Complete(ctx context.Context, done []hmis.Completion) error

	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
}
