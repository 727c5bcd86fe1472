package analytics

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
)

// An options has the parameters of a request other than dimensions and filters.
type options struct {
	aggregation hmis.Aggregation
	from, to    period.Date
	ranged      bool   // the request has a start and an end date
	lacking     string // if the request has only one of the two dates, the parameter of the missing date
	order       int    // 1 ascending, -1 descending, 0 unsorted

	skipRounding, skipData, skipMeta  bool
	numDen, ignoreLimit               bool
	hierarchy, nameHierarchy, details bool
	shortNames                        bool
	duplicatesOnly                    bool

	input  hmis.Scheme
	output outputSchemes
	clock  period.Clock
	user   []hmis.UID
	layout layout
}

// A params parses parameters one after another and keeps the first error.
type params struct {
	values url.Values
	err    error
}

// options parses all parameters except dimension and filter. It skips unknown
// ones, as DHIS2 does, since clients send more than a server needs.
func (s Server) options(values url.Values) (options, error) {
	size := 0
	for name, list := range values {
		size += len(name)
		for _, v := range list {
			size += len(v)
		}
	}
	if most := s.Limits.filled().Text; size > most {
		return options{}, refuse("parameters", "want at most %d bytes, got %d", most, size)
	}

	p := params{values: values}
	o := options{
		aggregation:    hmis.Aggregation(p.choice("aggregationType", aggregations)),
		skipRounding:   p.truth("skipRounding"),
		skipData:       p.truth("skipData"),
		skipMeta:       p.truth("skipMeta"),
		numDen:         p.truth("includeNumDen"),
		ignoreLimit:    p.truth("ignoreLimit"),
		hierarchy:      p.truth("hierarchyMeta"),
		nameHierarchy:  p.truth("showHierarchy"),
		details:        p.truth("includeMetadataDetails"),
		shortNames:     p.choice("displayProperty", displayProperties) == "SHORTNAME",
		duplicatesOnly: p.truth("duplicatesOnly"),
		input:          p.scheme("inputIdScheme"),
		output: outputSchemes{
			any:     p.scheme("outputIdScheme"),
			element: p.scheme("outputDataElementIdScheme"),
			data:    p.scheme("outputDataItemIdScheme"),
			unit:    p.scheme("outputOrgUnitIdScheme"),
		},
		clock: s.clock(),
		user:  s.User,
		layout: layout{
			columns:     p.list("columns"),
			rows:        p.list("rows"),
			hideColumns: p.truth("hideEmptyColumns"),
			hideRows:    p.truth("hideEmptyRows"),
		},
	}
	switch p.choice("order", orders) {
	case "ASC":
		o.order = 1
	case "DESC":
		o.order = -1
	}
	to, hasTo := p.day(paramTo) // if both dates are wrong, the error is about the end date
	from, hasFrom := p.day(paramFrom)
	switch {
	case hasFrom && hasTo:
		o.ranged, o.from, o.to = true, from, to
	case hasFrom:
		o.lacking = paramTo
	case hasTo:
		o.lacking = paramFrom
	}
	if today, ok := p.day("relativePeriodDate"); ok {
		o.clock.Today = today
	}
	if user := p.list("userOrgUnit"); len(user) > 0 {
		o.user = nil
		for _, id := range user {
			o.user = append(o.user, hmis.UID(id))
		}
	}
	return o, p.err
}

// clock returns the server's Clock. Without one it is today in the Gregorian
// calendar.
func (s Server) clock() period.Clock {
	if s.Clock != nil {
		return s.Clock()
	}
	return period.ClockAt(time.Now())
}

var (
	orders            = []string{"ASC", "DESC"}
	displayProperties = []string{"NAME", "SHORTNAME"}
	aggregations      = []string{
		string(hmis.Sum), string(hmis.Average), string(hmis.AverageSumOrgUnit),
		string(hmis.Last), string(hmis.LastAverageOrgUnit), string(hmis.LastLastOrgUnit),
		string(hmis.LastInPeriod), string(hmis.LastInPeriodAverageOrgUnit),
		string(hmis.First), string(hmis.FirstAverageOrgUnit), string(hmis.FirstFirstOrgUnit),
		string(hmis.Count), string(hmis.StdDev), string(hmis.Variance),
		string(hmis.Min), string(hmis.Max), string(hmis.MinSumOrgUnit), string(hmis.MaxSumOrgUnit),
		string(hmis.NoAggregation), string(hmis.CustomAggregation), string(hmis.DefaultAggregation),
	}
)

// fail keeps err if it is the first error.
func (p *params) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// text returns the value of a parameter that may occur once. It returns "" if
// the request does not have the parameter.
func (p *params) text(name string) string {
	list := p.values[name]
	if len(list) == 0 {
		return ""
	}
	for _, other := range list[1:] {
		if other != list[0] {
			p.fail(refuse(name, "want one value, got %s and %s", quote.Text(list[0]), quote.Text(other)))
		}
	}
	return list[0]
}

// choice returns the value of a parameter in upper case. The value must be one
// of choices.
func (p *params) choice(name string, choices []string) string {
	text := p.text(name)
	upper := strings.ToUpper(text)
	if text != "" && !slices.Contains(choices, upper) {
		p.fail(invalid(name, "Value '%s' is not valid for parameter %s. Valid values are: %s", show(text), name, listed(choices)))
	}
	return upper
}

// truth returns the value of a parameter that is true or false. It returns
// false if the request does not have the parameter.
func (p *params) truth(name string) bool {
	switch text := p.text(name); strings.ToLower(text) {
	case "true", "yes", "on", "1":
		return true
	case "", "false", "no", "off", "0":
	default:
		p.fail(invalid(name, "Value '%s' is not valid for parameter %s. It should be of type boolean", show(text), name))
	}
	return false
}

// list returns the values of a parameter, which are separated by semicolons.
// The parameter may occur more than once.
func (p *params) list(name string) []string {
	return slices.DeleteFunc(splitItems(strings.Join(p.values[name], ";")), func(item string) bool { return item == "" })
}

// splitItems splits a text at semicolons. Blanks are part of an item. Items may
// be empty, but not at the end.
func splitItems(text string) []string {
	if text = strings.TrimRight(text, ";"); text == "" {
		return nil
	}
	return strings.Split(text, ";")
}

// scheme returns the identifier scheme that a parameter names. UUID, which this
// library does not have, means the id, as on a server.
func (p *params) scheme(name string) hmis.Scheme {
	text := p.text(name)
	if strings.EqualFold(text, "UUID") {
		return hmis.ByUID
	}
	scheme, err := hmis.ParseScheme(text)
	if err != nil {
		p.fail(invalid(name, "Value '%s' is not valid for parameter %s.", show(text), name))
	}
	return scheme
}

// day returns the day in a parameter. The second result is false if the request
// does not have the parameter.
func (p *params) day(name string) (period.Date, bool) {
	text := p.text(name)
	if text == "" {
		return 0, false
	}
	d, ok := parseDay(text)
	if !ok {
		p.fail(invalid(name, `Value '%s' is not valid for parameter %s. Invalid format: "%[1]s"`, show(text), name))
	}
	return d, ok
}

// parseDay parses a day in the forms that DHIS2 allows in requests: yyyyMMdd,
// yyyy-MM-dd, yyyy-MM and yyyy. A time of day after the day is ignored.
func parseDay(s string) (period.Date, bool) {
	day, clock, timed := strings.Cut(s, "T")
	switch {
	case timed && (len(day) != len("2024-01-31") || !isTimeOfDay(clock)):
		return 0, false
	case timed || len(s) == len("2024-01-31"):
	case len(s) == len("20240131") && isDigits(s):
		day = s[:4] + "-" + s[4:6] + "-" + s[6:]
	case len(s) == len("2024-01"):
		day = s + "-01"
	case len(s) == len("2024"):
		day = s + "-01-01"
	default:
		return 0, false
	}
	d, err := period.ParseDate(day)
	return d, err == nil
}

// isTimeOfDay reports whether s is an hour, optionally with minute, second,
// fraction and time zone.
func isTimeOfDay(s string) bool {
	for _, layout := range []string{"15", "15:04", "15:04:05", "15:04:05.999999999"} {
		for _, zone := range []string{"", "Z07:00", "Z0700"} {
			if _, err := time.Parse(layout+zone, s); err == nil {
				return true
			}
		}
	}
	return false
}

func isDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}
