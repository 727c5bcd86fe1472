package terminology_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/hmis/terminology"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/stretchr/testify/require"
)

// fever is a small hierarchy, partly by nesting and partly by properties.
const fever = `{"resourceType": "CodeSystem", "url": "urn:s", "version": "1.0", "status": "active", "content": "complete", "concept": [
	{"code": "all", "property": [{"code": "notSelectable", "valueBoolean": true}], "concept": [
		{"code": "fever", "display": "Fever", "designation": [{"language": "fr", "value": "Fièvre"}], "concept": [
			{"code": "malaria", "display": "Malaria", "property": [{"code": "kind", "valueCode": "disease"}]},
			{"code": "dengue", "property": [{"code": "kind", "valueCode": "disease"}]}]},
		{"code": "cough", "display": "Cough", "property": [{"code": "kind", "valueCode": "symptom"}]}]},
	{"code": "severe", "property": [{"code": "parent", "valueCode": "malaria"}]}]}`

func bundle(resources ...string) string {
	var entries []string
	for _, r := range resources {
		entries = append(entries, `{"resource": `+r+`}`)
	}
	return `{"resourceType": "Bundle", "type": "collection", "entry": [` + strings.Join(entries, ",") + `]}`
}

func set(url, rest string) string {
	return fmt.Sprintf(`{"resourceType": "ValueSet", "url": %q, "status": "active", %s}`, url, rest)
}

func service(t *testing.T, resources ...string) *terminology.Service {
	t.Helper()
	files, err := terminology.Read(strings.NewReader(bundle(resources...)))
	require.NoError(t, err)
	s, err := terminology.New(files)
	require.NoError(t, err)
	return s
}

func codes(e terminology.Expansion, err error) string {
	if err != nil {
		return err.Error()
	}
	var list []string
	for _, c := range e.Codes {
		list = append(list, c.Code)
	}
	return strings.Join(list, " ")
}

// RULES.md#expansion
func TestExpand(t *testing.T) {
	include := func(rest string) string { return `"compose": {"include": [{"system": "urn:s", ` + rest + `}]}` }
	filter := func(property, op, value string) string {
		return include(fmt.Sprintf(`"filter": [{"property": %q, "op": %q, "value": %q}]`, property, op, value))
	}
	tests := []struct{ compose, want string }{
		{`"compose": {"include": [{"system": "urn:s"}]}`, "fever malaria dengue cough severe"},
		{include(`"concept": [{"code": "dengue"}, {"code": "fever", "display": "hot"}]`), "dengue fever"},
		{include(`"concept": [{"code": "plague"}]`), `hmis: code-invalid: CodeSystem urn:s: no code "plague"`},
		{filter("concept", "is-a", "fever"), "fever malaria dengue severe"},
		{filter("concept", "descendent-of", "fever"), "malaria dengue severe"},
		{filter("code", "is-not-a", "fever"), "cough"},
		{filter("concept", "child-of", "fever"), "malaria dengue"},
		{filter("concept", "descendent-leaf", "fever"), "dengue severe"},
		{filter("concept", "generalizes", "severe"), "fever malaria severe"},
		{filter("concept", "is-a", "plague"), `hmis: code-invalid: CodeSystem urn:s: no code "plague"`},
		{filter("kind", "=", "disease"), "malaria dengue"},
		{filter("kind", "in", "symptom, disease"), "malaria dengue cough"},
		{filter("kind", "not-in", "disease"), "fever cough severe"},
		{filter("kind", "exists", "false"), "fever severe"},
		{filter("kind", "exists", "true"), "malaria dengue cough"},
		{filter("kind", "exists", "maybe"), `hmis: not-supported: ValueSet urn:v: system "urn:s": filter "kind" "exists" "maybe" is not supported`},
		{filter("display", "regex", "[FM].*"), "fever malaria"},
		{filter("display", "regex", "ever"), ""},
		{filter("display", "regex", "("), "hmis: not-supported: ValueSet urn:v: system \"urn:s\": filter \"display\": error parsing regexp: missing closing ): `^(?:()$`"},
		{filter("kind", "is-a", "fever"), `hmis: not-supported: ValueSet urn:v: system "urn:s": filter "kind" "is-a" "fever" is not supported`},
		{filter("kind", "like", "x"), `hmis: not-supported: ValueSet urn:v: system "urn:s": filter "kind" "like" "x" is not supported`},
		{`"compose": {"include": [{"system": "urn:s"}], "exclude": [{"system": "urn:s", "concept": [{"code": "cough"}]}]}`, "fever malaria dengue severe"},
		{`"compose": {"include": [{"valueSet": ["urn:a"]}]}`, "malaria cough"},
		{`"compose": {"include": [{"valueSet": ["urn:a", "urn:b"]}]}`, "cough"},
		{`"compose": {"include": [{"system": "urn:s", "valueSet": ["urn:b"]}]}`, "dengue cough"},
		{`"compose": {"include": [{"valueSet": ["urn:b"]}, {"valueSet": ["urn:a"]}]}`, "dengue cough malaria"},
		{`"compose": {"include": [{"system": "urn:other"}]}`, "hmis: not-found: CodeSystem urn:other: no such resource"},
		{`"compose": {"include": [{"system": "urn:other", "concept": [{"code": "x"}]}]}`, "x"},
		{`"compose": {"include": [{"system": "urn:s|2"}]}`, "hmis: not-found: CodeSystem urn:s|2: no such resource"},
		{`"compose": {"include": [{"valueSet": ["urn:v"]}]}`, "hmis: cyclic: ValueSet urn:v: it imports itself: urn:v imports urn:v"},
		{`"compose": {"include": [{}]}`, "hmis: incomplete: ValueSet urn:v: a selection without system and value set"},
		{`"name": "X"`, "hmis: incomplete: ValueSet urn:v: neither a whole expansion nor a definition"},
		{`"expansion": {"contains": [{"code": "g", "abstract": true, "contains": [{"code": "x"}, {"code": "y"}]}]}`, "x y"},
		{`"expansion": {"total": 3, "contains": [{"code": "x"}, {"code": "y"}]}`, "hmis: incomplete: ValueSet urn:v: neither a whole expansion nor a definition"},
		{`"expansion": {"total": 3, "contains": [{"code": "x"}]}, ` + include(`"concept": [{"code": "cough"}]`), "cough"},
	}
	for _, tt := range tests {
		s := service(t, fever, set("urn:v", tt.compose),
			set("urn:a", include(`"concept": [{"code": "malaria"}, {"code": "cough"}]`)),
			set("urn:b", include(`"concept": [{"code": "dengue"}, {"code": "cough"}]`)))
		for range 2 { // the second time from what is kept
			if got := codes(s.Expand("urn:v")); got != tt.want {
				t.Errorf("%s:\ngot  %s\nwant %s", tt.compose, got, tt.want)
			}
		}
	}
}

// RULES.md#expansion
func TestHostileValueSets(t *testing.T) {
	chain := func(n int, twice bool) (list []string) {
		for i := range n {
			next := fmt.Sprintf(`{"valueSet": ["urn:%d"]}`, i+1)
			if twice {
				next += "," + next
			}
			list = append(list, set(fmt.Sprint("urn:", i), `"compose": {"include": [`+next+`]}`))
		}
		return append(list, set(fmt.Sprint("urn:", n), `"expansion": {"contains": [{"code": "x"}]}`))
	}
	require.Equal(t, "x", codes(service(t, chain(60, true)...).Expand("urn:0"))) // 2^60 ways
	require.Equal(t, "hmis: too-costly: ValueSet urn:64: value sets import one another more than 64 deep", codes(service(t, chain(70, false)...).Expand("urn:0")))

	system := terminology.CodeSystem{Header: terminology.Header{URL: "urn:s"}}
	for i := range 1000 {
		system.Concepts = append(system.Concepts, terminology.Concept{Code: fmt.Sprint(i)})
	}
	all := terminology.ValueSet{Header: terminology.Header{URL: "urn:v"}}
	for range 3000 {
		all.Include = append(all.Include, terminology.Selection{System: "urn:s"})
	}
	s, err := terminology.New(terminology.Resources{CodeSystems: []terminology.CodeSystem{system}, ValueSets: []terminology.ValueSet{all}})
	require.NoError(t, err)
	require.Equal(t, "hmis: too-costly: ValueSet urn:v: more than 2000000 codes", codes(s.Expand("urn:v")))

	// Many value sets, each of them small enough, need no more memory than the
	// largest one, and a check of them ends.
	var files terminology.Resources
	files.CodeSystems = append(files.CodeSystems, system)
	for i := range 1000 {
		one := terminology.ValueSet{Header: terminology.Header{URL: fmt.Sprintf("urn:%05d", i)}}
		for range 30 {
			one.Include = append(one.Include, terminology.Selection{System: "urn:s"})
		}
		files.ValueSets = append(files.ValueSets, one)
	}
	s, err = terminology.New(files)
	require.NoError(t, err)
	issues := s.Check()
	require.Len(t, issues, 1)
	require.Equal(t, "hmis: too-costly: ValueSet urn:00334: it and 665 other value sets have not been expanded: the ones before are too large", issues[0].Error())
	require.Len(t, strings.Fields(codes(s.Expand("urn:00999"))), 1000)

	looping := `{"resourceType": "CodeSystem", "url": "urn:s", "content": "complete", "concept": [
		{"code": "a", "property": [{"code": "parent", "valueCode": "b"}]}, {"code": "b", "property": [{"code": "parent", "valueCode": "a"}]}]}`
	below := set("urn:v", `"compose": {"include": [{"system": "urn:s", "filter": [{"property": "concept", "op": "is-a", "value": "a"}]}]}`)
	require.Equal(t, "a b", codes(service(t, looping, below).Expand("urn:v")))
}

const sexMap = `{"resourceType": "ConceptMap", "url": "urn:m", "group": [{"source": "urn:sex", "target": "urn:g", "element": [
	{"code": "F", "target": [{"code": "female", "equivalence": "equivalent"}]},
	{"code": "M", "target": [{"code": "male", "equivalence": "wider"}, {"code": "man", "equivalence": "narrower"}]},
	{"code": "T", "target": [{"code": "x", "equivalence": "equal"}, {"code": "y", "equivalence": "equal"}]},
	{"code": "N", "target": [{"code": "x", "equivalence": "relatedto"}]},
	{"code": "I", "target": [{"equivalence": "unmatched"}]}],
	"unmapped": %s}]}`

// RULES.md#translation
func TestTranslate(t *testing.T) {
	s := service(t,
		fmt.Sprintf(sexMap, `{"mode": "fixed", "code": "unknown"}`),
		strings.Replace(fmt.Sprintf(sexMap, `{"mode": "provided"}`), "urn:m", "urn:same", 1),
		strings.Replace(fmt.Sprintf(sexMap, `{"mode": "other-map", "url": "urn:m"}`), "urn:m", "urn:other", 1),
		strings.Replace(fmt.Sprintf(sexMap, `{"mode": "other-map", "url": "urn:loop"}`), "urn:m", "urn:loop", 1),
	)
	tests := []struct{ url, code, all, one, lenient string }{
		{"urn:m", "F", "equivalent female", "female", "female"},
		{"urn:m", "M", "source-is-narrower-than-target male, source-is-broader-than-target man", "male",
			`hmis: multiple-matches: ConceptMap urn:m: code "M" has 2 targets, such as "male" and "man"`},
		{"urn:m", "T", "equivalent x, equivalent y", `hmis: multiple-matches: ConceptMap urn:m: code "T" has 2 targets, such as "x" and "y"`,
			`hmis: multiple-matches: ConceptMap urn:m: code "T" has 2 targets, such as "x" and "y"`},
		{"urn:m", "N", "related-to x", `hmis: inexact: ConceptMap urn:m: code "N" has only targets that are inexact`, "x"},
		{"urn:m", "I", "not-related-to ", `hmis: no-target: ConceptMap urn:m: code "I" is deliberately not mapped`,
			`hmis: no-target: ConceptMap urn:m: code "I" is deliberately not mapped`},
		{"urn:m", "?", "related-to unknown", `hmis: inexact: ConceptMap urn:m: code "?" has only targets that are inexact`, "unknown"},
		{"urn:same", "?", "related-to ?", `hmis: inexact: ConceptMap urn:same: code "?" has only targets that are inexact`, "?"},
		{"urn:other", "?", "related-to unknown", `hmis: inexact: ConceptMap urn:other: code "?" has only targets that are inexact`, "unknown"},
		{"urn:loop", "?", "hmis: cyclic: ConceptMap urn:loop: for unmapped codes it leads back to itself, or through more than 16 maps", "", ""},
		{"urn:none", "F", "hmis: not-found: ConceptMap urn:none: no such resource", "", ""},
	}
	for _, tt := range tests {
		matches, err := s.Translate(tt.url, terminology.Coding{System: "urn:sex", Code: tt.code})
		var list []string
		for _, m := range matches {
			list = append(list, string(m.Relation)+" "+m.Code)
		}
		got := strings.Join(list, ", ")
		if err != nil {
			got = err.Error()
		}
		if got != tt.all {
			t.Errorf("%s of %s:\ngot  %s\nwant %s", tt.code, tt.url, got, tt.all)
		}
		if tt.one == "" {
			continue
		}
		for want, by := range map[string]terminology.Translator{tt.one: {Service: s, Map: tt.url}, tt.lenient: {Service: s, Map: tt.url, Inexact: true, Default: true}} {
			if tt.one == tt.lenient {
				by.Inexact = true
			}
			one, err := by.Code(terminology.Coding{System: "urn:sex", Code: tt.code})
			got := one.Code
			if err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("%s of %s, inexact %v:\ngot  %s\nwant %s", tt.code, tt.url, by.Inexact, got, want)
			}
		}
	}
	other, err := s.Translate("urn:m", terminology.Coding{System: "urn:elsewhere", Code: "F"})
	require.NoError(t, err)
	require.Empty(t, other)
}

// RULES.md#questions
func TestValidate(t *testing.T) {
	folds := `{"resourceType": "CodeSystem", "url": "urn:f", "caseSensitive": false, "content": "complete", "concept": [{"code": "A", "display": "Alpha"}]}`
	part := `{"resourceType": "CodeSystem", "url": "urn:p", "content": "fragment", "concept": [{"code": "A"}]}`
	s := service(t, fever, folds, part, set("urn:v", `"compose": {"include": [{"system": "urn:s"}, {"system": "urn:f"}, {"system": "urn:p", "concept": [{"code": "A"}]}]}`))
	tests := []struct{ set, system, code, display, want string }{
		{"", "urn:s", "fever", "", "urn:s fever Fever"},
		{"", "urn:s", "fever", "fièvre", "urn:s fever Fever"},
		{"", "urn:s", "fever", "Cold", `hmis: invalid-display: CodeSystem urn:s: code "fever": display "Cold": want "Fever"`},
		{"", "urn:s", "Fever", "", `hmis: code-invalid: CodeSystem urn:s: no code "Fever"`},
		{"", "urn:s|1.0", "cough", "", "urn:s|1.0 cough Cough"},
		{"", "urn:f", "a", "", "urn:f A Alpha"},
		{"", "urn:p", "B", "", `hmis: incomplete: CodeSystem urn:p: no code "B", but the content here is "fragment"`},
		{"", "urn:x", "B", "", "hmis: not-found: CodeSystem urn:x: no such resource"},
		{"urn:v", "urn:s", "malaria", "Malaria", "urn:s malaria Malaria"},
		{"urn:v", "", "malaria", "", "urn:s malaria Malaria"},
		{"urn:v", "urn:s", "fever", "Fièvre", "urn:s fever Fever"},
		{"urn:v", "urn:s", "malaria", "Plague", `hmis: invalid-display: CodeSystem urn:s: code "malaria": display "Plague": want "Malaria"`},
		{"urn:v", "urn:s", "all", "", `hmis: code-invalid: ValueSet urn:v: no code "all"`},
		{"urn:v", "urn:f", "a", "", "urn:f A Alpha"},
		{"urn:v", "", "A", "", `hmis: multiple-matches: ValueSet urn:v: code "A" is ambiguous: it is in urn:f and urn:p`},
		{"urn:v", "urn:p", "A", "anything", "urn:p A anything"},
		{"urn:none", "urn:s", "fever", "", "hmis: not-found: ValueSet urn:none: no such resource"},
	}
	for _, tt := range tests {
		c := terminology.Coding{System: tt.system, Code: tt.code, Display: tt.display}
		var err error
		if tt.set == "" {
			c, err = s.Validate(c)
		} else {
			c, err = s.ValidateIn(tt.set, c)
		}
		got := c.System + " " + c.Code + " " + c.Display
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s in %s|%s:\ngot  %s\nwant %s", tt.code, tt.set, tt.system, got, tt.want)
		}
	}
	concept, err := s.Lookup("urn:s", "malaria")
	require.NoError(t, err)
	require.Equal(t, []terminology.Property{{Code: "kind", Type: "code", Value: "disease"}}, concept.Properties)
}

// RULES.md#resources
func TestRead(t *testing.T) {
	tests := []struct{ in, want string }{
		{``, "hmis: structure: the JSON ends too early"},
		{`[]`, "hmis: structure: want no list in a list"},
		{`{"resourceType": "ValueSet"`, "hmis: structure: ValueSet: the JSON ends too early"},
		{`{}`, "hmis: structure: want a resource with a resourceType"},
		{`{"resourceType": "ValueSet"} 1`, "hmis: structure: want nothing after the resource"},
		{`{"resourceType": "ValueSet", "url": "a", "url": "b"}`, `hmis: structure: ValueSet: member "url" is there twice`},
		{`{"resourceType": "ValueSet", "url": null}`, "hmis: structure: ValueSet.url: null: want a value"},
		{`{"resourceType": "ValueSet", "url": 1}`, "hmis: structure: ValueSet.url: want a text"},
		{`{"resourceType": "ValueSet", "url": ["a", "b"]}`, "hmis: structure: ValueSet.url[1]: want it once"},
		{"{\"resourceType\": \"\xff\"}", "hmis: structure: want UTF-8"},
		{`{"resourceType": "CodeSystem", "concept": [{"code": "a"}, {"display": "b"}]}`, "hmis: structure: CodeSystem.concept[1]: want a code"},
		{`{"resourceType": "CodeSystem", "caseSensitive": "no"}`, "hmis: structure: CodeSystem.caseSensitive: want true or false"},
		{`{"resourceType": "ValueSet", "expansion": {"timestamp": "now"}}`, `hmis: structure: ValueSet.expansion.timestamp: "now": want a moment such as 2026-01-10T09:00:00Z`},
		{`{"resourceType": "ValueSet", "compose": {"include": [{"concept": [{"code": "a"}]}]}}`, "hmis: structure: ValueSet.compose.include[0]: want a system for concepts and filters"},
		{fmt.Sprintf(sexMap, `{"mode": "guess"}`), `hmis: structure: ConceptMap.group[0].unmapped: mode "guess": want fixed, use-source-code, provided or other-map`},
		{fmt.Sprintf(sexMap, `{"mode": "fixed"}`), `hmis: structure: ConceptMap.group[0].unmapped: mode fixed: want a code`},
		{strings.Replace(sexMap, `"wider"`, `"sort-of"`, 1), `hmis: structure: ConceptMap.group[0].element[1].target[0].equivalence: "sort-of": want a relationship or equivalence of a ConceptMap`},
		{strings.Replace(sexMap, `"code": "male", `, ``, 1), `hmis: structure: ConceptMap.group[0].element[1].target[0]: a target without code that is source-is-narrower-than-target: want a code`},
		{strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200), "nested more than 100 deep"},
		{`<ValueSet/>`, `hmis: structure: element "ValueSet": want the namespace http://hl7.org/fhir`},
		{"<!DOCTYPE html>\n<html>", "hmis: structure: an HTML page: want a resource of FHIR in JSON or XML"},
		{" <HTML>", "hmis: structure: an HTML page: want a resource of FHIR in JSON or XML"},
		{"\xFF\xFE{\x00", "hmis: structure: the text is UTF-16: want UTF-8"},
		{`<!DOCTYPE x><ValueSet xmlns="http://hl7.org/fhir"/>`, "hmis: structure: want no document type"},
		{`<ValueSet xmlns="http://hl7.org/fhir"><url value="a"/>`, "hmis: structure: ValueSet: XML syntax error on line 1: unexpected EOF"},
		{`<ValueSet xmlns="http://hl7.org/fhir"><url value="a"/><url value="b"/></ValueSet>`, "hmis: structure: ValueSet.url[1]: want it once"},
		{`<ValueSet xmlns="http://hl7.org/fhir">text</ValueSet>`, `hmis: structure: ValueSet: text "text": want elements`},
	}
	for _, tt := range tests {
		_, err := terminology.Read(strings.NewReader(strings.Replace(tt.in, "%s", `{"mode": "provided"}`, 1)))
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.HasPrefix(tt.want, "hmis") && err.Error() != tt.want {
			t.Errorf("%.200s:\ngot  %.300v\nwant %s", tt.in, err, tt.want)
		}
	}
	_, err := terminology.New(terminology.Resources{ValueSets: []terminology.ValueSet{{Header: terminology.Header{ID: "x"}}}, CodeSystems: []terminology.CodeSystem{
		{Header: terminology.Header{URL: "urn:s"}, Concepts: []terminology.Concept{{Code: "a"}, {Code: "b", Concepts: []terminology.Concept{{Code: "a"}}}}},
		{Header: terminology.Header{URL: "urn:s"}},
	}})
	require.EqualError(t, err, "hmis: duplicate: CodeSystem urn:s: code \"a\" is there twice\n"+
		"hmis: duplicate: CodeSystem urn:s: version \"\" is there twice\nhmis: not-found: ValueSet x: want a url")
}

// RULES.md#resources
func TestLatestVersion(t *testing.T) {
	of := func(version, code string) string {
		return fmt.Sprintf(`{"resourceType": "ValueSet", "url": "urn:v", "version": %q, "expansion": {"contains": [{"code": %q}]}}`, version, code)
	}
	for _, order := range [][]string{{of("1.9", "nine"), of("1.10", "ten")}, {of("1.10", "ten"), of("1.9", "nine")}} {
		s := service(t, order...)
		require.Equal(t, "ten", codes(s.Expand("urn:v")))
		require.Equal(t, "nine", codes(s.Expand("urn:v|1.9")))
		require.Equal(t, "hmis: not-found: ValueSet urn:v|2: no such resource", codes(s.Expand("urn:v|2")))
	}
}

// RULES.md#resources
func TestCheck(t *testing.T) {
	s := service(t,
		set("urn:a", `"compose": {"include": [{"valueSet": ["urn:b"]}]}`), set("urn:b", `"compose": {"include": [{"valueSet": ["urn:a"]}]}`),
		set("urn:c", `"compose": {"include": [{"system": "urn:none"}]}`),
		`{"resourceType": "ConceptMap", "url": "urn:m", "group": [{"element": [{"code": "A"},
			{"code": "B", "target": [{"code": "X", "equivalence": "equal"}, {"code": "X", "equivalence": "wider"}]}], "unmapped": {"mode": "other-map", "url": "urn:x"}}]}`)
	require.EqualError(t, s.Check(), strings.Join([]string{
		"hmis: cyclic: ValueSet urn:a: it imports itself: urn:a imports urn:b imports urn:a",
		"hmis: cyclic: ValueSet urn:b: it imports itself: urn:b imports urn:a imports urn:b",
		"hmis: not-found: ValueSet urn:c: not-found: CodeSystem urn:none: no such resource",
		`hmis: no-target: ConceptMap urn:m: group[0]: code "A" has no target`,
		`hmis: duplicate: ConceptMap urn:m: group[0]: code "B" has the target "X" twice`,
		`hmis: not-found: ConceptMap urn:m: group[0]: not-found: ConceptMap urn:x: no such resource`,
	}, "\n"))
}

// RULES.md#resources
func TestXMLIsJSON(t *testing.T) {
	inJSON := bundle(fever, set("urn:v", `"title": "V", "compose": {"include": [{"system": "urn:s", "filter": [{"property": "concept", "op": "is-a", "value": "fever"}]}]}`))
	const inXML = `<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir"><type value="collection"/>
		<entry><resource><CodeSystem><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>Any <b>text</b></p></div></text>
			<url value="urn:s"><extension url="x"><valueString value="y"/></extension></url><version value="1.0"/><status value="active"/><content value="complete"/>
			<concept><code value="all"/><property><code value="notSelectable"/><valueBoolean value="true"/></property>
				<concept><code value="fever"/><display value="Fever"/><designation><language value="fr"/><value value="Fièvre"/></designation>
					<concept><code value="malaria"/><display value="Malaria"/><property><code value="kind"/><valueCode value="disease"/></property></concept>
					<concept><code value="dengue"/><property><code value="kind"/><valueCode value="disease"/></property></concept></concept>
				<concept><code value="cough"/><display value="Cough"/><property><code value="kind"/><valueCode value="symptom"/></property></concept></concept>
			<concept><code value="severe"/><property><code value="parent"/><valueCode value="malaria"/></property></concept></CodeSystem></resource></entry>
		<entry><resource><ValueSet><url value="urn:v"/><title value="V"/><status value="active"/><compose><include><system value="urn:s"/>
			<filter><property value="concept"/><op value="is-a"/><value value="fever"/></filter></include></compose></ValueSet></resource></entry>
		<entry><resource><Patient/></resource></entry></Bundle>`
	want, err := terminology.Read(strings.NewReader(inJSON))
	require.NoError(t, err)
	want.Skipped = map[string]int{"Patient": 1}
	got, err := terminology.Read(strings.NewReader(inXML))
	require.NoError(t, err)
	require.Empty(t, gocmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(terminology.Expansion{})))
}

// RULES.md#resources
func TestSample(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(testfile.Root(t), "../shared/samples/fhir/made-up-valuesets-bundle.json"))
	if os.IsNotExist(err) {
		t.Skip("no samples beside the repository")
	}
	require.NoError(t, err)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(text)
	require.NoError(t, z.Close())
	files, err := terminology.Read(&zipped)
	require.NoError(t, err)
	s, err := terminology.New(files)
	require.NoError(t, err)
	require.Empty(t, s.Check())
	const base = "https://fhir.moh.example.org/ValueSet/"
	require.Equal(t, "P0Y--P1Y P1Y--P5Y", codes(s.Expand(base+"age-bands")))
	require.Equal(t, "F M", codes(s.Expand(base+"sex|1.0")))
	e, _ := s.Expand(base + "sex")
	require.Equal(t, "2026-01-10 09:00:00 +0000 UTC", e.At.String())
	matches, err := s.Translate("https://fhir.moh.example.org/ConceptMap/sex-to-global", terminology.Coding{Code: "I"})
	require.NoError(t, err)
	require.Equal(t, []terminology.Match{{Relation: terminology.Unrelated}}, matches)
}

func TestConcurrentUse(t *testing.T) {
	s := service(t, fever, set("urn:v", `"compose": {"include": [{"system": "urn:s"}]}`), fmt.Sprintf(sexMap, `{"mode": "provided"}`))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := s.ValidateIn("urn:v", terminology.Coding{Code: "cough"})
			_, other := s.Translate("urn:m", terminology.Coding{Code: "F"})
			if err != nil || other != nil {
				t.Errorf("got the errors %v, %v", err, other)
			}
		})
	}
	all.Wait()
}
