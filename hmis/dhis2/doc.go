// Package dhis2 reads and writes the files of DHIS2: metadata, data values,
// completions and import summaries, as servers of all ages write them.
//
//	md, err := dhis2.ReadMetadata(metadata)
//	...
//	for v, err := range dhis2.ReadValues(values) {
//		...
//	}
//
// Every reader takes JSON, recognises gzip by its first bytes and a byte order
// mark, and reads its input as it goes: beside what it returns, memory depends
// on the largest object or row, not on the file. [Format] reads and writes data
// values in CSV and XML too, with codes or names in place of ids, and in columns.
//
// What a reader cannot make sense of is a [ReadError] with its place. Inputs are
// not trusted: an object of metadata may have 64 MiB and 1000 members, a row of
// data values 4 MiB, and both 64 levels of nesting; everything beyond is such an
// error.
package dhis2
