package analytics

import (
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/period"
)

// dateFields lists the words that may follow a period and a colon. They select
// a date of events. A data value has only one date, so these words have no
// effect.
var dateFields = []string{
	"EVENT_DATE", "ENROLLMENT_DATE", "INCIDENT_DATE", "OCCURRED_DATE", "SCHEDULED_DATE", "LAST_UPDATED", "CREATED",
	"CREATED_DATE", "COMPLETED", "COMPLETED_DATE",
}

// periods parses identifiers and keywords. A period that repeats counts once.
func (p *parser) periods(d *dimension, param string, items []string) error {
	seen := make(map[period.Period]bool)
	add := func(list ...period.Period) {
		for _, one := range list {
			if !seen[one] {
				seen[one] = true
				d.periods = append(d.periods, one)
			}
		}
	}
	calendar := p.options.clock.Calendar
	if calendar == nil {
		calendar = period.Gregorian
	}
	for i, item := range items {
		if i%few == 0 && p.ctx.Err() != nil {
			return p.ctx.Err()
		}
		text := item
		if id, field, ok := strings.Cut(item, ":"); ok && slices.Contains(dateFields, field) {
			text = id
		}
		if relative, err := period.ParseRelative(text); err == nil {
			add(relative.On(p.options.clock)...)
			d.keywords = append(d.keywords, keyword{text, MetaItem{Name: relative.Label()}})
			continue
		}
		one, err := parsePeriod(calendar, text)
		if err != nil {
			return wrong(codeBadPeriod, param, item)
		}
		add(one)
		if text != one.String() {
			d.keywords = append(d.keywords, keyword{text, MetaItem{Name: one.Name()}})
		}
	}
	return nil
}

// parsePeriod parses a period. A month may also have the form 2024-01.
func parsePeriod(calendar *period.Calendar, text string) (period.Period, error) {
	if year, month, ok := strings.Cut(text, "-"); ok && len(year) == 4 && len(month) == 2 {
		text = year + month
	}
	return calendar.Parse(text)
}
