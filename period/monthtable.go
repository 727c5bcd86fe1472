package period

import "sort"

// A table is a calendar that is defined only by the lengths of its months.
type table struct {
	year   int    // the first year
	months []Date // the first day of each month, and the day after the last
}

// newTable returns the table of a calendar that starts with a year and day.
// Each digit of lengths is the length of a month minus 29; blanks are ignored.
func newTable(year int, first Date, lengths string) *table {
	t := &table{year: year, months: []Date{first}}
	for _, digit := range lengths {
		if digit != ' ' {
			first += 29 + Date(digit-'0')
			t.months = append(t.months, first)
		}
	}
	return t
}

// last returns the last year of the table.
func (t *table) last() int { return t.year + len(t.months)/12 - 1 }

// day returns the Date of a day in the table. The month after the last one also
// works.
func (t *table) day(year, month, day int) Date {
	i := (year-t.year)*12 + month - 1
	if i < 0 || i >= len(t.months) {
		return 0
	}
	return t.months[i] + Date(day-1)
}

// civil returns the year, month and day of d. All are 0 outside the table.
func (t *table) civil(d Date) (year, month, day int) {
	end := len(t.months) - 1
	if d < t.months[0] || d >= t.months[end] {
		return 0, 0, 0
	}
	// Months differ so little from their mean length that this guess is nearly
	// always right. If it is not, as in a lunar calendar, the loops below
	// search on.
	i := min(int(d-t.months[0])*100/3044, end-1)
	switch {
	case t.months[i] <= d && d < t.months[i+1]:
	case i > 0 && t.months[i-1] <= d && d < t.months[i]:
		i--
	case i+1 < end && t.months[i+1] <= d && d < t.months[i+2]:
		i++
	default:
		i = sort.Search(end, func(i int) bool { return t.months[i] > d }) - 1
	}
	return t.year + i/12, i%12 + 1, int(d-t.months[i]) + 1
}

// length returns the days in a month, 0 if the table has no such month.
func (t *table) length(year, month int) int {
	i := (year-t.year)*12 + month - 1
	if month < 1 || month > 12 || i < 0 || i+1 >= len(t.months) {
		return 0
	}
	return int(t.months[i+1] - t.months[i])
}

// calendar returns a Calendar of all years of the table.
func (t *table) calendar(name string, index uint8, words *names) *Calendar {
	last := t.last()
	return &Calendar{
		name: name, index: index, names: words, table: t,
		minYear: t.year, maxYear: last, minMonth: 12 * t.year, maxMonth: 12*last + 11,
		first: t.months[0], last: t.months[len(t.months)-1] - 1,
		day: t.day, civil: t.civil, length: t.length,
	}
}
