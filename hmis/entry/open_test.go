package entry_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// A form is open for some periods, seen from now (RULES.md#open-for-entry).
func TestOpen(t *testing.T) {
	const late, future = "the days for entry after the period have passed", "the period is still to come"
	inputs := func(set *hmis.DataSet) {
		set.ExpiryDays = 1
		set.InputPeriods = []hmis.InputPeriod{
			{Period: period.MustParse("202401"), Opened: at(t, "2024-02-01 00:00"), Closed: at(t, "2024-02-15 00:00")},
			{Period: period.MustParse("202401"), Opened: at(t, "2024-03-01 00:00")},
			{Period: period.MustParse("202512")},
		}
	}
	expiry := func(days float64, open int) func(*hmis.DataSet) {
		return func(set *hmis.DataSet) { set.ExpiryDays, set.OpenFuturePeriods = days, open }
	}
	weekly := func(set *hmis.DataSet) { set.PeriodType, set.OpenFuturePeriods = period.Weekly, 1 }
	tests := []struct {
		form   func(*hmis.DataSet)
		period string
		now    string
		want   string // "" if it is open
	}{
		{expiry(0, 0), "202402", "2024-03-15 09:00", ""},
		{expiry(0, 0), "202403", "2024-03-15 09:00", future},
		{expiry(0, 0), "202403", "2024-03-31 23:59", future}, // it ends today
		{expiry(0, 0), "202403", "2024-04-01 00:00", ""},
		{expiry(0, 0), "190001", "2024-04-01 00:00", ""}, // it never expires
		{expiry(0, 1), "202403", "2024-03-15 09:00", ""},
		{expiry(0, 1), "202404", "2024-03-15 09:00", future},
		{expiry(0, 3), "202405", "2024-03-15 09:00", ""},
		{expiry(10, 0), "202401", "2024-02-10 23:59", ""}, // the last open day
		{expiry(10, 0), "202401", "2024-02-11 00:00", ""},
		{expiry(10, 0), "202401", "2024-02-11 00:01", late},
		{expiry(10, 0), "202402", "2024-02-11 00:01", future},
		{expiry(0.5, 0), "202401", "2024-02-01 12:00", ""},
		{expiry(0.5, 0), "202401", "2024-02-01 12:01", late},
		{expiry(-1, 0), "209901", "2024-02-11 00:01", ""},
		{weekly, "2024W5", "2024-01-29 00:00", ""},
		{weekly, "2024W6", "2024-01-29 00:00", future},
		{inputs, "202401", "2024-02-01 00:00", ""},
		{inputs, "202401", "2024-02-15 00:00", ""},
		{inputs, "202401", "2024-02-15 00:01", "entry for this period is not open now"},
		{inputs, "202401", "2024-01-31 23:59", "entry for this period is not open now"},
		{inputs, "202401", "2030-01-01 00:00", ""}, // by its second entry
		{inputs, "202512", "2024-01-31 23:59", ""}, // no bounds
		{inputs, "202402", "2024-03-01 00:00", "want a period that is listed for entry"},
	}
	for _, tt := range tests {
		set := hmis.UID("dsMonthly01")
		g := gate(t, func(md *hmis.Metadata) { tt.form(&md.DataSets[0]) })
		g.Now = at(t, tt.now)
		p := period.MustParse(tt.period)
		issue := g.Open(set, "ouBo0000001", p)
		v := hmis.DataValue{Key: hmis.Key{DataElement: "deBcg000001", OrgUnit: "ouKenema001", Period: p}, Value: "5"}
		if p.First() > period.DateOf(2024, 6, 30) {
			v.OrgUnit = "ouBo0000001"
		}
		out, sum, err := pass(g, v)
		require.NoError(t, err)
		if tt.want == "" {
			require.Nil(t, issue, "%s on %s", tt.period, tt.now)
			require.Len(t, out, 1, "%s on %s: %v", tt.period, tt.now, sum.Issues)
			continue
		}
		want := "hmis: E8030: dataSet dsMonthly01: period: " + tt.period + ": " + tt.want
		require.EqualError(t, issue, want)
		require.Len(t, sum.Issues, 1, "%s on %s", tt.period, tt.now)
		require.EqualError(t, sum.Issues[0], want)
	}
	require.EqualError(t, gate(t, nil).Open("dsUnknown01", "", period.MustParse("202401")), "hmis: E8020: dataSet dsUnknown01: no such data set")
}

// Rights and exceptions open a form that is closed.
func TestOpenRights(t *testing.T) {
	p := period.MustParse("202401")
	of := func(form func(*hmis.DataSet)) entry.Gate {
		g := gate(t, func(md *hmis.Metadata) { form(&md.DataSets[0]) })
		g.Now = at(t, "2024-06-01 00:00")
		return g
	}
	expired := of(func(set *hmis.DataSet) { set.ExpiryDays = 10 })
	unlisted := of(func(set *hmis.DataSet) { set.InputPeriods = []hmis.InputPeriod{{Period: period.MustParse("202405")}} })
	future := of(func(*hmis.DataSet) {})
	open := func(g entry.Gate, p period.Period) bool {
		issue := g.Open("dsMonthly01", "ouBo0000001", p)
		v := hmis.DataValue{Key: hmis.Key{DataElement: "deBcg000001", OrgUnit: "ouBo0000001", Period: p}, Value: "5"}
		out, _, _ := pass(g, v)
		require.Equal(t, issue == nil, len(out) == 1)
		return issue == nil
	}
	later := period.MustParse("202406")
	require.False(t, open(expired, p) || open(unlisted, p) || open(future, later))
	for _, g := range []*entry.Gate{&expired, &unlisted, &future} {
		g.EditExpired = true
	}
	require.True(t, open(expired, p) && open(future, later))
	require.False(t, open(unlisted, p), "input periods bind all but those who force")
	unlisted.Force = true
	require.True(t, open(unlisted, p))
	expired.EditExpired = false
	expired.Reopened = func(set, unit hmis.UID, of period.Period) bool {
		return set == "dsMonthly01" && unit == "ouBo0000001" && of == p
	}
	require.True(t, open(expired, p))
	require.False(t, open(expired, period.MustParse("202402")))
	expired.Reopened, expired.Force = nil, true
	require.True(t, open(expired, p))
}

// Approved forms do not change, and force leaves out approval and the days of
// attribute options.
func TestApproved(t *testing.T) {
	g := gate(t, nil)
	g.Approved = func(set, unit hmis.UID, p period.Period, attr hmis.UID) bool {
		return set == "dsProject01" && unit == "ouBo0000001" && p.String() == "202402" && attr == "aocA0000001"
	}
	values := lines(t, "deProject01 . aocA0000001 ouBo0000001 202402 5", "deProject01 . aocB0000001 ouBo0000001 202402 5", "deProject01 . aocA0000001 ouBo0000001 202405 5")
	_, sum, _ := pass(g, values...)
	require.Equal(t, []string{"E8033[0]", "E8032[2]"}, codes(sum.Issues))
	require.EqualError(t, sum.Issues[0], "hmis: E8033: dataSet dsProject01: period: 202402 is approved in org unit ouBo0000001")
	g.Force = true
	out, _, _ := pass(g, values...)
	require.Len(t, out, 3)
}

// The end of attribute options moves by whole periods of the form.
func TestOpenAfterEnd(t *testing.T) {
	for _, tt := range []struct {
		end   period.Date
		after int
		last  string // the last month that is open
	}{
		{period.DateOf(2024, 3, 31), 0, "202403"}, {period.DateOf(2024, 3, 30), 0, "202402"}, {period.DateOf(2024, 3, 31), 2, "202405"},
		{period.DateOf(2024, 1, 31), 1, "202402"}, {period.DateOf(2024, 2, 29), 1, "202403"}, {period.DateOf(2024, 3, 15), 1, "202403"},
	} {
		g := gate(t, func(md *hmis.Metadata) { md.CategoryOptions[2].Last, md.DataSets[3].OpenAfterEnd = tt.end, tt.after })
		last := period.MustParse(tt.last)
		for p, want := range map[period.Period]int{last: 1, last.Add(1): 0} {
			out, _, _ := pass(g, hmis.DataValue{Key: hmis.Key{DataElement: "deProject01", AttributeCombo: "aocA0000001", OrgUnit: "ouBo0000001", Period: p}, Value: "5"})
			require.Len(t, out, want, "%s and %d: %s", tt.end, tt.after, p)
		}
	}
}
