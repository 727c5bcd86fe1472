package terminology_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/hmis/terminology"
	"github.com/stretchr/testify/require"
)

// mapOf5 uses what R5 has and R4 has not.
const mapOf5 = `{"resourceType": "ConceptMap", "id": "m", "url": "urn:m", "version": "2", "status": "active", "experimental": true,
	"extension": [{"url": "urn:x", "valueDate": "2024-01-01"}, {"url": "urn:y", "extension": [{"url": "z", "valueString": "nested"}]}],
	"sourceScopeUri": "urn:from", "targetScopeCanonical": "urn:to", "property": [{"code": "weight", "type": "decimal"}],
	"group": [{"source": "urn:a|1", "target": "urn:b", "element": [{"code": "A", "noMap": true},
		{"code": "B", "display": "b", "target": [{"code": "X", "relationship": "source-is-broader-than-target", "comment": "a part",
			"property": [{"code": "weight", "valueDecimal": 0.60}, {"code": "whole", "valueBoolean": false}, {"code": "kind", "valueCoding": {"system": "urn:k", "code": "c"}}],
			"dependsOn": [{"attribute": "combo", "valueString": "x"}], "product": [{"attribute": "combo", "valueCoding": {"system": "urn:c", "code": "y"}}]}]}],
		"unmapped": {"mode": "other-map", "otherMap": "urn:n", "relationship": "equivalent"}}]}`

// RULES.md#resources
func TestReadWriteRead(t *testing.T) {
	part := set("urn:p", `"expansion": {"total": 9, "offset": 4, "timestamp": "2026-01-10T09:00:00.5Z", "contains": [{"system": "urn:s", "version": "1", "code": "x", "display": "<X> & y"}]}`)
	composed := set("urn:c", `"compose": {"include": [{"system": "urn:s", "version": "1", "concept": [{"code": "x", "display": "X"}]}, {"valueSet": ["urn:p", "urn:q"]}],
		"exclude": [{"system": "urn:s", "filter": [{"property": "kind", "op": "=", "value": "y"}]}]}`)
	texts := []string{
		fever, part, composed, mapOf5, fmt.Sprintf(sexMap, `{"mode": "fixed", "code": "u", "display": "unknown"}`),
		bundle(), bundle(fever, part, composed, mapOf5),
		`{"resourceType": "CodeSystem", "url": "urn:s", "caseSensitive": false, "content": "supplement", "supplements": "urn:o", "valueSet": "urn:v"}`,
	}
	for _, text := range texts {
		for _, release := range []terminology.Release{terminology.R4, terminology.R5} {
			require.True(t, rereads(t, text, release), text)
		}
	}
}

// rereads checks that what is read is written and read the same. It returns false if text
// cannot be read.
func rereads(t *testing.T, text string, release terminology.Release) bool {
	first, err := terminology.Read(strings.NewReader(text))
	if err != nil {
		return false
	}
	first.Skipped = nil
	var out bytes.Buffer
	require.NoError(t, first.Write(&out, release))
	require.True(t, json.Valid(out.Bytes()))
	again, err := terminology.Read(bytes.NewReader(out.Bytes()))
	require.NoError(t, err, out.String())
	defaults(&first)
	if release == terminology.R4 {
		forR4(&first)
	}
	if diff := gocmp.Diff(first, again, cmpopts.EquateEmpty(), gocmp.AllowUnexported(terminology.Expansion{})); diff != "" {
		t.Errorf("%.300s\nin release %d (-want +got)\n%s\n%s", text, release, diff, out.String())
	}
	return true
}

// defaults sets what is written where a file says nothing.
func defaults(rs *terminology.Resources) {
	status := func(h *terminology.Header) {
		if h.Status == "" {
			h.Status = "unknown"
		}
	}
	for i := range rs.CodeSystems {
		status(&rs.CodeSystems[i].Header)
		if rs.CodeSystems[i].Content == "" {
			rs.CodeSystems[i].Content = "complete"
		}
	}
	for i := range rs.ValueSets {
		status(&rs.ValueSets[i].Header)
	}
	for i := range rs.ConceptMaps {
		status(&rs.ConceptMaps[i].Header)
	}
}

// forR4 drops what R4 cannot say: the relation of unmapped codes, and types of
// dependencies.
func forR4(rs *terminology.Resources) {
	plain := func(list []terminology.Property) {
		for i := range list {
			list[i].Type = "string"
			if list[i].System != "" {
				list[i].Type = "Coding"
			}
		}
	}
	for _, m := range rs.ConceptMaps {
		for i := range m.Groups {
			if u := m.Groups[i].Unmapped; u != nil {
				u.Relation = ""
			}
			for _, e := range m.Groups[i].Elements {
				for _, t := range e.Targets {
					plain(t.DependsOn)
					plain(t.Product)
				}
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range []string{fever, mapOf5, set("urn:v", `"compose": {"include": [{"valueSet": ["urn:v"]}]}`), bundle(fever),
		`<ValueSet xmlns="http://hl7.org/fhir"><url value="a"/><compose><include><system value="s"/></include></compose></ValueSet>`,
		fmt.Sprintf(sexMap, `{"mode": "fixed", "code": "u"}`)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !rereads(t, text, terminology.R5) {
			return
		}
		rereads(t, text, terminology.R4)
		trimmed := strings.TrimLeft(strings.TrimPrefix(text, "\xEF\xBB\xBF"), " \t\r\n")
		if !strings.HasPrefix(trimmed, "<") && !strings.HasPrefix(trimmed, "\x1F\x8B") && !json.Valid([]byte(trimmed)) {
			t.Error("it is no JSON, and was read")
		}
		files, err := terminology.Read(strings.NewReader(text))
		require.NoError(t, err)
		if s, err := terminology.New(files); err == nil {
			s.Check() // does not panic, and ends
		}
	})
}
