package madx

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// Write writes groups as MeasureReports in JSON, or in XML, one report for each
// org unit and period. The groups of a report must be consecutive. A single report is
// written alone, and several as a Bundle of type collection. Write holds one
// report in memory, and the keys of up to 1,000,000 reports to find repeats.
//
// Values that a report cannot hold are errors: texts, option combos that are
// not written as dimensions, and a data element with and without dimensions in
// one report. With Counts, numbers that are no counts are errors too. Remarks
// and extensions are left out with a warning. If Measure has groups, anything
// that it does not define is an error (RULES.md#reports-in-fhir). After an
// error the output is not a complete document.
func (f Format) Write(w io.Writer, h adx.Header, groups iter.Seq2[adx.Group, error]) error {
	if f.Measure.URL == "" {
		return errors.New("adx: a report refers to its Measure: want Measure.URL")
	}
	out := &writer{Format: f, w: bufio.NewWriter(w), header: h, seen: map[reportKey]bool{}}
	out.seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	for g, err := range groups {
		if err != nil {
			return err
		}
		if err := out.group(&g); err != nil {
			return err
		}
	}
	return out.close()
}

// maxSeen limits how many reports are remembered to find repeats.
const maxSeen = 1_000_000

// A writer is the state of one call of Write.
type writer struct {
	Format
	w      *bufio.Writer
	header adx.Header
	number int // number of groups written so far

	now   reportID
	draft *draft // the report being written, to which groups are added
	held  []byte // the first report as text, as long as it may be the only one
	count int    // number of reports written or held
	seen  map[reportKey]bool
	seeds [2]maphash.Seed
}

// A reportID identifies the report of a group.
type reportID struct {
	dataSet, orgUnit string
	start, end       int64
}

type reportKey [2]uint64

func (w *writer) fail(g *adx.Group, n int, v *adx.Value, rule, attr, got, format string, args ...any) error {
	return w.note(w.finding(g, n, v, adx.Finding{
		Rule: rule, Severity: severe, Attr: attr, Got: got,
		Err: fmt.Errorf(format, args...),
	}))
}

func (w *writer) warn(g *adx.Group, n int, v *adx.Value, attr, got, msg string) error {
	return w.note(w.finding(g, n, v, adx.Finding{
		Severity: warning, Attr: attr, Got: got,
		Err: errors.New(msg),
	}))
}

// finding returns f with the place of value n of a group, or of the group
// itself if v is nil.
func (w *writer) finding(g *adx.Group, n int, v *adx.Value, f adx.Finding) adx.Finding {
	if v == nil {
		n = -1
	}
	f.Path, f.Line, f.Column = g.Path(n), g.Line, g.Column
	if v != nil && v.Line > 0 {
		f.Line, f.Column = v.Line, v.Column
	}
	return f
}

// group adds a group to its report.
func (w *writer) group(g *adx.Group) error {
	g = collapsed(g)
	if w.number++; g.Number == 0 {
		g.Number = w.number
	}
	if a, bad := unwritable(append([]adx.Attr{{Name: "dataSet", Value: g.DataSet}, {Name: "orgUnit", Value: g.OrgUnit}}, g.Attrs...)...); bad {
		return w.fail(g, 0, nil, "MADX-002", a.Name, a.Value, "a text of FHIR cannot hold it")
	}
	switch {
	case g.OrgUnit == "":
		return w.fail(g, 0, nil, "MADX-004", "orgUnit", "", "missing")
	case g.Period.IsZero():
		return w.fail(g, 0, nil, "MADX-015", "period", "", "missing")
	case w.Measure.DataSet != "" && g.DataSet != "" && g.DataSet != w.Measure.DataSet:
		return w.fail(g, 0, nil, "MADX-017", "dataSet", g.DataSet, "the Measure is that of %s", quote.Text(w.Measure.DataSet))
	}
	if combo, ok := g.Attr("attributeOptionCombo"); ok {
		return w.fail(g, 0, nil, "", "attributeOptionCombo", combo, "a report has dimensions: want the combo spelt out")
	}
	start, end := g.Period.Span()
	id := reportID{g.DataSet, g.OrgUnit, start.UnixMilli(), end.UnixMilli()}
	if w.draft == nil || id != w.now {
		if err := w.flush(); err != nil {
			return err
		}
		key := w.key(id)
		if w.seen[key] {
			return w.fail(g, 0, nil, "", "orgUnit", g.OrgUnit, "its report for %s has been written: want the groups of a report together", g.Period)
		}
		if len(w.seen) < maxSeen {
			w.seen[key] = true
		}
		w.now = id
		w.draft = newDraft()
		w.draft.report = w.report(g)
		if err := w.period(g); err != nil {
			return err
		}
	}
	for _, a := range g.Attrs {
		if !w.isDimension(a) {
			if err := w.warn(g, 0, nil, a.Name, a.Value, "it has no place in a report and is left out"); err != nil {
				return err
			}
		}
	}
	for i := range g.Values {
		if err := w.value(g, i); err != nil {
			return err
		}
	}
	return nil
}

// collapsed returns a copy of a group in which codes have no extra white space.
// FHIR does not allow it.
func collapsed(g *adx.Group) *adx.Group {
	attrs := func(list []adx.Attr) []adx.Attr {
		for i, a := range list {
			if c := token.Collapse(a.Value); c != a.Value {
				list = slices.Clone(list)
				for j := i; j < len(list); j++ {
					list[j].Value = token.Collapse(list[j].Value)
				}
				break
			}
		}
		return list
	}
	out := *g
	out.DataSet, out.OrgUnit, out.Attrs = token.Collapse(g.DataSet), token.Collapse(g.OrgUnit), attrs(g.Attrs)
	out.Values = make([]adx.Value, len(g.Values))
	for i, v := range g.Values {
		v.DataElement, v.Attrs = token.Collapse(v.DataElement), attrs(v.Attrs)
		out.Values[i] = v
	}
	return &out
}

// unwritable returns the first attribute whose text is not UTF-8 or has control
// characters. The second result is false if there is none.
func unwritable(attrs ...adx.Attr) (adx.Attr, bool) {
	i := slices.IndexFunc(attrs, func(a adx.Attr) bool {
		return !utf8.ValidString(a.Name+a.Value) || strings.ContainsFunc(a.Name+a.Value, func(r rune) bool { return r < ' ' })
	})
	if i < 0 {
		return adx.Attr{}, false
	}
	return attrs[i], true
}

func (w *writer) key(id reportID) reportKey {
	text := fmt.Sprintf("%q %q %d %d", id.dataSet, id.orgUnit, id.start, id.end)
	return reportKey{maphash.String(w.seeds[0], text), maphash.String(w.seeds[1], text)}
}

// isDimension reports whether the Measure has an attribute as a dimension.
// Without a Measure every attribute that can be a dimension is one.
func (w *writer) isDimension(a adx.Attr) bool {
	if len(w.Measure.Groups) == 0 {
		return a.IsDimension() && (a.Name != "default" || a.Value != "default")
	}
	if a.Space != "" {
		return false
	}
	if w.Measure.dimension(a.Name) != nil {
		return true
	}
	for _, g := range w.Measure.Groups {
		for _, st := range g.Stratifiers {
			for _, c := range st.Components {
				if c.Code == a.Name {
					return true
				}
			}
		}
	}
	return false
}

// report returns a new report for a group, without values.
func (w *writer) report(g *adx.Group) wireReport {
	status := "complete"
	if w.Pending {
		status = "pending"
	}
	r := wireReport{
		ResourceType: "MeasureReport", Meta: wireMeta{[]string{profileReport}},
		Identifier: []wireIdentifier{{Value: orElse(g.DataSet, w.Measure.DataSet) + "|" + g.OrgUnit + "|" + g.Period.String()}},
		Status:     status, Type: "summary", Measure: w.Measure.Canonical(),
		Subject: wireReference{"Location", wireIdentifier{w.OrgUnitSystem, g.OrgUnit}},
	}
	if !w.header.Exported.IsZero() {
		r.Date = w.header.Exported.UTC().Format(time.RFC3339)
	}
	if i := w.Measure.Improvement; i != "" {
		r.Improvement = code("http://terminology.hl7.org/CodeSystem/measure-improvement-notation", i)
	}
	return r
}

// period checks and sets the period of a report: its first and last day, or its
// first and last second or fraction of a second.
func (w *writer) period(g *adx.Group) error {
	text, _, _ := strings.Cut(g.Period.String(), "/")
	_, clock, _ := strings.Cut(text, "T")
	zoned := strings.ContainsAny(clock, "Z+-") || clock == "" && len(text) > toDay
	to := &w.draft.report.Period
	if first, last, ok := g.Period.Days(); ok {
		to.Start, to.End = first.String(), last.String()
		if zoned {
			return w.warn(g, 0, nil, "period", g.Period.String(), "dates of FHIR have no zone: it is left out")
		}
		return nil
	}
	start, end := g.Period.Span()
	layout, unit := "2006-01-02T15:04:05", time.Second
	if start.Nanosecond() != 0 || end.Nanosecond() != 0 {
		layout += "."
	}
	for time.Duration(start.Nanosecond())%unit != 0 || time.Duration(end.Nanosecond())%unit != 0 {
		layout += "0"
		unit /= 10
	}
	layout += "Z07:00"
	if !g.Period.IsInstant() {
		end = end.Add(-unit)
	}
	to.Start, to.End = start.Format(layout), end.Format(layout)
	if !zoned {
		return w.warn(g, 0, nil, "period", g.Period.String(), "times of FHIR have a zone: it is taken to be UTC")
	}
	return nil
}

// flush writes the current report. A report without values is dropped.
func (w *writer) flush() error {
	if w.draft == nil || len(w.draft.elements) == 0 {
		w.draft = nil
		return nil
	}
	form := w.form()
	var b bytes.Buffer
	if err := form.encode(&b, w.draft.finish(), ""); err != nil {
		return err
	}
	w.draft = nil
	report := bytes.TrimSpace(b.Bytes())
	w.count++
	switch w.count {
	case 1:
		w.held = report
		return nil
	case 2:
		at := ""
		if !w.header.Exported.IsZero() {
			at = fmt.Sprintf(form.timestamp, w.header.Exported.UTC().Format(time.RFC3339))
		}
		_, _ = fmt.Fprintf(w.w, form.begin, at)
		_, _ = w.w.Write(form.entry(w.held))
		w.held = nil
	}
	_, _ = w.w.WriteString(form.between)
	_, err := w.w.Write(form.entry(report))
	return err
}

func (w *writer) close() error {
	if err := w.flush(); err != nil {
		return err
	}
	switch w.count {
	case 0:
		return &adx.Finding{
			Rule: "MADX-005", Severity: severe,
			Err: errors.New("no group with a value: want one at least"),
		}
	case 1:
		_, _ = w.w.Write(append(w.held, '\n'))
	default:
		_, _ = w.w.WriteString(w.form().finish)
	}
	return w.w.Flush()
}

// A bundleForm has the texts of a Bundle around its reports.
type bundleForm struct {
	encode           encoder
	begin, timestamp string
	between, finish  string
	entry            func(report []byte) []byte
}

func (w *writer) form() bundleForm {
	if w.XML {
		return bundleForm{
			encodeXML,
			xmlHead + `<Bundle xmlns="` + fhirSpace + `"><type value="collection"/>%s` + "\n<entry><resource>", `<timestamp value="%s"/>`,
			"</resource></entry>\n<entry><resource>", "</resource></entry>\n</Bundle>\n",
			func(report []byte) []byte { return bytes.TrimPrefix(report, []byte(xmlHead)) },
		}
	}
	return bundleForm{
		encode,
		`{"resourceType":"Bundle","type":"collection"%s,"entry":[` + "\n" + `{"resource":`, `,"timestamp":"%s"`,
		"},\n{\"resource\":", "}\n]}\n",
		func(report []byte) []byte { return report },
	}
}

// These types are the parts of a report in the form in which they are written.
type (
	wireReport struct {
		ResourceType string           `json:"resourceType"`
		Meta         wireMeta         `json:"meta"`
		Identifier   []wireIdentifier `json:"identifier"`
		Status       string           `json:"status"`
		Type         string           `json:"type"`
		Measure      string           `json:"measure"`
		Subject      wireReference    `json:"subject"`
		Date         string           `json:"date,omitempty"`
		Period       struct {
			Start string `json:"start"`
			End   string `json:"end"`
		} `json:"period"`
		Improvement *wireConcept      `json:"improvementNotation,omitempty"`
		Groups      []wireReportGroup `json:"group"`
	}
	wireReference struct {
		Type       string         `json:"type"`
		Identifier wireIdentifier `json:"identifier"`
	}
	wireReportGroup struct {
		Code        wireConcept      `json:"code"`
		Population  []wireCount      `json:"population"`
		Score       *wireScore       `json:"measureScore,omitempty"`
		Stratifiers []wireStratified `json:"stratifier,omitempty"`
	}
	wireCount struct {
		Code   wireConcept `json:"code"`
		Count  json.Number `json:"count,omitempty"`
		Absent *wireAbsent `json:"_count,omitempty"`
	}
	wireAbsent struct {
		Extension []wireExtension `json:"extension"`
	}
	wireExtension struct {
		URL  string `json:"url"`
		Code string `json:"valueCode"`
	}
	wireScore struct {
		Value json.Number `json:"value"`
	}
	wireStratified struct {
		ID     string        `json:"id,omitempty"`
		Strata []wireStratum `json:"stratum"`
	}
	wireStratum struct {
		Components []wireComponent `json:"component"`
		Score      wireScore       `json:"measureScore"`
	}
	wireComponent struct {
		Code  wireConcept `json:"code"`
		Value wireConcept `json:"value"`
	}
)
