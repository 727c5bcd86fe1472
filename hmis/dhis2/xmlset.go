package dhis2

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// Limits of one batch of XML: the number of values, and the bytes of text.
const (
	xmlRows  = 8192
	xmlBytes = 1 << 20
)

// readXML reads a DXF2 data value set. Namespaces are ignored, since they are
// often missing (RULES.md#data-value-sets).
func (d *decoder) readXML(r io.Reader) error {
	text, skipped, err := open(r)
	if err != nil {
		return err
	}
	x := newXMLReader(text, skipped)
	root, err := x.root("dataValueSet")
	if err != nil {
		return err
	}
	texts := setTexts{}
	for _, a := range root.Attr {
		switch {
		case isSetMember(a.Name.Local):
		case rows.IsNamespace(a) || d.names.Ignores(a.Name.Local):
			continue
		default:
			return x.fail(rows.UnknownName("attribute", a.Name.Local))
		}
		if _, repeats := texts[a.Name.Local]; repeats {
			return x.fail(fmt.Errorf("%s: want it once", a.Name.Local))
		}
		texts[a.Name.Local] = setText{offset: x.offset(), text: a.Value}
	}
	if err := d.header.take(texts); err != nil {
		return err
	}
	if err := d.header.needsCatalog(); err != nil {
		return err
	}
	c := newXMLChunk()
	var offsets []int64
	send := func(rest error) error {
		if c.Rows.Len() > 0 {
			// Rows hold their offset in 32 bits, counted from the first row.
			c.Base = offsets[0]
			for i, o := range offsets {
				c.Rows.SetStart(i, uint32(o-c.Base))
			}
			if err := d.send(nil, c); err != nil {
				return err
			}
			c, offsets = newXMLChunk(), offsets[:0]
		}
		return rest
	}
	for {
		start, ok, err := x.child()
		if err != nil || !ok {
			return send(err)
		}
		offset := x.offset()
		row := start.Name.Local == "dataValue"
		if !row && d.names.Ignores(start.Name.Local) {
			if err := x.skip(); err != nil {
				return send(err)
			}
			continue
		}
		if row {
			c.Rows.XML(start, d.names)
		} else {
			c.Rows.FailUnknown("element", start.Name.Local)
		}
		if inner, err := x.content(); err != nil {
			c.Rows.Clear()
			return send(err)
		} else if inner != nil {
			c.Rows.Fail(rows.Ignored, inner)
		}
		c.Rows.End(0) // the start is set when the chunk is sent
		offsets = append(offsets, offset)
		if c.Rows.Len() == xmlRows || offset-offsets[0] > xmlBytes {
			if err := send(nil); err != nil {
				return err
			}
		}
	}
}

func newXMLChunk() *rows.Chunk {
	c := &rows.Chunk{Rows: new(rows.Rows)}
	c.Rows.Reset()
	return c
}

// An xmlReader reads the children of the root of an XML document, one after
// another.
type xmlReader struct {
	dec     *xml.Decoder
	src     *bounded
	skipped int64
	at      int64 // offset of the last element
}

func newXMLReader(r io.Reader, skipped int64) *xmlReader {
	src := &bounded{r: r, left: rows.MaxRow, limit: rows.MaxRow}
	x := &xmlReader{dec: xml.NewDecoder(src), src: src, skipped: skipped}
	x.dec.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		return nil, fmt.Errorf("encoding %s: want UTF-8", quoted(charset))
	}
	return x
}

// A bounded reader fails if one token is too long, since the decoder holds a
// whole token in memory. It is reset before each token.
type bounded struct {
	r     io.Reader
	left  int
	limit int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("want at most %d MiB in one element", b.limit>>20)
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func (x *xmlReader) offset() int64 { return x.at + x.skipped }

func (x *xmlReader) fail(err error) error { return at(x.offset(), err) }

// token returns the next token. Its error has a place.
func (x *xmlReader) token() (xml.Token, error) {
	x.at, x.src.left = x.dec.InputOffset(), x.src.limit
	t, err := x.dec.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if bad := (*xml.SyntaxError)(nil); errors.As(err, &bad) {
		err = errors.New(printable(bad.Msg))
		x.at = x.dec.InputOffset()
	}
	if err != nil {
		return nil, x.fail(err)
	}
	return t, nil
}

// printable returns a message of package xml on one line, since it may quote
// the text.
func printable(msg string) string {
	text := strconv.Quote(quote.Cut(msg, 64))
	return strings.ReplaceAll(text[1:len(text)-1], `\"`, `"`)
}

// root reads the root element, which must have one of these names.
func (x *xmlReader) root(names ...string) (xml.StartElement, error) {
	for {
		t, err := x.token()
		if err != nil {
			return xml.StartElement{}, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "adx" {
				return t, x.fail(errors.New("an ADX message: want package adx to read it"))
			}
			if !slices.Contains(names, t.Name.Local) {
				return t, x.fail(fmt.Errorf("element %s: want %s", quoted(t.Name.Local), strings.Join(names, " or ")))
			}
			return t, nil
		case xml.CharData:
			if s := strings.TrimSpace(string(t)); s != "" {
				return xml.StartElement{}, x.fail(fmt.Errorf("%s: want an XML element", quoted(s)))
			}
		}
	}
}

// child returns the next child of the root. ok is false after the last one.
func (x *xmlReader) child() (start xml.StartElement, ok bool, err error) {
	start, ok, err = x.within()
	if err == nil && !ok {
		err = x.finish()
	}
	return start, ok, err
}

// within returns the next child of the open element. ok is false at its end.
// Text between children is an error.
func (x *xmlReader) within() (start xml.StartElement, ok bool, err error) {
	for {
		t, err := x.token()
		if err != nil {
			return xml.StartElement{}, false, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return t, true, nil
		case xml.EndElement:
			return xml.StartElement{}, false, nil
		case xml.CharData:
			if text := bytes.TrimSpace(t); len(text) > 0 {
				return xml.StartElement{}, false, x.fail(fmt.Errorf("%s: want elements only", quoted(text)))
			}
		}
	}
}

// text reads the open element to its end and returns its text, without that of
// its children.
func (x *xmlReader) text() (string, error) {
	var text []byte
	for depth := 1; ; {
		t, err := x.token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth++; depth > jsontext.MaxDepth {
				return "", x.fail(fmt.Errorf("want at most %d levels of nesting", jsontext.MaxDepth))
			}
		case xml.EndElement:
			if depth--; depth == 0 {
				return string(text), nil
			}
		case xml.CharData:
			if depth > 1 {
				continue
			}
			if text = append(text, t...); len(text) > rows.MaxRow {
				return "", x.fail(fmt.Errorf("want at most %d MiB of text in one element", rows.MaxRow>>20))
			}
		}
	}
}

// skip skips the rest of the open element.
func (x *xmlReader) skip() error {
	_, err := x.content()
	return err
}

// content skips the rest of the open element. inner describes the content, if
// there was any, since elements of rows must be empty.
func (x *xmlReader) content() (inner, err error) {
	for depth := 1; depth > 0; {
		t, err := x.token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth++; depth > jsontext.MaxDepth {
				return nil, x.fail(fmt.Errorf("want at most %d levels of nesting", jsontext.MaxDepth))
			}
			if inner == nil {
				inner = fmt.Errorf("element %s: want attributes only", quoted(t.Name.Local))
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if text := bytes.TrimSpace(t); len(text) > 0 && inner == nil {
				inner = fmt.Errorf("%s: want attributes only", quoted(text))
			}
		}
	}
	return inner, nil
}

// finish returns an error if anything but comments follows the root.
func (x *xmlReader) finish() error {
	for {
		x.at, x.src.left = x.dec.InputOffset(), x.src.limit
		t, err := x.dec.Token()
		switch t := t.(type) {
		case xml.StartElement:
			return x.fail(fmt.Errorf("element %s: want the end", quoted(t.Name.Local)))
		case xml.CharData:
			if s := strings.TrimSpace(string(t)); s != "" {
				return x.fail(fmt.Errorf("%s: want the end", quoted(s)))
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return x.fail(err)
		}
	}
}
