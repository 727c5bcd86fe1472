// Package conformance checks what package mcsd writes with another
// implementation of FHIR, the R4 reader of Google. It is a module of its own, so
// that users of mcsd do not get that dependency.
package conformance
