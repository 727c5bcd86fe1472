// Package compat answers questions about periods as a DHIS2 server of release
// 2.44 does, defects included. It is for software that must agree with a server
// where package period prefers to be right or to refuse: migrations, comparisons,
// a stand-in for the server in tests.
//
//	ethiopia := compat.Server{Calendar: period.Ethiopian}
//	p, err := ethiopia.On(period.Quarterly, pagume) // the first quarter of the next year
//
// It differs from package period in what the periods specification calls tier 2:
//
//   - weeks and bi-weeks of calendars other than the Gregorian (section 18), whose
//     identifiers the server cannot read, counts by Mondays whatever the first
//     day is, repeats at the end of a year, and in Ethiopia stretches over Pagume;
//   - Ethiopian days in Pagume, which are errors or belong to a period that does
//     not contain them (17.2), and the Coptic month 13, across which months are
//     miscounted (16);
//   - Nepali and Persian days that do not exist, which are counted through
//     (17.1), and years beyond their tables (15);
//   - relative periods before the current one, which the server finds by Gregorian
//     months in every calendar (17.1);
//   - a BiW27 in the year after one of 53 weeks (4.3), lists of the bi-weeks of a
//     year (7.1), names in Persian and Islamic years (12), the ADX text of halves
//     and years (14), and spellings of dates (13, 14).
//
// Everything else is the same. Where the server fails with an exception, the
// answer is an error. The package favours plainness over speed.
package compat
