package indicator

import "github.com/ohie-hmis/hmis-go/hmis"

// An Env has the data and settings for evaluating an expression. The zero Env
// has no data at all.
type Env struct {
	// Item returns the value of an item, and the zero Value if it is missing.
	// It is only called for items on which the result depends. A missing
	// constant is an error. Missing counts and days are 0, and missing tests of
	// org units are false. If nil, everything is missing.
	Item func(Item) Value

	// Type returns the value type of an item. It decides which value replaces a
	// missing one: 0, false, or empty text. If nil, and always in indicators,
	// every item is a number.
	Type func(Item) hmis.ValueType

	// Samples has a function like Item for each sample period of a predictor.
	// They are only called for data; constants, counts, days and tests come
	// from Item.
	Samples []func(Item) Value

	// SampleValues, if not nil, may know the values of a part of the expression in
	// those sample periods that have any: part counts from 0 as in
	// [Expr.EvalSamples]. If ok is false, or the expression is computed within a
	// sample period, the values come from Samples, which must be set all the same.
	SampleValues func(part int) (values []float64, ok bool)

	Missing hmis.Missing   // "" is SkipIfAllMissing, which indicators always use
	Result  hmis.ValueType // the type of the result; "" is a number, or a truth value for tests

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

	Type         func(Item) hmis.ValueType // see Env
	Missing      hmis.Missing              // see Env
	Result       hmis.ValueType            // see Env
	SkipRounding bool                      // see Env

	// Warn, if not nil, is called for each type error with its cell. The value
	// of that cell is 0. If nil, the first error ends the evaluation.
	Warn func(cell int, err *EvalError)

	// Stop, if not nil, is called every few milliseconds. An error that it
	// returns ends the evaluation, which returns the same error. It is usually
	// the method Err of a context.
	Stop func() error
}
