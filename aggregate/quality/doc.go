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
// Outliers finds values far from what the same place reported before, and a Review
// computes metrics, each a value with its thresholds as fields:
//
//	measures, err := review.Run(ctx, cube, quality.Reporting{DataSet: form}, quality.Extremes{Data: item})
//	...
//	card := quality.Grader{}.Grade(measures)
//
// Checks of metadata are in package integrity below this one, because they need no
// values; package report beside it writes a review for people. The rules, with their
// sources, are in RULES.md.
//
// What cannot be computed is reported by name, and everything else still is.
// Results are the same, in the same order, for any number of workers. RULES.md
// beside this file has every rule with its source.
package quality
