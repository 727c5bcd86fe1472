package period_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// TestRules checks the examples of RULES.md, section by section.
func TestRules(t *testing.T) {
	equal := func(want string, got ...any) {
		t.Helper()
		require.Equal(t, want, show(got...))
	}
	in := func(c *period.Calendar, id string) period.Period {
		t.Helper()
		p, err := c.Parse(id)
		require.NoError(t, err)
		return p
	}
	span := func(id string) string {
		t.Helper()
		p := in(period.Gregorian, id)
		return show(p.First(), p.Last())
	}
	failed := func(id string) period.Type {
		t.Helper()
		_, err := period.Parse(id)
		require.Error(t, err)
		return err.(*period.ParseError).Type
	}
	on := func(r period.Relative, date string, c *period.Calendar) []period.Period {
		return r.On(period.Clock{Today: day(date), Calendar: c})
	}

	// RULES.md#period-types
	equal("2023-11-01 2024-01-31", span("2024NovQ1"))
	equal("2024-04-01 2025-03-31", span("2024April"))
	equal("52 3", period.Yearly.Frequency()/period.Weekly.Frequency(), period.Quarterly.Frequency()/period.Monthly.Frequency())
	_, err := period.ParseType("TwoYearly")
	require.Error(t, err)

	// RULES.md#identifiers
	equal("2024W9 202402 20240229", in(nil, "2024W09"), in(nil, "2024-02"), in(nil, "2024-02-29"))
	require.Equal(t, period.Quarterly, failed("2024Q5"))
	require.Zero(t, failed("2024w9"))
	require.Equal(t, period.Daily, failed("20242025"))

	// RULES.md#months-and-longer
	equal("2024-10-01 2025-03-31", span("2024AprilS2"))

	// RULES.md#weeks
	equal("2020W53 2021WedW1", period.Weekly.On(day("2020-12-28")), period.WeeklyWednesday.On(day("2020-12-30")))
	equal("2020-12-28 2021-01-03", span("2020W53"))

	// RULES.md#bi-weeks
	equal("2020-12-28 2021-01-10", span("2020BiW27"))
	equal("2021BiW1", period.BiWeekly.On(day("2021-01-05")))
	require.Equal(t, period.BiWeekly, failed("2021BiW27"))

	// RULES.md#the-period-of-a-day
	january := day("2024-01-31")
	equal("2024NovQ1 2024W5 2023Oct", period.QuarterlyNov.On(january), period.Weekly.On(january), period.FinancialOct.On(january))

	// RULES.md#steps
	equal("2020BiW27 2021BiW1 2020BiW26", in(nil, "2020BiW26").Add(1), in(nil, "2020BiW27").Add(1), in(nil, "2021BiW1").Add(-1))

	// RULES.md#lists-of-a-year
	wednesdays := period.Gregorian.Year(period.WeeklyWednesday, day("2020-05-01"))
	equal("2021WedW1", wednesdays[len(wednesdays)-1])
	fridays := period.Gregorian.Year(period.WeeklyFriday, day("2024-05-01"))
	equal("2024FriW52", fridays[len(fridays)-1])

	// RULES.md#lists-between-days
	equal("[20240101 20240102]", period.Gregorian.Between(period.Daily, day("2024-01-01"), day("2024-01-03")))
	equal("[202401 202402]", period.Gregorian.Between(period.Monthly, day("2024-01-15"), day("2024-02-02")))

	// RULES.md#roll-up
	rolled := func(id string, to period.Type) period.Period {
		p, _ := in(nil, id).In(to)
		return p
	}
	equal("202402 2023 true", rolled("2024W5", period.Monthly), rolled("2024NovS1", period.Yearly), rolled("2024Q1", period.QuarterlyNov).IsZero())

	// RULES.md#relative-periods
	equal("[202402] [202401B]", on(period.LastMonth, "2024-03-31", nil), on(period.LastBiMonth, "2024-03-31", nil))
	equal("202306B", on(period.Last6BiMonths, "2024-03-31", nil)[5])
	equal("2021W1 [2020W53]", on(period.WeeksThisYear, "2021-01-03", nil)[0], on(period.ThisWeek, "2021-01-03", nil))

	// RULES.md#local-relative-periods
	equal("[208103] [208102]", on(period.ThisMonth, "2024-07-15", period.Nepali), on(period.LastMonth, "2024-07-15", period.Nepali))

	// RULES.md#year-to-date
	equal("[2023NovQ2 2023NovQ3 2023NovQ4 2024NovQ1]", in(nil, "2024NovQ1").YearToDate())

	// RULES.md#names
	equal("October - March 2025", in(nil, "2024AprilS2").Name())
	equal("Week 9 - 2024-02-26 - 2024-03-03", in(nil, "2024W9").Name())

	// RULES.md#ranges-of-days
	first, last, err := period.ParseRange("20240131_2024-01-01")
	require.NoError(t, err)
	equal("2024-01-31 2024-01-01", first, last)

	// RULES.md#iso-intervals
	for text, want := range map[string]string{"2023-11-01/P3M": "2024NovQ1", "2024-01-01/P3M": "2024Q1", "2024-02-01/P1Y": "2024Feb"} {
		p, err := period.ParseISO(text)
		require.NoError(t, err)
		equal(want, p)
	}
	_, err = period.ParseISO("2024-01-02/P1M")
	require.Error(t, err)

	// RULES.md#snapped-intervals
	for text, want := range map[string]string{"2024-02-01/P3M": "2024Q1", "2024-01-18/P14D": "2024BiW2"} {
		p, err := period.Gregorian.SnapISO(text)
		require.NoError(t, err)
		equal(want, p)
	}
	_, err = period.Gregorian.SnapISO("2024-01-02/P7D")
	require.Error(t, err)

	// RULES.md#calendars
	for _, tt := range []struct {
		c    *period.Calendar
		year int
		want string
	}{{period.Ethiopian, 2012, "2019-09-12"}, {period.Islamic, 1445, "2023-07-19"}, {period.Julian, 2000, "2000-01-14"}} {
		d, err := tt.c.Date(tt.year, 1, 1)
		require.NoError(t, err)
		equal(tt.want, d)
	}

	// RULES.md#tables-of-months
	table, _ := period.Nepali.Table()
	year := table.Months[2083-table.Year]
	equal("31 29", year[5], year[9])
	year[5], year[9] = 30, 30
	own, err := corrected(t).Parse("208307")
	require.NoError(t, err)
	ownTable, _ := own.Calendar().Table()
	require.Equal(t, year, ownTable.Months[2083-table.Year])
	equal("2026-10-17 2026-10-18", own.First(), in(period.Nepali, "208307").First())

	// RULES.md#days-after-month-twelve
	pagume := day("2020-09-08")
	equal("201212 2012Q4 2012", period.Ethiopian.On(period.Monthly, pagume), period.Ethiopian.On(period.Quarterly, pagume), period.Ethiopian.On(period.Yearly, pagume))
	require.True(t, period.Ethiopian.On(period.Daily, pagume).IsZero())
	whole := in(period.Ethiopian, "2012")
	equal("2019-09-12 2020-09-05 360", whole.First(), whole.Last(), whole.Days())

	// RULES.md#local-weeks
	week := in(period.Ethiopian, "2012W53")
	equal("2020-09-07 2020-09-13", week.First(), week.Last())

	// RULES.md#tagged-text
	equal("208103@nepali 202403", period.Tagged(in(period.Nepali, "208103")), period.Tagged(in(nil, "202403")))
}
