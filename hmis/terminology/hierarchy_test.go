package terminology_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis/terminology"
	"github.com/stretchr/testify/require"
)

// A hierarchy may be nested, or written as properties parent and child. Other
// properties, what names itself, and what is not there make none, and a circle
// ends where it began (RULES.md#expansion).
func TestHierarchy(t *testing.T) {
	property := func(code, name, typ, value string) string {
		return fmt.Sprintf(`{"code": %q, "property": [{"code": %q, "value%s": %s}]}`, code, name, typ, value)
	}
	system := `{"resourceType": "CodeSystem", "url": "urn:s", "content": "complete", "concept": [
		{"code": "a", "concept": [{"code": "b"}]},` +
		property("c", "parent", "Code", `"a"`) + "," + property("d", "child", "Code", `"e"`) + `, {"code": "e"},` +
		property("f", "related", "Code", `"a"`) + "," + property("g", "parent", "Code", `"g"`) + "," + property("h", "parent", "Code", `"nowhere"`) + "," +
		property("x", "parent", "Code", `"y"`) + "," + property("y", "parent", "Code", `"x"`) + "," +
		property("i", "notSelectable", "Boolean", "true") + "," + property("j", "abstract", "Boolean", "true") + "," +
		property("k", "abstract", "Boolean", "false") + "," + property("l", "deprecated", "Boolean", "true") + `]}`
	tests := []struct{ op, code, want string }{
		{"is-a", "a", "a b c"}, {"descendent-of", "a", "b c"}, {"child-of", "a", "b c"}, {"descendent-of", "d", "e"},
		{"descendent-of", "f", ""}, {"descendent-of", "g", ""}, {"is-a", "g", "g"}, {"descendent-of", "h", ""},
		{"descendent-of", "x", "y"}, {"is-a", "x", "x y"}, {"generalizes", "y", "x y"}, {"generalizes", "b", "a b"}, {"generalizes", "f", "f"},
		{"is-not-a", "a", "d e f g h x y k l"},
	}
	for _, tt := range tests {
		s := service(t, system, set("urn:v", fmt.Sprintf(`"compose": {"include": [{"system": "urn:s", "filter": [{"property": "concept", "op": %q, "value": %q}]}]}`, tt.op, tt.code)))
		if got := codes(s.Expand("urn:v")); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.op, tt.code, got, tt.want)
		}
	}
}

// A map is sound whose codes have different targets, or the same one in
// different cases, and whose unmapped codes go to a map that is there.
func TestCheckOfMaps(t *testing.T) {
	element := func(rest string) string {
		return `{"resourceType": "ConceptMap", "url": "urn:m", "group": [{"source": "urn:s", "element": [` + rest + `]}]}`
	}
	target := func(code, depends string) string {
		return fmt.Sprintf(`{"code": %q, "equivalence": "wider", "dependsOn": [{"property": "sex", "value": %q}]}`, code, depends)
	}
	unmapped := func(url, mode, rest string) string {
		return fmt.Sprintf(`{"resourceType": "ConceptMap", "url": %q, "group": [{"source": "urn:s", "element": [{"code": "A", "target": [{"code": "X", "equivalence": "equal"}]}],
			"unmapped": {"mode": %q %s}}]}`, url, mode, rest)
	}
	require.Empty(t, service(t, element(`{"code": "A", "target": [`+target("X", "f")+`,`+target("X", "m")+`,`+target("Y", "f")+`]}, {"code": "B", "target": [`+target("X", "f")+`]}`)).Check())
	require.EqualError(t, service(t, element(`{"code": "A", "target": [`+target("X", "f")+`,`+target("X", "f")+`,`+target("X", "f")+`]}`)).Check(),
		"hmis: duplicate: ConceptMap urn:m: group[0]: code \"A\" has the target \"X\" twice\nhmis: duplicate: ConceptMap urn:m: group[0]: code \"A\" has the target \"X\" twice")
	require.Empty(t, service(t, unmapped("urn:m", "fixed", `, "code": "Z"`)).Check())
	require.Empty(t, service(t, unmapped("urn:m", "other-map", `, "url": "urn:n"`), unmapped("urn:n", "provided", "")).Check())
	issues := service(t, unmapped("urn:m", "other-map", `, "url": "urn:m"`)).Check()
	require.Len(t, issues, 1)
	require.Equal(t, "cyclic", issues[0].Code)
}

// Expansions are remembered up to a number of codes, and then computed again
// (RULES.md#expansion).
func TestExpansionsAreForgotten(t *testing.T) {
	const size, sets = 100_000, 21 // just over the two million that are kept
	system := terminology.CodeSystem{Header: terminology.Header{URL: "urn:s"}, Concepts: make([]terminology.Concept, size)}
	for i := range system.Concepts {
		system.Concepts[i].Code = strconv.Itoa(i)
	}
	files := terminology.Resources{CodeSystems: []terminology.CodeSystem{system}}
	for i := range sets {
		files.ValueSets = append(files.ValueSets, terminology.ValueSet{
			Header: terminology.Header{URL: fmt.Sprint("urn:", i)}, Include: []terminology.Selection{{System: "urn:s"}},
		})
	}
	s, err := terminology.New(files)
	require.NoError(t, err)
	first := func(i int) *terminology.Coding {
		e, err := s.Expand(fmt.Sprint("urn:", i))
		require.NoError(t, err)
		require.Len(t, e.Codes, size)
		return &e.Codes[0]
	}
	kept := first(0)
	require.Same(t, kept, first(0))
	for i := range sets {
		first(i)
	}
	require.NotSame(t, kept, first(0))
}
