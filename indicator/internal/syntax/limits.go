// Package syntax reads the text of an expression into a tree and writes a tree
// as text. It knows the grammar (RULES.md#tokens, RULES.md#binding), but not
// what an expression means.
package syntax

import "fmt"

// The limits of an expression. The longest known in use has 41,365 bytes and
// 2,000 items.
const (
	MaxSource = 1 << 20 // bytes in all
	MaxNodes  = 1 << 17 // nodes of the tree
	MaxDepth  = 500     // parentheses, functions, signs and powers inside each other
	MaxNumber = 1000    // bytes of a number
	MaxText   = 1 << 16 // bytes of a quoted text
)

// An Error says what is wrong with a text, and where. It is for the package
// above to make an error of.
type Error struct {
	Pos, End int // byte offsets
	Msg      string
}

func errorAt(pos, end int, format string, args ...any) *Error {
	return &Error{pos, end, fmt.Sprintf(format, args...)}
}
