package adx_test

import (
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/adx"
)

// Each row is a message and its findings in strict and in tolerant reading. F
// ends the stream, E is an error and W a warning.
func TestReaderRules(t *testing.T) {
	const kids = "</group></adx>"
	tests := []struct {
		doc              string
		strict, tolerant string
	}{
		{in(value), "", ""},

		// These are the rules of the document.
		{in(`<dataValue dataElement="BCG" value="1" value="2"/>`), "F ADX-001", "F ADX-001"},
		{`<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">` + group + value + "</group>", "F ADX-001", "F ADX-001"},
		{`{"status": "ERROR"}`, "F ADX-001", "F ADX-001"},
		{"<html><body>Bad gateway</body></html>", "F ADX-001", "F ADX-001"},
		{"<!DOCTYPE html>\n<html></html>", "F ADX-001", "F ADX-001"},
		{"", "F ADX-001", "F ADX-001"},
		{"\ufeff" + in(value), "", ""},
		{in(`<dataValue dataElement="BCG` + "\xff" + `" value="1"/>`), "F ADX-002", "F ADX-002"},
		{`<?xml version="1.0" encoding="UTF-16"?>` + in(value), "F ADX-002", "F ADX-002"},
		{`<!DOCTYPE adx>` + in(value), "F ADX-003", "F ADX-003"},
		{`<adx exported="2026-02-05T08:15:00Z">` + group + value + kids, "F ADX-004", "F ADX-004"},
		{`<dataValueSet/>`, "F ADX-004", "F ADX-004"},
		{`<adx xmlns="http://ihe.net/quality/schema/adx"/>`, "F ADX-004", "F ADX-004"},
		{in(value) + "<!-- end --> <?pi?>\n", "", ""},
		{in(value) + "done", "F ADX-005", "F ADX-005"},
		{in(value) + "<adx/>", "F ADX-005", "F ADX-005"},
		{"<!-- -->x" + in(value), "F ADX-005", "F ADX-005"},
		{`<a:adx xmlns:a="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z"><a:group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M"><b:dataValue xmlns:b="urn:ihe:qrph:adx:2015" dataElement="BCG" value="1"/></a:group></a:adx>`, "", ""},
		{in(`<dataValue xmlns="" dataElement="BCG" value="1"/>` + value), "E ADX-006", "E ADX-006"},
		{root + `<group xmlns="urn:x">` + value + `</group>` + group + value + kids, "E ADX-006", "E ADX-006"},
		{in("n/a" + value), "E ADX-007", "E ADX-007"},
		{root + "n/a" + group + value + kids, "E ADX-007", "E ADX-007"},
		{in(`<dataValue dataElement="BCG" value="1">n/a</dataValue>`), "E ADX-007", "E ADX-007"},
		{in(`<![CDATA[n/a]]>` + value), "E ADX-007", "E ADX-007"},
		{in("<![CDATA[ \n]]>" + value), "", ""},
		{in("&#32;&#13;" + value + "&#x9;"), "", ""}, // character references for blanks are blanks too
		{in("&#32;n/a" + value), "E ADX-007", "E ADX-007"},
		{root + value + group + value + kids, "E ADX-008", "E ADX-008"},
		{in(`<group><dataValue dataElement="A" value="1"/></group>` + value), "E ADX-008", "E ADX-008"},
		{in(`<DataValue dataElement="BCG" value="1"/>`), "E ADX-008", "E ADX-008"},
		{in(value + `<wrapper><dataValue dataElement="A" value="1"/></wrapper>`), "E ADX-009", "W ADX-009 E ADX-008"},
		{in(`<dataValue dataElement="BCG" value="1"><created>2026-02-05</created></dataValue>`), "E ADX-009", "W ADX-009"},
		{in(value + `<x:note xmlns:x="urn:x"><x:group/>text</x:note>`), "E ADX-009", "W ADX-009"},
		{`<adx xmlns="urn:ihe:qrph:adx:2015">` + group + value + kids, "E ADX-010", "W ADX-010"},
		{`<adx xmlns="urn:ihe:qrph:adx:2015" Exported="2026-02-05T08:15:00Z">` + group + value + kids, "E ADX-056 E ADX-010", "E ADX-056 W ADX-010"},
		{`<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00.5+03:00">` + group + value + kids, "", ""},
		{`<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05">` + group + value + kids, "E ADX-011", "W ADX-011"},
		{`<adx xmlns="urn:ihe:qrph:adx:2015" exported="05/02/2026">` + group + value + kids, "E ADX-011", "W ADX-011"},
		{`<adx xmlns="urn:ihe:qrph:adx:2015" exported=" 2026-02-05t08:15:00Z">` + group + value + kids, "E ADX-011", "W ADX-011"},
		{root + `</adx>`, "E ADX-012", "W ADX-012"},
		{`<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z"/>`, "E ADX-012", "W ADX-012"},

		// These are the rules of groups.
		{withGroup(`dataSet="EPI" period="2026-01-01/P1M"`), "E ADX-020", "E ADX-020"},
		{withGroup(`dataSet="EPI" orgUnit=" " period="2026-01-01/P1M"`), "E ADX-020", "E ADX-020"},
		{withGroup(`dataSet="EPI" orgunit="HF-101" period="2026-01-01/P1M"`), "E ADX-056 E ADX-020", "E ADX-056 E ADX-020"},
		{withGroup(`dataSet="EPI" x:orgUnit="HF-101" xmlns:x="urn:ihe:qrph:adx:2015" period="2026-01-01/P1M"`), "E ADX-020", "E ADX-020"},
		{withGroup(`dataSet="EPI" orgUnit="HF-101"`), "E ADX-021", "E ADX-021"},
		{withGroup(`dataSet="EPI" orgUnit="HF-101" period="2026-01-05/P7D"`), "", ""},
		{withGroup(`dataSet="EPI" orgUnit="HF-101" period="202601"`), "E ADX-022", "E ADX-022"},
		{withGroup(`dataSet="EPI" orgUnit="HF-101" period="2026-01-05/P1W"`), "E ADX-022", "W ADX-022"},
		{withGroup(`dataSet="EPI" orgUnit="HF-101" period=" 2026-01-05/P7D "`), "E ADX-022", "W ADX-022"},
		{withGroup(`dataSet="EPI" orgUnit="HF-101" period="2024-02-29/P1D"`), "", ""},
		{withGroup(`dataSet="EPI" orgUnit="HF-101" period="2026-02-29/P1D"`), "E ADX-023", "E ADX-023"},
		{withGroup(`dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P0D"`), "E ADX-024", "E ADX-024"},
		{withGroup(`orgUnit="HF-101" period="2026-01-01/P1M"`), "E ADX-026", "E ADX-026"},
		{root + group + kids, "E ADX-028", "W ADX-028"},
		{root + `<group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M"/></adx>`, "E ADX-028", "W ADX-028"},
		{root + group[:len(group)-1] + ` S="A">` + value + `</group>` + group[:len(group)-1] + ` S="B">` + value + kids, "", ""},
		{root + group + value + `</group>` + group + `<dataValue dataElement="X" value="1"/>` + kids, "W ADX-029", "W ADX-029"},
		{withGroup(`dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" completeDate="2026-02-04"`), "", ""},
		{withGroup(`dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" completeDate="2026-02-04T10:00:00"`), "", ""},
		{withGroup(`dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" completeDate="yes"`), "W ADX-034", "W ADX-034"},
		{withGroup(`dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" attributeOptionCombo="X" comment="y"`), "", ""},
		{withGroup(`dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" attributeOptionCombo="X" STRATEGY="FIXED"`), "W ADX-035", "W ADX-035"},
		{withGroup(`dataSet="EPI" orgUnit=" HF-101" period="2026-01-01/P1M"`), "W ADX-115", "W ADX-115"},

		// These are the rules of values.
		{in(`<dataValue value="1"/>`), "E ADX-040", "E ADX-040"},
		{in(`<dataValue dataElement="  " value="1"/>`), "E ADX-040", "E ADX-040"},
		{in(`<dataValue dataelement="BCG" value="1"/>`), "E ADX-056 E ADX-040", "E ADX-056 E ADX-040"},
		{in(`<dataValue dataElement="BCG"/>`), "E ADX-041", "E ADX-041"},
		{in(`<dataValue dataElement="BCG" Value="1"/>`), "E ADX-056 E ADX-041", "E ADX-056 E ADX-041"},
		{in(`<dataValue dataElement="BCG" value="-3.50"/>`), "", ""},
		{in(`<dataValue dataElement="BCG" value="1e3"/>`), "E ADX-042", "E ADX-042"},
		{in(`<dataValue dataElement="BCG" value="1,204"/>`), "E ADX-042", "E ADX-042"},
		{in(`<dataValue value="1 204"/>`), "E ADX-040 E ADX-042", "E ADX-040 E ADX-042"}, // all errors of the value are reported
		{in(`<dataValue dataElement="BCG" value="0"><annotation>late &amp; short</annotation></dataValue>`), "", ""},
		{in(`<dataValue dataElement="BCG" value="0"><annotation>a</annotation><annotation/></dataValue>`), "E ADX-047", "E ADX-047"},
		{in(`<dataValue dataElement="BCG" value="0"><annotation>a<b>c</b></annotation></dataValue>`), "W ADX-048", "W ADX-048"},
		{in(`<dataValue dataElement="BCG" value="0"><annotation xml:lang="fr">retard</annotation></dataValue>`), "W ADX-048", "W ADX-048"},
		{in(`<dataValue dataElement="A" SEX="F" value="1"/><dataValue dataElement="A" SEX="M" value="1"/>`), "", ""},
		{in(`<dataValue dataElement="A" SEX="F" AGE="1" value="1"/><dataValue AGE="1" dataElement="A" value="2" SEX="F"/>`), "E ADX-049", "E ADX-049"},
		{in(`<dataValue dataElement="A" SEX="F" comment="x" value="1"/><dataValue dataElement="A" SEX="F" value="1"/>`), "E ADX-049", "W ADX-049"},
		{in(`<dataValue dataElement="A" value="-20"/><dataValue dataElement="A" value="-020.0"/>`), "E ADX-049", "W ADX-049"}, // two spellings of one number
		{in(`<dataValue dataElement="A" value="20"/><dataValue dataElement="A" value="-20"/>`), "E ADX-049", "E ADX-049"},
		{in(`<dataValue dataElement="A" value="1"/><dataValue dataElement="A" default="default" value="2"/>`), "E ADX-049", "E ADX-049"},
		{in(`<dataValue dataElement="A" value="1"/><dataValue dataElement="A" default="other" value="2"/>`), "", ""},
		{in(`<dataValue dataElement="A" categoryOptionCombo="X" default="default" value="1"/>`), "", ""},
		{root + strings.Replace(group, "orgUnit", `attributeOptionCombo="X" default="default" orgUnit`, 1) + value + kids, "", ""},
		{in(`<dataValue dataElement="A" categoryOptionCombo="F" value="1"/><dataValue dataElement="A" categoryOptionCombo="M" value="2"/>`), "", ""},
		{in(`<dataValue dataElement="A" SEX="F" AGE="M" value="1"/><dataValue dataElement="A" SEX="M" AGE="F" value="2"/>`), "", ""},
		{root + group + value + `</group>` + group + value + kids, "W ADX-029 E ADX-049", "W ADX-029 W ADX-049"}, // the group continues
		{in(`<dataValue dataElement="BCG" orgUnit="HF-101" value="1"/>`), "W ADX-051", "W ADX-051"},
		{in(`<dataValue dataElement="BCG" orgUnit="HF-102" value="1"/>`), "E ADX-051", "E ADX-051"},
		{in(`<dataValue dataElement="BCG" period="2026-01-01Z/P1M" dataSet="EPI" value="1"/>`), "W ADX-051 W ADX-051", "W ADX-051 W ADX-051"},
		{in(`<dataValue dataElement="BCG" period="2026-02-01/P1M" value="1"/>`), "E ADX-051", "E ADX-051"},
		{in(`<dataValue dataElement="BCG" categoryOptionCombo="X" value="1" followup="true"/>`), "", ""},
		{in(`<dataValue dataElement="BCG" categoryOptionCombo="X" SEX="F" value="1"/>`), "W ADX-054", "W ADX-054"},
		{in(`<dataValue dataElement="A" xmlns:x="urn:x" x:SEX="F" SEX="M" value="1"/><dataValue dataElement="A" SEX="F" value="1"/>`), "", ""}, // rule ADX-055
		// In another default namespace the same tag has another meaning.
		{`<a:adx xmlns:a="` + adx.Namespace + `" xmlns="urn:x" exported="2026-02-05T08:15:00Z"><a:group xmlns="` + adx.Namespace + `" dataSet="D" orgUnit="1" period="2026-01-01/P1M">` + value +
			`</a:group><a:group dataSet="D" orgUnit="2" period="2026-01-01/P1M">` + value + `</a:group></a:adx>`, "E ADX-006", "E ADX-006"},
		{in(`<dataValue dataElement="A" value="1"/><dataValue dataElement="a" value="1"/>`), "", ""}, // codes are case-sensitive
		{in(`<dataValue dataElement="A" SEX="F " value="1"/>`), "W ADX-115", "W ADX-115"},
	}
	for _, tt := range tests {
		for _, tolerant := range []bool{false, true} {
			want := tt.strict
			if tolerant {
				want = tt.tolerant
			}
			found, groups := read(tt.doc, func(r *adx.Reader) { r.Tolerant = tolerant })
			if got := strings.Join(found, " "); got != want {
				t.Errorf("%s\ntolerant %v: got %q, want %q", tt.doc, tolerant, got, want)
			}
			if want == "" && len(groups) == 0 {
				t.Errorf("%s\nhas no groups", tt.doc)
			}
			// Without Reject the first error ends the stream.
			found, _ = read(tt.doc, func(r *adx.Reader) { r.Tolerant, r.Reject = tolerant, nil })
			first := want
			if i := strings.IndexAny(want, "EF"); i >= 0 {
				first = want[:i+len("E ADX-000")]
			}
			if got := strings.Join(found, " "); got != first {
				t.Errorf("%s\ntolerant %v, to the first error: got %q, want %q", tt.doc, tolerant, got, first)
			}
		}
	}
}

// Each row is a finding and its place, in a message of four lines whose third
// line is the value.
func TestReaderFindings(t *testing.T) {
	const (
		goodRoot  = `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">`
		goodGroup = ` <group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M">`
		goodValue = `  <dataValue dataElement="BCG" value="14"/>`
		end       = "</group></adx>"
	)
	tests := []struct{ root, group, value, want string }{
		{goodRoot, goodGroup, `  <!-- é --><dataValue dataElement="é" value="1" value="2"/>`, `adx: 3:50: group[1]: ADX-001: "value": the attribute is there twice`},
		{goodRoot, goodGroup, `  <dataValue dataElement="`, `adx: 4:1: group[1]: ADX-001: < in an attribute must be written &lt;`},
		{goodRoot, goodGroup, "  <dataValue dataElement='\xff'/>", `adx: 3:27: group[1]: ADX-002: byte 0xFF is not part of a character in UTF-8`},
		{"<!DOCTYPE adx>\x1b" + goodRoot, "", "", `adx: 1:1: ADX-003: "<!DOCTYPE adx>\x1b<adx xmlns=\"urn:ihe:qrph:adx:2015\" exported=\"": a DOCTYPE is not allowed`},
		{`<adx exported="">`, "", "", `adx: 1:1: ADX-004: "<adx>": want the root element adx in urn:ihe:qrph:adx:2015`},
		{`<adx xmlns="urn:x">`, "", "", `adx: 1:1: ADX-004: "<adx>": an element in the namespace "urn:x": want the root element adx in urn:ihe:qrph:adx:2015`},
		{goodRoot, goodGroup + goodValue + "</group></adx>", " done", `adx: 3:2: ADX-005: there is text after the root of line 1`},
		{goodRoot, goodGroup, `  <dataValue xmlns=""/>`, `adx: 3:3: group[1]: ADX-006: "<dataValue>": an element in the namespace "": want urn:ihe:qrph:adx:2015`},
		{goodRoot, goodGroup, `  n/a`, "adx: 3:3: group[1]: ADX-007: \"n/a\\n\": text is not allowed within group"},
		{goodRoot, goodGroup, `  <group/>`, `adx: 3:3: group[1]: ADX-008: "<group>": it has no place within group`},
		{goodRoot, goodGroup, `  <DataValue/>`, `adx: 3:3: group[1]: ADX-008: "<DataValue>": want dataValue`},
		{goodRoot, goodGroup, `  <created/>`, `adx: 3:3: group[1]: ADX-009: "<created>": an element that is not known within group`},
		{`<adx xmlns="urn:ihe:qrph:adx:2015">`, goodGroup, goodValue, `adx: 1:1: ADX-010: exported: it is missing`},
		{`<adx xmlns="urn:ihe:qrph:adx:2015" exported="05/02/2026">`, goodGroup, goodValue, `adx: 1:36: ADX-011: exported "05/02/2026": want a date and time such as 2026-02-05T08:15:00Z`},
		{goodRoot, "", "</adx>", `adx: 1:1: ADX-012: want at least one group`},
		{goodRoot, ` <group dataSet="EPI" period="2026-01-01/P1M">`, goodValue, `adx: 2:2: group[1]: ADX-020: orgUnit: it is missing`},
		{goodRoot, ` <group dataSet="EPI" orgUnit=" " period="2026-01-01/P1M">`, goodValue, `adx: 2:23: group[1]: ADX-020: orgUnit " ": it is blank`},
		{goodRoot, ` <group dataSet="EPI" orgUnit="HF-101">`, goodValue, `adx: 2:2: group[1]: ADX-021: period: it is missing`},
		{goodRoot, ` <group dataSet="EPI" orgUnit="HF-101" period="202601">`, goodValue, `adx: 2:40: group[1]: ADX-022: period "202601": want 2026-01-01/P1M in place of the DHIS2 period id`},
		{goodRoot, ` <group dataSet="EPI" orgUnit="HF-101" period="2026-01">`, goodValue, `adx: 2:40: group[1]: ADX-022: period "2026-01": want 2026-01-01/P1M in place of the DHIS2 period id`},
		{goodRoot, ` <group dataSet="EPI" orgUnit="HF-101" period="2026-02-29/P1D">`, goodValue, `adx: 2:40: group[1]: ADX-023: period "2026-02-29/P1D": want a day and time that exist`},
		{goodRoot, ` <group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P0D">`, goodValue, `adx: 2:40: group[1]: ADX-024: period "2026-01-01/P0D": want a duration longer than nothing`},
		{goodRoot, ` <group orgUnit="HF-101" period="2026-01-01/P1M">`, goodValue, `adx: 2:2: group[1]: ADX-026: dataSet: it is missing`},
		{goodRoot, goodGroup, ``, `adx: 2:2: group[1]: ADX-028: want at least one dataValue`},
		{goodRoot, goodGroup, goodValue + `</group>` + goodGroup, `adx: 3:53: group[2]: ADX-029: a group with the same key has been there before`},
		{goodRoot, ` <group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" completeDate="yes">`, goodValue, `adx: 2:64: group[1]: ADX-034: completeDate "yes": want a date such as 2026-02-04`},
		{goodRoot, ` <group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" S="A" attributeOptionCombo="X">`, goodValue, `adx: 2:70: group[1]: ADX-035: attributeOptionCombo "X": it stands beside dimensions of the group`},
		{goodRoot, goodGroup, `  <dataValue value="1"/>`, `adx: 3:3: group[1]/dataValue[1]: ADX-040: dataElement: it is missing`},
		{goodRoot, goodGroup, goodValue + `<dataValue dataElement="X"/>`, `adx: 3:44: group[1]/dataValue[2]: ADX-041: value: it is missing`},
		{goodRoot, goodGroup, `  <dataValue dataElement="BCG" value="1,204"/>`, `adx: 3:32: group[1]/dataValue[1]: ADX-042: value "1,204": want a decimal such as -3.50`},
		{goodRoot, goodGroup, `  <dataValue dataElement="BCG" value="0"><annotation/><annotation/></dataValue>`, `adx: 3:55: group[1]/dataValue[1]: ADX-047: "<annotation>": want at most one annotation`},
		{goodRoot, goodGroup, `  <dataValue dataElement="BCG" value="0"><annotation>a<b/></annotation></dataValue>`, `adx: 3:55: group[1]/dataValue[1]: ADX-048: "<b>": an annotation holds only text`},
		{goodRoot, goodGroup, goodValue + goodValue, `adx: 3:46: group[1]/dataValue[2]: ADX-049: dataElement "BCG": the same value has been there before`},
		{goodRoot, goodGroup, goodValue + `<dataValue dataElement="BCG" value="15"/>`, `adx: 3:44: group[1]/dataValue[2]: ADX-049: dataElement "BCG": another value with the same key has been there before`},
		{goodRoot, goodGroup, `  <dataValue dataElement="BCG" orgUnit="HF-101" value="1"/>`, `adx: 3:32: group[1]/dataValue[1]: ADX-051: orgUnit "HF-101": it belongs on the group`},
		{goodRoot, goodGroup, `  <dataValue dataElement="BCG" orgUnit="HF-102" value="1"/>`, `adx: 3:32: group[1]/dataValue[1]: ADX-051: orgUnit "HF-102": it differs from the group: want "HF-101"`},
		{goodRoot, goodGroup, `  <dataValue dataElement="BCG" SEX="F" categoryOptionCombo="X" value="1"/>`, `adx: 3:40: group[1]/dataValue[1]: ADX-054: categoryOptionCombo "X": it stands beside dimensions of the value`},
		{goodRoot, goodGroup, `  <dataValue dataelement="BCG" value="1"/>`, `adx: 3:14: group[1]/dataValue[1]: ADX-056: dataelement: want dataElement`},
		{goodRoot, goodGroup, `  <dataValue dataElement="BCG " value="1"/>`, `adx: 3:14: group[1]/dataValue[1]: ADX-115: dataElement "BCG ": want the code without superfluous blanks`},
		{goodRoot, goodGroup, `  <dataValue dataElement="BCG" value="` + strings.Repeat("9", 1001) + `"/>`, `adx: 3:32: group[1]/dataValue[1]: ADX-162: value: the value has more than 1000 digits`},
	}
	for _, tt := range tests {
		got := ""
		note := func(f adx.Finding) {
			if got == "" {
				got = f.Error()
			}
		}
		r := adx.NewReader(strings.NewReader(strings.Join([]string{tt.root, tt.group, tt.value, end}, "\n")))
		r.Warn, r.Reject = note, note
		for _, err := range r.Groups() {
			if err != nil {
				note(*err.(*adx.Finding))
			}
		}
		if got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.value, got, tt.want)
		}
	}
}
