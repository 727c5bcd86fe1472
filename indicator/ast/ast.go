// Package ast defines the syntax tree of an expression. Trees come from
// indicator.Expr.Root and are for translating expressions to something else,
// such as SQL or a description.
//
// Trees are read only. They are shared between all users of an expression and
// must not be changed.
package ast

import "iter"

// A Node is a part of an expression. The set of nodes is closed: a type switch
// over the pointer types *Number, *Text, *Bool, *Null, *Word, *Item, *Unary,
// *Binary, *Call and *Modified is complete.
type Node interface {
	Pos() int // byte offset of the first character
	End() int // byte offset after the last character
	node()
}

// A Span is the place of a node in the text of its expression, in bytes.
// Parentheses around a node do not belong to its span.
type Span struct{ From, To int }

// Pos returns the byte offset of the first character.
func (s Span) Pos() int { return s.From }

// End returns the byte offset after the last character.
func (s Span) End() int { return s.To }

// A Number is a numeric literal such as 1.5. It has no sign, except as the
// argument of periodOffset.
type Number struct {
	Span
	Text  string  // as written
	Value float64 // the nearest double; an infinity for a literal such as 1e309
}

// A Text is a quoted literal.
type Text struct {
	Span
	Value string // without quotes, escapes replaced; a lone surrogate is kept as three bytes
}

// A Bool is the literal true or false.
type Bool struct {
	Span
	Value bool
}

// A Null is the literal null.
type Null struct{ Span }

// A Word is an argument written without quotes: an id in orgUnit.group(), a day
// in minDate(), a name in aggregationType(), or distinct in count().
type Word struct {
	Span
	Text string
}

// An Item is a reference to data such as #{fbfJHSPpUQD} or [days].
type Item struct {
	Span
	// Sigil is what opens the item: "#", "A", "C", "D", "I", "N", "OUG", "R",
	// "V" or "PS_EVENTDATE", or the word between brackets: "days",
	// "periodInYear" or "yearlyPeriodCount".
	Sigil string
	// IDs is the text between the braces, cut at the dots, without trailing
	// wildcards: #{a.b.*} has the IDs a and b. It is empty for a bracket. A
	// text that has no such form is one ID as it is.
	IDs []string
}

// A Unary is an operator before its operand.
type Unary struct {
	Span
	Op string // "+", "-" or "!", which is also written not
	X  Node
}

// A Binary is an operator between its operands. A chain such as a+b+c nests to
// the left, except that of "^", which nests to the right.
type Binary struct {
	Span
	Op   string // the words and, or are "&&", "||"
	X, Y Node
}

// A Call is a function and its arguments. The call is(a in b, c) has the
// arguments a, b and c.
type Call struct {
	Span
	Name string
	Args []Node
}

// A Modified is an expression with one modifier behind it, such as
// x.periodOffset(-1). Modifiers in a row nest, the first innermost.
type Modified struct {
	Span
	X    Node
	Name string // without the dot
	Args []Node
}

func (*Number) node()   {}
func (*Text) node()     {}
func (*Bool) node()     {}
func (*Null) node()     {}
func (*Word) node()     {}
func (*Item) node()     {}
func (*Unary) node()    {}
func (*Binary) node()   {}
func (*Call) node()     {}
func (*Modified) node() {}

// Preorder returns n and everything below it, parents before children, children
// from left to right. It is empty if n is nil.
func Preorder(n Node) iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n == nil {
			return
		}
		// A stack of its own, since a chain of operators nests as deep as it is
		// long.
		stack := []Node{n}
		for len(stack) > 0 {
			n := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if !yield(n) {
				return
			}
			switch n := n.(type) {
			case *Unary:
				stack = append(stack, n.X)
			case *Binary:
				stack = append(stack, n.Y, n.X)
			case *Call:
				stack = pushReversed(stack, n.Args)
			case *Modified:
				stack = append(pushReversed(stack, n.Args), n.X)
			}
		}
	}
}

func pushReversed(stack, nodes []Node) []Node {
	for i := len(nodes) - 1; i >= 0; i-- {
		stack = append(stack, nodes[i])
	}
	return stack
}
