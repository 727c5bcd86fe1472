package indicator

import "github.com/ohie-hmis/hmis-go/indicator/ast"

// A program is an expression ready to run: its nodes in one slice, children
// before parents, items as numbers of slots.
type program struct {
	nodes     []node
	links     []link
	spans     []ast.Span // of nodes, for errors
	constants []Value
	root      int32
}

// A node is one step. Its operands are links[from:to].
type node struct {
	op       opcode
	from, to int32
	// Of an item slot is its place in Expr.items, of a constant that in
	// constants, and of a chain the number, from 1, of its plan in Expr.parts.
	slot int32
}

// A link is an operand, in a chain with the operator before it.
type link struct {
	node int32
	op   opcode
}

type opcode uint8

const (
	opConst opcode = iota
	opNull
	opData     // an item that counts
	opCount    // OUG{}, [days] and the like: 0 if it is missing
	opConstant // C{}
	opOrgUnit  // orgUnit tests: true if one of the slots from..to is

	opChain // operators of one level, from left to right
	opAdd
	opSub
	opMul
	opDiv
	opRem
	opPow
	opCompare
	opEqual
	opNotEqual
	opLess
	opGreater
	opLessOrEqual
	opGreaterOrEqual
	opAnd
	opOr
	opNeg
	opPlus
	opNot

	opIf
	opIsNull
	opIsNotNull
	opFirstNonNull
	opGreatest
	opLeast
	opLog
	opLog10
	opRemoveZeros
	opContains
	opContainsItems
	opIs
	opNormCum
	opNormDen

	opAvg // here begin the functions over samples
	opCountSamples
	opMax
	opMedian
	opMin
	opPercentile
	opStdDev
	opStdDevPop
	opSum
)

var unaryOps = map[string]opcode{"-": opNeg, "+": opPlus, "!": opNot}

var binaryOps = map[string]opcode{
	"+": opAdd, "-": opSub, "*": opMul, "/": opDiv, "%": opRem, "^": opPow,
	"==": opEqual, "!=": opNotEqual,
	"<": opLess, ">": opGreater, "<=": opLessOrEqual, ">=": opGreaterOrEqual,
	"&&": opAnd, "||": opOr,
}

// functions are the functions of the language, the uses that allow them
// (RULES.md#uses) and what computes them. Those of orgUnit and subExpression
// make items.
var functions = map[string]struct {
	op   opcode
	uses uses
}{
	"avg":            {opAvg, predictors},
	"contains":       {opContains, everywhere},
	"containsItems":  {opContainsItems, everywhere},
	"count":          {opCountSamples, predictors},
	"firstNonNull":   {opFirstNonNull, everywhere},
	"greatest":       {opGreatest, everywhere},
	"if":             {opIf, everywhere},
	"is":             {opIs, everywhere},
	"isNotNull":      {opIsNotNull, everywhere},
	"isNull":         {opIsNull, everywhere},
	"least":          {opLeast, everywhere},
	"log":            {opLog, everywhere},
	"log10":          {opLog10, everywhere},
	"max":            {opMax, predictors},
	"median":         {opMedian, predictors},
	"min":            {opMin, predictors},
	"normDistCum":    {opNormCum, predictors},
	"normDistDen":    {opNormDen, predictors},
	"percentileCont": {opPercentile, predictors},
	"removeZeros":    {opRemoveZeros, everywhere},
	"stddev":         {opStdDev, predictors},
	"stddevPop":      {opStdDevPop, predictors},
	"stddevSamp":     {opStdDev, predictors},
	"sum":            {opSum, predictors},
	"variance":       {opSum, nowhere}, // read, and refused by every use
}

var orgUnitTests = map[string]ItemKind{
	"orgUnit.ancestor": AncestorTest,
	"orgUnit.dataSet":  DataSetTest,
	"orgUnit.group":    GroupTest,
	"orgUnit.program":  ProgramTest,
}

// samples reports whether an operation with n arguments reads argument i in the
// sample periods: a function over samples the last one, and the normal
// distribution the first one if it has to find mean or deviation itself.
func (op opcode) samples(i, n int) bool {
	if op == opNormCum || op == opNormDen {
		return i == 0 && n < 3
	}
	return op >= opAvg && i == n-1
}

// level groups the operators that form one chain.
func (op opcode) level() int {
	switch op {
	case opAdd, opSub:
		return 1
	case opMul, opDiv, opRem:
		return 2
	case opEqual, opNotEqual:
		return 3
	case opLess, opGreater, opLessOrEqual, opGreaterOrEqual:
		return 4
	case opAnd:
		return 5
	case opOr:
		return 6
	}
	return 0
}
