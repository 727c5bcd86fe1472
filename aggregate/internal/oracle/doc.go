// Package oracle computes the answers of queries slowly and plainly: it walks a
// table of values from one end to the other for each cell, with fractions in
// place of numbers. It is the readable statement of aggregate/RULES.md, rule by
// rule, and shares no code with the engine, which tests compare with it on
// random countries and queries.
//
//   - oracle.go: which values count in a cell, look-back, and the number as shown
//   - combine.go: the values of a cell become one number, and data that is
//     collected less often than it is asked for
//   - rates.go: reports that are expected, and those that came
//   - formula.go: indicators, shifted periods and subexpressions
package oracle
