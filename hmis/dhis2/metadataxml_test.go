package dhis2_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/stretchr/testify/require"
)

// This is a file in the form of servers, and the same in JSON
// (RULES.md#metadata-in-xml).
const (
	inXML = `<?xml version='1.0' encoding='UTF-8'?>
<metadata xmlns="http://dhis2.org/schema/dxf/2.0">
  <system><id>b1b8</id><version>2.44.0</version></system>
  <users><user id="u1"/><user id="u2"/></users>
  <organisationUnits>
    <organisationUnit id="ImspTQPwCqd" name="Sierra Leone &amp; sea" code="SL" created="2013-02-19T10:13:21.168">
      <openingDate>1994-01-01T00:00:00.000</openingDate>
      <geometry>{"type":"Point","coordinates":[-11.4,8.1]}</geometry>
      <translations><translation><locale>fr</locale><property>NAME</property><value>Sierra Léone</value></translation></translations>
      <attributeValues><attributeValue><value>7</value><attribute id="attr"/></attributeValue></attributeValues>
      <url>http://a.example/?a=1&amp;b=2</url>
    </organisationUnit>
    <organisationUnit id="O6uvpzGd5pu" name="Bo"><parent id="ImspTQPwCqd"/><sharing><owner>x</owner></sharing></organisationUnit>
  </organisationUnits>
  <categories><category id="sex" name="Sex"><dataDimension>true</dataDimension>
    <categoryOptions><categoryOption id="f"/><categoryOption id="m"/></categoryOptions></category></categories>
  <dataElements><dataElement id="de" name="ANC"><aggregationLevels><aggregationLevel>3</aggregationLevel></aggregationLevels>
    <zeroIsSignificant>true</zeroIsSignificant><description/></dataElement></dataElements>
  <dataSets><dataSet id="ds" name="Form"><periodType>Monthly</periodType><timelyDays>15</timelyDays>
    <dataSetElements><dataSetElement><dataElement id="de"/><dataSet id="ds"/></dataSetElement></dataSetElements></dataSet></dataSets>
  <constants><constant id="c"><value>3.14</value></constant></constants>
</metadata>`
	inJSON = `{"users":[{"id":"u1"},{"id":"u2"}],
"organisationUnits":[
	{"id":"ImspTQPwCqd","name":"Sierra Leone & sea","code":"SL","created":"2013-02-19T10:13:21.168","openingDate":"1994-01-01T00:00:00.000",
	"geometry":{"type":"Point","coordinates":[-11.4,8.1]},"translations":[{"locale":"fr","property":"NAME","value":"Sierra Léone"}],
	"attributeValues":[{"value":"7","attribute":{"id":"attr"}}],"url":"http://a.example/?a=1&b=2"},
	{"id":"O6uvpzGd5pu","name":"Bo","parent":{"id":"ImspTQPwCqd"}}],
"categories":[{"id":"sex","name":"Sex","dataDimension":true,"categoryOptions":[{"id":"f"},{"id":"m"}]}],
"dataElements":[{"id":"de","name":"ANC","aggregationLevels":[3],"zeroIsSignificant":true}],
"dataSets":[{"id":"ds","name":"Form","periodType":"Monthly","timelyDays":15,"dataSetElements":[{"dataElement":{"id":"de"},"dataSet":{"id":"ds"}}]}],
"constants":[{"id":"c","value":3.14}]}`
)

func TestReadMetadataXML(t *testing.T) {
	var warned [2][]string
	var md [2]hmis.Metadata
	for i, text := range []string{inXML, inJSON} {
		var err error
		md[i], err = dhis2.MetadataReader{Warn: func(w hmis.Issue) { warned[i] = append(warned[i], w.Field+": "+w.Err.Error()) }}.Read(strings.NewReader(text))
		require.NoError(t, err)
	}
	require.Empty(t, cmp.Diff(md[1], md[0]))
	require.Equal(t, warned[1], warned[0])
	require.Contains(t, warned[0], "users: 2 objects are skipped")
	againXML(t, md[0])
}

// againXML writes metadata in XML and reads it again. Properties are compared
// as texts, since XML does not distinguish a number from its text.
func againXML(t *testing.T, md hmis.Metadata) {
	t.Helper()
	rewritten := func(md hmis.Metadata) hmis.Metadata {
		var b bytes.Buffer
		require.NoError(t, dhis2.WriteMetadataXML(&b, md))
		got, err := dhis2.ReadMetadata(&b)
		require.NoError(t, err)
		return got
	}
	got := rewritten(md)
	plain := cmp.Transformer("plain", func(p hmis.Property) hmis.Property {
		p.Value = plainProperty(t, p.Value)
		return p
	})
	said := cmpopts.IgnoreSliceElements(func(p hmis.Property) bool { return plainProperty(t, p.Value) == "null" })
	byName := cmpopts.SortSlices(func(a, b hmis.Property) bool { // XML has attributes first
		return a.Object.String()+a.Name < b.Object.String()+b.Name
	})
	if diff := cmp.Diff(md, got, plain, said, byName, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("read again, -want +got:\n%.4000s", diff)
	}
	if diff := cmp.Diff(got, rewritten(got)); diff != "" {
		t.Errorf("what came from XML, read again, -want +got:\n%.4000s", diff)
	}
}

// plainProperty returns JSON with numbers and booleans as texts, and without
// empty members.
func plainProperty(t *testing.T, raw string) string {
	d := json.NewDecoder(strings.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return raw
	}
	b, err := json.Marshal(plainValue(v))
	require.NoError(t, err)
	return string(b)
}

func plainValue(v any) any {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case bool:
		return map[bool]string{true: "true", false: "false"}[v]
	case string:
		if v == "" {
			return nil
		}
	case []any:
		list := []any{}
		for _, e := range v {
			list = append(list, plainValue(e))
		}
		if len(list) == 0 {
			return nil
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for name, e := range v {
			if p := plainValue(e); p != nil {
				object[name] = p
			}
		}
		if len(object) == 0 {
			return nil
		}
		return object
	}
	return v
}

// All real metadata is the same after writing and reading XML.
func TestRealMetadataXML(t *testing.T) {
	for _, name := range metadataFiles(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			md, err := dhis2.ReadMetadata(bytes.NewReader(testfile.Read(t, name)))
			require.NoError(t, err)
			var inOrder bytes.Buffer
			require.NoError(t, dhis2.WriteMetadata(&inOrder, md))
			md, err = dhis2.ReadMetadata(&inOrder)
			require.NoError(t, err)
			againXML(t, md)
		})
	}
}

func TestReadMetadataXMLErrors(t *testing.T) {
	list := func(text string) string { return `<metadata><dataElements>` + text + `</dataElements></metadata>` }
	tests := []struct{ name, in, want string }{
		{"cut", `<metadata><dataElements><dataElement id="a">`, `dhis2: offset 44: unexpected EOF`},
		{"another root", `<dataElement id="a"/>`, `dhis2: offset 0: element "dataElement": want metadata`},
		{"data", `<metadata><dataValues/></metadata>`, `dhis2: offset 10: dataValues: want metadata, not data`},
		{"misspelt list", `<metadata><dataElement/></metadata>`, `dhis2: offset 10: "dataElement": want dataElements`},
		{"another object in the list", list(`<indicator id="a"/>`), `dhis2: offset 24: dataElements: element "indicator": want dataElement`},
		{"no id", list(`<dataElement name="a"/>`), `dhis2: offset 24: dataElements[0]: id: want one in each object`},
		{"nothing in an object", list(`<dataElement/>`), `dhis2: offset 24: dataElements[0]: id: want one in each object`},
		{"a member twice", list(`<dataElement id="a"><code>x</code><code>y</code></dataElement>`), `dhis2: offset 24: dataElements[0]: dataElement a: code: want it once`},
		{"an unfit value", list(`<dataElement id="a"><zeroIsSignificant>maybe</zeroIsSignificant></dataElement>`),
			`dhis2: offset 24: dataElement a: zeroIsSignificant: want true or false, got text "maybe"`},
		{"text beside elements", list(`<dataElement id="a">x<code>y</code></dataElement>`), `dhis2: offset 59: dataElement: "x": want elements or text, not both`},
		{"text beside lists", `<metadata>x</metadata>`, `dhis2: offset 10: "x": want elements only`},
		{"too deep", list(`<dataElement id="a">` + strings.Repeat("<x>", 100)), `dhis2: offset 233: want at most 64 levels of nesting`},
		{"one page", `<metadata><pager><page>1</page><pageCount>2</pageCount></pager><dataElements/></metadata>`, `dhis2: offset 10: pager: page 1 of 2: want all pages in one`},
		{"nothing known", `<metadata><users><user id="a"/></users></metadata>`, `dhis2: offset 0: `},
		{"another encoding", `<?xml version="1.0" encoding="ISO-8859-1"?><metadata/>`, `want UTF-8`},
		{"more behind it", `<metadata/><metadata/>`, `dhis2: offset 11: element "metadata": want the end`},
		{"entity", `<!DOCTYPE x [<!ENTITY a "b">]><metadata><dataElements><dataElement id="&a;"/></dataElements></metadata>`, `invalid character entity &a;`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := dhis2.ReadMetadata(strings.NewReader(tt.in))
			require.ErrorContains(t, err, tt.want)
		})
	}
	md, err := dhis2.ReadMetadata(strings.NewReader(` <metadata></metadata>`))
	require.NoError(t, err, "an empty file")
	require.Empty(t, md)
}

func TestWriteMetadataXMLErrors(t *testing.T) {
	a := hmis.Ref{Kind: hmis.KindDataElement, ID: "a"}
	tests := []struct {
		property hmis.Property
		want     string
	}{
		{hmis.Property{Object: a, Name: "x", Value: `[[1]]`}, `dhis2: dataElement a: x: want no array in an array in XML`},
		{hmis.Property{Object: a, Name: "x", Value: `"\u0001"`}, `dhis2: dataElement a: x: "\x01": U+0001 cannot be written in XML`},
		{hmis.Property{Object: a, Name: "a b", Value: `1`}, `dhis2: dataElement a: a b: cannot be the name of an element`},
	}
	for _, tt := range tests {
		md := hmis.Metadata{DataElements: []hmis.DataElement{{ID: "a"}}, Properties: []hmis.Property{tt.property}}
		require.EqualError(t, dhis2.WriteMetadataXML(io.Discard, md), tt.want)
	}
	md := hmis.Metadata{DataElements: []hmis.DataElement{{ID: "a", Name: "\x01"}}}
	require.EqualError(t, dhis2.WriteMetadataXML(io.Discard, md), `dhis2: dataElement a: name: "\x01": U+0001 cannot be written in XML`)
}

// XML that is written is well formed according to the standard library, and
// reads back the same.
func FuzzReadMetadataXML(f *testing.F) {
	f.Add(inXML)
	f.Add(`<metadata><categories><category id="a"><categoryOptions/></category></categories></metadata>`)
	f.Fuzz(func(t *testing.T, text string) {
		if !strings.HasPrefix(text, "<") {
			return
		}
		md, err := dhis2.ReadMetadata(strings.NewReader(text))
		if err != nil {
			return
		}
		dec := xml.NewDecoder(strings.NewReader(text))
		for {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("package xml cannot read it: %v", err)
			}
		}
		var b bytes.Buffer
		if dhis2.WriteMetadataXML(&b, md) != nil {
			return // a member may have a name that XML does not allow
		}
		again, err := dhis2.ReadMetadata(&b)
		if err != nil {
			t.Fatalf("read again: %v", err)
		}
		if diff := cmp.Diff(md.DataElements, again.DataElements, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("read again: %s", diff)
		}
	})
}
