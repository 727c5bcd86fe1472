package rows

import (
	"io"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

const (
	MaxRow  = 4 << 20   // length of one row in bytes
	MaxHeld = 256 << 20 // memory of the values that wait for a default, in bytes
	maxID   = 255       // length of an id, code or name in bytes

	// Padding is the number of spare bytes that parsers need after a buffer.
	Padding = 16
)

// An Error is an error at an offset of the input.
type Error struct {
	Offset int64
	Err    error
}

// Error returns the error without its place.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

func at(offset int64, err error) error { return &Error{offset, err} }

// quoted returns text for an error: in quotes, on one line, and shortened if it
// is long.
func quoted[T string | []byte](text T) string { return quote.Text(string(text)) }

// ReadFull reads from r and appends to buf until it has n bytes, or until r
// ends.
func ReadFull(r io.Reader, buf []byte, n int) (_ []byte, end bool, err error) {
	for empty := 0; len(buf) < n; {
		if cap(buf) < n {
			grown := make([]byte, len(buf), n+Padding)
			copy(grown, buf)
			buf = grown
		}
		m, err := r.Read(buf[len(buf):n])
		buf = buf[:len(buf)+m]
		if err == io.EOF {
			return buf, true, nil
		}
		if err != nil {
			return buf, false, err
		}
		if m > 0 {
			empty = 0
		} else if empty++; empty == 100 {
			return buf, false, io.ErrNoProgress
		}
	}
	return buf, false, nil
}
