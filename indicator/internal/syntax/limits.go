// Package syntax parses expressions into trees and writes trees as text. It
// knows the grammar (RULES.md#tokens, RULES.md#binding), but not the meaning of
// an expression.
package syntax

import "fmt"

// These are the limits of an expression. The longest known expression in use
// has 41,365 bytes and 2,000 items.
const (
	MaxSource = 1 << 20 // the length of an expression in bytes
	MaxNodes  = 1 << 17 // the number of nodes of the tree
	MaxDepth  = 500     // depth of parentheses, functions, signs and powers
	MaxNumber = 1000    // the length of a number in bytes
	MaxText   = 1 << 16 // the length of a quoted text in bytes
)

// An Error explains what is wrong with a text, and where. Package indicator
// turns it into a SyntaxError.
type Error struct {
	Pos, End int // byte offsets in the text where the problem begins and ends
	Msg      string
}

func errorAt(pos, end int, format string, args ...any) *Error {
	return &Error{pos, end, fmt.Sprintf(format, args...)}
}
