package analytics

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/shopspring/decimal"
)

// sort sorts the cells by value, if the request wants that. Cells with equal
// values stay in order.
func (a *answer) sort(ctx context.Context) error {
	if a.order == 0 {
		return nil
	}
	keys := make([]order, len(a.cells))
	for i, cell := range a.cells {
		keys[i] = orderOf(cell.Value)
	}
	return a.arrangeCells(ctx, func(i, j int) int { return a.request.order * keys[i].compare(keys[j]) })
}

// sortByItem sorts the cells by data item, in the order of the request.
func (a *answer) sortByItem(ctx context.Context) error {
	at := make(map[indicator.Item]int, len(a.query.Data))
	for i, item := range a.query.Data {
		at[item] = i
	}
	keys := make([]int, len(a.cells))
	for i, cell := range a.cells {
		keys[i] = at[cell.Data]
	}
	return a.arrangeCells(ctx, func(i, j int) int { return cmp.Compare(keys[i], keys[j]) })
}

// arrangeCells sorts the cells by a comparison of two positions. Equal cells
// stay in order.
func (a *answer) arrangeCells(ctx context.Context, compare func(i, j int) int) error {
	positions := make([]int, len(a.cells))
	for i := range positions {
		positions[i] = i
	}
	err := sortIn(ctx, positions, func(i, j int) int { return cmp.Or(compare(i, j), cmp.Compare(i, j)) })
	if err != nil {
		return err
	}
	sorted := make([]aggregate.Cell, len(positions))
	for to, from := range positions {
		sorted[to] = a.cells[from]
	}
	a.cells = sorted
	return nil
}

// sortIn sorts a list like [slices.SortFunc], but stops soon after its context
// ends. It sorts pieces of the list and then merges them.
func sortIn[T any](ctx context.Context, list []T, compare func(T, T) int) error {
	const piece = 1 << 12
	for part := range slices.Chunk(list, piece) {
		if err := ctx.Err(); err != nil {
			return err
		}
		slices.SortFunc(part, compare)
	}
	spare := make([]T, len(list))
	for width := piece; width < len(list); width *= 2 {
		for low := 0; low < len(list); low += 2 * width {
			middle, high := min(low+width, len(list)), min(low+2*width, len(list))
			out, i, j := spare[low:low:high], low, middle
			for i < middle || j < high {
				if len(out)%piece == 0 && ctx.Err() != nil {
					return ctx.Err()
				}
				if j == high || i < middle && compare(list[i], list[j]) <= 0 {
					out = append(out, list[i])
					i++
				} else {
					out = append(out, list[j])
					j++
				}
			}
		}
		copy(list, spare)
	}
	return nil
}

// An order is the key by which a value is sorted: a class of values and the
// position within it.
type order struct {
	class  int
	number decimal.Decimal
	text   string
}

const (
	orderMissing = iota
	orderLow     // the value is minus infinity
	orderNumber
	orderHigh // the value is infinity
	orderNaN
	orderText
)

// compare compares two values in the order of a server: missing values,
// numbers, not-a-number (NaN), and texts. A text that can be parsed as a number
// counts as one.
func (o order) compare(p order) int {
	if o.class != p.class {
		return cmp.Compare(o.class, p.class)
	}
	switch o.class {
	case orderNumber:
		return o.number.Cmp(p.number)
	case orderText:
		return cmp.Compare(o.text, p.text)
	}
	return 0
}

func orderOf(v indicator.Value) order {
	if v.IsMissing() {
		return order{class: orderMissing}
	}
	if d, ok := v.Decimal(); ok {
		return order{class: orderNumber, number: d}
	}
	f, ok := v.Float64()
	switch {
	case ok && math.IsInf(f, -1):
		return order{class: orderLow}
	case ok && math.IsInf(f, 1):
		return order{class: orderHigh}
	case ok:
		return order{class: orderNaN}
	}
	text := v.String()
	if d, ok := parseNumber(text); ok {
		return order{class: orderNumber, number: d}
	}
	return order{class: orderText, text: text}
}
