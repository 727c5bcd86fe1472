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

// ReadMetadata reads a metadata export in JSON or XML, old or new: a full
// export, the dependencies of one object, or a list of one type. Types of
// object that aggregate work does not need, such as dashboards and users, are
// skipped. Unknown members of an object become an [hmis.Property] each. Members
// about access rights and members that follow from others, such as display
// names, are dropped.
//
// A file without any known list is an error: the error message of a server, a
// single object, GeoJSON, a misspelt list, or one page of many. An empty object
// is an empty file.
//
// ReadMetadata is the method Read of the zero [MetadataReader]. Set its fields
// Warn and Reject to learn of doubts and to read a file with faults.
// [hmis.Merge] joins the metadata of several files.
func ReadMetadata(r io.Reader) (hmis.Metadata, error) { return MetadataReader{}.Read(r) }

// A MetadataReader reads metadata and reports what is doubtful or left out. The
// zero MetadataReader is ready to use.
type MetadataReader struct {
	Calendar *period.Calendar // the calendar of the periods in data sets; nil is Gregorian

	// Warn, if not nil, is called for everything doubtful that does no harm.
	// That is a type of object that is skipped, a membership that only one side
	// states, or a level that disagrees with the path. It is also a null in a
	// list, a value that does not fit and becomes an [hmis.Property], or an
	// object that gets its id here.
	Warn func(hmis.Issue)

	// Reject, if not nil, is called for each thing that is left out, with its
	// object, if there is one, and the reason. That is an entry that is no
	// object or reference, a value of the wrong type, an object that repeats
	// with other content, or the missing pages of a list. Reading goes on
	// without it. A value that does not fit is still kept as an
	// [hmis.Property], and an unknown code in place of an id. An object without
	// an id gets one, always the same. If nil, the first such thing ends Read.
	// The error is a *[ReadError], or for a repeated object an *[hmis.Issue].
	Reject func(hmis.Ref, error)
}

// Read reads a metadata export. An error is a *[ReadError], or [hmis.Issues]
// for objects that repeat with other content.
//
// If both sides state memberships, all of them count. A reference may be a
// code, which must be that of an object in the file. References by id to
// missing objects stay. An option set or data set that only its options or
// sections refer to is added, with only an id (RULES.md#metadata).
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

// wantMetadata names the expected content, for errors about a file of metadata.
const wantMetadata = "lists of objects, such as dataElements"

// lists reads the outermost object, which has a list for each type of object.
func (d *packageReader) lists(j *jsonReader) error {
	start := j.offset()
	known := false
	var others strangers // unknown members, where lists of objects were expected
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

// endOfLists returns an error if the file is one page of a longer list, or has
// no known list.
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

// entry reads the n-th object of a list.
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

// within returns the offset in the file of a position in the current object. In
// XML it is that of the whole object.
func (d *packageReader) within(pos int) int64 {
	if d.inXML {
		return d.offset
	}
	return d.offset + int64(pos)
}

// refuse calls Reject for something that is then left out, or returns the error
// that ends reading.
func (d *packageReader) refuse(r hmis.Ref, placed *ReadError) error {
	if d.reject == nil {
		return placed
	}
	d.reject(r, placed)
	return nil
}

// page returns an error if the file is one page of many. With Reject, callers
// can read page after page.
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
		d.pager = p // the size is the number of all objects
	}
	return d.refusePart(p)
}

// A pager has the numbers that a server states about the pages of a list.
type pager struct {
	page, of    int // number of this page and of all pages; of may be 0 for unknown
	size, total int // number of objects on a page and in all
	next, prev  bool
	offset      int64
}

// refusePart returns an error for a page if there are others.
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
	inXML    bool                  // each object is first converted to JSON
	warning  func(hmis.Issue)      // called for doubts, or nil
	reject   func(hmis.Ref, error) // called for things that are left out, or nil

	objects   map[hmis.Kind]any // a *[]*T for each T; see read
	groups    []*hmis.Group
	groupSets []*hmis.GroupSet

	values       []*hmis.AttributeValue
	translations []hmis.Translation
	properties   []hmis.Property

	unitLevels   map[*hmis.OrgUnit]statedLevel
	sectionLists map[hmis.UID][]hmis.UID    // sections in the order of each data set's list
	optionLists  map[hmis.UID][]hmis.Option // options in the order of each option set's list
	leftOut      map[hmis.Ref]bool
	oldElements  map[*hmis.DataElement]*oldElement
	links        []link
	byCode       []codeRef
	after        []func() // work to be done after byCode is resolved

	object  hmis.Ref // the object being read
	member  string
	offset  int64
	seen    map[hmis.Ref]bool
	repeats bool

	held int // approximate memory in bytes

	pager  pager // the number of objects, if the file states it but not the number of pages
	listed int   // number of entries in all lists

	conflicts hmis.Issues // options and sections that repeat
}

// A codeRef is a reference by code instead of id.
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
