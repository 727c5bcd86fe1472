// Package api serves the metadata of a [hmis.Catalog] to clients of DHIS2: a
// read-only part of its Web API, with the member names, orders, defaults, codes
// and messages of a 2.44 server.
//
//	http.Handle("/api/", &api.Server{Catalog: catalog, Tree: tree})
//
// Every kind of object has a listing such as /api/dataElements, and each object
// an address such as /api/dataElements/fbfJHSPpUQD. Both understand fields,
// filter, order, paging and query. A version in the address, such as /api/42/,
// is accepted and ignored.
//
// A request is refused if it asks for too much: fields nested more than 16
// deep or of more than 2,000 names, more than 200 filters, a filter with more
// than 20,000 values, or an address of more than 64 KiB. A page has at most
// 20,000 objects, except without paging, where the answer has them all. An
// answer may have 64 MiB.
//
// RULES.md beside this file has the rules, with examples and sources.
package api
