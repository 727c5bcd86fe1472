package adx_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/stretchr/testify/require"
)

const (
	root  = `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">`
	group = `<group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M">`
	value = `<dataValue dataElement="BCG" value="14"/>`
)

// in returns a message with these values in one group.
func in(values string) string { return root + group + values + `</group></adx>` }

// withGroup returns a message whose group has these attributes, and one value.
func withGroup(attrs string) string { return root + `<group ` + attrs + `>` + value + `</group></adx>` }

// read reads a message that collects all errors, and returns what was found as
// words such as "E ADX-042", and the groups.
func read(doc string, set func(*adx.Reader)) (found []string, groups []adx.Group) {
	r := adx.NewReader(strings.NewReader(doc))
	r.Found = func(f adx.Finding) { found = append(found, "W "+f.Rule) }
	r.Reject = func(f adx.Finding) { found = append(found, "E "+f.Rule) }
	if set != nil {
		set(r)
	}
	for g, err := range r.Groups() {
		if err != nil {
			letter := "F "
			if err.(*adx.Finding).Severity != hmis.Critical {
				letter = "E "
			}
			found = append(found, letter+err.(*adx.Finding).Rule)
			break
		}
		groups = append(groups, g)
	}
	return found, groups
}

// Every rule that a Reader knows: what it says of a message in strict and in
// tolerant reading, where F ends the stream, E is an error and W a warning.
func TestReaderRules(t *testing.T) {
	const kids = "</group></adx>"
	tests := []struct {
		doc              string
		strict, tolerant string
	}{
		{in(value), "", ""},

		// Document.
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

		// Group.
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

		// Value.
		{in(`<dataValue value="1"/>`), "E ADX-040", "E ADX-040"},
		{in(`<dataValue dataElement="  " value="1"/>`), "E ADX-040", "E ADX-040"},
		{in(`<dataValue dataelement="BCG" value="1"/>`), "E ADX-056 E ADX-040", "E ADX-056 E ADX-040"},
		{in(`<dataValue dataElement="BCG"/>`), "E ADX-041", "E ADX-041"},
		{in(`<dataValue dataElement="BCG" Value="1"/>`), "E ADX-056 E ADX-041", "E ADX-056 E ADX-041"},
		{in(`<dataValue dataElement="BCG" value="-3.50"/>`), "", ""},
		{in(`<dataValue dataElement="BCG" value="1e3"/>`), "E ADX-042", "E ADX-042"},
		{in(`<dataValue dataElement="BCG" value="1,204"/>`), "E ADX-042", "E ADX-042"},
		{in(`<dataValue value="1 204"/>`), "E ADX-040 E ADX-042", "E ADX-040 E ADX-042"}, // all that is wrong
		{in(`<dataValue dataElement="BCG" value="0"><annotation>late &amp; short</annotation></dataValue>`), "", ""},
		{in(`<dataValue dataElement="BCG" value="0"><annotation>a</annotation><annotation/></dataValue>`), "E ADX-047", "E ADX-047"},
		{in(`<dataValue dataElement="BCG" value="0"><annotation>a<b>c</b></annotation></dataValue>`), "W ADX-048", "W ADX-048"},
		{in(`<dataValue dataElement="A" SEX="F" value="1"/><dataValue dataElement="A" SEX="M" value="1"/>`), "", ""},
		{in(`<dataValue dataElement="A" SEX="F" AGE="1" value="1"/><dataValue AGE="1" dataElement="A" value="2" SEX="F"/>`), "E ADX-049", "E ADX-049"},
		{in(`<dataValue dataElement="A" SEX="F" comment="x" value="1"/><dataValue dataElement="A" SEX="F" value="1"/>`), "E ADX-049", "W ADX-049"},
		{in(`<dataValue dataElement="A" categoryOptionCombo="F" value="1"/><dataValue dataElement="A" categoryOptionCombo="M" value="2"/>`), "", ""},
		{in(`<dataValue dataElement="A" SEX="F" AGE="M" value="1"/><dataValue dataElement="A" SEX="M" AGE="F" value="2"/>`), "", ""},
		{root + group + value + `</group>` + group + value + kids, "W ADX-029 E ADX-049", "W ADX-029 W ADX-049"}, // the group goes on
		{in(`<dataValue dataElement="BCG" orgUnit="HF-101" value="1"/>`), "W ADX-051", "W ADX-051"},
		{in(`<dataValue dataElement="BCG" orgUnit="HF-102" value="1"/>`), "E ADX-051", "E ADX-051"},
		{in(`<dataValue dataElement="BCG" period="2026-01-01Z/P1M" dataSet="EPI" value="1"/>`), "W ADX-051 W ADX-051", "W ADX-051 W ADX-051"},
		{in(`<dataValue dataElement="BCG" period="2026-02-01/P1M" value="1"/>`), "E ADX-051", "E ADX-051"},
		{in(`<dataValue dataElement="BCG" categoryOptionCombo="X" value="1" followup="true"/>`), "", ""},
		{in(`<dataValue dataElement="BCG" categoryOptionCombo="X" SEX="F" value="1"/>`), "W ADX-054", "W ADX-054"},
		{in(`<dataValue dataElement="A" xmlns:x="urn:x" x:SEX="F" SEX="M" value="1"/><dataValue dataElement="A" SEX="F" value="1"/>`), "", ""}, // ADX-055
		{in(`<dataValue dataElement="A" value="1"/><dataValue dataElement="a" value="1"/>`), "", ""},                                           // codes are case-sensitive
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

// What findings say, and where: each on a message of four lines of which the third is
// the value.
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
		{"<!DOCTYPE adx>\x1b" + goodRoot, "", "", `adx: 1:1: adx: ADX-003: "<!DOCTYPE adx>\x1b<adx xmlns=\"urn:ihe:qrph:adx:2015\" exported=\"": a DOCTYPE is not allowed`},
		{`<adx exported="">`, "", "", `adx: 1:1: adx: ADX-004: "<adx>": want the root element adx in urn:ihe:qrph:adx:2015`},
		{`<adx xmlns="urn:x">`, "", "", `adx: 1:1: adx: ADX-004: "<adx>": an element in the namespace "urn:x": want the root element adx in urn:ihe:qrph:adx:2015`},
		{goodRoot, goodGroup + goodValue + "</group></adx>", " done", `adx: 3:2: adx: ADX-005: there is text after the root of line 1`},
		{goodRoot, goodGroup, `  <dataValue xmlns=""/>`, `adx: 3:3: group[1]: ADX-006: "<dataValue>": an element in the namespace "": want urn:ihe:qrph:adx:2015`},
		{goodRoot, goodGroup, `  n/a`, "adx: 3:3: group[1]: ADX-007: \"n/a\\n\": text is not allowed within group"},
		{goodRoot, goodGroup, `  <group/>`, `adx: 3:3: group[1]: ADX-008: "<group>": it has no place within group`},
		{goodRoot, goodGroup, `  <DataValue/>`, `adx: 3:3: group[1]: ADX-008: "<DataValue>": want dataValue`},
		{goodRoot, goodGroup, `  <created/>`, `adx: 3:3: group[1]: ADX-009: "<created>": an element that is not known within group`},
		{`<adx xmlns="urn:ihe:qrph:adx:2015">`, goodGroup, goodValue, `adx: 1:1: adx: ADX-010: exported: it is missing`},
		{`<adx xmlns="urn:ihe:qrph:adx:2015" exported="05/02/2026">`, goodGroup, goodValue, `adx: 1:36: adx: ADX-011: exported "05/02/2026": want a date and time such as 2026-02-05T08:15:00Z`},
		{goodRoot, "", "</adx>", `adx: 3:1: adx: ADX-012: want at least one group`},
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
		r.Found, r.Reject = note, note
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

func TestReaderOptions(t *testing.T) {
	none := strings.Replace(in(value), ` xmlns="urn:ihe:qrph:adx:2015"`, "", 1)
	found, groups := read(none, func(r *adx.Reader) { r.Unqualified = true })
	require.Equal(t, []string{"W ADX-004"}, found)
	require.Len(t, groups, 1)

	found, groups = read(withGroup(`orgUnit="HF-101" period="2026-01-01/P1M"`), func(r *adx.Reader) { r.Edition = 2015 })
	require.Empty(t, found)
	require.Equal(t, "", groups[0].DataSet)

	found, _ = read(in(value), func(r *adx.Reader) { r.Edition = 2016 })
	require.Equal(t, []string{"F "}, found)

	apart := root + group + value + `</group><group dataSet="EPI" orgUnit="HF-102" period="2026-01-01/P1M">` + value + `</group>` + group + value + `</group></adx>`
	found, _ = read(apart, nil)
	require.Equal(t, []string{"W ADX-029"}, found)
	found, _ = read(apart, func(r *adx.Reader) { r.Unique = true })
	require.Equal(t, []string{"W ADX-029", "E ADX-049"}, found)
	found, _ = read(apart, func(r *adx.Reader) { r.Unique, r.Limits.Keys = true, 1 })
	require.Equal(t, []string{"W ADX-049", "W ADX-029", "E ADX-049"}, found) // the first value is still known
}

func TestReaderLimits(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	tests := []struct {
		doc, want string
		set       func(*adx.Reader)
	}{
		{withGroup(`dataSet="EPI" orgUnit="` + strings.Repeat("x", 65_536) + `" period="2026-01-01/P1M"`), "", nil},
		{withGroup(`dataSet="EPI" orgUnit="` + strings.Repeat("x", 65_537) + `" period="2026-01-01/P1M"`), "F ADX-160", nil},
		{in(`<dataValue dataElement="A" value="0"><annotation>` + strings.Repeat("x", 65_537) + `</annotation></dataValue>`), "F ADX-160", nil},
		{in(`<dataValue dataElement="A" value="0"><annotation>` + strings.Repeat("x<!---->", 65_537) + `</annotation></dataValue>`), "F ADX-160", nil},
		{in(`<dataValue dataElement="A" value="0"` + many(254, ` a%d=""`) + `/>`), "", nil},
		{in(`<dataValue dataElement="A" value="0"` + many(255, ` a%d=""`) + `/>`), "F ADX-161", nil},
		{in(`<dataValue dataElement="A" value="` + strings.Repeat("1", 1000) + `"/>`), "", nil},
		{in(`<dataValue dataElement="A" value="` + strings.Repeat("1", 1001) + `"/>`), "F ADX-162", nil},
		{in(`<dataValue dataElement="A" value="` + strings.Repeat("1", 1001) + `"/>`), "", func(r *adx.Reader) { r.Limits.Digits = -1 }},
		{root + strings.Repeat("<x>", 20_000), "W ADX-009 F ADX-163", func(r *adx.Reader) { r.Tolerant = true }},
		{in(value), "F ADX-164", func(r *adx.Reader) { r.Limits.Bytes = int64(len(in(value)) - 1) }},
		{in(value), "", func(r *adx.Reader) { r.Limits.Bytes = int64(len(in(value))) }},
		{in(many(3, `<dataValue dataElement="A%d" value="0"/>`)), "F ADX-164", func(r *adx.Reader) { r.Limits.Values = 2 }},
		{in(many(3, `<dataValue dataElement="A%d" value="0"/>`)), "F ADX-164", func(r *adx.Reader) { r.Limits.Group = 2 }},
		{in(many(3, `<dataValue dataElement="A%d" value="0"/>`)), "F ADX-164", func(r *adx.Reader) { r.Limits.Memory = 200 }},
	}
	for _, tt := range tests {
		found, _ := read(tt.doc, tt.set)
		if got := strings.Join(found, " "); got != tt.want {
			t.Errorf("%.200s: got %q, want %q", tt.doc, got, tt.want)
		}
	}
	found, groups := read(in(many(2000, `<dataValue dataElement="A%d" value="x"/>`)+value), nil)
	require.Len(t, found, 1001)
	require.Equal(t, "W ADX-165", found[1000])
	require.Len(t, groups, 1)
	require.Len(t, groups[0].Rejected, 2000)
}

func TestReaderGroups(t *testing.T) {
	doc := "\ufeff" + `<?xml version="1.0" encoding="utf-8"?>
<a:adx xmlns:a="urn:ihe:qrph:adx:2015" xmlns:x="urn:x" batch="7" exported="2026-02-05T08:15:00.50+03:00" x:by="me">
  <a:group period='2026-01-01/P1M' STRATEGY="FIXED" orgUnit="HF-101" dataSet="EPI" completeDate="2026-02-04">
    <a:dataValue value="007.0" dataElement="BCG" note="a&#9;b" x:SEX="F"/>
    <a:dataValue dataElement="NOTE" value=" 0 "><a:annotation> Fridge &lt; 2 °C
<![CDATA[& more]]> </a:annotation></a:dataValue>
    <a:dataValue dataElement="EMPTY" value="0"><a:annotation/></a:dataValue>
    <a:dataValue dataElement="BAD" value="x"/>
  </a:group>
</a:adx>`
	note, empty := " Fridge < 2 °C\n& more ", ""
	period, err := adx.ParseTimeRange("2026-01-01/P1M")
	require.NoError(t, err)
	want := []adx.Group{{
		DataSet: "EPI", OrgUnit: "HF-101", Period: period, Line: 3, Column: 3, Rejected: []int{4}, Number: 1,
		Attrs: []adx.Attr{{Name: "STRATEGY", Value: "FIXED"}, {Name: "completeDate", Value: "2026-02-04"}},
		Values: []adx.Value{
			{DataElement: "BCG", Value: "007.0", Attrs: []adx.Attr{{Name: "note", Value: "a b"}, {Space: "urn:x", Name: "SEX", Value: "F"}}, Line: 4, Column: 5},
			{DataElement: "NOTE", Value: "0", Annotation: &note, Line: 5, Column: 5},
			{DataElement: "EMPTY", Value: "0", Annotation: &empty, Line: 7, Column: 5},
		},
	}}
	for _, source := range []io.Reader{strings.NewReader(doc), iotest.OneByteReader(strings.NewReader(doc))} {
		r := adx.NewReader(source)
		r.Reject = func(adx.Finding) {}
		var got []adx.Group
		for g, err := range r.Groups() {
			require.NoError(t, err)
			got = append(got, g)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		wantHeader := adx.Header{
			Exported:     time.Date(2026, 2, 5, 5, 15, 0, 5e8, time.UTC),
			ExportedText: "2026-02-05T08:15:00.50+03:00",
			Attrs:        []adx.Attr{{Name: "batch", Value: "7"}, {Space: "urn:x", Name: "by", Value: "me"}},
		}
		if diff := cmp.Diff(wantHeader, r.Header()); diff != "" {
			t.Error(diff)
		}
		groups, values, rejected := r.Counts()
		require.Equal(t, []int64{1, 4, 1}, []int64{int64(groups), values, rejected})
	}
}

func TestReaderOnce(t *testing.T) {
	r := adx.NewReader(strings.NewReader(in(value)))
	for _, err := range r.Groups() {
		require.NoError(t, err)
		break // is fine
	}
	for _, err := range r.Groups() {
		require.ErrorContains(t, err, "the message has been read already")
	}
}

func TestReaderBrokenInput(t *testing.T) {
	broken := errors.New("the cable is cut")
	r := adx.NewReader(io.MultiReader(strings.NewReader(root+group+value), iotest.ErrReader(broken)))
	for _, err := range r.Groups() {
		require.ErrorIs(t, err, broken)
		require.EqualError(t, err, fmt.Sprintf("adx: 1:%d: group[1]: the input cannot be read: the cable is cut", len(root+group+value)+1))
	}
}

// The samples shared between the implementers of the specification; their index
// says what each is.
func TestReaderSamples(t *testing.T) {
	all := sampleFiles(t, "*.xml")
	verdicts := map[string]struct {
		found          string // the rules, once each
		edition        int
		groups, values int
	}{
		"made-up-epi-data.xml":                  {"", 2017, 3, 10},
		"ihe2017-data-malaria.xml":              {"", 2017, 2, 13},
		"ihe-covid19-data.xml":                  {"ADX-010", 2017, 1, 175},
		"dhis2-data-sample2.xml":                {"", 2015, 2, 13},
		"dhis2-exportA.adx.xml":                 {"ADX-010", 2017, 2, 2},
		"dhis2-exportC.adx.xml":                 {"ADX-010", 2017, 4, 4},
		"dhis2-importA.adx.xml":                 {"ADX-010", 2017, 5, 9},
		"dhis2-importC.adx.xml":                 {"ADX-010", 2017, 5, 9},
		"dhis2-importDates.adx.xml":             {"ADX-010 ADX-009", 2017, 1, 1},
		"pre2015-dataValueSet-period-outer.xml": {"ADX-004", 2017, 0, 0},
	}
	for _, file := range all {
		doc, err := os.ReadFile(file)
		require.NoError(t, err)
		found, _ := read(string(doc), func(r *adx.Reader) { r.Tolerant = true })
		want, known := verdicts[filepath.Base(file)]
		if !known {
			if strings.Contains(file, "dsd") || strings.Contains(file, "concepts") {
				require.Equal(t, []string{"F ADX-004"}, found, file) // a definition is no message
			}
			continue // a sample of later: it was read, and nothing panicked
		}
		found, groups := read(string(doc), func(r *adx.Reader) { r.Tolerant, r.Edition = true, want.edition })
		var rules []string
		for _, f := range found {
			if rule := f[2:]; !strings.Contains(strings.Join(rules, " "), rule) {
				rules = append(rules, rule)
			}
		}
		values := 0
		for _, g := range groups {
			values += len(g.Values)
		}
		if strings.Join(rules, " ") != want.found || len(groups) != want.groups || values != want.values {
			t.Errorf("%s: %v, %d groups, %d values; want %q, %d, %d", file, found, len(groups), values, want.found, want.groups, want.values)
		}
	}
	doc, err := os.ReadFile(filepath.Join(filepath.Dir(all[0]), "dhis2-data-sample2.xml"))
	require.NoError(t, err)
	found, _ := read(string(doc), nil)
	require.Equal(t, []string{"E ADX-026", "E ADX-026"}, found)
}

// What must happen with each malformed sample, in the default tolerance.
func TestReaderBadSamples(t *testing.T) {
	sampleFiles(t, "bad/*.xml")
	tests := []struct {
		file, want string // position, path and rule
		values     int
	}{
		{"s01-truncated-end-tag.xml", "5:8: group[1]: ADX-001", 0},
		{"s02-mismatched-end-tag.xml", "5:3: group[1]: ADX-001", 0},
		{"s03-element-wrong-case.xml", "4:5: group[1]: ADX-008", 0},
		{"s04-unescaped-ampersand.xml", "4:63: group[1]/dataValue[1]: ADX-001", 0},
		{"s05-attribute-name-starts-with-digit.xml", "4:37: group[1]: ADX-001", 0},
		{"s06-xml-1.1.xml", "1:1: adx: ADX-001", 0},
		{"s07-value-word.xml", "4:34: group[1]/dataValue[1]: ADX-042", 0},
		{"s08-period-dhis2-iso.xml", "3:49: group[1]: ADX-022", 0},
		{"s09-exported-missing.xml", "2:1: adx: ADX-010", 1},
		{"s10-exported-date-only.xml", "2:36: adx: ADX-011", 1},
		{"s11-unterminated-comment.xml", "5:3: group[1]: ADX-001", 0},
		{"s12-internal-entity.xml", "2:1: adx: ADX-003", 0},
		{"s13-outer-dimension-on-datavalue.xml", "", 1},
		{"s14-unknown-orgunit.xml", "", 1},
		{"s15-gzip-bytes.xml", "1:1: adx: ADX-002", 0},
	}
	for _, tt := range tests {
		doc, err := os.ReadFile(filepath.Join(samples, "bad", tt.file))
		require.NoError(t, err)
		got, values := "", 0
		note := func(f adx.Finding) { got += f.Error() }
		r := adx.NewReader(bytes.NewReader(doc))
		r.Tolerant, r.Found, r.Reject = true, note, note
		for g, err := range r.Groups() {
			if err != nil {
				note(*err.(*adx.Finding))
			}
			values += len(g.Values)
		}
		if tt.want == "" && got != "" || !strings.HasPrefix(got, strings.TrimSuffix("adx: "+tt.want, "adx: ")) || values != tt.values {
			t.Errorf("%s: %d values, %s\nwant %d values, adx: %s", tt.file, values, got, tt.values, tt.want)
		}
	}
	packed, err := os.Open(filepath.Join(samples, "bad", "s15-gzip-bytes.xml"))
	require.NoError(t, err)
	defer packed.Close()
	expanded, err := gzip.NewReader(packed)
	require.NoError(t, err)
	doc, err := io.ReadAll(expanded)
	require.NoError(t, err)
	_, groups := read(string(doc), nil)
	require.Equal(t, "BCG=14", groups[0].Values[0].DataElement+"="+groups[0].Values[0].Value)
}

const samples = "../../shared/samples/adx"

// sampleNames returns the shared samples, none if they are not there.
func sampleNames(pattern string) []string {
	files, err := filepath.Glob(filepath.Join(samples, pattern))
	if err != nil {
		panic(err) // the pattern is wrong
	}
	return files
}

func sampleFiles(t *testing.T, pattern string) []string {
	files := sampleNames(pattern)
	if len(files) == 0 {
		t.Skip("the shared samples are not there")
	}
	return files
}

// ignorePlace compares groups without where they were read.
var ignorePlace = cmp.Options{
	cmpopts.IgnoreFields(adx.Group{}, "Number", "Line", "Column"),
	cmpopts.IgnoreFields(adx.Value{}, "Line", "Column"),
	cmp.Comparer(func(a, b adx.TimeRange) bool { return a == b }),
}

// readFile reads a file tolerantly.
func readFile(t *testing.T, name string) (*adx.Reader, []adx.Group) {
	t.Helper()
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	r := adx.NewReader(f)
	r.Tolerant = true
	r.Reject = func(adx.Finding) {}
	var groups []adx.Group
	for g, err := range r.Groups() {
		if err != nil {
			break
		}
		groups = append(groups, g)
	}
	return r, groups
}
