package madx

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/quota"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
)

// Read reads a MeasureReport, or a Bundle of them, in JSON, and returns its values
// as groups: the strata of a report by their outer dimensions, and values without
// dimensions where a group of the report has no strata. Each group is the
// receiver's to keep. One report at a time is held, however long a bundle is; the
// stream can be used once.
//
// The rules MADX-001 to MADX-020 are checked, those that compare a report with
// its Measure if Format has one (ADX specification, section 17.5). Path of a
// finding is a path of FHIRPath, so that [WriteOutcome] can answer the sender. An
// error is a *[adx.Finding], or that of the reader, and is the last pair.
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

// errStop says that the receiver wants no more.
var errStop = errors.New("stopped")

// A reader reads one document.
type reader struct {
	Format
	in        *resourceReader
	yield     func(adx.Group, error) bool
	bundle    bool
	locations map[string]string // codes of org units by the references of a bundle
	known     int               // bytes of texts of locations
}

// The most locations of a bundle that are remembered, and the most bytes of what
// they are called.
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

// entries reads the entries of a bundle, in which there may be further bundles.
func (p *reader) entries() error {
	p.bundle = true
	return p.in.each(func(int) error {
		p.in.held = 0 // nothing is kept of the entry before
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

// entry reads a resource of a bundle, and hands out the groups of a report.
func (p *reader) entry(res *resource) error {
	bundle, log, held := p.in.complaints, p.in.log, p.in.held
	p.in.complaints, p.in.log = nil, quota.New(0)
	defer func() { p.in.complaints, p.in.log, p.in.held = bundle, log, held }()
	if err := p.in.resource(res, p.entries); err != nil || res.kind != "MeasureReport" {
		return err
	}
	return p.report(res)
}

// know remembers a location by what may refer to it.
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

// own picks the code of an org unit among the identifiers of a location.
func (p *reader) own(ids []identifier) (string, bool) {
	for _, id := range ids {
		if id.value != "" && (p.OrgUnitSystem == "" || id.system == p.OrgUnitSystem) {
			return id.value, true
		}
	}
	return "", false
}

// report checks a report and hands out its groups.
func (p *reader) report(res *resource) error {
	c := &reportCheck{reader: p, res: res, root: "MeasureReport"}
	if p.bundle {
		c.root = pathOf("Bundle", res.path)
	}
	for _, f := range p.in.complaints {
		f.Path = strings.TrimPrefix(c.root+strings.TrimPrefix(f.Path, pathOf("", res.path)), ".")
		if err := p.tell(f); err != nil {
			return err
		}
	}
	if rest := p.in.log.Rest(); rest != nil {
		c.warn("ADX-165", res.at, "", "", "%w", rest)
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

// A reportCheck checks one report.
type reportCheck struct {
	*reader
	res  *resource
	root string
	bad  bool  // the report as a whole cannot be used
	err  error // an error that ends reading
}

func (c *reportCheck) fail(rule string, at place, path, got, format string, args ...any) {
	c.add(adx.Finding{Rule: rule, Severity: severe, Line: at.line, Column: at.column, Path: c.root + path, Got: got, Err: fmt.Errorf(format, args...)})
}

func (c *reportCheck) warn(rule string, at place, path, got, format string, args ...any) {
	c.add(adx.Finding{Rule: rule, Severity: warning, Line: at.line, Column: at.column, Path: c.root + path, Got: got, Err: fmt.Errorf(format, args...)})
}

func (c *reportCheck) add(f adx.Finding) {
	if c.err == nil {
		c.err = c.tell(f)
	}
}

// broken is fail for what spoils the whole report.
func (c *reportCheck) broken(rule string, path, got, format string, args ...any) {
	c.bad = true
	c.fail(rule, c.res.at, path, got, format, args...)
}

// head checks the report without its groups, and returns the group that all of
// its own are made of.
func (c *reportCheck) head() adx.Group {
	res := c.res
	switch res.status {
	case "complete", "pending":
	case "error":
		c.warn("MADX-001", res.at, ".status", res.status, "the sender could not finish the report: what it has is taken")
	case "":
		c.broken("MADX-001", ".status", "", "missing: want complete, pending or error")
	default:
		c.broken("MADX-001", ".status", res.status, "want complete, pending or error")
	}
	if res.use != "summary" {
		c.broken("MADX-003", ".type", res.use, "want summary")
	}
	if res.use == "data-collection" && res.hasGroup {
		c.broken("MADX-002", ".group", "", "want none in a report of type data-collection")
	}
	g := adx.Group{DataSet: c.dataSet(res.measure), Line: res.at.line, Column: res.at.column}
	g.OrgUnit = c.subject()
	c.measure()
	g.Period = c.period()
	if len(res.groups) == 0 {
		c.broken("MADX-005", ".group", "", "missing: want one at least")
	}
	return g
}

// subject checks MADX-004 and MADX-019.
func (c *reportCheck) subject() string {
	s := c.res.subject
	id := s.identifier
	if s.to == "" && id.value == "" {
		c.broken("MADX-004", ".subject", "", "missing: want a reference or an identifier")
		return ""
	}
	if c.Location != nil {
		unit, ok := c.Location(s.to, id.value)
		if !ok {
			c.broken("MADX-019", ".subject", orElse(s.to, id.value), "not a known location")
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
		c.broken("MADX-004", ".subject.identifier.system", id.system, "want %s", token.Quote(c.OrgUnitSystem))
		return ""
	}
	unit := s.to[strings.LastIndexAny(s.to, "/#")+1:]
	if unit == "" {
		c.broken("MADX-004", ".subject.reference", s.to, "want the reference of a location")
		return ""
	}
	c.warn("MADX-004", c.res.at, ".subject.reference", s.to, "the location has no identifier that is known here: its id stands for it")
	return unit
}

// measure checks MADX-017.
func (c *reportCheck) measure() {
	got := c.res.measure
	url, version := trimVersion(got)
	m := &c.Measure
	switch {
	case got == "":
		c.broken("MADX-017", ".measure", "", "missing: want the canonical URL of the Measure")
	case m.URL == "":
		c.warn("MADX-017", c.res.at, ".measure", got, "there is no Measure to compare the report with")
	case url != m.URL, version != "" && m.Version != "" && version != m.Version:
		c.broken("MADX-017", ".measure", got, "want %s", token.Quote(m.Canonical()))
	}
}

// period checks MADX-015.
func (c *reportCheck) period() adx.TimeRange {
	p := &c.res.period
	if p.start == "" || p.end == "" {
		c.broken("MADX-015", ".period", "", "want a start and an end")
		return adx.TimeRange{}
	}
	start, err := parseMoment(p.start)
	if err != nil {
		c.broken("MADX-015", ".period.start", "", "%w", err)
		return adx.TimeRange{}
	}
	end, err := parseMoment(p.end)
	if err != nil {
		c.broken("MADX-015", ".period.end", "", "%w", err)
		return adx.TimeRange{}
	}
	switch {
	case (start.precision > toDay) != (end.precision > toDay), start.precision <= toDay && start.precision != end.precision:
		c.broken("MADX-015", ".period", p.start+" to "+p.end, "want both of one precision")
		return adx.TimeRange{}
	case end.Before(start.Time):
		c.broken("MADX-015", ".period", p.start+" to "+p.end, "want the start before the end")
		return adx.TimeRange{}
	}
	r, err := timeRange(start, end)
	if err != nil {
		c.broken("MADX-015", ".period", p.start+" to "+p.end, "want a period")
	}
	return r
}
