// Package indicator computes the expressions of indicators, validation rules
// and predictors: parsed once, evaluated anywhere, for one cell or for columns
// of cells.
//
//	coverage := indicator.MustParse("#{fbfJHSPpUQD} / #{WUg3MYWQ7pt} * 100")
//	v, err := coverage.Eval(indicator.Env{Item: lookup}) // 75
//
// An expression gives what the DHIS2 server gives, to the last digit: numbers
// are doubles, but each operation works on the decimal numbers their shortest
// texts denote, so 0.1 + 0.2 is 0.3 and 4.35 * 100 is 435. A division by zero
// is not-a-number and no error.
//
// RULES.md in the folder of this package states every rule with an example and
// its source; comments name the rule that they follow.
package indicator
