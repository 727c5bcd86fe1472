package indicator

import "github.com/ohie-hmis/hmis-go/hmis"

// An Env has the data and settings for evaluating an expression. The zero Env
// has no data at all.
type Env struct {
	// Item returns the value of an item, or the zero Value if it is missing. It
	// is only called for items on which the result depends.
	//
	// A missing constant is an error. A missing count or number of days is 0,
	// and a missing test of an org unit is false. If Item is nil, every item is
	// missing.
	Item func(Item) Value

	// Type returns the value type of an item. The type determines which value
	// replaces a missing one: 0, false, or empty text. If Type is nil, and
	// always in indicators, every item is a number.
	Type func(Item) hmis.ValueType

	// Samples has a function like Item for each sample period of a predictor.
	// The functions are only called for data. Constants, counts, days and tests
	// come from Item.
	Samples []func(Item) Value

	// SampleValues, if not nil, returns the values of one part of the
	// expression in the sample periods that have a value. Parts are numbered
	// from 0 as in [Expr.EvalSamples].
	//
	// If ok is false, the values come from Samples. Samples must always be set,
	// since it is also used to compute the expression within a sample period.
	SampleValues func(part int) (values []float64, ok bool)

	Missing hmis.Missing   // the strategy for missing values; "" is SkipIfAllMissing, which indicators always use
	Result  hmis.ValueType // the type of the result; "" is a number, or true or false for tests

	// SkipRounding makes a Formula keep ten decimals instead of its own.
	SkipRounding bool

	// Warn, if not nil, is called for a type error. Eval then returns 0 and no
	// error, as DHIS2 does silently (rule 2 of RULES.md#errors). An error for
	// which DHIS2 fails the whole request is still returned. If nil, Eval
	// returns every error.
	Warn func(*EvalError)
}

// A ColumnEnv has the data and settings for evaluating an expression in many
// cells at once.
type ColumnEnv struct {
	// Item returns the values of an item in all cells. It is called once for
	// each item.
	Item func(Item) Column

	Type         func(Item) hmis.ValueType // like Env.Type
	Missing      hmis.Missing              // like Env.Missing
	Result       hmis.ValueType            // like Env.Result
	SkipRounding bool                      // like Env.SkipRounding

	// Warn, if not nil, is called for each type error with its cell. The value
	// of that cell is 0. If nil, the first error ends the evaluation.
	Warn func(cell int, err *EvalError)

	// Stop, if not nil, is called every few milliseconds. An error that it
	// returns ends the evaluation, which returns the same error. It is usually
	// the method Err of a context.
	Stop func() error
}
