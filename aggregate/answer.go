package aggregate

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// Query computes all cells that q asks for. An error that DHIS2 has a code for
// is an *[hmis.Issue] with that Code, such as "E7115"; see [Query.Check]. Data
// that are asked for twice are answered once.
func (c *Cube) Query(ctx context.Context, q Query) (*Table, error) {
	r, err := c.newRun(ctx, q)
	if err != nil {
		return nil, err
	}
	t := r.table()
	if err := r.prepare(); err != nil {
		return nil, err
	}
	errs := make([]error, len(t.parts))
	err = r.each(len(t.parts), func(i int) error {
		if t.parts[i], errs[i] = r.answer(t.data[i]); q.Reject == nil {
			return errs[i]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, err := range errs {
		if err == nil {
			continue
		}
		if !r.rejects(t.data[i], err) {
			return nil, err
		}
		t.parts[i] = tablePart{column: r.grid.empty(len(r.grid.periods))}
	}
	return t, nil
}

// Cells computes the cells that q asks for one after the other, in the order of
// Query.Data, then OrgUnits, then Periods, then Split. It needs memory for a few
// data items at a time. An error is the last pair.
func (c *Cube) Cells(ctx context.Context, q Query) iter.Seq2[Cell, error] {
	return func(yield func(Cell, error) bool) {
		r, err := c.newRun(ctx, q)
		if err != nil {
			yield(Cell{}, err)
			return
		}
		t := r.table()
		for i, part := range r.inOrder(t.data) {
			if part.err != nil {
				if r.rejects(t.data[i], part.err) {
					continue
				}
				yield(Cell{}, part.err)
				return
			}
			for cell := range t.cellsOf(ctx, i, part.tablePart) {
				if !yield(cell, nil) {
					return
				}
			}
			if err := ctx.Err(); err != nil {
				yield(Cell{}, err)
				return
			}
			part.free()
		}
		r.free()
	}
}

// A Block is the cells of one data item in a column, for who takes in millions:
// OrgUnits × Periods × the items of Query.Split, in this order. OrgUnits are
// those of the query, or fewer where others have no value. Its lists must not be
// changed, and the slices of Column are used again once the next Block is asked for:
// who keeps them makes copies.
type Block struct {
	Data     indicator.Item
	OrgUnits []hmis.UID
	Periods  []period.Period
	Split    [][]hmis.UID // the items of each combination of Query.Split; one that is nil without it
	Column   indicator.Column
}

// Blocks computes the same cells as Cells, a data item at a time. An error is
// the last pair.
func (c *Cube) Blocks(ctx context.Context, q Query) iter.Seq2[Block, error] {
	return func(yield func(Block, error) bool) {
		r, err := c.newRun(ctx, q)
		if err != nil {
			yield(Block{}, err)
			return
		}
		r.columnsOnly = true
		t := r.table()
		split := make([][]hmis.UID, r.grid.splits)
		for i := range split {
			split[i] = r.grid.split(i)
		}
		for i, part := range r.inOrder(t.data) {
			if part.err != nil {
				if r.rejects(t.data[i], part.err) {
					continue
				}
				yield(Block{}, part.err)
				return
			}
			block := Block{Data: t.data[i], OrgUnits: r.grid.units, Periods: r.grid.periods, Split: split, Column: part.values()}
			if part.units != nil {
				block.OrgUnits = make([]hmis.UID, len(part.units))
				for j, u := range part.units {
					block.OrgUnits[j] = r.grid.units[u]
				}
			}
			if !yield(block, nil) {
				return
			}
			freeColumn(block.Column)
		}
		r.free()
	}
}

// An ordered is a part that waits for its turn.
type ordered struct {
	tablePart
	err error
}

// inOrder computes data items side by side, not more than a few ahead of who
// takes them, and yields them in order. A worker takes several at a time where
// each has few cells.
func (r *run) inOrder(data []indicator.Item) iter.Seq2[int, ordered] {
	return func(yield func(int, ordered) bool) {
		workers := min(r.workers(), len(data))
		each := r.atATime(len(data))
		count := (len(data) + each - 1) / each
		if workers == 1 {
			for i := range data {
				if !yield(i, r.one(data[i])) {
					return
				}
			}
			return
		}
		ahead := min(2*workers, count)
		parts := make([]chan []ordered, ahead) // used in turn
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
					for _, item := range data[i*each : min((i+1)*each, len(data))] {
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

// atATime returns how many of so many items a worker takes together: not more than
// fewCells cells, and little enough for all workers to have something to do.
func (r *run) atATime(items int) int {
	const fewCells, turns, most = 1 << 14, 4, 8
	cells := max(r.grid.cells(len(r.grid.periods)), 1)
	return max(min(fewCells/cells, items/(turns*r.workers()), most), 1)
}

func (r *run) one(item indicator.Item) ordered {
	if err := r.ctx.Err(); err != nil {
		return ordered{err: err}
	}
	part, err := r.answer(item)
	return ordered{part, err}
}

// table returns an empty table for the answer. A query that does not tell data
// apart has one item without a name, as has one whose data filter is a single
// indicator or reporting rate (RULES.md#indicators).
func (r *run) table() *Table {
	data := r.data
	if len(data) == 0 {
		data = []indicator.Item{{}}
	}
	return &Table{query: r.query, grid: r.grid, data: data, parts: make([]tablePart, len(data))}
}

// items returns the data items that are computed one by one: those told apart,
// or the only indicator or reporting rate of a filter, which is computed as if
// it were (RULES.md#indicators). There are none if values are counted together.
func (r *run) items() []indicator.Item {
	if len(r.query.Data) > 0 {
		return r.data
	}
	if f := r.query.Filter.Data; len(f) == 1 && r.cube.kind(f[0]) != indicator.DataElementItem {
		return f
	}
	return nil
}

// yearsRead returns how far back look-backs read: to the years that any period of
// the whole query touches. The components of formulas are asked for by
// themselves, with the periods that any formula shifts to as well.
func (r *run) yearsRead(component bool) map[int]bool {
	whole := r.wholeRun()
	whole.yearsOnce.Do(whole.findYears)
	if component {
		return whole.formulaYears
	}
	return whole.years
}

// periodsToRead returns which periods of the cube look-backs read, nil if all.
func (r *run) periodsToRead(component bool) []bool {
	years := r.yearsRead(component)
	if years == nil {
		return nil
	}
	read := make([]bool, len(r.cube.periods))
	for i, p := range r.cube.periods {
		read[i] = years[rowYear(p)]
	}
	return read
}

// periodsRead returns the periods that are told apart, of components of formulas
// with those that any formula moves to.
func (r *run) periodsRead(component bool) []period.Period {
	whole := r.wholeRun()
	if component {
		return whole.formulaPeriods
	}
	return whole.grid.periods
}

func (r *run) wholeRun() *run {
	for r.whole != nil {
		r = r.whole
	}
	return r
}

func (r *run) findYears() {
	f := &r.query.Filter
	asked := map[int]bool{}
	if f.dated() {
		r.cube.touch(asked, f.From, f.To)
	}
	for _, p := range slices.Concat(r.query.Periods, f.Periods) {
		r.cube.touch(asked, p.First(), p.Last())
	}
	r.years = readable(asked)
	for _, p := range r.formulaPeriods {
		r.cube.touch(asked, p.First(), p.Last())
	}
	r.formulaYears = readable(asked)
}

// findShifts finds the periods that formulas are read in, those that any of them
// moves to after those of the query.
func (r *run) findShifts() error {
	if len(r.query.Periods) == 0 {
		return nil
	}
	r.formulaPeriods = r.grid.periods
	var walk *shiftWalk
	for _, item := range r.goodItems() {
		if r.cube.kind(item) != indicator.IndicatorItem {
			continue
		}
		if f, _ := r.cube.formula(item.ID); !f.nested.shifts {
			continue
		}
		if walk == nil {
			walk = r.newShiftWalk()
		}
		if refused := walk.walk(item.ID, r.grid.periods); refused != nil {
			if r.query.Reject == nil {
				return refused
			}
			r.bad(item, refused)
		}
	}
	return nil
}

// newShiftWalk returns a walk that adds to the periods of formulas.
func (r *run) newShiftWalk() *shiftWalk {
	seen := make(map[period.Period]bool, len(r.grid.periods))
	for _, p := range r.grid.periods {
		seen[p] = true
	}
	r.formulaPeriods = slices.Clone(r.grid.periods)
	return &shiftWalk{cube: r.cube, seen: map[shift]bool{}, do: func(p period.Period) {
		if !seen[p] {
			seen[p] = true
			r.formulaPeriods = append(r.formulaPeriods, p)
		}
	}}
}

// touch adds the years of some days that have any value.
func (c *Cube) touch(years map[int]bool, first, last period.Date) {
	from, _, _ := first.Civil()
	to, _, _ := last.Civil()
	if to-from < len(c.years) {
		for year := from; year <= to; year++ {
			if c.years[year] {
				years[year] = true
			}
		}
		return
	}
	for year := range c.years {
		if from <= year && year <= to {
			years[year] = true
		}
	}
}

// readable returns years; nil, which means all, if there are none.
func readable(years map[int]bool) map[int]bool {
	if len(years) == 0 {
		return nil
	}
	return maps.Clone(years)
}

// prepare computes the components that formulas share, side by side. Errors are
// left to the formulas, which say where they come from.
func (r *run) prepare() error {
	if r.workers() < 2 {
		return nil
	}
	var ids []hmis.UID
	for _, item := range r.goodItems() {
		if r.cube.kind(item) == indicator.IndicatorItem {
			ids = append(ids, item.ID)
		}
	}
	all := r.cube.components(ids...)
	const few = 8 // for which waking another goroutine costs more than it saves
	if len(all) < few {
		return nil
	}
	return r.each(len(all), func(i int) error {
		r.component(all[i], r.grid.periods)
		return nil
	})
}

// answer computes one data item. If the query is cancelled, the error is that of
// the context, without a place.
func (r *run) answer(item indicator.Item) (tablePart, error) {
	part, err := r.answerItem(item)
	if stopped := r.ctx.Err(); stopped != nil {
		return tablePart{}, stopped
	}
	return part, err
}

func (r *run) answerItem(item indicator.Item) (tablePart, error) {
	if err := r.badItems[item]; err != nil { // the zero Item may be one
		return tablePart{}, err
	}
	if item == (indicator.Item{}) {
		return r.answerTogether()
	}
	switch r.cube.kind(item) {
	case indicator.IndicatorItem:
		if r.query.hasOpenAxis() {
			return tablePart{column: r.grid.empty(len(r.grid.periods))}, nil
		}
		if r.columnsOnly && len(r.query.Criteria) == 0 {
			column, err := r.indicatorColumn(item, r.grid.periods)
			return tablePart{column: column}, err
		}
		results, err := r.results(item, r.grid.periods)
		return r.keepResults(results), err
	case indicator.ReportingRateItem:
		value, actual, expected, err := r.rateColumns(item, r.grid.periods, false)
		return tablePart{column: value, actual: actual, expected: expected, rate: true}, err
	}
	p, err := r.plan(item, r.grid.periods, false)
	if err != nil || p == nil {
		return tablePart{column: r.grid.empty(len(r.grid.periods))}, err
	}
	units := p.compact()
	defer p.job.Sources[0].Places.Free()
	return tablePart{column: r.compute(p), units: units}, r.ctx.Err()
}

// hasOpenAxis reports whether option combos are told apart without saying which.
// The cells of indicators are made of the items that are named, so there are none.
func (q *Query) hasOpenAxis() bool {
	return slices.ContainsFunc(q.Split, func(a Axis) bool {
		return (a.ID == OptionCombos || a.ID == AttributeCombos) && len(a.Items) == 0
	})
}

// answerTogether answers a query that does not tell data apart.
func (r *run) answerTogether() (tablePart, error) {
	if items := r.items(); len(items) > 0 {
		return r.answer(items[0])
	}
	p, err := r.planTogether()
	if err != nil || p == nil {
		return tablePart{column: r.grid.empty(len(r.grid.periods))}, err
	}
	return tablePart{column: r.compute(p)}, r.ctx.Err()
}

// keepResults applies the criteria to the rounded values of an indicator.
func (r *run) keepResults(results []indicator.Result) tablePart {
	if len(r.query.Criteria) > 0 {
		for i := range results {
			if d, ok := results[i].Value.Decimal(); !ok || !all(r.query.Criteria, d) {
				results[i] = indicator.Result{}
			}
		}
	}
	return tablePart{results: results}
}
