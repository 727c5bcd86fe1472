// Package aggregate answers questions about reported values: totals of data
// elements, indicators and reporting rates, for any org units and periods.
//
// A [Loader] reads a stream of values into a [Cube]; the Cube answers a [Query]
// with a [Table]; and a Table is a stream of values again:
//
//	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(ctx, values)
//	...
//	table, err := cube.Query(ctx, aggregate.Query{
//		Data:     []indicator.Item{{ID: "Uvn6LCg7dVU"}},
//		OrgUnits: tree.AtLevel(2),
//		Periods:  period.MustParse("2024").Split(period.Quarterly),
//	})
//
// The numbers are those of DHIS2's aggregate analytics, to the last digit, but
// exact: sums are integers with a decimal scale, never floating point, and they
// are the same with any number of workers. RULES.md beside this file has every
// rule with its source and an example, and a glossary of the words that this
// code uses in a narrow sense.
//
// # Where a server leaves it open
//
// What a DHIS2 server leaves to chance is decided in
// RULES.md#what-a-server-leaves-open: ties by the smallest ids, groups by the
// smallest id, years in order. [Query.ServerArtefacts] reproduces two faults of
// a server for comparisons (RULES.md#server-artefacts).
//
// # Metadata that contradicts itself
//
// Unknown option combos and data that nobody knows do not end a query; circles
// and unknown constants do (RULES.md#contradictory-metadata).
// [hmis.Catalog.Check], [orgunit.Tree.Check] and [indicator.Expr.Check] find
// such things beforehand.
package aggregate

// How this package reads, from the top. A query (query.go) is checked
// (check.go) and what it names is looked up (resolve.go). A planner makes jobs
// of it (planner.go, planrows.go), which are computed and finished in
// internal/compute. An evaluator keeps what formulas share (components.go), and
// an execution answers data items side by side (execution.go). The answer is a
// table (table.go). Cube and its columns are made by the loader (load.go,
// staging.go).
