package entry

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
)

// issue returns the issue that explains why a value is rejected.
func (w *walk) issue(v *hmis.DataValue, row int, bad code, c *cast) *hmis.Issue {
	i := &hmis.Issue{Code: bad.String(), Severity: hmis.Severe, Rows: []int{row}, Offset: -1}
	of := func(k hmis.Kind, id hmis.UID, field, format string, args ...any) {
		i.Object, i.Field = hmis.Ref{Kind: k, ID: hmis.UID(quote.Cut(string(id), maxShown))}, field
		i.Err = fmt.Errorf(format, args...)
	}
	element := func(field, format string, args ...any) {
		of(hmis.KindDataElement, v.DataElement, field, format, args...)
	}
	unit := func(format string, args ...any) { of(hmis.KindOrgUnit, v.OrgUnit, "orgUnit", format, args...) }
	option := func(format string, args ...any) {
		of(hmis.KindOptionCombo, v.OptionCombo, "categoryOptionCombo", format, args...)
	}
	attr := func(format string, args ...any) {
		of(hmis.KindOptionCombo, v.AttributeCombo, "attributeOptionCombo", format, args...)
	}
	set := hmis.UID("")
	if c.form != nil {
		set = c.form.ID
	}
	switch bad {
	case e8100:
		element("period", "want a period such as 202401")
	case e8102:
		element("dataElement", "want one in every value")
	case e8104:
		element("dataElement", "no object with this id, which is no UID")
	case e8105:
		unit("want one in every value")
	case e8106:
		unit("no object with this id, which is no UID")
	case e8109:
		option("no object with this id, which is no UID")
	case e8111:
		attr("no object with this id, which is no UID")
	case e8003:
		element("dataElement", "want an element of some data set")
	case e8002:
		element("dataElement", "it is in %d data sets: want the one that is meant", len(c.cell.forms))
	case e8020:
		element("dataElement", "want an element of data set %s", set)
	case e8022:
		unit("want an org unit that reports data set %s", set)
	case e8021:
		of(hmis.KindDataSet, set, "period", "%s is %s: want %s", v.Period, v.Period.Type(), c.form.PeriodType)
	case e8023:
		attr("want an option combo of the category combo of data set %s", set)
	case e8024:
		option("want an option combo of the category combo of data element %s", v.DataElement)
	case e8025:
		attr("its options are not valid in org unit %s", v.OrgUnit)
	case e8031:
		unit("period %s does not begin while it is open, from %s to %s", v.Period, day(c.unit.opened), day(c.unit.closed))
	case e8030:
		of(hmis.KindDataSet, set, "period", "%s: %s", v.Period, w.why(&c.form.DataSet, v))
	case e8033:
		of(hmis.KindDataSet, set, "period", "%s is approved in org unit %s", v.Period, v.OrgUnit)
	case e8032:
		attr("period %s is not within its days, from %s to %s", v.Period, day(c.cell.attr.first), day(c.cell.attr.last))
	case e8128:
		element("dataElement", "another value has the same key")
	case e7630:
		option("want one in every value")
	case e7631:
		attr("want one in every value")
	case e8120:
		element("value", "want a value")
	case e8121:
		element("value", "want a value or a comment")
	case e8122:
		element("value", "%w", plainly(c.err))
	case e8123:
		element("value", "%s: want %s", quote.Text(v.Value), c.cell.element.options.want())
	case e8124:
		element("comment", "%s: want %s", quote.Text(v.Comment), c.cell.element.comments.want())
	case e8125:
		most := cmp.Or(w.MaxComment, maxComment)
		element("comment", "want at most %d characters, got %d", most, utf8.RuneCountInString(v.Comment))
	}
	return i
}

// plainly returns the cause of an issue as an error, without the issue's own
// code and place.
func plainly(err error) error {
	if i, ok := errors.AsType[*hmis.Issue](err); ok && i.Err != nil {
		return i.Err
	}
	return err
}

func day(d period.Date) string {
	if d == 0 {
		return "ever"
	}
	return d.String()
}

// why returns the reason, in words, why a form is not open.
func (w *walk) why(set *hmis.DataSet, v *hmis.DataValue) string {
	return w.Gate.openFor(set, v.OrgUnit, v.Period).String()
}

func (c closing) String() string {
	switch c {
	case unlisted:
		return "want a period that is listed for entry"
	case outside:
		return "entry for this period is not open now"
	case expired:
		return "the days for entry after the period have passed"
	case future:
		return "the period is still to come"
	}
	return ""
}

// Open returns why a form may not be filled for a period at Now, or nil if it
// may (RULES.md#open-for-entry). The code is E8030, or E8020 if the data set is
// unknown.
func (g Gate) Open(dataSet, unit hmis.UID, p period.Period) *hmis.Issue {
	set, ok := hmis.Find[hmis.DataSet](g.Catalog, dataSet)
	i := &hmis.Issue{Code: "E8030", Severity: hmis.Severe, Object: hmis.Ref{Kind: hmis.KindDataSet, ID: dataSet}, Field: "period", Offset: -1}
	switch {
	case !ok:
		i.Code, i.Field, i.Err = "E8020", "", errors.New("no such data set")
		return i
	case g.Force || g.Now.IsZero():
		return nil
	}
	why := g.openFor(&set, unit, p)
	if why == 0 {
		return nil
	}
	i.Err = fmt.Errorf("%s: %s", p, why)
	return i
}

// doubt reports a value that passes although it does not belong to its form.
func (w *walk) doubt(v *hmis.DataValue, row int, bad code, c *cast) {
	issue := w.issue(v, row, bad, c)
	issue.Severity = hmis.Warning
	w.findings.add(issue)
	if w.Warn != nil {
		w.Warn(*issue)
	}
}

// Limits of the list of issues in a summary. The last issue counts those that
// are not listed.
const (
	maxIssues = 1000
	maxRows   = 1 << 20 // positions in all issues together
	maxShown  = 64      // bytes shown of an id
)

// findings collects the issues of a summary. Issues with the same code and
// object are merged into one, as on a server (RULES.md#summaries).
type findings struct {
	list *hmis.Issues
	at   map[findingKey]*hmis.Issue
	rows int
	rest *hmis.Issue
	more int
}

type findingKey struct {
	code     string
	severity hmis.Severity
	object   hmis.Ref
	field    string
}

func (f *findings) add(i *hmis.Issue) {
	if f.at == nil {
		f.at = map[findingKey]*hmis.Issue{}
	}
	key := findingKey{i.Code, i.Severity, i.Object, i.Field}
	known := f.at[key]
	switch {
	case f.rows+len(i.Rows) > maxRows, known == nil && len(f.at) >= maxIssues:
		f.others(i)
		return
	case known == nil:
		copied := *i
		copied.Rows = slices.Clone(i.Rows)
		f.at[key] = &copied
		*f.list = append(*f.list, &copied)
	default:
		known.Rows = append(known.Rows, i.Rows...)
	}
	f.rows += len(i.Rows)
}

// others counts an issue that is not listed.
func (f *findings) others(i *hmis.Issue) {
	if f.rest == nil {
		f.rest = &hmis.Issue{Offset: -1}
		*f.list = append(*f.list, f.rest)
	}
	f.more += max(1, len(i.Rows))
	f.rest.Severity = max(f.rest.Severity, min(i.Severity, hmis.Severe))
	f.rest.Err = fmt.Errorf("%d more problems, not listed", f.more)
}
