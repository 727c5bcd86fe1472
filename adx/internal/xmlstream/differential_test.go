package xmlstream_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
)

// An xmlMaker makes random documents, sometimes malformed.
type xmlMaker struct {
	*rand.Rand
	b strings.Builder
}

func (m *xmlMaker) pick(list ...string) { m.b.WriteString(list[m.IntN(len(list))]) }

// element writes an element with others inside, down to some depth.
func (m *xmlMaker) element(depth int) {
	name := []string{"a", "b", "p:a", "adx", "é", "a.b-c", "_x"}[m.IntN(7)]
	m.b.WriteString("<" + name)
	names := m.Perm(5)
	for _, i := range names[:m.IntN(4)] {
		m.pick(" ", "\n", "\t ", "  ")
		m.b.WriteString([]string{"x", "y", "p:x", "xml:lang", "xmlns:q"}[i])
		m.pick("=", " = ", "=\n")
		quote := []string{`"`, "'"}[m.IntN(2)]
		m.b.WriteString(quote)
		m.content(quote)
		m.b.WriteString(quote)
	}
	if m.IntN(3) == 0 || depth == 0 {
		m.pick("/>", " />")
		return
	}
	m.pick(">", " >")
	for range m.IntN(4) {
		switch m.IntN(5) {
		case 0, 1:
			m.element(depth - 1)
		case 2:
			m.pick("<!-- c -->", "<?pi x?>", "<![CDATA[<a>&]]>", "<!-- -- -->", "<![CDATA[]]]]>")
		default:
			m.content("")
		}
	}
	m.b.WriteString("</" + name)
	m.pick(">", " >", "\n>")
}

// content writes a text, or the value of an attribute in these quotes.
func (m *xmlMaker) content(quote string) {
	for range m.IntN(5) {
		m.pick("a", " ", "12.50", "é", "日", "\U0001F600", "&amp;", "&lt;", "&#65;", "&#x1F600;", "\n", "\r\n", "\t", "&quot;", "]", ">",
			"&nbsp;", "&#0;", "]]>", "&", "u")
	}
	if quote == "" && m.IntN(10) == 0 {
		m.b.WriteString(`"'`)
	}
}

// TestRandomXML reads random documents, valid and malformed, and compares with
// encoding/xml. The Scanner accepts fewer documents; see FuzzNext.
func TestRandomXML(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	limits := xmlstream.Limits{Text: 1 << 10, Tag: 1 << 12, Attrs: 20, Depth: 10, Bytes: 1 << 20}
	accepted := 0
	for range 40_000 {
		m := &xmlMaker{Rand: r}
		m.pick("", `<?xml version="1.0"?>`, `<?xml version='1.0' encoding='UTF-8'?>`+"\n", "\ufeff", "<!-- c -->")
		m.b.WriteString(`<r xmlns:p="urn:p">`)
		m.element(3)
		m.b.WriteString("</r>")
		m.pick("", "\n", "<!-- end -->", "<?pi?>")
		doc := []byte(m.b.String())
		if r.IntN(3) == 0 { // remove or change one byte
			i := r.IntN(len(doc))
			doc = append(append(append([]byte(nil), doc[:i]...), []string{"", "<", ">", `"`, "&", "\x00", "\xff", "/"}[r.IntN(8)]...), doc[i+1:]...)
		}
		got, err := events(bytes.NewReader(doc), limits)
		if err != nil {
			continue
		}
		accepted++
		want, err := standard(bytes.TrimPrefix(doc, []byte("\ufeff")))
		if err != nil || fold(got) != fold(want) {
			t.Fatalf("%q reads as\n%s\nencoding/xml: %v\n%s", doc, got, err, want)
		}
	}
	if accepted < 8000 {
		t.Errorf("only %d documents were well-formed", accepted)
	}
}
