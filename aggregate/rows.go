package aggregate

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Row is one stored value that a query counts, with the items it counts in.
type Row struct {
	hmis.Key                 // where the value is stored
	Value    indicator.Value // a number, 1 or 0 for a truth value, or a text
	Split    []hmis.UID      // items, one for each Query.Split
}

// Rows returns the values that q counts, each once, at the org unit and period
// for which they are stored: by data element in the order of q, then by org unit
// in preorder, period and option combos. What q says of units, periods, axes and
// filters narrows; nothing is added up, so that aggregations, criteria on the
// computed number and rounding mean nothing here. A unit has all that is stored in
// it and below it, whatever the aggregation levels of a data element. Only data
// elements and operands have rows (analytics specification, sections 2.1, 9 and
// 17).
//
// Unlike [Cube.Values], which has what is held, Rows leaves out what analytics
// does not count, such as zeros that mean nothing. An error is the last pair.
func (c *Cube) Rows(ctx context.Context, q Query) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		r, err := c.newRun(ctx, q)
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
			for _, row := range r.rowsOf(id, operands[id], slices.Concat(q.Periods, q.Filter.Periods)) {
				if !yield(row.Row, nil) {
					return
				}
			}
		}
	}
}

// wanted returns the data elements of a query with the operands that they are
// narrowed to.
func (r *run) wanted() ([]hmis.UID, map[hmis.UID][]operand) {
	items := r.query.Data
	if len(items) == 0 {
		items = r.query.Filter.Data
	}
	if len(items) == 0 { // data element group sets say which
		ids := r.elements()
		slices.Sort(ids)
		return ids, nil
	}
	var ids []hmis.UID
	operands := map[hmis.UID][]operand{}
	for _, item := range items {
		if err := r.badItems[item]; err != nil {
			r.rejects(item, err)
		} else if r.cube.kind(item) == indicator.DataElementItem {
			ids = append(ids, item.ID)
			operands[item.ID] = append(operands[item.ID], operand{item.Combo, item.Attr})
		}
	}
	return distinct(ids), operands
}

// A placedRow is a Row with the position of its org unit.
type placedRow struct {
	Row
	pos uint32
}

// rowsOf returns the rows of one data element in some periods, in order. Within
// an item of a subExpression the days are narrowed as it says, and the criteria on
// values do not matter.
func (r *run) rowsOf(id hmis.UID, operands []operand, periods []period.Period, within ...indicator.Item) []placedRow {
	e, ok := hmis.Find[hmis.DataElement](r.cube.catalog, id)
	class := classOf(e.ValueType)
	if !ok || e.Tracker || class == uncounted {
		return nil
	}
	src := r.source(&e)
	src.operands = operands
	p := r.part(ruleOf(hmis.Sum, class), src)
	for _, item := range within {
		p.narrow(item)
		p.filter = nil
	}
	p.when = r.cube.anyOf(periods, p.window)

	var list []placedRow
	add := func(k column.Key, pos uint32, v amount) {
		if !src.places.holds(pos, p.positions) || class != textual && !all(p.filter, v.decimal()) {
			return
		}
		row := placedRow{pos: pos}
		row.Key = hmis.Key{
			DataElement:          id,
			CategoryOptionCombo:  r.cube.combos[k.Combo],
			AttributeOptionCombo: r.cube.combos[k.AttrCombo],
			OrgUnit:              r.cube.tree.At(int(pos)),
			Period:               r.cube.periods[k.Period],
		}
		if row.Value = indicator.Text(v.text); class != textual {
			row.Value = indicator.Num(v.decimal())
		}
		for i := range r.grid.axes {
			a := &r.grid.axes[i]
			item := a.ofSegment(id, k)
			if a.byPos != nil {
				item = a.byPos[pos]
			}
			row.Split = append(row.Split, a.items[item])
		}
		list = append(list, row)
	}
	for n := range src.column.Segments {
		s := &src.column.Segments[n]
		if _, ok := p.accept(&src, s); !ok {
			continue
		}
		src.column.Decode(s, 1, &p.buf)
		for i, pos := range p.buf.Pos {
			if p.buf.Val[i] != 0 || src.keepZeros {
				add(s.Key, pos, amount{coef: p.buf.Val[i], scale: int32(s.Scale)})
			}
		}
		for _, o := range src.column.OddsOf(n) {
			if v, ok := p.oddAmount(&src, &o); ok {
				add(s.Key, o.Pos, v)
			}
		}
	}
	slices.SortFunc(list, func(a, b placedRow) int {
		return cmp.Or(cmp.Compare(a.pos, b.pos), a.Period.Compare(b.Period),
			cmp.Compare(a.CategoryOptionCombo, b.CategoryOptionCombo), cmp.Compare(a.AttributeOptionCombo, b.AttributeOptionCombo))
	})
	return list
}
