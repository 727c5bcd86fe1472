package analytics_test

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// Two differences from a server are allowed. One is the last digit of a number,
// since a server adds doubles in any order and this library adds exactly. The
// other is which of several values a cell shows if it can show only one, such
// as the text of a region.
const (
	lastDigit  = "the last digit depends on the order in which the server adds doubles"
	oneOfMany  = "the server takes any of several values"
	mostIsLeft = 100 // in a file, at most one line in so many may be left open, and one more
)

// leftOpen returns the reason why the rows of an answer may differ from those
// of a line. It is "" if they may not.
func (l recorded) leftOpen(s analytics.Server, got string) string {
	want, have := keyed(l.Body), keyed(got)
	if want == nil || len(want) != len(have) {
		return ""
	}
	reason := ""
	for key, w := range want {
		h, ok := have[key]
		switch {
		case !ok || len(w.cells) != len(h.cells):
			return ""
		case slices.Equal(w.cells, h.cells):
		case differInLastDigit(w.cells, h.cells):
			reason = lastDigit
		case l.takesOneOfMany(s, w.item):
			reason = oneOfMany
		default:
			return ""
		}
	}
	return reason
}

// A keyedRow is a row with its data item, and its cells of numbers and texts.
type keyedRow struct {
	item  string
	cells []string
}

// keyed returns the rows of an answer by the cells that identify them.
func keyed(text string) map[string]keyedRow {
	var titles []string
	var rows [][]string
	var answer struct {
		Headers []struct {
			Name string
			Meta bool
		}
		Rows       [][]string
		DataValues []struct{ DataElement, Period, OrgUnit, OptionCombo, AttributeCombo, Value string }
	}
	meta := 0
	switch {
	case json.Unmarshal([]byte(text), &answer) != nil:
		lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(lines) == 0 {
			return nil
		}
		titles, rows = lines[0], lines[1:]
		if meta = slices.Index(titles, "Value"); meta < 0 {
			return nil
		}
	case answer.DataValues != nil:
		titles, meta = []string{"Data"}, 5
		for _, v := range answer.DataValues {
			rows = append(rows, []string{v.DataElement, v.Period, v.OrgUnit, v.OptionCombo, v.AttributeCombo, v.Value})
		}
	default:
		rows = answer.Rows
		for _, h := range answer.Headers {
			titles = append(titles, h.Name)
			if h.Meta {
				meta++
			}
		}
	}
	keyed := make(map[string]keyedRow)
	for _, row := range rows {
		one := keyedRow{cells: row[meta:]}
		if len(titles) > 0 && (titles[0] == "dx" || titles[0] == "Data") {
			one.item = row[0]
		}
		keyed[strings.Join(row[:meta], "\x00")] = one
	}
	return keyed
}

// differInLastDigit reports whether cells that differ are numbers with a fraction
// that differ by one unit of their last digit, or by two if they have all the
// digits of a double.
func differInLastDigit(want, got []string) bool {
	for i := range want {
		if want[i] == got[i] {
			continue
		}
		w, err := strconv.ParseFloat(want[i], 64)
		g, err2 := strconv.ParseFloat(got[i], 64)
		_, fraction, ok := strings.Cut(want[i], ".")
		const double = 15 // the number of digits
		units := 1.01
		if len(want[i]) > double {
			units = 2.01
		}
		// For NaN the inequality is false.
		if err != nil || err2 != nil || !ok || len(fraction) < 2 || !(math.Abs(w-g) <= units*math.Pow10(-len(fraction))) {
			return false
		}
	}
	return true
}

// takesOneOfMany reports whether a data item of the request can have one of
// several values. If item is "", any of them may.
func (l recorded) takesOneOfMany(s analytics.Server, item string) bool {
	_, query, _ := strings.Cut(l.Path, "?")
	params, _ := url.ParseQuery(strings.ReplaceAll(query, ";", "%3B"))
	oneRow := []hmis.Aggregation{hmis.LastLastOrgUnit, hmis.FirstFirstOrgUnit}
	override := hmis.Aggregation(params.Get("aggregationType"))
	if slices.Contains(oneRow, override) {
		return true
	}
	items := []string{item}
	if item == "" {
		for _, d := range params["dimension"] {
			if list, ok := strings.CutPrefix(d, "dx:"); ok {
				items = strings.Split(list, ";")
			}
		}
	}
	return slices.ContainsFunc(items, func(item string) bool {
		id, _, _ := strings.Cut(item, ".")
		e, ok := hmis.Find[hmis.DataElement](s.Catalog, hmis.UID(id))
		return ok && (e.ValueType.IsText() || override == "" && slices.Contains(oneRow, e.Aggregation))
	})
}
