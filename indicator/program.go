package indicator

import "github.com/ohie-hmis/hmis-go/indicator/ast"

// A program is an expression that is ready to run. Its nodes are in one slice,
// children before parents, and refer to items by slots.
type program struct {
	nodes     []node
	links     []link
	spans     []ast.Span // for each node, its place in the source, for errors
	constants []Value
	root      int32
}

// A node is one step of a program. Its operands are links[from:to].
type node struct {
	op       opcode
	from, to int32
	// slot is the index of an item in Expr.items, or of a constant in
	// constants. For a chain it is the number of its plan in Expr.parts, from
	// 1.
	slot int32
}

// A link is an operand. In a chain it has the operator before the operand.
type link struct {
	node int32
	op   opcode
}

type opcode uint8

const (
	opConst opcode = iota
	opNull
	opData     // an item that can make the result missing
	opCount    // an item such as OUG{} or [days] that is 0 if missing
	opConstant // a constant, C{}
	opOrgUnit  // tests of org units: true if one of the slots from..to is true

	opChain // a chain of operators of one level, computed from left to right
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

	opAvg // the functions from here on read samples
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

// functions has, for each function of the language, the operation that computes
// it and the uses that allow it (RULES.md#uses). Functions of orgUnit and
// subExpression are compiled as items.
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
	"variance":       {opSum, nowhere}, // the grammar has this function, but no use allows it
}

var orgUnitTests = map[string]ItemKind{
	"orgUnit.ancestor": AncestorTest,
	"orgUnit.dataSet":  DataSetTest,
	"orgUnit.group":    GroupTest,
	"orgUnit.program":  ProgramTest,
}

// samples reports whether an operation with n arguments reads argument i in the
// sample periods. A function over samples reads the last one there. The normal
// distribution reads the first one there, unless it is given both mean and
// deviation.
func (op opcode) samples(i, n int) bool {
	if op == opNormCum || op == opNormDen {
		return i == 0 && n < 3
	}
	return op >= opAvg && i == n-1
}

// level returns the binding level of an operator. Operators of one level form a
// chain.
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
