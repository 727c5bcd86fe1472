package indicator

import (
	"strconv"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/internal/syntax"
)

// A Use says what an expression is for, and so what it may contain
// (RULES.md#uses).
type Use uint8

// The uses.
const (
	InIndicator Use = iota // a numerator or denominator
	InRule                 // a side of a validation rule
	InPredictor            // a generator
	InSkipTest             // a predictor's test, true or false
	InTest                 // a comparison without items, true or false

	inSubExpression // within subExpression()
)

var useNames = [...]string{
	"an indicator", "a validation rule", "a predictor", "a skip test", "a test", "a subExpression",
}

// String returns the use in words, such as "a validation rule".
func (u Use) String() string {
	if int(u) < len(useNames) {
		return useNames[u]
	}
	return "use " + strconv.Itoa(int(u))
}

// in returns the set of u alone.
func (u Use) in() uses { return 1 << u }

// uses is a set of Uses.
type uses uint8

// The uses in which parts of the language are allowed (RULES.md#uses).
const (
	everywhere   uses = withData | 1<<InTest | 1<<inSubExpression
	nowhere      uses = 0
	predictors   uses = 1<<InPredictor | 1<<InSkipTest
	rules        uses = 1<<InRule | predictors
	onIndicators uses = 1 << InIndicator
	withData     uses = onIndicators | rules
)

// kindUses says in which uses items are allowed.
var kindUses = [...]uses{
	DataElementItem:      withData | 1<<inSubExpression,
	ConstantItem:         everywhere &^ (1 << inSubExpression),
	IndicatorItem:        onIndicators,
	ReportingRateItem:    withData,
	OrgUnitGroupItem:     withData,
	ProgramIndicatorItem: withData,
	ProgramElementItem:   withData,
	ProgramAttributeItem: withData,
	SubExpressionItem:    onIndicators,
	DaysItem:             withData,
	PeriodInYearItem:     onIndicators,
	YearlyPeriodsItem:    onIndicators,
	AncestorTest:         rules,
	GroupTest:            rules,
	DataSetTest:          rules,
	ProgramTest:          rules,
}

// modifierUses says in which uses modifiers are allowed.
var modifierUses = map[string]uses{
	"aggregationType": onIndicators | 1<<inSubExpression,
	"periodOffset":    onIndicators | 1<<inSubExpression,
	"yearToDate":      onIndicators | 1<<inSubExpression,
	"minDate":         onIndicators | predictors | 1<<inSubExpression,
	"maxDate":         onIndicators | predictors | 1<<inSubExpression,
	"stageOffset":     nowhere,
}

// result returns the value type of a result if the Env names none.
func (u Use) result() hmis.ValueType {
	if u == InSkipTest || u == InTest {
		return hmis.Boolean
	}
	return hmis.Number
}

// Parse reads an expression. The empty text is an expression whose value is
// missing. The error is a *[SyntaxError] for the first problem in the text, or
// an *[EvalError] for what has no place in this use. An expression has at most
// 1 MiB, as written and in normal form, with 131,072 parts, nested 500 deep,
// functions over samples 50 deep, numbers of 1,000 bytes and texts of 64 KiB
// (RULES.md#limits). Ids in it have the form of DHIS2 ([hmis.ParseUID]).
func (u Use) Parse(src string) (*Expr, error) {
	e := &Expr{src: src, use: u}
	if src == "" {
		return e, nil
	}
	root, bad := syntax.Parse(src)
	if bad != nil {
		return nil, &SyntaxError{Source: src, Pos: bad.Pos, End: bad.End, Msg: bad.Msg}
	}
	e.root = root
	if err := e.compile(); err != nil {
		return nil, err
	}
	return e, nil
}

// Parse reads an expression of an indicator. See [Use.Parse].
func Parse(src string) (*Expr, error) { return InIndicator.Parse(src) }

// MustParse is like [Parse] but panics on an error. It is for literals.
func MustParse(src string) *Expr {
	e, err := Parse(src)
	if err != nil {
		panic(err)
	}
	return e
}
