package quality

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Reader parses the requests of DHIS2 clients about data quality.
type Reader struct {
	Catalog *hmis.Catalog
	Tree    *orgunit.Tree
	Limit   int // the largest number of outliers for a request; 0 means 500, or 100,000 for analytics
	// Ignore lists unknown members of the entries in a file of bounds that are
	// skipped. Any other unknown member is an error.
	Ignore []string
	// OrderNames allows orderBy to have the words that answers of analytics
	// use, such as ABS_DEV. A server refuses them.
	OrderNames bool
}

// Outliers parses the parameters of GET /api/outlierDetection: dx, ds (which
// stands for its numeric elements), ou, startDate, endDate, algorithm,
// threshold, dataStartDate, dataEndDate, orderBy and maxResults. Unknown data
// elements, data sets and org units are left out. The error is an *[hmis.Issue]
// with DHIS2's code, or without a code for a parameter that cannot be parsed.
func (r Reader) Outliers(params url.Values) (Method, Scope, error) {
	q := request{params: params}
	var m Method
	m.Score = q.score(map[string]Score{
		"Z_SCORE": ZScore, "MOD_Z_SCORE": ModifiedZ, "MIN_MAX": MinMax, "INVALID_NUMERIC": InvalidNumber,
	})
	m.Order = q.order(map[string]Order{"MEAN_ABS_DEV": ByDistance, "Z_SCORE": ByScore})
	q.numbers(&m)
	var s Scope
	s.From, s.To = q.date("startDate"), q.date("endDate")
	s.Data = r.elements(q.list("dx"), q.list("ds"))
	for _, id := range q.list("ou") {
		if r.Tree.Level(hmis.UID(id)) > 0 {
			s.OrgUnits = append(s.OrgUnits, hmis.UID(id))
		}
	}
	if q.bad != nil {
		return m, s, q.bad
	}
	if err := q.checkWindow(&s); err != nil {
		return m, s, err
	}
	if len(s.OrgUnits) == 0 {
		return m, s, refuse("E2203", "ou", "no org unit that is known")
	}
	if err := q.checkNumbers(m, r.limit(500)); err != nil {
		return m, s, err
	}
	return m, s, m.Check()
}

// AnalyticsOutliers parses the parameters of GET
// /api/analytics/outlierDetection: those of Reader.Outliers, sortOrder, and pe
// (one period) in place of the two dates. orderBy is the name of a column in
// the answer. An unknown org unit is an error; no org unit means all
// (RULES.md#requests-for-outliers).
func (r Reader) AnalyticsOutliers(params url.Values) (Method, Scope, error) {
	q := request{params: params}
	m := Method{Analytics: true}
	m.Score = q.score(map[string]Score{"Z_SCORE": ZScore, "MODIFIED_Z_SCORE": ModifiedZ, "MIN_MAX": MinMax})
	order, issue := r.analyticsOrder(params.Get("orderBy"))
	if issue != nil {
		return m, Scope{}, issue
	}
	m.Order = order.order
	switch text := params.Get("sortOrder"); strings.ToUpper(text) {
	case "", "DESC":
	case "ASC":
		m.Ascending = true
	default:
		q.fail("sortOrder", text, "ASC or DESC")
	}
	q.numbers(&m)
	var s Scope
	s.From, s.To = q.date("startDate"), q.date("endDate")
	if text := params.Get("pe"); text != "" {
		p, err := period.Parse(text)
		if err != nil {
			q.fail("pe", text, "a period")
		}
		s.Periods = []period.Period{p}
	}
	s.Data = r.elements(q.list("dx"), q.list("ds"))
	for _, id := range q.list("ou") {
		if r.Tree.Level(hmis.UID(id)) == 0 {
			return m, s, refuse("E7143", "ou", "unknown org unit %s", quote.Text(id))
		}
		s.OrgUnits = append(s.OrgUnits, hmis.UID(id))
	}
	if q.bad != nil {
		return m, s, q.bad
	}
	if err := q.checkWindow(&s); err != nil {
		return m, s, err
	}
	if err := q.checkNumbers(m, r.limit(100_000)); err != nil {
		return m, s, err
	}
	if order.of != nil && !slices.Contains(order.of, m.Score) && m.Score != MinMax {
		return m, s, refuse("E2213", "orderBy", "%s is no figure of %s", quote.Text(params.Get("orderBy")), m.Score)
	}
	return m, s, m.Check()
}

// limit returns the largest number of results for a request.
func (r Reader) limit(usual int) int {
	if r.Limit > 0 {
		return r.Limit
	}
	return usual
}

// elements returns the known data elements in dx, and the numeric ones of the
// data sets in ds.
func (r Reader) elements(dx, ds []string) []indicator.Item {
	var list []indicator.Item
	add := func(id hmis.UID) {
		if item := (indicator.Item{ID: id}); !slices.Contains(list, item) {
			list = append(list, item)
		}
	}
	for _, id := range dx {
		if _, ok := hmis.Find[hmis.DataElement](r.Catalog, hmis.UID(id)); ok {
			add(hmis.UID(id))
		}
	}
	for _, id := range ds {
		for _, item := range numericElements(r.Catalog, hmis.UID(id)) {
			add(item)
		}
	}
	return list
}

// numericElements returns the numeric data elements of a data set.
func numericElements(c *hmis.Catalog, dataSet hmis.UID) []hmis.UID {
	set, _ := hmis.Find[hmis.DataSet](c, dataSet)
	var list []hmis.UID
	for _, member := range set.Elements {
		if e, ok := hmis.Find[hmis.DataElement](c, member.DataElement); ok && e.ValueType.IsNumeric() {
			list = append(list, e.ID)
		}
	}
	return list
}

// A namedOrder is an order that analytics requests can name, with the scores
// for which it is allowed. Nil means all scores.
type namedOrder struct {
	order Order
	of    []Score
}

// analyticsOrder parses the name of a column, in any letter case.
func (r Reader) analyticsOrder(text string) (namedOrder, *hmis.Issue) {
	z, modified := []Score{ZScore}, []Score{ModifiedZ}
	columns := map[string]namedOrder{
		"": {ByDistance, nil}, "absdev": {ByDistance, nil}, "value": {ByNumber, nil},
		"lowerbound": {ByLow, nil}, "upperbound": {ByHigh, nil},
		"zscore": {ByScore, z}, "mean": {ByMiddle, z}, "stddev": {ByDeviation, z},
		"modifiedzscore": {ByScore, modified}, "median": {ByMiddle, modified},
		"medianabsdeviation": {ByDeviation, modified},
	}
	reported := map[string]string{
		"ABS_DEV": "absdev", "Z_SCORE": "zscore", "MODIFIED_Z_SCORE": "modifiedzscore", "STD_DEV": "stddev",
		"MEDIAN_ABS_DEV": "medianabsdeviation", "LOWER_BOUND": "lowerbound", "UPPER_BOUND": "upperbound",
	}
	column := strings.ToLower(text)
	if name, ok := reported[text]; ok && r.OrderNames {
		column = name
	}
	o, ok := columns[column]
	if !ok {
		return namedOrder{}, refuse("E7181", "orderBy", "%s is no column that can be ordered by", quote.Text(text))
	}
	return o, nil
}

// A request has the parameters being parsed. bad is the first error.
type request struct {
	params url.Values
	bad    error

	hasThreshold, hasMax bool
}

func (q *request) fail(name, text, want string) {
	if q.bad == nil {
		q.bad = refuse("", name, "%s: want %s", quote.Text(text), want)
	}
}

// list returns the values of a parameter, which may repeat and may have several
// values between commas.
func (q *request) list(name string) []string {
	var list []string
	for _, value := range q.params[name] {
		parts := strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ';' })
		list = append(list, parts...)
	}
	return list
}

func (q *request) score(names map[string]Score) Score {
	text := q.params.Get("algorithm")
	if text == "" {
		return ZScore
	}
	s, ok := names[text]
	if !ok {
		q.fail("algorithm", text, "a name of an algorithm")
	}
	return s
}

func (q *request) order(names map[string]Order) Order {
	text := q.params.Get("orderBy")
	if text == "" {
		return ByDistance
	}
	o, ok := names[text]
	if !ok {
		q.fail("orderBy", text, "MEAN_ABS_DEV or Z_SCORE")
	}
	return o
}

func (q *request) date(name string) period.Date {
	text := q.params.Get(name)
	if text == "" {
		return 0
	}
	d, err := period.ParseDate(text)
	if err != nil {
		q.fail(name, text, "a day such as 2024-01-31")
	}
	return d
}

// numbers parses the numbers of m. They must not be 0, which would mean the
// default in a Method.
func (q *request) numbers(m *Method) {
	if text := q.params.Get("threshold"); text != "" {
		t, err := strconv.ParseFloat(text, 64)
		if err != nil {
			q.fail("threshold", text, "a number")
		}
		m.Threshold, q.hasThreshold = t, true
	}
	if text := q.params.Get("maxResults"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			q.fail("maxResults", text, "a whole number")
		}
		m.Max, q.hasMax = n, true
	}
	m.From, m.To = q.date("dataStartDate"), q.date("dataEndDate")
}

// checkWindow returns an error if the request has no data or no valid dates.
func (q *request) checkWindow(s *Scope) error {
	dates := q.params.Get("startDate") != "" && q.params.Get("endDate") != ""
	any := q.params.Get("startDate") != "" || q.params.Get("endDate") != ""
	switch {
	case len(s.Data) == 0:
		return refuse("E2200", "dx", "no data element that is known")
	case !dates && len(s.Periods) == 0:
		return refuse("E2201", "startDate", "no start date and end date")
	case any && len(s.Periods) > 0:
		return refuse("E2212", "pe", "a period beside a start date and end date")
	case dates && s.From > s.To:
		return refuse("E2202", "startDate", "start date %s is after the end date %s", s.From, s.To)
	}
	return nil
}

func (q *request) checkNumbers(m Method, limit int) error {
	switch {
	case q.hasThreshold && !(m.Threshold > 0 && !math.IsInf(m.Threshold, 0)):
		return refuse("E2204", "threshold", "threshold %v: want a positive number", m.Threshold)
	case q.hasMax && m.Max <= 0:
		return refuse("E2205", "maxResults", "%d results: want a positive number", m.Max)
	case m.most() > limit:
		return refuse("E2206", "maxResults", "%d results: want %d at most", m.Max, limit)
	}
	return nil
}
