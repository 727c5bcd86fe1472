package xmlstream_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
	"github.com/stretchr/testify/require"
)

var usual = xmlstream.Limits{Text: 1 << 16, Tag: 1 << 22, Attrs: 256, Depth: 64, Bytes: 1 << 40}

// events reads a document to its end and returns it as one line. It has
// elements with their namespaces in braces, attributes, texts and ends of
// elements.
func events(r io.Reader, limits xmlstream.Limits) (string, error) {
	var b strings.Builder
	s := xmlstream.New(r, limits)
	s.KeepBlank = true
	qname := func(space, name string) string {
		if space == "" {
			return name
		}
		return "{" + space + "}" + name
	}
	for {
		token, err := s.Next()
		if err != nil {
			return b.String(), err
		}
		switch token {
		case xmlstream.Start:
			b.WriteString("<" + qname(s.Space, s.Name))
			for i, a := range s.Attrs {
				fmt.Fprintf(&b, " %s=%q", qname(a.Space, a.Name()), s.Value(i))
			}
			b.WriteString(">")
			if s.Empty {
				b.WriteString("</>")
			}
		case xmlstream.End:
			b.WriteString("</>")
		case xmlstream.Text:
			b.WriteString(strings.Trim(fmt.Sprintf("%q", s.Text), `"`))
		case xmlstream.EOF:
			return b.String(), nil
		}
	}
}

func TestNext(t *testing.T) {
	tests := []struct{ in, want string }{
		{`<a/>`, `<a></>`},
		{`<a></a >`, `<a></>`},
		{"\ufeff<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<!-- - --><?pi?><a\n/>\n<?p q?><!---->\n", `<a></>`},
		{`<a b="1" c='2'/>`, `<a b="1" c="2"></>`},
		{"<a b =\n'1'\t c= \"2\" />", `<a b="1" c="2"></>`},
		{"<a b='1\t2\n3\r\n4\r5'/>", `<a b="1 2 3 4 5"></>`},
		{"<a b='&#9;&#xA;&#x0d;'/>", `<a b="\t\n\r"></>`},
		{`<a b="&lt;&gt;&amp;&quot;&apos;'>"/>`, `<a b="<>&\"''>"></>`},
		{`<a b='"' c="'"/>`, `<a b="\"" c="'"></>`},
		{`<a b="°é€😀"/>`, `<a b="°é€😀"></>`},
		{`<âge âge="1" _5plus="" a.b-c=""/>`, `<âge âge="1" _5plus="" a.b-c=""></>`},
		{"<a>x&amp;y\r\nz\rw</a>", `<a>x&y\nz\nw</>`},
		{`<a>]] > ]&gt;</a>`, `<a>]] > ]></>`},
		{`<a><![CDATA[<b>&amp;]]]]></a>`, `<a><b>&amp;]]</>`},
		{`<a><b/><c>d</c></a>`, `<a><b></><c>d</></>`},
		{`<a xmlns="u"><b/><b xmlns=""/></a>`, `<{u}a><{u}b></><b></></>`},
		{`<p:a xmlns:p="u" b="1" p:b="2"><p:c xmlns:p="v"/><p:d/></p:a>`, `<{u}a b="1" {u}b="2"><{v}c></><{u}d></></>`},
		{`<a xmlns="u" b="1"/>`, `<{u}a b="1"></>`}, // the default namespace does not apply to attributes
		{`<a xml:lang="en"/>`, `<a {http://www.w3.org/XML/1998/namespace}lang="en"></>`},
		{`<a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>`, `<a></>`},
		{`<a xmlns:p="u" p:b="1" b="1"/>`, `<a {u}b="1" b="1"></>`},
		{"<a>\ufffd</a>", "<a>\ufffd</>"},
		{`<a><!-- <b> & --><?x <c> & ?></a>`, `<a></>`},
	}
	for _, tt := range tests {
		for name, r := range map[string]io.Reader{
			"whole":       strings.NewReader(tt.in),
			"byte a time": iotest.OneByteReader(strings.NewReader(tt.in)),
			"early EOF":   iotest.DataErrReader(strings.NewReader(tt.in)),
		} {
			if got, err := events(r, usual); err != nil || got != tt.want {
				t.Errorf("%q (%s):\n got %s, %v\nwant %s", tt.in, name, got, err, tt.want)
			}
		}
	}
}

func TestNextErrors(t *testing.T) {
	malformed, encoding, doctype, outside := xmlstream.Malformed, xmlstream.Encoding, xmlstream.Doctype, xmlstream.Outside
	tests := []struct {
		in   string
		kind xmlstream.Kind
		err  string
	}{
		{"", malformed, `1:1: the input ends without any element`},
		{" \n <!-- x -->", malformed, `2:12: the input ends without any element`},
		{"<a>", malformed, `1:4: the input ends before a of line 1 is closed`},
		{"<a", malformed, `1:3: the input ends within the start tag of line 1`},
		{"<a b=\"", malformed, `1:7: the input ends within the start tag of line 1`},
		{"<a>\n</a", malformed, `2:4: the input ends within the end tag of line 2`},
		{"<a>x\r", malformed, `2:1: the input ends before a of line 1 is closed`},
		{"<a><b></a>", malformed, `1:7: </a> closes b of line 1`},
		{"<a></A>", malformed, `1:4: </A> closes a of line 1`},
		{"</a>", malformed, `1:1: an end tag without a start tag`},
		{"<a/></a>", malformed, `1:5: an end tag without a start tag`},
		{"<a/><a/>", outside, `1:5: there is another element after the root of line 1`},
		{"<a/>done", outside, `1:5: there is text after the root of line 1`},
		{"<a/>&#32;", outside, `1:5: there is text after the root of line 1`},
		{"<!---->x<a/>", outside, `1:8: there is text before the root`},
		{"x<a/>", outside, `1:1: there is text before the root`},
		{`{"status":"<b>"}`, malformed, `1:1: "{\"status\":\"<b>\"}": this is not XML`},
		{"404 page not found\n", malformed, `1:1: "404 page not found\n": this is not XML`},
		{" <?xml version='1.0'?><a/>", malformed, `1:2: an XML declaration may only be the very first thing`},
		{"<a><?XML?></a>", malformed, `1:4: an XML declaration may only be the very first thing`},
		{"<a><?x:y?></a>", malformed, `1:4: "x:y": the name of a processing instruction has no colon`},
		{"<a><??></a>", malformed, `1:6: want a name`},
		{"<a><?x", malformed, `1:4: a processing instruction is never closed`},
		{"<?xml version='1.1'?><a/>", malformed, `1:1: "1.1": want XML version 1.0`},
		{"<?xml encoding='UTF-8'?><a/>", malformed, `1:1: want an XML declaration with version="1.0"`},
		{"<?xml version='1.0' standalone='maybe'?><a/>", malformed, `1:1: "maybe": want yes or no for standalone`},
		{"<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>", malformed, `1:1: want an XML declaration with version, encoding and standalone`},
		{"<?xml version='1.0'", malformed, `1:20: the input ends within the XML declaration`},
		{"<?xml version='1.0' encoding='ISO-8859-1'?><a/>", encoding, `1:1: "ISO-8859-1": the bytes are in UTF-8`},
		{"<?xml version='1.0' encoding='UTF-16'?><a/>", encoding, `1:1: "UTF-16": the bytes are in UTF-8`},
		{"\ufeff<?xml version='1.0' encoding='windows-1252'?><a/>", encoding, `1:1: "windows-1252": the bytes are in UTF-8`},
		{"<a>\xff</a>", encoding, `1:4: byte 0xFF is not part of a character in UTF-8`},
		{"<a b='\xc3'/>", encoding, `1:7: byte 0xC3 is not part of a character in UTF-8`},
		{"<a>\xc0\x80</a>", encoding, `1:4: byte 0xC0 is not part of a character in UTF-8`},     // an overlong encoding
		{"<a>\xed\xa0\x80</a>", encoding, `1:4: byte 0xED is not part of a character in UTF-8`}, // a surrogate
		{"<a>é\xe2\x82</a>", encoding, `1:5: byte 0xE2 is not part of a character in UTF-8`},    // a character that is cut off
		{"<aé\xf1", encoding, `1:4: byte 0xF1 is not part of a character in UTF-8`},
		{"<a é='\xf1\x80", encoding, `1:7: byte 0xF1 is not part of a character in UTF-8`},
		{"<a></a\xf1", encoding, `1:7: byte 0xF1 is not part of a character in UTF-8`},
		{"<?a\xf1", encoding, `1:4: byte 0xF1 is not part of a character in UTF-8`},
		{"<a><!-- \xff --></a>", encoding, `1:9: byte 0xFF is not part of a character in UTF-8`}, // in comments too
		{"\x1f\x8b\x08\x00", encoding, `1:1: this is gzip data: want XML in UTF-8, or in UTF-16 with a byte-order mark`},
		{"PK\x03\x04", encoding, `1:1: this is zip data: want XML in UTF-8, or in UTF-16 with a byte-order mark`},
		{"<\x00a\x00/\x00>\x00", encoding, `1:1: this is UTF-16 without a byte-order mark: want XML in UTF-8, or in UTF-16 with a byte-order mark`},
		{"\xff\xfe\x00\x00<\x00\x00\x00", encoding, `1:1: this is UTF-32: want XML in UTF-8, or in UTF-16 with a byte-order mark`},
		{"\x4c\x6f\xa7\x94", encoding, `1:1: this is EBCDIC: want XML in UTF-8, or in UTF-16 with a byte-order mark`},
		{"\n<!DOCTYPE a><a/>", doctype, `2:1: "<!DOCTYPE a><a/>": a DOCTYPE is not allowed`},
		{"<!doctype html>", malformed, `1:1: "<!doctype ht": this markup is not allowed here`},
		{"<![CDATA[x]]><a/>", outside, `1:1: there is text before the root`},
		{"<a/>\n<![CDATA[ ]]>", outside, `2:1: there is text after the root of line 1`},
		{"<a><!ELEMENT a></a>", malformed, `1:4: "<!ELEMENT a>": this markup is not allowed here`},
		{"<a><![CDATA[x]]", malformed, `1:4: a CDATA section is never closed`},
		{"<a><!-- x\n</a>", malformed, `1:4: a comment is never closed`},
		{"<a><!-- x -- y --></a>", malformed, `1:11: "--": it is not allowed within a comment`},
		{"<a><!-- x ---></a>", malformed, `1:11: "--": it is not allowed within a comment`},
		{"<a>x]]>y</a>", malformed, `1:5: "]]>": it must be written ]]&gt; in a text`},
		{"<a>b & c</a>", malformed, `1:6: & must be written &amp;`},
		{"<a>b&</a>", malformed, `1:5: & must be written &amp;`},
		{"<a>&;</a>", malformed, `1:4: & must be written &amp;`},
		{"<a>&hf;</a>", malformed, `1:4: "&hf;": the entity is not known`},
		{"<a b='&nbsp;'/>", malformed, `1:7: "&nbsp;": the entity is not known`},
		{"<a>&#0;</a>", malformed, `1:4: "&#0;": this character is not allowed in XML`},
		{"<a>&#xD800;</a>", malformed, `1:4: "&#xD800;": this character is not allowed in XML`},
		{"<a>&#xFFFE;</a>", malformed, `1:4: "&#xFFFE;": this character is not allowed in XML`},
		{"<a>&#x110000;</a>", malformed, `1:4: "&#x110000;": this character is not allowed in XML`},
		{"<a>&#99999999999;</a>", malformed, `1:4: "&#99999999999;": want the number of a character`},
		{"<a>&#1_0;</a>", malformed, `1:4: "&#1_0;": want the number of a character`},
		{"<a>&#+9;</a>", malformed, `1:4: "&#+9;": want the number of a character`},
		{"<a>&#x;</a>", malformed, `1:4: "&#x;": want the number of a character`},
		{"<a>&#X41;</a>", malformed, `1:4: "&#X41;": want the number of a character`},
		{"<a>\x00</a>", malformed, `1:4: character U+0000 is not allowed in XML`},
		{"<a>\x0b</a>", malformed, `1:4: character U+000B is not allowed in XML`},
		{"<a b='\x1b'/>", malformed, `1:7: character U+001B is not allowed in XML`},
		{"<a>\ufffe</a>", malformed, `1:4: character U+FFFE is not allowed in XML`},
		{"<a b='1' b='1'/>", malformed, `1:10: "b": the attribute is there twice`},
		{"<a b='1'c='1'/>", malformed, `1:9: want white space before an attribute`},
		{"<a b='<'/>", malformed, `1:7: < in an attribute must be written &lt;`},
		{"<a b=1/>", malformed, `1:6: want the value of the attribute in quotes`},
		{"<a b/>", malformed, `1:5: want = after the name of an attribute`},
		{"<a 5b='1'/>", malformed, `1:4: "5b": this is not an XML name`},
		{"<a -x='1'/>", malformed, `1:4: "-x": this is not an XML name`},
		{"<a ='1'/>", malformed, `1:4: want a name`},
		{"<a /x>", malformed, `1:4: want /> at the end of the tag`},
		{"< a/>", malformed, `1:2: want a name`},
		{"<1/>", malformed, `1:2: "1": this is not an XML name`},
		{"<a b:c:d='1'/>", malformed, `1:4: "b:c:d": this is not an XML name`},
		{"<a :b='1'/>", malformed, `1:4: ":b": this is not an XML name`},
		{"<a b:='1'/>", malformed, `1:4: "b:": this is not an XML name`},
		{"<a p:b='1'/>", malformed, `1:4: "p:b": the prefix is not declared`},
		{"<p:a/>", malformed, `1:1: "p:a": the prefix is not declared`},
		{"<a><b xmlns:p='u'/><p:c/></a>", malformed, `1:20: "p:c": the prefix is not declared`},
		{"<xmlns:a/>", malformed, `1:1: "xmlns:a": the prefix is not declared`},
		{"<a xmlns:p=''/>", malformed, `1:4: "xmlns:p": a prefix cannot stand for no namespace`},
		{"<a xmlns:xml='u'/>", malformed, `1:4: "xmlns:xml": only the prefix xml stands for its namespace`},
		{"<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", malformed, `1:4: "xmlns:p": only the prefix xml stands for its namespace`},
		{"<a xmlns='http://www.w3.org/XML/1998/namespace'/>", malformed, `1:4: "xmlns": only the prefix xml stands for its namespace`},
		{"<a xmlns:xmlns='u'/>", malformed, `1:4: "xmlns:xmlns": this namespace cannot be declared`},
		{"<a xmlns='http://www.w3.org/2000/xmlns/'/>", malformed, `1:4: "xmlns": this namespace cannot be declared`},
		{"<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", malformed, `1:36: "q:b": the attribute is there already as p:b`},
		{"<a></a b>", malformed, `1:8: want > at the end of the tag`},
		{"<a>\r\n\r\n  é <b x='é'\r\n  y='1' y='2'/></a>", malformed, `4:9: "y": the attribute is there twice`},
		{"<a>é°<b x='é' 5=''/></a>", malformed, `1:15: "5": this is not an XML name`},
	}
	for _, tt := range tests {
		for name, r := range map[string]io.Reader{
			"whole":       strings.NewReader(tt.in),
			"byte a time": iotest.OneByteReader(strings.NewReader(tt.in)),
		} {
			if name != "whole" && strings.Contains(tt.err, "this is not XML") || strings.Contains(tt.err, "text before") {
				continue // the quoted text may depend on the size of the reads
			}
			_, err := events(r, usual)
			bad, ok := errors.AsType[*xmlstream.Error](err)
			if !ok || err.Error() != tt.err || bad.Kind != tt.kind {
				t.Errorf("%q (%s):\n got %v\nwant %s", tt.in, name, err, tt.err)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	limits := xmlstream.Limits{Text: 10, Tag: 100, Attrs: 3, Depth: 3, Bytes: 200}
	long := strings.Repeat("x", 11)
	tests := []struct{ in, err string }{
		{"<a b='1234567890'>1234567890</a>", ""},
		{"<a b='" + long + "'/>", `1:4: "b": the attribute is longer than 10 bytes`},
		{"<a>" + long + "</a>", `1:15: the text is longer than 10 bytes`},
		{"<a><![CDATA[" + long + "]]></a>", `1:24: the text is longer than 10 bytes`},
		{"<a b='&#x00000000041;&#x00000000042;&#x00000000043;'/>", ""},
		{"<" + long + "/>", `1:2: a name is longer than 10 bytes`},
		{"<a b='1' c='' d=''/>", ""},
		{"<a b='1' c='' d='' e=''/>", `1:20: the element has more than 3 attributes`},
		{"<a><b><c/></b></a>", ""},
		{"<a><b><c><d/></c></b></a>", ""},
		{"<a><b><c><d></d></c></b></a>", `1:10: elements are nested more than 3 deep`},
		{"<a" + strings.Repeat(" ", 100) + "/>", `1:1: the start tag is longer than 100 bytes`},
		{"<a></a" + strings.Repeat(" ", 100) + ">", ""},
		{"<a>" + strings.Repeat(" ", 200-7) + "</a>", `1:15: the text is longer than 10 bytes`},
		{"<a/>" + strings.Repeat(" ", 196), ""},
		{"<a/>" + strings.Repeat(" ", 197), `1:201: the document is longer than 200 bytes`},
	}
	for _, tt := range tests {
		_, err := events(strings.NewReader(tt.in), limits)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.err {
			t.Errorf("%q:\n got %s\nwant %s", tt.in, got, tt.err)
		}
	}
}

// Tokens that are longer than the buffer are read whole.
func TestLongTokens(t *testing.T) {
	for _, n := range []int{65_500, 65_530, 65_534, 65_535, 65_536, 65_540, 200_000} {
		pad := strings.Repeat("x", n)
		limits := usual
		limits.Text = 1 << 20
		in := "<a><!--" + pad + "--><b c='é&amp;" + pad + "' d=\"1\"/>" + pad + "&lt;é</a>"
		want := "<a><b c=\"é&" + pad + "\" d=\"1\"></>" + pad + "<é</>"
		got, err := events(strings.NewReader(in), limits)
		require.NoError(t, err)
		require.True(t, got == want, "%d", n)
	}
}

func TestUTF16(t *testing.T) {
	doc := "<?xml version='1.0' encoding='UTF-16'?><a b='é😀'>" + strings.Repeat("日本😀", 5000) + "</a>"
	want := `<a b="é😀">` + strings.Repeat("日本😀", 5000) + "</>"
	for _, big := range []bool{false, true} {
		in := encode16("\ufeff"+doc, big)
		for _, r := range []io.Reader{strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in))} {
			got, err := events(r, usual)
			require.NoError(t, err)
			require.True(t, got == want, got)
		}
		_, err := events(strings.NewReader(in[:len(in)-1]), usual)
		require.ErrorContains(t, err, "the document ends in the middle of a UTF-16 unit")
		_, err = events(strings.NewReader(encode16("\ufeff<a>", big)+encode16("\xff", big)[:0]+half(big)+encode16("</a>", big)), usual)
		require.ErrorContains(t, err, "1:4: half of a UTF-16 surrogate pair")
		_, err = events(strings.NewReader(encode16("\ufeff<?xml version='1.0' encoding='UTF-8'?><a/>", big)), usual)
		require.EqualError(t, err, `1:1: "UTF-8": the bytes are in UTF-16`)
	}
}

func encode16(s string, big bool) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			b.Write([]byte{byte(u >> 8), byte(u)})
		} else {
			b.Write([]byte{byte(u), byte(u >> 8)})
		}
	}
	return b.String()
}

// half returns the first half of a surrogate pair in UTF-16.
func half(big bool) string {
	if big {
		return "\xd8\x3d"
	}
	return "\x3d\xd8"
}

func TestBrokenInput(t *testing.T) {
	broken := errors.New("the cable is cut")
	for _, in := range []string{"", "<", "<a", "<a b='", "<a>", "<a>text", "<a>&am", "<a></", "<a/>", "<!-- ", "<a><![CDATA[", "<?x ", "<?xml "} {
		_, err := events(io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken)), usual)
		require.ErrorIs(t, err, broken, "%q", in)
		bad, ok := errors.AsType[*xmlstream.Error](err)
		require.True(t, ok && bad.Kind == xmlstream.Input, "%q", in)
	}
}

func TestPositions(t *testing.T) {
	s := xmlstream.New(strings.NewReader("<a>\n <é x='1'\n\ty='é' z='2'/> <c/>\n</a>"), usual)
	var got []string
	for {
		token, err := s.Next()
		require.NoError(t, err)
		if token == xmlstream.EOF {
			break
		}
		got = append(got, fmt.Sprint(s.Pos().Line, ":", s.Pos().Column))
		if token == xmlstream.Start {
			for i, a := range s.Attrs {
				got = append(got, fmt.Sprint(a.Name(), "@", s.AttrPos(i).Line, ":", s.AttrPos(i).Column))
			}
		}
	}
	require.Equal(t, "1:1 2:2 x@2:5 y@3:2 z@3:8 3:16 4:1", strings.Join(got, " "))
}

func TestIsNCName(t *testing.T) {
	for _, name := range []string{"AGE_GROUP", "sex", "âge", "_5plus", "age.group", "a-b", "日本"} {
		require.True(t, xmlstream.IsNCName(name), name)
	}
	for _, name := range []string{"", "5ANDOVER", "Age group", "age/sex", "sex(M)", "-x", "a:b", ".a", "a\xff", "·a", "a×b", "a\x00"} {
		require.False(t, xmlstream.IsNCName(name), name)
	}
}

// Reading a token does not allocate once the names are known.
func TestAllocations(t *testing.T) {
	doc := "<a xmlns='u'>" + strings.Repeat("<b c='1' d='2'/> <b e='&lt;é'>text &amp; more</b>\n", 1000) + "</a>"
	s := xmlstream.New(strings.NewReader(doc), usual)
	for range 20 {
		_, err := s.Next()
		require.NoError(t, err)
	}
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		if _, err := s.Next(); err != nil {
			t.Fatal(err)
		}
	}))
}
