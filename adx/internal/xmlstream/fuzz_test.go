package xmlstream_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
)

// FuzzNext compares the Scanner with encoding/xml, which accepts more
// documents. If the Scanner accepts one, both must read the same. Reading byte
// by byte must also give the same.
func FuzzNext(f *testing.F) {
	samples, _ := filepath.Glob("../../../../shared/samples/adx/bad/*.xml")
	for _, name := range samples {
		if doc, err := os.ReadFile(name); err == nil {
			f.Add(doc)
		}
	}
	for _, doc := range []string{
		"\ufeff<?xml version='1.0' encoding='utf-8'?><!-- c --><a xmlns='u' xmlns:p='v' p:b='1\t2'>x&amp;&#10;\r\n<![CDATA[<]]><p:b/></a>\n<?pi ?>",
		"<a b='1' b='2'/>", "<a>]]></a>", "<a>&#xFFFE;</a>", "<!DOCTYPE a><a/>", "<a xmlns:p=''/>", "<a\r\n\tb\n=\r'\r\n'/>",
		"\xff\xfe<\x00a\x00/\x00>\x00",
	} {
		f.Add([]byte(doc))
	}
	limits := xmlstream.Limits{Text: 1 << 10, Tag: 1 << 12, Attrs: 20, Depth: 10, Bytes: 1 << 20}
	f.Fuzz(func(t *testing.T, doc []byte) {
		got, err := events(bytes.NewReader(doc), limits)
		slow, slowErr := events(iotest.OneByteReader(bytes.NewReader(doc)), limits)
		if (err == nil) != (slowErr == nil) || got != slow {
			t.Errorf("%q reads as\n%s, %v\nbut byte by byte as\n%s, %v", doc, got, err, slow, slowErr)
		}
		if err != nil || bytes.HasPrefix(doc, []byte("\xff\xfe")) || bytes.HasPrefix(doc, []byte("\xfe\xff")) {
			return
		}
		want, err := standard(bytes.TrimPrefix(doc, []byte("\ufeff")))
		if err != nil && strings.Contains(err.Error(), "invalid XML name") {
			return // encoding/xml has the names of an older edition of XML 1.0
		}
		if err != nil {
			t.Errorf("%q is accepted, but encoding/xml says %v", doc, err)
		}
		if fold(got) != fold(want) {
			t.Errorf("%q reads as\n%s\nencoding/xml:\n%s", doc, got, want)
		}
	})
}

// standard returns what events does, but by encoding/xml.
func standard(doc []byte) (string, error) {
	var b strings.Builder
	qname := func(n xml.Name) string {
		if n.Space == "" {
			return n.Local
		}
		return "{" + n.Space + "}" + n.Local
	}
	d := xml.NewDecoder(bytes.NewReader(doc))
	depth := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			b.WriteString("<" + qname(token.Name))
			for _, a := range token.Attr {
				if a.Name.Space != "xmlns" && (a.Name.Space != "" || a.Name.Local != "xmlns") {
					fmt.Fprintf(&b, " %s=%q", qname(a.Name), a.Value)
				}
			}
			b.WriteString(">")
		case xml.EndElement:
			depth--
			b.WriteString("</>")
		case xml.CharData:
			if depth > 0 {
				b.WriteString(strings.Trim(fmt.Sprintf("%q", string(token)), `"`))
			}
		}
	}
}

// fold makes all white space equal, since encoding/xml keeps it in attributes.
func fold(s string) string {
	s = strings.NewReplacer(`\r\n`, " ", `\n`, " ", `\t`, " ", `\r`, " ").Replace(s)
	return strings.Join(strings.Fields(s), " ")
}
