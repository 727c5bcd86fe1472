package crosswalk_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/hmis/crosswalk"
	"github.com/ohie-hmis/hmis-go/hmis/terminology"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// RULES.md#concept-maps
func TestConceptMapIsLossless(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 5))
		m := randomMap(r)
		m.AllowInexact = false
		m.Entries = slices.DeleteFunc(m.Entries, func(e crosswalk.Entry) bool { return e.To.DataElement == "" && e.Relation != crosswalk.Unrelated })
		m.ID, m.Version, m.Source, m.Target = "m", "3", "urn:ministry", "urn:funder"
		m.First, m.DefaultCombo = period.DateOf(2024, 1, 1), "HllvX50cXC0"
		m.UnitCodes.Source = "urn:ministry/organisationUnits"
		if len(m.Entries) > 0 {
			m.Codes = crosswalk.Systems{Source: "urn:ministry/dataElements|2.44", Target: "urn:indicators"}
		}
		if len(m.OrgUnits) == 0 && !m.SameOrgUnits {
			m.UnitCodes = crosswalk.Systems{}
		}
		m.FHIR = terminology.Header{Title: "A map", Status: "draft", Extensions: []terminology.Property{{Code: "urn:x", Type: "string", Value: "y"}}}
		for _, release := range []terminology.Release{terminology.R4, terminology.R5} {
			var out bytes.Buffer
			require.NoError(t, m.WriteConceptMap(&out, release))
			back, err := crosswalk.ReadConceptMap(bytes.NewReader(out.Bytes()))
			require.NoError(t, err)
			if diff := gocmp.Diff(m, back, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("seed %d: (-want +got)\n%s\n%s", seed, diff, out.String())
			}
		}
	}
}

// RULES.md#concept-maps
func TestReadConceptMap(t *testing.T) {
	group := func(elements string) string {
		return `{"resourceType": "ConceptMap", "group": [{"source": "urn:a", "target": "urn:b", "element": [` + elements + `]}]}`
	}
	const target = `{"code": "A", "target": [{"code": "X", "equivalence": "equal"%s}]}`
	with := func(rest string) string { return group(fmt.Sprintf(target, rest)) }
	tests := []struct{ in, want string }{
		{with(""), "X equivalent A>X"},
		{group(`{"code": "A", "target": [{"code": "X", "equivalence": "wider"}]}, {"code": "B", "target": [{"code": "X", "equivalence": "subsumes"}]}`),
			"X source-is-narrower-than-target A+B>X"},
		{group(`{"code": "A", "target": [{"equivalence": "unmatched"}]}, {"code": "B", "noMap": true}`), "A not-related-to A>; B not-related-to B>"},
		{with(`, "dependsOn": [{"property": "categoryOptionCombo", "value": "a"}], "product": [{"property": "categoryOptionCombo", "value": "x"}]`), "X.x equivalent A.a>X.x"},
		{with(`, "comment": "checked"`), "X equivalent A>X (checked)"},
		{with(`, "property": [{"code": "weight", "valueDecimal": 0.5}, {"code": "entry", "valueString": "M"}, {"code": "other", "valueString": "-"}]`), "M equivalent A*0.5>X"},
		{strings.Replace(with(""), "urn:a", "https://dhis2.moh.example.org/api/organisationUnits", 1), "A=X"},

		{`{"resourceType": "ValueSet"}`, "crosswalk: 0 concept maps: want one"},
		{with(`, "dependsOn": [{"property": "urn:age", "value": "a"}]`), `hmis: ConceptMap.group[0].element[0].target[0]: attribute "urn:age": want one categoryOptionCombo at most`},
		{with(`, "property": [{"code": "weight", "valueString": "half"}, {"code": "over", "valueCode": "MAX"}]`),
			"hmis: ConceptMap.group[0].element[0].target[0]: weight \"half\": want a number\nhmis: ConceptMap.group[0].element[0].target[0]: over \"MAX\": want SUM, LAST or AVERAGE"},
		{group(`{"code": "A"}, {"code": "B", "target": [{"code": "X", "equivalence": "sort-of"}]}`),
			`hmis: structure: ConceptMap.group[0].element[1].target[0].equivalence: "sort-of": want a relationship or equivalence of a ConceptMap`},
		{group(`{"code": "A"}`), `hmis: ConceptMap.group[0].element[0]: code "A" has no target`},
		{strings.Replace(with(""), `"element"`, `"unmapped": {"mode": "fixed", "code": "X"}, "element"`, 1),
			`hmis: ConceptMap.group[0]: unmapped: a map of values cannot hold mode "fixed"`},
		{strings.Replace(with(""), `]}]}]}`, `]}]}, {"source": "urn:other", "element": [{"code": "A", "noMap": true}]}]}`, 1),
			`hmis: ConceptMap.group[1]: from "urn:other" to "": another group is of other code systems`},
		{strings.Replace(with(""), `"group"`, `"extension": [{"url": "https://github.com/ohie-hmis/hmis-go/hmis/crosswalk#sourcePeriodType", "valueCode": "Fortnightly"}], "group"`, 1),
			`hmis: ConceptMap.extension[0]: period: "Fortnightly": want a period type such as "Monthly" at offset 0`},
		{group(fmt.Sprintf(target, `, "property": [{"code": "entry", "valueString": "M"}]`) + "," +
			fmt.Sprintf(target, `, "property": [{"code": "entry", "valueString": "M"}, {"code": "integer", "valueBoolean": true}]`)),
			`hmis: ConceptMap.group[0].element[1].target[0]: integer: entry "M" has another one above`},
		{strings.Replace(strings.Replace(with(""), "urn:a", "urn:x/organisationUnits", 1), "equal", "relatedto", 1),
			`hmis: ConceptMap.group[0].element[0].target[0]: org unit "A" is related-to: want it equivalent, or narrower than its target`},
	}
	for _, tt := range tests {
		m, err := crosswalk.ReadConceptMap(strings.NewReader(tt.in))
		got := describe(m)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

// RULES.md#concept-maps
func TestConceptMapOfSample(t *testing.T) {
	file, err := os.Open(filepath.Join(testfile.Root(t), "../shared/samples/fhir/made-up-valuesets-bundle.json"))
	if os.IsNotExist(err) {
		t.Skip("no samples beside the repository")
	}
	require.NoError(t, err)
	defer file.Close()
	files, err := terminology.Read(file)
	require.NoError(t, err)
	cm := files.ConceptMaps[0]
	_, err = crosswalk.FromConceptMap(cm)
	require.EqualError(t, err, `hmis: ConceptMap.group[0]: unmapped: a map of values cannot hold mode "fixed"`)
	cm.Groups[0].Unmapped = nil
	m, err := crosswalk.FromConceptMap(cm)
	require.NoError(t, err)
	require.Equal(t, "female equivalent F>female; male equivalent M>male; I not-related-to I>", describe(m))
	require.Empty(t, m.Check())
}

func FuzzReadConceptMap(f *testing.F) {
	f.Add(`{"resourceType": "ConceptMap", "group": [{"element": [{"code": "A", "target": [{"code": "X", "relationship": "related-to"}]}, {"code": "B", "noMap": true}]}]}`)
	f.Add(`{"resourceType": "ConceptMap", "group": [{"source": "a/organisationUnits", "element": [{"code": "A", "target": [{"code": "X", "equivalence": "wider"}]}], "unmapped": {"mode": "provided"}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := crosswalk.ReadConceptMap(strings.NewReader(text))
		if err != nil {
			return
		}
		if m.FHIR.Status == "" {
			m.FHIR.Status = "unknown"
		}
		for _, release := range []terminology.Release{terminology.R4, terminology.R5} {
			var out bytes.Buffer
			require.NoError(t, m.WriteConceptMap(&out, release))
			back, err := crosswalk.ReadConceptMap(bytes.NewReader(out.Bytes()))
			require.NoError(t, err)
			if diff := gocmp.Diff(m, back, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		}
	})
}
