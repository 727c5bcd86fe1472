package adx_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

var (
	january  = adx.TimeRangeOf(period.MustParse("202601"))
	exported = time.Date(2026, 2, 5, 8, 15, 0, 0, time.UTC)
)

func text(s string) *string { return &s }

// write returns a message with these groups.
func write(t *testing.T, set func(*adx.Writer), groups ...adx.Group) (string, error) {
	t.Helper()
	var b bytes.Buffer
	w := adx.NewWriter(&b)
	w.Header.Exported = exported
	if set != nil {
		set(w)
	}
	for _, g := range groups {
		if err := w.Write(g); err != nil {
			require.Equal(t, err, w.Write(g), "the error stays")
			require.Equal(t, err, w.Close(), "the error stays")
			return b.String(), err
		}
	}
	err := w.Close()
	return b.String(), err
}

// The order of attributes does not change the message (RULES.md#writing).
func TestWriter(t *testing.T) {
	doc, err := write(t, func(w *adx.Writer) {
		w.Indent = "  "
		w.Header.Attrs = []adx.Attr{
			{Space: "http://www.w3.org/2001/XMLSchema-instance", Name: "schemaLocation", Value: "urn:ihe:qrph:adx:2015 adx.xsd"},
			{Name: "batch", Value: "7"},
		}
	}, adx.Group{
		DataSet: "EPI", OrgUnit: "HF-101", Period: january,
		Attrs: []adx.Attr{{Name: "completeDate", Value: "2026-02-04"}, {Name: "STRATEGY", Value: "FIXED"}, {Name: "MECH", Value: "A & B"}, {Name: "comment", Value: "x"}},
		Values: []adx.Value{
			{DataElement: "BCG", Value: "14"},
			{DataElement: "PENTA3", Value: "2.0", Attrs: []adx.Attr{{Name: "followup", Value: "true"}, {Name: "SEX", Value: `"F"`}, {Space: "urn:x", Name: "b", Value: "<2>\t\r\n"}, {Space: "urn:x", Name: "a", Value: "1"}, {Space: "urn:y", Name: "a", Value: "é"}}},
			{DataElement: "NOTE", Value: "0", Annotation: text("Fridge < 2 °C & \"more\"\r\n\t]]>")},
			{DataElement: "EMPTY", Value: "0", Annotation: text("")},
		},
	})
	require.NoError(t, err)
	require.Equal(t, `<?xml version="1.0" encoding="UTF-8"?>
<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z" batch="7" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:ihe:qrph:adx:2015 adx.xsd">
  <group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" STRATEGY="FIXED" MECH="A &amp; B" comment="x" completeDate="2026-02-04">
    <dataValue dataElement="BCG" value="14"/>
    <dataValue dataElement="PENTA3" SEX="&quot;F&quot;" value="2.0" followup="true" xmlns:ns1="urn:x" ns1:a="1" ns1:b="&lt;2&gt;&#9;&#13;&#10;" xmlns:ns2="urn:y" ns2:a="é"/>
    <dataValue dataElement="NOTE" value="0">
      <annotation>Fridge &lt; 2 °C &amp; "more"&#13;
	]]&gt;</annotation>
    </dataValue>
    <dataValue dataElement="EMPTY" value="0">
      <annotation></annotation>
    </dataValue>
  </group>
</adx>
`, doc)
}

// Each row is a group that a Writer refuses, with the error (RULES.md#writing).
func TestWriterRefuses(t *testing.T) {
	good := adx.Value{DataElement: "BCG", Value: "1"}
	group := func(change func(*adx.Group)) adx.Group {
		g := adx.Group{DataSet: "EPI", OrgUnit: "HF-101", Period: january, Values: []adx.Value{good}}
		change(&g)
		return g
	}
	values := func(v ...adx.Value) adx.Group { return group(func(g *adx.Group) { g.Values = v }) }
	attr := func(a ...adx.Attr) adx.Group {
		return values(good, adx.Value{DataElement: "X", Value: "1", Attrs: a})
	}
	tests := []struct {
		group adx.Group
		err   string
	}{
		{group(func(g *adx.Group) { g.OrgUnit = "" }), `adx: group[1]: ADX-020: orgUnit: it is missing`},
		{group(func(g *adx.Group) { g.OrgUnit = " \t" }), `adx: group[1]: ADX-020: orgUnit: it is missing`},
		{group(func(g *adx.Group) { g.DataSet = "" }), `adx: group[1]: ADX-026: dataSet: it is missing`},
		{group(func(g *adx.Group) { g.Period = adx.TimeRange{} }), `adx: group[1]: ADX-021: period: it is missing`},
		{group(func(g *adx.Group) { g.Values = nil }), `adx: group[1]: ADX-028: want at least one value`},
		{group(func(g *adx.Group) { g.OrgUnit = "a\x00" }), `adx: group[1]: ADX-001: orgUnit "\x00": XML cannot carry this character`},
		{group(func(g *adx.Group) { g.OrgUnit = "a\xff" }), `adx: group[1]: ADX-001: orgUnit "\xff": XML cannot carry this character`},
		{group(func(g *adx.Group) { g.OrgUnit = "a\uffff" }), `adx: group[1]: ADX-001: orgUnit "\uffff": XML cannot carry this character`},
		{group(func(g *adx.Group) { g.Attrs = []adx.Attr{{Name: "period", Value: "x"}} }), `adx: group[1]: ADX-114: period: the profile has an attribute of this name`},
		{values(good, adx.Value{Value: "1"}), `adx: group[1]/dataValue[2]: ADX-040: dataElement: it is missing`},
		{values(adx.Value{DataElement: "BCG"}), `adx: group[1]/dataValue[1]: ADX-042: value: want a decimal such as -3.50`},
		{values(adx.Value{DataElement: "BCG", Value: "1e3"}), `adx: group[1]/dataValue[1]: ADX-042: value "1e3": want a decimal such as -3.50`},
		{values(adx.Value{DataElement: "BCG", Value: "0", Annotation: text("a\x1b[0m")}), `adx: group[1]/dataValue[1]: ADX-001: annotation "\x1b": XML cannot carry this character`},
		{values(good, good), `adx: group[1]/dataValue[2]: ADX-049: dataElement "BCG": a value with the same key has been written before`},
		{values(good, adx.Value{DataElement: "BCG", Value: "2", Attrs: []adx.Attr{{Name: "default", Value: "default"}}}),
			`adx: group[1]/dataValue[2]: ADX-049: dataElement "BCG": a value with the same key has been written before`},
		{attr(adx.Attr{Name: "value", Value: "1"}), `adx: group[1]/dataValue[2]: ADX-114: value: the profile has an attribute of this name`},
		{attr(adx.Attr{Name: "orgUnit", Value: "1"}), `adx: group[1]/dataValue[2]: ADX-114: orgUnit: the profile has an attribute of this name`},
		{attr(adx.Attr{Name: "5ANDOVER", Value: "1"}), `adx: group[1]/dataValue[2]: ADX-114: 5ANDOVER: want a name that XML allows for an attribute`},
		{attr(adx.Attr{Name: "Age group", Value: "1"}), `adx: group[1]/dataValue[2]: ADX-114: Age group: want a name that XML allows for an attribute`},
		{attr(adx.Attr{Name: "a:b", Value: "1"}), `adx: group[1]/dataValue[2]: ADX-114: a:b: want a name that XML allows for an attribute`},
		{attr(adx.Attr{Name: "xmlns", Value: "u"}), `adx: group[1]/dataValue[2]: ADX-114: xmlns: want a name that XML allows for an attribute`},
		{attr(adx.Attr{Name: "XmlSex", Value: "u"}), `adx: group[1]/dataValue[2]: ADX-114: XmlSex: want a name that XML allows for an attribute`},
		{attr(adx.Attr{Name: "", Value: "u"}), `adx: group[1]/dataValue[2]: ADX-114: want a name that XML allows for an attribute`},
		{attr(adx.Attr{Name: "SEX", Value: "F"}, adx.Attr{Name: "SEX", Value: "F"}), `adx: group[1]/dataValue[2]: ADX-001: SEX: it is there twice`},
		{attr(adx.Attr{Name: "SEX", Value: " "}), `adx: group[1]/dataValue[2]: ADX-115: SEX " ": want a code`},
		{attr(adx.Attr{Space: "http://www.w3.org/2000/xmlns/", Name: "a", Value: "u"}), `adx: group[1]/dataValue[2]: ADX-001: a "http://www.w3.org/2000/xmlns/": this namespace cannot be used`},
	}
	for _, tt := range tests {
		doc, err := write(t, nil, tt.group)
		require.EqualError(t, err, tt.err)
		require.Empty(t, doc)
	}

	_, err := write(t, nil)
	require.EqualError(t, err, "adx: ADX-012: want at least one group")
	_, err = write(t, func(w *adx.Writer) { w.Header.Exported = time.Time{} }, values(good))
	require.EqualError(t, err, "adx: ADX-010: exported: want a time in Header.Exported")
	_, err = write(t, func(w *adx.Writer) { w.Indent = "--" }, values(good))
	require.EqualError(t, err, `adx: "--": want an indent of blanks or tabs`)
	_, err = write(t, func(w *adx.Writer) { w.Header.Attrs = []adx.Attr{{Name: "exported", Value: "x"}} }, values(good))
	require.EqualError(t, err, `adx: ADX-114: exported: the profile has an attribute of this name`)
	doc, err := write(t, nil, values(good), values())
	require.EqualError(t, err, "adx: group[2]: ADX-028: want at least one value")
	require.True(t, strings.HasSuffix(doc, "</group>"), "cut off visibly: %s", doc)
}

func TestWriterOptions(t *testing.T) {
	g := adx.Group{OrgUnit: "HF-101", Period: january, Values: []adx.Value{{DataElement: "BCG", Value: "1"}}}
	doc, err := write(t, func(w *adx.Writer) { w.Edition, w.Undated = 2015, true }, g)
	require.NoError(t, err)
	require.Equal(t, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+
		`<adx xmlns="urn:ihe:qrph:adx:2015"><group orgUnit="HF-101" period="2026-01-01/P1M"><dataValue dataElement="BCG" value="1"/></group></adx>`+"\n", doc)

	g.DataSet = "EPI"
	for said, want := range map[string]string{
		"2026-02-05T11:15:00.0+03:00": "2026-02-05T11:15:00.0+03:00",
		"2026-02-05":                  "2026-02-05T08:15:00Z",
		"2026-02-05T11:15:01Z":        "2026-02-05T08:15:00Z", // it means another time than Exported
	} {
		doc, err := write(t, func(w *adx.Writer) { w.Header.ExportedText = said }, g)
		require.NoError(t, err)
		require.Contains(t, doc, `exported="`+want+`"`)
	}
	var b bytes.Buffer
	w := adx.NewWriter(&b) // Exported is the present time
	require.NoError(t, w.Write(g))
	require.NoError(t, w.Close())
	require.NoError(t, w.Close())
	require.ErrorContains(t, w.Write(g), "write after close")
}

// A Writer refuses values with the same key just as a Reader does: in a group
// and those that continue it, or in the whole message.
func TestWriterRepeatedKeys(t *testing.T) {
	group := func(unit, period, strategy, element string) adx.Group {
		r, err := adx.ParseTimeRange(period)
		require.NoError(t, err)
		return adx.Group{
			DataSet: "EPI", OrgUnit: unit, Period: r, Attrs: []adx.Attr{{Name: "STRATEGY", Value: strategy}, {Name: "comment", Value: element}},
			Values: []adx.Value{{DataElement: element, Value: "1", Attrs: []adx.Attr{{Name: "SEX", Value: "F"}, {Name: "AGE", Value: "1"}}}},
		}
	}
	first := group("A", "2026-01-01/P1Y", "FIXED", "BCG")
	swapped := group("A", "2026-01-01/P12M", "FIXED", "BCG") // it is the same interval
	swapped.Values[0].Attrs = []adx.Attr{{Name: "AGE", Value: "1"}, {Name: "comment", Value: "x"}, {Name: "SEX", Value: " F"}}
	const refused = `adx: group[2]/dataValue[1]: ADX-049: dataElement "BCG": a value with the same key has been written before`
	tests := []struct {
		then        []adx.Group
		err, unique string
	}{
		{[]adx.Group{swapped}, refused, refused},
		{[]adx.Group{group("A", "2026-01-01/P1Y", "FIXED", "OPV")}, "", ""},
		{[]adx.Group{group("A", "2026-01-01/P1M", "FIXED", "BCG")}, "", ""},
		{[]adx.Group{group("A", "2026-01-01/P1Y", "OUTREACH", "BCG")}, "", ""},
		{[]adx.Group{group("B", "2026-01-01/P1Y", "FIXED", "BCG"), first}, "", strings.Replace(refused, "[2]", "[3]", 1)},
	}
	for _, tt := range tests {
		for unique, want := range map[bool]string{false: tt.err, true: tt.unique} {
			_, err := write(t, func(w *adx.Writer) { w.Unique = unique }, append([]adx.Group{first}, tt.then...)...)
			if want == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, want)
			}
		}
	}
}

type failing struct{ after int }

var errFull = errors.New("the disk is full")

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriterBrokenOutput(t *testing.T) {
	g := adx.Group{DataSet: "EPI", OrgUnit: "HF-101", Period: january, Values: []adx.Value{{DataElement: "BCG", Value: "1"}}}
	w := adx.NewWriter(&failing{after: 100_000})
	var err error
	for i := 0; err == nil; i++ {
		g.OrgUnit = fmt.Sprint("HF-", i)
		err = w.Write(g)
	}
	require.ErrorIs(t, err, errFull)
	require.ErrorIs(t, w.Close(), errFull)
	w = adx.NewWriter(&failing{})
	require.NoError(t, w.Write(g))
	require.ErrorIs(t, w.Close(), errFull)
}

// sorted moves attributes that are no dimensions to the end, by name, as a
// Writer does.
func sorted(groups []adx.Group) []adx.Group {
	order := func(attrs []adx.Attr) []adx.Attr {
		attrs = slices.Clone(attrs)
		rank := func(a adx.Attr) int {
			if a.IsDimension() || a.Name == "categoryOptionCombo" && a.Space == "" || a.Name == "attributeOptionCombo" && a.Space == "" {
				return 0
			}
			return 1
		}
		slices.SortStableFunc(attrs, func(a, b adx.Attr) int {
			if d := rank(a) - rank(b); d != 0 || rank(a) == 0 {
				return d
			}
			return strings.Compare(a.Space+" "+a.Name, b.Space+" "+b.Name)
		})
		return attrs
	}
	out := slices.Clone(groups)
	for i := range out {
		out[i].Attrs = order(out[i].Attrs)
		out[i].Values = slices.Clone(out[i].Values)
		for j := range out[i].Values {
			out[i].Values[j].Attrs = order(out[i].Values[j].Attrs)
		}
	}
	return out
}

// roundTrip writes groups, reads them and writes them again. All results must
// be equal.
func roundTrip(t *testing.T, header adx.Header, groups []adx.Group) {
	t.Helper()
	for _, indent := range []string{"", "  "} {
		var b bytes.Buffer
		w := adx.NewWriter(&b)
		w.Header, w.Indent = header, indent
		for _, g := range groups {
			require.NoError(t, w.Write(g))
		}
		require.NoError(t, w.Close())
		r := adx.NewReader(&b)
		var back []adx.Group
		for g, err := range r.Groups() {
			require.NoError(t, err)
			back = append(back, g)
		}
		if diff := cmp.Diff(sorted(groups), sorted(back), ignorePlace); diff != "" {
			t.Error(diff)
		}
		if indent != "" || len(header.Attrs) > 1 {
			continue
		}
		if diff := cmp.Diff(header, r.Header()); diff != "" {
			t.Error(diff)
		}
	}
}

// Everything that a message can hold comes back: any character in annotations,
// extensions and foreign attributes, and any code.
func TestRoundTripRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	anything := func() string {
		var b strings.Builder
		for range random.IntN(8) {
			b.WriteString(pick("a", " ", "\t", "\n", "\r", "\r\n", "&", "<", ">", `"`, "'", "]]>", "&amp;", "<!--", "é", "\u0085", "\u2028", "\ufeff", "\ufffd", "😀", "\u007f", "%", "</annotation>"))
		}
		return b.String()
	}
	code := func() string {
		return strings.Join(strings.FieldsFunc(anything(), func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) }), " ") + pick("x", "*", "(TB/HIV)", "P1Y--P5Y")
	}
	attrs := func() (list []adx.Attr) {
		for _, name := range []string{"SEX", "âge", "_5plus", "a.b-c", "sex", "日本"} {
			if random.IntN(3) == 0 {
				list = append(list, adx.Attr{Name: name, Value: code()})
			}
		}
		for _, space := range []string{"", "urn:x", "urn:y&<", "http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2001/XMLSchema-instance", adx.Namespace} {
			for _, name := range []string{"comment", "storedBy", "lastUpdated"} {
				if random.IntN(8) == 0 {
					list = append(list, adx.Attr{Space: space, Name: name, Value: anything()})
				}
			}
		}
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		return list
	}
	number := func() string {
		return pick("0", "-0", "+3", ".5", "5.", "007", "2.0", "-3.50", strings.Repeat("9", 40)+".1")
	}
	for range 200 {
		var groups []adx.Group
		for i := range 1 + random.IntN(4) {
			g := adx.Group{DataSet: code(), OrgUnit: fmt.Sprint(code(), i), Period: january, Attrs: attrs()}
			for j := range 1 + random.IntN(6) {
				v := adx.Value{DataElement: fmt.Sprint(code(), j), Value: number(), Attrs: attrs()}
				if random.IntN(2) == 0 {
					v.Annotation = text(anything())
				}
				g.Values = append(g.Values, v)
			}
			groups = append(groups, g)
		}
		roundTrip(t, adx.Header{Exported: exported, ExportedText: "2026-02-05T08:15:00Z"}, groups)
	}
}

// Groups come back the same in whatever order their values are. The fast ways
// for similar values lose nothing.
func TestRoundTripShuffled(t *testing.T) {
	groups := shuffled(monthlyReports(50))
	for i := range groups {
		v := groups[i].Values
		v[i%len(v)].Attrs = append(v[i%len(v)].Attrs, adx.Attr{Name: "comment", Value: fmt.Sprint("> value=", i)})
		v[i/2].Value = "-0" + v[i/2].Value + ".50"
	}
	roundTrip(t, adx.Header{Exported: exported, ExportedText: "2026-02-05T08:15:00Z"}, groups)
}

func TestRoundTripSamples(t *testing.T) {
	n := 0
	for _, file := range sampleFiles(t, "*data*.xml") {
		if strings.Contains(file, "dsd") {
			continue
		}
		r, groups := readFile(t, file)
		if len(groups) == 0 || r.Header().Exported.IsZero() || groups[0].DataSet == "" {
			continue // such a message needs more options to be valid
		}
		roundTrip(t, r.Header(), groups)
		n++
	}
	require.NotZero(t, n)
}
