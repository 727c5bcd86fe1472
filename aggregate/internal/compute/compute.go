package compute

import (
	"context"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
)

// Totals are what a job has gathered for each row, split and place.
type Totals struct {
	job   *Job
	acc   accumulator
	nulls map[int]bool // cells with values that are no numbers; nil if they do not matter
}

// Free returns the largest arrays of t to a pool. Do not use t afterwards.
func (t *Totals) Free() { t.acc.sums.free() }

// Picked calls do with each value that was picked as it is.
func (t *Totals) Picked(do func(Ref)) {
	for _, c := range t.acc.picks.won {
		do(c.ref())
	}
}

func (c *candidate) ref() Ref {
	return Ref{Source: c.source, Segment: c.segment, Pos: c.pos, Value: c.Amount}
}

// addNull notes that a cell has a row without a number. Such rows count for
// nothing, but where there is no other the cell is 0
// (aggregate/RULES.md#mixed-data).
func (t *Totals) addNull(row, place int) {
	if place != 0 && t.nulls != nil {
		t.nulls[t.acc.at(row, place)] = true
	}
}

// hasNull reports whether a cell has a row without a number.
func (t *Totals) hasNull(row, place int) bool { return t.nulls[t.acc.at(row, place)] }

// A walk goes through the values of a job.
type walk struct {
	Totals

	ctx   context.Context
	slow  bool // values are read one by one
	trace *Trace
	buf   column.Buffer
}

// Compute walks the values of a job. It breaks off when ctx ends, and the
// totals are of no use then: the caller returns the error of ctx. The trace may
// be nil.
func (j *Job) Compute(ctx context.Context, trace *Trace) *Totals {
	w := j.walk(ctx, trace)
	w.way().fill()
	return &w.Totals
}

func (j *Job) walk(ctx context.Context, trace *Trace) *walk {
	w := &walk{
		Totals: Totals{job: j, acc: newAccumulator(j)},
		ctx:    ctx,
		slow:   j.slow() || trace != nil,
		trace:  trace,
	}
	if j.Values.Nulls {
		w.nulls = map[int]bool{}
	}
	return w
}

// A way is one of the five ways through the values.
type way interface{ fill() }

// way returns the way that the rule of the job demands.
func (w *walk) way() way {
	switch w.job.Rule.Way() {
	case rule.LookBack:
		return lookBack{w}
	case rule.Rank:
		return ranking{w}
	case rule.PickOne:
		return picking{w}
	case rule.Fold:
		return folding{w}
	}
	return adding{w}
}

// stopped reports whether the context has ended.
func (w *walk) stopped() bool { return w.ctx.Err() != nil }

// betweenValues is the number of values read one by one between two checks of
// the context.
const betweenValues = 1 << 10

// betweenCells is the number of cells computed between two checks of the
// context.
const betweenCells = 1 << 12
