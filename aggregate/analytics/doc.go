// Package analytics speaks DHIS2's analytics requests and responses, so that
// existing clients can ask an engine that is embedded in another program.
//
// A [Server] reads the parameters of a request into an [aggregate.Query], has a
// [aggregate.Cube] compute it, and writes the answer as DHIS2 does, text for
// text:
//
//	server := analytics.Server{
//		Cube:    func() *aggregate.Cube { return cube },
//		Catalog: catalog,
//		Tree:    tree,
//	}
//	http.Handle("GET /api/", server) // analytics, analytics.csv, analytics/rawData.json ...
//
// The numbers are the engine's. What is here is what only the text of DHIS2
// needs: keywords, selectors, groups written out, identifier schemes, the
// writing of numbers, names and hierarchy, and the codes of wrong requests. The
// rules are in RULES.md beside this file. They were compared with the answers
// of a running server, request by request.
//
// Where a server fails, loses data, ignores what was asked or answers by
// chance, the answer here is the sane one, always the same, whatever
// Server.ServerArtefacts says. So an order on an empty answer is the empty
// answer; raw data is narrowed by all filters; tables have their numbers beside
// their parts; items that are all unknown are E7124; offsets work whatever the
// order of dimensions, and of nested indicators too; errors have one form in
// every format (RULES.md#where-a-server-fails).
//
// A request comes from outside. Server.Within says what may be seen,
// Server.Limits what one request may use, and Server.Ceiling what all of them
// hold together. A request stops soon after its context ends.
//
// Program data, approval levels and outliers are not here, nor are UUIDs as an
// identifier scheme, which metadata of this library do not have. Violations of
// validation rules, which DHIS2 answers under the id of the rule, are counted
// if they are loaded as values "true" of a data element with that id, the type
// TRUE_ONLY and the aggregation COUNT.
package analytics
