package indicator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/indicator/ast"
)

// answer computes an expression and returns its value as text, or the kind of
// its error.
func answer(use indicator.Use, in string, env indicator.Env) string {
	e, err := use.Parse(in)
	if err != nil {
		return kindOf(err)
	}
	v, err := e.Eval(env)
	if err != nil {
		return kindOf(err)
	}
	return show(v)
}

// an is the id of every item in these tests.
const an = "fbfJHSPpUQD"

// TestTokens checks each kind of token, and neighbours that are none
// (RULES.md#tokens, RULES.md#texts).
func TestTokens(t *testing.T) {
	tests := []struct{ in, want string }{
		// integers
		{"0", "0"}, {"10", "10"}, {"01", "syntax"}, {"00", "syntax"}, {"007", "syntax"}, {"0 0", "syntax"},
		{"1_000", "syntax"}, {"0x10", "syntax"}, {"1d", "syntax"}, {"1f", "syntax"}, {"1L", "syntax"},
		{"NaN", "syntax"}, {"Infinity", "syntax"}, {"1,5", "syntax"}, {"5-", "syntax"},

		// numbers
		{"2.", "2"}, {".5", "0.5"}, {"1.e2", "100"}, {"2E01", "20"}, {"1e+3", "1000"}, {"1E-3", "0.001"}, {".5e-1", "0.05"},
		{"0.5", "0.5"}, {"0.", "0"}, {"0e5", "0"}, {"00.5", "syntax"}, {"01.5", "syntax"}, {".", "syntax"}, {"1..5", "syntax"},
		{"1.5.5", "syntax"}, {"1e", "syntax"}, {"1e+", "syntax"}, {"e5", "syntax"}, {".e5", "syntax"}, {"1e5.5", "syntax"},
		{"1e1e1", "syntax"}, {"-.5", "-0.5"}, {"+5", "5"}, {"2.^.5", "1"}, {"1e309-1", "abort"}, {"1e-400", "0"},

		// truth values and null
		{"if(true, 1, 2)", "1"}, {"if(false, 1, 2)", "2"}, {"TRUE", "syntax"}, {"True", "syntax"}, {"NULL", "syntax"},
		{"if(isNull(null), 1, 2)", "1"}, {"true1", "syntax"}, {"nulls", "syntax"},

		// dates look like subtractions
		{"2020-1-1", "syntax"}, {"1999-12-31", "syntax"}, {"1000-1-1", "syntax"}, {"2020-19-39", "syntax"}, {"2020-00-00", "syntax"},
		{"2020 -1-1", "2018"}, {"2020-1 -1", "2018"}, {"999-1-1", "997"}, {"10000-1-1", "9998"}, {"1000-20-1", "979"},
		{"2020-1 - 1", "2018"}, {"2020-1", "2019"}, {"2020-1-", "syntax"}, {"2020--1-1", "2020"}, {"2020-1-a", "syntax"},
		{"2020-1-45", "syntax"}, // the date 2020-1-4 followed by a 5
		{"2020-100-1", "1919"}, {"2020-2-1", "syntax"}, {"12020-1-1", "12018"}, {"0-2020-1-1", "syntax"}, {"2020.0-1-1", "2018"},
		{"2020-1/**/-1", "2018"}, {"2020-12-31+1", "syntax"}, {"2020/**/-1-1", "2018"},

		// keywords next to digits
		{"if(1and2, 1, 0)", "1"}, {"if(0or2, 1, 0)", "1"}, {"if(1 and2, 1, 0)", "1"}, {"if(not1, 1, 0)", "0"}, {"if(5.and 3, 1, 0)", "1"},
		{"if(true andtrue, 1, 0)", "syntax"}, {"if(trueand true, 1, 0)", "syntax"}, {"if(notisNull(1), 1, 0)", "syntax"},
		{"if(not(true), 1, 0)", "0"}, {"if(nottrue, 1, 0)", "syntax"}, {"if(true or_ true, 1, 0)", "syntax"}, {"if(true AND true, 1, 0)", "syntax"},
		{"if(1and23456789, 1, 0)", "syntax"}, // and23456789 is a UID
		{"if(1and2345678, 1, 0)", "1"}, {"if(1and234567890, 1, 0)", "syntax"},
		{"if('a'=='a'and'b'=='b', 1, 0)", "1"}, {"if((1)and(2), 1, 0)", "1"},

		// functions include the parenthesis
		{"if (true, 1, 2)", "syntax"}, {"isNull (1)", "syntax"}, {"log10 (100)", "syntax"}, {"log10\n(100)", "syntax"}, {"log10/**/(100)", "syntax"},
		{"IF(true, 1, 2)", "syntax"}, {"Log10(100)", "syntax"}, {"log10( 100 )", "2"}, {"log1(100)", "syntax"}, {"notif(true, 1, 2)", "syntax"},
		{"#{" + an + "}.periodOffset (1)", "syntax"}, {"#{" + an + "}.yearToDate( )", "syntax"}, {"#{" + an + "}.yearToDate(/**/)", "syntax"},
		{"#{" + an + "}.yeartodate()", "syntax"}, {"[days ]", "syntax"}, {"[ days]", "syntax"}, {"[DAYS]", "syntax"}, {"[days]", "31"},
		{"[periodInYear ]", "syntax"}, {"[yearlyPeriodCount]", "12"}, {"# {" + an + "}", "syntax"}, {"C {" + an + "}", "syntax"},

		// quoted texts
		{`if("it's" == 'it\'s', 1, 0)`, "1"}, {`if('say "a"' == "say \"a\"", 1, 0)`, "1"}, {`if('\b\t\n\f\r\"\'\\' == "\10\11\12\14\15\42\47\134", 1, 0)`, "1"},
		{`if('\7' == '\07', 1, 0)`, "1"}, {`if('\07' == '\007', 1, 0)`, "1"}, {`if('\400' == '\0400', 1, 0)`, "1"}, {`if('\377' == 'ÿ', 1, 0)`, "1"},
		{`if('\378' == '\0378', 1, 0)`, "1"}, {`if('\18' == '\0018', 1, 0)`, "1"}, {`if('\0' == '\000', 1, 0)`, "1"}, {`if('\477' == '\0477', 1, 0)`, "1"},
		{`if('\u0041' == 'A', 1, 0)`, "1"}, {`if('\uuuu0041B' == 'AB', 1, 0)`, "1"}, {`if('\uD83D\uDE00' == '😀', 1, 0)`, "1"}, {`if('\u00e9' == '\u00E9', 1, 0)`, "1"},
		{`'\u41'`, "syntax"}, {`'\u004g'`, "syntax"}, {`'\U0041'`, "syntax"}, {`'\8'`, "syntax"}, {`'\a'`, "syntax"}, {`'\x41'`, "syntax"}, {`'\ '`, "syntax"},
		{`'\`, "syntax"}, {`'abc`, "syntax"}, {`'abc"`, "syntax"}, {`'a'b'`, "syntax"}, {"'a\nb'", "syntax"}, {"'a\rb'", "syntax"}, {"if('a\tb' == 'a\\tb', 1, 0)", "1"},
		{"'a\\\nb'", "syntax"}, {`if('` + an + `' == "` + an + `", 1, 0)`, "1"}, {"if('\u2028' == '\\u2028', 1, 0)", "1"}, {"if('/* no comment */' == '', 1, 0)", "0"},

		// white space and comments
		{" \t\r\n1\n", "1"}, {"\u00a01", "syntax"}, {"1\u00a0+ 1", "syntax"}, {"\ufeff1", "syntax"}, {"1\v+1", "syntax"}, {"1\f+1", "syntax"}, {"1\u2003+1", "syntax"},
		{"/* a */1/* b\nc */+/**/1", "2"}, {"1 /* /* nested */ */", "syntax"}, {"1 /* open", "syntax"}, {"1 /*/", "syntax"}, {"1 // line", "syntax"}, {"1 # line", "syntax"},
		{"/***/1/****/", "1"}, {"1 */ 2", "syntax"}, {" ", "syntax"}, {"/* only */", "syntax"}, {"", "missing"},
		{"1/**/2", "syntax"}, {"1/**/+/**/2", "3"}, {"if(true/**/and/**/true, 1, 0)", "1"}, {"1<=2", "type"}, {"1< =2", "syntax"}, {"1</**/=2", "syntax"},
		{"is(1 in 1)", "type"}, {"is(1 in1)", "syntax"}, {"is(1in 1)", "syntax"}, {"is('a'in 'a')", "syntax"}, {"is('a' in'a')", "syntax"}, {"is(1\nin\t1)", "type"},
		{"is(1/**/in 1)", "syntax"}, {"is(1 /**/in/**/ 1)", "type"}, {"is(1 IN 1)", "syntax"},
	}
	env := indicator.Env{Item: func(i indicator.Item) indicator.Value {
		switch i.Kind {
		case indicator.DaysItem:
			return indicator.Float(31)
		case indicator.YearlyPeriodsItem:
			return indicator.Float(12)
		}
		return indicator.Float(5)
	}}
	for _, tt := range tests {
		if got := answer(indicator.InIndicator, tt.in, env); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.in, got, tt.want)
		}
	}
}

// itemsOf returns the items of an expression as text, or the kind of its error.
func itemsOf(in string) string {
	e, err := indicator.Parse(in)
	if err != nil {
		return kindOf(err)
	}
	list := ""
	for i := range e.Items() {
		list += i.String()
	}
	return list
}

// TestItemForms checks what may be between braces (RULES.md#items).
func TestItemForms(t *testing.T) {
	const a, b, c = "aaaaaaaaaaa", "bbbbbbbbbbb", "ccccccccccc"
	tests := []struct{ in, want string }{
		{"#{" + a + "}", "#{" + a + "}"}, {"#{" + a + ".*}", "#{" + a + "}"}, {"#{" + a + "." + b + "}", "#{" + a + "." + b + "}"},
		{"#{" + a + "." + b + ".*}", "#{" + a + "." + b + "}"}, {"#{" + a + ".*." + c + "}", "#{" + a + ".*." + c + "}"},
		{"#{" + a + "." + b + "." + c + "}", "#{" + a + "." + b + "." + c + "}"},
		{"#{deGroup:" + a + "}", "#{deGroup:" + a + "}"}, {"#{deGroup:" + a + ".*}", "#{deGroup:" + a + "}"}, {"#{deGroup:" + a + ".*." + c + "}", "#{deGroup:" + a + ".*." + c + "}"},
		{"#{deGroup:" + a + ".co:" + b + "}", "#{deGroup:" + a + ".co:" + b + "}"}, {"#{" + a + ".co:" + b + "." + c + "}", "#{" + a + ".co:" + b + "." + c + "}"},
		{"#{" + a + ".coGroup:" + b + "&" + c + "&" + a + "}", "#{" + a + ".coGroup:" + b + "&" + c + "&" + a + "}"}, {"#{" + a + ".coGroup:" + b + ".*}", "#{" + a + ".coGroup:" + b + "}"},
		{"#{" + a + ".*.*}", "syntax"}, {"#{*}", "syntax"}, {"#{*." + b + "}", "syntax"}, {"#{" + a + "." + b + "&" + c + "}", "syntax"}, {"#{" + a + ".co:" + b + "&" + c + "}", "syntax"},
		{"#{" + a + ".*.co:" + c + "}", "syntax"}, {"#{" + a + "." + b + ".co:" + c + "}", "syntax"}, {"#{co:" + a + "}", "syntax"}, {"#{" + a + ".deGroup:" + b + "}", "syntax"},
		{"#{degroup:" + a + "}", "syntax"}, {"#{deGroup: " + a + "}", "syntax"}, {"#{deGroup:short}", "syntax"}, {"#{" + a + ".coGroup:" + b + "&}", "syntax"}, {"#{}", "syntax"},
		{"#{" + a + "." + b + "." + c + ".*}", "syntax"}, {"#{" + a, "syntax"}, {"#{" + a + "]", "syntax"}, {"#" + a, "syntax"}, {a, "syntax"}, {"X{" + a + "}", "syntax"},

		// a comment is no white space
		{"#{/**/" + a + "/* x */./* y */" + b + "/**/}", "#{" + a + "." + b + "}"}, {"C{/**/" + a + "}", "C{" + a + "}"}, {"#{aaaaaa/**/aaaaa}", "type"}, {"#{" + a + "/* }", "syntax"},

		// names of variables of program rules
		{"#{ " + a + " }", "type"}, {"#{" + a + " }", "type"}, {"#{short}", "type"}, {"#{" + a + ".}", "type"}, {"#{." + a + "}", "type"}, {"#{1bfJHSPpUQD}", "type"}, {"#{a-b c_d.2}", "type"},
		{"A{short}", "type"}, {"A{" + a + "}", "type"}, {"A{ " + a + "." + b + "}", "type"}, {"A{}", "syntax"}, {"A{a:b}", "syntax"}, {"#{a:b}", "syntax"}, {"#{ä}", "syntax"},

		// the other braces
		{"A{" + a + "." + b + "}", "A{" + a + "." + b + "}"}, {"D{" + a + "." + b + "}", "D{" + a + "." + b + "}"}, {"D{" + a + "}", "syntax"}, {"D{" + a + "." + b + "." + c + "}", "syntax"}, {"D{ " + a + "." + b + "}", "syntax"},
		{"I{" + a + "}", "I{" + a + "}"}, {"I{" + a + "." + b + "}", "syntax"}, {"I{short}", "syntax"}, {"N{" + a + "}", "N{" + a + "}"}, {"N{ " + a + "}", "syntax"}, {"C{" + a + "}", "C{" + a + "}"}, {"C{x}", "syntax"},
		{"OUG{" + a + "}", "OUG{" + a + "}"}, {"OUG{" + a + ".*}", "syntax"}, {"OUG {" + a + "}", "syntax"},
		{"R{" + a + ".REPORTING_RATE}", "R{" + a + ".REPORTING_RATE}"}, {"R{" + a + ".REPORTING_RATE_ON_TIME}", "R{" + a + ".REPORTING_RATE_ON_TIME}"},
		{"R{" + a + ".ACTUAL_REPORTS}", "R{" + a + ".ACTUAL_REPORTS}"}, {"R{" + a + ".ACTUAL_REPORTS_ON_TIME}", "R{" + a + ".ACTUAL_REPORTS_ON_TIME}"}, {"R{" + a + ".EXPECTED_REPORTS}", "R{" + a + ".EXPECTED_REPORTS}"},
		{"R{" + a + ".EXPECTED_REPORTS_ON_TIME}", "syntax"}, {"R{" + a + ".reporting_rate}", "syntax"}, {"R{" + a + "}", "syntax"}, {"R{" + a + ".REPORTING_RATE }", "syntax"},
		{"V{event_date}", "type"}, {"V{zero_pos_value_count}", "type"}, {"V{unknown}", "syntax"}, {"V{ event_date}", "syntax"}, {"V{}", "syntax"},
	}
	for _, tt := range tests {
		if got := itemsOf(tt.in); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.in, got, tt.want)
		}
	}
}

// TestModifiers checks the forms of modifiers and the items that they make
// (RULES.md#modifiers).
func TestModifiers(t *testing.T) {
	const a = "#{aaaaaaaaaaa}"
	tests := []struct{ in, want string }{
		{a + ".periodOffset(-1)", a + ".periodOffset(-1)"}, {a + ".periodOffset(+1)", a + ".periodOffset(1)"}, {a + ".periodOffset( -2 )", a + ".periodOffset(-2)"}, {a + ".periodOffset(0)", a},
		{a + " .periodOffset(3)", a + ".periodOffset(3)"}, {a + "\n/**/.periodOffset(3)", a + ".periodOffset(3)"}, {a + ". periodOffset(3)", "syntax"}, {a + ".periodOffset(- 1)", "syntax"}, {a + ".periodOffset(-/**/1)", a + ".periodOffset(-1)"},
		{a + ".periodOffset()", "syntax"}, {a + ".periodOffset(01)", "syntax"}, {a + ".periodOffset(--1)", "syntax"}, {a + ".periodOffset(1.0)", "syntax"}, {a + ".periodOffset(1+1)", "syntax"}, {a + ".periodOffset('1')", "syntax"},
		{a + ".periodOffset(1).periodOffset(2)", a + ".periodOffset(3)"}, {"(" + a + ".periodOffset(1)).periodOffset(-1)", a}, {"if(true, " + a + ".periodOffset(1), 2).periodOffset(2)", a + ".periodOffset(3)"},
		{a + ".aggregationType(SUM)", a + ".aggregationType(SUM)"}, {a + ".aggregationType( MAX )", a + ".aggregationType(MAX)"}, {a + ".aggregationType(MAX).aggregationType(SUM)", a + ".aggregationType(MAX)"},
		{"(1 + " + a + ".aggregationType(MAX)).aggregationType(SUM)", a + ".aggregationType(MAX)"},
		{a + ".aggregationType(sum)", "type"}, {a + ".aggregationType(NOT_A_TYPE)", "type"}, {a + ".aggregationType('SUM')", "syntax"}, {a + ".aggregationType()", "syntax"}, {a + ".aggregationType(SUM, MAX)", "syntax"},
		{a + ".aggregationType(and)", "syntax"}, {a + ".aggregationType(true)", "syntax"}, {a + ".aggregationType(REPORTING_RATE)", "syntax"}, {a + ".aggregationType(abcdefghijk)", "syntax"}, {a + ".aggregationType(SUM1)", "syntax"},
		{a + ".minDate(2020-1-1)", a + ".minDate(2020-01-01)"}, {a + ".maxDate( 2020-12-31 )", a + ".maxDate(2020-12-31)"}, {a + ".minDate(2020-1-1).maxDate(2021-1-1)", a + ".maxDate(2021-01-01).minDate(2020-01-01)"},
		{a + ".minDate(2020-1-1).minDate(2021-1-1)", a + ".minDate(2020-01-01)"}, {"(" + a + ".maxDate(2020-1-1) + 1).maxDate(2019-1-1)", a + ".maxDate(2020-01-01)"},
		{a + ".minDate(2022-13-01)", "type"}, {a + ".minDate(2022-02-30)", "type"}, {a + ".maxDate(2022-0-1)", "type"}, {a + ".maxDate(2022-1-0)", "type"}, {a + ".minDate(2024-2-29)", a + ".minDate(2024-02-29)"}, {a + ".minDate(2023-2-29)", "type"},
		{a + ".minDate(20-01-01)", "syntax"}, {a + ".minDate(0999-01-01)", "syntax"}, {a + ".minDate(2020-1)", "syntax"}, {a + ".minDate()", "syntax"}, {a + ".minDate(2020 -1-1)", "syntax"}, {a + ".minDate(notADate)", "syntax"},
		{a + ".yearToDate()", a + ".yearToDate()"}, {a + ".yearToDate().yearToDate()", a + ".yearToDate()"}, {a + ".yearToDate(1)", "syntax"}, {a + ".stageOffset(1)", "type"}, {a + ".stageOffset(x)", "syntax"}, {a + ".unknown()", "syntax"},
		{a + ".yearToDate().periodOffset(-1)", a + ".periodOffset(-1).yearToDate()"}, {"(1 + 2).periodOffset(1)", ""}, {"1 .periodOffset(1)", ""}, {"1.5.periodOffset(1)", ""}, {"1.periodOffset(1)", "syntax"}, {"'a'.periodOffset(1)", ""},
		{"-" + a + ".periodOffset(-1)", a + ".periodOffset(-1)"}, {a + "^" + a + ".periodOffset(1)", a + a + ".periodOffset(1)"},

		// items of each kind can have modifiers
		{"N{aaaaaaaaaaa}.periodOffset(1).yearToDate().aggregationType(MAX).minDate(2020-1-1)", "N{aaaaaaaaaaa}.aggregationType(MAX).minDate(2020-01-01).periodOffset(1).yearToDate()"},
		{"#{aaaaaaaaaaa.*.bbbbbbbbbbb}.yearToDate()", "#{aaaaaaaaaaa.*.bbbbbbbbbbb}.yearToDate()"}, {"#{deGroup:aaaaaaaaaaa}.yearToDate()", "#{deGroup:aaaaaaaaaaa}.yearToDate()"},
		{"(D{aaaaaaaaaaa.bbbbbbbbbbb} + A{aaaaaaaaaaa.bbbbbbbbbbb}).periodOffset(1).yearToDate()", "D{aaaaaaaaaaa.bbbbbbbbbbb}A{aaaaaaaaaaa.bbbbbbbbbbb}"},
		{"(I{aaaaaaaaaaa} + R{aaaaaaaaaaa.REPORTING_RATE} + C{aaaaaaaaaaa} + OUG{aaaaaaaaaaa} + [days]).periodOffset(1).aggregationType(MAX)", "I{aaaaaaaaaaa}R{aaaaaaaaaaa.REPORTING_RATE}C{aaaaaaaaaaa}OUG{aaaaaaaaaaa}[days]"},
		{"([periodInYear] + [yearlyPeriodCount]).periodOffset(-4).yearToDate()", "[periodInYear].periodOffset(-4)[yearlyPeriodCount].periodOffset(-4)"},
		{"subExpression(#{aaaaaaaaaaa}.aggregationType(MAX)).aggregationType(AVERAGE).periodOffset(-1)", "subExpression(#{aaaaaaaaaaa}.aggregationType(MAX)).aggregationType(AVERAGE).periodOffset(-1)"},
	}
	for _, tt := range tests {
		if got := itemsOf(tt.in); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.in, got, tt.want)
		}
	}
}

// TestAggregationTypes checks every name that aggregationType accepts.
func TestAggregationTypes(t *testing.T) {
	for _, name := range []string{
		"SUM", "AVERAGE", "AVERAGE_SUM_ORG_UNIT", "LAST", "LAST_AVERAGE_ORG_UNIT", "LAST_LAST_ORG_UNIT", "LAST_IN_PERIOD",
		"LAST_IN_PERIOD_AVERAGE_ORG_UNIT", "FIRST", "FIRST_AVERAGE_ORG_UNIT", "FIRST_FIRST_ORG_UNIT", "COUNT", "STDDEV",
		"VARIANCE", "MIN", "MAX", "MIN_SUM_ORG_UNIT", "MAX_SUM_ORG_UNIT", "NONE", "CUSTOM", "DEFAULT",
	} {
		in := "#{" + an + "}.aggregationType(" + name + ")"
		if e, err := indicator.Parse(in); err != nil || e.String() != in {
			t.Errorf("%s: %v, %v", in, e, err)
		}
	}
}

// TestPositions checks the place of each kind of node in the text, in bytes and
// in preorder. It does not include parentheses around a node.
func TestPositions(t *testing.T) {
	tests := []struct {
		use  indicator.Use
		in   string
		want []string
	}{
		{indicator.InIndicator, " 1.5 ", []string{"Number 1.5"}},
		{indicator.InIndicator, "(1 + -é2)", nil},
		{indicator.InIndicator, "/* é */ (1 + -(2)) * 3", []string{"Binary (1 + -(2)) * 3", "Binary 1 + -(2)", "Number 1", "Unary -(2)", "Number 2", "Number 3"}},
		{indicator.InIndicator, "1-2-3", []string{"Binary 1-2-3", "Binary 1-2", "Number 1", "Number 2", "Number 3"}},
		{indicator.InIndicator, "2^3^4", []string{"Binary 2^3^4", "Number 2", "Binary 3^4", "Number 3", "Number 4"}},
		{indicator.InIndicator, "if( true , null, 'é' )", []string{"Call if( true , null, 'é' )", "Bool true", "Null null", "Text 'é'"}},
		{indicator.InIndicator, "(#{fbfJHSPpUQD}).periodOffset( -1 ).yearToDate()", []string{"Modified (#{fbfJHSPpUQD}).periodOffset( -1 ).yearToDate()", "Modified (#{fbfJHSPpUQD}).periodOffset( -1 )", "Item #{fbfJHSPpUQD}", "Number -1"}},
		{indicator.InIndicator, "#{fbfJHSPpUQD}.minDate( 2020-1-1 )", []string{"Modified #{fbfJHSPpUQD}.minDate( 2020-1-1 )", "Item #{fbfJHSPpUQD}", "Word 2020-1-1"}},
		{indicator.InIndicator, "[days] /*x*/", []string{"Item [days]"}},
		{indicator.InRule, "not orgUnit.group( oDkJh5Ddh7d ) ", []string{"Unary not orgUnit.group( oDkJh5Ddh7d )", "Call orgUnit.group( oDkJh5Ddh7d )", "Word oDkJh5Ddh7d"}},
		{indicator.InPredictor, "count(distinct 1)", []string{"Call count(distinct 1)", "Word distinct", "Number 1"}},
		{indicator.InPredictor, "is(1 in 2, 3)", []string{"Call is(1 in 2, 3)", "Number 1", "Number 2", "Number 3"}},
	}
	for _, tt := range tests {
		var got []string
		if e, err := tt.use.Parse(tt.in); err == nil {
			for n := range ast.Preorder(e.Root()) {
				kind := strings.TrimPrefix(fmt.Sprintf("%T", n), "*ast.")
				got = append(got, kind+" "+tt.in[n.Pos():n.End()])
			}
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%q: %s", tt.in, d)
		}
	}
	for range ast.Preorder(nil) {
		t.Error("a node of no tree")
	}
	for n := range ast.Preorder(indicator.MustParse("1 + 2").Root()) {
		if n.Pos() != 0 {
			t.Error("a walk that was ended goes on")
		}
		break
	}
}
