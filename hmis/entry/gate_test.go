package entry_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// Each check has a value that passes it and one that fails (RULES.md#order-of-checks),
// (RULES.md#combos-that-are-left-out), (RULES.md#attribute-options),
// (RULES.md#empty-values), (RULES.md#comments).
func TestChecks(t *testing.T) {
	comment := func(s string) func(*hmis.DataValue) { return func(v *hmis.DataValue) { v.Comment = s } }
	tests := []struct {
		set, value string
		change     func(*hmis.DataValue)
		want       string // of the issue; "" if the value passes
	}{
		{"dsMonthly01", "deBcg000001 . . ouBo0000001 202402 5", nil, ""},
		{"", "deBcg000001 HllvX50cXC0 HllvX50cXC0 ouBo0000001 202402 5", nil, ""},
		{"", "deBcg000001 . . ouBo0000001 . 5", nil, `E8100: dataElement deBcg000001: period: want a period such as 202401`},
		{"", ". . . ouBo0000001 202402 5", nil, `E8102: dataElement: dataElement: want one in every value`},
		{"", "DE_BCG . . ouBo0000001 202402 5", nil, `E8104: dataElement DE_BCG: dataElement: no object with this id, which is no UID`},
		{"", "deBcg000001 . . . 202402 5", nil, `E8105: organisationUnit: orgUnit: want one in every value`},
		{"", "deBcg000001 . . OU_BO 202402 5", nil, `E8106: organisationUnit OU_BO: orgUnit: no object with this id, which is no UID`},
		{"", "deBcg000001 FEMALE . ouBo0000001 202402 5", nil, `E8109: categoryOptionCombo FEMALE: categoryOptionCombo: no object with this id, which is no UID`},
		{"", "deBcg000001 . PROJECT ouBo0000001 202402 5", nil, `E8111: categoryOptionCombo PROJECT: attributeOptionCombo: no object with this id, which is no UID`},
		{"", "deNowhere01 . . ouBo0000001 202402 5", nil, `E8003: dataElement deNowhere01: dataElement: want an element of some data set`},
		{"", "deUnknown01 . . ouBo0000001 202402 5", nil, `E8003: dataElement deUnknown01: dataElement: want an element of some data set`},
		{"dsMonthly01", "deWeekly001 . . ouBo0000001 2024W5 5", nil, `E8020: dataElement deWeekly001: dataElement: want an element of data set dsMonthly01`},
		{"dsUnknown01", "deBcg000001 . . ouBo0000001 202402 5", nil, `E8020: dataElement deBcg000001: dataElement: want an element of data set dsUnknown01`},
		{"", "deBcg000001 . . ouPujehun01 202402 5", nil, `E8022: organisationUnit ouPujehun01: orgUnit: want an org unit that reports data set dsMonthly01`},
		{"", "deBcg000001 . . ouUnknown01 202402 5", nil, `E8022: organisationUnit ouUnknown01: orgUnit: want an org unit that reports data set dsMonthly01`},
		{"", "deBcg000001 . . ouBo0000001 2024W5 5", nil, `E8021: dataSet dsMonthly01: period: 2024W5 is Weekly: want Monthly`},
		{"", "deBcg000001 . aocUnknown1 ouBo0000001 2024W5 5", nil, `E8021: dataSet dsMonthly01: period: 2024W5 is Weekly: want Monthly`},
		{"", "deBcg000001 . aocA0000001 ouBo0000001 202402 5", nil, `E8023: categoryOptionCombo aocA0000001: attributeOptionCombo: want an option combo of the category combo of data set dsMonthly01`},
		{"", "deProject01 . . ouBo0000001 202402 5", nil, `E8023: categoryOptionCombo: attributeOptionCombo: want an option combo of the category combo of data set dsProject01`},
		{"", "deProject01 . aocUnknown1 ouBo0000001 202402 5", nil, `E8023: categoryOptionCombo aocUnknown1: attributeOptionCombo: want an option combo of the category combo of data set dsProject01`},
		{"", "deMalaria01 cocF0000001 . ouBo0000001 202402 5", nil, ""},
		{"", "deMalaria01 . . ouBo0000001 202402 5", nil, `E8024: categoryOptionCombo: categoryOptionCombo: want an option combo of the category combo of data element deMalaria01`},
		{"", "deMalaria01 HllvX50cXC0 . ouBo0000001 202402 5", nil, `E8024: categoryOptionCombo HllvX50cXC0: categoryOptionCombo: want an option combo of the category combo of data element deMalaria01`},
		{"", "deMalaria01 cocUnknown1 . ouBo0000001 202402 5", nil, `E8024: categoryOptionCombo cocUnknown1: categoryOptionCombo: want an option combo of the category combo of data element deMalaria01`},
		{"", "deProject01 . aocA0000001 ouBo0000001 202402 5", nil, ""},
		{"", "deProject01 . aocA0000001 ouKenema001 202402 5", nil, `E8025: categoryOptionCombo aocA0000001: attributeOptionCombo: its options are not valid in org unit ouKenema001`},
		{"", "deProject01 . aocB0000001 ouKenema001 202402 5", nil, ""},
		{"", "deBcg000001 . . ouBo0000001 202001 5", nil, ""},
		{"", "deBcg000001 . . ouBo0000001 201912 5", nil, `E8031: organisationUnit ouBo0000001: orgUnit: period 201912 does not begin while it is open, from 2020-01-01 to ever`},
		{"", "deBcg000001 . . ouKenema001 202406 5", nil, ""},
		{"", "deBcg000001 . . ouKenema001 202407 5", nil, `E8031: organisationUnit ouKenema001: orgUnit: period 202407 does not begin while it is open, from ever to 2024-06-30`},
		{"", "deProject01 . aocA0000001 ouBo0000001 202212 5", nil, `E8032: categoryOptionCombo aocA0000001: attributeOptionCombo: period 202212 is not within its days, from 2023-01-01 to 2024-03-31`},
		{"", "deProject01 . aocA0000001 ouBo0000001 202404 5", nil, ""}, // one period after the end
		{"", "deProject01 . aocA0000001 ouBo0000001 202405 5", nil, `E8032: categoryOptionCombo aocA0000001: attributeOptionCombo: period 202405 is not within its days, from 2023-01-01 to 2024-03-31`},
		{"", "deBcg000001 . . ouBo0000001 202402 .", nil, `E8120: dataElement deBcg000001: value: want a value`},
		{"", "deBcg000001 . . ouBo0000001 202402  \t\n", nil, `E8120: dataElement deBcg000001: value: want a value`},
		{"", "deBcg000001 . . ouBo0000001 202402 .", comment("none"), `E8120: dataElement deBcg000001: value: want a value`},
		{"", "deBcg000001 . . ouBo0000001 202402 \u00a0", nil, "E8122: dataElement deBcg000001: value: \"\\u00a0\": want a whole number of 32 bits, 0 or above"},
		{"", "deNote00001 . . ouBo0000001 202402 .", comment("no stock"), ""},
		{"", "deNote00001 . . ouBo0000001 202402 .", nil, `E8121: dataElement deNote00001: value: want a value or a comment`},
		{"", "deNote00001 . . ouBo0000001 202402 .", comment(" "), `E8121: dataElement deNote00001: value: want a value or a comment`},
		{"", "deBcg000001 . . ouBo0000001 202402 -5", nil, `E8122: dataElement deBcg000001: value: "-5": want a whole number of 32 bits, 0 or above`},
		{"", "deMulti0001 . . ouBo0000001 202402 red", nil, `E8122: dataElement deMulti0001: value: "red": want an element with an option set`},
		{"", "deColour001 . . ouBo0000001 202402 red", nil, ""},
		{"", "deColour001 . . ouBo0000001 202402 Red", nil, `E8123: dataElement deColour001: value: "Red": want the code of one of 2 options`},
		{"", "deColours01 . . ouBo0000001 202402 red,red", nil, ""},
		{"", "deColours01 . . ouBo0000001 202402 blue, light", nil, ""}, // a code with a comma
		{"", "deColours01 . . ouBo0000001 202402 red,blue", nil, `E8123: dataElement deColours01: value: "red,blue": want the code of one of 2 options`},
		{"", "deCommented . . ouBo0000001 202402 5", comment("red"), ""},
		{"", "deCommented . . ouBo0000001 202402 5", comment("green"), `E8124: dataElement deCommented: comment: "green": want the code of one of 2 options`},
		{"", "deCommented . . ouBo0000001 202402 5", nil, `E8124: dataElement deCommented: comment: "": want the code of one of 2 options`},
		{"", "deBcg000001 . . ouBo0000001 202402 5", comment(strings.Repeat("é", 5000)), ""},
		{"", "deBcg000001 . . ouBo0000001 202402 5", comment(strings.Repeat("é", 5001)), `E8125: dataElement deBcg000001: comment: want at most 5000 characters, got 5001`},
	}
	for _, tt := range tests {
		for _, policy := range []entry.Policy{entry.Strict, entry.Atomic, entry.Grouped, entry.GroupedAtomic} {
			g := gate(t, nil)
			g.DataSet, g.Policy = hmis.UID(tt.set), policy
			v := value(t, tt.value)
			if tt.change != nil {
				tt.change(&v)
			}
			out, sum, err := pass(g, v)
			if tt.want == "" {
				require.Len(t, out, 1, "%s: %v", tt.value, sum.Issues)
				require.Empty(t, sum.Issues, tt.value)
				require.Equal(t, 1, sum.Imported)
				continue
			}
			require.Empty(t, out, tt.value)
			require.NotEmpty(t, sum.Issues, tt.value)
			require.Equal(t, "hmis: "+tt.want, sum.Issues[0].Error())
			require.Equal(t, []int{0}, sum.Issues[0].Rows)
			if policy == entry.Atomic {
				require.EqualError(t, err, "hmis: "+tt.want)
			}
		}
	}
}

// A value that may be of several forms passes if it fits one
// (RULES.md#several-forms).
func TestSeveralForms(t *testing.T) {
	g := gate(t, nil)
	values := lines(t, "deBoth00001 . . ouBo0000001 202402 5", "deBoth00001 . . ouBo0000001 2024W5 5", "deBoth00001 . . ouBo0000001 2024Q1 5", "deBoth00001 . aocA0000001 ouBo0000001 2024W5 5")
	out, sum, err := pass(g, values...)
	require.NoError(t, err)
	require.Equal(t, []string{"deBoth00001 202402 5", "deBoth00001 2024W5 5"}, out)
	require.Equal(t, []string{"E8021[2]", "E8023[3]"}, codes(sum.Issues))
	require.Equal(t, hmis.UID("dsMonthly01"), sum.Issues[0].Object.ID)

	g.Policy = entry.Grouped
	_, sum, err = pass(g, values[:1]...)
	require.EqualError(t, err, "hmis: E8002: dataElement deBoth00001: dataElement: it is in 2 data sets: want the one that is meant")
	require.Zero(t, sum.Ignored)
	g.DataSet = "dsWeekly001"
	out, _, err = pass(g, values[1])
	require.NoError(t, err)
	require.Len(t, out, 1)
}

// A policy says what a rejected value costs the others (RULES.md#policies).
func TestPolicies(t *testing.T) {
	values := []string{
		"deBcg000001 . . ouBo0000001 202402 1",           // 0
		"deWeekly001 . . ouBo0000001 2024W5 2",           // 1, of another form
		"deBcg000001 . . ouPujehun01 202402 3",           // 2: E8022, a membership
		"deBcg000001 . . ouUnknown01 202402 4",           // 3: E8022, unknown
		"deWeekly001 . . ouBo0000001 2024W6 x",           // 4: E8122
		"deMalaria01 cocF0000001 . ouBo0000001 202402 5", // 5
	}
	tests := []struct {
		policy         entry.Policy
		out            string // positions that pass
		issues         string
		ignored, first int
	}{
		{entry.Lenient, "0 1 2 5", "E8022[2] E8022[3] E8122[4]", 2, 0},
		{entry.Strict, "0 1 5", "E8022[2] E8022[3] E8122[4]", 3, 0},
		{entry.Atomic, "0 1", "E8022[2]", 1, 0},
		{entry.Grouped, "1", "E8022[2] E8022[3] E8022[0 2 3 5] E8122[4]", 1, 0},
		{entry.GroupedAtomic, "", "E8022[2] E8022[3] E8022[0 2 3 5] E8122[4] E8000[1 4]", 0, 0},
	}
	for _, tt := range tests {
		g := gate(t, nil)
		g.Policy = tt.policy
		row, passed := 0, []string{}
		var rejected []int
		g.Reject = func(_ hmis.DataValue, err error) {
			issue, ok := errors.AsType[*hmis.Issue](err)
			require.True(t, ok)
			rejected = append(rejected, issue.Rows...)
		}
		warned := 0
		g.Warn = func(i hmis.Issue) { require.Equal(t, hmis.Warning, i.Severity); warned++ }
		g.Row = func() int { row++; return row - 1 }
		var sum hmis.Summary
		var failed error
		index := map[hmis.Key]int{}
		for i, s := range values {
			index[value(t, s).Key] = i
		}
		for v, err := range g.Values(stream(lines(t, values...)...), &sum) {
			if failed = err; err == nil {
				passed = append(passed, fmt.Sprint(index[v.Key]))
			}
		}
		require.Equal(t, tt.out, strings.Join(passed, " "), tt.policy)
		require.Equal(t, tt.issues, strings.Join(codes(sum.Issues), " "), tt.policy)
		require.Equal(t, tt.ignored, sum.Ignored, tt.policy)
		require.Equal(t, len(passed), sum.Imported, tt.policy)
		require.Equal(t, tt.policy == entry.Atomic, failed != nil, tt.policy)
		require.Equal(t, map[bool]int{true: 1}[tt.policy == entry.Lenient], warned, tt.policy)
		switch tt.policy {
		case entry.Atomic:
			require.Equal(t, []int{2}, rejected)
		default:
			require.Len(t, rejected, len(values)-len(passed), tt.policy)
		}
	}

	// One value of its own is rejected with its own code.
	g := gate(t, nil)
	g.Policy = entry.GroupedAtomic
	_, sum, err := pass(g, lines(t, values[4])...)
	require.NoError(t, err)
	require.Equal(t, []string{"E8122[0]"}, codes(sum.Issues))
}

// Memberships that are required drop values under Lenient as well.
func TestRequire(t *testing.T) {
	tests := []struct {
		value   string
		require entry.Membership
		code    string
	}{
		{"deNowhere01 . . ouBo0000001 202402 5", entry.DataElement, "E8003"},
		{"deBcg000001 . . ouPujehun01 202402 5", entry.OrgUnit, "E8022"},
		{"deBcg000001 . . ouBo0000001 2024W5 5", entry.PeriodType, "E8021"},
		{"deBcg000001 . aocB0000001 ouBo0000001 202402 5", entry.AttributeCombo, "E8023"},
		{"deBcg000001 cocF0000001 . ouBo0000001 202402 5", entry.OptionCombo, "E8024"},
	}
	for _, tt := range tests {
		g := gate(t, nil)
		g.Policy = entry.Lenient
		for _, required := range []entry.Membership{0, ^tt.require, tt.require} {
			g.Require = required
			out, sum, err := pass(g, value(t, tt.value))
			require.NoError(t, err)
			require.Equal(t, []string{tt.code + "[0]"}, codes(sum.Issues))
			require.Equal(t, required == tt.require, len(out) == 0, "%s %b", tt.value, required)
			require.Equal(t, required == tt.require, sum.Issues[0].Severity == hmis.Severe)
		}
	}
	// What is wrong beside a membership counts all the same.
	g := gate(t, nil)
	g.Policy = entry.Lenient
	out, sum, _ := pass(g, lines(t, "deNowhere01 . . ouBo0000001 201912 5", "deNowhere01 cocUnknown1 . ouBo0000001 202402 5", "deBcg000001 . . ouPujehun01 202402 x")...)
	require.Empty(t, out)
	require.Equal(t, []string{"E8003[0 1]", "E8031[0]", "E8024[1]", "E8022[2]", "E8122[2]"}, codes(sum.Issues))

	g.RequireOptionCombo = true
	_, sum, _ = pass(g, lines(t, "deBcg000001 . . ouBo0000001 202402 5", "deBcg000001 HllvX50cXC0 . ouBo0000001 202402 5")...)
	require.Equal(t, []string{"E7630[0]"}, codes(sum.Issues))
	g.RequireOptionCombo, g.RequireAttributeCombo = false, true
	_, sum, _ = pass(g, lines(t, "deBcg000001 . . ouBo0000001 202402 5", "deBcg000001 . HllvX50cXC0 ouBo0000001 202402 5")...)
	require.Equal(t, []string{"E7631[0]"}, codes(sum.Issues))
}

// Under Lenient a value may lack every membership, each with its warning, but
// what is unknown and what is no membership still drop it
// (RULES.md#policies).
func TestLenientMemberships(t *testing.T) {
	tests := []struct{ set, value, want string }{
		{"dsMonthly01", "deWeekly001 cocF0000001 aocB0000001 ouPujehun01 2024W5 5", "E8020 E8022 E8021 E8023 E8024 pass"},
		{"dsMonthly01", "deWeekly001 cocF0000001 aocA0000001 ouPujehun01 2024W5 5", "E8020 E8022 E8021 E8023 E8024 E8025"},
		{"dsMonthly01", "deBcg000001 . . ouPujehun01 2024W5 5", "E8022 E8021 pass"},
		{"dsMonthly01", "deBcg000001 . aocB0000001 ouBo0000001 2024W5 5", "E8021 E8023 pass"},
		{"dsMonthly01", "deBcg000001 cocF0000001 aocB0000001 ouBo0000001 202402 5", "E8023 E8024 pass"},
		{"dsProject01", "deProject01 cocF0000001 aocA0000001 ouKenema001 202402 5", "E8024 E8025"},
		{"dsMonthly01", "deUnknown01 . . ouBo0000001 202402 5", "E8020"},
		{"dsUnknown01", "deBcg000001 . . ouBo0000001 202402 5", "E8020"},
		{"dsMonthly01", "deBcg000001 . . ouUnknown01 202402 5", "E8022"},
		{"dsMonthly01", "deBcg000001 . aocUnknown1 ouBo0000001 202402 5", "E8023"},
		{"dsMonthly01", "deBcg000001 cocUnknown1 . ouBo0000001 202402 5", "E8024"},
	}
	for _, tt := range tests {
		g := gate(t, nil)
		g.Policy, g.DataSet = entry.Lenient, hmis.UID(tt.set)
		out, sum, err := pass(g, value(t, tt.value))
		require.NoError(t, err)
		got := strings.ReplaceAll(strings.Join(codes(sum.Issues), " "), "[0]", "")
		if len(out) == 1 {
			got += " pass"
		}
		require.Equal(t, tt.want, got, tt.value)
	}
}

// Of the checks that values of a form fail, the first in the order of checks
// rejects the form, not that of the first value.
func TestGroupedOrder(t *testing.T) {
	g := gate(t, nil)
	g.Policy = entry.Grouped
	_, sum, err := pass(g, lines(t,
		"deBcg000001 . . ouBo0000001 202402 5", "deBcg000001 . . ouBo0000001 202402 6", // E8128
		"deBcg000001 . . ouBo0000001 201912 5", // E8031
		"deBcg000001 . . ouBo0000001 2024W5 5", // E8021
	)...)
	require.NoError(t, err)
	require.Equal(t, []string{"E8021[3]", "E8021[0 1 2 3]"}, codes(sum.Issues))
	require.Equal(t, `hmis: E8021: dataSet dsMonthly01: all 4 values are rejected: 2024W5 is Weekly: want Monthly`, sum.Issues[1].Error())

	// An id that cannot be read rejects all forms.
	out, sum, err := pass(g, lines(t, "deBcg000001 . . ouBo0000001 202402 5", "deWeekly001 . . OU_BO 2024W5 5", "deWeekly001 . . . 2024W5 5")...)
	require.ErrorContains(t, err, "E8106")
	require.Empty(t, out)
	require.Equal(t, []string{"E8106[1]"}, codes(sum.Issues))
}

// Values that repeat are rejected, also if they say the same, if one is a
// deletion, or if only one spells the default out (RULES.md#repeated-values).
func TestRepeats(t *testing.T) {
	for _, policy := range []entry.Policy{entry.Strict, entry.Grouped} {
		g := gate(t, nil)
		g.Policy = policy
		values := lines(t, "deBcg000001 . . ouBo0000001 202402 5", "deBcg000001 HllvX50cXC0 HllvX50cXC0 ouBo0000001 202402 5", "deBcg000001 . . ouBo0000001 202402 6", "deBcg000001 . . ouBo0000001 202403 5")
		values[2].Deleted = true
		out, sum, err := pass(g, values...)
		require.NoError(t, err)
		if policy == entry.Strict {
			require.Equal(t, []string{"deBcg000001 202402 5", "deBcg000001 202403 5"}, out)
			require.Equal(t, []string{"E8128[1 2]"}, codes(sum.Issues))
			continue
		}
		require.Empty(t, out)
		require.Equal(t, []string{"E8128[1 2]", "E8128[0 1 2 3]"}, codes(sum.Issues))
	}
	// One that was rejected leaves room for the next.
	out, _, _ := pass(gate(t, nil), lines(t, "deBcg000001 . . ouBo0000001 2024W5 5", "deMalaria01 cocF0000001 . ouBo0000001 202402 5", "deMalaria01 cocM0000001 . ouBo0000001 202402 5")...)
	require.Len(t, out, 2)
}

// Many values in any order are found again, each exactly once.
func TestRepeatsOfMany(t *testing.T) {
	catalog, tree, values := monthly(t, 30)
	g := entry.Gate{Catalog: catalog, Tree: tree, Policy: entry.Strict}
	for i := range values { // an order that jumps
		j := i * 7919 % len(values)
		values[i], values[j] = values[j], values[i]
	}
	n := len(values)
	out, sum, err := pass(g, append(values, values...)...)
	require.NoError(t, err)
	require.Len(t, out, n)
	require.Equal(t, n, sum.Ignored)
	rows := 0
	for _, i := range sum.Issues {
		require.Equal(t, "E8128", i.Code)
		for _, row := range i.Rows {
			require.GreaterOrEqual(t, row, n)
		}
		rows += len(i.Rows)
	}
	require.Equal(t, n, rows)
}

// The memory for keys and held values is bounded.
func TestMemory(t *testing.T) {
	catalog, tree, values := monthly(t, 30)
	g := entry.Gate{Catalog: catalog, Tree: tree, Policy: entry.Strict, Memory: 16 << 10}
	_, _, err := pass(g, values...)
	require.ErrorIs(t, err, entry.ErrMemory)
	g.Policy, g.Memory = entry.Grouped, 1<<20
	_, _, err = pass(g, values...)
	require.ErrorIs(t, err, entry.ErrMemory)
	require.Regexp(t, `^entry: value \d+: Gate.Memory has no room for more values$`, err.Error())
	g.Memory = -1
	out, _, err := pass(g, values...)
	require.NoError(t, err)
	require.Len(t, out, len(values))
}

// A summary has a bound, and says what it leaves out (RULES.md#summaries).
func TestSummaryBounds(t *testing.T) {
	g := gate(t, nil)
	values := make([]hmis.DataValue, 0, 3000)
	for i := range 1500 {
		v := value(t, "deBcg000001 . . ouBo0000001 202402 5")
		v.DataElement = uid("x", i)
		values = append(values, v, v)
	}
	_, sum, err := pass(g, values...)
	require.NoError(t, err)
	require.Equal(t, 3000, sum.Ignored)
	require.Len(t, sum.Issues, 1001)
	require.Equal(t, []int{0, 1}, sum.Issues[0].Rows)
	require.EqualError(t, sum.Issues[1000], "1000 more problems, not listed")
}

// The walk ends with its source and with its consumer, and an error of the
// source is passed on.
func TestEnds(t *testing.T) {
	broken := errors.New("broken off")
	for _, policy := range []entry.Policy{entry.Lenient, entry.Strict, entry.Atomic, entry.Grouped, entry.GroupedAtomic} {
		g := gate(t, nil)
		g.Policy = policy
		values := lines(t, "deBcg000001 . . ouBo0000001 202402 5", "deBcg000001 . . ouBo0000001 202403 5")
		var last error
		for _, err := range g.Values(func(yield func(hmis.DataValue, error) bool) {
			_ = yield(values[0], nil) && yield(hmis.DataValue{}, broken)
		}, nil) {
			last = err
		}
		require.Equal(t, broken, last)
		n := 0
		for range g.Values(stream(values...), nil) {
			n++
			break
		}
		require.Equal(t, 1, n)
	}
	for _, g := range []entry.Gate{{}, {Catalog: gate(t, nil).Catalog, Strategy: "REPLACE"}, {Catalog: gate(t, nil).Catalog, Policy: 9}} {
		_, _, err := pass(g)
		require.ErrorContains(t, err, "entry: ")
		_, err = (entry.Import{Gate: g}).Run(context.Background(), stream())
		require.ErrorContains(t, err, "entry: ")
	}
}

// Without a tree the units of the catalog count, and without those every unit
// does.
func TestWithoutTree(t *testing.T) {
	g := gate(t, nil)
	g.Tree = nil
	_, sum, _ := pass(g, lines(t, "deProject01 . aocA0000001 ouKenema001 202402 5", "deBcg000001 . . ouKenema001 202407 5", "deBcg000001 . . ouUnknown01 202402 5")...)
	require.Equal(t, []string{"E8031[1]", "E8022[2]"}, codes(sum.Issues))
	g = gate(t, func(md *hmis.Metadata) { md.OrgUnits, md.DataSets[0].OrgUnits = nil, nil })
	g.Tree = nil
	out, _, _ := pass(g, value(t, "deBcg000001 . . clinic-7 202402 5"))
	require.Len(t, out, 1)
	// With a tree nobody reports a form without units.
	g = gate(t, func(md *hmis.Metadata) { md.DataSets[0].OrgUnits = nil })
	_, sum, _ = pass(g, value(t, "deBcg000001 . . ouBo0000001 202402 5"))
	require.Equal(t, []string{"E8022[0]"}, codes(sum.Issues))
}

// Values come out as they are stored.
func TestStoredForm(t *testing.T) {
	g := gate(t, nil)
	v := value(t, "deBcg000001 HllvX50cXC0 HllvX50cXC0 ouBo0000001 202402 12.0")
	v.Comment, v.FollowUp, v.StoredBy = "late", true, "bo"
	want := v
	want.OptionCombo, want.AttributeCombo, want.Value = "", "", "12"
	for out, err := range g.Values(stream(v), nil) {
		require.NoError(t, err)
		require.Equal(t, want, out)
	}
	require.Equal(t, period.MustParse("202402"), want.Period)
}

// A message may name a form for each value.
func TestForm(t *testing.T) {
	g := gate(t, nil)
	sets := []hmis.UID{"dsMonthly01", "dsWeekly001", "", "dsWeekly001", "dsUnknown01", "dsRemarks01", "dsRemarks01"}
	row := -1
	g.Form = func() hmis.UID { row++; return sets[row] }
	out, sum, err := pass(g, lines(t,
		"deBoth00001 . . ouBo0000001 202402 1", "deBoth00001 . . ouBo0000001 202402 2", "deBoth00001 . . ouBo0000001 202403 3", "deBoth00001 . . ouBo0000001 2024W5 4",
		"deBcg000001 . . ouBo0000001 202402 5", "deBcg000001 . . ouBo0000001 202402 6", "deBcg000001 . . ouBo0000001 202403 7",
	)...)
	require.NoError(t, err)
	require.Equal(t, []string{"deBoth00001 202402 1", "deBoth00001 202403 3", "deBoth00001 2024W5 4"}, out)
	require.Equal(t, []string{"E8021[1]", "E8020[4 5 6]"}, codes(sum.Issues))

	g.Policy, row = entry.Grouped, -1
	_, sum, err = pass(g, lines(t, "deBoth00001 . . ouBo0000001 202402 1", "deBoth00001 . . ouBo0000001 202402 2")...)
	require.NoError(t, err)
	require.Equal(t, []string{"E8021[1]", "E8021[1]"}, codes(sum.Issues))
	require.Equal(t, 1, sum.Imported)
}

// One Gate serves several streams at a time.
func TestGateConcurrent(t *testing.T) {
	catalog, tree, values := monthly(t, 5)
	g := entry.Gate{Catalog: catalog, Tree: tree, Policy: entry.Strict}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var sum hmis.Summary
			n := 0
			for _, err := range g.Values(stream(values...), &sum) {
				if err != nil {
					t.Error(err)
				}
				n++
			}
			if n != len(values) || sum.Imported != n {
				t.Errorf("%d of %d values pass", n, len(values))
			}
		})
	}
	wg.Wait()
}

// Nothing is allocated for a value of which nothing is wrong.
func TestAllocations(t *testing.T) {
	catalog, tree, values := monthly(t, 20)
	g := entry.Gate{Catalog: catalog, Tree: tree, Policy: entry.Strict}
	allocs := testing.AllocsPerRun(3, func() {
		for _, err := range g.Values(each(values), nil) {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	if allocs > float64(len(values))/20 {
		t.Errorf("%.0f allocations for %d values", allocs, len(values))
	}
}
