// Package period answers questions about the time that health data is reported
// for: which days January 2024 or week 5 has, what comes next, what the last 12
// months are, and in which quarter a week counts.
//
//	period.MustParse("2024Q1").Split(period.Monthly) // [202401 202402 202403]
//
// A [Period] is an 8-byte comparable value, a [Date] is a number of days, and a
// [Calendar] never changes; all are shared freely. Reading, stepping and
// rolling up do not allocate.
//
// RULES.md in the folder of this package states every rule with an example and
// its source; comments name the rule that they follow.
//
// # DHIS2
//
// The package has the 23 types of period of DHIS2 in its nine calendars, of
// which iso8601 and gregorian are one. Periods are read, written, named,
// stepped, listed and rolled up the way a server of release 2.44 does it. Where
// the server is defective, this package gives the sane answer or an error.
// These are the cases; package compat has the server's answers.
//
//   - Pagume, the five or six days after the twelfth Ethiopian month: the
//     server fails, or counts them in a period that does not contain them. Here
//     they count in Nehase and in the quarter, half and year that it ends, so
//     that a report made on them is part of the year that it is about; see
//     [Calendar.On]. So does the Coptic Nasie, which is also a month of its
//     own.
//   - Weeks and bi-weeks in other calendars than the Gregorian: the server
//     cannot read most of them, repeats numbers and stretches them over Pagume.
//     Here they are the real weeks from Monday to Sunday, or from the day of
//     the type. The fourth day decides which local year they belong to, as in
//     ISO 8601.
//   - Two, three or six Coptic months: the server counts 13 months a year in
//     some steps and 12 in others. Here they are 12, as in Ethiopia.
//   - Nepali and Persian days beyond the end of a month: the server counts on
//     into the next one. Here they are errors, as is everything beyond the
//     calendar's table, where the server guesses.
//   - 2021BiW27 and its like, in the years after one of 53 weeks: the server
//     reads it as 2022BiW1. Here it is an error. The list of a year's bi-weeks
//     is exactly those of the year.
//   - Names of Persian and Islamic months, which the server gives a month
//     early.
//   - ADX halves and years in other calendars, which the server reads as
//     another type than it wrote. Here they read back; see [Calendar.ParseISO].
//   - LAST_MONTH, LAST_3_MONTHS and their like in other calendars than the
//     Gregorian: the server subtracts Gregorian months from the day, so that
//     LAST_MONTH is sometimes THIS_MONTH, on 33 of the 1,096 days of 2024 to
//     2026 in Nepal. Here it is the month before; see [Relative.On].
//   - Ranges and ADX intervals whose days are not spelled 2024-01-31 or, in
//     ranges, 20240131, and years before 1583, the first full year of the
//     Gregorian calendar. Here they are errors.
//
// Two rules look odd but other systems rely on them, so they are kept: the year
// of a November period is the one it ends in, and a 27th bi-week overlaps the
// first bi-week of the next year.
package period
