package period

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A Table lists the lengths of the months of a calendar, year by year. Every
// year has twelve months.
type Table struct {
	Name   string    // the calendar's name: letters, digits, dashes and underscores
	Year   int       // the first year of the table
	First  Date      // the first day of that year
	Months [][12]int // the days in each month, one row for each year
	Names  *Calendar // the calendar whose names of months and weekdays to use; nil is Gregorian
}

// These are the limits of NewCalendar. Months of 27 to 33 days allow every
// published table and catch most typing errors.
const (
	shortestMonth, longestMonth = 27, 33
	maxMade                     = 64 // the number of calendars that a program can make
	maxName                     = 64 // the length of a name in bytes
	nameLetters                 = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
)

// Table returns a copy of the month lengths that c follows. A program may
// correct them and call [NewCalendar]. ok is false if c follows a rule instead.
func (c *Calendar) Table() (t Table, ok bool) {
	c = c.or()
	if c.table == nil {
		return Table{}, false
	}
	t = Table{Name: c.name, Year: c.minYear, First: c.first, Names: c}
	for year := c.minYear; year <= c.maxYear; year++ {
		var row [12]int
		for month := range row {
			row[month] = c.length(year, month+1)
		}
		t.Months = append(t.Months, row)
	}
	return t, true
}

// NewCalendar makes a calendar that follows a table
// (RULES.md#tables-of-months), such as the Nepali one with other month lengths
// in a year for which publishers disagree:
//
//	table, _ := period.Nepali.Table()
//	table.Name = "nepali-2026"
//	table.Months[2083-table.Year] = [12]int{31, 31, 32, 31, 31, 30, 30, 29, 30, 30, 30, 30}
//	nepali, err := period.NewCalendar(table)
//
// Its periods are distinct from those of every other calendar, also where the
// days are the same. It has periods in the years of the table, and its weeks
// are those of every calendar, from Monday to Sunday or from the day of the
// type.
//
// The error names the row and month that cannot be: a month must have 27 to 33
// days, and the table must be within its own years 1 to 9999 and the Gregorian
// years 1583 to 9999. A name can be used once: a second table of the same name
// is an error, unless it is the same table, which gives the same *Calendar
// again. A program can make at most 64 calendars, since they are never freed.
// NewCalendar is safe for concurrent use.
func NewCalendar(t Table) (*Calendar, error) {
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("period: calendar %s: %w", quote.Text(t.Name), err)
	}
	c, err := made.add(t)
	if err != nil {
		return nil, fmt.Errorf("period: calendar %s: %w", quote.Text(t.Name), err)
	}
	return c, nil
}

// check returns an error if t does not define a possible calendar.
func (t Table) check() error {
	if t.Name == "" || strings.ContainsFunc(t.Name, unfit) {
		return errors.New("want a name of letters, digits, dashes and underscores")
	}
	if len(t.Name) > maxName {
		return fmt.Errorf("name of %d bytes, want at most %d", len(t.Name), maxName)
	}
	if len(t.Months) == 0 {
		return errors.New("no years, want at least one")
	}
	if t.Year < 1 || t.Year > 9999 || len(t.Months) > 9999-t.Year+1 {
		return fmt.Errorf("%d years from %d, want years from 1 to 9999", len(t.Months), t.Year)
	}
	last := int(t.First) - 1
	for i, row := range t.Months {
		for month, days := range row {
			if days < shortestMonth || days > longestMonth {
				return fmt.Errorf("year %d: month %d of %d days, want %d to %d",
					t.Year+i, month+1, days, shortestMonth, longestMonth)
			}
			last += days
		}
	}
	if t.First < Gregorian.first || last > int(Gregorian.last) {
		return fmt.Errorf("days %v to %v, want days from %v to %v",
			t.First, Date(last), Gregorian.first, Gregorian.last)
	}
	return nil
}

// unfit reports whether r may not occur in the name of a calendar.
func unfit(r rune) bool { return !strings.ContainsRune(nameLetters, r) }

// byIndex finds the calendar of a Period: first those of this package, then
// those that were made. An entry is written once, before NewCalendar returns
// the calendar. Only periods of that calendar refer to the entry, so reading it
// needs no lock.
var byIndex = func() (all [256]*Calendar) {
	copy(all[:], fixed[:])
	return all
}()

// made holds the calendars that NewCalendar has made.
var made registry

// A registry keeps calendars by name.
type registry struct {
	mu   sync.Mutex
	list []*Calendar // the calendars in the order of their index
}

func (r *registry) byName(name string) (*Calendar, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.list {
		if c.name == name {
			return c, true
		}
	}
	return nil, false
}

// add returns the calendar of a checked table. It makes the calendar, unless it
// has already made one of the same table.
func (r *registry) add(t Table) (*Calendar, error) {
	taken := func(c *Calendar) bool { return c.name == t.Name }
	if t.Name == "iso8601" || slices.ContainsFunc(fixed[:], taken) {
		return nil, errors.New("want another name than those of DHIS2")
	}
	c := t.calendar()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, old := range r.list {
		if old.name != t.Name {
			continue
		}
		same := old.minYear == c.minYear && old.names == c.names
		if same && slices.Equal(old.table.months, c.table.months) {
			return old, nil
		}
		return nil, errors.New("another table has this name")
	}
	if len(r.list) == maxMade {
		return nil, fmt.Errorf("%d calendars made, want no more", maxMade)
	}
	c.index = uint8(len(fixed) + len(r.list))
	byIndex[c.index] = c
	r.list = append(r.list, c)
	return c, nil
}

// calendar returns a new Calendar that follows a checked table.
func (t Table) calendar() *Calendar {
	months := make([]Date, 0, 12*len(t.Months)+1)
	day := t.First
	for _, row := range t.Months {
		for _, days := range row {
			months = append(months, day)
			day += Date(days)
		}
	}
	lengths := &table{year: t.Year, months: append(months, day)}
	return lengths.calendar(t.Name, 0, t.Names.or().names)
}
