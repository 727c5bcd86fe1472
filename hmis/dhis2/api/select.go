package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api/internal/objects"
	"github.com/ohie-hmis/hmis-go/period"
)

// A selection says which data values or completions are asked for.
type selection struct {
	params      url.Values
	sets        map[hmis.UID]bool // of completions; nil is all
	elements    map[hmis.UID]bool
	units       map[hmis.UID]bool
	combos      map[hmis.UID]bool // attribute option combos; nil is all
	periods     map[period.Period]bool
	first, last period.Date
	since       time.Time
	limit       int // 0 is none
}

func conflict(code, message string) error {
	return &fault{Status: http.StatusConflict, Code: code, Message: message}
}

// selection reads the parameters of a request (RULES.md#data-values).
func (s *Server) selection(r *http.Request) (*selection, error) {
	q := &selection{params: r.URL.Query()}
	lists := map[string][]hmis.UID{}
	for _, name := range []string{"dataSet", "dataElement", "dataElementGroup", "orgUnit", "orgUnitGroup", "attributeOptionCombo"} {
		for _, text := range q.params[name] {
			for id := range strings.SplitSeq(text, ",") {
				if !objects.IsUID(id) {
					return nil, &fault{Status: http.StatusBadRequest, Message: "UID must be an alphanumeric string of " +
						"11 characters starting with a letter, but was: " + id}
				}
				lists[name] = append(lists[name], hmis.UID(id))
			}
		}
	}
	q.chooseElements(s.Catalog, lists)
	if err := q.choosePeriods(); err != nil {
		return nil, err
	}
	q.chooseUnits(s, lists)
	if ids := lists["attributeOptionCombo"]; ids != nil {
		q.combos = setOf(ids)
	}
	if text := q.params.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, conflict("E2009", "Limit cannot be less than zero: `"+text+"`")
		}
		q.limit = n
	}
	switch {
	case len(lists["dataSet"])+len(lists["dataElement"])+len(lists["dataElementGroup"]) == 0:
		return nil, conflict("E2001", "At least one data element, data set or data element group must be specified")
	case len(q.periods) == 0 && q.first == 0 && q.since.IsZero():
		return nil, conflict("E2002", "At least one period, start/end dates, last updated or last updated duration must be specified")
	case len(q.periods) > 0 && q.first != 0:
		return nil, conflict("E2003", "Both periods and start/end date cannot be specified")
	case q.first > q.last:
		return nil, conflict("E2004", "Start date must be before end date")
	case len(lists["orgUnit"])+len(lists["orgUnitGroup"]) == 0:
		return nil, conflict("E2006", "At least one organisation unit or organisation unit group must be specified")
	}
	return q, nil
}

func setOf(ids []hmis.UID) map[hmis.UID]bool {
	set := make(map[hmis.UID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

func (q *selection) chooseElements(c *hmis.Catalog, lists map[string][]hmis.UID) {
	q.elements = setOf(lists["dataElement"])
	q.sets = setOf(lists["dataSet"])
	for id := range q.sets {
		set, _ := hmis.Find[hmis.DataSet](c, id)
		for _, e := range set.Elements {
			q.elements[e.DataElement] = true
		}
	}
	for id := range setOf(lists["dataElementGroup"]) {
		group, _ := hmis.Find[hmis.Group](c, id)
		for _, e := range group.Members {
			q.elements[e] = true
		}
	}
}

func (q *selection) chooseUnits(s *Server, lists map[string][]hmis.UID) {
	q.units = setOf(lists["orgUnit"])
	for _, id := range lists["orgUnitGroup"] {
		group, _ := hmis.Find[hmis.Group](s.Catalog, id)
		for _, u := range group.Members {
			q.units[u] = true
		}
	}
	if q.below() && s.Tree != nil {
		for _, id := range lists["orgUnit"] {
			for u := range s.Tree.Subtree(id) {
				q.units[u] = true
			}
		}
	}
}

// below reports whether the units below are asked for too.
func (q *selection) below() bool { return strings.EqualFold(q.params.Get("children"), "true") }

func (q *selection) choosePeriods() error {
	q.periods = map[period.Period]bool{}
	for _, text := range q.params["period"] {
		for id := range strings.SplitSeq(text, ",") {
			p, err := period.Parse(id)
			if err != nil {
				return &fault{Status: http.StatusBadRequest, Message: "Invalid Period `" + id + "`" + expected(id)}
			}
			q.periods[p] = true
		}
	}
	for name, into := range map[string]*period.Date{"startDate": &q.first, "endDate": &q.last} {
		text := q.params.Get(name)
		if text == "" {
			continue
		}
		d, err := period.ParseDate(text)
		if err != nil {
			return &fault{Status: http.StatusBadRequest, Message: "Value '" + text + "' is not valid for parameter " + name + ". It should be of type Date"}
		}
		*into = d
	}
	if text := q.params.Get("lastUpdated"); text != "" {
		d, err := period.ParseDate(text[:min(len(text), 10)])
		if err != nil {
			return &fault{Status: http.StatusBadRequest, Message: "Value '" + text + "' is not valid for parameter lastUpdated. It should be of type Date"}
		}
		q.since = d.Time(time.UTC)
	}
	if text := q.params.Get("lastUpdatedDuration"); text != "" {
		back, ok := duration(text)
		if !ok {
			return conflict("E2005", "Duration is not valid: `"+text+"`")
		}
		q.since = time.Now().Add(-back)
	}
	return nil
}

// expected says what a period should have in place of its first character
// that is no digit, if it has none before.
func expected(id string) string {
	if id == "" || id[0] >= '0' && id[0] <= '9' {
		return ""
	}
	return fmt.Sprintf(", expected a digit at position 0 but found: `%c`", []rune(id)[0])
}

// duration reads a duration such as "4d", "12h", "30m" or "10s".
func duration(text string) (time.Duration, bool) {
	if text == "" {
		return 0, false
	}
	units := map[byte]time.Duration{'d': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute, 's': time.Second}
	n, err := strconv.Atoi(text[:len(text)-1])
	unit := units[text[len(text)-1]]
	if err != nil || unit == 0 || n < 0 || n > 1_000_000 {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

// at reports whether a period is asked for.
func (q *selection) at(p period.Period) bool {
	if len(q.periods) > 0 {
		return q.periods[p]
	}
	return q.first == 0 || p.First() >= q.first && p.Last() <= q.last
}

// has reports whether a value is asked for.
func (q *selection) has(v *hmis.DataValue) bool {
	return q.elements[v.DataElement] && q.units[v.OrgUnit] && q.at(v.Period) && (q.combos == nil || q.combos[v.AttributeCombo]) &&
		!v.Updated.Before(q.since) && (!v.Deleted || q.params.Get("includeDeleted") == "true")
}
