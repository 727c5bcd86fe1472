// Package dhis2 reads and writes the files of DHIS2: metadata, data values,
// completions and import summaries, as servers of every release write them.
//
//	md, err := dhis2.ReadMetadata(metadata)
//	...
//	for v, err := range dhis2.ReadValues(values) {
//		...
//	}
//
// Every reader accepts JSON, also in gzip or zip, and skips a byte order mark.
// Input is read piece by piece: memory depends on the largest object or row and
// not on the length of the file, except for results and zip archives. [Format]
// reads and writes data values in CSV and XML too, with codes or names in place
// of ids, and in columns.
//
// A [ReadError] says where a fault is. Nothing that could distinguish two
// values is ignored. Limits protect against hostile input: 64 MiB and 1000
// members for an object of metadata, 4 MiB for a row of data values, and 64
// levels of nesting. The metadata of one input may take up to 1 GiB of memory,
// values that wait for a default 256 MiB, and the issues of an answer 128 MiB.
// Decompressed text may be up to 64 MiB long, or 200 times the length of its
// input if that is more. A zip archive must contain exactly one file and be at
// most 64 MiB long. [WithContext] stops the reading of a long input.
//
// RULES.md beside this file has the rules, with examples and sources.
package dhis2
