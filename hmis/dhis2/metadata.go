package dhis2

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
)

// ReadMetadata reads a metadata export in JSON or XML, old or new: a full export, the
// dependencies of one object, or a list of one type. Types of object that
// aggregate work does not need, such as dashboards and users, are skipped.
// Unknown members of an object become an [hmis.Property] each. Members about
// access rights and members that follow from others, such as display names, are
// dropped.
//
// A file in which nothing is known is an error: the answer of a server that
// failed, a single object, GeoJSON, a misspelt list, one page of many. An empty
// object is an empty file.
//
// ReadMetadata is Read of the zero [MetadataReader]: give that Warn and Reject
// to hear of doubts and to read a file that has faults. [hmis.Merge] joins the
// metadata of several files.
func ReadMetadata(r io.Reader) (hmis.Metadata, error) { return MetadataReader{}.Read(r) }

// A MetadataReader reads metadata and reports what is doubtful or left out. The
// zero MetadataReader is ready to use.
type MetadataReader struct {
	Calendar *period.Calendar // of the periods in data sets; nil is Gregorian

	// Warn, if not nil, is called for each thing that is doubtful but does no
	// harm: a type of object that is skipped, a membership that only one side
	// states, a level that is not that of the path, a null in a list, a value
	// that does not fit and becomes an [hmis.Property], an object that got its
	// id here.
	Warn func(hmis.Issue)

	// Reject, if not nil, is called for each thing that is left out, with the
	// object it belongs to, if there is one, and the reason: an entry that is
	// no object or no reference, a value of another type, an object that
	// repeats with other content, the rest of a list of which the file is one
	// page. Reading then goes on without it; an unfit value is still kept as an
	// [hmis.Property], and the code of an unknown object in place of its id. An
	// object without an id gets one, which is the same each time. If nil, the
	// first such thing ends Read. The error is a *[ReadError], or for a
	// repeated object an *[hmis.Issue].
	Reject func(hmis.Ref, error)
}

// Read reads a metadata export. An error is a *[ReadError], or [hmis.Issues]
// for objects that repeat with other content.
//
// Of memberships that both sides state, the union counts. A reference may be a
// code, which must then lead to an object of the file. References that lead
// nowhere stay as they are. An option set or data set that only its options or
// sections name is made, with nothing but its id (RULES.md#metadata).
func (m MetadataReader) Read(r io.Reader) (hmis.Metadata, error) {
	text, skipped, err := open(r)
	if err != nil {
		return hmis.Metadata{}, err
	}
	d := &packageReader{
		calendar: m.Calendar, warning: m.Warn, reject: m.Reject, seen: map[hmis.Ref]bool{}, objects: map[hmis.Kind]any{},
		unitLevels: map[*hmis.OrgUnit]statedLevel{}, leftOut: map[hmis.Ref]bool{}, oldElements: map[*hmis.DataElement]*oldElement{}, sectionLists: map[hmis.UID][]hmis.UID{}, optionLists: map[hmis.UID][]hmis.Option{},
	}
	if d.calendar == nil {
		d.calendar = period.Gregorian
	}
	if startsWithTag(text) {
		err = d.xmlLists(text, skipped)
	} else {
		j := &jsonReader{src: text, base: skipped, limit: maxObject}
		if err = j.isJSON("metadata"); err == nil {
			err = d.lists(j)
		}
	}
	if err != nil {
		return hmis.Metadata{}, err
	}
	if err := d.finish(); err != nil {
		return hmis.Metadata{}, err
	}
	return d.metadata()
}

// startsWithTag reports whether a text is XML: its first byte that is not blank
// is "<".
func startsWithTag(text *bufio.Reader) bool {
	for n := 64; ; n *= 2 {
		head, err := text.Peek(n)
		if head = bytes.TrimLeft(head, " \t\r\n"); len(head) > 0 || err != nil {
			return len(head) > 0 && head[0] == '<'
		}
	}
}

// wantMetadata is what a reader of metadata wants in place of something else.
const wantMetadata = "lists of objects, such as dataElements"

// lists reads the outermost object: one list for each type of object.
func (d *packageReader) lists(j *jsonReader) error {
	start := j.offset()
	known := false
	var others strangers // in place of lists
	err := j.object(func(name string, offset int64) error {
		c, err := j.peek()
		if err != nil {
			return err
		}
		read := d.reader(name)
		switch {
		case name == "dataValues" || name == "completeDataSetRegistrations":
			return at(offset, fmt.Errorf("%s: want metadata, not data", name))
		case read != nil && c != '[' && c != 'n':
			return j.unexpected(c, "an array of "+name)
		case read != nil:
			known = true
		case c == '[' && misspelt(name) != "":
			return at(offset, fmt.Errorf("%s: want %s", quoted(name), misspelt(name)))
		}
		if c == '[' {
			return d.list(j, name, read, &others)
		}
		raw, _, err := j.raw()
		switch {
		case err != nil:
			return err
		case name == "pager":
			return d.page(raw, offset)
		case name == "id" && raw[0] != 'n':
			id, _ := jsontext.Scalar(raw)
			return at(start, fmt.Errorf("a single object, %s: want %s", quote.Line(string(id), 64), wantMetadata))
		case read == nil && name != "system" && name != "package" && name != "date":
			others.add(name, raw, offset)
		}
		return nil
	})
	if err == nil {
		err = j.finish()
	}
	if err != nil {
		return err
	}
	return d.endOfLists(known, start, &others)
}

// endOfLists checks that the file was no part of a longer one, and had
// something that is known.
func (d *packageReader) endOfLists(known bool, start int64, others *strangers) error {
	if p := d.pager; p.total > d.listed {
		p.size = max(d.listed, 1)
		if err := d.refusePart(p); err != nil {
			return err
		}
	}
	if !known {
		return at(start, others.err(wantMetadata))
	}
	return nil
}

// list reads or skips the objects of one list.
func (d *packageReader) list(j *jsonReader, name string, read func([]byte, int64) error, others *strangers) error {
	n := 0
	err := j.array(func(raw []byte, offset int64) error {
		n++
		d.listed++
		if read == nil {
			return nil
		}
		return d.entry(name, n-1, raw, offset, read)
	})
	if err == nil && read == nil {
		d.skipped(name, n, j.offset(), others)
	}
	return err
}

// entry reads one object of a list.
func (d *packageReader) entry(name string, n int, raw []byte, offset int64, read func([]byte, int64) error) error {
	d.object, d.offset = hmis.Ref{}, offset
	if raw[0] == 'n' {
		d.warn(hmis.Warning, "entry_null", hmis.Ref{}, fmt.Sprintf("%s[%d]", name, n), "null is skipped")
		return nil
	}
	err := read(raw, offset)
	if err == nil {
		return nil
	}
	if bad, ok := errors.AsType[*ReadError](err); ok {
		return bad
	}
	placed := &ReadError{Offset: offset, Row: -1, Field: fmt.Sprintf("%s[%d]", name, n), Err: err}
	if bad := (*jsontext.SyntaxError)(nil); errors.As(err, &bad) {
		placed.Offset = d.within(bad.Pos)
		return placed
	}
	return d.refuse(hmis.Ref{}, placed)
}

// within returns the offset of a position in the text of the object being read.
// In XML it is that of the object.
func (d *packageReader) within(pos int) int64 {
	if d.inXML {
		return d.offset
	}
	return d.offset + int64(pos)
}

// refuse ends the reading with an error, or leaves out what it is about.
func (d *packageReader) refuse(r hmis.Ref, placed *ReadError) error {
	if d.reject == nil {
		return placed
	}
	d.reject(r, placed)
	return nil
}

// page refuses one page of many, which is no whole list. Callers that have
// Reject may read page after page.
func (d *packageReader) page(raw []byte, offset int64) error {
	p := pager{page: 1, offset: offset}
	err := jsontext.Members(raw, func(m jsontext.Member) (err error) {
		switch m.Name {
		case "page":
			p.page, err = wholeNumber(m.Raw)
		case "pageCount":
			p.of, err = wholeNumber(m.Raw)
		case "pageSize":
			p.size, err = wholeNumber(m.Raw)
		case "total":
			p.total, err = wholeNumber(m.Raw)
		case "nextPage":
			p.next = m.Raw[0] == '"'
		case "prevPage":
			p.prev = m.Raw[0] == '"'
		}
		return err
	})
	if err != nil {
		return at(offset, fmt.Errorf("pager: %w", err))
	}
	if p.total > 0 && p.size <= 0 && p.of == 0 {
		d.pager = p // its size is the number of objects
	}
	return d.refusePart(p)
}

// A pager is what a server says about the pages of a list.
type pager struct {
	page, of    int // of is 0 if the server has not counted them
	size, total int // objects of a page and of all
	next, prev  bool
	offset      int64
}

// refusePart refuses a page if there are others.
func (d *packageReader) refusePart(p pager) error {
	var bad error
	switch {
	case p.of > 1:
		bad = fmt.Errorf("page %d of %d", p.page, p.of)
	case p.next:
		bad = fmt.Errorf("page %d, with others behind it", p.page)
	case p.prev || p.page > 1:
		bad = fmt.Errorf("page %d, with others before it", p.page)
	case p.size > 0 && p.total > p.size:
		bad = fmt.Errorf("page %d, %d of %d objects", p.page, p.size, p.total)
	default:
		return nil
	}
	return d.refuse(hmis.Ref{}, &ReadError{Offset: p.offset, Row: -1, Field: "pager", Err: fmt.Errorf("%w: want all pages in one", bad)})
}

// A packageReader collects the objects of one file.
type packageReader struct {
	calendar *period.Calendar
	inXML    bool                  // objects are read from the JSON that says the same
	warning  func(hmis.Issue)      // may be nil
	reject   func(hmis.Ref, error) // may be nil

	objects   map[hmis.Kind]any // *[]*T for each T; see read
	groups    []*hmis.Group
	groupSets []*hmis.GroupSet

	values       []*hmis.AttributeValue
	translations []hmis.Translation
	properties   []hmis.Property

	unitLevels   map[*hmis.OrgUnit]statedLevel
	sectionLists map[hmis.UID][]hmis.UID    // as data sets list them
	optionLists  map[hmis.UID][]hmis.Option // as option sets list them
	leftOut      map[hmis.Ref]bool
	oldElements  map[*hmis.DataElement]*oldElement
	links        []link
	byCode       []codeRef
	after        []func() // what has to wait for byCode

	object  hmis.Ref // being read
	member  string
	offset  int64
	seen    map[hmis.Ref]bool
	repeats bool

	held int // bytes of memory, more or less

	pager  pager // if it says how many objects there are, but not on how many pages
	listed int   // entries of all lists

	conflicts hmis.Issues // options and sections that repeat
}

// A codeRef is a reference that has a code in place of an id.
type codeRef struct {
	kind   hmis.Kind
	code   string
	to     *hmis.UID
	object hmis.Ref
	offset int64
}

func (d *packageReader) warn(s hmis.Severity, code string, r hmis.Ref, field, format string, args ...any) {
	if d.warning != nil {
		d.warning(hmis.Issue{Code: code, Severity: s, Object: r, Field: field, Offset: d.offset, Err: fmt.Errorf(format, args...)})
	}
}
