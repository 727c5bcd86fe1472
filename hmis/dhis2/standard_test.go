package dhis2_test

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/stretchr/testify/require"
)

// A scribe writes rows in all the forms in which a file may have them.
type scribe struct {
	rnd *rand.Rand
	b   strings.Builder
}

func (s *scribe) pick(texts ...string) string { return texts[s.rnd.IntN(len(texts))] }

func (s *scribe) blank() string { return s.pick("", "", "", " ", "\n", "\r\n\t") }

// value returns a text that is difficult in some format.
func (s *scribe) value() string {
	return s.pick("5", "-1.50", "0", "007", "", "true", "12345678901234567890", "1e3", "né", "a \"b\" c", "}, {", "],\"x\":[", "line\nbreak",
		"back\\slash", ",", "\"", "\"\"", "ends with \"", "x,\"y\"\r\nz", strings.Repeat("long ", 200), "😀 ")
}

// quoted writes a JSON string with more escapes than necessary.
func (s *scribe) quoted(text string) string {
	if s.rnd.IntN(3) > 0 {
		b, _ := json.Marshal(text)
		return string(b)
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '/' || r == '"' || r == '\\':
			b.WriteString("\\" + string(r))
		case r < ' ' || r < 0x10000 && s.rnd.IntN(4) == 0:
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// object writes a data value with its members in random order, among others.
func (s *scribe) object(i int) {
	members := []string{
		`"dataElement"` + s.blank() + `:` + s.blank() + s.quoted(fmt.Sprintf("de%d", i%7)),
		`"period":` + s.quoted(fmt.Sprintf("2024%02d", i%12+1)),
		`"orgUnit":` + s.quoted(fmt.Sprintf("ou%d", i/9)),
		`"value":` + s.blank() + s.quoted(s.value()),
	}
	if s.rnd.IntN(2) == 0 {
		members = append(members, `"comment":`+s.quoted(s.value()))
	}
	if s.rnd.IntN(4) == 0 {
		members = append(members, `"extra":{"value":[1,{"dataElement":"no"},"]}"],"`+s.pick("a", "b")+`":null}`)
	}
	s.rnd.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	s.b.WriteString(`{` + s.blank() + strings.Join(members, s.blank()+","+s.blank()) + s.blank() + `}`)
}

// JSON is read as encoding/json reads it, in every layout and with every cut
// between chunks.
func TestJSONAsTheStandardLibrary(t *testing.T) {
	for seed := range uint64(8) {
		s := &scribe{rnd: rand.New(rand.NewPCG(seed, 1))}
		s.b.WriteString(s.blank() + `{"dataValues":` + s.blank() + `[`)
		n := 1500 + s.rnd.IntN(1500) // several chunks
		for i := range n {
			if i > 0 {
				s.b.WriteString(s.blank() + "," + s.blank())
			}
			s.object(i)
		}
		s.b.WriteString(s.blank() + `]` + s.blank() + `}` + s.blank())
		var want struct {
			DataValues []struct{ DataElement, Period, OrgUnit, Value, Comment string }
		}
		require.NoError(t, json.Unmarshal([]byte(s.b.String()), &want))
		got, err := collect(dhis2.Format{Ignore: []string{"extra", "a", "b"}}.Read(strings.NewReader(s.b.String()), nil))
		require.NoError(t, err)
		require.Len(t, got, len(want.DataValues))
		for i, v := range got {
			w := want.DataValues[i]
			if [5]string{string(v.DataElement), v.Period.String(), string(v.OrgUnit), v.Value, v.Comment} != [5]string{w.DataElement, w.Period, w.OrgUnit, w.Value, w.Comment} {
				t.Fatalf("seed %d, value %d: %+v, want %+v", seed, i, v, w)
			}
		}
	}
}

// CSV is read as encoding/csv reads it, except that blanks around unquoted
// cells are ignored.
func TestCSVAsTheStandardLibrary(t *testing.T) {
	for seed := range uint64(8) {
		s := &scribe{rnd: rand.New(rand.NewPCG(seed, 2))}
		s.b.WriteString("comment,dataelement,period,value,orgunit\r\n")
		cell := func(text string) string {
			if strings.ContainsAny(text, ",\"\r\n") || strings.TrimSpace(text) != text || s.rnd.IntN(4) == 0 && text != "" {
				return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
			}
			return text
		}
		for i := range 2000 + s.rnd.IntN(2000) {
			row := []string{s.value(), fmt.Sprintf("de%d", i%7), fmt.Sprintf("2024%02d", i%12+1), s.value(), fmt.Sprintf("ou%d", i/9)}
			for k := range row {
				row[k] = cell(row[k])
			}
			s.b.WriteString(strings.Join(row, ",") + s.pick("\n", "\r\n", "\n\n"))
		}
		r := csv.NewReader(strings.NewReader(s.b.String()))
		want, err := r.ReadAll()
		require.NoError(t, err)
		var got [][]string
		for v, err := range (dhis2.Format{CSV: true}).Read(strings.NewReader(s.b.String()), nil) {
			require.NoError(t, err)
			got = append(got, []string{v.Comment, string(v.DataElement), v.Period.String(), v.Value, string(v.OrgUnit)})
		}
		require.Len(t, got, len(want)-1)
		for i, row := range got {
			for k := range row {
				// encoding/csv turns \r\n into \n, even in quotes.
				if strings.ReplaceAll(row[k], "\r\n", "\n") != want[i+1][k] {
					t.Fatalf("seed %d, row %d: %q, want %q", seed, i, row, want[i+1])
				}
			}
		}
	}
}

// XML is read as encoding/xml reads it, with attributes in any order.
func TestXMLAsTheStandardLibrary(t *testing.T) {
	for seed := range uint64(4) {
		s := &scribe{rnd: rand.New(rand.NewPCG(seed, 3))}
		s.b.WriteString(`<?xml version="1.0"?>` + s.blank() + `<d:dataValueSet xmlns:d="http://dhis2.org/schema/dxf/2.0">`)
		for i := range 1500 + s.rnd.IntN(1500) {
			attrs := []string{
				fmt.Sprintf(`dataElement="de%d"`, i%7), fmt.Sprintf(`period = '2024%02d'`, i%12+1), fmt.Sprintf(`orgUnit="ou%d"`, i/9), `value=` + s.attribute(s.value()),
			}
			if s.rnd.IntN(2) == 0 {
				attrs = append(attrs, `comment=`+s.attribute(s.value()))
			}
			s.rnd.Shuffle(len(attrs), func(i, j int) { attrs[i], attrs[j] = attrs[j], attrs[i] })
			s.b.WriteString(s.blank() + `<d:dataValue ` + strings.Join(attrs, " "+s.blank()) + s.pick(`/>`, `></d:dataValue>`, ` >`+s.blank()+`<!-- <dataValue/> --></d:dataValue >`))
		}
		s.b.WriteString(`</d:dataValueSet>` + s.blank())
		var want struct {
			DataValues []struct {
				DataElement string `xml:"dataElement,attr"`
				Period      string `xml:"period,attr"`
				OrgUnit     string `xml:"orgUnit,attr"`
				Value       string `xml:"value,attr"`
				Comment     string `xml:"comment,attr"`
			} `xml:"dataValue"`
		}
		require.NoError(t, xml.Unmarshal([]byte(s.b.String()), &want))
		got, err := collect(dhis2.Format{XML: true}.Read(strings.NewReader(s.b.String()), nil))
		require.NoError(t, err)
		require.Len(t, got, len(want.DataValues))
		for i, v := range got {
			w := want.DataValues[i]
			if [5]string{string(v.DataElement), v.Period.String(), string(v.OrgUnit), v.Value, v.Comment} != [5]string{w.DataElement, w.Period, w.OrgUnit, w.Value, w.Comment} {
				t.Fatalf("seed %d, value %d: %+v, want %+v", seed, i, v, w)
			}
		}
	}
}

// attribute writes the value of an XML attribute, with random quotes and
// character references.
func (s *scribe) attribute(text string) string {
	quote := s.pick(`"`, `'`)
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < ' ' || string(r) == quote || s.rnd.IntN(10) == 0:
			fmt.Fprintf(&b, s.pick("&#%d;", "&#x%x;"), r)
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		default:
			b.WriteRune(r)
		}
	}
	return quote + b.String() + quote
}

// Tables of metadata are read as encoding/csv reads them, with columns in any
// order.
func TestTablesAsTheStandardLibrary(t *testing.T) {
	for seed := range uint64(4) {
		s := &scribe{rnd: rand.New(rand.NewPCG(seed, 4))}
		columns := []string{"name", "uid", "code", "short name"}
		s.rnd.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
		w := csv.NewWriter(&s.b)
		w.UseCRLF = s.rnd.IntN(2) == 0
		require.NoError(t, w.Write(columns))
		var want []hmis.CategoryOption
		for i := range 500 {
			// encoding/csv keeps blanks around a cell and reads \r\n as \n.
			text := func() string { return strings.TrimSpace(strings.ReplaceAll(s.value(), "\r\n", "\n")) + "x" }
			o := hmis.CategoryOption{ID: hmis.UID(fmt.Sprintf("o%010d", i)), Name: text(), Code: text(), ShortName: text()}
			want = append(want, o)
			cells := map[string]string{"name": o.Name, "uid": string(o.ID), "code": o.Code, "short name": o.ShortName}
			row := make([]string, len(columns))
			for k, column := range columns {
				row[k] = cells[column]
			}
			require.NoError(t, w.Write(row))
		}
		w.Flush()
		md, err := dhis2.ReadMetadataCSV(strings.NewReader(s.b.String()), hmis.KindCategoryOption)
		require.NoError(t, err)
		for i, got := range md.CategoryOptions {
			got.Name, got.Code, got.ShortName = unix(got.Name), unix(got.Code), unix(got.ShortName)
			require.Equal(t, want[i], got, "seed %d", seed)
		}
		require.Len(t, md.CategoryOptions, len(want))
	}
}

func unix(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// If every second row is bad, each bad one is rejected with its line, and the
// others are read.
func TestManyRejects(t *testing.T) {
	var b strings.Builder
	b.WriteString("de,pe,ou,value\n")
	const n = 60_000
	for i := range n {
		fmt.Fprintf(&b, "a,%d,u,1\n", 2024+i%2*100000)
	}
	rejected, last := 0, 0
	f := dhis2.Format{CSV: true, Reject: func(_ hmis.DataValue, err error) {
		rejected++
		bad := err.(*dhis2.ReadError)
		if bad.Line <= last || bad.Line != bad.Row+2 {
			t.Fatalf("line %d of row %d after line %d", bad.Line, bad.Row, last)
		}
		last = bad.Line
	}}
	got, err := collect(f.Read(strings.NewReader(b.String()), nil))
	require.NoError(t, err)
	require.Len(t, got, n/2)
	require.Equal(t, n/2, rejected)
}
