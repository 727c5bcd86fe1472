package quality

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A predictorRun is one run of a Prediction.
type predictorRun struct {
	Prediction
	ctx   context.Context
	cube  *aggregate.Cube // the cube with the values read; predictions are added if later predictors read them
	scope Scope
	where []bool // for each position in the tree, whether values are predicted at its org unit; nil means all
	told  map[hmis.UID]bool
	types func(indicator.Item) hmis.ValueType
}

// A predictorJob is a predictor that is ready to be computed. If its generator
// is repeated for each member of a group, there is one job for each member.
type predictorJob struct {
	*hmis.Predictor
	output    hmis.DataElement
	combos    []outputCombo
	generator *indicator.Expr
	skip      *indicator.Expr // the skip test; nil if there is none
	forward   bool            // the generator reads predictions of this run

	items   []indicator.Item // the stored values that the generator or the skip test reads
	types   []hmis.ValueType // the value types of items
	own     []indicator.Item // the data that the generator reads in the output period
	sampled []indicator.Item // the data that the generator reads in sample periods
	// parts says which parts of the generator are computed in columns.
	// [indicator.Expr.EvalSamples] has the numbers of parts.
	parts     []bool
	sampledAt []int // indexes in items of the sampled items; nil if some of them are not plain values
	quick     *quick
	outside   *outside

	units   []int // positions of the predicted org units, ascending
	periods []period.Period
	outs    []int   // indexes in periods of the predicted periods, oldest first
	samples [][]int // for each of outs, the indexes of its sample periods in periods
}

// An outputCombo is an option combo for which values are predicted.
type outputCombo struct {
	id hmis.UID
	// takes lists the option combos of the input that count in a total. Nil
	// means all option combos.
	takes map[hmis.UID]bool
}

// run computes all predictors. It ends without an error if yield returns false.
func (r *predictorRun) run(yield func(hmis.DataValue) bool) error {
	r.told, r.types = map[hmis.UID]bool{}, indicator.Types(r.cube.Catalog())
	err := r.ctx.Err()
	if err != nil {
		return err
	}
	if r.scope.OrgUnits, r.where, err = placesOf(r.cube.Tree(), r.scope.OrgUnits, false, r.Reject); err != nil {
		return err
	}
	q := predictorQueue{run: r, yield: yield}
	for i := range r.Predictors {
		if more, err := r.enqueue(&q, i); err != nil || !more {
			return err
		}
	}
	_, err = q.flush()
	return err
}

// enqueue adds the jobs of predictor i to a queue.
func (r *predictorRun) enqueue(q *predictorQueue, i int) (more bool, err error) {
	p := &r.Predictors[i]
	jobs, errs := r.jobs(p)
	for _, err := range errs {
		if more, err := q.add(queuedJob{predictor: p, err: err}); err != nil || !more {
			return false, err
		}
	}
	counts := &PredictionCounts{}
	for n, job := range jobs {
		last := n+1 == len(jobs)
		shared := !last || r.isRead(i+1, job.Output, job.output.ID)
		more, err := q.add(queuedJob{predictor: p, job: job, shared: shared, counts: counts, last: last})
		if err != nil || !more {
			return false, err
		}
	}
	return true, nil
}

// isRead reports whether predictor i or a later one reads or predicts a data
// element.
func (r *predictorRun) isRead(i int, elements ...hmis.UID) bool {
	for _, p := range r.Predictors[i:] {
		for _, id := range elements {
			if p.Output == id || mentions(p.Generator.Text, id) || mentions(p.SkipTest.Text, id) {
				return true
			}
		}
	}
	return false
}

// reject calls Reject for a predictor, once.
func (r *predictorRun) reject(p *hmis.Predictor, err error) error {
	if r.told[p.ID] {
		return nil
	}
	r.told[p.ID] = true
	return rejected(r.Reject, hmis.Ref{Kind: hmis.KindPredictor, ID: p.ID}, err)
}

// jobs returns the jobs of a predictor, and the reasons why it cannot be computed
// for all or some of its outputs.
func (r *predictorRun) jobs(p *hmis.Predictor) (list []*predictorJob, errs []error) {
	each, err := indicator.ParseForEach(p.Generator.Text)
	if err != nil {
		return nil, []error{fmt.Errorf("generator: %w", err)}
	}
	outputs := []hmis.UID{p.Output}
	if each.Group != "" {
		group, ok := hmis.Find[hmis.Group](r.cube.Catalog(), each.Group)
		if !ok {
			return nil, []error{fmt.Errorf("generator: no data element group %s", each.Group)}
		}
		outputs = group.Members
	}
	for _, output := range outputs {
		job, err := r.job(p, each, output)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list = append(list, job)
	}
	return list, errs
}

// job returns the job for one output element. The error is the reason why it
// cannot be computed.
func (r *predictorRun) job(p *hmis.Predictor, each indicator.ForEach, output hmis.UID) (*predictorJob, error) {
	job := &predictorJob{Predictor: p, outside: newOutside(r.ctx, r.cube)}
	var ok bool
	if job.output, ok = hmis.Find[hmis.DataElement](r.cube.Catalog(), output); !ok {
		return nil, fmt.Errorf("output: no data element %s", output)
	}
	if kindOf(job.output.ValueType) == unread {
		return nil, fmt.Errorf("output: data element %s is of type %s, which no expression gives", output, job.output.ValueType)
	}
	if p.Period == 0 {
		return nil, errors.New("no period type")
	}
	var err error
	if job.generator, err = each.For(output); err != nil {
		return nil, fmt.Errorf("generator: %w", err)
	}
	if p.SkipTest.Text != "" {
		if job.skip, err = indicator.InSkipTest.Parse(p.SkipTest.Text); err != nil {
			return nil, fmt.Errorf("skip test: %w", err)
		}
	}
	if p.Sequential > maxSamples || p.Annual > maxSamples || sampleCount(p) > maxSamples {
		return nil, fmt.Errorf("more than %d sample periods", maxSamples)
	}
	if err := job.read(r); err != nil {
		return nil, err
	}
	if err := job.place(r); err != nil {
		return nil, err
	}
	job.outputCombos(r.cube.Catalog())
	job.findParts()
	job.quick = job.quickOf()
	return job, job.time(r)
}

// read sets the items that the generator and the skip test read.
func (job *predictorJob) read(r *predictorRun) error {
	for _, e := range []*indicator.Expr{job.generator, job.skip} {
		if e == nil {
			continue
		}
		for item := range e.Items() {
			switch item.Kind {
			case indicator.DataElementItem:
				if !slices.Contains(job.items, item) {
					job.items = append(job.items, item)
					job.types = append(job.types, r.types(item))
				}
				doubt(r.Warn, hmis.Ref{Kind: hmis.KindPredictor, ID: job.ID}, r.cube.Catalog(), item)
			case indicator.ProgramIndicatorItem, indicator.ProgramElementItem, indicator.ProgramAttributeItem:
				return fmt.Errorf("%s is of a program, which a cube does not hold", item)
			}
			job.outside.prepare(item)
		}
	}
	job.own = slices.Collect(job.generator.OutputItems())
	job.sampled = slices.Collect(job.generator.SampledItems())
	for _, item := range job.items {
		if item.ID == job.output.ID {
			job.forward = true
		}
	}
	return nil
}

// typeOf returns the value type of an item.
func (job *predictorJob) typeOf(item indicator.Item) hmis.ValueType {
	if n := slices.Index(job.items, item); n >= 0 {
		return job.types[n]
	}
	return hmis.Number
}

// place sets units to the org units at the levels of the predictor.
func (job *predictorJob) place(r *predictorRun) error {
	var levels []int
	for _, id := range job.Levels {
		level, ok := hmis.Find[hmis.OrgUnitLevel](r.cube.Catalog(), id)
		if !ok {
			return fmt.Errorf("no org unit level %s", id)
		}
		levels = append(levels, level.Level)
	}
	if len(levels) == 0 {
		return errors.New("no org unit levels")
	}
	tree := r.cube.Tree()
	for pos := range tree.Len() {
		if (r.where == nil || r.where[pos]) && slices.Contains(levels, tree.LevelAt(pos)) {
			job.units = append(job.units, pos)
		}
	}
	return nil
}

// outputCombos sets the option combos that are predicted, and the input that
// counts in each. If a category of the input has an option of the output combo,
// only input with that option counts.
func (job *predictorJob) outputCombos(c *hmis.Catalog) {
	usual := c.DefaultOptionCombo()
	combo := c.CategoryCombo(job.output.ID, "")
	switch {
	case job.OutputOptionCombo != "" && job.OutputOptionCombo != usual:
		job.combos = []outputCombo{{id: job.OutputOptionCombo}}
		return
	case combo == c.CategoryCombo("", "") || combo == "" || len(c.OptionCombos(combo)) == 0:
		job.combos = []outputCombo{{id: usual}}
		return
	}
	for _, id := range c.OptionCombos(combo) {
		out, _ := hmis.Find[hmis.OptionCombo](c, id)
		takes := map[hmis.UID]bool{}
		for input := range hmis.All[hmis.OptionCombo](c) {
			takes[input.ID] = contributes(c, input, out.Options)
		}
		job.combos = append(job.combos, outputCombo{id, takes})
	}
}

// contributes reports whether values of an option combo count in the output
// combo that has these options.
func contributes(c *hmis.Catalog, input hmis.OptionCombo, options []hmis.UID) bool {
	combo, _ := hmis.Find[hmis.CategoryCombo](c, input.CategoryCombo)
	for _, id := range combo.Categories {
		category, _ := hmis.Find[hmis.Category](c, id)
		shared := slices.ContainsFunc(category.Options, func(o hmis.UID) bool { return slices.Contains(options, o) })
		if has, ok := c.Option(input.ID, id); shared && !(ok && slices.Contains(options, has)) {
			return false
		}
	}
	return true
}

// time sets the predicted periods and their sample periods.
func (job *predictorJob) time(r *predictorRun) error {
	outs, err := spanOf(r.cube, r.scope).periods(job.Period)
	if err != nil {
		return err
	}
	if len(outs)*sampleCount(job.Predictor) > maxSamplesOfRun {
		return fmt.Errorf("more than %d sample periods of all %d periods predicted", maxSamplesOfRun, len(outs))
	}
	slices.SortFunc(outs, period.Period.Compare)
	at := map[period.Period]int{}
	index := func(p period.Period) int {
		i, ok := at[p]
		if !ok {
			i = len(job.periods)
			at[p] = i
			job.periods = append(job.periods, p)
		}
		return i
	}
	for _, p := range outs {
		job.outs = append(job.outs, index(p))
		samples := []int{}
		for _, q := range SamplePeriods(*job.Predictor, p) {
			samples = append(samples, index(q))
		}
		job.samples = append(job.samples, samples)
	}
	return nil
}
