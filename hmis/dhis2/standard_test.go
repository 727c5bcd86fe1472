package dhis2_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/stretchr/testify/require"
)

// A scribe writes rows in all the ways in which a file may have them.
type scribe struct {
	rnd *rand.Rand
	b   strings.Builder
}

func (s *scribe) pick(texts ...string) string { return texts[s.rnd.IntN(len(texts))] }

func (s *scribe) blank() string { return s.pick("", "", "", " ", "\n", "\r\n\t") }

// value returns a text that is awkward in some format.
func (s *scribe) value() string {
	return s.pick("5", "-1.50", "0", "007", "", "true", "12345678901234567890", "1e3", "né", "a \"b\" c", "}, {", "],\"x\":[", "line\nbreak",
		"back\\slash", ",", "\"", "\"\"", "ends with \"", "x,\"y\"\r\nz", strings.Repeat("long ", 200), "😀 ")
}

// quoted writes a JSON string with more escapes than it needs.
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

// object writes a data value with its members in any order, among others.
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

// Whatever the layout, and wherever chunks are cut, JSON is read as
// encoding/json reads it.
func TestJSONAsTheStandardLibrary(t *testing.T) {
	for seed := range uint64(8) {
		s := &scribe{rnd: rand.New(rand.NewPCG(seed, 1))}
		s.b.WriteString(s.blank() + `{"dataValues":` + s.blank() + `[`)
		n := 1500 + s.rnd.IntN(1500) // some chunks
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

// CSV is read as encoding/csv reads it, but for blanks around cells that are not
// quoted, which do not count.
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
				// encoding/csv makes \n of \r\n, in quotes too.
				if strings.ReplaceAll(row[k], "\r\n", "\n") != want[i+1][k] {
					t.Fatalf("seed %d, row %d: %q, want %q", seed, i, row, want[i+1])
				}
			}
		}
	}
}

// Where every second row is bad, each is told of with its line, and the others
// come through.
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
