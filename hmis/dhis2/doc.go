// Package dhis2 reads and writes the files of DHIS2: metadata, data values,
// completions and import summaries, as servers of all ages write them.
//
//	md, err := dhis2.ReadMetadata(metadata)
//	...
//	for v, err := range dhis2.ReadValues(values) {
//		...
//	}
//
// Every reader reads JSON, recognises gzip and zip by their first bytes, skips
// a byte order mark, and reads its input piece by piece. Beside what it returns
// and a zip archive, memory depends on the largest object or row, not on the
// file. [Format] reads and writes data values in CSV and XML too, with codes or
// names in place of ids, and in columns.
//
// What cannot be read is a [ReadError] with its place, and nothing that could
// distinguish two values is passed over. Inputs are not trusted: an object of
// metadata may have 64 MiB and 1000 members, a row of data values 4 MiB, and
// both 64 levels of nesting. All metadata of an input may need 1 GiB, the
// values that wait for a default 256 MiB, and the issues of an answer 128 MiB.
// The text of gzip or zip may be 64 MiB, or else 200 times as long as its
// bytes, and a zip archive has one file and at most 64 MiB. Everything beyond is
// such an error. [WithContext] ends the reading of a long input.
//
// RULES.md beside this file has the rules, with examples and sources.
package dhis2
