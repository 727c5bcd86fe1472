package xmlstream

import "strconv"

// A Kind is the sort of problem of an [Error].
type Kind uint8

// These are the kinds of problems.
const (
	Malformed  Kind = iota // the document is not well-formed XML 1.0 with namespaces
	Encoding               // the bytes are not in a supported encoding
	Doctype                // the document has a DOCTYPE
	Outside                // there is text or an element outside the root element
	TextLimit              // a text or attribute is too long
	AttrLimit              // an element has too many attributes
	DepthLimit             // elements are nested too deeply
	ByteLimit              // the document is too long
	Input                  // the input could not be read
)

// Rule returns the id of the ADX rule that a problem breaks, or "" for Input.
func (k Kind) Rule() string { return rules[k] }

var rules = [...]string{
	Malformed: "ADX-001", Encoding: "ADX-002", Doctype: "ADX-003", Outside: "ADX-005",
	TextLimit: "ADX-160", AttrLimit: "ADX-161", DepthLimit: "ADX-163", ByteLimit: "ADX-164",
	Input: "",
}

// A Pos is a place in a document: a line and a column in characters, both from
// 1. A byte-order mark does not count.
type Pos struct{ Line, Column int }

// An Error is the reason why a document cannot be read further. Later calls of
// Next return it again.
type Error struct {
	Kind Kind
	Pos  Pos
	Got  string // the part of the document at fault, if it is short
	Msg  string // the fault, or what was expected
	Err  error  // the error of the input, or nil
}

// Error returns the error on one line.
func (e *Error) Error() string {
	s := strconv.Itoa(e.Pos.Line) + ":" + strconv.Itoa(e.Pos.Column) + ": "
	if e.Got != "" {
		s += strconv.Quote(e.Got) + ": "
	}
	s += e.Msg
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }
