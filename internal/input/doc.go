// Package input opens the texts that readers are given: plain, in gzip or in a
// zip archive, with or without a byte order mark, but in UTF-8.
package input
