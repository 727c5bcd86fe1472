package aggregate

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// A Row is one stored value that a query counts, with the items it counts in.
type Row struct {
	hmis.Key                 // where the value is stored
	Value    indicator.Value // a number, 1 or 0 for a truth value, or a text
	Split    []hmis.UID      // one item of each axis in Query.Split
}

// Rows returns the stored values that q counts, each once, with the org unit
// and period of the value: by data element in the order of q, then by org unit
// in preorder, period and option combos. Units, periods, axes and filters of q
// select values. Nothing is added up, so aggregations, criteria on cells and
// rounding do not matter. A unit selects all values stored in it and below it,
// whatever the aggregation levels of a data element. Only data elements and
// operands have rows (RULES.md#values-that-count).
//
// Unlike [Cube.Values], Rows skips values that analytics does not count, such
// as insignificant zeros. An error is the last pair.
func (c *Cube) Rows(ctx context.Context, q Query) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		r, err := c.newEvaluator(ctx, q)
		if err != nil {
			yield(Row{}, err)
			return
		}
		r.byPath = true
		elements, operands := r.wanted()
		for _, id := range elements {
			if err := ctx.Err(); err != nil {
				yield(Row{}, err)
				return
			}
			for row, err := range r.rowsOf(id, operands[id], slices.Concat(q.Periods, q.Filter.Periods)) {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}

// wanted returns the data elements of a query with the operands that they are
// narrowed to.
func (r *evaluator) wanted() ([]hmis.UID, map[hmis.UID][]operand) {
	items := r.items
	if len(r.query.Data) == 0 {
		items = kindsOf(r.query.Filter.Data, r.cube.catalog)
	}
	if len(items) == 0 { // the axes select data elements
		ids := r.elements()
		slices.Sort(ids)
		return ids, nil
	}
	var ids []hmis.UID
	operands := map[hmis.UID][]operand{}
	for _, item := range items {
		if item.bad != nil {
			r.rejects(item.Item, item.bad)
		} else if item.kind == indicator.DataElementItem {
			ids = append(ids, item.ID)
			operands[item.ID] = append(operands[item.ID], operand{item.OptionCombo, item.AttributeCombo})
		}
	}
	return distinct(ids), operands
}

// A rowRef is the place of a stored value in its column. Rows are made of them
// one org unit at a time, since a data element may have millions of values.
type rowRef struct {
	pos, segment uint32
	value        int64 // number at the scale of the segment
	odd          int32 // index in the odds of the column, or -1
}

// rowsOf returns the rows of one data element in some periods, in order. within
// are items of a subExpression: their days narrow the rows, and criteria on
// values do not apply. The error is that of the context.
func (r *evaluator) rowsOf(id hmis.UID, operands []operand, periods []period.Period, within ...indicator.Item) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		e, ok := hmis.Find[hmis.DataElement](r.cube.catalog, id)
		class := rule.ClassOf(e.ValueType)
		if !ok || e.Tracker || class == rule.Uncounted {
			return
		}
		p := r.newPlanned(rule.Of(hmis.Sum, class), selection{&r.resolvedQuery, &e, operands})
		for _, item := range within {
			narrow(&p.job.Window, item)
			p.job.Values.Filter = nil
		}
		p.job.Rows = r.cube.periods.anyOf(periods, p.job.Window)
		refs, err := r.refs(&p.job)
		if err != nil {
			yield(Row{}, err)
			return
		}
		var rows []Row
		for first := 0; first < len(refs); first += len(rows) {
			if err := r.ctx.Err(); err != nil {
				yield(Row{}, err)
				return
			}
			rows = rows[:0]
			for _, ref := range refs[first:] {
				if ref.pos != refs[first].pos {
					break
				}
				rows = append(rows, r.row(&p.job, id, ref))
			}
			slices.SortFunc(rows, func(a, b Row) int {
				return cmp.Or(a.Period.Compare(b.Period),
					cmp.Compare(a.OptionCombo, b.OptionCombo), cmp.Compare(a.AttributeCombo, b.AttributeCombo))
			})
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// refs returns the values that count, by org unit in preorder. The error is
// that of the context.
func (r *evaluator) refs(job *compute.Job) ([]rowRef, error) {
	src, positions := &job.Sources[0], r.cube.tree.Len()
	var found []rowRef
	var buf column.Buffer
	perUnit := make([]uint32, positions+1)
	one := decimal.New(1, 0)
	add := func(ref rowRef, v compute.Amount) {
		if src.Places.Holds(ref.pos) && (job.Rule.Class == rule.Text || job.Values.Filter == nil || job.Values.Filter(v.Decimal(), one)) {
			found = append(found, ref)
			perUnit[ref.pos+1]++
		}
	}
	for n := range src.Column.Segments {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		s := &src.Column.Segments[n]
		if _, ok := job.Accept(src, s.Key); !ok {
			continue
		}
		for some := range src.Column.Values(n, &buf) {
			for i, pos := range some.Pos {
				if v := some.Val[i]; v != 0 || src.KeepZeros {
					add(rowRef{pos, uint32(n), v, -1}, compute.Amount{Coef: v, Scale: int32(s.Scale)})
				}
			}
			if some.Odd >= 0 {
				o := &src.Column.Odds[some.Odd]
				if v, ok := job.Odd(src, o); ok {
					add(rowRef{o.Pos, uint32(n), 0, int32(some.Odd)}, v)
				}
			}
		}
	}
	// Sort by position: perUnit has the place of the next value of each unit.
	for pos := range positions {
		perUnit[pos+1] += perUnit[pos]
	}
	sorted := make([]rowRef, len(found))
	const often = 1 << 16
	for i, ref := range found {
		if i%often == 0 && r.ctx.Err() != nil {
			return nil, r.ctx.Err()
		}
		sorted[perUnit[ref.pos]] = ref
		perUnit[ref.pos]++
	}
	return sorted, nil
}

// row returns the row of a stored value.
func (r *evaluator) row(job *compute.Job, id hmis.UID, ref rowRef) Row {
	src := &job.Sources[0]
	s := &src.Column.Segments[ref.segment]
	v := compute.Amount{Coef: ref.value, Scale: int32(s.Scale)}
	if ref.odd >= 0 {
		v, _ = job.Odd(src, &src.Column.Odds[ref.odd])
	}
	row := Row{Key: r.cube.key(id, s.Key)}
	row.OrgUnit = r.cube.tree.At(int(ref.pos))
	if row.Value = indicator.Text(v.Text); job.Rule.Class != rule.Text {
		row.Value = indicator.Num(v.Decimal())
	}
	for i := range r.grid.axes {
		a := &r.grid.axes[i]
		item := a.ofSegment(id, s.Key)
		if a.byPos != nil {
			item = a.byPos[ref.pos]
		}
		row.Split = append(row.Split, a.items[item])
	}
	return row
}
