package quality

import (
	"context"
	"iter"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Prediction computes predictors: values for a period from values of other
// periods, which are then stored as data (RULES.md#prediction).
type Prediction struct {
	Predictors []hmis.Predictor

	TypeErrorsAsZero bool // use 0 for a result of the wrong type, as a DHIS2 server does
	Workers          int  // number of goroutines; 0 means GOMAXPROCS

	// Reject, if not nil, is called for each predictor that cannot be computed,
	// everywhere or in some cells, and for each org unit of the scope that is
	// not in the tree. The rest is computed. If nil, the first of these ends
	// the stream.
	Reject func(hmis.Ref, error)

	// Warn, if not nil, is called for each data element or option combo of a
	// predictor that is not in the catalog. Such an object counts as having no
	// values.
	Warn func(hmis.Issue)

	// Done, if not nil, is called after the last value of each predictor, with
	// the counts of its values.
	Done func(predictor hmis.UID, n PredictionCounts)
}

// PredictionCounts counts the values of one predictor in one run. The stream of
// values leaves out the unchanged ones.
type PredictionCounts struct {
	Inserted  int
	Updated   int // values that replace a different stored value
	Unchanged int // values that equal the stored value
	Deleted   int // stored values that are no longer predicted
}

// Values predicts the periods of s. If s has none, they are all periods within
// its days, or without days those that have data. Each predictor has its own
// period type and levels. The org units of s restrict the levels. Data and Axes
// of s are not used.
//
// Pass the stream to [aggregate.Cube.With]. It has values that are new or
// differ from stored ones. It also has values that are stored but no longer
// predicted, marked Deleted. They are sorted by predictor, org unit in
// preorder, period and option combos. The last pair may have an error.
//
// If a predictor reads predictions of an earlier one, it sees their new values,
// which are then held in memory.
func (p Prediction) Values(ctx context.Context, c *aggregate.Cube, s Scope) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		r := predictorRun{Prediction: p, ctx: ctx, cube: c, scope: s}
		if err := r.run(func(v hmis.DataValue) bool { return yield(v, nil) }); err != nil {
			yield(hmis.DataValue{}, err)
		}
	}
}
