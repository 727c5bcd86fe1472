package syntax

import (
	"slices"
	"strings"
)

// A shape is the form of the text between the parentheses of a function.
type shape uint8

const (
	plain    shape = iota // the arguments are expressions
	distinct              // the argument is an expression, with the word distinct before it or not
	isIn                  // the text has the form x in a, b, ...
	ids                   // the arguments are UIDs
)

type function struct {
	name     string
	min, max int // the number of arguments; a max of 0 means any number
	shape    shape
}

// functions lists the functions of the grammar by name.
var functions = []function{
	{"avg", 1, 1, plain},
	{"contains", 2, 0, plain},
	{"containsItems", 2, 0, plain},
	{"count", 1, 1, distinct},
	// The parser knows the functions of programs, but no use allows them.
	{"d2:addDays", 2, 2, plain},
	{"d2:ceil", 1, 1, plain},
	{"d2:concatenate", 1, 0, plain},
	{"d2:condition", 3, 3, plain},
	{"d2:count", 1, 1, plain},
	{"d2:countIfCondition", 2, 2, plain},
	{"d2:countIfValue", 2, 2, plain},
	{"d2:countIfZeroPos", 1, 1, plain},
	{"d2:daysBetween", 2, 2, plain},
	{"d2:extractDataMatrixValue", 2, 2, plain},
	{"d2:floor", 1, 1, plain},
	{"d2:hasUserRole", 1, 1, plain},
	{"d2:hasValue", 1, 1, plain},
	{"d2:inOrgUnitGroup", 1, 1, plain},
	{"d2:lastEventDate", 1, 1, plain},
	{"d2:left", 2, 2, plain},
	{"d2:length", 1, 1, plain},
	{"d2:maxValue", 1, 1, plain},
	{"d2:minValue", 1, 1, plain},
	{"d2:minutesBetween", 2, 2, plain},
	{"d2:modulus", 2, 2, plain},
	{"d2:monthsBetween", 2, 2, plain},
	{"d2:oizp", 1, 1, plain},
	{"d2:relationshipCount", 0, 1, plain},
	{"d2:right", 2, 2, plain},
	{"d2:round", 1, 2, plain},
	{"d2:split", 3, 3, plain},
	{"d2:substring", 3, 3, plain},
	{"d2:validatePattern", 2, 2, plain},
	{"d2:weeksBetween", 2, 2, plain},
	{"d2:yearsBetween", 2, 2, plain},
	{"d2:zScoreHFA", 3, 3, plain},
	{"d2:zScoreWFA", 3, 3, plain},
	{"d2:zScoreWFH", 3, 3, plain},
	{"d2:zing", 1, 1, plain},
	{"d2:zpvc", 1, 0, plain},

	{"firstNonNull", 1, 0, plain},
	{"greatest", 1, 0, plain},
	{"if", 3, 3, plain},
	{"is", 2, 0, isIn},
	{"isNotNull", 1, 1, plain},
	{"isNull", 1, 1, plain},
	{"least", 1, 0, plain},
	{"log", 1, 2, plain},
	{"log10", 1, 1, plain},
	{"max", 1, 1, plain},
	{"median", 1, 1, plain},
	{"min", 1, 1, plain},
	{"normDistCum", 1, 3, plain},
	{"normDistDen", 1, 3, plain},
	{"orgUnit.ancestor", 1, 0, ids},
	{"orgUnit.dataSet", 1, 0, ids},
	{"orgUnit.group", 1, 0, ids},
	{"orgUnit.program", 1, 0, ids},
	{"percentileCont", 2, 2, plain},
	{"removeZeros", 1, 1, plain},
	{"stddev", 1, 1, plain},
	{"stddevPop", 1, 1, plain},
	{"stddevSamp", 1, 1, plain},
	{"subExpression", 1, 1, plain},
	{"sum", 1, 1, plain},
	{"variance", 1, 1, plain},
}

func lookup(name string) (function, bool) {
	i, ok := slices.BinarySearchFunc(functions, name, func(f function, name string) int {
		return strings.Compare(f.name, name)
	})
	if !ok {
		return function{}, false
	}
	return functions[i], true
}
