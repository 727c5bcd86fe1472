package aggregate

import (
	"encoding/binary"
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A byteReader reads numbers and texts of a snapshot's directory. After the
// first error it returns zeros.
type byteReader struct {
	b   []byte // bytes not read yet
	err error
}

func (r *byteReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
		r.b = nil
	}
}

func (r *byteReader) bytes(n int) []byte {
	if n > len(r.b) {
		r.fail("damaged: the directory ends too early")
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *byteReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail("damaged: the directory ends too early")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *byteReader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail("damaged: the directory ends too early")
		return 0
	}
	r.b = r.b[n:]
	return v
}

// fewAtFirst limits the first allocation of a list, so that a damaged count
// cannot allocate much.
const fewAtFirst = 1 << 12

// count reads the number of items that follow. It is an error if the remaining
// bytes cannot hold them, at size bytes or more for each item.
func (r *byteReader) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.b)/size) {
		r.fail("damaged: a list of %d things in %d bytes", n, len(r.b))
		return 0
	}
	return int(n)
}

// below reads a number that is less than n.
func (r *byteReader) below(n int) int {
	v := r.uvarint()
	if v >= uint64(n) {
		r.fail("damaged: number %d of a list of %d", v, n)
		return 0
	}
	return int(v)
}

func (r *byteReader) text() string { return string(r.bytes(r.count(1))) }

func (r *byteReader) ids() []hmis.UID {
	n := r.count(1)
	ids := make([]hmis.UID, 0, min(n, fewAtFirst))
	for range n {
		ids = append(ids, hmis.UID(r.text()))
	}
	return ids
}
