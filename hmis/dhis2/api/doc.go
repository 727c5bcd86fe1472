// Package api serves the metadata of a [hmis.Catalog], and data values, to
// clients of DHIS2. It is a part of the Web API, with the member names, orders,
// defaults, codes and messages of a 2.44 server. Metadata can only be read.
//
//	http.Handle("/api/", &api.Server{Catalog: catalog, Tree: tree})
//
// Every kind of object has a listing such as /api/dataElements, and each object
// an address such as /api/dataElements/fbfJHSPpUQD. Both understand fields,
// filter, order, paging and query. A version in the address, such as /api/42/,
// is accepted and ignored.
//
// What clients ask when they start is answered too: system/info, me, settings,
// schemas, types of period. With Server.Values and Server.Completions so are
// dataValueSets and completeDataSetRegistrations, and with Server.Analytics
// everything below /api/analytics.
//
// With Server.Store values and completions can also be posted to these two
// addresses, in JSON, XML, CSV or ADX, and the answer is an import summary
// (RULES.md#posting). Values pass the gate that also other imports use.
//
// Without Server.Authenticate everyone who reaches the server sees all metadata
// and values, and nobody may post. A user who may post may do so for all org
// units.
//
// A request that asks for too much is refused: fields nested more than 16 deep
// or of more than 2,000 names, more than 200 filters or 20,000 values in one, a
// page of more than 100,000 objects, an address of more than 64 KiB, a posted
// body of more than 64 MiB, or an answer of more than 64 MiB or 500,000 values
// (RULES.md#limits).
//
// RULES.md beside this file has the rules, with examples and sources.
package api
