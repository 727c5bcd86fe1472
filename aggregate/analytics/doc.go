// Package analytics answers analytics requests in the form of DHIS2, so that
// existing clients can use an engine inside another program.
//
// A [Server] turns the parameters of a request into an [aggregate.Query], lets
// an [aggregate.Cube] answer it, and writes the answer exactly as DHIS2 does:
//
//	server := analytics.Server{
//		Cube:    func() *aggregate.Cube { return cube },
//		Catalog: catalog,
//		Tree:    tree,
//	}
//	http.Handle("GET /api/", server) // analytics, analytics.csv, analytics/rawData.json ...
//
// Numbers come from the engine. This package adds the parts that only DHIS2
// needs: keywords, selectors, groups, identifier schemes, the text of numbers,
// names and hierarchy, and the codes of wrong requests. RULES.md beside this
// file has the rules. They were compared with the answers of a running server,
// request by request.
//
// A server sometimes fails, loses data, ignores a parameter or answers by
// chance. This package then gives one sensible answer, whatever
// Server.ServerArtefacts says. Sorting an empty answer gives an empty answer,
// and all filters apply to raw data. Tables have numbers beside their parts,
// and a dimension with only unknown items is E7124. Offsets work for any order
// of dimensions, also in nested indicators. Errors have one form in every
// format (RULES.md#where-a-server-fails).
//
// Requests are not trusted. Server.Within restricts the data that may be seen,
// Server.Limits the resources of one request, and Server.Ceiling the memory of
// all requests together. A request stops soon after its context ends.
//
// Program data, approval levels and UUIDs as identifiers are not supported.
// DHIS2 can count violations of a validation rule under the rule's id. To do so
// here, load them as values "true" of a data element with that id, the type
// TRUE_ONLY and the aggregation COUNT.
package analytics
