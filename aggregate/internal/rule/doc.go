// Package rule says how an aggregation combines values: its two halves, over
// time and over org units, and the class of values that it meets.
package rule
