// Package compat answers questions about periods as a DHIS2 server of release
// 2.44 does, defects included. Use it where software must agree with a server,
// even where package period gives the right answer or an error instead:
// migrations, comparisons, and tests that replace a server. The rules are in
// RULES.md of package period, from "Server calendars" on.
//
//	ethiopia := compat.Server{Calendar: period.Ethiopian}
//	p, err := ethiopia.On(period.Quarterly, pagume) // the first quarter of the next year
//
// It differs from package period in these matters:
//
//   - Weeks and bi-weeks of calendars other than the Gregorian. The server
//     cannot read most of their identifiers, counts by Mondays whatever the
//     first day is, repeats numbers at the end of a year, and in Ethiopia
//     stretches weeks over Pagume (RULES.md#server-weeks).
//   - Ethiopian days in Pagume, which are errors or belong to a period that
//     does not contain them, and the Coptic month 13, across which months are
//     miscounted (RULES.md#server-arithmetic).
//   - Nepali and Persian days that do not exist, which are counted on into the
//     next month, and years beyond their tables (RULES.md#server-calendars).
//   - Relative periods before the current one, which the server finds by
//     Gregorian months in every calendar, and lists of the bi-weeks of a year
//     (RULES.md#server-lists).
//   - A BiW27 in the year after one of 53 weeks, names in Persian and Islamic
//     years, the ADX text of halves and years, and spellings of dates
//     (RULES.md#server-texts).
//
// Everything else is the same. Where the server fails with an exception, the
// answer is an error. The package favours plainness over speed.
package compat
