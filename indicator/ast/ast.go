// Package ast defines the syntax tree of an expression. Use the tree that
// indicator.Expr.Root returns to translate an expression, for example to SQL.
//
// All users of an expression share its tree, so it must not be changed.
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

// A Span is the place of a node in the text of its expression, in bytes. It
// does not include parentheses around the node.
type Span struct{ From, To int }

// Pos returns the byte offset of the first character.
func (s Span) Pos() int { return s.From }

// End returns the byte offset after the last character.
func (s Span) End() int { return s.To }

// A Number is a numeric literal such as 1.5. It has no sign, except in
// periodOffset.
type Number struct {
	Span
	Text  string  // the text as written
	Value float64 // the nearest double; an infinity for a literal such as 1e309
}

// A Text is a quoted literal.
type Text struct {
	Span
	Value string // the text without quotes and with escapes replaced; a lone surrogate is kept as three bytes
}

// A Bool is the literal true or false.
type Bool struct {
	Span
	Value bool
}

// A Null is the literal null.
type Null struct{ Span }

// A Word is an argument without quotes: an id in orgUnit.group(), a day in
// minDate(), a name in aggregationType(), or distinct in count().
type Word struct {
	Span
	Text string
}

// An Item is a reference to data such as #{fbfJHSPpUQD} or [days].
type Item struct {
	Span
	// Sigil is the text that begins the item: "#", "A", "C", "D", "I", "N",
	// "OUG", "R", "V" or "PS_EVENTDATE", or the word between brackets: "days",
	// "periodInYear" or "yearlyPeriodCount".
	Sigil string
	// IDs are the parts of the text between the braces, split at dots, without
	// trailing wildcards: #{a.b.*} has the IDs a and b. An item in brackets has
	// none. A text of any other form is one ID.
	IDs []string
}

// A Unary is an operator before its operand.
type Unary struct {
	Span
	Op string // "+", "-" or "!"; the word not is "!"
	X  Node
}

// A Binary is an operator between its operands. A chain such as a+b+c nests to
// the left, but a chain of "^" nests to the right.
type Binary struct {
	Span
	Op   string // the operator; the words and, or are "&&" and "||"
	X, Y Node
}

// A Call is a function and its arguments. The call is(a in b, c) has the
// arguments a, b and c.
type Call struct {
	Span
	Name string
	Args []Node
}

// A Modified is an expression with one modifier after it, such as
// x.periodOffset(-1). If several follow, the first is the innermost.
type Modified struct {
	Span
	X    Node
	Name string // the name of the modifier without the dot
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
		// An explicit stack is used, since a long chain of operators makes a
		// deep tree.
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
