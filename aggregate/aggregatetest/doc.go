// Package aggregatetest helps to test programs that use package aggregate. It
// makes small countries from a text, runs scripts that state what queries
// answer, and compares tables with golden files. Package country has a larger
// country, which is made up too.
//
// [New] makes a country that fits into a test:
//
//	w := aggregatetest.New(t, `
//	units
//		Bo
//			Ngelehun
//			Baw
//	elements
//		BCG  number  SUM
//	load
//		BCG  Ngelehun  202401  32
//		BCG  Baw       202402   5
//	`)
//	table, err := w.Cube(t).Query(ctx, w.Query(t, "sum BCG by Bo over 2024Q1"))
//
// [Run] runs scripts. People who know health data, but not Go, can read and
// check them. The queries of a script are put to the cubes of this module, or
// to any other [Engine]:
//
//	sum BCG by Bo over 2024Q1
//		37
//
// [Conformance] runs the scripts of this module, so that another engine can be
// compared with its rules.
//
// # Scripts
//
// A script is a list of blocks. A block is a line that starts at the margin,
// and the lines below it that are indented with tabs. Some blocks describe the
// world (units, elements, sets and so on), some bring values (load, complete),
// and the others are queries with the answer that they must have. A # begins a
// comment.
//
// # The world
//
// A name is one word of up to 11 letters and digits. [ID] returns its id.
//
//	levels Country District Facility       names for levels, the highest first
//	units                                  the tree, by indentation
//		Bo  opened 2023-01-10 closed 2023-12-31
//	categories                             Sex  Male Female  [attribute]
//	options                                Male  [from 2023-01-01] [to 2023-06-30] [at Bo Baw]
//	combos                                 SexAge  Sex Age  [skiptotal]
//	groups of units|elements|options       Hospital  Bo Baw
//	groupsets of units|elements|options    Type  Hospital Clinic  [below] [attribute]
//	elements                               BCG  number SUM  [combo Sex] [levels 2 3] [zeros] [tracker]
//	sets                                   EPI  Monthly  [elements BCG] [at Bo] [timely 15] [combo Project] [after 1]
//	constants                              Three  3
//	indicators                             Rate  #{BCG} per #{Births} [times 100] [annualized] [decimals 1]
//
// A combo has an option combo for each choice of options. Its name is the names
// of the options without a blank: MaleYoung.
//
// # Values
//
//	load                                   BCG[.Male[.A]]  Bo  202401  32  [deleted] [followup]
//	load BCG                               a table: periods across, units down, - for nothing
//	complete EPI                           Bo[.A]  202401  2024-02-10[T12:30:00]  [withdrawn]
//	clear                                  forgets all values and completions
//
// # Queries
//
//	show BCG, EPI.REPORTING_RATE by District, Sex over 202401, 202402 where units Bo and Sex(Male) with unrounded
//
// A query begins with show, or with an aggregation in lower case that replaces
// each element's own: sum, average, last_in_period. Then come, in any order:
//
//   - by: org units, levels ("level 2" or their names), and axes, with their items
//     in brackets: Sex(Male), co, ao(default)
//   - over: periods, or ranges of them: 202301..202303
//   - where: what narrows without keeping apart, joined by "and": data X, Y; units
//     X; periods X; days 2023-01-01 to 2023-03-31; axes
//   - with: settings: unrounded, zeros, valid, artefacts, parts, measure GT 5,
//     values GE 3
//
// Each line below a query is one cell: the names of its data, unit, items and
// period, and its value. A name that the query has only one of can be left out.
// With several periods, the first line can have them as heads of columns; "-"
// then means no cell. An answer without cells is "nothing". A refused query is
// "error" with the code or the whole text.
//
// With parts, the numerator and denominator follow the value, and for
// indicators multiplier and divisor. Below "explain" and a query of one cell is
// its explanation, below "plan" and a query the plan.
package aggregatetest
