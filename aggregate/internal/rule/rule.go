package rule

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Class groups value types by what aggregation does with their values
// (aggregate/RULES.md#mixed-data).
type Class uint8

// These are the classes. Analytics skips all values of class Uncounted, such as
// coordinates and files.
const (
	Number Class = iota
	Truth
	Text
	Uncounted
)

// ClassOf returns the class of the values of a type.
func ClassOf(t hmis.ValueType) Class {
	switch {
	case t.IsNumeric():
		return Number
	case t.IsBoolean():
		return Truth
	case t.IsText(), t.IsDate():
		return Text
	}
	return Uncounted
}

// ClassTogether returns the class of the values of a type in a query that does
// not keep data apart: such a query asks for numbers, so texts count for
// nothing.
func ClassTogether(t hmis.ValueType) Class {
	if c := ClassOf(t); c != Text {
		return c
	}
	return Uncounted
}

// A Rule is an aggregation in its two halves, with the class of the values that
// it combines (aggregate/RULES.md#two-halves).
type Rule struct {
	Name        hmis.Aggregation
	Units, Time hmis.Aggregation
	Class       Class
}

// Of returns the rule of an aggregation, which is Sum if it is empty.
func Of(a hmis.Aggregation, c Class) Rule {
	r := Rule{Name: a, Units: a, Time: a, Class: c}
	switch a {
	case "":
		r.Name, r.Units, r.Time = hmis.Sum, hmis.Sum, hmis.Sum
	case hmis.AverageSumOrgUnit:
		r.Units, r.Time = hmis.Sum, hmis.Average
	case hmis.MinSumOrgUnit:
		r.Units, r.Time = hmis.Sum, hmis.Min
	case hmis.MaxSumOrgUnit:
		r.Units, r.Time = hmis.Sum, hmis.Max
	case hmis.Last:
		r.Units = hmis.Sum
	case hmis.First:
		r.Units = hmis.Sum
	case hmis.LastAverageOrgUnit:
		r.Units, r.Time = hmis.Average, hmis.Last
	case hmis.FirstAverageOrgUnit:
		r.Units, r.Time = hmis.Average, hmis.First
	case hmis.LastLastOrgUnit:
		r.Units, r.Time = hmis.Last, hmis.Last
	case hmis.FirstFirstOrgUnit:
		r.Units, r.Time = hmis.First, hmis.First
	case hmis.LastInPeriod:
		r.Units = hmis.Sum
	case hmis.LastInPeriodAverageOrgUnit:
		r.Units, r.Time = hmis.Average, hmis.LastInPeriod
	}
	return r
}

// Half returns a rule that does the same over org units and over time.
func Half(a hmis.Aggregation, c Class) Rule { return Rule{Name: a, Units: a, Time: a, Class: c} }

// OverTime returns the rule of an item within a subExpression: the half of its
// aggregation that is over time.
func OverTime(combine hmis.Aggregation, e *hmis.DataElement) Rule {
	class := ClassOf(e.ValueType)
	name := combine
	switch {
	case name == "" && class != Number:
		name = hmis.Max
	case name == "":
		name = e.Aggregation
	}
	half := Of(name, class).Time
	switch half {
	case hmis.Average, hmis.Min, hmis.Max, hmis.Count, hmis.StdDev, hmis.Variance:
	default:
		half = hmis.Sum
	}
	if class == Truth || half == hmis.Count {
		class = Number // truth values are 1 and 0 here, and texts can be counted
	}
	return Half(half, class)
}

// Extremes returns the rule of one org unit where [Rule.PerUnit] holds: the
// least or greatest value over time.
func (r Rule) Extremes() Rule { return Half(r.Time, r.Class) }

// LooksBack reports whether the rule ranks values over time
// (aggregate/RULES.md#look-back).
func (r Rule) LooksBack() bool {
	return r.Time == hmis.Last || r.Time == hmis.First || r.Time == hmis.LastInPeriod
}

// PerUnit reports whether the rule finds the least or greatest value of each
// storing unit before it adds them up (aggregate/RULES.md#extremes-of-units).
func (r Rule) PerUnit() bool {
	return (r.Time == hmis.Min || r.Time == hmis.Max) && r.Units != r.Time
}

// Derived reports whether the server computes the rule on a derived table,
// where criteria on single values have no effect (aggregate/RULES.md#criteria).
func (r Rule) Derived() bool { return r.LooksBack() || r.PerUnit() }

// Spreads reports whether the rule has no number for a single value.
func (r Rule) Spreads() bool { return r.Units == hmis.StdDev || r.Units == hmis.Variance }

// An Aggregate says how the values of a cell become one
// (aggregate/RULES.md#sums-and-means).
type Aggregate uint8

// These are the aggregates.
const (
	Sum       Aggregate = iota
	Mean                // sum / count
	DayMean             // sum of value × days / days asked for
	DayShare            // sum of value × days / sum of days × 100
	Count               //
	Deviation           // sample standard deviation
	Variance            // sample variance
	Least               //
	Greatest            //
	Pick                // one value as it is
)

// Aggregate returns how the values of a cell become one. The first case that
// fits decides (aggregate/RULES.md#sums-and-means and the sections after it).
func (r Rule) Aggregate() Aggregate {
	switch {
	case r.Class == Text:
		return Pick
	case r.Units == hmis.NoAggregation, r.Units == hmis.First, r.Units == hmis.Last:
		return Pick
	case r.Units == hmis.Sum && r.Time == hmis.Average && r.Class == Number:
		return DayMean
	case r.Units == hmis.Average && r.Class == Number:
		return Mean
	case r.Units == hmis.Average && r.Class == Truth:
		return DayShare
	}
	switch r.Units {
	case hmis.Count:
		return Count
	case hmis.StdDev:
		return Deviation
	case hmis.Variance:
		return Variance
	case hmis.Min:
		return Least
	case hmis.Max:
		return Greatest
	}
	return Sum
}

// ByDays reports whether a value is multiplied by the days of its period before
// it is added.
func (a Aggregate) ByDays() bool { return a == DayMean || a == DayShare }

// A Way is how the values of a cell must be walked for a rule.
type Way uint8

// These are the ways.
const (
	Add      Way = iota // add each value to the cells where it counts
	LookBack            // find the last or first value of each series, then add these
	Rank                // keep one value of a whole cell
	Fold                // find the least or greatest value of each unit, then add these
	PickOne             // show one text
)

// Way returns how values must be walked.
func (r Rule) Way() Way {
	switch {
	case r.LooksBack() && r.Units != hmis.Sum && r.Units != hmis.Average:
		return Rank
	case r.LooksBack():
		return LookBack
	case r.Aggregate() == Pick: // texts: pick one, whatever the rule
		return PickOne
	case r.PerUnit():
		return Fold
	}
	return Add
}

// String returns the rule in words, for plans and explanations.
func (r Rule) String() string {
	switch {
	case r.Class == Text && !r.LooksBack():
		return "one text"
	case r.Aggregate() == DayMean:
		return "sum over org units, mean over days"
	case r.Aggregate() == DayShare:
		return "share of days in per cent"
	case r.Units == r.Time:
		return InWords(r.Units) + " over org units and time"
	}
	return InWords(r.Units) + " over org units, " + InWords(r.Time) + " over time"
}

// InWords returns one half of a rule in words.
func InWords(a hmis.Aggregation) string {
	switch a {
	case hmis.Average:
		return "mean"
	case hmis.NoAggregation:
		return "one value"
	case hmis.Last:
		return "last"
	case hmis.First:
		return "first"
	case hmis.LastInPeriod:
		return "last in period"
	case hmis.Count:
		return "count"
	case hmis.StdDev:
		return "sample standard deviation"
	case hmis.Variance:
		return "sample variance"
	case hmis.Min:
		return "least"
	case hmis.Max:
		return "greatest"
	}
	return "sum"
}

// IsAggregation reports whether a is one of the aggregations of DHIS2.
func IsAggregation(a hmis.Aggregation) bool { return slices.Contains(hmis.Aggregations(), a) }
