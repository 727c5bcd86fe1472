package adx

import (
	"context"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Store keeps data values, as a database does. An [Import] changes it.
type Store interface {
	// Begin starts the changes that one message makes. An Import that runs several
	// messages at a time calls Begin for each.
	Begin(ctx context.Context) (Tx, error)
}

// A Tx is what one message changes in a Store: all of it or nothing, like a
// transaction of a database. An Import calls its methods from one goroutine and
// uses nothing else of the Store meanwhile, so that a Tx on a pool of a single
// connection does not wait for itself. Any error ends the import.
//
// The last call is Commit or Rollback, or both: Rollback follows a Commit that
// failed. What was put is to be kept only once Commit has returned nil, and is
// to be kept then even if the process ends in the next moment, since the sender
// learns so.
type Tx interface {
	// Stored returns the values that are there already of some keys. It may leave
	// out deleted ones or mark them Deleted. No key is asked for twice.
	Stored(ctx context.Context, keys []hmis.Key) (map[hmis.Key]hmis.DataValue, error)

	// Put stores values in place of those with the same keys. The ones to be
	// removed are marked Deleted. Values that are there already do not come. The
	// slice is used again after the call.
	Put(ctx context.Context, values []hmis.DataValue) error

	// Complete stores that forms were reported complete, in place of what is there
	// of the same data set, org unit, period and attribute option combo.
	Complete(ctx context.Context, done []hmis.Completion) error

	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
}
