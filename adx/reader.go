package adx

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
	"github.com/ohie-hmis/hmis-go/adx/internal/quota"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A Reader reads a message as a stream of groups. It holds one group in memory,
// however long the message is. It is for one goroutine.
//
// Departures from the profile are of three kinds. A critical one, such as XML
// that is not well-formed, ends the stream. An error, such as a value that is
// not a number, ends it unless Reject is set. A warning never ends it. A Reader
// checks the rules that need neither a definition nor metadata
// (RULES.md#document).
type Reader struct {
	// Tolerant makes a warning of each error that is frequent and leaves the
	// numbers clear. Messages of DHIS2 need it. These are a missing or invalid
	// exported (ADX-010, ADX-011), no group or an empty one (ADX-012, ADX-028),
	// and an unknown element (ADX-009). So are white space around a period, a
	// duration in weeks (ADX-022), and a value that repeats with the same
	// number (ADX-049). In messages of edition 2015 it also takes periods such as
	// 2015-03 and 2015-Q2, which the draft of that year had.
	Tolerant bool

	// Unqualified accepts messages whose elements have no namespace, with a
	// warning (ADX-004).
	Unqualified bool

	// Unique compares the keys of all values of the message (ADX-049), not only
	// those of a group and the groups that continue it. It needs memory for
	// each value, so a message with more than Limits.Keys values is an error.
	// Without Unique the keys of groups are compared with some 65,536 earlier
	// ones (ADX-029).
	Unique bool

	// Edition is the year of the profile, 2015 or 2017; 0 means 2017. Groups of
	// the older edition may have no data set.
	Edition int

	// Dialect DHIS2 accepts what servers accept: any namespace, groups without
	// a data set, and values that are missing, no numbers, or repeated. An
	// [Import] then decides which of them to keep.
	Dialect Dialect

	// Limits guard against hostile input.
	Limits Limits

	// Warn, if not nil, is called for each warning.
	Warn func(Finding)

	// Reject, if not nil, is called for each error. The value or group that has
	// it is dropped, and reading goes on. If nil, the first error ends the
	// stream.
	Reject func(Finding)

	src    io.Reader
	header Header
	used   bool // Groups has been called
	input
	progress
	remembered
}

// An input is the document that a Reader reads.
type input struct {
	xml    *xmlstream.Scanner
	limits Limits // the limits, with defaults in place of 0
	space  string // the namespace that elements must have
}

// A progress is the position of a Reader in its message.
type progress struct {
	group, value int         // numbers of the current group and value, from 1; 0 outside of them
	groups       int         // how many groups have begun
	values       int64       // how many values have begun
	rejected     int64       // how many values were left out
	findings     int         // how many findings have been reported
	log          quota.Quota // limits how many findings are reported
}

// A remembered has the group that is being read, and what a Reader keeps of
// earlier groups: to read the next ones faster, and to find repeats.
type remembered struct {
	next     draft
	places   places
	patterns patterns
	codes    interner
	keys     keys.Set // keys of the values in the group or message
	known    keys.Set // keys of the groups
	last     struct { // the last group
		period TimeRange
		text   string // the text of that group's period
		key    keys.Key
	}
}

// NewReader returns a Reader of the message in r: XML in UTF-8, or in UTF-16
// with a byte-order mark. If r is compressed, the caller must decompress it.
func NewReader(r io.Reader) *Reader { return &Reader{src: r} }

// Header returns the attributes of the message. They are complete once the
// first group has been read, or the stream has ended.
func (r *Reader) Header() Header { return r.header }

// Counts returns how many groups and values have been read so far. rejected
// counts the values that were left out, because they or their group had an
// error or because they repeat another value.
func (r *Reader) Counts() (groups int, values, rejected int64) {
	return r.groups, r.values, r.rejected
}

// Groups returns the groups of the message in order. It can be used once. If
// the last pair has an error, it is a *[Finding]. The caller may keep and
// change each Group.
func (r *Reader) Groups() iter.Seq2[Group, error] {
	return func(yield func(Group, error) bool) {
		if r.used {
			yield(Group{}, &Finding{
				Severity: hmis.Critical,
				Err:      errors.New("the message has been read already"),
			})
			return
		}
		r.used = true
		more, err := true, r.open()
		if err == nil {
			err = r.document(func(g Group) bool {
				more = yield(g, nil)
				return more
			})
		}
		r.summarize()
		if err != nil && more {
			yield(Group{}, r.located(err))
		}
	}
}

// open prepares the Reader.
func (r *Reader) open() error {
	switch r.Edition {
	case 0, 2015, 2017:
	default:
		return &Finding{
			Severity: hmis.Critical, Got: strconv.Itoa(r.Edition), Want: "edition 2015 or 2017",
		}
	}
	r.limits = r.Limits.filled()
	r.xml = xmlstream.New(r.src, xmlstream.Limits{
		Text:  r.limits.Text,
		Tag:   min(r.limits.Text, math.MaxInt/tagTexts) * tagTexts,
		Attrs: r.limits.Attrs,
		Depth: r.limits.Depth,
		Bytes: r.limits.Bytes,
	})
	r.log = quota.New(r.limits.Findings)
	r.codes.init()
	return nil
}

// document reads the message to its end and yields its groups, until yield
// returns false.
func (r *Reader) document(yield func(Group) bool) error {
	if err := r.root(); err != nil {
		return err
	}
	root := r.xml.Pos()
	for open := !r.xml.Empty; open; {
		token, err := r.xml.Next()
		switch {
		case err != nil:
			return err
		case token == xmlstream.End:
			open = false
		case token == xmlstream.Text:
			err = r.strayText("adx")
		case r.isElement("group"):
			var whole bool
			if whole, err = r.readGroup(); err != nil {
				return err
			}
			r.group = 0
			if whole && !yield(r.next.take()) {
				return nil
			}
		default:
			err = r.stranger("adx")
		}
		if err != nil {
			return err
		}
	}
	if r.groups == 0 && !r.next.strangers {
		if err := r.report(r.lenient(), Finding{
			Rule: "ADX-012", Line: root.Line, Column: root.Column, Want: "at least one group",
		}); err != nil {
			return err
		}
	}
	_, err := r.xml.Next() // only comments and white space may follow the root
	return err
}

// root reads the start tag of the root.
func (r *Reader) root() error {
	if _, err := r.xml.Next(); err != nil {
		return err
	}
	x := r.xml
	r.space = Namespace
	f := Finding{
		Rule: "ADX-004", Severity: hmis.Critical, Got: "<" + x.Name + ">",
		Want: "the root element adx in " + Namespace,
	}
	if x.Space != "" {
		f.Err = fmt.Errorf("an element in the namespace %s", quote.Text(x.Space))
	}
	switch {
	case x.Name == "adx" && x.Space == Namespace:
	case x.Name == "adx" && (x.Space == "" && r.Unqualified || r.Dialect == DHIS2):
		r.space = x.Space
		if err := r.report(hmis.Warning, f); err != nil {
			return err
		}
	case strings.EqualFold(x.Name, "html"):
		f.Rule, f.Err, f.Want = "ADX-001", errHTML, ""
		return &f
	default:
		return &f
	}
	exported := -1
	for i := range x.Attrs {
		a := &x.Attrs[i]
		if a.Name() == "exported" && a.Space == "" {
			exported = i
			continue
		}
		r.header.Attrs = append(r.header.Attrs, Attr{a.Space, a.Name(), string(x.Value(i))})
	}
	if exported < 0 {
		return r.missing(r.lenient(), "ADX-010", "exported")
	}
	text := string(x.Value(exported))
	r.header.ExportedText = text
	at, ok := parseDateTime(token.Collapse(text))
	if !ok {
		return r.reportAttr(r.lenient(), exported, Finding{
			Rule: "ADX-011", Want: "a date and time such as 2026-02-05T08:15:00Z",
		})
	}
	r.header.Exported = at
	return nil
}

var errHTML = errors.New("this is an HTML page, not a message")

// isElement reports whether the last start tag is that of an element of the
// profile with this name.
func (r *Reader) isElement(name string) bool { return r.xml.Name == name && r.xml.Space == r.space }

// modelNames lists the elements of the profile.
var modelNames = []string{"adx", "group", "dataValue", "annotation"}

// stranger reports the element whose start tag was just read and which is not
// allowed within parent. It skips the element with its content.
func (r *Reader) stranger(parent string) error {
	x := r.xml
	f := Finding{
		Rule: "ADX-009", Got: "<" + x.Name + ">",
		Err: fmt.Errorf("an element that is not known within %s", parent),
	}
	severity := r.lenient()
	for _, name := range modelNames {
		switch {
		case !strings.EqualFold(x.Name, name):
			continue
		case x.Space != r.space && x.Name == name:
			f.Rule, f.Err, f.Want = "ADX-006", fmt.Errorf("an element in the namespace %s", quote.Text(x.Space)), Namespace
		case x.Space != r.space:
			continue
		case x.Name == name:
			f.Rule, f.Err = "ADX-008", fmt.Errorf("it has no place within %s", parent)
		default:
			f.Rule, f.Want, f.Err = "ADX-008", name, nil
		}
		severity = hmis.Severe
	}
	r.next.strangers = r.next.strangers || severity == hmis.Severe
	if err := r.report(severity, f); err != nil {
		return err
	}
	return r.skip(severity == hmis.Severe, nil)
}

// skip reads to the end of an element whose start tag was just read. Groups and
// values inside are reported unless reported is true, which means that they
// already were. text, if not nil, is called with each text.
func (r *Reader) skip(reported bool, text func([]byte) error) error {
	if r.xml.Empty {
		return nil
	}
	for depth := r.xml.Depth(); ; {
		token, err := r.xml.Next()
		switch {
		case err != nil:
			return err
		case token == xmlstream.End && r.xml.Depth() < depth:
			return nil
		case token == xmlstream.Text && text != nil:
			err = text(r.xml.Text)
		case token == xmlstream.Start && !reported && (r.isElement("group") || r.isElement("dataValue")):
			err = r.report(hmis.Severe, Finding{
				Rule: "ADX-008", Got: "<" + r.xml.Name + ">", Err: errors.New("it has no place within an element that is not known"),
			})
		}
		if err != nil {
			return err
		}
	}
}

// strayText reports the last text, which is in a place where none is allowed.
func (r *Reader) strayText(parent string) error {
	return r.report(hmis.Severe, Finding{
		Rule: "ADX-007", Got: string(r.xml.Text), Err: fmt.Errorf("text is not allowed within %s", parent),
	})
}

// missing reports that the last element lacks an attribute. It also reports an
// attribute whose name differs only in letter case.
func (r *Reader) missing(severity hmis.Severity, rule, name string) error {
	for i := range r.xml.Attrs {
		if a := &r.xml.Attrs[i]; a.Space == "" && strings.EqualFold(a.Name(), name) {
			f := Finding{Rule: "ADX-056", Attr: a.Name(), Want: name}
			f.Line, f.Column = r.at(i)
			if err := r.report(hmis.Severe, f); err != nil {
				return err
			}
		}
	}
	return r.report(severity, Finding{Rule: rule, Attr: name, Err: errors.New("it is missing")})
}

// lenient returns the severity of errors that a tolerant Reader reports as
// warnings.
func (r *Reader) lenient() hmis.Severity {
	if r.Tolerant || r.Dialect == DHIS2 {
		return hmis.Warning
	}
	return hmis.Severe
}

// at returns the place of attribute i in the last start tag.
func (r *Reader) at(i int) (line, column int) {
	p := r.xml.AttrPos(i)
	return p.Line, p.Column
}

// reportAttr reports a finding about attribute i of the last start tag.
func (r *Reader) reportAttr(severity hmis.Severity, i int, f Finding) error {
	f.Line, f.Column = r.at(i)
	f.Attr = r.xml.Attrs[i].Name()
	f.Got = string(r.xml.Value(i))
	return r.report(severity, f)
}

// report reports a finding. If the finding has no place, report adds that of
// the last token. The result is not nil if the stream must end.
func (r *Reader) report(severity hmis.Severity, f Finding) error {
	r.findings++
	told := r.Warn
	if severity >= hmis.Severe {
		told = r.Reject
	}
	ends := severity >= hmis.Severe && told == nil
	if !ends && (told == nil || !r.log.Pass()) {
		return nil
	}
	f.Severity, f.Path = severity, r.path()
	if f.Line == 0 {
		p := r.xml.Pos()
		f.Line, f.Column = p.Line, p.Column
	}
	if ends {
		return &f
	}
	told(f)
	return nil
}

// summarize reports the number of all findings if some were not reported
// (ADX-165).
func (r *Reader) summarize() {
	told := r.Warn
	if told == nil {
		told = r.Reject
	}
	if rest := r.log.Rest(); rest != nil && told != nil {
		told(Finding{Rule: "ADX-165", Severity: hmis.Warning, Err: rest})
	}
}

// path returns the path of the group or value that is being read. For the root
// it is "".
func (r *Reader) path() string {
	switch {
	case r.group == 0:
		return ""
	case r.value == 0:
		return "group[" + strconv.Itoa(r.group) + "]"
	}
	return "group[" + strconv.Itoa(r.group) + "]/dataValue[" + strconv.Itoa(r.value) + "]"
}

// located returns err, which ends the stream, as a Finding with a place.
func (r *Reader) located(err error) *Finding {
	bad, ok := errors.AsType[*xmlstream.Error](err)
	if !ok {
		f := err.(*Finding)
		if f.Line == 0 && r.xml != nil {
			p := r.xml.Pos()
			f.Line, f.Column, f.Path = p.Line, p.Column, r.path()
		}
		return f
	}
	f := &Finding{
		Rule: bad.Kind.Rule(), Severity: hmis.Critical,
		Line: bad.Pos.Line, Column: bad.Pos.Column, Path: r.path(),
		Got: bad.Got, Err: errors.New(bad.Msg),
	}
	switch bad.Kind {
	case xmlstream.Doctype:
		if strings.HasPrefix(strings.ToLower(f.Got), "<!doctype html") {
			f.Rule, f.Err = "ADX-001", errHTML
		}
	case xmlstream.Input:
		f.Err = fmt.Errorf("%s: %w", bad.Msg, bad.Err)
	}
	return f
}
