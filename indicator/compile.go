package indicator

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/ast"
	"github.com/ohie-hmis/hmis-go/indicator/internal/syntax"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
)

// compile makes the program of an expression and its list of items. It fails
// for parts that are not allowed in its use.
func (e *Expr) compile() error {
	c := compiler{expr: e, slots: map[Item]int32{}, reads: map[Item]bool{}, own: map[Item]bool{}}
	e.prog.root = c.node(e.root, Item{}, 0)
	if c.err != nil {
		return c.err
	}
	planColumns(e)
	return nil
}

type compiler struct {
	expr  *Expr
	slots map[Item]int32
	reads map[Item]bool // the items already in Expr.sampled
	own   map[Item]bool // the items already in Expr.output
	both  bool          // the current argument is read in sample periods and in the output period
	err   *EvalError    // the first error found
}

func (c *compiler) fail(n ast.Node, format string, args ...any) {
	if c.err == nil {
		c.err = errorIn(c.expr.src, n, format, args...)
	}
}

// allow records an error unless part n is allowed in the use of the expression.
func (c *compiler) allow(n ast.Node, where uses, what string) {
	if where&c.expr.use.in() == 0 {
		c.fail(n, "%s has no place in %s", what, c.expr.use)
	}
}

// emit appends a step to the program and returns its index.
func (c *compiler) emit(n ast.Node, step node, links ...link) int32 {
	p := &c.expr.prog
	step.from = int32(len(p.links))
	p.links = append(p.links, links...)
	step.to = int32(len(p.links))
	p.nodes = append(p.nodes, step)
	p.spans = append(p.spans, ast.Span{From: n.Pos(), To: n.End()})
	return int32(len(p.nodes) - 1)
}

// constant appends a step for a literal.
func (c *compiler) constant(n ast.Node, v Value) int32 {
	p := &c.expr.prog
	p.constants = append(p.constants, v)
	return c.emit(n, node{op: opConst, slot: int32(len(p.constants) - 1)})
}

// maxSampled limits how deeply functions over samples may be nested. Known
// expressions do not nest them at all.
const maxSampled = 50

// node compiles n. mods has the modifiers that apply to n, and sampled is the
// number of functions over samples that enclose it.
func (c *compiler) node(n ast.Node, mods Item, sampled int) int32 {
	if c.err != nil {
		return 0
	}
	switch n := n.(type) {
	case *ast.Number:
		return c.constant(n, Float(n.Value))
	case *ast.Text:
		return c.constant(n, Text(n.Value))
	case *ast.Bool:
		return c.constant(n, Truth(n.Value))
	case *ast.Null:
		return c.emit(n, node{op: opNull})
	case *ast.Item:
		return c.item(n, mods, sampled)
	case *ast.Unary:
		return c.emit(n, node{op: unaryOps[n.Op]}, link{node: c.node(n.X, mods, sampled)})
	case *ast.Binary:
		return c.binary(n, mods, sampled)
	case *ast.Call:
		return c.call(n, mods, sampled)
	case *ast.Modified:
		return c.node(n.X, c.modify(n, mods), sampled)
	}
	c.fail(n, "%T has no value", n) // a Word occurs only as an argument
	return 0
}

// binary compiles a chain of operators of the same level into one step.
func (c *compiler) binary(n *ast.Binary, mods Item, sampled int) int32 {
	op := binaryOps[n.Op]
	level := op.level()
	if level == 0 {
		x := link{node: c.node(n.X, mods, sampled)}
		return c.emit(n, node{op: op}, x, link{node: c.node(n.Y, mods, sampled)})
	}
	var spine []*ast.Binary
	var first ast.Node = n
	for {
		b, ok := first.(*ast.Binary)
		if !ok || binaryOps[b.Op].level() != level {
			break
		}
		spine = append(spine, b)
		first = b.X
	}
	links := []link{{node: c.node(first, mods, sampled)}}
	for _, b := range slices.Backward(spine) {
		links = append(links, link{node: c.node(b.Y, mods, sampled), op: binaryOps[b.Op]})
	}
	step := node{op: opChain}
	switch {
	case op == opAnd || op == opOr:
		step.op = op
	case level >= 3:
		step.op = opCompare
	}
	return c.emit(n, step, links...)
}

func (c *compiler) call(n *ast.Call, mods Item, sampled int) int32 {
	if kind, ok := orgUnitTests[n.Name]; ok {
		c.allow(n, kindUses[kind], n.Name+"()")
		var links []link
		for _, a := range n.Args {
			id := hmis.UID(a.(*ast.Word).Text)
			links = append(links, link{node: c.slot(Item{Kind: kind, ID: id}, 0)})
		}
		return c.emit(n, node{op: opOrgUnit}, links...)
	}
	if n.Name == "subExpression" {
		return c.subExpression(n, mods)
	}
	if strings.HasPrefix(n.Name, "d2:") {
		c.fail(n, "%s() has no place in %s: %s", n.Name, c.expr.use, noAggregate)
		return 0
	}
	f := functions[n.Name]
	c.allow(n, f.uses, n.Name+"()")
	args := n.Args
	if w, ok := args[0].(*ast.Word); ok && w.Text == "distinct" {
		args = args[1:] // the server ignores this argument
	}
	links := make([]link, len(args))
	for i, a := range args {
		depth, both := sampled, c.both
		if f.op.samples(i, len(args)) {
			if depth++; depth > maxSampled {
				c.fail(n, "functions over samples nested more than %d deep", maxSampled)
			}
			c.both = depth == 1 && (f.op == opNormCum || f.op == opNormDen)
		}
		links[i].node = c.node(a, mods, depth)
		c.both = both
	}
	return c.emit(n, node{op: f.op}, links...)
}

// subExpression compiles a subExpression as an item, because only the engine
// can compute its value.
func (c *compiler) subExpression(n *ast.Call, mods Item) int32 {
	c.allow(n, kindUses[SubExpressionItem], "subExpression()")
	if c.err != nil {
		return 0
	}
	inner := &Expr{src: c.expr.src, root: n.Args[0], use: inSubExpression}
	ic := compiler{expr: inner, slots: map[Item]int32{}, reads: map[Item]bool{}, own: map[Item]bool{}}
	ic.node(inner.root, Item{}, 0)
	data := slices.ContainsFunc(inner.items, func(i Item) bool { return i.Kind == DataElementItem })
	switch {
	case ic.err != nil:
		c.err = ic.err
	case !data:
		c.fail(n, "subExpression() without a data element")
	}
	item := mods
	item.Kind, item.ID = SubExpressionItem, hmis.UID(syntax.Print(n.Args[0]))
	return c.emit(n, node{op: opData, slot: c.slot(item, 0)})
}

// noAggregate is the error for parts of the grammar that only program
// indicators can have. No use of this package allows them.
const noAggregate = "program items have no aggregate value"

// item compiles a reference to data.
func (c *compiler) item(n *ast.Item, mods Item, sampled int) int32 {
	item, ok := itemOf(n)
	if n.Sigil == "V" || n.Sigil == "PS_EVENTDATE" {
		c.fail(n, "%s has no place in %s: %s", syntax.ItemText(n), c.expr.use, noAggregate)
		return 0
	}
	if !ok {
		want := ""
		if item.Kind == DataElementItem {
			want = ", want ids of 11 letters and digits"
		}
		c.fail(n, "%s names no data%s", quote.Line(syntax.ItemText(n), 40), want)
		return 0
	}
	c.allow(n, kindUses[item.Kind], item.Kind.String())
	switch item.Kind {
	case DataElementItem, IndicatorItem:
		item.Combine, item.Offset, item.YearToDate, item.From, item.To =
			mods.Combine, mods.Offset, mods.YearToDate, mods.From, mods.To
	case PeriodInYearItem, YearlyPeriodsItem:
		item.Offset = mods.Offset
	}
	op := opCount
	switch {
	case item.Kind == ConstantItem:
		op = opConstant
	case item.Kind.IsData():
		op = opData
	}
	return c.emit(n, node{op: op, slot: c.slot(item, sampled)})
}

// slot returns the index of an item in the list of items.
func (c *compiler) slot(item Item, sampled int) int32 {
	if sampled > 0 && item.Kind.IsData() && !c.reads[item] {
		c.reads[item] = true
		c.expr.sampled = append(c.expr.sampled, item)
	}
	if (sampled == 0 || sampled == 1 && c.both) && item.Kind.IsData() && !c.own[item] {
		c.own[item] = true
		c.expr.output = append(c.expr.output, item)
	}
	s, ok := c.slots[item]
	if !ok {
		s = int32(len(c.expr.items))
		c.slots[item] = s
		c.expr.items = append(c.expr.items, item)
	}
	return s
}

// itemOf returns the item that n refers to, without modifiers. ok is false for
// a variable of a program.
func itemOf(n *ast.Item) (item Item, ok bool) {
	opens := func(k struct{ name, open string }) bool { return k.open == n.Sigil }
	kind := ItemKind(slices.IndexFunc(kindNames[:], opens))
	item = Item{Kind: kind}
	if n.Sigil == "V" || n.Sigil == "PS_EVENTDATE" {
		return item, false
	}
	ids := make([]hmis.UID, len(n.IDs))
	for i, id := range n.IDs {
		ids[i] = hmis.UID(id)
		tagged := kind == DataElementItem && strings.Contains(id, ":")
		if !tagged && id != "*" && !syntax.IsUID(id) && kind != ReportingRateItem {
			return item, false
		}
	}
	switch {
	case len(ids) == 0: // a bracket such as [days]
	case kind == ProgramElementItem, kind == ProgramAttributeItem:
		if len(ids) != 2 {
			return item, false
		}
		item.ID = ids[0] + "." + ids[1]
	case kind == ReportingRateItem:
		item.ID, item.Rate = ids[0], Rate(ids[1])
	default:
		item.ID = ids[0]
		if len(ids) > 1 && ids[1] != "*" {
			item.OptionCombo = ids[1]
		}
		if len(ids) > 2 {
			item.AttributeCombo = ids[2]
		}
	}
	return item, true
}

// modify adds a modifier to mods, the modifiers that enclose it
// (RULES.md#modifiers). Offsets are added up. Of any other modifier the
// innermost counts.
func (c *compiler) modify(n *ast.Modified, mods Item) Item {
	c.allow(n, modifierUses[n.Name], "."+n.Name+"()")
	switch n.Name {
	case "aggregationType":
		name := hmis.Aggregation(n.Args[0].(*ast.Word).Text)
		if !slices.Contains(hmis.Aggregations(), name) {
			c.fail(n.Args[0], "unknown aggregation type %s", quote.Line(string(name), 40))
		}
		mods.Combine = name
	case "periodOffset":
		v := n.Args[0].(*ast.Number).Value + float64(mods.Offset)
		if math.Abs(v) > math.MaxInt32 {
			c.fail(n.Args[0], "period offset %.10g, want at most %d", v, math.MaxInt32)
			return mods
		}
		mods.Offset = int(v)
	case "yearToDate":
		mods.YearToDate = true
	case "minDate", "maxDate":
		day, err := parseDay(n.Args[0].(*ast.Word).Text)
		switch {
		case err != nil:
			c.fail(n.Args[0], "%s is no day", n.Args[0].(*ast.Word).Text)
		case n.Name == "minDate":
			mods.From = day
		case day == 0: // Item.To would read 0 as no limit
			c.fail(n.Args[0], "1970-01-01 stands for no limit, want another day")
		default:
			mods.To = day
		}
	}
	return mods
}

// parseDay parses a day whose month and day may have one digit.
func parseDay(s string) (period.Date, error) {
	parts := strings.Split(s, "-")
	for i := 1; i < len(parts); i++ {
		parts[i] = fmt.Sprintf("%02s", parts[i])
	}
	return period.ParseDate(strings.Join(parts, "-"))
}
