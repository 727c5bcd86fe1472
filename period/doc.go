// Package period answers questions about the time that health data are reported
// for: which days January 2024 or week 5 has, what comes next, what the last 12
// months are, and to which quarter a week belongs.
//
//	period.MustParse("2024Q1").Split(period.Monthly) // [202401 202402 202403]
//
// A [Period] is an 8-byte comparable value, a [Date] is a number of days, and a
// [Calendar] is a fixed value; all are shared freely. Periods of 23 types are
// read, written, stepped and rolled up as a DHIS2 server does it in its reliable
// behaviour; where the server is defective this package returns the sane answer
// or an error, and says so, and package compat gives the server's.
package period
