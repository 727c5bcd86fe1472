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
package aggregate
