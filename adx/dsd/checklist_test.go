package dsd_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
)

// epiMonthly returns the definition in the examples of the rules.
func epiMonthly() dsd.Structure {
	return dsd.Structure{
		ID: "EPI_MONTHLY", Agency: "MOH_EX", Version: "1.0",
		Elements: []dsd.Element{
			{Code: "BCG"}, {Code: "PENTA3", Dimensions: []string{"AGE", "SEX"}}, {Code: "NOTE", Text: true},
		},
		Dimensions: []dsd.Dimension{
			{Name: "AGE", Codes: []dsd.Code{{ID: "P0Y--P1Y"}, {ID: "P1Y--P5Y"}, {ID: "P5Y--P1Y"}}},
			{Name: "SEX", Codes: []dsd.Code{{ID: "F"}, {ID: "M"}}},
			{Name: "STRATEGY", Outer: true, Codes: []dsd.Code{{ID: "FIXED"}, {ID: "OUTREACH"}}},
		},
		OrgUnits: []dsd.Code{{ID: "HF-101"}, {ID: "HF-102"}},
	}
}

const epiMessage = `<?xml version="1.0" encoding="UTF-8"?>
<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">
  <group dataSet="EPI_MONTHLY" orgUnit="HF-101" period="2026-01-01/P1M" STRATEGY="FIXED">
    <dataValue dataElement="BCG" value="14"/>
    <dataValue dataElement="PENTA3" AGE="P0Y--P1Y" SEX="F" value="5"/>
    <dataValue dataElement="PENTA3" AGE="P0Y--P1Y" SEX="M" value="7"/>
    <dataValue dataElement="NOTE" value="0"><annotation>Fridge broken</annotation></dataValue>
  </group>
</adx>
`

// Each row is a rule of messages, a text of a valid message, and what replaces
// that text (RULES.md#document, RULES.md#groups, RULES.md#values). It also has
// the findings in strict and in tolerant reading.
func TestChecklist(t *testing.T) {
	group := epiMessage[strings.Index(epiMessage, "  <group"):strings.Index(epiMessage, "</adx>")]
	const bcg = `<dataValue dataElement="BCG" value="14"/>`
	tests := []struct{ rule, old, new, strict, tolerant string }{
		{"ADX-001", bcg, `<dataValue value='14' dataElement="BCG" ></dataValue>`, "", ""},
		{"ADX-001", bcg, `<dataValue dataElement="BCG" value="14" value="15"/>`, "F ADX-001", "F ADX-001"},
		{"ADX-001", bcg, `<a:dataValue dataElement="BCG" value="14"/>`, "F ADX-001", "F ADX-001"},
		{"ADX-001", "</adx>\n", "", "F ADX-001", "F ADX-001"},
		{"ADX-002", `<?xml`, "\uFEFF<?xml", "", ""},
		{"ADX-002", `encoding="UTF-8"`, `encoding="UTF-16"`, "F ADX-002", "F ADX-002"},
		{"ADX-002", `HF-101`, "HF-10\xFF", "F ADX-002", "F ADX-002"},
		{"ADX-003", `?>`, `?><!-- no document type -->`, "", ""},
		{"ADX-003", `?>`, `?><!DOCTYPE adx>`, "F ADX-003", "F ADX-003"},
		{"ADX-004", `<adx xmlns="urn:ihe:qrph:adx:2015"`, `<adx xmlns="urn:ihe:qrph:adx:2015" xmlns:a="urn:a"`, "", ""},
		{"ADX-004", ` xmlns="urn:ihe:qrph:adx:2015"`, ``, "F ADX-004", "F ADX-004"},
		{"ADX-005", "</adx>", "</adx><!-- end --><?end?>", "", ""},
		{"ADX-005", "</adx>", "</adx>done", "F ADX-005", "F ADX-005"},
		{"ADX-006", bcg, `<a:dataValue xmlns:a="urn:ihe:qrph:adx:2015" dataElement="BCG" value="14"/>`, "", ""},
		{"ADX-006", bcg, `<dataValue xmlns="" dataElement="BCG" value="14"/>`, "E ADX-006", "E ADX-006"},
		{"ADX-007", bcg, "\n\t" + bcg, "", ""},
		{"ADX-007", bcg, `n/a` + bcg, "E ADX-007", "E ADX-007"},
		{"ADX-008", group, group + strings.ReplaceAll(group, "HF-101", "HF-102"), "", ""},
		{"ADX-008", group, bcg + group, "E ADX-008", "E ADX-008"},
		{"ADX-009", bcg, `<dataValue dataElement="BCG" value="14"></dataValue>`, "", ""},
		{"ADX-009", bcg, `<dataValue dataElement="BCG" value="14"><created>2026</created></dataValue>`, "E ADX-009", "W ADX-009"},
		{"ADX-010", `exported="2026-02-05T08:15:00Z"`, `exported="2026-02-05T08:15:00"`, "", ""},
		{"ADX-010", ` exported="2026-02-05T08:15:00Z"`, ``, "E ADX-010", "W ADX-010"},
		{"ADX-011", `2026-02-05T08:15:00Z`, `2026-02-05T08:15:00.5+03:00`, "", ""},
		{"ADX-011", `2026-02-05T08:15:00Z`, `2026-02-05`, "E ADX-011", "W ADX-011"},
		{"ADX-011", `2026-02-05T08:15:00Z`, `05/02/2026`, "E ADX-011", "W ADX-011"},
		{"ADX-011", `2026-02-05T08:15:00Z`, ` 2026-02-05t08:15:00Z`, "E ADX-011", "W ADX-011"},
		{"ADX-012", group, group, "", ""},
		{"ADX-012", group, ``, "E ADX-012", "W ADX-012"},
		{"ADX-020", `HF-101`, `HF-102`, "", ""},
		{"ADX-020", ` orgUnit="HF-101"`, ``, "E ADX-020", "E ADX-020"},
		{"ADX-020", `"HF-101"`, `" "`, "E ADX-020", "E ADX-020"},
		{"ADX-021", `2026-01-01/P1M`, `2026-01-01/P1M`, "", ""},
		{"ADX-021", ` period="2026-01-01/P1M"`, ``, "E ADX-021", "E ADX-021"},
		{"ADX-022", `2026-01-01/P1M`, `2026-01-05/P7D`, "", ""},
		{"ADX-022", `2026-01-01/P1M`, `202601`, "E ADX-022", "E ADX-022"},
		{"ADX-022", `2026-01-01/P1M`, `2026-01`, "E ADX-022", "E ADX-022"},
		{"ADX-023", `2026-01-01/P1M`, `2024-02-29/P1D`, "", ""},
		{"ADX-023", `2026-01-01/P1M`, `2026-02-29/P1D`, "E ADX-023", "E ADX-023"},
		{"ADX-024", `2026-01-01/P1M`, `2026-01-01/P1D`, "", ""},
		{"ADX-024", `2026-01-01/P1M`, `2026-01-01/P0D`, "E ADX-024", "E ADX-024"},
		{"ADX-025", `2026-01-01/P1M`, `2026-01-01T00:00:00Z/P1M`, "", ""},
		{"ADX-025", `2026-01-01/P1M`, `2026-01-01T00:00:00`, "E ADX-025", "E ADX-025"},
		{"ADX-026", `EPI_MONTHLY`, ` EPI_MONTHLY`, "W ADX-115", "W ADX-115"}, // valid, since the blank is ignored
		{"ADX-026", `dataSet="EPI_MONTHLY"`, ``, "E ADX-026", "E ADX-026"},
		{"ADX-027", `EPI_MONTHLY`, `EPI_MONTHLY`, "", ""},
		{"ADX-027", `EPI_MONTHLY`, `EPI_WEEKLY`, "E ADX-027", "E ADX-027"},
		{"ADX-028", group, strings.ReplaceAll(group, "HF-101", "HF-102"), "", ""},
		{"ADX-028", group, group + `<group dataSet="EPI_MONTHLY" orgUnit="HF-102" period="2026-01-01/P1M" STRATEGY="FIXED"/>`, "E ADX-028", "W ADX-028"},
		{"ADX-029", group, group + strings.ReplaceAll(group, "FIXED", "OUTREACH"), "", ""},
		{"ADX-029", bcg, bcg + `</group><group dataSet="EPI_MONTHLY" orgUnit="HF-101" period="2026-01-01Z/P1M" STRATEGY="FIXED">`, "W ADX-029", "W ADX-029"},
		{"ADX-030", `HF-101`, `HF-102`, "", ""},
		{"ADX-030", `HF-101`, `hf-102`, "E ADX-030", "E ADX-030"},
		{"ADX-030", `HF-101`, `HF-999`, "E ADX-030", "E ADX-030"},
		{"ADX-031", `FIXED`, `OUTREACH`, "", ""},
		{"ADX-031", `FIXED`, `MOBILE`, "E ADX-031", "E ADX-031"},
		{"ADX-032", ` STRATEGY="FIXED">`, " \n STRATEGY = 'FIXED' >", "", ""},
		{"ADX-032", ` STRATEGY="FIXED"`, ``, "E ADX-032", "W ADX-032"},
		{"ADX-033", `AGE="P0Y--P1Y" SEX="F"`, `SEX="F" AGE="P0Y--P1Y"`, "", ""},
		{"ADX-033", bcg, `<dataValue dataElement="BCG" value="14" STRATEGY="FIXED"/>`, "E ADX-033", "E ADX-033"},
		{"ADX-033", ` STRATEGY="FIXED"`, ` STRATEGY="FIXED" SEX="F"`, "E ADX-033", "E ADX-033"},
		{"ADX-034", ` STRATEGY=`, ` completeDate="2026-02-04" STRATEGY=`, "", ""},
		{"ADX-034", ` STRATEGY=`, ` completeDate="yes" STRATEGY=`, "W ADX-034", "W ADX-034"},
		{"ADX-035", bcg, `<dataValue dataElement="BCG" value="14" comment="late"/>`, "", ""},
		{"ADX-035", ` STRATEGY=`, ` attributeOptionCombo="X" STRATEGY=`, "W ADX-035", "W ADX-035"},
		{"ADX-040", `"BCG"`, `" BCG"`, "W ADX-115", "W ADX-115"}, // valid, since the blank is ignored
		{"ADX-040", ` dataElement="BCG"`, ``, "E ADX-040", "E ADX-040"},
		{"ADX-041", `value="14"`, `value="0"`, "", ""},
		{"ADX-041", ` value="14"`, ``, "E ADX-041", "E ADX-041"},
		{"ADX-042", `value="14"`, `value="-3.50"`, "", ""},
		{"ADX-042", `value="14"`, `value=" .5 "`, "", ""},
		{"ADX-042", `value="14"`, `value="1e3"`, "E ADX-042", "E ADX-042"},
		{"ADX-042", `value="14"`, `value="1,204"`, "E ADX-042", "E ADX-042"},
		{"ADX-042", `value="14"`, `value="NaN"`, "E ADX-042", "E ADX-042"},
		{"ADX-042", `value="14"`, `value=""`, "E ADX-042", "E ADX-042"},
		{"ADX-043", `"BCG"`, `"BCG"`, "", ""},
		{"ADX-043", `"BCG"`, `"BCG2"`, "E ADX-043", "E ADX-043"},
		{"ADX-044", `SEX="M"`, `SEX='M'`, "", ""},
		{"ADX-044", `SEX="M"`, `SEX="X"`, "E ADX-044", "E ADX-044"},
		{"ADX-045", `AGE="P0Y--P1Y" SEX="M"`, `AGE="P1Y--P5Y" SEX="M"`, "", ""},
		{"ADX-045", ` SEX="M"`, ``, "E ADX-045", "E ADX-045"},
		{"ADX-046", bcg, `<dataValue value="14" dataElement="BCG"/>`, "", ""},
		{"ADX-046", `"BCG"`, `"BCG" SEX="F"`, "E ADX-046", "E ADX-046"},
		{"ADX-047", bcg, `<dataValue dataElement="BCG" value="14"><annotation/></dataValue>`, "", ""},
		{"ADX-047", `</annotation>`, `</annotation><annotation/>`, "E ADX-047", "E ADX-047"},
		{"ADX-048", `Fridge broken`, `late &amp; short`, "", ""},
		{"ADX-048", `Fridge broken`, `a<b>c</b>`, "W ADX-048", "W ADX-048"},
		{"ADX-049", bcg, bcg + `<dataValue dataElement="PENTA3" AGE="P1Y--P5Y" SEX="F" value="5"/>`, "", ""},
		{"ADX-049", bcg, bcg + `<dataValue SEX="F" AGE="P0Y--P1Y" dataElement="PENTA3" value="6"/>`, "E ADX-049", "E ADX-049"},
		{"ADX-049", bcg, bcg + bcg, "E ADX-049", "W ADX-049"},
		{"ADX-049", bcg, bcg + strings.Replace(bcg, "14", "14.0", 1), "E ADX-049", "W ADX-049"},
		{"ADX-050", ` STRATEGY=`, ` completeDate="2026-02-04" STRATEGY=`, "", ""},
		{"ADX-050", bcg, `<dataValue dataElement="BCG" value="14" age="P0Y--P1Y"/>`, "W ADX-050", "W ADX-050"},
		{"ADX-051", `orgUnit="HF-101"`, `orgUnit='HF-101'`, "", ""},
		{"ADX-051", `"BCG"`, `"BCG" orgUnit="HF-102"`, "E ADX-051", "E ADX-051"},
		{"ADX-051", `"BCG"`, `"BCG" orgUnit="HF-101"`, "W ADX-051", "W ADX-051"},
		{"ADX-052", `value="0"`, `value="-0.0"`, "", ""},
		{"ADX-052", `value="0"`, `value="5"`, "W ADX-052", "W ADX-052"},
		{"ADX-053", `<annotation>Fridge broken</annotation>`, `<annotation></annotation>`, "", ""}, // an empty text is a text
		{"ADX-053", `<annotation>Fridge broken</annotation>`, ``, "E ADX-053", "E ADX-053"},
		{"ADX-054", bcg, `<dataValue dataElement="BCG" value="14" categoryOptionCombo="X"/>`, "", ""},
		{"ADX-054", ` SEX="M"`, ` SEX="M" categoryOptionCombo="X"`, "W ADX-054", "W ADX-054"},
		{"ADX-055", `"BCG"`, `"BCG" xmlns:x="urn:x" x:SEX="F" xml:lang="en"`, "", ""},
		{"ADX-055", ` SEX="M"`, ` xmlns:x="urn:x" x:SEX="M"`, "E ADX-045", "E ADX-045"}, // with a namespace it is no dimension, so that SEX is missing
		{"ADX-056", `"BCG"`, `"BCG"`, "", ""},
		{"ADX-056", `dataElement="BCG"`, `dataelement="BCG"`, "E ADX-056, E ADX-040", "E ADX-056, E ADX-040"},
		{"ADX-060", `AGE="P0Y--P1Y" SEX="M"`, `AGE="P1Y--P5Y" SEX="M"`, "", ""},
		{"ADX-060", `AGE="P0Y--P1Y" SEX="M"`, `AGE="P5Y--P1Y" SEX="M"`, "W ADX-060", "W ADX-060"},
	}
	d := define(t, epiMonthly())
	kept, broken := map[string]bool{}, map[string]bool{}
	for _, tt := range tests {
		require.Contains(t, epiMessage, tt.old)
		message := strings.Replace(epiMessage, tt.old, tt.new, 1)
		strict, tolerant := findings(t, d, message, false), findings(t, d, message, true)
		if strict != tt.strict || tolerant != tt.tolerant {
			t.Errorf("%s: %s becomes %s: found %q strictly and %q tolerantly; want %q and %q",
				tt.rule, tt.old, tt.new, strict, tolerant, tt.strict, tt.tolerant)
		}
		kept[tt.rule] = kept[tt.rule] || !strings.Contains(tt.strict, "E ") && !strings.Contains(tt.strict, tt.rule)
		broken[tt.rule] = broken[tt.rule] || strings.Contains(tt.strict, tt.rule) || tt.rule == "ADX-055"
	}
	for rule := range broken {
		require.True(t, kept[rule] && broken[rule], "%s: want a message that keeps it and one that breaks it", rule)
	}
	require.Len(t, broken, 46, "all but ADX-013, which nothing breaks, and ADX-026a, which is about calendars")
}

// findings returns what reading a message and comparing it with a definition
// find, as severities and rules, each once.
func findings(t *testing.T, d *dsd.Definition, message string, tolerant bool) string {
	t.Helper()
	var list []string
	note := func(f adx.Finding) {
		if f.Line == 0 || f.Column == 0 {
			t.Errorf("%v: no position", f.Error())
		}
		if r := severityOf(f) + f.Rule; !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	for f, err := range (dsd.Checker{Definition: d, Tolerant: tolerant}).Message(strings.NewReader(message)) {
		if err != nil {
			bad, ok := errors.AsType[*adx.Finding](err)
			require.True(t, ok, "%v", err)
			f = *bad
		}
		note(f)
	}
	return strings.Join(list, ", ")
}
