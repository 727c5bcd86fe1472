// Command bench compares the speed of indicators in this library with that of
// other engines: cel-go and expr-lang/expr on doubles, and trees of closures
// over shopspring decimals and over doubles. All compute the same formulas over
// the same cells in one run, and every answer is compared.
//
//	go run . [-formulas 1000] [-cells 100000] [-peers 1000]
//
// The formulas are made up, with the shares of shapes and lengths that 1,327
// real indicators have: a fifth of the numerators are sums of twenty items or
// more, two thirds of the denominators are 1, one in fifty divides, multiplies
// or chooses inside a side. A sixth of the values is missing. Answers are
// rounded half up to four digits. The slow ones compute the first -peers cells
// of each formula only; times are per cell.
package main
