package syntax

import (
	"strings"

	"github.com/ohie-hmis/hmis-go/indicator/ast"
)

// These are the levels of binding, loosest first (RULES.md#binding).
const (
	levelUnary   = 7
	levelPower   = 8
	levelPrimary = 9
)

func level(op string) int {
	switch op {
	case "||":
		return 1
	case "&&":
		return 2
	case "==", "!=":
		return 3
	case "<", ">", "<=", ">=":
		return 4
	case "+", "-":
		return 5
	case "*", "/", "%":
		return 6
	}
	return levelPower // the operator ^
}

// A Printer writes trees in normal form: one space around operators, none
// inside parentheses, and no needless parentheses. The text parses to an equal
// tree.
type Printer struct {
	strings.Builder
	// Item, if not nil, returns the text of an item.
	Item func(*ast.Item) string
	// Word, if not nil, returns the text of an id in the arguments of a
	// function.
	Word func(function, id string) string
}

// Print returns the normal form of a tree. For nil it is "".
func Print(n ast.Node) string {
	var p Printer
	p.Node(n)
	return p.String()
}

// Node writes the tree n.
func (p *Printer) Node(n ast.Node) { p.node(n, 1, false) }

// node writes n. It adds parentheses if n binds looser than least, or if n is a
// number to which a modifier would attach.
func (p *Printer) node(n ast.Node, least int, modified bool) {
	if levelOf(n) < least || modified && isNumber(n) {
		p.WriteByte('(')
		defer p.WriteByte(')')
	}
	switch n := n.(type) {
	case *ast.Number:
		p.WriteString(n.Text)
	case *ast.Text:
		p.WriteString(Quote(n.Value))
	case *ast.Bool:
		if n.Value {
			p.WriteString("true")
		} else {
			p.WriteString("false")
		}
	case *ast.Null:
		p.WriteString("null")
	case *ast.Word:
		p.WriteString(n.Text)
	case *ast.Item:
		p.item(n)
	case *ast.Unary:
		p.WriteString(n.Op)
		p.node(n.X, levelUnary, false)
	case *ast.Binary:
		p.binary(n)
	case *ast.Call:
		p.call(n)
	case *ast.Modified:
		p.node(n.X, levelPrimary, true)
		p.WriteString("." + n.Name + "(")
		for _, a := range n.Args {
			p.node(a, 1, false)
		}
		p.WriteByte(')')
	}
}

func levelOf(n ast.Node) int {
	switch n := n.(type) {
	case *ast.Unary:
		return levelUnary
	case *ast.Binary:
		return level(n.Op)
	}
	return levelPrimary
}

func isNumber(n ast.Node) bool { // without parentheses, 5.periodOffset(1) would begin with the number "5."
	_, ok := n.(*ast.Number)
	return ok
}

func (p *Printer) binary(n *ast.Binary) {
	if n.Op == "^" {
		p.node(n.X, levelPrimary, false)
		p.WriteByte('^')
		p.node(n.Y, levelUnary, false) // the exponent may have a sign
		return
	}
	// A chain of one level nests to the left. A loop walks it, since recursion
	// could be too deep.
	l := level(n.Op)
	chain := []*ast.Binary{n}
	for {
		x, ok := chain[len(chain)-1].X.(*ast.Binary)
		if !ok || level(x.Op) != l {
			break
		}
		chain = append(chain, x)
	}
	p.node(chain[len(chain)-1].X, l, false)
	for i := len(chain) - 1; i >= 0; i-- {
		p.WriteString(" " + chain[i].Op + " ")
		p.node(chain[i].Y, l+1, false)
	}
}

func (p *Printer) item(n *ast.Item) {
	if p.Item != nil {
		p.WriteString(p.Item(n))
		return
	}
	p.WriteString(ItemText(n))
}

// ItemText returns the text of an item.
func ItemText(n *ast.Item) string {
	if n.IDs == nil {
		return "[" + n.Sigil + "]"
	}
	if n.Sigil == eventDate {
		return n.Sigil + ":" + n.IDs[0]
	}
	return n.Sigil + "{" + strings.Join(n.IDs, ".") + "}"
}

func (p *Printer) call(n *ast.Call) {
	p.WriteString(n.Name + "(")
	for i, a := range n.Args {
		switch {
		case i == 0:
		case n.Name == "is" && i == 1:
			p.WriteString(" in ")
		case n.Name == "count": // the word distinct comes before the argument
			p.WriteByte(' ')
		default:
			p.WriteString(", ")
		}
		if w, ok := a.(*ast.Word); ok && p.Word != nil {
			p.WriteString(p.Word(n.Name, w.Text))
			continue
		}
		p.node(a, 1, false)
	}
	p.WriteByte(')')
}
