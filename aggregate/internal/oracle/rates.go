package oracle

import (
	"cmp"
	"math/big"
	"slices"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// Rate returns a reporting rate of a cell before it is rounded: targets and
// completions, counted one by one. It is nil if there is none.
func (o *Oracle) Rate(item indicator.Item, at Place) *big.Rat {
	set, _ := hmis.Find[hmis.DataSet](o.country.Catalog, item.ID)
	asked := o.query.Filter.Periods
	if !at.Period.IsZero() {
		asked = []period.Period{at.Period}
	}
	var distinct []period.Period
	days := 0
	for _, p := range asked {
		if !slices.Contains(distinct, p) {
			distinct = append(distinct, p)
			days += p.Days()
		}
	}
	inCell := func(unit, attr hmis.UID) bool {
		r := row{Key: hmis.Key{OrgUnit: unit, AttributeCombo: attr}}
		at := at
		at.Item = indicator.Item{}
		return o.dimensions(r, at) && o.filters(r)
	}
	targetsIn := func(p period.Period) (targets int) {
		for _, unit := range set.OrgUnits {
			u, _ := o.country.Tree.Unit(unit)
			if u.Opened != 0 && u.Opened > p.First() || u.Closed != 0 && u.Closed < p.Last() {
				continue
			}
			for _, attr := range o.attrs(set, unit, p) {
				if inCell(unit, attr) {
					targets++
				}
			}
		}
		return targets
	}
	targets, expected := 0, int64(0)
	for _, p := range distinct {
		nominal := p.Type().Frequency() / set.PeriodType.Frequency()
		if set.PeriodType == period.Daily {
			nominal = p.Days()
		}
		inside := func(longer period.Period) bool {
			q, ok := In(p, longer.Type())
			return longer != p && ok && q == longer
		}
		if o.query.ServerArtefacts {
			p = asked[0]
			if nominal = p.Type().Frequency() / set.PeriodType.Frequency(); set.PeriodType == period.Daily {
				nominal = days
			}
		} else if slices.ContainsFunc(distinct, inside) {
			continue
		}
		n := targetsIn(p)
		targets, expected = targets+n, expected+int64(n*nominal)
	}
	if targets == 0 {
		return nil
	}
	type key struct {
		unit, attr hmis.UID
		p          period.Period
	}
	last := map[key]hmis.Completion{}
	for _, c := range o.country.Completions {
		if c.DataSet == set.ID {
			last[key{c.OrgUnit, cmp.Or(c.AttributeCombo, o.country.Catalog.DefaultOptionCombo()), c.Period}] = c
		}
	}
	actual := int64(0)
	for k, c := range last {
		late := c.At.Sub(k.p.Last().Time(time.UTC)) > time.Duration((set.TimelyDays+1)*24*float64(time.Hour))
		if c.Withdrawn || late && (item.Rate == indicator.ReportingRateOnTime || item.Rate == indicator.ActualReportsOnTime) || !inCell(k.unit, k.attr) {
			continue
		}
		if slices.ContainsFunc(distinct, func(p period.Period) bool { q, ok := In(k.p, p.Type()); return ok && q == p }) {
			actual++
		}
	}
	switch {
	case item.Rate == indicator.ExpectedReports:
		return big.NewRat(expected, 1)
	case item.Rate == indicator.ActualReports || item.Rate == indicator.ActualReportsOnTime:
		return big.NewRat(actual, 1)
	case expected == 0:
		return new(big.Rat)
	}
	return big.NewRat(min(actual*100, expected*100), expected)
}

// attrs returns the attribute option combos that a unit is expected to report
// for (aggregate/RULES.md#expected-reports).
func (o *Oracle) attrs(set hmis.DataSet, unit hmis.UID, p period.Period) (list []hmis.UID) {
	if set.CategoryCombo == "" {
		return []hmis.UID{o.country.Catalog.DefaultOptionCombo()}
	}
	for _, combo := range o.country.Metadata.OptionCombos {
		if combo.CategoryCombo != set.CategoryCombo {
			continue
		}
		assigned := true
		var first, last period.Date
		for _, id := range combo.Options {
			option, _ := hmis.Find[hmis.CategoryOption](o.country.Catalog, id)
			assigned = assigned && slices.Contains(option.OrgUnits, unit)
			if option.First != 0 && (first == 0 || option.First < first) {
				first = option.First
			}
			last = max(last, option.Last)
		}
		if last != 0 { // move by the given number of months, to the same day if that month has it
			y, m, d := last.Civil()
			m += time.Month(set.OpenAfterEnd)
			last = min(period.DateOf(y, m, d), period.DateOf(y, m+1, 1)-1)
		}
		if assigned && (first == 0 || first <= p.First()) && (last == 0 || last >= p.Last()) {
			list = append(list, combo.ID)
		}
	}
	return list
}
