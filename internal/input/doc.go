// Package input opens texts in UTF-8: plain, in gzip or in a zip archive, with
// or without a byte order mark.
package input
