package quality

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// A samplePart has the values of a part of the generator that functions over
// samples read, by cell of the block. Predicted periods share most of their
// samples, so each cell is computed once for all of them.
type samplePart struct {
	values []float64
	none   []bool // marks the cells that have no value
}

// findParts decides which parts of the generator are computed in columns: those
// whose values are numbers that do not change during the run.
func (job *predictorJob) findParts() {
	if job.forward {
		return
	}
	stored := func(item indicator.Item) bool {
		return item.Kind == indicator.DataElementItem && item.From == 0 && item.To == 0
	}
	for part := range job.generator.SampleParts() {
		items := job.generator.SamplePartItems(part)
		job.parts = append(job.parts, !slices.ContainsFunc(items, func(item indicator.Item) bool {
			return !stored(item) || kindOf(job.typeOf(item)) != asNumber
		}))
	}
	if !slices.ContainsFunc(job.sampled, func(item indicator.Item) bool { return !stored(item) }) {
		for _, item := range job.sampled {
			job.sampledAt = append(job.sampledAt, slices.Index(job.items, item))
		}
	}
}

// computeParts computes the parts for an output combo and an attribute combo of
// the block.
func (p *predictor) computeParts(combo, attr int) error {
	n := len(p.job.periods) * p.units
	at := combo*len(p.attrs) + attr
	for len(p.parts) <= at {
		p.parts = append(p.parts, make([]samplePart, len(p.job.parts)))
		p.some = append(p.some, nil)
	}
	env := indicator.ColumnEnv{
		Item: func(item indicator.Item) indicator.Column {
			i := slices.Index(p.job.items, item)
			if i < 0 || p.items[combo][i][attr] == nil {
				return indicator.Column{}
			}
			return p.items[combo][i][attr].ready()
		},
		Type: p.typeOf, Missing: p.job.Generator.Missing, Result: hmis.Number, Stop: p.run.ctx.Err,
	}
	p.column = slices.Grow(p.column[:0], n)[:n]
	for k, usable := range p.job.parts {
		if !usable {
			continue
		}
		if err := p.job.generator.EvalSamples(k, env, p.column); err != nil {
			return err
		}
		part := &p.parts[at][k]
		part.values = slices.Grow(part.values[:0], n)[:n]
		part.none = slices.Grow(part.none[:0], n)[:n]
		for i, v := range p.column {
			x, ok := v.Float64()
			part.values[i], part.none[i] = x, !ok
		}
	}
	some := slices.Grow(p.some[at][:0], n)[:n]
	clear(some)
	for _, i := range p.job.sampledAt {
		if item := p.items[combo][i][attr]; item != nil {
			for cell, from := range item.from {
				some[cell] = some[cell] || from != 0
			}
		}
	}
	p.some[at] = some
	return nil
}

// ready returns the stored values as a column.
func (b *blockItem) ready() indicator.Column {
	for i, from := range b.from {
		b.missing[i] = from == 0
	}
	return b.column()
}

// sampleValues implements [indicator.Env.SampleValues] for the current cell.
func (p *predictor) sampleValues(part int) ([]float64, bool) {
	if p.attr < 0 || !p.job.parts[part] {
		return nil, false
	}
	of := &p.parts[p.combo*len(p.attrs)+p.attr][part]
	p.gathered = p.gathered[:0]
	for _, t := range p.sampledIn {
		if cell := t*p.units + p.unit; !of.none[cell] {
			p.gathered = append(p.gathered, of.values[cell])
		}
	}
	return p.gathered, true
}

// hasSampled reports whether an item has a value in one of the sample periods.
func (p *predictor) hasSampled(t int) bool {
	if p.attr >= 0 && len(p.job.sampledAt) > 0 {
		return p.some[p.combo*len(p.attrs)+p.attr][t*p.units+p.unit]
	}
	return slices.ContainsFunc(p.job.sampled, func(item indicator.Item) bool { return p.has(item, t) })
}
