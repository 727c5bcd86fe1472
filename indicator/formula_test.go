package indicator_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// words returns a result as text: value, numerator, denominator, raw value,
// factor.
func words(r indicator.Result) string {
	if r.Value.IsMissing() {
		return fmt.Sprintf("none ×%d ÷%d", r.Multiplier, r.Divisor)
	}
	return fmt.Sprintf("%v = %v / %v ×%d ÷%d raw %v factor %v", r.Value, r.Numerator, r.Denominator, r.Multiplier, r.Divisor, r.Raw, r.Factor)
}

func ptr(n int) *int { return &n }

// TestFormula checks indicators, in one cell and in a column of cells
// (RULES.md#indicators). A is 7, C is 0, B and D are missing.
func TestFormula(t *testing.T) {
	tests := []struct {
		num, den   string
		factor     *int
		annualized bool
		days       float64
		decimals   *int
		skip       bool
		want       string
	}{
		{num: "A", den: "1", want: "7 = 7 / 1 ×1 ÷1 raw 7 factor 1"},
		{num: "A", den: "3", want: "2.33 = 7 / 3 ×1 ÷1 raw 2.3333333333333335 factor 1"},
		{num: "A", den: "3", factor: ptr(100), want: "233.33 = 7 / 3 ×100 ÷1 raw 233.33333333333334 factor 100"},
		{num: "A", den: "3", factor: ptr(100), decimals: ptr(1), want: "233.3 = 7 / 3 ×100 ÷1 raw 233.33333333333334 factor 100"},
		{num: "A", den: "3", factor: ptr(100), decimals: ptr(0), want: "233 = 7 / 3 ×100 ÷1 raw 233.33333333333334 factor 100"},
		{num: "A", den: "3", factor: ptr(100), decimals: ptr(1), skip: true, want: "233.3333333333 = 7 / 3 ×100 ÷1 raw 233.33333333333334 factor 100"},
		{num: "A / 3", den: "1", want: "2.33 = 2.33 / 1 ×1 ÷1 raw 2.333333333333333 factor 1"},

		// cases without a value
		{num: "B", den: "1", want: "none ×1 ÷1"}, {num: "A", den: "B", want: "none ×1 ÷1"}, {num: "A", den: "0", want: "none ×1 ÷1"}, {num: "A", den: "-0", want: "none ×1 ÷1"}, {num: "A", den: "C", want: "none ×1 ÷1"},
		{num: "", den: "1", want: "none ×1 ÷1"}, {num: "A", den: "", want: "none ×1 ÷1"}, {num: "A", den: "B + C", want: "none ×1 ÷1"}, {num: "null", den: "1", want: "none ×1 ÷1"},

		// not-a-number and the infinities are values
		{num: "A / 0", den: "1", want: "NaN = NaN / 1 ×1 ÷1 raw NaN factor 1"}, {num: "A / 0", den: "1", decimals: ptr(0), want: "0 = 0 / 1 ×1 ÷1 raw NaN factor 1"}, {num: "A", den: "1/0", want: "NaN = 7 / NaN ×1 ÷1 raw NaN factor 1"},
		{num: "log(0)", den: "1", want: "-Infinity = -Infinity / 1 ×1 ÷1 raw -Inf factor 1"}, {num: "A", den: "1e309", want: "0 = 7 / Infinity ×1 ÷1 raw 0 factor 1"}, {num: "-B + C", den: "1", want: "0 = 0 / 1 ×1 ÷1 raw 0 factor 1"}, {num: "-C", den: "1", want: "-0 = -0 / 1 ×1 ÷1 raw -0 factor 1"}, {num: "-C", den: "1", decimals: ptr(0), want: "0 = 0 / 1 ×1 ÷1 raw -0 factor 1"},

		// whole numbers round half up, and digits half away from zero
		{num: "2.5", den: "1", decimals: ptr(0), want: "3 = 3 / 1 ×1 ÷1 raw 2.5 factor 1"}, {num: "-2.5", den: "1", decimals: ptr(0), want: "-2 = -2 / 1 ×1 ÷1 raw -2.5 factor 1"}, {num: "-2.51", den: "1", decimals: ptr(0), want: "-3 = -3 / 1 ×1 ÷1 raw -2.51 factor 1"}, {num: "0.49999999999999994", den: "1", decimals: ptr(0), want: "0 = 0 / 1 ×1 ÷1 raw 0.49999999999999994 factor 1"}, {num: "4503599627370497", den: "1", decimals: ptr(0), want: "4503599627370497 = 4503599627370497 / 1 ×1 ÷1 raw 4.503599627370497e+15 factor 1"},
		{num: "1.005", den: "1", want: "1.01 = 1.01 / 1 ×1 ÷1 raw 1.005 factor 1"}, {num: "2.675", den: "1", want: "2.68 = 2.68 / 1 ×1 ÷1 raw 2.675 factor 1"}, {num: "-0.125", den: "1", want: "-0.13 = -0.13 / 1 ×1 ÷1 raw -0.125 factor 1"}, {num: "-0.25", den: "1", decimals: ptr(1), want: "-0.3 = -0.3 / 1 ×1 ÷1 raw -0.25 factor 1"}, {num: "-0.001", den: "1", want: "-0 = -0 / 1 ×1 ÷1 raw -0.001 factor 1"},
		{num: "1/3", den: "1", decimals: ptr(20), want: "0.3333333333333333 = 0.3333333333333333 / 1 ×1 ÷1 raw 0.3333333333333333 factor 1"},

		// annualized means times 365 in every year, within 32 bits
		{num: "A", den: "2", annualized: true, days: 31, factor: ptr(1), want: "41.21 = 7 / 2 ×365 ÷31 raw 41.20967741935484 factor 11.77"}, {num: "A", den: "2", annualized: true, days: 366, factor: ptr(100), want: "349.04 = 7 / 2 ×36500 ÷366 raw 349.04371584699453 factor 99.73"}, {num: "1", den: "1", annualized: true, days: 31, factor: ptr(100), decimals: ptr(0), want: "1177 = 1 / 1 ×36500 ÷31 raw 1177.4193548387098 factor 1177"},
		{num: "1", den: "1", annualized: true, days: 365, factor: ptr(10000000), want: "5883516.84 = 1 / 1 ×2147483647 ÷365 raw 5.883516841095891e+06 factor 5.88351684e+06"}, {num: "1", den: "1", annualized: true, days: 365, factor: ptr(-10000000), want: "-5883516.84 = 1 / 1 ×-2147483647 ÷365 raw -5.883516841095891e+06 factor -5.88351684e+06"},
		{num: "1", den: "1", factor: ptr(0), want: "0 = 1 / 1 ×0 ÷1 raw 0 factor 0"}, {num: "B", den: "1", annualized: true, days: 30, want: "none ×365 ÷30"},
	}
	for _, tt := range tests {
		num, err := indicator.Parse(letters.Replace(tt.num))
		require.NoError(t, err)
		den, err := indicator.Parse(letters.Replace(tt.den))
		require.NoError(t, err)
		f := indicator.Formula{Numerator: num, Denominator: den, Factor: tt.factor, Annualized: tt.annualized, Decimals: tt.decimals}
		item := func(i indicator.Item) indicator.Value {
			if i.Kind == indicator.DaysItem {
				return indicator.Float(tt.days)
			}
			return letterValues(i)
		}
		r, err := f.Eval(indicator.Env{Item: item, SkipRounding: tt.skip, Missing: hmis.NeverSkip}) // Missing has no effect on formulas
		require.NoError(t, err)
		if got := words(r); got != tt.want {
			t.Errorf("%s / %s: %s, want %s", tt.num, tt.den, got, tt.want)
		}
		out := make([]indicator.Result, 2)
		require.NoError(t, f.EvalColumns(indicator.ColumnEnv{
			Item:         func(i indicator.Item) indicator.Column { return indicator.Constant(item(i)) },
			SkipRounding: tt.skip, Missing: hmis.NeverSkip,
		}, out))
		if got := words(out[1]); got != tt.want {
			t.Errorf("%s / %s in columns: %s, want %s", tt.num, tt.den, got, tt.want)
		}
	}
}

// TestRule checks the operators of validation rules (RULES.md#sides-of-a-rule).
// The sides are #{l…} and #{r…}.
func TestRule(t *testing.T) {
	none := indicator.Value{}
	num := indicator.Float
	const never, all = hmis.NeverSkip, hmis.SkipIfAllMissing
	tests := []struct {
		operator    string
		left, right indicator.Value
		lm, rm      hmis.Missing
		violated    bool
	}{
		{"equal_to", num(1), num(1), all, all, false}, {"equal_to", num(1), num(2), all, all, true}, {"not_equal_to", num(1), num(2), all, all, false}, {"not_equal_to", num(1), num(1), all, all, true},
		{"greater_than", num(2), num(1), all, all, false}, {"greater_than", num(1), num(1), all, all, true}, {"greater_than_or_equal_to", num(1), num(1), all, all, false}, {"greater_than_or_equal_to", num(0), num(1), all, all, true},
		{"less_than", num(1), num(2), all, all, false}, {"less_than", num(1), num(1), all, all, true}, {"less_than_or_equal_to", num(1), num(1), all, all, false}, {"less_than_or_equal_to", num(2), num(1), all, all, true},
		{"equal_to", num(0), num(math.Copysign(0, -1)), all, all, true}, {"equal_to", num(math.Nextafter(0.3, 1)), num(0.3), all, all, true}, // the comparison is exact

		// cases with a missing side
		{"equal_to", none, num(1), all, all, false}, {"equal_to", none, num(1), never, all, true}, {"equal_to", none, num(0), never, all, false}, {"equal_to", num(96), none, never, never, true}, {"equal_to", num(96), none, never, all, false}, {"less_than", none, none, never, never, false}, {"equal_to", none, none, all, all, false},
		{"equal_to", num(math.NaN()), num(1), all, all, false}, {"equal_to", num(math.Inf(1)), num(1), never, all, true}, {"equal_to", num(math.NaN()), num(0), never, never, false}, {"equal_to", num(math.NaN()), num(math.Inf(1)), never, never, false},

		{"compulsory_pair", num(1), num(2), all, all, false}, {"compulsory_pair", none, num(1), all, all, true}, {"compulsory_pair", num(1), none, all, all, true}, {"compulsory_pair", none, none, all, all, false}, {"compulsory_pair", num(0), none, all, all, true},
		{"exclusive_pair", num(1), num(2), all, all, true}, {"exclusive_pair", none, num(1), all, all, false}, {"exclusive_pair", none, none, never, never, false}, {"exclusive_pair", num(0), num(0), all, all, true}, {"exclusive_pair", num(1), num(math.NaN()), all, all, false},
	}
	for _, tt := range tests {
		r, err := indicator.CompileRule(hmis.ValidationRule{Operator: tt.operator,
			Left:  hmis.Expression{Text: "#{leftleftlef}", Missing: tt.lm},
			Right: hmis.Expression{Text: "#{rightrightr}", Missing: tt.rm}})
		require.NoError(t, err)
		if c := r.Compare(tt.left, tt.right); c.Violated != tt.violated {
			t.Errorf("%v %s %v, %s and %s: %v", show(tt.left), tt.operator, show(tt.right), tt.lm, tt.rm, c.Violated)
		}
	}
}

// TestRuleEval checks facts about rules from the tests of the server. A is 7, C
// is 0, B and D are missing.
func TestRuleEval(t *testing.T) {
	const never = hmis.NeverSkip
	tests := []struct {
		left, operator, right string
		missing               hmis.Missing
		want                  string // both sides as they are shown; "" if nothing is violated
	}{
		{"A", "equal_to", "7", "", ""}, {"A", "equal_to", "8", "", "7, 8"}, {"A / 0", "equal_to", "0", never, ""}, {"A / 0", "equal_to", "1", never, "0, 1"}, {"A / 0", "equal_to", "1", "", ""},
		{"B", "equal_to", "D", never, ""}, {"B", "compulsory_pair", "A", never, ""}, {"B", "compulsory_pair", "A", "", "0, 7"}, {"B", "exclusive_pair", "A", never, "0, 7"}, {"A", "exclusive_pair", "C", "", "7, 0"},
		{"-C", "equal_to", "0", "", "0, 0"}, {"A / 3", "less_than", "2", "", "2.33, 2"}, {"1234.56", "less_than", "0.0099", "", "1234.6, 0"},
	}
	for _, tt := range tests {
		r, err := indicator.CompileRule(hmis.ValidationRule{Operator: tt.operator,
			Left:  hmis.Expression{Text: letters.Replace(tt.left), Missing: tt.missing},
			Right: hmis.Expression{Text: letters.Replace(tt.right), Missing: tt.missing}})
		require.NoError(t, err)
		c, err := r.Eval(indicator.Env{Item: letterValues})
		require.NoError(t, err)
		got := ""
		if c.Violated {
			got = c.Left.RoundSide().String() + ", " + c.Right.RoundSide().String()
		}
		if got != tt.want {
			t.Errorf("%s %s %s: %q, want %q", tt.left, tt.operator, tt.right, got, tt.want)
		}
	}
	for _, tt := range []struct {
		rule hmis.ValidationRule
		want string
	}{
		{hmis.ValidationRule{ID: "r", Operator: "like"}, `indicator: validation rule r: unknown operator "like"`},
		{hmis.ValidationRule{ID: "r", Operator: "equal_to", Left: hmis.Expression{Text: "1 +"}}, "indicator: validation rule r: left side: 1:4: unexpected end, want a value"},
		{hmis.ValidationRule{ID: "r", Operator: "equal_to", Left: hmis.Expression{Text: "1"}, Right: hmis.Expression{Text: "[x]"}}, "indicator: validation rule r: right side: 1:1: want [days], [periodInYear] or [yearlyPeriodCount]"},
	} {
		_, err := indicator.CompileRule(tt.rule)
		require.EqualError(t, err, tt.want)
	}
	r, err := indicator.CompileRule(hmis.ValidationRule{Operator: "equal_to", Left: hmis.Expression{Text: "1"}, Right: hmis.Expression{Text: "'a' + 1"}})
	require.NoError(t, err)
	_, err = r.Eval(indicator.Env{})
	require.EqualError(t, err, `indicator: 1:1: text "a" is no number`)
}

// TestRoundSide checks how sides are rounded for display (rule 4 of
// RULES.md#sides-of-a-rule).
func TestRoundSide(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.01: "0", -0.01: "0", 0.0101: "0.0101", 0.012345: "0.0123", 0.123456: "0.123", 1: "1", 1.2345: "1.23", 1.235: "1.24", 1.125: "1.13", -1.125: "-1.12", 9.994: "9.99", 9.996: "10", 9.9999: "10",
		10: "10", 10.04: "10", 10.05: "10.1", -10.05: "-10.1", 1234.56: "1234.6", 1e15: "1000000000000000", math.NaN(): "NaN",
	} {
		if got := indicator.Float(x).RoundSide().String(); got != want {
			t.Errorf("%v: %s, want %s", x, got, want)
		}
	}
	require.Equal(t, "0", indicator.Value{}.RoundSide().String())
}

// TestPrediction checks the stored text of predicted values
// (RULES.md#stored-predictions). Texts of numbers are rounded like numbers, as
// the vectors prediction-055 and 058 show.
func TestPrediction(t *testing.T) {
	none, num := indicator.Value{}, indicator.Float
	const nothing = "(nothing)"
	tests := []struct {
		v      indicator.Value
		output hmis.DataElement
		never  bool
		want   string
	}{
		{none, hmis.DataElement{ValueType: hmis.Number}, false, nothing}, {none, hmis.DataElement{ValueType: hmis.Number}, true, nothing}, // the element does not keep zeros
		{none, hmis.DataElement{ValueType: hmis.Number, ZeroIsData: true}, true, "0.0"}, {none, hmis.DataElement{ValueType: hmis.Integer, Aggregation: hmis.Average}, true, "0"}, {none, hmis.DataElement{ValueType: hmis.Text}, true, ""}, {none, hmis.DataElement{ValueType: hmis.Boolean}, true, "false"}, {none, hmis.DataElement{ValueType: hmis.DateValue}, true, nothing},
		{num(0), hmis.DataElement{ValueType: hmis.Number}, false, nothing}, {num(0), hmis.DataElement{ValueType: hmis.Number, Aggregation: hmis.AverageSumOrgUnit}, false, "0.0"}, {num(0), hmis.DataElement{ValueType: hmis.Number, Aggregation: hmis.Last}, false, nothing}, {num(0), hmis.DataElement{ValueType: hmis.Text}, false, "0.0"},
		{num(0.004), hmis.DataElement{ValueType: hmis.Number}, false, "0.0"}, {num(0.4), hmis.DataElement{ValueType: hmis.Integer}, false, "0"}, // the value is compared with 0 before it is rounded
		{num(2.5), hmis.DataElement{ValueType: hmis.Integer}, false, "3"}, {num(-2.5), hmis.DataElement{ValueType: hmis.IntegerNegative}, false, "-2"}, {num(-0.5), hmis.DataElement{ValueType: hmis.IntegerPositive}, false, "0"}, {num(1e7), hmis.DataElement{ValueType: hmis.IntegerZeroOrPositive}, false, "10000000"},
		{num(12.3456), hmis.DataElement{ValueType: hmis.Number}, false, "12.35"}, {num(1234.56), hmis.DataElement{ValueType: hmis.Number}, false, "1235.0"}, {num(12345.678), hmis.DataElement{ValueType: hmis.Percentage}, false, "12346.0"}, {num(0.123456), hmis.DataElement{ValueType: hmis.UnitInterval}, false, "0.1235"}, {num(1e7), hmis.DataElement{ValueType: hmis.Number}, false, "1.0E7"}, {num(-12.345), hmis.DataElement{ValueType: hmis.Number}, false, "-12.34"}, {num(33), hmis.DataElement{ValueType: hmis.Number}, false, "33.0"},
		{num(math.NaN()), hmis.DataElement{ValueType: hmis.Number}, false, nothing}, {num(math.Inf(-1)), hmis.DataElement{ValueType: hmis.Integer}, false, nothing}, {num(math.NaN()), hmis.DataElement{ValueType: hmis.Text}, false, nothing}, {indicator.Truth(true), hmis.DataElement{ValueType: hmis.Number}, false, nothing}, {indicator.Text("5"), hmis.DataElement{ValueType: hmis.Number}, false, nothing},
		{indicator.Text("a b"), hmis.DataElement{ValueType: hmis.LongText}, false, "a b"}, {num(12.3456), hmis.DataElement{ValueType: hmis.Text}, false, "12.35"}, {indicator.Truth(true), hmis.DataElement{ValueType: hmis.Text}, false, "true"},
		{indicator.Truth(true), hmis.DataElement{ValueType: hmis.Boolean}, false, "true"}, {indicator.Truth(false), hmis.DataElement{ValueType: hmis.Boolean}, false, "false"}, {num(1), hmis.DataElement{ValueType: hmis.Boolean}, false, nothing}, {indicator.Text("true"), hmis.DataElement{ValueType: hmis.Boolean}, false, nothing},
		{indicator.Truth(true), hmis.DataElement{ValueType: hmis.TrueOnly}, false, "true"}, {indicator.Truth(false), hmis.DataElement{ValueType: hmis.TrueOnly}, false, "false"}, {none, hmis.DataElement{ValueType: hmis.TrueOnly}, true, "false"},
		{num(4503599627370497), hmis.DataElement{ValueType: hmis.Integer}, false, "4503599627370497"}, {num(4503599627370497), hmis.DataElement{ValueType: hmis.Number}, false, "4.503599627370497E15"}, // an odd number so large that no double is halfway
		{indicator.Text("2024-02-29"), hmis.DataElement{ValueType: hmis.DateValue}, false, "2024-02-29"}, {indicator.Text("2023-02-29"), hmis.DataElement{ValueType: hmis.DateValue}, false, nothing}, {indicator.Text("soon"), hmis.DataElement{ValueType: hmis.DateValue}, false, nothing}, {num(1), hmis.DataElement{ValueType: hmis.DateValue}, false, nothing},
		{indicator.Text("x"), hmis.DataElement{ValueType: "COORDINATE"}, false, nothing}, {num(1), hmis.DataElement{ValueType: "FILE_RESOURCE"}, false, nothing},
	}
	for _, tt := range tests {
		strategy := hmis.SkipIfAllMissing
		if tt.never {
			strategy = hmis.NeverSkip
		}
		got, ok := indicator.Prediction(tt.v, tt.output, strategy)
		if !ok {
			got = nothing
		}
		if got != tt.want {
			t.Errorf("%v as %v, %s: %q, want %q", show(tt.v), tt.output, strategy, got, tt.want)
		}
	}
}

// TestForEach checks how generators for groups are split
// (RULES.md#generators-for-groups).
func TestForEach(t *testing.T) {
	f, err := indicator.ParseForEach("forEach ?de in :DEG:oDkJh5Ddh7d --> #{?de} + sum(#{?de.HllvX50cXC0})")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(indicator.ForEach{Name: "?de", Group: "oDkJh5Ddh7d", Main: "#{?de} + sum(#{?de.HllvX50cXC0})"}, f))
	e, err := f.For("fbfJHSPpUQD")
	require.NoError(t, err)
	require.Equal(t, "#{fbfJHSPpUQD} + sum(#{fbfJHSPpUQD.HllvX50cXC0})", e.String())

	good := []string{"forEach ?a in :DEG:oDkJh5Ddh7d --> 1", "forEach\t?x1\nin  :DEG:oDkJh5Ddh7d\r\n-->\n#{?x1}", "forEach ?a in :DEG:oDkJh5Ddh7d --> #{?a} --> 1"}
	for _, in := range good {
		if f, err := indicator.ParseForEach(in); err != nil || f.Name == "" {
			t.Errorf("%s: %v, %v", in, f, err)
		}
	}
	const want = "want forEach ?name in :DEG:group --> expression"
	bad := []string{
		"forEach", "forEach ", "forEach ?de", "forEach ?de in", "forEach ?de in :DEG:oDkJh5Ddh7d", "forEach ?de in :DEG:oDkJh5Ddh7d -->", "forEach ?de in :DEG:oDkJh5Ddh7d --> ", "forEach ?de in :DEG:oDkJh5Ddh7d -> 1",
		"forEach de in :DEG:oDkJh5Ddh7d --> 1", "forEach ? in :DEG:oDkJh5Ddh7d --> 1", "forEach ?1 in :DEG:oDkJh5Ddh7d --> 1", "forEach ?d_e in :DEG:oDkJh5Ddh7d --> 1", "forEach ?dé in :DEG:oDkJh5Ddh7d --> 1", "forEach ?de IN :DEG:oDkJh5Ddh7d --> 1",
		"forEach ?de in :DEG:short --> 1", "forEach ?de in DEG:oDkJh5Ddh7d --> 1", "forEach ?de in :DS:oDkJh5Ddh7d --> 1", "forEach ?de in :DEG:oDkJh5Ddh7d--> 1", "forEach ?de in :DEG: oDkJh5Ddh7d --> 1",
	}
	for _, in := range bad {
		_, err := indicator.ParseForEach(in)
		require.EqualError(t, err, "indicator: 1:1: "+want, in)
	}
	for _, in := range []string{"", "1 + 2", "foreach ?de in :DEG:oDkJh5Ddh7d --> 1", "forEachOf"} {
		f, err := indicator.ParseForEach(in)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(indicator.ForEach{Main: in}, f))
	}
	plain, err := indicator.ForEach{Main: "1 + 2"}.For("fbfJHSPpUQD")
	require.NoError(t, err)
	require.Equal(t, "1 + 2", plain.String())
}

// TestDates checks that days before 1970 work like all others.
func TestDates(t *testing.T) {
	for i := range indicator.MustParse("#{fbfJHSPpUQD}.minDate(1969-12-31).maxDate(1999-1-1)").Items() {
		require.Equal(t, period.DateOf(1969, 12, 31), i.From)
		require.Equal(t, "#{fbfJHSPpUQD}.maxDate(1999-01-01).minDate(1969-12-31)", i.String())
	}
}
