// Package compute is the mechanism of the engine: it computes one thing for
// every cell of a query.
//
// A [Job] says what to compute and does not change. [Job.Compute] walks the
// values in one of five ways and returns the [Totals] of each row and place,
// which [Totals.Finish] turns into a column of cells.
package compute
