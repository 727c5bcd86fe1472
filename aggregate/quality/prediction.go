package quality

import (
	"context"
	"iter"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Prediction computes predictors: values for a period from those of other
// periods, to be stored as data (RULES.md#prediction).
type Prediction struct {
	Predictors []hmis.Predictor

	TypeErrorsAsZero bool // a result of the wrong type is 0, as on a DHIS2 server
	Workers          int  // goroutines; 0 means GOMAXPROCS

	// Reject, if not nil, is called for each predictor that gives no value, wholly
	// or in some cells, and for each org unit of the scope that is not in the tree.
	// The rest is computed. If nil, the first of them ends the stream.
	Reject func(hmis.Ref, error)

	// Warn, if not nil, is called for each data element or option combo of a
	// predictor that the catalog does not know. It then has no values.
	Warn func(hmis.Issue)

	// Done, if not nil, is called when all values of a predictor have been passed
	// on, with what became of them.
	Done func(predictor hmis.UID, n PredictionCounts)
}

// PredictionCounts are the values of one predictor in one run. The stream has all
// but the unchanged ones.
type PredictionCounts struct {
	Inserted  int
	Updated   int // stored before with another value
	Unchanged int // stored before with the same value
	Deleted   int // stored before, and not predicted any more
}

// Values predicts the periods of s, or without them all periods within the days
// of s, or without days within those that have data. Each predictor has its own
// period type and levels; the org units of s narrow the latter. Data and Axes of
// s do not matter.
//
// What comes out goes straight into [aggregate.Cube.With]: values that are new or
// other than those stored, and those stored before that no longer come about,
// marked Deleted. They come by predictor; then by org unit in preorder, period
// and option combos. An error is the last pair.
//
// A predictor that reads what an earlier one predicts sees its values; those are
// then held in memory.
func (p Prediction) Values(ctx context.Context, c *aggregate.Cube, s Scope) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		r := predictorRun{Prediction: p, ctx: ctx, cube: c, scope: s}
		if err := r.run(func(v hmis.DataValue) bool { return yield(v, nil) }); err != nil {
			yield(hmis.DataValue{}, err)
		}
	}
}
