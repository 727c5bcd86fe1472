package aggregate

import (
	"iter"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// betweenValues and betweenCells are the numbers of values and cells processed
// between two checks of the context.
const betweenValues, betweenCells = 1 << 10, 1 << 12

// An execution computes the data items of a query side by side.
type execution struct {
	*evaluator
	columnsOnly bool // compute columns without numerators and denominators
}

// prepare computes the components that formulas share, side by side. Errors are
// left to the formulas, which say where they come from.
func (r execution) prepare() error {
	if r.workers() < 2 {
		return nil
	}
	var ids []hmis.UID
	for i := range r.items {
		if item := &r.items[i]; item.kind == indicator.IndicatorItem && item.bad == nil {
			ids = append(ids, item.ID)
		}
	}
	all := r.cube.formulas.components(ids...)
	const few = 8 // so few components that waking another goroutine costs more than it saves
	if len(all) < few {
		return nil
	}
	return r.each(len(all), func(i int) error {
		r.component(all[i], r.grid.periods)
		return nil
	})
}

// answer computes data item i of the table. If the query is cancelled, the
// error is that of the context, without a place.
func (r execution) answer(i int) (tablePart, error) {
	part, err := r.answerItem(i)
	if stopped := r.ctx.Err(); stopped != nil {
		return tablePart{}, stopped
	}
	return part, err
}

func (r execution) answerItem(i int) (tablePart, error) {
	periods := r.grid.periods
	if len(r.items) == 0 {
		return r.answerTogether()
	}
	item := &r.items[i]
	if item.bad != nil {
		return tablePart{}, item.bad
	}
	switch item.kind {
	case indicator.IndicatorItem:
		if r.query.hasOpenAxis() {
			return tablePart{column: r.grid.empty(len(periods))}, nil
		}
		if r.columnsOnly && len(r.query.Criteria) == 0 {
			column, err := r.indicatorColumn(item.Item, periods)
			return tablePart{column: column}, err
		}
		results, err := r.results(item.Item, periods)
		return r.keepResults(results), err
	case indicator.ReportingRateItem:
		value, actual, expected, err := r.rates().columns(item.Item, periods, false)
		return tablePart{column: value, actual: actual, expected: expected, rate: true}, err
	}
	p, err := r.plan(item.Item, periods, false)
	if err != nil || p == nil {
		return tablePart{column: r.grid.empty(len(periods))}, err
	}
	units := p.compact()
	defer p.job.Sources[0].Places.Free()
	return tablePart{column: p.compute(r.ctx), units: units}, r.ctx.Err()
}

// answerTogether answers a query that does not keep data apart.
func (r execution) answerTogether() (tablePart, error) {
	p, err := r.planTogether()
	if err != nil || p == nil {
		return tablePart{column: r.grid.empty(len(r.grid.periods))}, err
	}
	return tablePart{column: p.compute(r.ctx)}, r.ctx.Err()
}

// hasOpenAxis reports whether option combos are kept apart without saying
// which. The cells of indicators are made of the items that are named, so there
// are none.
func (q *Query) hasOpenAxis() bool {
	return slices.ContainsFunc(q.Split, func(a Axis) bool {
		return (a.ID == OptionCombos || a.ID == AttributeCombos) && len(a.Items) == 0
	})
}

// keepResults returns the results of an indicator that pass the criteria, which
// compare rounded values.
func (r *resolvedQuery) keepResults(results []indicator.Result) tablePart {
	if len(r.query.Criteria) > 0 {
		for i := range results {
			if d, ok := results[i].Value.Decimal(); !ok || !all(r.query.Criteria, d) {
				results[i] = indicator.Result{}
			}
		}
	}
	return tablePart{results: results}
}

// An ordered is a computed part, or its error, as inOrder yields them.
type ordered struct {
	tablePart
	err error
}

// inOrder computes data items side by side, not more than a few ahead of the
// caller, and yields them in order. A worker computes several at a time where
// each has few cells.
func (r execution) inOrder(items int) iter.Seq2[int, ordered] {
	return func(yield func(int, ordered) bool) {
		workers := min(r.workers(), items)
		each := r.atATime(items)
		count := (items + each - 1) / each
		if workers == 1 {
			for i := range items {
				if !yield(i, r.one(i)) {
					return
				}
			}
			return
		}
		ahead := min(2*workers, count)
		parts := make([]chan []ordered, ahead) // the channels are used in turn
		for i := range parts {
			parts[i] = make(chan []ordered, 1)
		}
		jobs := make(chan int, ahead)
		var left atomic.Bool
		defer close(jobs)
		defer left.Store(true)
		for i := range ahead {
			jobs <- i
		}
		for range workers {
			go func() {
				for i := range jobs {
					list := make([]ordered, 0, each)
					for item := i * each; item < min((i+1)*each, items); item++ {
						if left.Load() {
							break
						}
						list = append(list, r.one(item))
					}
					parts[i%ahead] <- list
				}
			}()
		}
		for i := range count {
			for k, part := range <-parts[i%ahead] {
				if !yield(i*each+k, part) {
					return
				}
			}
			if i+ahead < count {
				jobs <- i + ahead
			}
		}
	}
}

// atATime returns how many of so many items a worker computes together: not
// more than fewCells cells, and few enough for all workers to have something to
// do.
func (r execution) atATime(items int) int {
	const fewCells, turns, most = 1 << 14, 4, 8
	cells := max(r.grid.cells(len(r.grid.periods)), 1)
	return max(min(fewCells/cells, items/(turns*r.workers()), most), 1)
}

func (r execution) one(item int) ordered {
	if err := r.ctx.Err(); err != nil {
		return ordered{err: err}
	}
	part, err := r.answer(item)
	return ordered{part, err}
}

// workers returns the number of goroutines to use.
func (r execution) workers() int {
	if r.query.Workers > 0 {
		return r.query.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// each calls do for 0 to n-1, side by side, until one fails or the query is
// cancelled. It returns the error of the first that failed, by number, so that
// workers do not change it.
func (r execution) each(n int, do func(i int) error) error {
	errs := make([]error, n)
	parallel(r.workers(), n, func(i int) {
		if errs[i] = r.ctx.Err(); errs[i] == nil {
			errs[i] = do(i)
		}
	})
	if err := r.ctx.Err(); err != nil {
		return err
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
