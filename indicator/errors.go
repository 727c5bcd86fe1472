package indicator

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/indicator/ast"
)

// A SyntaxError explains why and where an expression cannot be parsed.
type SyntaxError struct {
	Source   string // the whole expression
	Pos, End int    // byte offsets in Source where the problem begins and ends
	Msg      string
}

// Error returns one line: "indicator: 1:14: unknown function avgg". Line and
// column count from 1, the column in characters.
func (e *SyntaxError) Error() string { return place(e.Source, e.Pos) + e.Msg }

// Snippet returns the line of the source at fault with a caret below it. A long
// line is shortened.
func (e *SyntaxError) Snippet() string { return snippet(e.Source, e.Pos, e.End) }

// An EvalError explains which part of an expression is not allowed, or could
// not be computed, and why. DHIS2 computes 0 instead, or fails the whole
// request if Abort is set (RULES.md#errors).
type EvalError struct {
	Source   string // the whole expression
	Pos, End int    // byte offsets in Source where the part begins and ends
	Abort    bool
	Err      error
}

// Error returns one line: "indicator: 1:1: text "abc" is no number".
func (e *EvalError) Error() string { return place(e.Source, e.Pos) + e.Err.Error() }

// Unwrap returns e.Err.
func (e *EvalError) Unwrap() error { return e.Err }

// Snippet returns the line of the source at fault with a caret below it. A long
// line is shortened.
func (e *EvalError) Snippet() string { return snippet(e.Source, e.Pos, e.End) }

// A sideError is the error of one side of an indicator or rule that cannot be
// parsed.
type sideError struct {
	where string
	err   error // the text of err begins with prefix
}

func (e sideError) Error() string {
	// The name of the package must occur only once.
	return prefix + e.where + ": " + strings.TrimPrefix(e.err.Error(), prefix)
}

func (e sideError) Unwrap() error { return e.err }

const prefix = "indicator: "

// place returns the prefix of an error at a position: "indicator: line:column:
// ".
func place(src string, pos int) string {
	before := src[:pos]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf(prefix+"%d:%d: ", line, column)
}

// snippet returns the line of src that contains pos, and a line with carets
// below the bytes up to end.
func snippet(src string, pos, end int) string {
	const around = 60 // number of characters that are shown on each side of the carets
	start := strings.LastIndexByte(src[:pos], '\n') + 1
	stop := len(src)
	if i := strings.IndexByte(src[pos:], '\n'); i >= 0 {
		stop = pos + i
	}
	if stop > pos && src[stop-1] == '\r' {
		stop--
	}
	end = max(min(end, stop), pos)
	before, at, after := []rune(src[start:pos]), []rune(src[pos:end]), []rune(src[end:stop])
	if len(before) > around {
		before = append([]rune("..."), before[len(before)-around:]...)
	}
	if len(at) > around {
		at, after = append(at[:around:around], '.', '.', '.'), nil
	} else if len(after) > around {
		after = append(after[:around:around], '.', '.', '.')
	}
	var b strings.Builder
	b.WriteString(string(before) + string(at) + string(after) + "\n")
	for _, r := range before {
		if r != '\t' { // a tab is copied, so that both lines have the same width
			r = ' '
		}
		b.WriteRune(r)
	}
	b.WriteString(strings.Repeat("^", max(1, len(at))))
	return b.String()
}

// errorIn returns an error about n, which is part of src.
func errorIn(src string, n ast.Node, format string, args ...any) *EvalError {
	return &EvalError{Source: src, Pos: n.Pos(), End: n.End(), Err: fmt.Errorf(format, args...)}
}
