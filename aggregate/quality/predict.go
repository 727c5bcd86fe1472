package quality

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// A predicted has the results of one job in one block of org units.
type predicted struct {
	values  []hmis.DataValue
	counts  PredictionCounts
	failure error // the first failure in the block
}

// A predictor computes a job at one org unit after another.
type predictor struct {
	predictorBlock
	run  *predictorRun
	tree *orgunit.Tree

	// These fields say which value is being predicted.
	unit   int // index of the org unit in the block
	unitID hmis.UID
	combo  int // index of the output combo in job.combos
	attr   int // index of the attribute combo in attrs; -1 if the org unit has no data
	out    int // index of the output period in job.outs

	parts     [][]samplePart // parts of the generator for each output combo and attribute combo
	some      [][]bool       // for each output combo and attribute combo, and each cell: whether a sampled item has a value
	column    []indicator.Value
	gathered  []float64
	sampledIn []int // the sample periods of the current cell

	at      []func(indicator.Item) indicator.Value // for each period, the function that returns the values of items
	samples []func(indicator.Item) indicator.Value
	tested  []skipState // for each period, the result of the skip test at the current org unit and attribute combo
	made    []int8      // for each combo, attribute combo and output period: whether a value was predicted, or failed
	result  *predicted
	failed  error // the error of the expression being computed
	steps   int   // sample periods since the context was last checked
	ended   error // the error of the context, once it has ended
	typeOf  func(indicator.Item) hmis.ValueType
	values  func(part int) ([]float64, bool)
	note    func(*indicator.EvalError)
}

type skipState uint8

const (
	untested skipState = iota
	skipped
	taken
)

const (
	notMade int8 = iota
	isMade
	isFailed
)

func newPredictor(r *predictorRun) *predictor {
	p := &predictor{run: r, tree: r.cube.Tree()}
	p.note = func(err *indicator.EvalError) {
		if !r.TypeErrorsAsZero && p.failed == nil {
			p.failed = err
		}
	}
	return p
}

// start prepares the predictor for a job. It reuses the memory of the last job.
func (p *predictor) start(data *predictorData) {
	p.recycle()
	p.predictorData, p.parts, p.some, p.values = data, nil, nil, nil
	n := len(data.job.periods)
	for t := len(p.at); t < n; t++ {
		p.at = append(p.at, func(item indicator.Item) indicator.Value { return p.value(item, t) })
	}
	p.tested = slices.Grow(p.tested[:0], n)[:n]
	p.typeOf = data.job.typeOf
	if len(data.job.parts) > 0 {
		p.values = p.sampleValues
	}
}

// value returns the value of an item in a period, at the current org unit and
// combos.
func (p *predictor) value(item indicator.Item, t int) indicator.Value {
	when := p.job.periods[t]
	if item.Kind != indicator.DataElementItem {
		return p.job.outside.at(item, p.unitID, when)
	}
	n := slices.Index(p.job.items, item)
	if n < 0 || p.attr < 0 || !within(item, when) {
		return indicator.Value{}
	}
	return p.items[p.combo][n][p.attr].value(t*p.units + p.unit)
}

// has reports whether an item has a value in a period.
func (p *predictor) has(item indicator.Item, t int) bool {
	if item.Kind != indicator.DataElementItem || p.attr < 0 {
		return !p.value(item, t).IsMissing()
	}
	n := slices.Index(p.job.items, item)
	return n >= 0 && within(item, p.job.periods[t]) && p.items[p.combo][n][p.attr].has(t*p.units+p.unit)
}

// within reports whether a period is between minDate and maxDate of an item.
func within(item indicator.Item, p period.Period) bool {
	return (item.From == 0 || p.First() >= item.From) && (item.To == 0 || p.Last() <= item.To)
}

// block computes a number of org units, beginning with first.
func (p *predictor) block(first, units int, into *predicted) error {
	p.fill(first, units)
	p.result = into
	for combo := range p.job.combos {
		for attr := range p.attrs {
			if err := p.computeParts(combo, attr); err != nil {
				return err
			}
		}
	}
	for p.unit = range units {
		if err := p.run.ctx.Err(); err != nil {
			return err
		}
		p.unitID = p.tree.At(p.job.units[first+p.unit])
		if p.atUnit(); p.ended != nil {
			return p.ended
		}
	}
	return nil
}

// atUnit computes all cells of the current org unit.
func (p *predictor) atUnit() {
	before := len(p.result.values)
	p.made = slices.Grow(p.made[:0], len(p.job.combos)*(len(p.attrs)+1)*len(p.job.outs))[:len(p.job.combos)*(len(p.attrs)+1)*len(p.job.outs)]
	clear(p.made)
	any := false
	for a := range p.attrs {
		if p.reported(a) {
			any = true
			p.atAttr(a)
		}
	}
	if !any {
		p.atAttr(-1)
	}
	p.deleted()
	slices.SortFunc(p.result.values[before:], func(a, b hmis.DataValue) int {
		return cmp.Or(a.Period.Compare(b.Period), cmp.Compare(a.OptionCombo, b.OptionCombo),
			cmp.Compare(a.AttributeCombo, b.AttributeCombo))
	})
}

// reported reports whether the current org unit has a value with an attribute
// combo, for any item and period.
func (p *predictor) reported(attr int) bool {
	for k := range p.items {
		for n := range p.items[k] {
			item := p.items[k][n][attr]
			if item == nil {
				continue
			}
			for t := range p.job.periods {
				if item.has(t*p.units + p.unit) {
					return true
				}
			}
		}
	}
	return false
}

func (p *predictor) atAttr(attr int) {
	p.attr = attr
	clear(p.tested)
	for p.out = range p.job.outs {
		for p.combo = range p.job.combos {
			if p.steps += 1 + len(p.job.samples[p.out]); p.steps > 10_000 { // this takes a few milliseconds
				p.steps, p.ended = 0, p.run.ctx.Err()
			}
			if p.ended != nil {
				return
			}
			p.cell()
		}
	}
}

// cell predicts one value.
func (p *predictor) cell() {
	job, t := p.job, p.job.outs[p.out]
	p.samples, p.sampledIn = p.samples[:0], p.sampledIn[:0]
	sampled := false
	for _, s := range job.samples[p.out] {
		if job.skip != nil && p.skips(s) {
			continue
		}
		p.sampledIn = append(p.sampledIn, s)
		sampled = sampled || p.hasSampled(s)
	}
	if !sampled && !p.due(t) {
		return
	}
	if job.quick != nil && p.attr >= 0 {
		if text, ok := p.quickText(); ok {
			p.store(t, text)
			return
		}
	}
	for _, s := range p.sampledIn {
		p.samples = append(p.samples, p.at[s])
	}
	p.failed = nil
	env := p.env(t, job.Generator.Missing, job.output.ValueType)
	env.SampleValues = p.values
	v, err := job.generator.Eval(env)
	if err = cmp.Or(err, p.failed); err != nil {
		p.fail("generator", t, err)
		return
	}
	if text, ok := indicator.Prediction(v, job.output, job.Generator.Missing); ok && isKept(job.output, text) {
		p.store(t, plain(job.output.ValueType, text))
	}
}

// plain returns a number without an exponent: 3100000000.0 for 3.1E9.
func plain(typ hmis.ValueType, text string) string {
	if !typ.IsNumeric() || !strings.Contains(text, "E") {
		return text
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return text
	}
	if text = d.String(); !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

func (p *predictor) env(t int, missing hmis.Missing, result hmis.ValueType) indicator.Env {
	return indicator.Env{Item: p.at[t], Samples: p.samples, Type: p.typeOf, Missing: missing, Result: result, Warn: p.note}
}

// due reports whether a value must be computed in output period t even if no
// sample has a value.
func (p *predictor) due(t int) bool {
	job := p.job
	has := func(item indicator.Item) bool { return p.has(item, t) }
	switch {
	case job.Generator.Missing == hmis.NeverSkip:
		return true
	case len(job.own) == 0 && len(job.sampled) == 0 && (job.skip == nil || len(job.items) == 0):
		return true
	case slices.ContainsFunc(job.own, has):
		return true
	}
	return job.skip != nil && slices.ContainsFunc(job.sampled, has)
}

// skips reports whether the skip test excludes a sample period.
func (p *predictor) skips(t int) bool {
	if p.tested[t] != untested && !p.job.forward {
		return p.tested[t] == skipped
	}
	p.tested[t] = taken
	if slices.ContainsFunc(p.job.items, func(item indicator.Item) bool { return p.has(item, t) }) {
		p.failed = nil
		v, err := p.job.skip.Eval(p.env(t, p.job.SkipTest.Missing, hmis.Boolean))
		if err = cmp.Or(err, p.failed); err != nil {
			p.fail("skip test", t, err)
		} else if yes, _ := v.Bool(); yes {
			p.tested[t] = skipped
		}
	}
	return p.tested[t] == skipped
}

// fail records that the cell has no prediction. An earlier prediction stays.
func (p *predictor) fail(where string, t int, err error) {
	if p.result.failure == nil {
		p.result.failure = fmt.Errorf("%s: %w", where, at(p.unitID, p.job.periods[t], err))
	}
	*p.madeAt() = isFailed
}

func (p *predictor) madeAt() *int8 {
	return &p.made[(p.combo*(len(p.attrs)+1)+p.attr+1)*len(p.job.outs)+p.out]
}

// store yields a predicted value, unless an equal one is already stored.
func (p *predictor) store(t int, text string) {
	if *p.madeAt() == isFailed {
		return
	}
	*p.madeAt() = isMade
	old := p.oldValue(p.attr, t)
	same := !old.IsMissing() && old.Equal(readBack(p.job.output.ValueType, text))
	switch {
	case old.IsMissing():
		p.result.counts.Inserted++
	case same:
		p.result.counts.Unchanged++
	default:
		p.result.counts.Updated++
	}
	if !same {
		p.result.values = append(p.result.values, hmis.DataValue{Key: p.key(p.attr, t), Value: text})
	}
	if p.job.forward && p.attr >= 0 {
		p.forward(t, old, readBack(p.job.output.ValueType, text))
	}
}

// readBack returns the value that expressions read from a stored text.
func readBack(typ hmis.ValueType, text string) indicator.Value {
	switch kindOf(typ) {
	case asNumber:
		d, _ := decimal.NewFromString(text)
		return indicator.Num(d)
	case asTruth:
		return indicator.Truth(text == "true")
	}
	return indicator.Text(text)
}

// oldValue returns the prediction stored before the run.
func (p *predictor) oldValue(attr, t int) indicator.Value {
	if attr < 0 {
		// The combo had no data, but the output element itself may have values.
		if attr = slices.Index(p.attrs, p.run.cube.Catalog().DefaultOptionCombo()); attr < 0 {
			return indicator.Value{}
		}
	}
	return p.old[p.combo][attr].value(t*p.units + p.unit)
}

func (p *predictor) key(attr, t int) hmis.Key {
	k := hmis.Key{
		DataElement: p.job.output.ID, OptionCombo: p.job.combos[p.combo].id,
		OrgUnit: p.unitID, Period: p.job.periods[t],
	}
	if k.AttributeCombo = p.run.cube.Catalog().DefaultOptionCombo(); attr >= 0 {
		k.AttributeCombo = p.attrs[attr]
	}
	return k
}

// forward makes a predicted value visible to later predictions.
func (p *predictor) forward(t int, old, v indicator.Value) {
	cell := t*p.units + p.unit
	for k := range p.items {
		for n, item := range p.job.items {
			takes := p.job.combos[k].takes
			id := p.job.combos[p.combo].id
			if item.ID != p.job.output.ID || !reads(item, id) || item.OptionCombo == "" && takes != nil && !takes[id] {
				continue
			}
			room := p.room(&p.items[k][n][p.attr], p.scales[n])
			total := v
			if sum, ok := room.value(cell).Decimal(); ok {
				less, _ := old.Decimal()
				if more, ok := v.Decimal(); ok {
					total = indicator.Num(sum.Sub(less).Add(more))
				}
			}
			room.set(cell, total)
			room.from[cell] = 1
		}
	}
}

// deleted yields the values that were stored before and are no longer
// predicted. It marks them as Deleted.
func (p *predictor) deleted() {
	usual := slices.Index(p.attrs, p.run.cube.Catalog().DefaultOptionCombo())
	for p.combo = range p.job.combos {
		for attr, item := range p.old[p.combo] {
			for i, t := range p.job.outs {
				p.out, p.attr = i, attr
				made := *p.madeAt()
				if attr == usual { // predictions made without data (attr -1) are stored under the default combo too
					p.attr = -1
					made = max(made, *p.madeAt())
				}
				if made == notMade && item.has(t*p.units+p.unit) {
					p.result.counts.Deleted++
					p.result.values = append(p.result.values, hmis.DataValue{Key: p.key(attr, t), Deleted: true})
				}
			}
		}
	}
}

// isKept reports whether a predicted text is stored. An empty text never is. An
// element that only allows true does not store false, and most elements do not
// store zeros.
func isKept(e hmis.DataElement, text string) bool {
	switch {
	case text == "", e.ValueType == hmis.TrueOnly && text == "false":
		return false
	case !e.ValueType.IsNumeric(), e.ZeroIsData, e.Aggregation == hmis.Average, e.Aggregation == hmis.AverageSumOrgUnit:
		return true
	}
	digits, _, _ := strings.Cut(text, "E") // such as 3.1E9
	return strings.Trim(digits, "-0.") != ""
}
