package aggregate_test

import (
	"math/big"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// dataType is the period type in which an element is collected (section 7).
func (o *oracle) dataType(e hmis.UID) (least period.Type) {
	for _, set := range o.w.md.DataSets {
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

// disaggregated shows values of longer periods in shorter ones (section 7).
func (o *oracle) disaggregated(e hmis.DataElement, at place, data period.Type, units, time hmis.Aggregation, asked []period.Period) *count {
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
	without.per = period.Period{}
	of := func(periods []period.Period) *count {
		return o.combine(e, units, time, o.match(without, periods, true), totalDays(aggregate.Query{}, periods))
	}
	if at.per.IsZero() || len(list) == 1 {
		return of(list)
	}
	early, late := of(list[:1]), of(list[1:])
	if early != nil && late != nil { // the criteria are part of what the query gives
		if !meets(early.number, o.query.Criteria) {
			early = nil
		}
		if !meets(late.number, o.query.Criteria) {
			late = nil
		}
	}
	switch {
	case early == nil:
		return late
	case late == nil:
		return early
	}
	_, month, _ := at.per.First().Civil()
	m := int64(month) - 1
	sum := new(big.Rat).Mul(early.number, big.NewRat(12-m, 12))
	sum.Add(sum, new(big.Rat).Mul(late.number, big.NewRat(m, 12)))
	return &count{number: rounded(sum, 10), met: true}
}

// combine makes one number of the rows of a cell (6.2).
func (o *oracle) combine(e hmis.DataElement, units, time hmis.Aggregation, rows []row, days int) *count {
	if len(rows) == 0 {
		return nil
	}
	if o.together {
		picks := units == hmis.Last || units == hmis.First || units == hmis.NoAggregation
		numbers := slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.number == nil })
		if len(numbers) == 0 || picks && rows[0].number == nil {
			if len(o.query.Criteria) > 0 { // which nothing does not meet
				return nil
			}
			return &count{number: new(big.Rat)}
		}
		rows = numbers
	}
	if e.ValueType == hmis.Text {
		var texts []string
		for _, r := range rows {
			texts = append(texts, r.text)
		}
		return &count{texts: texts}
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
		return &count{number: rows[0].number}
	case units == hmis.Sum && time == hmis.Average && !isTruth:
		return &count{number: dayed.Quo(dayed, big.NewRat(int64(days), 1))}
	case units == hmis.Average && !isTruth:
		return &count{number: sum.Quo(sum, n)}
	case units == hmis.Average:
		return &count{number: dayed.Mul(dayed.Quo(dayed, big.NewRat(int64(length), 1)), big.NewRat(100, 1))}
	case units == hmis.Count:
		return &count{number: n}
	case units == hmis.Min:
		return &count{number: least}
	case units == hmis.Max:
		return &count{number: greatest}
	case units == hmis.StdDev, units == hmis.Variance:
		if len(rows) == 1 {
			return &count{number: new(big.Rat), null: true}
		}
		mean := new(big.Rat).Quo(new(big.Rat).Mul(sum, sum), n)
		square.Quo(square.Sub(square, mean), n.Sub(n, big.NewRat(1, 1)))
		return &count{number: square, root: units == hmis.StdDev}
	case time == hmis.Min || time == hmis.Max:
		return &count{number: perUnit(rows, time == hmis.Max)}
	}
	return &count{number: sum}
}

// perUnit adds up the least or greatest number of each storing unit (6.4).
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

// rounded rounds half away from zero (section 14).
func rounded(n *big.Rat, digits int) *big.Rat {
	r, _ := new(big.Rat).SetString(n.FloatString(digits))
	return r
}
