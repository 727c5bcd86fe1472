package crosswalk_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/crosswalk"
	"github.com/stretchr/testify/require"
)

// RULES.md#tables
func TestReadCSV(t *testing.T) {
	tests := []struct{ in, want string }{
		{"source,target\nA,X\nB,Y\n", "X equivalent A>X; Y equivalent B>Y"},
		{"\xEF\xBB\xBFtarget,source\nX,A\n", "X equivalent A>X"},
		{"source,target\nA,X\nB,X\n", "X equivalent A+B>X"},
		{"source,target,weight\nA,X,0.6\nA,Y,0.4\n", "X source-is-broader-than-target A*0.6>X; Y source-is-broader-than-target A*0.4>Y"},
		{"source,target,weight,relation\nA,X,2,equal\n", "X equivalent A*2>X"},
		{"source,target,relation\nA,X,wider\nB,X,subsumes\nC,,unmatched\n", "X source-is-narrower-than-target A+B>X; C not-related-to C>"},
		{"source,sourceCombo,target,targetCombo\nA,a,X,x\nA,,X,\n", "X.x equivalent A.a>X.x; X equivalent A>X"},
		{"source,target,relation\nA,X,equal\nB,X,wider\n", "X equivalent A>X; X (2) source-is-narrower-than-target B>X"},
		{"entry,source,target\nM1,A,X\nM2,B,X\nM1,C,X\n", "M1 equivalent A+C>X; M2 equivalent B>X"},
		{"entry,source,target\nM1,,X\n", "M1 equivalent >X"},
		{"source,target,over,integer,whole,comment\nA,X,last,true,true,a stock\n", "X equivalent A>X LAST integer whole (a stock)"},
		{"kind,source,target\norgUnit,F1,S1\ndata,A,X\n,B,Y\n", "X equivalent A>X; Y equivalent B>Y; F1=S1"},
		{"source,target\n'=A,'-\n", "- equivalent =A>-"},
		{"source,target\n", ""},

		{"", "hmis: line 1: no heading: want the columns source and target"},
		{"source\nA\n", "hmis: line 1: no column target"},
		{"source,target,source,colour\n", "hmis: line 1: column \"source\" is there twice\n" +
			"hmis: line 1: unknown column \"colour\": want one of kind, entry, relation, source, sourceCombo, weight, target, targetCombo, over, integer, whole, comment"},
		{"source,target,note\nA,X,-\n", "X equivalent A>X"}, // the test ignores note
		{"source,target\nA\n", "hmis: line 2: wrong number of fields"},
		{"source,target\nA,\"X\n", "hmis: line 2: extraneous or missing \" in quoted-field"},
		{"source,target,weight,relation\nA,X,half,equal\nB,Y,,sort-of\n", "hmis: line 2: weight: \"half\": want a number\n" +
			"hmis: line 3: relation: \"sort-of\": want a relationship of a ConceptMap"},
		{"source,target,over,integer\nA,X,max,yes\n", "hmis: line 2: integer: \"yes\": want true or false\nhmis: line 2: over: \"max\": want SUM, LAST or AVERAGE"},
		{"kind,source,target,weight\norgUnit,F,S,1\nunit,F,S,\n", "hmis: line 2: weight: \"1\": an org unit has only a source and a target\n" +
			"hmis: line 3: kind: \"unit\": want data or orgUnit"},
		{"entry,source,target\nM1,A,X\nM1,B,Y\n", "hmis: line 3: target: entry \"M1\" has another one above"},
		{"source,target\n,X\n", "hmis: line 2: source: neither a source nor the id of an entry"},
		{"source,sourceCombo,target\n,a,X\n", "hmis: line 2: source: no data element for an option combo or weight\n" +
			"hmis: line 2: source: neither a source nor the id of an entry"},
		{"source,target\nA,\xff\n", `hmis: line 2: target: "\xff": want UTF-8`},
	}
	for _, tt := range tests {
		m, err := crosswalk.CSV{Ignore: []string{"note"}}.Read(strings.NewReader(tt.in))
		got := describe(m)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%q:\ngot  %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

// describe writes a map on one line.
func describe(m crosswalk.Map) string {
	var parts []string
	operand := func(o hmis.Operand) string {
		if o.OptionCombo == "" {
			return string(o.DataElement)
		}
		return string(o.DataElement + "." + o.OptionCombo)
	}
	for _, e := range m.Entries {
		var sources []string
		for _, s := range e.From {
			text := operand(s.Operand)
			if s.Weight != nil {
				text += "*" + s.Weight.String()
			}
			sources = append(sources, text)
		}
		text := fmt.Sprint(e.ID, " ", e.Relation, " ", strings.Join(sources, "+"), ">", operand(e.To))
		if e.Over != "" {
			text += " " + string(e.Over)
		}
		if e.Integer {
			text += " integer"
		}
		if e.Whole {
			text += " whole"
		}
		if e.Comment != "" {
			text += " (" + e.Comment + ")"
		}
		parts = append(parts, text)
	}
	for _, p := range m.OrgUnits {
		parts = append(parts, fmt.Sprint(p.Source, "=", p.Target))
	}
	return strings.Join(parts, "; ")
}

// RULES.md#tables
func TestWriteCSV(t *testing.T) {
	m := crosswalk.Map{Entries: []crosswalk.Entry{
		{ID: "X", Relation: "equal", From: from("A"), To: operand("X", "")},
		{ID: "=Y", Relation: crosswalk.Equivalent, From: from("@B"), To: operand("=Y", "")},
	}}
	var out bytes.Buffer
	require.NoError(t, crosswalk.CSV{Comma: ';'}.Write(&out, m))
	require.Equal(t, "source;target\nA;X\n'@B;'=Y\n", out.String())

	bad := []struct{ name, want string }{
		{"", "crosswalk: entry 1: no id"},
		{"X", `crosswalk: entry "X": another entry has the same id`},
	}
	for _, tt := range bad {
		e := crosswalk.Entry{ID: tt.name, Relation: "equal", From: from("A"), To: operand("X", "")}
		require.EqualError(t, crosswalk.CSV{}.Write(io.Discard, crosswalk.Map{Entries: []crosswalk.Entry{e, e}}), tt.want)
	}
}

// What is no table, or one of another form, is one error with a reason.
func TestCSVOfOtherKinds(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", "hmis: line 1: no heading: want the columns source and target"},
		{"<!DOCTYPE html>\n<html>", "hmis: line 1: HTML or XML: want a table"},
		{`{"resourceType":"ConceptMap"}`, "hmis: line 1: JSON: want a table"},
		{"source;target\nA;X\n", "hmis: line 1: the cells are separated by ';': want ','"},
		{"\xFF\xFEs\x00", "hmis: line 1: the text is UTF-16 or UTF-32: want UTF-8"},
		{"\x1F\x8B\x08", "hmis: line 1: unexpected EOF"},
		{"source,target\nA,\xE9\n", `hmis: line 2: target: "\xe9": want UTF-8`},
		{"source,target\nA,\"X\n", `hmis: line 2: extraneous or missing " in quoted-field`},
		{"source,tarjet\n", `hmis: line 1: unknown column "tarjet": want one of `},
	}
	for _, tt := range tests {
		_, err := crosswalk.CSV{}.Read(strings.NewReader(tt.in))
		require.ErrorContains(t, err, tt.want, tt.in)
	}
}

// RULES.md#tables
func TestCSVIsLossless(t *testing.T) {
	for seed := range uint64(500) {
		m := randomMap(rand.New(rand.NewPCG(seed, 3)))
		m = crosswalk.Map{Entries: m.Entries, OrgUnits: m.OrgUnits}
		var out bytes.Buffer
		require.NoError(t, crosswalk.CSV{}.Write(&out, m))
		back, err := crosswalk.CSV{}.Read(&out)
		require.NoError(t, err)
		if diff := gocmp.Diff(m, back, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("seed %d: (-want +got)\n%s", seed, diff)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("source,target\nA,X\nA,Y\n")
	f.Add("kind,entry,relation,source,sourceCombo,weight,target,targetCombo,over,integer,whole,comment\n,M,wider,A,a,0.5,X,x,LAST,true,true,c\norgUnit,,,F,,,S,,,,,\n")
	f.Add("source,target,weight\n'=A,X,1e5\n")
	f.Add("source,target,relation\n''=A,\"X\r\n\",disjoint\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := crosswalk.CSV{}.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\xEF\xBB\xBF"))).ReadAll()
		require.NoError(t, err)
		sources := len(m.OrgUnits)
		for _, e := range m.Entries {
			sources += max(1, len(e.From))
		}
		if sources > len(rows)-1 {
			t.Errorf("%d sources and org units of %d rows", sources, len(rows)-1)
		}
		var out bytes.Buffer
		if err := (crosswalk.CSV{}).Write(&out, m); err != nil {
			require.ErrorContains(t, err, "no id") // the name of nothing
			return
		}
		back, err := crosswalk.CSV{}.Read(&out)
		require.NoError(t, err)
		if diff := gocmp.Diff(m, back, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}
