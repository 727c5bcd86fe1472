package spreadsheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ohie-hmis/hmis-go/internal/input"
)

// Open returns the text of a table whose cells are separated by comma. It may be
// in gzip or in a zip archive, and have a byte order mark. The error names what is
// no such table: UTF-16, a web page, JSON, or cells that are separated otherwise.
func Open(r io.Reader, comma rune) (*bufio.Reader, error) {
	text, _, err := input.Open(r)
	if err != nil {
		return nil, err
	}
	const longest = 4096 // of a heading that is looked at
	head, _ := text.Peek(longest)
	heading, _, _ := bytes.Cut(head, []byte("\n"))
	switch start := bytes.TrimLeft(head, " \t\r\n"); {
	case bytes.HasPrefix(start, []byte("<")):
		return nil, errors.New("HTML or XML: want a table")
	case bytes.HasPrefix(start, []byte("{")), bytes.HasPrefix(start, []byte("[")):
		return nil, errors.New("JSON: want a table")
	case bytes.ContainsRune(heading, comma):
		return text, nil
	}
	if i := bytes.IndexAny(heading, strings.ReplaceAll(",;\t|", string(comma), "")); i >= 0 {
		return nil, fmt.Errorf("the cells are separated by %q: want %q", heading[i], comma)
	}
	return text, nil
}
