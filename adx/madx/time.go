package madx

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A moment is a dateTime of FHIR. It may be precise to the year, the month, the
// day, or some digits of the second.
type moment struct {
	time.Time
	precision int // the length of the text without the time zone
	zone      string
}

const (
	toYear  = len("2026")
	toMonth = len("2026-01")
	toDay   = len("2026-01-31")
)

// parseMoment parses a dateTime. A time of day must have a zone.
func parseMoment(s string) (moment, error) {
	bad := fmt.Errorf("%s: want a date, or a time with a zone", quote.Text(s))
	layouts := map[int]string{toYear: "2006", toMonth: "2006-01", toDay: time.DateOnly}
	m := moment{precision: len(s)}
	layout := layouts[len(s)]
	if layout == "" {
		layout = time.RFC3339Nano
		day, clock, _ := strings.Cut(s, "T")
		i := strings.IndexAny(clock, "Z+-")
		if i < 0 || i < len("15:04:05") || strings.Contains(clock, ",") {
			return moment{}, bad
		}
		m.precision, m.zone = len(day)+1+i, clock[i:]
	}
	var err error
	if m.Time, err = time.Parse(layout, s); err != nil || m.Year() == 0 {
		return moment{}, bad
	}
	return m, nil
}

// next returns the first time after m that has the precision of m.
func (m moment) next() time.Time {
	switch m.precision {
	case toYear:
		return m.AddDate(1, 0, 0)
	case toMonth:
		return m.AddDate(0, 1, 0)
	case toDay:
		return m.AddDate(0, 0, 1)
	}
	unit := time.Second
	for range m.precision - len("2006-01-02T15:04:05.") {
		unit /= 10
	}
	return m.Add(max(unit, 1))
}

// timeRange returns the time range from start to end, including end
// (RULES.md#reports-in-fhir). The duration is in months if start and end are
// those of months, else in days, else in seconds. If start and end are the same
// time of day, the result is an instant.
func timeRange(start, end moment) (adx.TimeRange, error) {
	if start.precision > toDay && start.Equal(end.Time) {
		return adx.ParseTimeRange(start.Format("2006-01-02T15:04:05.999999999") + start.zone)
	}
	after := end.next()
	text := start.Format(time.DateOnly) + start.zone
	if !midnight(start.Time) {
		text = start.Format("2006-01-02T15:04:05.999999999") + start.zone
	}
	from, to := start.Time, after.In(start.Location())
	_, offset := from.Zone()
	_, offsetEnd := after.Zone()
	months := (to.Year()-from.Year())*12 + int(to.Month()) - int(from.Month())
	switch {
	case midnight(from) && midnight(to) && offset == offsetEnd && from.Day() == 1 && to.Day() == 1 && months%12 == 0:
		text += "/P" + strconv.Itoa(months/12) + "Y"
	case midnight(from) && midnight(to) && offset == offsetEnd && from.Day() == 1 && to.Day() == 1:
		text += "/P" + strconv.Itoa(months) + "M"
	default:
		text += "/" + duration(from, to)
	}
	return adx.ParseTimeRange(text)
}

func midnight(t time.Time) bool {
	h, m, s := t.Clock()
	return h == 0 && m == 0 && s == 0 && t.Nanosecond() == 0
}

// duration returns the time between two times in days, hours, minutes and
// seconds. It may be longer than the longest [time.Duration].
func duration(from, to time.Time) string {
	const day = 24 * time.Hour
	const daySeconds = int64(day / time.Second)
	seconds := to.Unix() - from.Unix()
	days := seconds / daySeconds
	d := time.Duration(seconds%daySeconds)*time.Second + time.Duration(to.Nanosecond()-from.Nanosecond())
	if d < 0 {
		days, d = days-1, d+day
	}
	text := "P"
	if days > 0 {
		text += strconv.FormatInt(days, 10) + "D"
	}
	if d > 0 {
		text += "T"
	}
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{time.Hour, "H"}, {time.Minute, "M"}} {
		if d >= u.of {
			text += strconv.FormatInt(int64(d/u.of), 10) + u.name
			d %= u.of
		}
	}
	if d > 0 {
		text += strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "S"
	}
	return text
}
