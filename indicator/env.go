package indicator

import "github.com/ohie-hmis/hmis-go/hmis"

// An Env has everything that an expression is evaluated with. The zero Env has
// no data at all.
type Env struct {
	// Item returns the value of an item, and the zero Value if it is missing.
	// It is called only for items of the expression on which the value depends.
	// A missing constant is an error. Missing counts and days are 0, and
	// missing tests of org units false. If nil, everything is missing.
	Item func(Item) Value

	// Type returns the value type of an item, which decides by what it is
	// replaced if it is missing: 0, false, or empty text. If nil, and always in
	// indicators, every item is a number.
	Type func(Item) hmis.ValueType

	// Samples has a function like Item for each sample period, for the
	// functions of predictors over samples. They are called for data only;
	// constants, counts, days and tests come from Item.
	Samples []func(Item) Value

	Missing hmis.Missing   // "" is SkipIfAllMissing, which indicators always use
	Result  hmis.ValueType // type of the result; "" is a number, or for tests a truth value

	// SkipRounding makes a Formula keep ten decimals instead of its own.
	SkipRounding bool

	// Warn, if not nil, is called for a type error, for which DHIS2 silently
	// computes 0. Eval then returns 0 and no error (rule 2 of RULES.md#errors).
	// An error on which DHIS2 fails the whole request is returned all the same.
	// If nil, Eval returns every error.
	Warn func(*EvalError)
}

// A ColumnEnv has everything that an expression is evaluated with in many cells
// at once.
type ColumnEnv struct {
	// Item returns an item in all cells. It is called once for each item.
	Item func(Item) Column

	Type         func(Item) hmis.ValueType // as in Env
	Missing      hmis.Missing              // as in Env
	Result       hmis.ValueType            // as in Env
	SkipRounding bool                      // as in Env

	// Warn, if not nil, is called for a type error and its cell, whose value is
	// then 0. If nil, the first error ends the evaluation.
	Warn func(cell int, err *EvalError)

	// Stop, if not nil, is called every few milliseconds. An error that it
	// returns ends the evaluation, which returns the same error. It is usually
	// the method Err of a context.
	Stop func() error
}
