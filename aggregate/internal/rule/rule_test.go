package rule_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/stretchr/testify/require"
)

// TestRules is about RULES.md#two-halves, RULES.md#sums-and-means and the way
// through the values that each rule needs.
func TestRules(t *testing.T) {
	tests := []struct {
		name      hmis.Aggregation
		class     rule.Class
		words     string
		aggregate rule.Aggregate
		way       rule.Way
	}{
		{"", rule.Number, "sum over org units and time", rule.Sum, rule.Add},
		{hmis.Sum, rule.Truth, "sum over org units and time", rule.Sum, rule.Add},
		{hmis.Average, rule.Number, "mean over org units and time", rule.Mean, rule.Add},
		{hmis.Average, rule.Truth, "share of days in per cent", rule.DayShare, rule.Add},
		{hmis.AverageSumOrgUnit, rule.Number, "sum over org units, mean over days", rule.DayMean, rule.Add},
		{hmis.AverageSumOrgUnit, rule.Truth, "sum over org units, mean over time", rule.Sum, rule.Add},
		{hmis.Count, rule.Number, "count over org units and time", rule.Count, rule.Add},
		{hmis.StdDev, rule.Number, "sample standard deviation over org units and time", rule.Deviation, rule.Add},
		{hmis.Variance, rule.Number, "sample variance over org units and time", rule.Variance, rule.Add},
		{hmis.Min, rule.Number, "least over org units and time", rule.Least, rule.Add},
		{hmis.Max, rule.Number, "greatest over org units and time", rule.Greatest, rule.Add},
		{hmis.MinSumOrgUnit, rule.Number, "sum over org units, least over time", rule.Sum, rule.Fold},
		{hmis.MaxSumOrgUnit, rule.Number, "sum over org units, greatest over time", rule.Sum, rule.Fold},
		{hmis.Last, rule.Number, "sum over org units, last over time", rule.Sum, rule.LookBack},
		{hmis.First, rule.Number, "sum over org units, first over time", rule.Sum, rule.LookBack},
		{hmis.LastInPeriod, rule.Number, "sum over org units, last in period over time", rule.Sum, rule.LookBack},
		{hmis.LastAverageOrgUnit, rule.Number, "mean over org units, last over time", rule.Mean, rule.LookBack},
		{hmis.LastLastOrgUnit, rule.Number, "last over org units and time", rule.Pick, rule.Rank},
		{hmis.FirstFirstOrgUnit, rule.Number, "first over org units and time", rule.Pick, rule.Rank},
		{hmis.NoAggregation, rule.Number, "one value over org units and time", rule.Pick, rule.PickOne},
		{hmis.Sum, rule.Text, "one text", rule.Pick, rule.PickOne},
		{hmis.Last, rule.Text, "sum over org units, last over time", rule.Pick, rule.LookBack},
		{hmis.LastLastOrgUnit, rule.Text, "last over org units and time", rule.Pick, rule.Rank},
		{hmis.Sum, rule.Uncounted, "sum over org units and time", rule.Sum, rule.Add},
		{hmis.AverageSumOrgUnit, rule.Uncounted, "sum over org units, mean over time", rule.Sum, rule.Add},
	}
	for _, tt := range tests {
		r := rule.Of(tt.name, tt.class)
		if r.String() != tt.words || r.Aggregate() != tt.aggregate || r.Way() != tt.way {
			t.Errorf("%q of class %d: %s, aggregate %d, way %d; want %s, %d, %d",
				tt.name, tt.class, r, r.Aggregate(), r.Way(), tt.words, tt.aggregate, tt.way)
		}
	}
}

// TestOverTime is about the items of a subExpression, whose rules have the half
// over time only.
func TestOverTime(t *testing.T) {
	tests := []struct {
		combine, own hmis.Aggregation
		typ          hmis.ValueType
		want         rule.Rule
	}{
		{"", hmis.Sum, hmis.Integer, rule.Half(hmis.Sum, rule.Number)},
		{"", hmis.AverageSumOrgUnit, hmis.Integer, rule.Half(hmis.Average, rule.Number)},
		{"", hmis.Last, hmis.Integer, rule.Half(hmis.Sum, rule.Number)},
		{hmis.Max, hmis.Sum, hmis.Integer, rule.Half(hmis.Max, rule.Number)},
		{"", hmis.Sum, hmis.Boolean, rule.Half(hmis.Max, rule.Number)},
		{"", hmis.Sum, hmis.Text, rule.Half(hmis.Max, rule.Text)},
		{hmis.Min, hmis.Sum, hmis.Text, rule.Half(hmis.Min, rule.Text)},
		{hmis.Count, hmis.Sum, hmis.Text, rule.Half(hmis.Count, rule.Number)},
	}
	for _, tt := range tests {
		e := hmis.DataElement{Aggregation: tt.own, ValueType: tt.typ}
		require.Equal(t, tt.want, rule.OverTime(tt.combine, &e), "%q of %q %s", tt.combine, tt.own, tt.typ)
	}
}

// TestKeepsZeros is about RULES.md#zeros.
func TestKeepsZeros(t *testing.T) {
	tests := []struct {
		element    hmis.DataElement
		zeroIsData bool
		want       bool
	}{
		{hmis.DataElement{ValueType: hmis.Integer, Aggregation: hmis.Sum}, false, false},
		{hmis.DataElement{ValueType: hmis.Integer, Aggregation: hmis.Sum}, true, false},
		{hmis.DataElement{ValueType: hmis.Integer, Aggregation: hmis.Sum, ZeroIsData: true}, false, false},
		{hmis.DataElement{ValueType: hmis.Integer, Aggregation: hmis.Sum, ZeroIsData: true}, true, true},
		{hmis.DataElement{ValueType: hmis.Integer, Aggregation: hmis.Average}, false, true},
		{hmis.DataElement{ValueType: hmis.Integer, Aggregation: hmis.AverageSumOrgUnit}, false, true},
		{hmis.DataElement{ValueType: hmis.Boolean, Aggregation: hmis.Sum}, false, true},
	}
	for _, tt := range tests {
		if got := rule.KeepsZeros(&tt.element, tt.zeroIsData); got != tt.want {
			t.Errorf("%+v, ZeroIsData %t: %t, want %t", tt.element, tt.zeroIsData, got, tt.want)
		}
	}
}
