package terminology_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/hmis/terminology"
	"github.com/stretchr/testify/require"
)

// RULES.md#tables
func TestTables(t *testing.T) {
	header := terminology.Header{URL: "urn:s"}
	s, err := terminology.ReadCodeSystemCSV(strings.NewReader("code,display,parent\nfever,Fever,\nmalaria,Malaria,fever\n'=x,,\n"), header)
	require.NoError(t, err)
	v, err := terminology.ReadValueSetCSV(strings.NewReader("\xEF\xBB\xBFsystem,code,display\nurn:s,malaria,\nurn:o,y,Y\nurn:s,=x,\n"), terminology.Header{URL: "urn:v"})
	require.NoError(t, err)
	v.Expansion = nil // its definition gives the same codes
	below := terminology.ValueSet{Header: terminology.Header{URL: "urn:b"}, Include: []terminology.Selection{
		{System: "urn:s", Filters: []terminology.Filter{{Property: "concept", Op: "is-a", Value: "fever"}}},
	}}
	all, err := terminology.New(terminology.Resources{CodeSystems: []terminology.CodeSystem{s}, ValueSets: []terminology.ValueSet{v, below}})
	require.NoError(t, err)
	require.Equal(t, "malaria y =x", codes(all.Expand("urn:v")))
	require.Equal(t, "fever malaria", codes(all.Expand("urn:b")))

	var out bytes.Buffer
	require.NoError(t, s.WriteCSV(&out))
	require.Equal(t, "code,display,definition,parent\nfever,Fever,,\nmalaria,Malaria,,fever\n'=x,,,\n", out.String())
	out.Reset()
	e, _ := all.Expand("urn:v")
	require.NoError(t, e.WriteCSV(&out))
	require.Equal(t, "system,version,code,display\nurn:s,,malaria,Malaria\nurn:o,,y,Y\nurn:s,,'=x,\n", out.String())

	nested, err := terminology.Read(strings.NewReader(fever))
	require.NoError(t, err)
	out.Reset()
	require.NoError(t, nested.CodeSystems[0].WriteCSV(&out))
	require.Contains(t, out.String(), "\ndengue,,,fever\n")
}

// Codes of one system in two versions are two selections, in the order of the
// table (RULES.md#tables).
func TestTableOfVersions(t *testing.T) {
	v, err := terminology.ReadValueSetCSV(strings.NewReader("system,version,code\ns,1,a\ns,1,b\ns,2,c\nt,2,d\ns,1,e\n"), terminology.Header{})
	require.NoError(t, err)
	var got []string
	for _, i := range v.Include {
		one := i.System + "|" + i.Version
		for _, c := range i.Concepts {
			one += " " + c.Code
		}
		got = append(got, one)
	}
	require.Equal(t, []string{"s|1 a b", "s|2 c", "t|2 d", "s|1 e"}, got)
}

// RULES.md#tables
func TestBadTables(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", "hmis: structure: line 1: no heading: want the columns code"},
		{"display\n", "hmis: structure: line 1: no column code"},
		{"code,code\n", `hmis: structure: line 1: column "code" is there twice`},
		{"code,colour\n", `hmis: structure: line 1: unknown column "colour": want one of code, display, definition, parent`},
		{"code\n\"\"\n", "hmis: structure: line 2: no code"},
		{"code,display\na\n", "hmis: structure: line 2: wrong number of fields"},
		{"code\n\xff\n", `hmis: structure: line 2: code "\xff": want UTF-8 without carriage returns`},
		{"code;display\na;b\n", "hmis: structure: line 1: the cells are separated by ';': want ','"},
		{"<html>", "hmis: structure: line 1: HTML or XML: want a table"},
		{"\xff\xfec\x00", "hmis: structure: line 1: the text is UTF-16 or UTF-32: want UTF-8"},
		{"code\n\"a\n", "hmis: structure: line 2: extraneous or missing \" in quoted-field"},
	}
	for _, tt := range tests {
		_, err := terminology.ReadCodeSystemCSV(strings.NewReader(tt.in), terminology.Header{})
		require.EqualError(t, err, tt.want, tt.in)
	}
}

func FuzzReadCodeSystemCSV(f *testing.F) {
	f.Add("code,display,definition,parent\nfever,Fever,hot,\nmalaria,Malaria,,fever\n")
	f.Add("code\n'=x\n\"a,b\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := terminology.ReadCodeSystemCSV(strings.NewReader(text), terminology.Header{})
		if err != nil {
			return
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\xEF\xBB\xBF"))).ReadAll()
		require.NoError(t, err)
		require.Len(t, s.Concepts, len(rows)-1)
		var out bytes.Buffer
		require.NoError(t, s.WriteCSV(&out))
		again, err := terminology.ReadCodeSystemCSV(&out, terminology.Header{})
		require.NoError(t, err)
		require.Empty(t, gocmp.Diff(s, again, cmpopts.EquateEmpty()))
	})
}
