package country

import (
	"iter"
	"strconv"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// These are the months with reports.
var (
	firstMonth = period.MustParse("202401")
	lastMonth  = period.MustParse("202512")
)

// shares has the share of each option combo, in per cent.
var shares = map[hmis.UID]int{
	"HllvX50cXC0": 100,
	"ocFemale001": 49, "ocMale00001": 51,
	"ocUnder5yrs": 38, "ocFivePlus1": 62,
	"ocUnder20yr": 21, "ocTwentyPls": 79,
	"ocFemUnder5": 18, "ocMalUnder5": 19, "ocFemFivePl": 36, "ocMalFivePl": 27,
}

// malariaSeason has the rise and fall of malaria over a year, in per cent.
var malariaSeason = [12]int{70, 60, 55, 60, 80, 110, 150, 165, 150, 125, 95, 80}

// Values returns the reported values: each form by facility and month, and the
// population by zone and year. As in life, some reports are missing. The stream
// can be read several times and is always the same.
func Values() iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		g := newGeography()
		r := reporter{
			rnd:   &random{state: 2},
			cells: make(map[hmis.UID][]hmis.OptionCombo),
			yield: yield,
		}
		for _, cells := range disaggregations {
			r.cells[cells[0].CategoryCombo] = cells
		}
		for _, z := range g.zones {
			for i, year := range []string{"2024", "2025"} {
				r.at(z.id, period.MustParse(year))
				r.report(dataElements[14], z.people*(1000+26*i))
			}
		}
		opened, closed := openings(g)
		for _, f := range g.facilities {
			for m, month := range period.Range(firstMonth, lastMonth) {
				if month.First() < opened[f.id] || closed[f.id] != 0 && month.Last() > closed[f.id] {
					continue
				}
				r.at(f.id, month)
				r.facility(f, m)
			}
			if r.done {
				return
			}
		}
	}
}

func openings(g *geography) (opened, closed map[hmis.UID]period.Date) {
	opened, closed = make(map[hmis.UID]period.Date), make(map[hmis.UID]period.Date)
	for _, u := range g.units {
		opened[u.ID], closed[u.ID] = u.Opened, u.Closed
	}
	return opened, closed
}

// A reporter makes the values of reports.
type reporter struct {
	rnd   *random
	cells map[hmis.UID][]hmis.OptionCombo // the option combos of each category combo
	yield func(hmis.DataValue, error) bool
	value hmis.DataValue // has the org unit and period of the report
	done  bool
}

func (r *reporter) at(unit hmis.UID, p period.Period) {
	r.value.OrgUnit, r.value.Period = unit, p
}

// facility yields the reports of a facility for month m, from 0.
func (r *reporter) facility(f facility, m int) {
	people := f.people * (1000 + 26*(m/12)) / 1000
	district := 92 + f.district*7%17 // the quality of a district's work, in per cent

	// Kelmora sends no reports on maternal health in the middle of 2025.
	silent := f.district == 10 && m >= 18 && m <= 20
	if f.kind != post && r.rnd.chance(f.reliability) && !silent {
		// Mothers from the areas of health posts come here too.
		pregnant := people * 72 / 12 // in thousandths a month; the area served is half as large again
		r.report(dataElements[0], pregnant*86/100*district/100)
		r.report(dataElements[1], pregnant*55/100*district/100)
		r.report(dataElements[2], pregnant*48/100*district/100)
		births := pregnant * 61 / 100 * district / 100
		r.report(dataElements[3], births)
		r.report(dataElements[4], births*98/100)
		r.report(dataElements[5], births*3/1000)
	}

	// Fendara had no vaccine for DPT in the first quarter of 2025.
	supplied := f.district != 5 || m < 12 || m > 14
	if r.rnd.chance(f.reliability) {
		infants := people * 36 / 12
		if supplied {
			r.report(dataElements[6], infants*97/100*district/100)
			r.report(dataElements[7], infants*86/100*district/100)
		}
		r.report(dataElements[8], infants*82/100*district/100)
	}

	if r.rnd.chance(f.reliability) {
		season := malariaSeason[m%12]
		cases := people * 240 / 12 * season / 100 * (70 + f.district*13%61) / 100
		r.report(dataElements[9], people*900/12*(200+season)/300)
		r.report(dataElements[10], cases*100/43)
		r.report(dataElements[11], cases)
		out := max(0, r.rnd.between(-60, 14)) // none in most months
		r.report(dataElements[12], cases*(98-out)/100)
		r.number(dataElements[13], "HllvX50cXC0", out)
	}
}

// report yields a value for each option combo of an element, near its share of
// the total, which is in thousandths. Facilities leave out most zeros.
func (r *reporter) report(e hmis.DataElement, total int) {
	for _, cell := range r.cells[e.CategoryCombo] {
		n := r.rnd.around(total * shares[cell.ID] / 100)
		if n == 0 && r.rnd.chance(80) {
			continue
		}
		r.number(e, cell.ID, n)
	}
}

func (r *reporter) number(e hmis.DataElement, cell hmis.UID, n int) {
	if r.done {
		return
	}
	v := r.value
	v.DataElement, v.OptionCombo, v.Value = e.ID, cell, strconv.Itoa(n)
	r.done = !r.yield(v, nil)
}
