// Package aggregatetest helps to test what is computed with package aggregate: it
// makes small countries from a text, runs scripts that state what queries answer,
// and compares tables with golden files. Package country beside it is a larger
// made-up country.
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
// [Run] runs scripts, which somebody who knows health data and not Go can read and
// check. They are put to the cubes of this module, or to any [Engine]:
//
//	sum BCG by Bo over 2024Q1
//		37
//
// # Scripts
//
// A script is a list of blocks: a line that starts at the margin, and the
// indented lines below it. Some blocks describe the world (units, elements, sets
// and so on), some bring values (load, complete), and the others are queries
// with the answer that they must have. What follows a # is a comment.
//
// # The world
//
// Names are one word of up to 11 letters and digits; [ID] returns the id that a
// name stands for.
//
//	levels Country District Facility       names for levels, topmost first
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
// A combo has an option combo for each choice of options, named by the options
// put together: MaleYoung.
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
// each element's own: sum, average, last_in_period. "by" lists org units, levels
// ("level 2" or their names) and axes; items of an axis stand in brackets:
// Sex(Male), co, ao(default). "over" lists periods, or ranges of them
// (202301..202303). "where" narrows without keeping apart: data X, Y; units X;
// periods X; days 2023-01-01 to 2023-03-31; axes. "with" takes unrounded, zeros,
// valid, artefacts, parts, measure GT 5, values GE 3.
//
// The lines below have one cell each: what names it, then its value. What the
// query has only one of is left out. With several periods the first line may
// have them as heads of columns, - for no cell. An answer without cells is
// "nothing"; a refused query is "error" and the code or the whole text. With
// parts, values are followed by numerator and denominator, and of indicators by
// multiplier and divisor. "explain" before a query of one cell has its
// explanation below, "plan" before any query the way it is computed, as it would
// be without the other ways to ask it.
package aggregatetest
