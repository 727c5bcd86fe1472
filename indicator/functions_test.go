package indicator_test

import (
	"math"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// TestFunctions checks the functions, also with missing arguments and errors
// (RULES.md#functions). A is 7, C is 0, B and D are missing; X must not be
// evaluated.
func TestFunctions(t *testing.T) {
	tests := []struct{ in, want string }{
		{"if(true, 1, X)", "1"}, {"if(false, X, 2)", "2"}, {"if(null, X, X)", "missing"}, {"if(2, 1, 2)", "1"}, {"if(0, 1, 2)", "2"}, {"if('TRUE', 1, 2)", "1"}, {"if(1.5, 1, 2)", "type"}, {"if('', 1, 2)", "type"}, {"if(1/0, 1, 2)", "type"},
		{"if(true, '5', 1)", "5"}, {"if(true, true, 1)", "type"}, {"if(true, null, 1)", "missing"}, {"if(A > 5, A, B)", "7"}, {"if(A > 5, B, A)", "0"}, {"if(B > 5, 1, 2)", "missing"}, {"if(A > 5, B, 0) + 1", "1"},

		{"n(isNull(B))", "1"}, {"n(isNull(A))", "0"}, {"n(isNull(''))", "0"}, {"n(isNull(1/0))", "0"}, {"n(isNull(B + 1))", "1"}, {"n(isNull(A + 1))", "0"}, {"n(isNull(B * C))", "1"}, {"n(isNull(-B))", "1"}, {"n(isNull(null))", "1"}, {"n(isNull(removeZeros(C)))", "1"}, {"n(isNull(true and null))", "1"},
		{"n(isNotNull(B))", "0"}, {"n(isNotNull(A))", "1"}, {"n(isNotNull(null))", "0"}, {"n(isNull('x' + 1))", "type"}, {"isNull(A)", "type"},

		{"firstNonNull(A, X)", "7"}, {"firstNonNull(B, A)", "7"}, {"firstNonNull(B, 0/0, A)", "NaN"}, {"firstNonNull(B, C)", "0"}, {"firstNonNull('5', X)", "5"}, {"firstNonNull(true)", "type"}, {"firstNonNull('a')", "type"}, {"firstNonNull(B, D)", "0"}, {"A * firstNonNull(B, 2) + B", "14"}, {"firstNonNull(B, D) + A", "0"},
		{"firstNonNull(removeZeros(C), A)", "7"}, {"firstNonNull(null, null) + A", "0"}, {"firstNonNull(firstNonNull(B), A)", "7"},

		{"greatest(1, 3, 2)", "3"}, {"least(2, 1, 3)", "1"}, {"greatest(A)", "7"}, {"greatest(null, 1)", "1"}, {"greatest(1, null)", "1"}, {"least(null, null)", "missing"}, {"greatest('5', 3)", "5"}, {"greatest(true, 2)", "type"}, {"greatest(1, 'x')", "type"}, {"greatest(5, X)", "type"}, // all arguments are evaluated
		{"greatest(0/0, 1)", "NaN"}, {"greatest(1, 0/0)", "1"}, {"least(0/0, 1)", "NaN"}, {"least(1, 0/0)", "1"}, {"greatest(0/0, 0/0)", "NaN"}, {"greatest(null, 0/0, 1)", "NaN"}, {"greatest(-0, 0)", "-0"}, {"greatest(0, -0)", "0"}, {"least(0, -0)", "0"}, {"greatest(log(0), log(0))", "-Infinity"}, {"greatest(B, -5) + C", "0"},

		{"log(1)", "0"}, {"log10(100)", "2"}, {"log10(0.001)", "-3"}, {"log10(1e300)", "300"}, {"log10(1e-300)", "-300"}, {"log10(1e-320)", "-320.000004834948"}, {"log(1e-320)", "-736.8272408909739"}, {"log(100, 10)", "2"}, {"log(0)", "-Infinity"}, {"log10(0)", "-Infinity"}, {"log(-1)", "NaN"}, {"log10(-1)", "NaN"}, {"log(-0)", "-Infinity"}, {"log(50, 0)", "-0"}, {"log(50, 1)", "Infinity"}, {"log(50, -3)", "NaN"}, {"log(0, 3)", "-Infinity"}, {"log(1, 1)", "NaN"},
		{"log(null)", "missing"}, {"log10(0/0)", "NaN"}, {"log(null, X)", "missing"}, {"log(0/0, X)", "NaN"}, {"log(5, null)", "missing"}, {"log('1')", "0"}, {"log(true)", "type"}, {"log(B)", "missing"}, {"log(B + A * 0 + 1)", "0"},

		{"removeZeros(5)", "5"}, {"removeZeros(0)", "missing"}, {"removeZeros(0.0)", "missing"}, {"removeZeros(10 - 2 * 5)", "missing"}, {"removeZeros(C)", "missing"}, {"removeZeros(B)", "missing"}, {"removeZeros(-0)", "-0"}, {"removeZeros(null)", "missing"}, {"removeZeros('0')", "0"}, {"removeZeros(0/0)", "NaN"}, {"removeZeros(C) + A", "missing"}, {"A + removeZeros(0)", "missing"}, {"n(removeZeros(false))", "0"},

		{"n(contains('abc', 'b'))", "1"}, {"n(contains('abc', 'b', 'c'))", "1"}, {"n(contains('abc', 'b', 'x'))", "0"}, {"n(contains('abc', ''))", "1"}, {"n(contains('', ''))", "1"}, {"n(contains('', 'a'))", "0"}, {"n(contains(123, 2))", "0"}, {"n(contains(123, 3))", "1"}, {"n(contains(true, 'ru'))", "1"}, {"n(contains('abc', 'B'))", "0"},
		{"n(contains('a\U0001F600b', '\U0001F600'))", "1"}, {`n(contains('a😀b', '\ud83d'))`, "1"}, {`n(contains('a😀b', '\ude00b'))`, "1"}, {`n(contains('a😀b', '\ude00a'))`, "0"}, {`n(contains('aéb', '\u00e9'))`, "1"},
		{"contains(null, 'a')", "abort"}, {"contains('a', null)", "abort"}, {"contains('a', 'x', null)", "abort"}, {"contains('a', 'x', Y)", "type"}, {"contains(null, Y)", "type"}, // all arguments are evaluated

		{"n(containsItems('ab,cd,ef', 'cd'))", "1"}, {"n(containsItems('ab,cd,ef', 'ef', 'ab'))", "1"}, {"n(containsItems('ab,cd,ef', 'b,c'))", "0"}, {"n(containsItems('ab, cd', 'cd'))", "0"}, {"n(containsItems('ab, cd', ' cd'))", "1"}, {"n(containsItems('a,b,,', ''))", "0"}, {"n(containsItems(',a', ''))", "1"}, {"n(containsItems('a,,b', ''))", "1"}, {"n(containsItems('', ''))", "1"}, {"n(containsItems(',', ''))", "0"}, {"n(containsItems('', 'a'))", "0"}, {"n(containsItems('1.0,2', 1))", "1"},
		{"containsItems('a,a', 'a')", "abort"}, {"containsItems(',,a', 'a')", "abort"}, {"n(containsItems('a,,', 'a'))", "1"}, {"containsItems(null, 'a')", "abort"}, {"containsItems('a', null)", "abort"},

		{"n(is(1 in 1, X))", "1"}, {"n(is(1 in 2, 1))", "1"}, {"n(is(1 in 2, 3))", "0"}, {"n(is('A' in 'B', 'A'))", "1"}, {"n(is('1' in '1.0'))", "0"}, {"n(is(1 in '1.0'))", "1"}, {"n(is(true in 1))", "1"}, {"n(is(0 in -0))", "0"}, {"n(is(0/0 in 0/0))", "1"}, {"is(0.5 in true)", "type"},
		{"is(null in 1)", "abort"}, {"is(1 in null, 1)", "abort"}, {"is(1 in 2, null)", "abort"}, {"n(is(1 in 1, null))", "1"}, {"n(is(A in 5, 7))", "1"}, {"n(is(B in 0))", "missing"},
	}
	for _, tt := range tests {
		in := tt.in
		if rest, ok := strings.CutPrefix(in, "n("); ok { // the result is a number
			in = "if(" + strings.TrimSuffix(rest, ")") + ", 1, 0)"
		}
		in = strings.NewReplacer("X", "(1 + 'x')", "Y", "(1 + 'x')").Replace(in)
		for _, letter := range []string{"A", "B", "C", "D"} {
			in = replaceWord(in, letter, letters.Replace(letter))
		}
		if got := answer(indicator.InIndicator, in, indicator.Env{Item: letterValues}); got != tt.want {
			t.Errorf("%s: %s, want %s", in, got, tt.want)
		}
	}
}

// replaceWord replaces a letter that is neither part of a word nor quoted.
func replaceWord(s, letter, by string) string {
	var b strings.Builder
	quoted := false
	for i := range len(s) {
		c := s[i]
		if c == '\'' {
			quoted = !quoted
		}
		part := func(k int) bool {
			return k >= 0 && k < len(s) && (s[k]|0x20 >= 'a' && s[k]|0x20 <= 'z')
		}
		if !quoted && c == letter[0] && !part(i-1) && !part(i+1) {
			b.WriteString(by)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// TestMissing checks the value of A + B and others under each strategy
// (RULES.md#missing-values). A is 7, C is 0, B and D are missing.
func TestMissing(t *testing.T) {
	tests := []struct{ in, all, any, never string }{
		{"A", "7", "7", "7"}, {"B", "missing", "missing", "0"}, {"C", "0", "0", "0"}, {"-B", "missing", "missing", "-0"},
		{"A + B", "7", "missing", "7"}, {"B + D", "missing", "missing", "0"}, {"B + C", "0", "missing", "0"}, {"A + C", "7", "7", "7"}, {"B + 1", "missing", "missing", "1"}, {"5 + B * 0", "missing", "missing", "5"},
		{"A * B", "0", "missing", "0"}, {"A / B", "NaN", "missing", "NaN"}, {"B / A", "0", "missing", "0"}, {"A ^ B", "1", "missing", "1"}, {"A % B", "NaN", "missing", "NaN"},
		{"A / 0 + B", "NaN", "NaN", "NaN"}, {"null + B", "missing", "missing", "missing"}, {"B + null", "missing", "missing", "missing"}, {"1", "1", "1", "1"}, {"1 + 1", "2", "2", "2"},
		{"if(isNull(B), 1, 2)", "1", "1", "1"}, {"if(isNull(B), 0, B) + D", "missing", "missing", "0"}, {"if(isNull(B), A, 2)", "7", "7", "7"}, {"if(isNull(B), D, 2)", "missing", "missing", "0"}, {"if(A > 5, 1, B)", "1", "1", "1"}, {"if(B == 0, A, 2)", "7", "missing", "7"},
		{"firstNonNull(B)", "0", "0", "0"}, {"firstNonNull(B, D) + 1", "0", "0", "0"}, {"firstNonNull(B, 3) + A", "10", "10", "10"}, {"firstNonNull(B, 3) + D", "missing", "missing", "3"},
		{"null", "missing", "missing", "missing"}, {"removeZeros(C)", "missing", "missing", "missing"}, {"firstNonNull(null)", "0", "0", "0"}, {"if(isNull(null), B, 1)", "missing", "missing", "0"},
		{"if(removeZeros(C) == 1 or isNull(B), B, 1)", "missing", "missing", "missing"}, // removing a zero also stops the replacement of missing values by 0
		{"greatest(B, -5)", "missing", "missing", "0"}, {"least(B, 5) + A", "7", "missing", "7"}, {"if(A == 7 or B == 1, 1, 0)", "1", "1", "1"}, {"if(A == 7 and B == 1, 1, 0)", "0", "missing", "0"}, {"if(is(7 in A, B), 1, 0)", "1", "1", "1"}, {"if(is(0 in A, B), 1, 0)", "1", "missing", "1"},
		{"K + 1", "8", "8", "8"}, {"G + 1", "1", "1", "1"}, {"[days] + 1", "1", "1", "1"}, {"[periodInYear] + [yearlyPeriodCount]", "0", "0", "0"}, {"G + B", "missing", "missing", "0"}, // none of these items counts
		{"R + I + P + N + D + A", "7", "missing", "7"}, {"R + I", "missing", "missing", "0"}, {"subExpression(A) + B", "missing", "missing", "0"}, {"subExpression(A) + A", "7", "missing", "7"},
	}
	words := map[string]string{"A": "#{aaaaaaaaaaa}", "B": "#{bbbbbbbbbbb}", "C": "#{ccccccccccc}", "D": "#{ddddddddddd}", "K": "C{kkkkkkkkkkk}", "G": "OUG{ggggggggggg}", "R": "R{rrrrrrrrrrr.REPORTING_RATE}", "I": "I{iiiiiiiiiii}", "P": "D{ppppppppppp.ddddddddddd}", "N": "N{nnnnnnnnnnn}"}
	item := func(i indicator.Item) indicator.Value {
		switch {
		case i.Kind == indicator.ConstantItem:
			return indicator.Float(7)
		case i.Kind == indicator.DataElementItem:
			return letterValues(i)
		}
		return indicator.Value{}
	}
	for _, tt := range tests {
		var in strings.Builder
		for i := range len(tt.in) {
			c := tt.in[i : i+1]
			part := i+1 < len(tt.in) && tt.in[i+1]|0x20 >= 'a' && tt.in[i+1]|0x20 <= 'z' || i > 0 && tt.in[i-1]|0x20 >= 'a' && tt.in[i-1]|0x20 <= 'z'
			if w, ok := words[c]; ok && !part {
				c = w
			}
			in.WriteString(c)
		}
		for strategy, want := range map[hmis.Missing]string{"": tt.all, hmis.SkipIfAllMissing: tt.all, hmis.SkipIfAnyMissing: tt.any, hmis.NeverSkip: tt.never} {
			if got := answer(indicator.InIndicator, in.String(), indicator.Env{Item: item, Missing: strategy}); got != want {
				t.Errorf("%s, %s: %s, want %s", tt.in, strategy, got, want)
			}
		}
	}
}

// TestMissingByType checks which value replaces a missing item of each type.
// Outside indicators items have types (rule 1 of RULES.md#missing-values).
func TestMissingByType(t *testing.T) {
	tests := []struct {
		typ                      hmis.ValueType
		number, truth, text, is0 string // the results of x + 1, of x as truth value and text, and of x == 0
	}{
		{hmis.Number, "1", "false", "0.0", "true"}, {hmis.Integer, "1", "false", "0.0", "true"}, {hmis.Percentage, "1", "false", "0.0", "true"},
		{hmis.Boolean, "type", "false", "false", "true"}, {hmis.TrueOnly, "type", "false", "false", "true"},
		{hmis.Text, "type", "type", "", "false"}, {hmis.LongText, "type", "type", "", "false"},
		{hmis.DateValue, "missing", "missing", "missing", "missing"}, {hmis.DateTime, "missing", "missing", "missing", "missing"},
	}
	for _, tt := range tests {
		env := indicator.Env{Missing: hmis.NeverSkip, Type: func(indicator.Item) hmis.ValueType { return tt.typ }}
		for _, as := range []struct {
			in     string
			result hmis.ValueType
			want   string
		}{
			{"#{fbfJHSPpUQD} + 1", hmis.Number, tt.number}, {"#{fbfJHSPpUQD}", hmis.Boolean, tt.truth}, {"#{fbfJHSPpUQD}", hmis.Text, tt.text}, {"#{fbfJHSPpUQD} == 0", hmis.Boolean, tt.is0},
		} {
			env.Result = as.result
			if got := answer(indicator.InPredictor, as.in, env); got != as.want {
				t.Errorf("%s of %s as %s: %q, want %q", as.in, tt.typ, as.result, got, as.want)
			}
			if got := answer(indicator.InIndicator, "#{fbfJHSPpUQD} + 1", env); as.result == hmis.Number && got != "1" {
				t.Errorf("%s in an indicator: %s, want 1", tt.typ, got)
			}
		}
	}
	// A missing date that is only tested for null does not make the result
	// missing.
	env := indicator.Env{Type: func(indicator.Item) hmis.ValueType { return hmis.DateValue }}
	if got := answer(indicator.InPredictor, "if(isNull(#{fbfJHSPpUQD}), 1, 0)", env); got != "1" {
		t.Errorf("isNull of a date: %s", got)
	}
	// A result that is missing in the end becomes the zero of its type.
	for result, want := range map[hmis.ValueType]string{hmis.Number: "0", hmis.Boolean: "false", hmis.Text: ""} {
		if got := answer(indicator.InPredictor, "firstNonNull(#{fbfJHSPpUQD})", indicator.Env{Result: result}); got != want {
			t.Errorf("firstNonNull as %s: %q, want %q", result, got, want)
		}
	}
}

// TestNormal compares the normal distribution with values of the server and
// with published ones.
func TestNormal(t *testing.T) {
	tests := []struct {
		in   string
		want float64
	}{
		{"normDistCum(0, 0, 1)", 0.5}, {"normDistCum(1.96, 0, 1)", 0.9750021048517795}, {"normDistCum(-1.96, 0, 1)", 0.0249978951482205},
		{"normDistDen(0, 0, 1)", 1 / math.Sqrt(2*math.Pi)}, {"normDistDen(8, 5, 2)", 0.06475879783294586},
		{"normDistCum(41, 0, 1)", 1}, {"normDistCum(-41, 0, 1)", 0},
	}
	for _, tt := range tests {
		e, err := indicator.InPredictor.Parse(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		v, err := e.Eval(indicator.Env{})
		f, ok := v.Float64()
		if err != nil || !ok || math.Abs(f-tt.want) > 1e-12*math.Abs(tt.want) {
			t.Errorf("%s = %v, %v; want %v", tt.in, v, err, tt.want)
		}
	}
	for in, want := range map[string]string{
		"normDistCum(1, 0, 0)": "NaN", "normDistCum(1, 0, -1)": "NaN", "normDistDen(1, 0, 0/0)": "NaN", "normDistCum(0/0, 0, 1)": "NaN", "normDistCum(null, 0, 1)": "missing",
		"normDistCum(1, null, 1)": "missing", "normDistDen(1, 0, null)": "missing", "normDistCum('1', '1', '1')": "0.5", "normDistCum(true, 0, 1)": "type",
	} {
		if got := answer(indicator.InPredictor, in, indicator.Env{}); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
