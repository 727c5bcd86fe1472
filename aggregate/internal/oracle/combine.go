package oracle

import (
	"math/big"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// dataType returns the period type in which an element is collected
// (aggregate/RULES.md#less-frequent-data).
func (o *Oracle) dataType(e hmis.UID) (least period.Type) {
	for _, set := range o.country.Metadata.DataSets {
		for _, member := range set.Elements {
			if member.DataElement == e && (least == 0 || set.PeriodType.Frequency() < least.Frequency()) {
				least = set.PeriodType
			}
		}
	}
	return least
}

func disaggregated(data, asked period.Type) bool {
	return asked.Frequency() < data.Frequency() || asked.Frequency() == data.Frequency() && asked != data
}

// disaggregated shows values of longer periods in shorter ones
// (aggregate/RULES.md#less-frequent-data).
func (o *Oracle) disaggregated(e hmis.DataElement, at Place, data period.Type, units, time hmis.Aggregation, asked []period.Period) *Number {
	var list []period.Period
	for _, p := range asked {
		list = append(list, data.On(p.First()))
		if p.Type() >= period.FinancialFeb {
			list = append(list, data.On(p.Last()))
		}
	}
	slices.SortStableFunc(list, period.Period.Compare)
	list = slices.Compact(list)
	without := at
	without.Period = period.Period{}
	of := func(periods []period.Period) *Number {
		return o.combine(e, units, time, o.match(without, periods, true), totalDays(aggregate.Query{}, periods))
	}
	if at.Period.IsZero() || len(list) == 1 {
		return of(list)
	}
	early, late := of(list[:1]), of(list[1:])
	if early != nil && late != nil { // criteria apply to this mean of two years too
		if !Meets(early.Value, o.query.Criteria) {
			early = nil
		}
		if !Meets(late.Value, o.query.Criteria) {
			late = nil
		}
	}
	switch {
	case early == nil:
		return late
	case late == nil:
		return early
	}
	_, month, _ := at.Period.First().Civil()
	m := int64(month) - 1
	sum := new(big.Rat).Mul(early.Value, big.NewRat(12-m, 12))
	sum.Add(sum, new(big.Rat).Mul(late.Value, big.NewRat(m, 12)))
	return &Number{Value: Rounded(sum, 10), met: true}
}

// combine makes one number of the values of a cell
// (aggregate/RULES.md#sums-and-means and the sections after it).
func (o *Oracle) combine(e hmis.DataElement, units, time hmis.Aggregation, rows []row, days int) *Number {
	if len(rows) == 0 {
		return nil
	}
	if o.Together {
		picks := units == hmis.Last || units == hmis.First || units == hmis.NoAggregation
		numbers := slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.number == nil })
		if len(numbers) == 0 || picks && rows[0].number == nil {
			if len(o.query.Criteria) > 0 { // a cell without a number satisfies no criterion
				return nil
			}
			return &Number{Value: new(big.Rat)}
		}
		rows = numbers
	}
	if e.ValueType == hmis.Text {
		var texts []string
		for _, r := range rows {
			texts = append(texts, r.text)
		}
		return &Number{Texts: texts}
	}
	isTruth := e.ValueType.IsBoolean()
	sum, dayed, square := new(big.Rat), new(big.Rat), new(big.Rat)
	least, greatest, length := rows[0].number, rows[0].number, 0
	for _, r := range rows {
		n := big.NewRat(int64(r.Period.Days()), 1)
		sum.Add(sum, r.number)
		dayed.Add(dayed, n.Mul(n, r.number))
		square.Add(square, new(big.Rat).Mul(r.number, r.number))
		length += r.Period.Days()
		if r.number.Cmp(least) < 0 {
			least = r.number
		}
		if r.number.Cmp(greatest) > 0 {
			greatest = r.number
		}
	}
	n := big.NewRat(int64(len(rows)), 1)
	switch {
	case units == hmis.Last || units == hmis.First || units == hmis.NoAggregation:
		return &Number{Value: rows[0].number}
	case units == hmis.Sum && time == hmis.Average && !isTruth:
		return &Number{Value: dayed.Quo(dayed, big.NewRat(int64(days), 1))}
	case units == hmis.Average && !isTruth:
		return &Number{Value: sum.Quo(sum, n)}
	case units == hmis.Average:
		return &Number{Value: dayed.Mul(dayed.Quo(dayed, big.NewRat(int64(length), 1)), big.NewRat(100, 1))}
	case units == hmis.Count:
		return &Number{Value: n}
	case units == hmis.Min:
		return &Number{Value: least}
	case units == hmis.Max:
		return &Number{Value: greatest}
	case units == hmis.StdDev, units == hmis.Variance:
		if len(rows) == 1 {
			return &Number{Value: new(big.Rat), null: true}
		}
		mean := new(big.Rat).Quo(new(big.Rat).Mul(sum, sum), n)
		square.Quo(square.Sub(square, mean), n.Sub(n, big.NewRat(1, 1)))
		return &Number{Value: square, root: units == hmis.StdDev}
	case time == hmis.Min || time == hmis.Max:
		return &Number{Value: perUnit(rows, time == hmis.Max)}
	}
	return &Number{Value: sum}
}

// perUnit adds the least or greatest number of each storing unit
// (aggregate/RULES.md#extremes-of-units).
func perUnit(rows []row, greatest bool) *big.Rat {
	best := map[hmis.UID]*big.Rat{}
	for _, r := range rows {
		if had := best[r.OrgUnit]; had == nil || greatest == (r.number.Cmp(had) > 0) {
			best[r.OrgUnit] = r.number
		}
	}
	sum := new(big.Rat)
	for _, n := range best {
		sum.Add(sum, n)
	}
	return sum
}

// Rounded returns n with the given number of digits after the point, rounded
// half away from zero (aggregate/RULES.md#rounding).
func Rounded(n *big.Rat, digits int) *big.Rat {
	r, _ := new(big.Rat).SetString(n.FloatString(digits))
	return r
}
