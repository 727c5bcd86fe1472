package input

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

const (
	// Beyond the first freeRatio bytes, decompressed text may be at most
	// maxRatio times as long as its input. For real exports the ratio is 15 to
	// 35, and for hostile input a thousand.
	maxRatio  = 200
	freeRatio = 64 << 20
)

// Open returns the text in r. It recognizes gzip, zip and a byte order mark,
// and returns an error for encodings other than UTF-8. skipped is the length of
// the mark.
func Open(r io.Reader) (text *bufio.Reader, skipped int64, err error) {
	packed := &counter{r: r}
	text = bufio.NewReaderSize(packed, 64<<10)
	head, _ := text.Peek(4)
	var inner io.Reader
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		var z *gzip.Reader
		z, err = gzip.NewReader(text)
		inner = &inflater{text: z, packed: packed, format: "gzip"}
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		inner, err = unzip(text)
	}
	if err != nil {
		return nil, 0, err
	}
	if inner != nil {
		text = bufio.NewReaderSize(inner, 64<<10)
		head, _ = text.Peek(4)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := text.Discard(3)
		return text, 3, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")),
		len(head) >= 2 && (head[0] == 0) != (head[1] == 0):
		return nil, 0, errors.New("the text is UTF-16 or UTF-32: want UTF-8")
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}), bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, 0, errors.New("compressed twice: want it once")
	}
	return text, 0, nil
}

// A counter counts the bytes that are read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// An inflater reads decompressed text. It fails if the text is too long for its
// input.
type inflater struct {
	text   io.Reader
	packed *counter // counts the compressed bytes
	format string   // the format's name, such as "gzip"
	n      int64    // the number of bytes of text so far
}

func (i *inflater) Read(p []byte) (int, error) {
	n, err := i.text.Read(p)
	if i.n += int64(n); i.n > freeRatio && i.n/maxRatio > i.packed.n {
		return 0, fmt.Errorf("%s: want at most %d bytes of text for each byte of %d", i.format, maxRatio, i.packed.n)
	}
	return n, err
}
