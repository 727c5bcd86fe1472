package madx

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/quota"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// Read reads a MeasureReport, or a Bundle of them, in JSON or XML and returns
// its values as groups. Strata become values, grouped by their outer dimensions. A
// group of a report without strata becomes a value without dimensions. The
// caller may keep each group. Read holds one report in memory, however long a
// bundle is. The stream can be used once.
//
// Read checks MADX-001 to MADX-020; some of them only if the Format has a
// Measure with groups (RULES.md#findings-of-reports). The path of a finding is
// a FHIRPath, for [WriteOutcome]. The last pair may have an error: a
// *[adx.Finding], or that of r.
func (f Format) Read(r io.Reader) iter.Seq2[adx.Group, error] {
	return func(yield func(adx.Group, error) bool) {
		p := &reader{
			Format: f, in: newResourceReader(r, f.Limits), yield: yield,
			locations: map[string]string{},
		}
		if err := p.document(); err != nil && !errors.Is(err, errStop) {
			yield(adx.Group{}, located(err))
		}
	}
}

// errStop means that yield returned false.
var errStop = errors.New("stopped")

// A reader is the state of one call of Read.
type reader struct {
	Format
	in        *resourceReader
	yield     func(adx.Group, error) bool
	bundle    bool
	locations map[string]string // codes of org units, by the references to them in a bundle
	known     int               // total length in bytes of the texts in locations
}

// These limit the locations of a bundle that are remembered, and the bytes of
// their references and codes.
const (
	maxLocations     = 100_000
	maxLocationTexts = 32 << 20
)

func (p *reader) document() error {
	var top resource
	err := p.in.begin()
	if err == nil {
		err = p.in.resource(&top, p.entries)
	}
	if err == nil {
		err = p.in.end()
	}
	switch {
	case err != nil:
		return err
	case top.kind == "Bundle":
		return nil
	case top.kind == "MeasureReport" && !p.bundle:
		return p.report(&top)
	}
	return &adx.Finding{
		Rule: "MADX-001", Severity: critical, Line: top.at.line, Column: top.at.column,
		Attr: "resourceType", Got: top.kind, Want: "MeasureReport, or a Bundle of them",
	}
}

// entries reads the entries of a bundle. An entry may itself be a bundle.
func (p *reader) entries() error {
	p.bundle = true
	return p.in.each(func(int) error {
		p.in.held = 0 // nothing of the previous entry is kept
		var url string
		var res resource
		err := p.in.one(func(key string) error {
			switch key {
			case "fullUrl":
				return p.in.set(&url)
			case "resource":
				return p.entry(&res)
			}
			return p.in.skip()
		})
		if res.kind == "Location" {
			p.know(&res, url)
		}
		return err
	})
}

// entry reads one resource of a bundle. If it is a report, entry yields its
// groups.
func (p *reader) entry(res *resource) error {
	bundle, log, held := p.in.complaints, p.in.log, p.in.held
	p.in.complaints, p.in.log = nil, quota.New(0)
	defer func() { p.in.complaints, p.in.log, p.in.held = bundle, log, held }()
	if err := p.in.resource(res, p.entries); err != nil || res.kind != "MeasureReport" {
		return err
	}
	return p.report(res)
}

// know remembers the code of a location under the references that other
// resources may use.
func (p *reader) know(res *resource, url string) {
	code, ok := p.own(res.identifiers)
	p.known += len(code) + len(res.id) + len(url)
	if !ok || len(p.locations) >= maxLocations || p.known > maxLocationTexts {
		return
	}
	if res.id != "" {
		p.locations["Location/"+res.id] = code
	}
	if url != "" {
		p.locations[url] = code
	}
}

// own returns that identifier of a location which is the code of its org unit.
func (p *reader) own(ids []identifier) (string, bool) {
	for _, id := range ids {
		if id.value != "" && (p.OrgUnitSystem == "" || id.system == p.OrgUnitSystem) {
			return id.value, true
		}
	}
	return "", false
}

// report checks a report and yields its groups.
func (p *reader) report(res *resource) error {
	c := &reportCheck{reader: p, res: res, root: "MeasureReport"}
	if p.bundle {
		c.root = pathOf("Bundle", res.path)
	}
	for _, f := range p.in.complaints {
		f.Path = strings.TrimPrefix(c.root+strings.TrimPrefix(f.Path, pathOf("", res.path)), ".")
		if err := p.note(f); err != nil {
			return err
		}
	}
	if rest := p.in.log.Rest(); rest != nil {
		c.warn(res.at, adx.Finding{Rule: "ADX-165", Err: fmt.Errorf("%w", rest)})
	}
	head := c.head()
	groups := c.groups(head)
	if c.err != nil || c.bad {
		return c.err
	}
	if p.Header != nil {
		var h adx.Header
		if m, err := parseMoment(res.date); err == nil {
			h.Exported = m.Time
		}
		p.Header(h)
	}
	for g := range all(groups) {
		if !p.yield(g, nil) {
			return errStop
		}
	}
	return nil
}

// A reportCheck is the state of checking one report.
type reportCheck struct {
	*reader
	res  *resource
	root string
	bad  bool  // the whole report must be dropped
	err  error // the error that ends reading
}

// fail reports an error. The path of f begins below the report.
func (c *reportCheck) fail(at place, f adx.Finding) { c.add(at, severe, f) }

// warn reports a warning. The value is kept.
func (c *reportCheck) warn(at place, f adx.Finding) { c.add(at, warning, f) }

func (c *reportCheck) add(at place, severity hmis.Severity, f adx.Finding) {
	if c.err == nil {
		f.Severity, f.Line, f.Column, f.Path = severity, at.line, at.column, c.root+f.Path
		c.err = c.note(f)
	}
}

// broken reports an error because of which the whole report is dropped.
func (c *reportCheck) broken(f adx.Finding) {
	c.bad = true
	c.fail(c.res.at, f)
}

// head checks the report except for its groups. It returns a group with a data
// set, an org unit and a period, but without values.
func (c *reportCheck) head() adx.Group {
	res := c.res
	switch res.status {
	case "complete", "pending":
	case "error":
		c.warn(res.at, adx.Finding{
			Rule: "MADX-001", Path: ".status", Got: res.status,
			Err: errors.New("the sender could not finish the report: what it has is taken"),
		})
	case "":
		c.broken(adx.Finding{
			Rule: "MADX-001", Path: ".status",
			Err: errors.New("missing: want complete, pending or error"),
		})
	default:
		c.broken(adx.Finding{
			Rule: "MADX-001", Path: ".status", Got: res.status,
			Err: errors.New("want complete, pending or error"),
		})
	}
	if res.use != "summary" {
		c.broken(adx.Finding{
			Rule: "MADX-003", Path: ".type", Got: res.use,
			Err: errors.New("want summary"),
		})
	}
	if res.use == "data-collection" && res.hasGroup {
		c.broken(adx.Finding{
			Rule: "MADX-002", Path: ".group",
			Err: errors.New("want none in a report of type data-collection"),
		})
	}
	g := adx.Group{DataSet: c.dataSet(res.measure), Line: res.at.line, Column: res.at.column}
	g.OrgUnit = c.subject()
	c.measure()
	g.Period = c.period()
	if len(res.groups) == 0 {
		c.broken(adx.Finding{
			Rule: "MADX-005", Path: ".group",
			Err: errors.New("missing: want one at least"),
		})
	}
	return g
}

// subject returns the code of the org unit of a report. It checks MADX-004 and
// MADX-019.
func (c *reportCheck) subject() string {
	s := c.res.subject
	id := s.identifier
	if s.to == "" && id.value == "" {
		c.broken(adx.Finding{
			Rule: "MADX-004", Path: ".subject",
			Err: errors.New("missing: want a reference or an identifier"),
		})
		return ""
	}
	if c.Location != nil {
		unit, ok := c.Location(s.to, id.value)
		if !ok {
			c.broken(adx.Finding{
				Rule: "MADX-019", Path: ".subject", Got: orElse(s.to, id.value),
				Err: errors.New("not a known location"),
			})
		}
		return unit
	}
	if unit, ok := c.own([]identifier{id}); ok {
		return unit
	}
	if unit, ok := c.own(c.res.contained[s.to]); ok {
		return unit
	}
	if unit, ok := c.locations[s.to]; ok {
		return unit
	}
	if s.to == "" {
		c.broken(adx.Finding{
			Rule: "MADX-004", Path: ".subject.identifier.system", Got: id.system,
			Err: fmt.Errorf("want %s", quote.Text(c.OrgUnitSystem)),
		})
		return ""
	}
	unit := s.to[strings.LastIndexAny(s.to, "/#")+1:]
	if unit == "" {
		c.broken(adx.Finding{
			Rule: "MADX-004", Path: ".subject.reference", Got: s.to,
			Err: errors.New("want the reference of a location"),
		})
		return ""
	}
	c.warn(c.res.at, adx.Finding{
		Rule: "MADX-004", Path: ".subject.reference", Got: s.to,
		Err: errors.New("the location has no identifier that is known here: its id stands for it"),
	})
	return unit
}

// measure checks the reference to the Measure (MADX-017).
func (c *reportCheck) measure() {
	got := c.res.measure
	url, version := trimVersion(got)
	m := &c.Measure
	switch {
	case got == "":
		c.broken(adx.Finding{
			Rule: "MADX-017", Path: ".measure",
			Err: errors.New("missing: want the canonical URL of the Measure"),
		})
	case m.URL == "":
		c.warn(c.res.at, adx.Finding{
			Rule: "MADX-017", Path: ".measure", Got: got,
			Err: errors.New("there is no Measure to compare the report with"),
		})
	case url != m.URL, version != "" && m.Version != "" && version != m.Version:
		c.broken(adx.Finding{
			Rule: "MADX-017", Path: ".measure", Got: got,
			Err: fmt.Errorf("want %s", quote.Text(m.Canonical())),
		})
	}
}

// period returns the period of the report. It checks MADX-015.
func (c *reportCheck) period() adx.TimeRange {
	p := &c.res.period
	if p.start == "" || p.end == "" {
		c.broken(adx.Finding{
			Rule: "MADX-015", Path: ".period",
			Err: errors.New("want a start and an end"),
		})
		return adx.TimeRange{}
	}
	start, err := parseMoment(p.start)
	if err != nil {
		c.broken(adx.Finding{Rule: "MADX-015", Path: ".period.start", Err: fmt.Errorf("%w", err)})
		return adx.TimeRange{}
	}
	end, err := parseMoment(p.end)
	if err != nil {
		c.broken(adx.Finding{Rule: "MADX-015", Path: ".period.end", Err: fmt.Errorf("%w", err)})
		return adx.TimeRange{}
	}
	switch {
	case (start.precision > toDay) != (end.precision > toDay), start.precision <= toDay && start.precision != end.precision:
		c.broken(adx.Finding{
			Rule: "MADX-015", Path: ".period", Got: p.start + " to " + p.end,
			Err: errors.New("want both of one precision"),
		})
		return adx.TimeRange{}
	case end.Before(start.Time):
		c.broken(adx.Finding{
			Rule: "MADX-015", Path: ".period", Got: p.start + " to " + p.end,
			Err: errors.New("want the start before the end"),
		})
		return adx.TimeRange{}
	}
	r, err := timeRange(start, end)
	if err != nil {
		c.broken(adx.Finding{
			Rule: "MADX-015", Path: ".period", Got: p.start + " to " + p.end,
			Err: errors.New("want a period"),
		})
	}
	return r
}
