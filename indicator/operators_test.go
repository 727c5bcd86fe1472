package indicator_test

import (
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// TestPrecedence checks the order of operators (RULES.md#binding). The tighter
// level goes first. Within a level the left operator goes first, but for powers
// the right one.
func TestPrecedence(t *testing.T) {
	tests := []struct{ in, want string }{
		{"-2^2", "-(2^2)"}, {"2^3^2", "2^(3^2)"}, {"2^-1*4", "(2^(-1))*4"}, {"2^-3^2", "2^(-(3^2))"}, {"2^!1 .yearToDate()", "2^(!(1 .yearToDate()))"},
		{"-#{fbfJHSPpUQD}.yearToDate()", "-(#{fbfJHSPpUQD}.yearToDate())"}, {"2^#{fbfJHSPpUQD}.yearToDate()", "2^(#{fbfJHSPpUQD}.yearToDate())"},
		{"-1*2", "(-1)*2"}, {"!1 == 2", "(!1) == 2"}, {"not 1 or 2", "(not 1) or 2"}, {"not 1 * 2", "(not 1) * 2"}, {"not not 1", "not (not 1)"},
		{"1*2/3%4", "((1*2)/3)%4"}, {"1%2*3", "(1%2)*3"}, {"1-2+3-4", "((1-2)+3)-4"}, {"1+2*3-4", "(1+(2*3))-4"}, {"1--2", "1-(-2)"}, {"1+-+2", "1+(-(+2))"}, {"1 + + 2", "1 + (+2)"},
		{"1+2<3+4", "(1+2)<(3+4)"}, {"1<2<=3>4>=5", "(((1<2)<=3)>4)>=5"}, {"1<2==3>4", "(1<2)==(3>4)"}, {"1==2!=3==4", "((1==2)!=3)==4"},
		{"1==2&&3!=4", "(1==2)&&(3!=4)"}, {"1&&2 and 3", "(1&&2) and 3"}, {"1||2&&3||4", "(1||(2&&3))||4"}, {"1 or 2 and 3", "1 or (2 and 3)"}, {"1 and 2 or 3", "(1 and 2) or 3"},
		{"1 || 2 or 3", "(1 || 2) or 3"}, {"1 && 2 || 3 and 4", "(1 && 2) || (3 and 4)"},
	}
	for _, tt := range tests {
		a, err := indicator.Parse(tt.in)
		b, err2 := indicator.Parse(tt.want)
		if err != nil || err2 != nil || a.String() != b.String() {
			t.Errorf("%s: %v, %v; want %v, %v", tt.in, a, err, b, err2)
		}
	}
}

// TestCoercion checks how each value converts to a number, a truth value and a
// text (RULES.md#conversions).
func TestCoercion(t *testing.T) {
	tests := []struct{ in, number, truth, text string }{
		{"0", "0", "false", "0.0"}, {"1", "1", "true", "1.0"}, {"-3", "-3", "true", "-3.0"}, {"-0", "-0", "false", "-0.0"}, {"0.5", "0.5", "type", "0.5"}, {"12.5", "12.5", "type", "12.5"},
		{"1/0", "NaN", "type", "NaN"}, {"log(0)", "-Infinity", "type", "-Infinity"}, {"-log(0)", "Infinity", "type", "Infinity"},
		{"1e7", "10000000", "true", "1.0E7"}, {"9999999", "9999999", "true", "9999999.0"}, {"0.001", "0.001", "type", "0.001"}, {"0.00012345", "0.00012345", "type", "1.2345E-4"},
		{"1e300", "1" + strings.Repeat("0", 300), "true", "1.0E300"}, {"123456789012", "123456789012", "true", "1.23456789012E11"},
		{"true", "type", "true", "true"}, {"false", "type", "false", "false"}, {"1 < 2", "type", "true", "true"}, {"isNull(1)", "type", "false", "false"},
		{"'5'", "5", "type", "5"}, {"' 7 '", "7", "type", " 7 "}, {`'\t7\n'`, "7", "type", "\t7\n"}, {"'1e2'", "100", "type", "1e2"}, {"'+5'", "5", "type", "+5"}, {"'-5.'", "-5", "type", "-5."}, {"'.5'", "0.5", "type", ".5"},
		{"'5d'", "5", "type", "5d"}, {"'5F'", "5", "type", "5F"}, {"'5.5e1f'", "55", "type", "5.5e1f"}, {"'0x1p3'", "8", "type", "0x1p3"}, {"'0X1.8P1'", "3", "type", "0X1.8P1"}, {"'-0x1p-1d'", "-0.5", "type", "-0x1p-1d"}, {"'007'", "7", "type", "007"},
		{"'NaN'", "NaN", "type", "NaN"}, {"'-NaN'", "NaN", "type", "-NaN"}, {"'Infinity'", "Infinity", "type", "Infinity"}, {"'+Infinity'", "Infinity", "type", "+Infinity"}, {"'-Infinity'", "-Infinity", "type", "-Infinity"}, {"'1e999'", "Infinity", "type", "1e999"}, {"'-0'", "-0", "type", "-0"},
		{"''", "type", "type", ""}, {"' '", "type", "type", " "}, {"'abc'", "type", "type", "abc"}, {"'1,5'", "type", "type", "1,5"}, {"'1 2'", "type", "type", "1 2"}, {"'+-5'", "type", "type", "+-5"}, {"'5dd'", "type", "type", "5dd"}, {"'d'", "type", "type", "d"}, {"'.'", "type", "type", "."}, {"'e5'", "type", "type", "e5"},
		{"'0x10'", "type", "type", "0x10"}, {"'0x1f'", "type", "type", "0x1f"}, {"'1p3'", "type", "type", "1p3"}, {"'inf'", "type", "type", "inf"}, {"'nan'", "type", "type", "nan"}, {"'infinity'", "type", "type", "infinity"}, {"'NaNd'", "type", "type", "NaNd"}, {"'1_000'", "type", "type", "1_000"}, {"'٣'", "type", "type", "٣"}, {"'1\u00a0'", "type", "type", "1\u00a0"},
		{"'true'", "type", "true", "true"}, {"'TRUE'", "type", "true", "TRUE"}, {"'False'", "type", "false", "False"}, {"'yes'", "type", "type", "yes"}, {"'1'", "1", "type", "1"}, {"' true'", "type", "type", " true"},
		{"null", "missing", "missing", "missing"}, {"null + 1", "missing", "missing", "missing"},
	}
	for _, tt := range tests {
		for _, as := range []struct {
			result hmis.ValueType
			in     string // an expression that needs the value
			want   string
		}{
			{hmis.Number, "", tt.number}, {hmis.Number, "+", tt.number}, {hmis.Boolean, "", tt.truth}, {hmis.Boolean, "!!", tt.truth}, {hmis.Text, "", tt.text},
		} {
			in := tt.in
			if as.in != "" {
				in = as.in + "(" + in + ")"
			}
			if got := answer(indicator.InPredictor, in, indicator.Env{Result: as.result}); got != as.want {
				t.Errorf("%s as %s: %q, want %q", in, as.result, got, as.want)
			}
		}
	}
}

// TestComparison checks the order of values, and pairs that are equal or cannot
// be compared (RULES.md#comparison).
func TestComparison(t *testing.T) {
	test := func(in string) string { return answer(indicator.InTest, in, indicator.Env{}) }
	for _, chain := range [][]string{
		{"log(0)", "-1e300", "-5", "-0.1", "-0", "0", "1e-300", "0.1", "5", "'10'", "1e300", "-log(0)", "1/0"}, // numbers; '10' is one if the other side is a number
		{"false", "true"},
		{"'10'", "'10.0'", "'9'", "'A'", "'a'", "'a\\u0000'", "'aa'", "'b'", "'é'", "'\\ud83d\\ude00'", "'\\ufb01'"}, // texts
		{"'0'", "false", "'g'"}, // a text that is no truth value makes both sides texts
	} {
		for i, x := range chain {
			for j, y := range chain {
				if i+1 != j && i != j && strings.Contains(x+y, "'") && !strings.HasPrefix(chain[0], "'1") {
					continue // '10' is a number only if the other side is one
				}
				for op, holds := range map[string]bool{"==": i == j, "!=": i != j, "<": i < j, "<=": i <= j, ">": i > j, ">=": i >= j} {
					want := "false"
					if holds {
						want = "true"
					}
					if got := test("(" + x + ") " + op + " (" + y + ")"); got != want {
						t.Errorf("%s %s %s: %s, want %s", x, op, y, got, want)
					}
				}
			}
		}
	}
	tests := []struct{ in, want string }{
		{"'10' < '9'", "true"}, {"10 > '9'", "true"}, {"'10' == '10.0'", "false"}, {"10 == '10.0'", "true"}, {"' 10 ' == 10", "true"}, {"1 != 1.0", "false"},
		{"true == 1", "true"}, {"2 == true", "true"}, {"0 == false", "true"}, {"-0 == false", "true"}, {"true > 0", "true"}, {"1 > false", "true"}, {"false < 'true'", "true"},
		{"'TRUE' == true", "true"}, {"'abc' == true", "false"}, {"'' == false", "false"}, {"true == 'yes'", "false"}, {"'yes' > true", "true"},
		{"'abc' == 1", "false"}, {"1 < 'abc'", "true"}, {"'1.0' == 1", "true"}, {"'NaN' == 1/0", "true"}, {"'a' > 1/0", "true"}, {"1e7 < '1.0F'", "false"}, {"1e7 < '1.0x'", "true"}, // compared as the texts 1.0E7 and 1.0x
		{"2.1 == false", "type"}, {"false < 0.5", "type"}, {"1/0 == true", "type"}, {"log(0) == false", "type"}, {"0.5 == 'true'", "false"},
		{"1/0 == 1/0", "true"}, {"0 == -0", "false"}, {"-0 < 0", "true"}, {"0.1+0.2 == 0.3", "true"}, {"null == null", "missing"}, {"null < 1", "missing"}, {"1 >= null", "missing"}, {"null == 'abc' + 1", "missing"},
		{"1 < 2 < 3", "false"}, {"3 > 2 > 1", "false"}, {"3 > 2 > false", "true"}, {"1 == 1 == 1", "true"}, {"null < 1 < 'abc' + 1", "missing"},
	}
	for _, tt := range tests {
		if got := test(tt.in); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.in, got, tt.want)
		}
	}
}

// TestOperators checks arithmetic and powers (RULES.md#arithmetic,
// RULES.md#powers). ∞ is an infinity and ø not-a-number.
func TestOperators(t *testing.T) {
	tests := []struct{ in, want string }{
		// null and not-a-number end the evaluation from left to right
		{"null + ø", "missing"}, {"ø + null", "NaN"}, {"1 + null + ø", "missing"}, {"1 + ø + null", "NaN"}, {"ø * 'abc'", "NaN"}, {"null * 'abc'", "missing"}, {"'abc' * null", "type"}, {"null ^ true", "missing"}, {"ø ^ true", "NaN"},
		{"2 ^ ø", "NaN"}, {"2 ^ null", "missing"}, {"-null", "missing"}, {"-ø", "NaN"}, {"+null", "missing"}, {"1 - null", "missing"}, {"null / 0", "missing"}, {"null % 0", "missing"}, {"log(null)", "missing"}, {"log(ø, null)", "NaN"}, {"log(null, 'abc')", "missing"}, {"log(2, null)", "missing"},

		// sums, differences and products of decimal numbers
		{"0.1 + 0.2", "0.3"}, {"0.8 - 0.7", "0.1"}, {"0.1 * 3", "0.3"}, {"1.005 * 1000", "1005"}, {"4.35 * 100", "435"}, {"1.1 + 2.2 + 3.3", "6.6"}, {"1e22 + 1", "10000000000000000000000"}, {"9007199254740992 + 1", "9007199254740992"}, {"9007199254740992 + 1.5", "9007199254740994"},
		{"0.1 + 0.000000000000000001", "0.1"}, {"123456789.123456789 * 1000", "123456789123.45679"}, {"1e-324 * 1", "0"}, {"5e-324 * 0.5", "0"}, {"5e-324 * 0.6", "0." + strings.Repeat("0", 323) + "49"}, {"1e200 * 1e200", "Infinity"}, {"-1e200 * 1e200", "-Infinity"}, {"-1e-200 * 1e-200", "0"}, {"1e308 + 1e308", "Infinity"},
		{"0 * -1", "0"}, {"-0 + -0", "0"}, {"-0 - 0", "0"}, {"-0 * 5", "0"}, {"-0 / 5", "0"}, {"-5 % 5", "0"}, {"5 - 5", "0"}, {"-(5 - 5)", "-0"}, {"1 - 1e-20", "1"}, {"1e16 - 0.4", "10000000000000000"},

		// quotients of 16 digits, ties to even
		{"2 / 3", "0.6666666666666667"}, {"-2 / 3", "-0.6666666666666667"}, {"1 / 3", "0.3333333333333333"}, {"1 / 3 * 3", "0.9999999999999999"}, {"1 / 6", "0.1666666666666667"}, {"10 / 3", "3.333333333333333"}, {"100 / 7", "14.28571428571429"}, {"1 / 11", "0.09090909090909091"}, {"1 / 13", "0.07692307692307691"}, {"1 / 49 * 49", "0.9999999999999999"},
		{"1e15 / 1e-15", "1000000000000000000000000000000"}, {"12345678901234565 / 10", "1234567890123456"}, {"12345678901234575 / 10", "1234567890123458"}, {"1 / 1e-320", "Infinity"}, {"1e-320 / 1e10", "0"}, {"6 / 2 * 3", "9"}, {"7 % 4 / 2", "1.5"}, {"8 / 4 * 2", "4"},
		{"1 / 0", "NaN"}, {"0 / 0", "NaN"}, {"-1 / -0", "NaN"}, {"1 / (0 * -1)", "NaN"}, {"1 % 0", "NaN"}, {"1 % -0", "NaN"}, {"∞ / 0", "NaN"}, {"∞ % 0", "NaN"},

		// remainders with the sign of the first
		{"-10 % 3", "-1"}, {"10 % -3", "1"}, {"-10 % -3", "-1"}, {"0.3 % 0.1", "0"}, {"5 % 0.3", "0.2"}, {"1.4 % 2", "1.4"}, {"1e300 % 7", "1"}, {"7 % 1e300", "7"}, {"1e-300 % 7e-310 * 1e300 * 1e10", "4"}, {"0 % 5", "0"},

		// powers of 7 digits
		{"2 ^ 10", "1024"}, {"2 ^ 0.5", "1"}, {"2 ^ 1.9", "2"}, {"2 ^ -1.9", "0.5"}, {"2 ^ -0.9", "1"}, {"0 ^ 0", "1"}, {"-0 ^ 0", "-1"}, {"0 ^ 5", "0"}, {"(-2) ^ 3", "-8"}, {"(-2) ^ 2", "4"}, {"(-8) ^ -1", "-0.125"}, {"123456 ^ 2", "15241380000"}, {"99999999 ^ 1", "100000000"}, {"1.23456789 ^ 1", "1.234568"}, {"1.1 ^ 100", "13780.61"},
		{"1.0000005 ^ 1", "1"}, {"1.0000015 ^ 1", "1.000002"}, {"1.0000025 ^ 1", "1.000002"}, // ties go to even
		{"3 ^ -1", "0.3333333"}, {"2 ^ 1000 / 1e300", "10.71509"}, {"10 ^ 400", "Infinity"}, {"10 ^ -400", "0"}, {"2 ^ '3'", "8"}, {"1 ^ 9999999", "1"}, {"1 ^ 10000000", "abort"}, {"2 ^ -10000000", "abort"}, {"1 ^ 4294967296", "1"}, {"1 ^ 4294967298", "1"}, {"3 ^ 4294967298", "9"}, {"3 ^ -4294967298", "0.1111111"},
		{"0 ^ -1", "abort"}, {"-0 ^ -1", "abort"}, {"0 ^ -0.5", "1"},

		// infinities
		{"∞", "Infinity"}, {"-∞", "-Infinity"}, {"∞ + 1", "abort"}, {"1 + ∞", "abort"}, {"∞ - ∞", "abort"}, {"∞ * 0", "abort"}, {"0 / ∞", "abort"}, {"1 % ∞", "abort"}, {"∞ ^ 2", "abort"}, {"2 ^ ∞", "abort"}, {"∞ + ø", "NaN"}, {"∞ + null", "missing"}, {"ø + ∞", "NaN"},
		{"greatest(∞, 1)", "Infinity"}, {"least(-∞, 1)", "-Infinity"}, {"if(∞ > 1, ∞, 0)", "Infinity"}, {"log(∞)", "Infinity"}, {"log10(∞)", "Infinity"}, {"removeZeros(∞)", "Infinity"}, {"firstNonNull(∞)", "Infinity"},
	}
	for _, tt := range tests {
		in := strings.NewReplacer("ø", "(0/0)", "∞", "1e309").Replace(tt.in)
		if got := answer(indicator.InIndicator, in, indicator.Env{}); got != tt.want {
			t.Errorf("%s: %s, want %s", in, got, tt.want)
		}
	}
}

// TestLogic checks "and", "or" and "not" (RULES.md#logic). X must not be
// evaluated.
func TestLogic(t *testing.T) {
	tests := []struct{ in, want string }{
		{"false and X", "false"}, {"null and X", "missing"}, {"true and true", "true"}, {"true and false", "false"}, {"true and null", "missing"},
		{"true or X", "true"}, {"null or true", "true"}, {"null or false", "missing"}, {"null or null", "missing"}, {"false or true", "true"}, {"false or false", "false"}, {"false or null", "missing"},
		{"not true", "false"}, {"not false", "true"}, {"not null", "missing"}, {"!0", "true"}, {"!'true'", "false"}, {"!0.5", "type"},
		{"null and false", "missing"}, {"false and null", "false"}, {"true and true and false and X", "false"}, {"false or null or true or X", "true"}, {"null or false or true", "true"}, {"true and null and X", "missing"},
		{"1 and 2", "true"}, {"1 and 0", "false"}, {"1.5 and 1", "type"}, {"true and 0.5", "type"}, {"'TRUE' && 'true'", "true"}, {"'x' or true", "type"}, {"1/0 or true", "type"},
	}
	for _, tt := range tests {
		for _, words := range []*strings.Replacer{
			strings.NewReplacer("X", "('x' + 1)"),
			strings.NewReplacer("X", "('x' + 1)", "and", "&&", "or", "||", "not ", "!"),
		} {
			in := words.Replace(tt.in)
			if got := answer(indicator.InTest, in, indicator.Env{}); got != tt.want {
				t.Errorf("%s: %s, want %s", in, got, tt.want)
			}
		}
	}
}
