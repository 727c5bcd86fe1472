package indicator_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// letters replaces the names in examples of RULES.md by items: A is 7, C is 0,
// B and D are missing.
var letters = strings.NewReplacer("A", "#{aaaaaaaaaaa}", "B", "#{bbbbbbbbbbb}", "C", "#{ccccccccccc}", "D", "#{ddddddddddd}")

func letterValues(i indicator.Item) indicator.Value {
	switch i.ID {
	case "aaaaaaaaaaa":
		return indicator.Float(7)
	case "ccccccccccc":
		return indicator.Float(0)
	}
	return indicator.Value{}
}

// TestEval checks results that the expression parser of the server gives.
func TestEval(t *testing.T) {
	tests := []struct {
		strategy hmis.Missing
		in, want string
	}{
		// precedence
		{"", "-2^2", "-4"},
		{"", "2^3^2", "512"},
		{"", "2^-1*4", "2"},
		{"", "1-2+3", "2"},
		{"", "12%5%3", "2"},
		{"", "6/2*3", "9"},
		{"", "7%4/2", "1.5"},
		{"", "1--2", "3"},
		{"", "if(1 < 2 == true, 1, 0)", "1"},
		{"", "if(3 > 2 > 1, 1, 0)", "0"}, // "true > 1" compares truth values
		{"", "if(1and2, 1, 0)", "1"},

		// decimal arithmetic
		{"", "0.1+0.2", "0.3"},
		{"", "1.3-1", "0.3"},
		{"", "4.35*100", "435"},
		{"", "2/3", "0.6666666666666667"},
		{"", "1/3*3", "0.9999999999999999"},
		{"", "1/6", "0.1666666666666667"},
		{"", "10/0", "NaN"},
		{"", "-10%3", "-1"},
		{"", "10%-3", "1"},
		{"", "0.3%0.1", "0"},
		{"", "5%0.3", "0.2"},
		{"", "5%0", "NaN"},
		{"", "1e300%7", "1"},
		{"", "7%1e300", "7"},
		{"", "1e-300%7e-310*1e300*1e10", "4"},
		{"", "2^0.5", "1"},
		{"", "2^1.9", "2"},
		{"", "2^-1.9", "0.5"},
		{"", "0^0", "1"},
		{"", "123456^2", "15241380000"},
		{"", "99999999^1", "100000000"},
		{"", "1.1^100", "13780.61"},
		{"", "1e300*1e300", "Infinity"},
		{"", "1e-300*1e-300", "0"},
		{"", "5e-324*0.5", "0"},
		{"", "1e300+1", "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"},
		{"", "9007199254740993+1", "9007199254740992"}, // the literal becomes the double 9007199254740992
		{"", "123456789012345678*10", "1234567890123456800"},
		{"", "-0", "-0"},
		{"", "0*-1", "0"},

		// comparison
		{"", "if('10' < '9', 1, 0)", "1"},
		{"", "if(10 > '9', 1, 0)", "1"},
		{"", "if('10' == '10.0', 1, 0)", "0"},
		{"", "if(10 == '10.0', 1, 0)", "1"},
		{"", "if(true == 1, 1, 0)", "1"},
		{"", "if('TRUE' == true, 1, 0)", "1"},
		{"", "if('abc' == 1, 1, 0)", "0"},
		{"", "if(1 < 'abc', 1, 0)", "1"},
		{"", "if(1/0 == 1/0, 1, 0)", "1"},
		{"", "if(1/0 > 5, 1, 0)", "1"},
		{"", "if(0 == -0, 1, 0)", "0"},
		{"", "if('\\ud83d\\ude00' < '\\uffff', 1, 0)", "1"}, // compared by UTF-16 code unit
		{"", "if(' 5d ' == 5, 1, 0)", "1"},
		{"", "'0x1p3' + 0", "8"},

		// missing values
		{"", "A+B", "7"},
		{"", "B+1", "missing"},
		{"", "5+B*0", "missing"},
		{"", "B+D", "missing"},
		{"", "B+C", "0"},
		{"", "A*B", "0"},
		{"", "A/B", "NaN"},
		{"", "B/A", "0"},
		{"", "A^B", "1"},
		{"", "if(isNull(B),1,2)", "1"},
		{"", "if(isNull(B),0,B)+D", "missing"},
		{"", "firstNonNull(B)", "0"},
		{"", "firstNonNull(B,D)", "0"},
		{"", "firstNonNull(null)", "0"},
		{"", "firstNonNull(B,D)+1", "0"},
		{"", "null", "missing"},
		{"", "null+1", "missing"},
		{"", "removeZeros(0)", "missing"},
		{"", "A+removeZeros(C)", "missing"},
		{"", "if(null,1,2)", "missing"},
		{"", "null == 1", "missing"},
		{"", "greatest(B,-5)", "missing"},
		{hmis.NeverSkip, "greatest(B,-5)", "0"},
		{hmis.SkipIfAnyMissing, "(A/0)+B", "NaN"},
		{hmis.SkipIfAnyMissing, "A+B", "missing"},
		{hmis.NeverSkip, "B", "0"},
		{hmis.NeverSkip, "-B", "-0"},

		// functions
		{"", "greatest(1/0,1)", "NaN"},
		{"", "greatest(1,1/0)", "1"},
		{"", "log10(1000)", "3"},
		{"", "log10(0.001)", "-3"},
		{"", "log(50,0)", "-0"},
		{"", "log(50,1)", "Infinity"},
		{"", "if(contains(123,2),1,0)", "0"},
		{"", "if(containsItems('a,b,,','b'),1,0)", "1"},
		{"", "if(containsItems('',''),1,0)", "1"},
		{"", "if(containsItems(',',''),1,0)", "0"},
		{"", "if(is(A in 1,2,7),1,0)", "1"},
		{"", "if(is(1 in 1,null),1,0)", "1"},
	}
	for _, tt := range tests {
		e, err := indicator.Parse(letters.Replace(tt.in))
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		v, err := e.Eval(indicator.Env{Item: letterValues, Missing: tt.strategy})
		if err != nil || show(v) != tt.want {
			t.Errorf("%s, %s = %v, %v; want %s", tt.in, tt.strategy, show(v), err, tt.want)
		}
	}
}

func TestResultTypes(t *testing.T) {
	tests := []struct {
		use    indicator.Use
		result hmis.ValueType
		in     string
		want   indicator.Value
	}{
		{indicator.InPredictor, hmis.Text, "1", indicator.Text("1.0")},
		{indicator.InPredictor, hmis.Text, "100000000", indicator.Text("1.0E8")},
		{indicator.InPredictor, hmis.LongText, "0.0001", indicator.Text("1.0E-4")},
		{indicator.InPredictor, hmis.Text, "5e-324", indicator.Text("4.9E-324")},
		{indicator.InPredictor, hmis.Text, "1234567.5", indicator.Text("1234567.5")},
		{indicator.InPredictor, hmis.Text, "-0.001", indicator.Text("-0.001")},
		{indicator.InPredictor, hmis.Text, "true", indicator.Text("true")},
		{indicator.InPredictor, hmis.Boolean, "5", indicator.Truth(true)},
		{indicator.InPredictor, hmis.Integer, "'5'", indicator.Float(5)},
		{indicator.InSkipTest, "", "1 > 2", indicator.Truth(false)},
		{indicator.InTest, "", "'a' == 'a'", indicator.Truth(true)},
	}
	for _, tt := range tests {
		e, err := tt.use.Parse(tt.in)
		require.NoError(t, err)
		v, err := e.Eval(indicator.Env{Result: tt.result})
		if err != nil || !v.Equal(tt.want) {
			t.Errorf("%s in %s as %s = %v, %v; want %v", tt.in, tt.use, tt.result, v, err, tt.want)
		}
	}
}

// TestNote checks that Warn reports errors which DHIS2 hides, and that others
// stay errors.
func TestNote(t *testing.T) {
	e := indicator.MustParse("'abc' + 1")
	_, err := e.Eval(indicator.Env{})
	require.EqualError(t, err, `indicator: 1:1: text "abc" is no number`)
	var notes []string
	env := indicator.Env{Warn: func(err *indicator.EvalError) { notes = append(notes, err.Error()) }}
	v, err := e.Eval(env)
	require.NoError(t, err)
	require.Equal(t, "0", v.String())
	require.Equal(t, []string{`indicator: 1:1: text "abc" is no number`}, notes)
	_, err = indicator.MustParse("log(0) + 1").Eval(env)
	require.EqualError(t, err, "indicator: 1:1: an infinity in decimal arithmetic")
	require.Len(t, notes, 1)
}

// TestMissingAfterTypeError checks that a type error gives 0 only if the items
// read before it do not make the result missing (measured on DHIS2 2.44).
func TestMissingAfterTypeError(t *testing.T) {
	yesno := indicator.Item{Kind: indicator.DataElementItem, ID: "bbbbbbbbbbb"}
	tests := []struct {
		in       string
		strategy hmis.Missing
		yes      indicator.Value
		want     string // "" means missing
	}{
		{"#{bbbbbbbbbbb}", hmis.SkipIfAnyMissing, indicator.Truth(true), "0"},
		{"#{bbbbbbbbbbb}", hmis.SkipIfAnyMissing, indicator.Value{}, ""},
		{"#{bbbbbbbbbbb}", hmis.SkipIfAllMissing, indicator.Value{}, ""},
		{"#{bbbbbbbbbbb}", hmis.NeverSkip, indicator.Value{}, "0"},
		{"isNull(#{bbbbbbbbbbb})", hmis.SkipIfAnyMissing, indicator.Value{}, "0"}, // isNull does not count its item
		{"3 > 2", hmis.SkipIfAnyMissing, indicator.Value{}, "0"},
	}
	for _, tt := range tests {
		e, err := indicator.InRule.Parse(tt.in)
		require.NoError(t, err)
		types := func(indicator.Item) hmis.ValueType { return hmis.Boolean }
		notes := 0
		v, err := e.Eval(indicator.Env{
			Item: func(indicator.Item) indicator.Value { return tt.yes }, Type: types, Missing: tt.strategy,
			Warn: func(*indicator.EvalError) { notes++ },
		})
		if err != nil || v.String() != tt.want || notes != 1 {
			t.Errorf("%s, %s, item %v = %q, %v, %d notes; want %q, 1 note", tt.in, tt.strategy, tt.yes, v, err, notes, tt.want)
		}
		column := indicator.Column{}
		if !tt.yes.IsMissing() {
			column = indicator.Column{Coef: []int64{0}, Other: map[int]indicator.Value{0: tt.yes}}
		}
		out := make([]indicator.Value, 1)
		err = e.EvalColumns(indicator.ColumnEnv{
			Item: func(i indicator.Item) indicator.Column { require.Equal(t, yesno, i); return column },
			Type: types, Missing: tt.strategy, Warn: func(int, *indicator.EvalError) {},
		}, out)
		if err != nil || out[0].String() != tt.want {
			t.Errorf("%s, %s, item %v = %q, %v in a column; want %q", tt.in, tt.strategy, tt.yes, out[0], err, tt.want)
		}
	}
}

func TestItems(t *testing.T) {
	tests := []struct{ in, want string }{
		{"#{aaaaaaaaaaa} + #{aaaaaaaaaaa.*} + #{aaaaaaaaaaa.ccccccccccc.*}", "#{aaaaaaaaaaa} #{aaaaaaaaaaa.ccccccccccc}"},
		{"#{aaaaaaaaaaa.*.ooooooooooo} / [days]", "#{aaaaaaaaaaa.*.ooooooooooo} [days]"},
		{"#{deGroup:aaaaaaaaaaa.coGroup:bbbbbbbbbbb&ccccccccccc}", "#{deGroup:aaaaaaaaaaa.coGroup:bbbbbbbbbbb&ccccccccccc}"},
		{"D{aaaaaaaaaaa.bbbbbbbbbbb}.periodOffset(1) + A{aaaaaaaaaaa.bbbbbbbbbbb} + I{aaaaaaaaaaa}.yearToDate()", "D{aaaaaaaaaaa.bbbbbbbbbbb} A{aaaaaaaaaaa.bbbbbbbbbbb} I{aaaaaaaaaaa}"},
		{"R{aaaaaaaaaaa.ACTUAL_REPORTS} + N{bbbbbbbbbbb} + OUG{ccccccccccc} + C{ddddddddddd}", "R{aaaaaaaaaaa.ACTUAL_REPORTS} N{bbbbbbbbbbb} OUG{ccccccccccc} C{ddddddddddd}"},
		{"(#{aaaaaaaaaaa}.periodOffset(-1) + N{bbbbbbbbbbb}).periodOffset(-2).yearToDate()", "#{aaaaaaaaaaa}.periodOffset(-3).yearToDate() N{bbbbbbbbbbb}.periodOffset(-2).yearToDate()"},
		{"#{aaaaaaaaaaa}.aggregationType(MAX).aggregationType(SUM).minDate(2020-1-1).maxDate(2021-12-31)", "#{aaaaaaaaaaa}.aggregationType(MAX).maxDate(2021-12-31).minDate(2020-01-01)"},
		{"[periodInYear].periodOffset(2) + [days].periodOffset(2) + [yearlyPeriodCount]", "[periodInYear].periodOffset(2) [days] [yearlyPeriodCount]"},
		{"subExpression(if(#{aaaaaaaaaaa}.aggregationType(MAX)>1,1,0)).aggregationType(AVERAGE)", "subExpression(if(#{aaaaaaaaaaa}.aggregationType(MAX) > 1, 1, 0)).aggregationType(AVERAGE)"},
	}
	for _, tt := range tests {
		e, err := indicator.Parse(tt.in)
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		var got []string
		for i := range e.Items() {
			got = append(got, i.String())
		}
		if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s: %s", tt.in, d)
		}
	}
}

func TestItemFields(t *testing.T) {
	e := indicator.MustParse("#{aaaaaaaaaaa.ccccccccccc.ooooooooooo}.minDate(2020-2-1).periodOffset(+3)")
	items := slices.Collect(e.Items())
	require.Equal(t, []indicator.Item{{
		Kind: indicator.DataElementItem, ID: "aaaaaaaaaaa", OptionCombo: "ccccccccccc", AttributeCombo: "ooooooooooo",
		Offset: 3, From: period.DateOf(2020, 2, 1),
	}}, items)
	require.Equal(t, "#{aaaaaaaaaaa.ccccccccccc.ooooooooooo}", items[0].Plain().String())
	require.Equal(t, "aaaaaaaaaaa.ccccccccccc", indicator.Item{ID: "aaaaaaaaaaa", OptionCombo: "ccccccccccc"}.String())
	require.Equal(t, "aaaaaaaaaaa.REPORTING_RATE", indicator.Item{ID: "aaaaaaaaaaa", Rate: indicator.ReportingRate}.String())
}

func TestInner(t *testing.T) {
	e := indicator.MustParse("100 * subExpression(if(#{aaaaaaaaaaa} > #{bbbbbbbbbbb}.periodOffset(-1), 1, 0)).periodOffset(2)")
	sub := slices.Collect(e.Items())[0]
	require.Equal(t, 2, sub.Offset)
	inner, err := sub.Inner()
	require.NoError(t, err)
	require.Equal(t, "if(#{aaaaaaaaaaa} > #{bbbbbbbbbbb}.periodOffset(-1), 1, 0)", inner.String())
	v, err := inner.Eval(indicator.Env{
		Item:    func(i indicator.Item) indicator.Value { return indicator.Float(float64(-i.Offset)) },
		Missing: hmis.NeverSkip,
	})
	require.NoError(t, err)
	require.Equal(t, "0", v.String())

	divide := slices.Collect(indicator.MustParse("subExpression(1 / #{aaaaaaaaaaa})").Items())[0]
	inner, err = divide.Inner()
	require.NoError(t, err)
	_, err = inner.Eval(indicator.Env{Missing: hmis.NeverSkip})
	require.EqualError(t, err, "indicator: 1:1: division by zero in a subExpression")
}

func TestSampledItems(t *testing.T) {
	e, err := indicator.InPredictor.Parse("sum(#{aaaaaaaaaaa} * [days]) + #{bbbbbbbbbbb} + percentileCont(#{ccccccccccc}, #{aaaaaaaaaaa}) + normDistCum(#{ddddddddddd})")
	require.NoError(t, err)
	names := func(seq func(func(indicator.Item) bool)) string {
		var s []string
		for i := range seq {
			s = append(s, string(i.ID))
		}
		return strings.Join(s, " ")
	}
	require.Equal(t, "aaaaaaaaaaa  bbbbbbbbbbb ccccccccccc ddddddddddd", names(e.Items()))
	require.Equal(t, "aaaaaaaaaaa ddddddddddd", names(e.SampledItems()))
	require.Equal(t, "bbbbbbbbbbb ccccccccccc ddddddddddd", names(e.OutputItems()))
	e, err = indicator.InPredictor.Parse("normDistCum(if(avg(#{aaaaaaaaaaa}) > 1, #{bbbbbbbbbbb}, 0)) + normDistDen(#{ccccccccccc}, 1, 2)")
	require.NoError(t, err)
	require.Equal(t, "aaaaaaaaaaa bbbbbbbbbbb", names(e.SampledItems()))
	require.Equal(t, "bbbbbbbbbbb ccccccccccc", names(e.OutputItems()))
}

// TestPrint checks the normal form. It has only necessary parentheses, and
// parses to an equal tree.
func TestPrint(t *testing.T) {
	tests := []struct{ in, want string }{
		{"((1+2))*3", "(1 + 2) * 3"},
		{"1+(2*3)", "1 + 2 * 3"},
		{"1-(2-3)", "1 - (2 - 3)"},
		{"(2^3)^4", "(2^3)^4"},
		{"2^(3^4)", "2^3^4"},
		{"(-2)^2", "(-2)^2"},
		{"-(2^2)", "-2^2"},
		{"2^-1", "2^-1"},
		{"- - 1", "--1"},
		{"not (true or false)", "!(true || false)"},
		{"not true or false", "!true || false"},
		{"1 and 2 or 3", "1 && 2 || 3"},
		{"2020 -1-1", "2020 - 1 - 1"},
		{"'it\\'s' == \"a\\nb\\u0001\"", `'it\'s' == 'a\nb\u0001'`},
		{"'\\uD83D'", `'\uD83D'`},
		{"'\\uD83D\\uDE00'", `'😀'`},
		{"(5).periodOffset(1)", "(5).periodOffset(1)"},
		{"(1+2).periodOffset(+1)", "(1 + 2).periodOffset(+1)"},
		{"#{ aaaaaaaaaaa}", ""},
		{"#{aaaaaaaaaaa/* total */.*}", "#{aaaaaaaaaaa}"},
		{"is( 1 in 2,3 )", "is(1 in 2, 3)"},
		{"if(true,1/*a*/,2)", "if(true, 1, 2)"},
		{"1e309", "1e309"},
	}
	for _, tt := range tests {
		e, err := indicator.Parse(tt.in)
		if tt.want == "" {
			if err == nil {
				t.Errorf("%s: no error", tt.in)
			}
			continue
		}
		if err != nil || e.String() != tt.want {
			t.Errorf("%s prints as %v, %v; want %s", tt.in, e, err, tt.want)
			continue
		}
		again, err := indicator.Parse(tt.want)
		require.NoError(t, err)
		if d := cmp.Diff(e.Root(), again.Root(), sameTree); d != "" {
			t.Errorf("%s: %s", tt.in, d)
		}
	}
	count, err := indicator.InPredictor.Parse("count( distinct #{aaaaaaaaaaa})")
	require.NoError(t, err)
	require.Equal(t, "count(distinct #{aaaaaaaaaaa})", count.String())
}

// TestSharing uses one expression and one formula in many goroutines.
func TestSharing(t *testing.T) {
	e := indicator.MustParse("if(isNull(#{aaaaaaaaaaa}), 0, #{aaaaaaaaaaa} / 3) + #{aaaaaaaaaaa} * 2")
	f := indicator.Formula{Numerator: e, Denominator: indicator.MustParse("#{aaaaaaaaaaa} + 1")}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			x := indicator.Float(float64(g))
			env := indicator.ColumnEnv{Item: func(indicator.Item) indicator.Column { return indicator.Constant(x) }}
			out := make([]indicator.Result, 1500)
			if err := f.EvalColumns(env, out); err != nil {
				t.Error(err)
			}
			want, err := f.Eval(indicator.Env{Item: func(indicator.Item) indicator.Value { return x }})
			if err != nil || !out[1499].Value.Equal(want.Value) {
				t.Errorf("%v, want %v, %v", out[1499], want, err)
			}
			if e.String() == "" || len(slices.Collect(e.Items())) != 1 {
				t.Error("an expression changed")
			}
		})
	}
	wg.Wait()
}

func TestEmptyExpression(t *testing.T) {
	e, err := indicator.Parse("")
	require.NoError(t, err)
	v, err := e.Eval(indicator.Env{Missing: hmis.NeverSkip})
	require.NoError(t, err)
	require.True(t, v.IsMissing())
	require.Nil(t, e.Root())
	require.Empty(t, e.String())
	out := []indicator.Value{indicator.Float(1)}
	require.NoError(t, e.EvalColumns(indicator.ColumnEnv{}, out))
	require.True(t, out[0].IsMissing())
}

func TestUseString(t *testing.T) {
	var names []string
	for u := indicator.InIndicator; u <= indicator.InTest; u++ {
		names = append(names, fmt.Sprint(u))
	}
	require.Equal(t, []string{"an indicator", "a validation rule", "a predictor", "a skip test", "a test"}, names)
}
