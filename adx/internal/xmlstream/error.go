package xmlstream

import "strconv"

// A Kind is the sort of problem of an [Error].
type Kind uint8

// The kinds of problems.
const (
	Malformed  Kind = iota // not well-formed XML 1.0 with namespaces
	Encoding               // the bytes are not in an encoding that is read
	Doctype                // there is a DOCTYPE
	Outside                // something beside the root element
	TextLimit              // a text or attribute is too long
	AttrLimit              // an element has too many attributes
	DepthLimit             // elements are nested too deeply
	ByteLimit              // the document is too long
	Input                  // the underlying reader failed
)

// A Pos is a place in a document: a line and a column in characters, both from
// 1. A byte-order mark does not count.
type Pos struct{ Line, Column int }

// An Error is the reason why a document cannot be read on. Next returns it
// again and again.
type Error struct {
	Kind Kind
	Pos  Pos
	Got  string // the part of the document that is wrong, if it is short
	Msg  string // what is wrong or was expected
	Err  error  // of the underlying reader, or nil
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
