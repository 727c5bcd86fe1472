// Package post sends ADX messages over HTTP and receives them (IHE QRPH-53, POST
// ADX Content).
//
//	http.Handle("/adx", post.Handler{Import: adx.Import{
//		Mapper: adx.Mapper{Catalog: catalog},
//		Store:  database,
//	}})
//
// A [Handler] answers with what became of the values. A [Client] sends a message,
// again if that may help, and reads such answers: its own, those of DHIS2, and
// OperationOutcomes of FHIR servers.
//
// What both do is in RULES.md (RULES.md#transport).
package post
