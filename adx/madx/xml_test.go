package madx_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/madx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A node is a value of JSON: a text, or members or items in order.
type node struct {
	text    string
	given   bool // there is a text
	kind    byte // '{', '[' or 0
	members []member
}

type member struct {
	name string
	node
}

func parse(t testing.TB, text string) node {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var read func() node
	read = func() node {
		token, err := d.Token()
		require.NoError(t, err)
		delim, ok := token.(json.Delim)
		if !ok {
			text, _ := json.Marshal(token)
			return node{text: strings.TrimSuffix(strings.TrimPrefix(string(text), `"`), `"`), given: true}
		}
		n := node{kind: byte(delim)}
		for d.More() {
			name := ""
			if delim == '{' {
				key, _ := d.Token()
				name = key.(string)
			}
			n.members = append(n.members, member{name, read()})
		}
		_, _ = d.Token()
		return n
	}
	return read()
}

func (n node) get(name string) (node, bool) {
	for _, m := range n.members {
		if m.name == name {
			return m.node, true
		}
	}
	return node{}, false
}

// toXML writes a resource of JSON in XML, as FHIR says.
func toXML(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(xml.Header)
	attr := func(name, text string) {
		b.WriteString(" " + name + `="`)
		var s string
		require.NoError(t, json.Unmarshal([]byte(`"`+text+`"`), &s))
		require.NoError(t, xml.EscapeText(&b, []byte(s)))
		b.WriteByte('"')
	}
	var element func(name string, n, beside node)
	var children func(n node, skipped ...string)
	resource := func(n node, root bool) {
		typ, _ := n.get("resourceType")
		b.WriteString("<" + typ.text)
		if root {
			b.WriteString(` xmlns="http://hl7.org/fhir"`)
		}
		b.WriteByte('>')
		children(n, "resourceType")
		b.WriteString("</" + typ.text + ">")
	}
	children = func(n node, skipped ...string) {
		for _, m := range n.members {
			bare := strings.TrimPrefix(m.name, "_")
			_, both := n.get(bare)
			switch beside, _ := n.get("_" + m.name); {
			case strings.Contains(" "+strings.Join(skipped, " ")+" ", " "+m.name+" "), bare != m.name && both:
			case bare != m.name:
				element(bare, node{}, m.node)
			case m.kind == '[':
				for _, item := range m.members {
					element(m.name, item.node, node{})
				}
			default:
				element(m.name, m.node, beside)
			}
		}
	}
	element = func(name string, n, beside node) {
		b.WriteString("\n<" + name)
		if _, ok := n.get("resourceType"); ok {
			b.WriteByte('>')
			resource(n, false)
			b.WriteString("</" + name + ">")
			return
		}
		if n.kind == 0 {
			if n.given {
				attr("value", n.text)
			}
			n.members = beside.members
		}
		for _, key := range []string{"id", "url"} {
			if v, ok := n.get(key); ok && (key == "id" || strings.HasSuffix(strings.ToLower(name), "extension")) {
				attr(key, v.text)
			}
		}
		b.WriteByte('>')
		skipped := []string{"id"}
		if strings.HasSuffix(strings.ToLower(name), "extension") {
			skipped = append(skipped, "url")
		}
		children(n, skipped...)
		b.WriteString("</" + name + ">")
	}
	resource(parse(t, text), true)
	return b.String()
}

// same reports whether a report means the same in XML: the same values and the
// same findings at the same paths.
func same(t *testing.T, f madx.Format, text string) {
	t.Helper()
	groups, found, paths := read(t, f, text)
	inXML := toXML(t, text)
	require.NoError(t, xml.Unmarshal([]byte(inXML), new(struct{})), inXML)
	groups2, found2, paths2 := read(t, f, inXML)
	if diff := cmp.Diff(groups, groups2, places); diff != "" {
		t.Errorf("(-JSON +XML):\n%s\n%s", diff, inXML)
	}
	require.Equal(t, found, found2, inXML)
	require.Equal(t, paths, paths2, inXML)
}

// The samples mean the same in XML.
func TestSamplesInXML(t *testing.T) {
	names, _ := filepath.Glob(filepath.Join(samples, "fhir", "*.json"))
	if len(names) == 0 {
		t.Skip("no samples in ../shared/samples beside the repository")
	}
	measure := epi(t)
	for _, name := range names {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		text := string(data)
		inXML := toXML(t, text)
		switch {
		case strings.Contains(name, "measurereport"):
			same(t, madx.Format{Measure: measure}, text)
			same(t, madx.Format{}, text)
		case strings.Contains(name, "measure"):
			want, err := madx.ReadMeasure(strings.NewReader(text), nil)
			require.NoError(t, err, name)
			got, err := madx.ReadMeasure(strings.NewReader(inXML), nil)
			require.NoError(t, err, name)
			require.Empty(t, cmp.Diff(want, got))
		default:
			want, err := madx.ReadValueSets(strings.NewReader(text))
			require.NoError(t, err, name)
			got, err := madx.ReadValueSets(strings.NewReader(inXML))
			require.NoError(t, err, name)
			require.Empty(t, cmp.Diff(want, got))
		}
	}
}

// What is written in XML is what is written in JSON, element by element, and
// reads back the same (RULES.md#reports-in-fhir).
func TestWriteXML(t *testing.T) {
	f := format(t)
	later := january(t)[0]
	later.Period = timeRange(t, "2026-02-01/P1M")
	elsewhere := january(t)[1]
	elsewhere.OrgUnit = `Hill "post" <2>`
	header := adx.Header{Exported: time.Date(2026, 2, 5, 8, 15, 0, 0, time.UTC)}
	for _, groups := range [][]adx.Group{january(t), append(january(t), later, elsewhere)} {
		want := toXML(t, write(t, f, header, groups...))
		f.XML = true
		text := write(t, f, header, groups...)
		f.XML = false
		require.Equal(t, elements(t, want), elements(t, text))
		got, found, _ := read(t, f, text)
		require.Empty(t, found)
		require.Empty(t, cmp.Diff(groups, got, places))
	}
	var b, x strings.Builder
	require.NoError(t, f.Measure.Write(&b))
	require.NoError(t, f.Measure.WriteXML(&x))
	require.Equal(t, elements(t, toXML(t, b.String())), elements(t, x.String()))
	got, err := madx.ReadMeasure(strings.NewReader(x.String()), nil)
	require.NoError(t, err)
	want, err := madx.ReadMeasure(strings.NewReader(b.String()), nil)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(want, got))

	b.Reset()
	x.Reset()
	require.NoError(t, f.Measure.WriteValueSets(&b))
	require.NoError(t, f.Measure.WriteValueSetsXML(&x))
	require.Equal(t, elements(t, toXML(t, b.String())), elements(t, x.String()))

	b.Reset()
	x.Reset()
	findings := []adx.Finding{{Rule: "MADX-012", Severity: hmis.Severe, Path: "MeasureReport.group[0]", Got: "<X>"}}
	require.NoError(t, madx.WriteOutcome(&b, findings))
	require.NoError(t, madx.WriteOutcomeXML(&x, findings))
	require.Equal(t, elements(t, toXML(t, b.String())), elements(t, x.String()))

	f.XML = true
	bad := january(t)
	bad[0].OrgUnit, bad[1].OrgUnit = "\uFFFF", "\uFFFF"
	require.ErrorContains(t, f.Write(io.Discard, header, stream(bad...)), "XML cannot hold the character")
}

// elements returns the tags of a document, without white space and the
// declarations of namespaces.
func elements(t testing.TB, text string) (list []string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return list
		}
		require.NoError(t, err, text)
		switch token := token.(type) {
		case xml.StartElement:
			require.Equal(t, "http://hl7.org/fhir", token.Name.Space)
			tag := token.Name.Local
			for _, a := range token.Attr {
				if a.Name.Local != "xmlns" {
					tag += " " + a.Name.Local + "=" + a.Value
				}
			}
			list = append(list, tag)
		case xml.EndElement:
			list = append(list, "/")
		}
	}
}

// XML that is not FHIR, not well-formed or beyond the limits ends the stream
// with its place.
func TestReadBadXML(t *testing.T) {
	const head = `<MeasureReport xmlns="http://hl7.org/fhir">`
	tests := []struct{ in, want string }{
		{"<!DOCTYPE html>\n<html>", `1:1: MADX-002: an HTML page: want a resource of FHIR in JSON or XML`},
		{"  <html>", `1:3: MADX-002: an HTML page: want a resource of FHIR in JSON or XML`},
		{`<!DOCTYPE a [<!ENTITY b "c">]><a/>`, `a DOCTYPE is not allowed`},
		{`<MeasureReport/>`, `1:1: MADX-002: <MeasureReport> in the namespace "": want http://hl7.org/fhir`},
		{`<Measure xmlns="http://hl7.org/fhir"/>`, `1:1: MADX-001: resourceType "Measure": want MeasureReport, or a Bundle of them`},
		{head, `1:44: MADX-002: the input ends before MeasureReport of line 1 is closed`},
		{head + `<status value="complete"`, `1:68: MADX-002: the input ends within the start tag of line 1`},
		{head + "\n<status>complete</status></MeasureReport>", `2:9: status: MADX-002: text "complete" between tags: want it in an attribute value`},
		{head + `<status code="complete"/></MeasureReport>`, `1:52: MADX-002: attribute "code" of <status>: want elements with an attribute value`},
		{`<MeasureReport id="a" xmlns="http://hl7.org/fhir"/>`, `1:16: MADX-002: attribute "id" of <MeasureReport>`},
		{head + `<status value="complete"/><type value="summary"/><status value="complete"/></MeasureReport>`, `1:93: MADX-002: member "status" is there twice`},
		{head + `<status></status></MeasureReport>`, `1:44: MeasureReport.status: MADX-002: want a text`},
		{head + `<status/></MeasureReport>`, `1:44: MeasureReport.status: MADX-002: want a text`},
		{head + `<status><extension url="a"/></status></MeasureReport>`, `1:1: MeasureReport.status: MADX-001: missing`},
		{head + `<status id="a"><extension url="a"><valueCode value="b"/></extension><extension url="b"/></status></MeasureReport>`, `1:1: MeasureReport.status: MADX-001: missing`},
		{head + `<status value="a"/><status value="b"/></MeasureReport>`, `1:63: MADX-002: member "status" is there twice`},
		{head + `<status xmlns="urn:x" value="a"/></MeasureReport>`, `1:44: MADX-002: <status> in the namespace "urn:x"`},
		{head + `<a><b xmlns="urn:x"><c/></b></a></MeasureReport>`, `1:44: MeasureReport.a: MADX-002: want an element of FHIR R4`},
		{head + `</MeasureReport><a/>`, `MADX-002: there is another element after the root`},
		{head + strings.Repeat(`<a>`, 100), `ADX-163: elements are nested more than 64 deep`},
		{head + `<id value="` + strings.Repeat("x", 70_000) + `"/></MeasureReport>`, `1:44: id: ADX-160: a text of more than 65536 bytes`},
		{head + `<meta value="` + strings.Repeat("x", 70_000) + `"/></MeasureReport>`, `1:1: MeasureReport.status: MADX-001: missing`},
		{head + `<meta value="` + strings.Repeat("x", 2<<20) + `"/></MeasureReport>`, `the attribute is longer than 1048576 bytes`},
		{head + `<group><population><count value="` + strings.Repeat("1", 1001) + `"/></population></group></MeasureReport>`, `1:63: group[0].population[0].count: ADX-162: a number of more than 1000 digits`},
		{head + "<id value=\"\xff\"/></MeasureReport>", `ADX-002: byte 0xFF is not part of a character in UTF-8`},
		{`<?xml version="1.0" encoding="ISO-8859-1"?>` + head + "</MeasureReport>", `ADX-002`},
		{`<Bundle xmlns="http://hl7.org/fhir"><entry><resource><MeasureReport/><MeasureReport/></resource></entry></Bundle>`, `another resource in <resource>: want one`},
		{`<Bundle xmlns="http://hl7.org/fhir"><entry><resource> </resource></entry></Bundle>`, `no resource in <resource>`},
	}
	for _, tt := range tests {
		var last error
		for _, err := range (madx.Format{}).Read(strings.NewReader(tt.in)) {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), tt.want) {
			t.Errorf("Read(%.99q) = %v; want %s", tt.in, last, tt.want)
		}
	}
	broken := errors.New("the line is dead")
	for _, err := range format(t).Read(io.MultiReader(strings.NewReader(head), failing{broken})) {
		require.ErrorIs(t, err, broken)
	}
}

// XML may have comments, other prefixes, a narrative, UTF-16, and elements with
// ids and extensions beside their values. The size of the reads does not
// matter.
func TestReadXMLForms(t *testing.T) {
	f := format(t)
	f.XML = true
	text := write(t, f, adx.Header{}, january(t)...)
	want, _, _ := read(t, f, text)
	utf16BE := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(strings.Replace(text, "UTF-8", "UTF-16", 1))) {
		utf16BE = append(utf16BE, byte(u>>8), byte(u))
	}
	forms := map[string]string{
		"as it is":     text,
		"byte order":   "\xEF\xBB\xBF" + text,
		"UTF-16":       string(utf16BE),
		"comments":     strings.ReplaceAll(text, "><", "><!-- a comment --><?a b?>\n<"),
		"a prefix":     strings.NewReplacer("xmlns=", "xmlns:f=", "</", "</f:", "<", "<f:", "<?xml", "<?xml").Replace(text),
		"a narrative":  strings.Replace(text, "<status", `<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">A <b>bold</b> word</div></text><status`, 1),
		"extensions":   strings.Replace(text, `<status value="complete"/>`, `<extension url="x"><valueCode value="y"/></extension><status id="s" value="complete"><extension url="x"><valueCode value="y"/></extension></status>`, 1),
		"schema place": strings.Replace(text, `<MeasureReport `, `<MeasureReport xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir fhir-all.xsd" `, 1),
	}
	for name, form := range forms {
		if name == "a prefix" {
			form = strings.Replace(form, "<f:?xml", "<?xml", 1)
			form = strings.ReplaceAll(form, "<f:/f:", "</f:")
		}
		for _, in := range []io.Reader{strings.NewReader(form), iotest.OneByteReader(strings.NewReader(form)), iotest.DataErrReader(strings.NewReader(form))} {
			var got []adx.Group
			for g, err := range f.Read(in) {
				require.NoError(t, err, "%s: %s", name, form)
				got = append(got, g)
			}
			require.Empty(t, cmp.Diff(want, got, places), name)
		}
	}
}

// A reader holds one report of a bundle in XML too, and only what it needs of
// it.
func TestXMLWithoutMemory(t *testing.T) {
	f := madx.Format{XML: true, Measure: madx.Measure{URL: "https://moh.example.org/Measure/m", DataSet: "m"}}
	r, w := io.Pipe()
	writer := f
	go func() {
		err := writer.Write(w, adx.Header{}, func(yield func(adx.Group, error) bool) {
			g := january(t)[0]
			g.DataSet, g.Values = "m", g.Values[3:]
			for i := range 20_000 {
				g.OrgUnit = "OU-" + string(rune('a'+i%26)) + strings.Repeat("x", i/26%30) + strings.Repeat("y", i/780)
				if !yield(g, nil) {
					return
				}
			}
		})
		_ = w.CloseWithError(err)
	}()
	n := 0
	f.Limits.Memory = 20_000
	for _, err := range f.Read(r) {
		require.NoError(t, err)
		n++
	}
	require.Equal(t, 20_000, n)
}

// A text in XML that is read is also well-formed for encoding/xml, and its
// report reads the same when it is written in JSON.
func FuzzReadXML(f *testing.F) {
	short := january(f)[1] // fuzzing needs minutes to shrink longer ones
	f.Add(write(f, madx.Format{XML: true, Measure: madx.Measure{URL: "urn:m"}}, adx.Header{}, short))
	f.Add(`<MeasureReport xmlns="http://hl7.org/fhir"><contained><Location><id value="a"/></Location></contained><status id="a" value="error"/><count><extension url="b"/></count></MeasureReport>`)
	f.Add(`<Measure xmlns="http://hl7.org/fhir"><url value="u"/><experimental value="true"/><group><code><coding><code value="c"/></coding></code></group></Measure>`)
	free := madx.Format{Measure: madx.Measure{URL: "https://moh.example.org/Measure/m", DataSet: "m"}}
	free.Reject = func(adx.Finding) {}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?")
		_, _ = madx.ReadMeasure(strings.NewReader(text), nil)
		_, _ = madx.ReadValueSets(strings.NewReader(text))
		if !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "<") {
			return
		}
		read := func(text string) ([]adx.Group, bool) {
			var groups []adx.Group
			for g, err := range free.Read(strings.NewReader(text)) {
				if err != nil {
					return nil, false
				}
				groups = append(groups, g)
			}
			return groups, true
		}
		groups, ok := read(text)
		if !ok {
			return
		}
		for d := xml.NewDecoder(strings.NewReader(text)); ; {
			_, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil && !strings.Contains(err.Error(), "unsupported version") {
				t.Fatalf("encoding/xml: %v", err)
			}
		}
		var b strings.Builder
		strict := free
		strict.Reject = nil
		if err := strict.Write(&b, adx.Header{}, stream(groups...)); err != nil || len(groups) == 0 {
			return
		}
		first, ok := read(b.String())
		require.True(t, ok, b.String())
		b.Reset()
		strict.XML = true
		if strict.Write(&b, adx.Header{}, stream(first...)) != nil {
			return
		}
		second, ok := read(b.String())
		require.True(t, ok, b.String())
		require.Empty(t, cmp.Diff(first, second, places))
	})
}
