package compat_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/period"
	"github.com/ohie-hmis/hmis-go/period/compat"
	"github.com/stretchr/testify/require"
)

// TestRules checks the examples in those sections of RULES.md that are about
// servers.
func TestRules(t *testing.T) {
	equal := func(want string, got any, err error) {
		t.Helper()
		require.NoError(t, err)
		require.Equal(t, want, show(got))
	}
	var iso compat.Server
	nepal, ethiopia := compat.Server{Calendar: period.Nepali}, compat.Server{Calendar: period.Ethiopian}

	// RULES.md#server-calendars
	d, err := nepal.Date(compat.Day{Year: 2076, Month: 1, Day: 32})
	equal("2019-05-15", d, err)
	last, err := iso.Parse("9999")
	require.NoError(t, err)
	next, err := iso.Add(last, 1)
	equal("10000", next, err)

	// RULES.md#server-arithmetic
	l, err := ethiopia.AddDays(compat.Day{Year: 2012, Month: 12, Day: 30}, 1)
	equal("2013-01-01", l, err)
	q, err := ethiopia.On(period.Quarterly, day("2020-09-08")) // that is 3 Pagume
	equal("2013Q1", q, err)
	_, err = ethiopia.On(period.Monthly, day("2020-09-08"))
	require.Error(t, err)

	// RULES.md#server-weeks
	b, err := iso.Parse("2021BiW27")
	equal("2022BiW1", b, err)
	_, err = nepal.Parse("2081W5")
	require.Error(t, err)

	// RULES.md#server-lists
	list, err := iso.Year(period.BiWeekly, day("2021-05-01"))
	equal("[2020BiW27 2021BiW25]", []compat.Period{list[0], list[len(list)-1]}, err)

	// RULES.md#server-texts
	for text, want := range map[string]string{"2024-02-01/P3M": "2024Q1", "2023-11-01/P3M": "2023Q4"} {
		p, err := iso.ParseISO(text)
		equal(want, p, err)
	}
}
