// Package quality reviews the quality of reported data: validation rules and
// predictors over a cube, outliers, completeness, the metrics of a data quality
// review and its scorecard.
//
//	run, err := quality.Validation{Rules: md.ValidationRules}.Run(ctx, cube, scope)
//	...
//	for _, v := range run.Violations {
//		fmt.Println(v.Rule, v.OrgUnit, v.Period, v.Left.Value, v.Operator, v.Right.Value)
//	}
//
// Outliers finds values that are far from earlier values of the same place. A
// Review computes metrics. Each metric is a struct with its thresholds as
// fields:
//
//	measures, err := review.Run(ctx, cube, quality.Reporting{DataSet: form}, quality.Extremes{Data: item})
//	...
//	card := quality.Grader{}.Grade(measures)
//
// Package integrity checks metadata, which needs no values, and package report
// writes a review as a document.
//
// Anything that cannot be computed is reported by name, and the rest is
// computed. Results have the same order for any number of workers. RULES.md
// beside this file has every rule with its source.
package quality
