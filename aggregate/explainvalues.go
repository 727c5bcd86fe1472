package aggregate

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// job explains the cell of a job, which it computes value by value.
func (e *explainer) job(cell Cell, p *planned) (*Explanation, error) {
	if p == nil {
		return explained(cell, "no data"), nil
	}
	ctx := e.ctx
	notes := &notes{cube: e.cube, planned: p, most: maxNoted - e.values}
	totals := p.job.Compute(ctx, &compute.Trace{Counted: notes.count, Left: notes.leave})
	if err := e.add(0, len(notes.counted)+len(notes.left)); err != nil {
		return nil, err
	}
	totals.Picked(notes.count)
	cell.Value = e.finish(totals, p).At(0)
	out := &Explanation{
		Cell:   cell,
		Rule:   p.job.Rule.String(),
		Values: notes.values,
		Left:   notes.leftOut,
	}
	if p.job.Rule.Aggregate() == rule.DayMean && len(p.finish.Blends) > 0 {
		out.Rule += fmt.Sprintf(", of %d", p.finish.Blends[0].Days)
	}
	p.finish.Digits = skipDigits
	out.Rule += unrounded(cell.Value, e.finish(totals, p).At(0))
	return out, nil
}

func (e *explainer) finish(totals *compute.Totals, p *planned) *indicator.Column {
	column := totals.Finish(e.ctx, &p.finish)
	return &column
}

// unrounded says what a number was before it was rounded, to ten decimals, if
// that makes a difference.
func unrounded(v, before indicator.Value) string {
	if before.Equal(v) {
		return ""
	}
	return fmt.Sprintf("; %s before rounding", before)
}

// notes collect references to the values that were counted or left out, up to
// the limit and one more.
type notes struct {
	cube    *Cube
	planned *planned
	most    int
	counted []compute.Ref
	left    []leftOut
}

// A leftOut is a value that was left out, with the reason.
type leftOut struct {
	compute.Ref
	why string
}

func (n *notes) full() bool { return len(n.counted)+len(n.left) > n.most }

func (n *notes) count(ref compute.Ref) {
	if !n.full() {
		n.counted = append(n.counted, ref)
	}
}

func (n *notes) leave(ref compute.Ref, why string) {
	if !n.full() {
		n.left = append(n.left, leftOut{ref, why})
	}
}

func (n *notes) value(ref compute.Ref) hmis.DataValue {
	s := &n.planned.job.Sources[ref.Source].Column.Segments[ref.Segment]
	element := n.planned.selected[ref.Source].element
	v := hmis.DataValue{Key: n.cube.key(element.ID, s.Key)}
	v.OrgUnit = n.cube.tree.At(int(ref.Pos))
	switch {
	case ref.Value.Text != "":
		v.Value = ref.Value.Text
	case ref.Value.Long != nil:
		v.Value = ref.Value.Long.String()
	default:
		v.Value = numberText(element.ValueType, ref.Value.Coef, ref.Value.Scale)
	}
	return v
}

func (n *notes) values(yield func(hmis.DataValue) bool) {
	for _, ref := range n.counted {
		if !yield(n.value(ref)) {
			return
		}
	}
}

func (n *notes) leftOut(yield func(hmis.DataValue, string) bool) {
	for _, one := range n.left {
		if !yield(n.value(one.Ref), one.why) {
			return
		}
	}
}
