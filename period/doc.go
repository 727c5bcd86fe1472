// Package period answers questions about the time that health data are reported
// for: which days January 2024 or week 5 has, what comes next, what the last 12
// months are, and to which quarter a week belongs.
//
//	period.MustParse("2024Q1").Split(period.Monthly) // [202401 202402 202403]
//
// A [Period] is an 8-byte comparable value, a [Date] is a number of days, and a
// [Calendar] is a fixed value; all are shared freely. Reading, stepping and
// rolling up do not allocate.
//
// # DHIS2
//
// There are the 23 types of period that DHIS2 has, in its nine calendars, of which
// iso8601 and gregorian are one, and they are read, written, named, stepped,
// listed and rolled up as a server does it (release 2.44), with one exception:
// where the server is defective, this package gives the sane answer or an error.
// These are the cases; package compat has the server's answers.
//
//   - Pagume, the five or six days after the twelfth Ethiopian month: the server
//     fails, or counts them in a period that does not contain them. Here they
//     count in Nehase and the quarter, half and year that it ends, so that a
//     report made then is part of the year that it is about; see [Calendar.On].
//     The same holds for the Coptic Nasie, which is also a month of its own.
//   - Weeks and bi-weeks in other calendars than the Gregorian: the server cannot
//     read most of them, repeats numbers and stretches them over Pagume. Here
//     they are the real weeks from Monday to Sunday (or from the day of the
//     type), and the fourth day decides of which local year they are, as ISO
//     8601 has it; in Nepal the web applications of DHIS2 do the same.
//   - Two, three or six Coptic months: the server counts 13 months a year in
//     some steps and 12 in others. Here they are 12, as in Ethiopia.
//   - Nepali and Persian days beyond the end of a month: the server counts
//     through into the next one. Here they are errors, as is everything beyond
//     the calendar's table, where the server guesses.
//   - 2021BiW27 and its like, in the years after one of 53 weeks: the server
//     takes it for 2022BiW1. Here it is an error. The list of a year's bi-weeks
//     is exactly those of the year.
//   - Names of Persian and Islamic months, which the server gives a month early.
//   - ADX halves and years in other calendars, which the server takes for
//     another type than it wrote. Here they read back; see [Calendar.ParseISO].
//   - LAST_MONTH, LAST_3_MONTHS and their like in other calendars than the
//     Gregorian: the server takes Gregorian months off the day, so that
//     LAST_MONTH is sometimes THIS_MONTH, on 33 of the 1,096 days of 2024 to
//     2026 in Nepal. Here it is the month before; see [Relative.On].
//   - Ranges and ADX intervals whose days are not spelled 2024-01-31 or, in
//     ranges, 20240131; and years before 1583, when the Gregorian calendar was
//     new. Here they are errors.
//
// What looks odd but is relied upon is kept: the year of November periods is the
// one they end in, and a 27th bi-week overlaps the first of the next year.
package period
