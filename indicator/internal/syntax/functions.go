package syntax

import (
	"slices"
	"strings"
)

// A shape says what may stand between the parentheses of a function.
type shape uint8

const (
	plain    shape = iota // expressions
	distinct              // an expression, perhaps after the word distinct
	isIn                  // x in a, b, ...
	ids                   // UIDs
)

type function struct {
	name     string
	min, max int // number of arguments; max 0 means any number
	shape    shape
}

// functions are the functions of the grammar (section 3), ordered by name.
var functions = []function{
	{"avg", 1, 1, plain},
	{"contains", 2, 0, plain},
	{"containsItems", 2, 0, plain},
	{"count", 1, 1, distinct},
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
