// Package integrity checks metadata under the names that DHIS2 gives its data
// integrity checks, with a summary for each and the objects at fault in detail.
//
//	report, err := integrity.Standard().Run(ctx, integrity.Subject{Metadata: md}, "orgunits_*", "CNO")
//	...
//	for _, r := range report.Results {
//		fmt.Println(r.Name, r.Severity, r.Count)
//	}
//
// It is a separate package because it needs no values: metadata can be checked
// without a cube. It uses [hmis.Catalog.Check], [orgunit.Tree.Check] and
// [indicator.Expr.Check]. It adds names, sections and advice, and further
// checks that compare objects.
package integrity
