// Package rule says how an aggregation combines values: its two halves, over
// time and over org units, and the class of the values it combines.
package rule
