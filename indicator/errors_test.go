package indicator_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// snippet returns an error with its snippet, as it is shown.
func snippet(err error) string {
	if e, ok := errors.AsType[*indicator.SyntaxError](err); ok {
		return e.Error() + "\n" + e.Snippet()
	}
	if e, ok := errors.AsType[*indicator.EvalError](err); ok {
		return e.Error() + "\n" + e.Snippet()
	}
	return err.Error()
}

// TestErrors checks the full text of each error of Parse.
func TestErrors(t *testing.T) {
	tests := []struct {
		use  indicator.Use
		in   string
		want string
	}{
		// parts in the wrong place
		{0, "1 +", `
indicator: 1:4: unexpected end, want a value
1 +
   ^`},
		{0, "1 2", `
indicator: 1:3: unexpected 2, want an operator or the end
1 2
  ^`},
		{0, "(1", `
indicator: 1:3: unexpected end, want ")"
(1
  ^`},
		{0, "2 * #{fbfJHSPpUQD} + avgg(1)", `
indicator: 1:22: unknown function avgg
2 * #{fbfJHSPpUQD} + avgg(1)
                     ^^^^`},
		{0, "log10 (100)", `
indicator: 1:1: unexpected space after log10
log10 (100)
^^^^^`},
		{0, "1 = 2", `
indicator: 1:3: unexpected "=", want "=="
1 = 2
  ^`},
		{0, "true & false", `
indicator: 1:6: unexpected "&", want "&&"
true & false
     ^`},
		{0, "1 # 2", `
indicator: 1:3: unexpected "#", want "#{"
1 # 2
  ^`},
		{0, "ä + 1", `
indicator: 1:1: unexpected character 'ä'
ä + 1
^`},
		{0, "'ä' @", `
indicator: 1:5: unexpected character '@'
'ä' @
    ^`},
		{0, "007", `
indicator: 1:2: unexpected 0, want an operator or the end
007
 ^`},
		{0, "2020-1-1", `
indicator: 1:1: unexpected date 2020-1-1, want a value; a subtraction of years needs spaces
2020-1-1
^^^^^^^^`},
		{0, " \n\t", `
indicator: 2:2: unexpected end, want a value
	
	^`},
		{0, "1 +\r\n\tfoo", `
indicator: 2:2: unexpected foo, want a value
	foo
	^^^`},
		{0, "a\xffb", `
indicator: 1:2: byte 0xff is not UTF-8
a�b
 ^`},

		// functions
		{0, "greatest()", `
indicator: 1:10: unexpected ), want an argument of greatest
greatest()
         ^`},
		{0, "if(true, 1)", `
indicator: 1:11: unexpected ), want "," and argument 3 of if
if(true, 1)
          ^`},
		{0, "isNull(1, 2)", `
indicator: 1:11: too many arguments, isNull takes 1
isNull(1, 2)
          ^`},
		{0, "if(is('a'in 'b'), 1, 2)", `
indicator: 1:10: unexpected in, want " in "
if(is('a'in 'b'), 1, 2)
         ^^`},
		{0, "if(is('a' in'b'), 1, 2)", `
indicator: 1:13: unexpected 'b', want a space after "in"
if(is('a' in'b'), 1, 2)
            ^^^`},
		{indicator.InRule, "orgUnit.group('oDkJh5Ddh7d')", `
indicator: 1:15: unexpected 'oDkJh5Ddh7d', want an id
orgUnit.group('oDkJh5Ddh7d')
              ^^^^^^^^^^^^^`},

		// items
		{0, "#{}", `
indicator: 1:1: #{} is no item, want #{dataElement} or #{dataElement.optionCombo}
#{}
^^^`},
		{0, "1 + #{fbfJHSPpUQD", `
indicator: 1:5: item is not closed, want #{dataElement} or #{dataElement.optionCombo}
1 + #{fbfJHSPpUQD
    ^^^^^^^^^^^^^`},
		{0, "C{short}", `
indicator: 1:1: C{short} is no item, want C{constant} with ids of 11 letters and digits
C{short}
^^^^^^^^`},
		{0, "V{count}", `
indicator: 1:1: V{count} is no item, want V{event_count} or another variable of programs
V{count}
^^^^^^^^`},
		{0, "N{bcg}", `
indicator: 1:1: N{bcg} is no item, want N{indicator} with ids of 11 letters and digits
N{bcg}
^^^^^^`},
		{0, "R{BfMAe6Itzgt.OTHER}", `
indicator: 1:1: R{BfMAe6Itzgt.OTHER} is no item, want R{dataSet.REPORTING_RATE} or another rate
R{BfMAe6Itzgt.OTHER}
^^^^^^^^^^^^^^^^^^^^`},
		{0, "[month]", `
indicator: 1:1: want [days], [periodInYear] or [yearlyPeriodCount]
[month]
^`},
		{0, "#{short}", `
indicator: 1:1: #{short} names no data, want ids of 11 letters and digits
#{short}
^^^^^^^^`},
		{0, "A{cejWyOfXge6}", `
indicator: 1:1: A{cejWyOfXge6} names no data
A{cejWyOfXge6}
^^^^^^^^^^^^^^`},
		{0, "V{event_count}", `
indicator: 1:1: V{event_count} has no place in an indicator: program items have no aggregate value
V{event_count}
^^^^^^^^^^^^^^`},
		{0, "1 + d2:daysBetween(PS_EVENTDATE:Zj7UnCAulEk, V{event_date})", `
indicator: 1:5: d2:daysBetween() has no place in an indicator: program items have no aggregate value
1 + d2:daysBetween(PS_EVENTDATE:Zj7UnCAulEk, V{event_date})
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`},
		{indicator.InRule, "PS_EVENTDATE: Zj7UnCAulEk", `
indicator: 1:1: PS_EVENTDATE:Zj7UnCAulEk has no place in a validation rule: program items have no aggregate value
PS_EVENTDATE: Zj7UnCAulEk
^^^^^^^^^^^^^^^^^^^^^^^^^`},
		{0, "d2:relationshipCount()", `
indicator: 1:1: d2:relationshipCount() has no place in an indicator: program items have no aggregate value
d2:relationshipCount()
^^^^^^^^^^^^^^^^^^^^^^`},
		{0, "d2:ceil()", `
indicator: 1:9: unexpected ), want an argument of d2:ceil
d2:ceil()
        ^`},
		{0, "d2:nothing(1)", `
indicator: 1:1: unexpected d, want a value
d2:nothing(1)
^`},
		{0, "PS_EVENTDATE:1", `
indicator: 1:14: unexpected 1, want an id
PS_EVENTDATE:1
             ^`},

		{0, "#{" + strings.Repeat("x", 50) + "}", `
indicator: 1:1: #{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... names no data, want ids of 11 letters and digits
#{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`},
		{0, "#{a\u2028b}", `
indicator: 1:1: #{a b} is no item, want #{dataElement} or #{dataElement.optionCombo}
#{a` + "\u2028" + `b}
^^^^^^`},
		{0, "(A{\n})", `
indicator: 1:2: A{ } names no data
(A{
 ^^`},
		{0, "1 + D{\r\n}", `
indicator: 1:5: D{  } is no item, want D{program.dataElement}
1 + D{
    ^^`},
		{0, "is(1 in", `
indicator: 1:8: unexpected end, want a value
is(1 in
       ^`},

		// modifiers
		{0, "#{fbfJHSPpUQD}.shift(1)", `
indicator: 1:15: unknown modifier .shift
#{fbfJHSPpUQD}.shift(1)
              ^^^^^^`},
		{0, "#{fbfJHSPpUQD}. periodOffset(1)", `
indicator: 1:15: unexpected "."
#{fbfJHSPpUQD}. periodOffset(1)
              ^`},
		{0, "#{fbfJHSPpUQD}.periodOffset(- 1)", `
indicator: 1:31: unexpected 1, want a whole number directly after the sign
#{fbfJHSPpUQD}.periodOffset(- 1)
                              ^`},
		{0, "#{fbfJHSPpUQD}.periodOffset(1.5)", `
indicator: 1:29: unexpected 1.5, want a whole number
#{fbfJHSPpUQD}.periodOffset(1.5)
                            ^^^`},
		{0, "#{fbfJHSPpUQD}.periodOffset(9999999999)", `
indicator: 1:29: period offset 9999999999, want at most 2147483647
#{fbfJHSPpUQD}.periodOffset(9999999999)
                            ^^^^^^^^^^`},
		{0, "#{fbfJHSPpUQD}.yearToDate( )", `
indicator: 1:15: want ".yearToDate()" without anything between the parentheses
#{fbfJHSPpUQD}.yearToDate( )
              ^^^^^^^^^^^^`},
		{0, "#{fbfJHSPpUQD}.minDate('2020-01-01')", `
indicator: 1:24: unexpected '2020-01-01', want a date such as 2024-01-31
#{fbfJHSPpUQD}.minDate('2020-01-01')
                       ^^^^^^^^^^^^`},
		{0, "#{fbfJHSPpUQD}.maxDate(2022-02-30)", `
indicator: 1:24: 2022-02-30 is no day
#{fbfJHSPpUQD}.maxDate(2022-02-30)
                       ^^^^^^^^^^`},
		{0, "#{fbfJHSPpUQD}.maxDate(1970-1-1)", `
indicator: 1:24: 1970-01-01 stands for no limit, want another day
#{fbfJHSPpUQD}.maxDate(1970-1-1)
                       ^^^^^^^^`},
		{0, "#{fbfJHSPpUQD}.aggregationType(TOTAL)", `
indicator: 1:32: unknown aggregation type TOTAL
#{fbfJHSPpUQD}.aggregationType(TOTAL)
                               ^^^^^`},
		{0, "#{fbfJHSPpUQD}.stageOffset(1)", `
indicator: 1:1: .stageOffset() has no place in an indicator
#{fbfJHSPpUQD}.stageOffset(1)
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`},

		// texts and comments
		{0, "'abc", `
indicator: 1:1: quoted text is not closed
'abc
^^^^`},
		{0, "'a\nb'", `
indicator: 1:3: line end in a quoted text
'a
  ^`},
		{0, `'a\qb'`, `
indicator: 1:3: unknown escape \q, want \b \t \n \f \r \" \' \\, octal or \u and four hex digits
'a\qb'
  ^^`},
		{0, "1 + /* never", `
indicator: 1:5: comment is not closed
1 + /* never
    ^^^^^^^^`},

		// parts that a use does not allow
		{indicator.InRule, "1 + N{Uvn6LCg7dVU}", `
indicator: 1:5: indicator has no place in a validation rule
1 + N{Uvn6LCg7dVU}
    ^^^^^^^^^^^^^^`},
		{indicator.InTest, "[days] > 1", `
indicator: 1:1: [days] has no place in a test
[days] > 1
^^^^^^`},
		{indicator.InIndicator, "sum(#{fbfJHSPpUQD})", `
indicator: 1:1: sum() has no place in an indicator
sum(#{fbfJHSPpUQD})
^^^^^^^^^^^^^^^^^^^`},
		{indicator.InPredictor, "variance(1)", `
indicator: 1:1: variance() has no place in a predictor
variance(1)
^^^^^^^^^^^`},
		{indicator.InIndicator, "orgUnit.ancestor(ImspTQPwCqd)", `
indicator: 1:1: orgUnit.ancestor() has no place in an indicator
orgUnit.ancestor(ImspTQPwCqd)
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`},
		{indicator.InPredictor, "#{fbfJHSPpUQD}.yearToDate()", `
indicator: 1:1: .yearToDate() has no place in a predictor
#{fbfJHSPpUQD}.yearToDate()
^^^^^^^^^^^^^^^^^^^^^^^^^^^`},
		{indicator.InIndicator, "2 * subExpression(N{Uvn6LCg7dVU})", `
indicator: 1:19: indicator has no place in a subExpression
2 * subExpression(N{Uvn6LCg7dVU})
                  ^^^^^^^^^^^^^^`},
		{indicator.InIndicator, "subExpression(1)", `
indicator: 1:1: subExpression() without a data element
subExpression(1)
^^^^^^^^^^^^^^^^`},

		// long lines are shortened
		{0, strings.Repeat("1 + ", 30) + "foo" + strings.Repeat(" + 1", 30), `
indicator: 1:121: unexpected foo, want a value
...1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + foo + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1...
                                                               ^^^`},
	}
	for _, tt := range tests {
		_, err := tt.use.Parse(tt.in)
		if err == nil {
			t.Errorf("%s: no error", tt.in)
			continue
		}
		if d := cmp.Diff(strings.TrimPrefix(tt.want, "\n"), snippet(err)); d != "" {
			t.Errorf("%q: %s", tt.in, d)
		}
	}
}

// TestEvalErrors checks the full text of each error of Eval.
func TestEvalErrors(t *testing.T) {
	tests := []struct {
		in    string
		abort bool
		want  string
	}{
		{"1 + 'abc'", false, `text "abc" is no number`},
		{"1 + ''", false, `text "" is no number`},
		{"-true", false, "true is no number"},
		{"1 < 2", false, "true is no number"},
		{"if(1e300 == 'x' or 1.5e300 / 0 == false, 1, 2)", false, "NaN and false do not compare"},
		{"if(1e-300, 1, 2)", false, "1.0E-300 is neither true nor false"},
		{"1 + '" + strings.Repeat("ä", 65) + "'", false, `text "` + strings.Repeat("ä", 64) + `"... is no number`},
		{"if('yes', 1, 2)", false, `text "yes" is neither true nor false`},
		{"if(0.5, 1, 2)", false, "0.5 is neither true nor false"},
		{"if(log(0), 1, 2)", false, "-Infinity is neither true nor false"},
		{"if(2.1 == false, 1, 2)", false, "2.1 and false do not compare"},
		{"if(is(2.1 in false), 1, 2)", false, "2.1 and false do not compare"},
		{"C{bCqvfPR02Im}", false, "unknown constant bCqvfPR02Im"},
		{"log(0) * 0", true, "an infinity in decimal arithmetic"},
		{"1e309 + 1", true, "an infinity in decimal arithmetic"},
		{"0^-1", true, "zero to a negative power"},
		{"2^10000000", true, "an exponent of more than 7 digits"},
		{"2^-1e20", true, "an exponent of more than 7 digits"},
		{"if(contains('a', null), 1, 2)", true, "a missing value in contains() or containsItems()"},
		{"if(containsItems('a,a', 'a'), 1, 2)", true, "a part that repeats in containsItems()"},
		{"if(is(null in 1), 1, 2)", true, "a missing value in is()"},
		{"if(is(1 in 2, null, 1), 1, 2)", true, "a missing value in is()"},
	}
	for _, tt := range tests {
		_, err := indicator.MustParse(tt.in).Eval(indicator.Env{})
		e, ok := errors.AsType[*indicator.EvalError](err)
		if !ok || e.Err.Error() != tt.want || e.Abort != tt.abort {
			t.Errorf("%s: %v; want %s, abort %v", tt.in, err, tt.want, tt.abort)
			continue
		}
		if e.Source != tt.in || !strings.Contains(e.Snippet(), "^") || !errors.Is(err, e.Err) {
			t.Errorf("%s: %#v", tt.in, e)
		}
	}
}
