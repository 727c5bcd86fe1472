// Package integrity checks metadata under the names that DHIS2 gives its data
// integrity checks, with a summary for each and the objects at fault in detail.
//
//	report, err := integrity.Standard().Run(ctx, integrity.Subject{Metadata: md}, "orgunits_*", "CNO")
//	...
//	for _, r := range report.Results {
//		fmt.Println(r.Name, r.Severity, r.Count)
//	}
//
// It is a package of its own because it needs no values: whoever reads a metadata
// export can check it without a cube. What [hmis.Catalog.Check],
// [orgunit.Tree.Check] and [indicator.Expr.Check] know comes from them; this
// package gives the checks names, sections and advice, and adds those that look
// across objects.
package integrity
