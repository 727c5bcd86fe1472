package hmis_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// Each row is a text for a value type or option set, and whether it is accepted
// (RULES.md#value-types, RULES.md#option-sets).
func TestValueTypeCheck(t *testing.T) {
	digits := strings.Repeat("9", 249)
	tests := []struct {
		typ      hmis.ValueType
		accepted []string
		refused  []string
		code     string
	}{
		{"", []string{"1.5"}, []string{"x"}, "value_not_numeric"},
		{hmis.Number, []string{"0", "-0", "-0.5", "0.0", "12", "-12.50", digits}, []string{"007", "-01", ".5", "5.", "+5", "1e3", "1,000", " 5", "5 ", "0x1", "--1", "-", "1.2.3", "NaN", "1\u00a0796", digits + "9"}, "value_not_numeric"},
		{hmis.Integer, []string{"0", "-1", "2147483647", "-2147483648", "12.0"}, []string{"-0", "2147483648", "-2147483649", "12.00", "1.5", "01", "12.0.0"}, "value_not_integer"},
		{hmis.IntegerPositive, []string{"1", "7.0"}, []string{"0", "-1", "+1"}, "value_not_positive_integer"},
		{hmis.IntegerNegative, []string{"-1"}, []string{"0", "1", "-0"}, "value_not_negative_integer"},
		{hmis.IntegerZeroOrPositive, []string{"0", "1", "0.0"}, []string{"-1", "-0"}, "value_not_zero_or_positive_integer"},
		{hmis.UnitInterval, []string{"0", "1", "0.5", "1.000", "-0"}, []string{"1.001", "-0.1", "x"}, "value_not_unit_interval"},
		{hmis.Percentage, []string{"0", "100", "99.99"}, []string{"100.01", "-1"}, "value_not_percentage"},
		{hmis.Boolean, []string{"true", "FALSE", "t", "Y", "yes", "1", "F", "n", "No", "0"}, []string{"2", "maybe", "tru"}, "value_not_bool"},
		{hmis.TrueOnly, []string{"true", "TRUE", "t", "y", "1", "Yes"}, []string{"false", "0", "no", "x"}, "value_not_true_only"},
		{hmis.Text, []string{"anything at all\n\u0000"}, nil, ""},
		{hmis.LongText, []string{strings.Repeat("é", 50_000)}, []string{strings.Repeat("é", 50_001)}, "value_length_greater_than_max_length"},
		{hmis.MultiText, []string{"a,b"}, nil, ""},
		{hmis.Letter, []string{"a", "Ж", "é"}, []string{"ab", "1", "-", "\xff"}, "value_not_valid_letter"},
		{hmis.PhoneNumber, []string{"+232 (0)76-123456", "123456", "076.12.34 ext 5"}, []string{"12345", strings.Repeat("1", 51), "call me", "1234567a"}, "value_not_phone_number"},
		{hmis.Email, []string{"bo@health.gov.sl"}, []string{"bo", "bo@", "@health.gov", "Bo <bo@health.gov>", "bo@localhost"}, "value_not_valid_email"},
		{hmis.URL, []string{"https://health.gov.sl/a?b=c", "ftp://x.org", "http://10.0.0.1:8080"}, []string{"health.gov.sl", "file:///etc", "https://", "https://a b", "javascript:alert(1)"}, "value_not_url"},
		{hmis.Username, []string{"bo.kenema", "a1_b-c@d"}, []string{"abc", ".bokenema", "bokenema.", "bo..kenema", "bo kenema", strings.Repeat("a", 256)}, "value_not_valid_username"},
		{hmis.DateValue, []string{"2024-02-29", "2024-01-31T10:00:00.000", "2024-01-31 10:00"}, []string{"2023-02-29", "20240131", "2024-1-31", "2024-01", "31-01-2024", "2024-13-01", "2024-01-31T25:00", "2024-01-31 morning", "2024-01-31Tabc"}, "value_not_valid_date"},
		{hmis.Age, []string{"1990-05-01"}, []string{"34"}, "value_not_valid_age"},
		{hmis.DateTime, []string{"2024-01-31T23:59", "2024-01-31T10", "2024-01-31T10:11:12.123Z", "2024-01-31T10:11:12.123456789+01:00"}, []string{"2024-01-31", "2024-01-31 10:11:12+0100", "2024-01-31T24:00", "2024-01-31T10:60", "2024-01-31T10:11:12.", "2024-01-31T10:11:12+25:00", "now"}, "value_not_valid_datetime"},
		{hmis.TimeValue, []string{"0:00", "9:05", "09:05", "23:59"}, []string{"24:00", "9:5", "9", "12:60", "+9:00", "009:00", ":00", "12:+1"}, "value_not_valid_time"},
		{hmis.Coordinate, []string{"[-11.42,8.10]", " [ 180 , -90 ] "}, []string{"[181,0]", "[0,91]", "-11,8", "[1]", "[a,b]", "[1,2,3]", "[]"}, "value_not_coordinate"},
		{hmis.OrgUnitValue, []string{"O6uvpzGd5pu"}, []string{"Bo"}, "value_not_valid_org_unit_uid"},
		{hmis.FileResource, []string{"O6uvpzGd5pu"}, []string{"photo.png"}, "value_not_valid_file_resource_uid"},
		{hmis.Image, []string{"O6uvpzGd5pu"}, []string{"photo.png"}, "value_not_valid_file_resource_uid"},
		{hmis.Reference, []string{"anything"}, nil, ""},
		{hmis.GeoJSON, []string{"anything"}, nil, ""},
		{"COLOUR", nil, []string{"red"}, "value_type_unknown"},
	}
	tried := map[hmis.ValueType]bool{}
	for _, tt := range tests {
		tried[tt.typ] = true
		for _, text := range append(tt.accepted, "", "  ") {
			if tt.code == "value_type_unknown" {
				continue
			}
			if _, err := tt.typ.Check(text); err != nil {
				t.Errorf("%s refuses %q: %v", tt.typ, text, err)
			}
		}
		for _, text := range tt.refused {
			_, err := tt.typ.Check(text)
			issue, ok := errors.AsType[*hmis.Issue](err)
			if !ok || issue.Code != tt.code {
				t.Errorf("%s: Check(%q) = %v; want %s", tt.typ, text, err, tt.code)
			}
		}
	}
	for _, typ := range hmis.ValueTypes() {
		require.True(t, tried[typ], typ)
	}
}

// The stored text may differ from the text that was entered
// (RULES.md#value-types).
func TestValueTypeNormal(t *testing.T) {
	tests := []struct {
		typ      hmis.ValueType
		in, want string
	}{
		{hmis.Integer, "12.0", "12"}, {hmis.Integer, "-0.0", ""}, {hmis.Number, "1.50", "1.50"}, {hmis.Number, "12.0", "12.0"},
		{hmis.Boolean, "YES", "true"}, {hmis.Boolean, "n", "false"}, {hmis.Boolean, "True", "true"}, {hmis.TrueOnly, "1", "true"},
		{hmis.Text, " as it is ", " as it is "}, {hmis.DateValue, "2024-01-31T10:00", "2024-01-31T10:00"}, {hmis.Integer, "  ", "  "}, {hmis.Integer, " \t\x00", " \t\x00"},
	}
	for _, tt := range tests {
		got, err := tt.typ.Check(tt.in)
		require.Equal(t, tt.want, got)
		require.Equal(t, tt.want == "", err != nil)
	}
	_, err := hmis.Integer.Check("twelve")
	require.EqualError(t, err, `hmis: value_not_integer: "twelve": want a whole number of 32 bits`)
}

// Each row is a stored text and the number it counts as (RULES.md#numbers).
func TestValueTypeNumber(t *testing.T) {
	tests := []struct {
		typ        hmis.ValueType
		text, want string // want is "" if the text is no number
	}{
		{hmis.Number, "12", "12"}, {"", "12", "12"}, {hmis.Integer, "007", "7"}, {hmis.Number, "-0.50", "-0.5"}, {hmis.Number, "-0", "0"},
		{hmis.Number, "12345678901234567890.123456789", "12345678901234567890.123456789"},
		{hmis.Percentage, "1e3", ""}, {hmis.Number, "1,000", ""}, {hmis.Number, " 5", ""}, {hmis.Number, "5.", ""}, {hmis.Number, ".5", ""}, {hmis.Number, "+5", ""}, {hmis.Number, "-", ""}, {hmis.Number, "", ""},
		{hmis.Number, strings.Repeat("9", 50_001), ""},
		{hmis.Boolean, "true", "1"}, {hmis.Boolean, "false", "0"}, {hmis.Boolean, "TRUE", ""}, {hmis.Boolean, "1", ""},
		{hmis.TrueOnly, "true", "1"}, {hmis.TrueOnly, "false", ""},
		{hmis.Text, "12", ""}, {hmis.DateValue, "2024", ""},
	}
	for _, tt := range tests {
		d, ok := tt.typ.Number(tt.text)
		require.Equal(t, tt.want != "", ok, "%s %q", tt.typ, tt.text)
		if ok {
			require.Equal(t, tt.want, d.String())
		}
	}
}

func TestValueTypeClasses(t *testing.T) {
	classes := map[string]func(hmis.ValueType) bool{
		"numeric": hmis.ValueType.IsNumeric, "integer": hmis.ValueType.IsInteger, "boolean": hmis.ValueType.IsBoolean,
		"text": hmis.ValueType.IsText, "date": hmis.ValueType.IsDate,
	}
	want := map[string]int{"numeric": 7, "integer": 4, "boolean": 2, "text": 8, "date": 3}
	for name, is := range classes {
		n := 0
		for _, typ := range hmis.ValueTypes() {
			if is(typ) {
				n++
			}
		}
		require.Equal(t, want[name], n, name)
	}
	require.Len(t, hmis.ValueTypes(), 27)
	require.Len(t, hmis.Aggregations(), 21)
}

func TestOptionSetCheck(t *testing.T) {
	s := hmis.OptionSet{ID: "osVaccine01", Options: []hmis.Option{{Code: "BCG"}, {Code: "OPV"}}}
	require.NoError(t, s.Check("BCG"))
	require.NoError(t, s.Check(""))
	require.EqualError(t, s.Check("bcg"), `hmis: E8123: optionSet osVaccine01: "bcg": want the code of one of 2 options`)
	require.Error(t, s.Check("BCG,OPV"))
	s.ValueType = hmis.MultiText
	require.NoError(t, s.Check("BCG,OPV"))
	whole := hmis.OptionSet{ValueType: hmis.MultiText, Options: []hmis.Option{{Code: "BCG"}, {Code: "OPV, IPV"}}}
	require.NoError(t, whole.Check("OPV, IPV"))
	require.Error(t, whole.Check("BCG,OPV, IPV"))
	require.EqualError(t, s.Check("BCG,"), `hmis: E8123: optionSet osVaccine01: "": want the code of one of 2 options`)
}

// values returns one value of each sort that a batch must be able to hold.
func values() []hmis.DataValue {
	key := hmis.Key{DataElement: "deMalaria01", OrgUnit: "ouBo0000001", Period: period.MustParse("202401")}
	other := hmis.Key{DataElement: "deBcgDoses1", OrgUnit: "ouBo0000001", Period: period.MustParse("2024Q2"), OptionCombo: "cocFemale01", AttributeCombo: "aocProjectA"}
	moment := time.Date(2024, 2, 1, 10, 11, 12, 123_000_000, time.UTC)
	return []hmis.DataValue{
		{Key: key, Value: "5"}, {Key: other, Value: "-0.50"}, {Key: key, Value: "0"}, {Key: key, Value: "0.0"},
		{Key: key, Value: "007"}, {Key: key, Value: "-0"}, {Key: key, Value: "text"}, {Key: key, Value: ""},
		{Key: key, Value: "123456789012345678"}, {Key: key, Value: "1234567890123456789"}, {Key: key, Value: "0.12345678901234567"}, {Key: key, Value: "-999999999999999999"},
		{Key: other, Value: "5", Comment: "said so"}, {Key: key, Value: "6", FollowUp: true}, {Key: other, Deleted: true},
		{Key: key, Value: "7", StoredBy: "bo", Created: moment, Updated: moment.Add(time.Nanosecond)},
		{Key: key, Value: "8", Created: time.Unix(0, 0).UTC()},
		{Key: key, Value: "9", Updated: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Key: other, Value: "10", StoredBy: "kenema"},
	}
}

// Values that are appended to a batch come out unchanged.
func TestBatch(t *testing.T) {
	var b hmis.Batch
	require.Zero(t, b.Len())
	want := values()
	for _, v := range want {
		b.Append(v)
	}
	require.Equal(t, len(want), b.Len())
	var got []hmis.DataValue
	for v := range b.Values() {
		got = append(got, v)
	}
	if diff := cmp.Diff(want, got, samePeriods()); diff != "" {
		t.Errorf("-in +out:\n%s", diff)
	}
	// Each id and period is listed once, and plain numbers are in columns.
	require.Len(t, b.IDs, 6)
	require.Len(t, b.Periods, 2)
	require.Equal(t, []string{"", "bo", "kenema"}, b.Names)
	require.EqualValues(t, -50, b.Coef[1])
	require.EqualValues(t, 2, b.Scale[1])
	for i := range 4 {
		require.NotContains(t, b.Rest, i)
	}
	for _, i := range []int{4, 5, 6, 7, 9} {
		require.EqualValues(t, -1, b.Scale[i])
	}
	for range b.Values() {
		break
	}
}

// Append continues a batch that another package or a literal has filled.
func TestBatchAppendToLiteral(t *testing.T) {
	b := hmis.Batch{
		IDs: []hmis.UID{"e", "u", ""}, Periods: []period.Period{period.MustParse("2024")},
		DataElement: []uint32{0}, OptionCombo: []uint32{2}, AttributeCombo: []uint32{2}, OrgUnit: []uint32{1}, Period: []uint32{0},
		Coef: []int64{math.MaxInt32}, Scale: []int8{0},
	}
	v := b.At(0)
	v.StoredBy, v.Updated = "bo", time.Unix(1, 0).UTC()
	b.Append(v)
	require.Len(t, b.IDs, 3)
	require.Equal(t, "", b.At(0).StoredBy)
	require.True(t, b.At(0).Updated.IsZero())
	require.Equal(t, v, b.At(1))
}

func FuzzBatch(f *testing.F) {
	f.Add("12.50", "comment", int64(5))
	f.Add("-0", "", int64(0))
	f.Fuzz(func(t *testing.T, text, comment string, ns int64) {
		v := hmis.DataValue{Key: hmis.Key{DataElement: "e"}, Value: text, Comment: comment, Created: time.Unix(0, ns).UTC()}
		var b hmis.Batch
		b.Append(v)
		if got := b.At(0); got != v {
			t.Fatalf("%v becomes %v", v, got)
		}
	})
}

// A text that Check accepts for a numeric type counts as a number in
// aggregation, and its stored form is accepted again.
func FuzzValueTypeCheck(f *testing.F) {
	for i, text := range []string{"12.0", "-0.5", "yes", "2024-01-31T10:11:12.5+0100", "[1,2]", "a@b.c", "http://x.y", "23:59"} {
		f.Add(text, i)
	}
	f.Fuzz(func(t *testing.T, text string, i int) {
		types := hmis.ValueTypes()
		typ := types[uint(i)%uint(len(types))]
		stored, err := typ.Check(text)
		if err != nil {
			return
		}
		if again, err := typ.Check(stored); err != nil || again != stored {
			t.Fatalf("%s: %q is stored as %q, and that as %q, %v", typ, text, stored, again, err)
		}
		if (typ.IsNumeric() || typ.IsBoolean()) && strings.TrimSpace(text) != "" {
			if _, ok := typ.Number(stored); !ok {
				t.Fatalf("%s accepts %q, which is no number", typ, stored)
			}
		}
	})
}

func BenchmarkBatchAppend(b *testing.B) {
	list := values()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		var batch hmis.Batch
		for range 1000 {
			batch.Append(list[n%4])
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "values/s")
}
