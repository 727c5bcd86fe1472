package indicator

import "github.com/ohie-hmis/hmis-go/hmis"

// An Env is what an expression is evaluated in. The zero Env has no data at
// all.
type Env struct {
	// Item gives the value of an item; the zero Value says that it is missing.
	// It is called only for items of the expression, and only for those that
	// the value depends on. A constant that is missing is an error; counts and
	// days are then 0, tests of org units false. If nil, everything is missing.
	Item func(Item) Value

	// Type gives the value type of an item, which decides what stands in for it
	// when it is missing: 0, false, or empty text. If nil, and always in
	// indicators, every item is a number.
	Type func(Item) hmis.ValueType

	// Samples are what Item is in each sample period, for the functions of
	// predictors over many periods. They are asked for data only; constants,
	// counts, days and tests come from Item.
	Samples []func(Item) Value

	Missing hmis.Missing   // "" is SkipIfAllMissing; indicators always are
	Result  hmis.ValueType // what the result becomes; "" is a number, of tests a truth value

	// SkipRounding makes a Formula keep ten decimals instead of its own.
	SkipRounding bool

	// Note, if not nil, is told of an error that DHIS2 takes silently as the
	// value 0: a type error. The value is then 0 and Eval returns no error. An
	// error on which DHIS2 fails the whole request is returned all the same. If
	// nil, Eval returns every error.
	Note func(*EvalError)
}

// A ColumnEnv is what an expression is evaluated in for many cells at once.
type ColumnEnv struct {
	// Item gives an item in all cells. It is called once for each item.
	Item func(Item) Column

	Type         func(Item) hmis.ValueType // as in Env
	Missing      hmis.Missing              // as in Env
	Result       hmis.ValueType            // as in Env
	SkipRounding bool                      // as in Env

	// Note, if not nil, is told of a type error and its cell, whose value is
	// then 0. If nil, the first error ends the evaluation.
	Note func(cell int, err *EvalError)

	// Stop, if not nil, is called every few milliseconds. An error that it
	// returns ends the evaluation, which returns the same error. It is usually
	// the method Err of a context.
	Stop func() error
}
