package rows

import (
	"io"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

const (
	MaxRow  = 4 << 20   // bytes of one row
	MaxHeld = 256 << 20 // bytes of values that wait for a default
	maxID   = 255       // bytes of an id, code or name in a row

	// Padding is the room behind a buffer that readers of rows need.
	Padding = 16
)

// An Error is an error of the input at an offset.
type Error struct {
	Offset int64
	Err    error
}

// Error returns the error without its place.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

func at(offset int64, err error) error { return &Error{offset, err} }

// quoted returns text as an error quotes it: on one line, and not too long.
func quoted[T string | []byte](text T) string { return quote.Text(string(text)) }

// ReadFull appends to buf until it has n bytes or r ends.
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
