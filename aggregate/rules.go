package aggregate

import "github.com/ohie-hmis/hmis-go/hmis"

// A class is what an element's values are to aggregation (RULES.md#mixed-data).
type class uint8

const (
	numeric class = iota
	boolean
	textual
	uncounted // coordinates, files and the like: never rows of analytics
)

func classOf(t hmis.ValueType) class {
	switch {
	case t.IsNumeric():
		return numeric
	case t.IsBoolean():
		return boolean
	case t.IsText(), t.IsDate():
		return textual
	}
	return uncounted
}

// A rule is an aggregation in its two halves, with the class of the values that
// it meets (RULES.md#two-halves).
type rule struct {
	name        hmis.Aggregation
	units, time hmis.Aggregation
	class       class
}

func ruleOf(a hmis.Aggregation, c class) rule {
	r := rule{name: a, units: a, time: a, class: c}
	switch a {
	case "":
		r.name, r.units, r.time = hmis.Sum, hmis.Sum, hmis.Sum
	case hmis.AverageSumOrgUnit:
		r.units, r.time = hmis.Sum, hmis.Average
	case hmis.MinSumOrgUnit:
		r.units, r.time = hmis.Sum, hmis.Min
	case hmis.MaxSumOrgUnit:
		r.units, r.time = hmis.Sum, hmis.Max
	case hmis.Last:
		r.units = hmis.Sum
	case hmis.First:
		r.units = hmis.Sum
	case hmis.LastAverageOrgUnit:
		r.units, r.time = hmis.Average, hmis.Last
	case hmis.FirstAverageOrgUnit:
		r.units, r.time = hmis.Average, hmis.First
	case hmis.LastLastOrgUnit:
		r.units, r.time = hmis.Last, hmis.Last
	case hmis.FirstFirstOrgUnit:
		r.units, r.time = hmis.First, hmis.First
	case hmis.LastInPeriod:
		r.units = hmis.Sum
	case hmis.LastInPeriodAverageOrgUnit:
		r.units, r.time = hmis.Average, hmis.LastInPeriod
	}
	return r
}

// An aggregate is how the values of a cell become one
// (RULES.md#sums-and-means).
type aggregate uint8

const (
	sum       aggregate = iota
	mean                // sum / count
	dayMean             // sum of value × days / days asked for
	dayShare            // sum of value × days / sum of days × 100
	count               //
	deviation           // sample standard deviation
	variance            // sample variance
	least               //
	greatest            //
	pick                // one value as it is
)

// aggregate returns how the values of a cell become one. The first case that
// fits decides (RULES.md#sums-and-means and the sections after it).
func (r rule) aggregate() aggregate {
	switch {
	case r.units == hmis.NoAggregation, r.units == hmis.First, r.units == hmis.Last, r.class == textual:
		return pick
	case r.units == hmis.Sum && r.time == hmis.Average && r.class == numeric:
		return dayMean
	case r.units == hmis.Average && r.class == numeric:
		return mean
	case r.units == hmis.Average && r.class == boolean:
		return dayShare
	}
	switch r.units {
	case hmis.Count:
		return count
	case hmis.StdDev:
		return deviation
	case hmis.Variance:
		return variance
	case hmis.Min:
		return least
	case hmis.Max:
		return greatest
	}
	return sum
}

// looksBack reports whether the rule ranks values over time
// (RULES.md#look-back).
func (r rule) looksBack() bool {
	return r.time == hmis.Last || r.time == hmis.First || r.time == hmis.LastInPeriod
}

// perUnit reports whether the rule takes the least or greatest value of each
// storing unit before it adds them up (RULES.md#extremes-of-units).
func (r rule) perUnit() bool {
	return (r.time == hmis.Min || r.time == hmis.Max) && r.units != r.time
}

// derived reports whether the rule works on a derived table, to which criteria
// on single values do not reach (RULES.md#criteria).
func (r rule) derived() bool { return r.looksBack() || r.perUnit() }

// String says the rule in words, for plans and explanations.
func (r rule) String() string {
	switch {
	case r.class == textual && !r.looksBack():
		return "one text"
	case r.aggregate() == dayMean:
		return "sum over org units, mean over days"
	case r.aggregate() == dayShare:
		return "share of days in per cent"
	case r.units == r.time:
		return inWords(r.units) + " over org units and time"
	}
	return inWords(r.units) + " over org units, " + inWords(r.time) + " over time"
}

// inWords says one half of a rule.
func inWords(a hmis.Aggregation) string {
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

// keepsZeros reports whether the very text 0 counts for an element. Its own
// aggregation decides, whatever a query asks for (RULES.md#zeros).
func keepsZeros(e *hmis.DataElement, zeroIsData bool) bool {
	return e.ValueType.IsBoolean() ||
		e.Aggregation == hmis.Average || e.Aggregation == hmis.AverageSumOrgUnit ||
		zeroIsData && e.ZeroIsData
}

// aggregatable reports whether an element's own type can be asked for as data
// (RULES.md#refused-queries).
func aggregatable(e *hmis.DataElement) bool {
	if e.Aggregation != "" && !isAggregation(e.Aggregation) {
		return false
	}
	switch e.Aggregation {
	case hmis.CustomAggregation, hmis.DefaultAggregation:
		return false
	case hmis.NoAggregation:
		switch e.ValueType {
		case hmis.Text, hmis.LongText, hmis.Letter, hmis.Username, hmis.Email, hmis.PhoneNumber, hmis.URL:
			return true
		}
		return false
	}
	switch e.ValueType {
	case hmis.Text, hmis.LongText, hmis.MultiText, hmis.Letter, hmis.PhoneNumber, hmis.Email, hmis.Username,
		hmis.URL, hmis.Coordinate, hmis.Boolean, hmis.TrueOnly:
		return true
	case hmis.FileResource:
		return e.Aggregation == hmis.Count
	}
	return e.ValueType.IsNumeric()
}
