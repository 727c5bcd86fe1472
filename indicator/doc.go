// Package indicator parses and evaluates the expressions of indicators,
// validation rules and predictors, for one cell or for columns of cells.
//
//	coverage := indicator.MustParse("#{fbfJHSPpUQD} / #{WUg3MYWQ7pt} * 100")
//	v, err := coverage.Eval(indicator.Env{Item: lookup}) // 75
//
// Results equal those of a DHIS2 server to the last digit. Numbers are doubles,
// but each operation works on the shortest decimal number of a double, so 0.1 +
// 0.2 is 0.3 and 4.35 * 100 is 435. A division by zero is not-a-number and no
// error.
//
// RULES.md in the folder of this package states every rule with an example and
// its source; comments name the rule that they follow.
package indicator
