// Package post sends ADX messages over HTTP and receives them (IHE QRPH-53, POST
// ADX Content).
//
//	http.Handle("/adx", post.Handler{Import: adx.Import{
//		Mapper: adx.Mapper{Catalog: catalog},
//		Store:  database,
//	}})
//
// A [Handler] imports messages and answers with a report. A [Client] sends
// messages, retries if that may help, and reads the answers of a Handler, of
// DHIS2 and of FHIR servers (RULES.md#transport).
package post
