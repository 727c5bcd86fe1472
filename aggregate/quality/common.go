package quality

import (
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// A commonResult is the result of a rule in all cells where none of its items
// has a value. known is false if the result depends on the org unit or cannot
// be computed.
type commonResult struct{ known, violated bool }

// withoutValues computes both sides of a rule as if every item were missing.
func (f *finding) withoutValues(rule *preparedRule) commonResult {
	var values [2]indicator.Value
	for i, side := range rule.sides {
		for item := range side.expr.Items() {
			if item.Kind != indicator.DataElementItem && !everywhere(item) {
				return commonResult{}
			}
		}
		failed := false
		v, err := side.expr.Eval(indicator.Env{
			Item: func(item indicator.Item) indicator.Value {
				if everywhere(item) {
					return f.run.outside.at(item, "", f.task.period)
				}
				return indicator.Value{}
			},
			Type: f.run.typeOf, Missing: side.missing, Result: hmis.Number,
			Warn: func(*indicator.EvalError) { failed = true },
		})
		if err != nil || failed {
			return commonResult{}
		}
		values[i] = v
	}
	return commonResult{known: true, violated: rule.rule.Compare(values[0], values[1]).Violated}
}
