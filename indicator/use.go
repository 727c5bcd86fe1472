package indicator

import (
	"strconv"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/internal/syntax"
)

// A Use is the purpose of an expression. It decides which parts are allowed
// (RULES.md#uses).
type Use uint8

// These are the uses.
const (
	InIndicator Use = iota // a numerator or denominator
	InRule                 // a side of a validation rule
	InPredictor            // a generator of a predictor
	InSkipTest             // the skip test of a predictor, true or false
	InTest                 // a comparison without items, true or false

	inSubExpression // the inside of subExpression()
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

// in returns the set that contains only u.
func (u Use) in() uses { return 1 << u }

// uses is a set of Uses.
type uses uint8

// These are the sets of uses in which parts of the language are allowed
// (RULES.md#uses).
const (
	everywhere   uses = withData | 1<<InTest | 1<<inSubExpression
	nowhere      uses = 0
	predictors   uses = 1<<InPredictor | 1<<InSkipTest
	rules        uses = 1<<InRule | predictors
	onIndicators uses = 1 << InIndicator
	withData     uses = onIndicators | rules
)

// kindUses has, for each kind of item, the uses in which it is allowed.
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

// modifierUses has, for each modifier, the uses in which it is allowed.
var modifierUses = map[string]uses{
	"aggregationType": onIndicators | 1<<inSubExpression,
	"periodOffset":    onIndicators | 1<<inSubExpression,
	"yearToDate":      onIndicators | 1<<inSubExpression,
	"minDate":         onIndicators | predictors | 1<<inSubExpression,
	"maxDate":         onIndicators | predictors | 1<<inSubExpression,
	"stageOffset":     nowhere,
}

// result returns the default type of a result, for an Env without one.
func (u Use) result() hmis.ValueType {
	if u == InSkipTest || u == InTest {
		return hmis.Boolean
	}
	return hmis.Number
}

// Parse parses an expression. The empty text is an expression whose value is
// missing. The error is a *[SyntaxError] for the first problem in the text, or
// an *[EvalError] for a part that this use does not allow. Limits are 1 MiB as
// written and in normal form, 131,072 parts, and a depth of 500, or 50 for
// functions over samples (RULES.md#limits). A number may have 1,000 bytes, and
// a text 64 KiB. Ids in it have the form of DHIS2 ([hmis.ParseUID]).
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

// Parse parses an expression of an indicator; see [Use.Parse].
func Parse(src string) (*Expr, error) { return InIndicator.Parse(src) }

// MustParse is like [Parse] but panics on an error. Use it for literals.
func MustParse(src string) *Expr {
	e, err := Parse(src)
	if err != nil {
		panic(err)
	}
	return e
}
