package dhis2

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

const (
	maxObject  = 64 << 20  // bytes of one metadata object
	maxMembers = 1000      // of one metadata object
	maxRow     = 4 << 20   // bytes of one row of data values
	maxDepth   = 64        // levels of nesting
	maxHeld    = 1_000_000 // values that wait for a default
	maxID      = 255       // bytes of an id, code or name in a data value
	maxCross   = 10_000_000
)

// open recognises gzip and a byte order mark, and refuses encodings other than
// UTF-8. Skipped is the length of the mark.
func open(r io.Reader) (text *bufio.Reader, skipped int64, err error) {
	text = bufio.NewReaderSize(r, 64<<10)
	head, _ := text.Peek(4)
	if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(text)
		if err != nil {
			return nil, 0, at(0, err)
		}
		text = bufio.NewReaderSize(z, 64<<10)
		head, _ = text.Peek(4)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := text.Discard(3)
		return text, 3, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")),
		len(head) >= 2 && (head[0] == 0) != (head[1] == 0):
		return nil, 0, at(0, errors.New("the text is UTF-16 or UTF-32: want UTF-8"))
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, 0, at(0, errors.New("a zip archive: want plain text or gzip"))
	}
	return text, 0, nil
}

// readFull appends to buf until it has n bytes or r ends.
func readFull(r io.Reader, buf []byte, n int) (_ []byte, end bool, err error) {
	for empty := 0; len(buf) < n; {
		if cap(buf) < n {
			grown := make([]byte, len(buf), n+padding)
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
