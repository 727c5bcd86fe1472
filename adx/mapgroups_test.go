package adx_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// at returns a data value of January 2026.
func at(element, combo, attr, unit hmis.UID, text string) hmis.DataValue {
	return hmis.DataValue{Key: hmis.Key{
		DataElement: element, OptionCombo: combo, AttributeCombo: attr, OrgUnit: unit, Period: period.MustParse("202601"),
	}, Value: text}
}

func TestMapperGroups(t *testing.T) {
	commented := at("dePenta", "xYoungM", "xState", "ouA", "3")
	commented.Comment, commented.FollowUp = "late & short", true
	deleted := at("deBCG", "", "", "ouB", "")
	deleted.Deleted = true
	in := []hmis.DataValue{
		at("deBCG", "xDefault", "xState", "ouA", "14"),
		at("dePenta", "xYoungF", "xState", "ouA", "2.0"),
		commented,
		at("deMeasles", "xF", "xState", "ouA", "1"),
		at("deNote", "", "xState", "ouA", "fine <now>"),
		at("deBCG", "", "xDonor", "ouA", "1"),
		deleted,
	}
	write := func(m adx.Mapper) string {
		var b bytes.Buffer
		w := adx.NewWriter(&b)
		w.Undated, w.Indent = true, " "
		m.Catalog = catalog(t)
		for g, err := range m.Groups(list(in...)) {
			require.NoError(t, err)
			require.NoError(t, w.Write(g))
		}
		require.NoError(t, w.Close())
		return b.String()
	}
	require.Equal(t, `<?xml version="1.0" encoding="UTF-8"?>
<adx xmlns="urn:ihe:qrph:adx:2015">
 <group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" FUNDER="STATE">
  <dataValue dataElement="BCG" value="14"/>
  <dataValue dataElement="PENTA3" AGE="P0Y--P5Y" SEX="F" value="2.0"/>
  <dataValue dataElement="PENTA3" AGE="P0Y--P5Y" SEX="M" value="3" comment="late &amp; short" followup="true"/>
  <dataValue dataElement="MEASLES1" SEX="F" value="1"/>
  <dataValue dataElement="NOTE" value="0">
   <annotation>fine &lt;now&gt;</annotation>
  </dataValue>
 </group>
 <group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" FUNDER="DONOR ">
  <dataValue dataElement="BCG" value="1"/>
 </group>
 <group dataSet="EPI" orgUnit="HF-102" period="2026-01-01/P1M">
  <dataValue dataElement="BCG" value="0" deleted="true"/>
 </group>
</adx>
`, write(adx.Mapper{}))
	whole := write(adx.Mapper{Whole: true, Schemes: hmis.Schemes{OrgUnit: hmis.ByUID}})
	require.Contains(t, whole, `<group dataSet="EPI" orgUnit="ouA" period="2026-01-01/P1M" attributeOptionCombo="FS">`)
	require.Contains(t, whole, `<dataValue dataElement="PENTA3" categoryOptionCombo="YF" value="2.0"/>`)
}

// Each row is a value without a code and the error that rejects it.
func TestMapperGroupsRejects(t *testing.T) {
	weekly := at("deShared", "", "", "ouA", "1")
	weekly.Period = period.MustParse("2026W1")
	daily := at("deShared", "", "", "ouX", "1")
	daily.Period = period.MustParse("20260101")
	nowhen := at("deBCG", "", "", "ouA", "1")
	nowhen.Period = period.Period{}
	tests := []struct {
		value hmis.DataValue
		want  string // the data set, or the error
	}{
		{at("deBCG", "", "", "ouA", "1"), "EPI"},
		{at("deShared", "", "", "ouA", "1"), "EPI"}, // the org unit reports this data set
		{weekly, "WEEK"},
		{daily, `adx: ADX-026: dataSet: dataElement deShared is in 3 data sets, such as dsEPI and dsOutreach: want one data set in Mapper.DataSet`},
		{at("deTwin1", "", "", "ouA", "1"), `adx: ADX-026: dataSet: dataElement deTwin1 is in no data set`},
		{at("deNone", "", "", "ouA", "1"), `adx: ADX-026: dataSet: dataElement deNone is in no data set`},
		{at("deLost", "", "", "ouA", "1"), `adx: ADX-040: dataElement: dataElement deLost: want an object with a code`},
		{at("deBCG", "", "", "ouC", "1"), `adx: ADX-020: orgUnit: organisationUnit ouC: want an object with a code`},
		{at("deBCG", "", "", "ouX", "1"), `adx: ADX-020: orgUnit: organisationUnit ouX: no such object`},
		{nowhen, `adx: ADX-021: period: it is missing`},
		{at("deBCG", "xYoungF", "", "ouA", "1"), `adx: ADX-044: "xYoungF": the option combo is of category combo ccAgeSex, not ccDefault`},
		{at("deBCG", "xNone", "", "ouA", "1"), `adx: ADX-044: "xNone": no such option combo`},
		{at("deBCG", "", "xBad", "ouA", "1"), `adx: ADX-114: 5 AND OVER: it cannot be the name of a dimension`},
		{at("deBCG", "", "xYoungF", "ouA", "1"), `adx: ADX-031: "xYoungF": the option combo is of category combo ccAgeSex, not ccFunder`},
		{at("deBCG", "", "", "ouA", "1e3"), `adx: ADX-042: value "1e3": want a decimal such as -3.50`},
		{at("deBCG", "", "", "ouA", ""), `adx: ADX-042: value: want a decimal such as -3.50`},
	}
	for _, tt := range tests {
		got := ""
		m := adx.Mapper{Catalog: catalog(t), Reject: func(_ hmis.DataValue, err error) { got = err.Error() }}
		for g, err := range m.Groups(list(tt.value)) {
			require.NoError(t, err)
			got = g.DataSet
		}
		if got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", show(tt.value), got, tt.want)
		}
		m.Reject = nil
		for _, err := range m.Groups(list(tt.value)) {
			if err != nil && err.Error() != tt.want {
				t.Errorf("%s: got %v, want %s", show(tt.value), err, tt.want)
			}
		}
	}
}

// Values stay the same through groups, a message, and groups again.
func TestMapperRoundTrip(t *testing.T) {
	stored := time.Date(2026, 2, 1, 10, 30, 0, 5e6, time.UTC)
	marked := at("dePenta", "xOldF", "xDonor", "ouB", "-0.50")
	marked.Comment, marked.FollowUp, marked.StoredBy, marked.Created, marked.Updated = " a\tb\n", true, "admin", stored, stored
	in := []hmis.DataValue{
		at("deBCG", "", "xState", "ouA", "14"), at("dePenta", "xYoungF", "xState", "ouA", "2.0"), at("dePenta", "", "xState", "ouA", "5"),
		at("deNote", "", "xState", "ouA", " line\r\nline "), at("deNote", "", "xDonor", "ouA", ""), at("deCold", "", "xDonor", "ouA", "false"),
		marked, at("deShared", "", "", "ouA", "1234567890123456789012345678901234567890.123456789"),
	}
	for _, whole := range []bool{false, true} {
		for _, scheme := range []hmis.Scheme{hmis.ByCode, hmis.ByUID} {
			m := adx.Mapper{Catalog: catalog(t), Whole: whole, Provenance: true, Schemes: hmis.Schemes{Any: scheme}}
			var b bytes.Buffer
			w := adx.NewWriter(&b)
			for g, err := range m.Groups(list(in...)) {
				require.NoError(t, err)
				require.NoError(t, w.Write(g))
			}
			require.NoError(t, w.Close())
			r := adx.NewReader(&b)
			r.Tolerant = true
			var out []hmis.DataValue
			for v, err := range m.Values(r.Groups()) {
				require.NoError(t, err)
				out = append(out, v)
			}
			if diff := cmp.Diff(in, out, cmp.Comparer(func(a, b period.Period) bool { return a == b })); diff != "" {
				t.Error(diff)
			}
		}
	}
}

func TestMapperCalendar(t *testing.T) {
	ethiopian, ok := period.CalendarByName("ethiopian")
	require.True(t, ok)
	v := at("deBCG", "", "", "ouA", "1")
	var err error
	v.Period, err = ethiopian.Parse("201805")
	require.NoError(t, err)
	m := adx.Mapper{Catalog: catalog(t), Calendar: ethiopian}
	n := 0
	for back, err := range m.Values(m.Groups(list(v))) {
		require.NoError(t, err)
		require.Equal(t, v.Period, back.Period)
		n++
	}
	require.Equal(t, 1, n)
}

// An error of the source is yielded, and the caller can stop early.
func TestMapperStreams(t *testing.T) {
	broken := errors.New("the cable is cut")
	m := adx.Mapper{Catalog: catalog(t)}
	failing := func(yield func(hmis.DataValue, error) bool) {
		if yield(at("deBCG", "", "", "ouA", "1"), nil) {
			yield(hmis.DataValue{}, broken)
		}
	}
	last := error(nil)
	for _, err := range m.Values(m.Groups(failing)) {
		last = err
	}
	require.ErrorIs(t, last, broken)
	for range m.Values(m.Groups(list(at("deBCG", "", "", "ouA", "1"), at("deBCG", "", "", "ouB", "1")))) {
		break
	}
}
