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
// are the same with any number of workers. The rules are those of the analytics
// specification; each file names the section it follows.
//
// # Where a server leaves it open
//
// What a DHIS2 server leaves to chance is decided here (section 18):
//   - Of several values in a cell that takes one as it is, the one with the latest
//     days counts, or the earliest for FIRST; of equal days the one with the
//     smallest ids of org unit, option combos and data element, by bytes (A7).
//   - What is in several groups of a set counts in that with the smallest id.
//   - A financial year takes the earlier of its two data years first (A2). Data
//     years have their own days, and reports are expected period by period, unless
//     [Query.ServerArtefacts] asks for the server's way (A1, A6). Of filter periods
//     of several types, the days of the first count (A5).
//   - LAST and FIRST look no further back than the years of the query (A3).
//   - An operand is answered alone, without its cross products (A4).
//   - Modifiers around a nested indicator are those of all its items that have none
//     of their own (section 10.3). Criteria on values do not reach into a
//     subExpression, which works on a table of its own (section 13).
//
// # Metadata that contradict themselves
//
// A data element in no data set is never shown in periods shorter than its own.
// A value whose option combo does not belong to its data element, or is unknown,
// counts in totals, as itself, and in the categories of its options. Data that
// formulas name and nobody knows are missing. Indicators that lead back to
// themselves, forms without a period type, unknown constants and unknown
// aggregations are errors that name them. [hmis.Catalog.Check],
// [orgunit.Tree.Check] and [indicator.Expr.Check] find such things beforehand.
package aggregate
