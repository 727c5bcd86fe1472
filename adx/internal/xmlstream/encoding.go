package xmlstream

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// open detects the encoding from the first bytes of the document (ADX-002):
// UTF-8, or UTF-16 with a byte-order mark.
func (s *Scanner) open() error {
	for s.w-s.r < 4 && s.rerr == nil {
		s.fill()
	}
	head := s.buf[s.r:s.w]
	for _, known := range []struct{ magic, name string }{
		{"\x1f\x8b", "gzip data"},
		{"PK\x03\x04", "zip data"},
		{"BZh", "bzip2 data"},
		{"\x28\xb5\x2f\xfd", "Zstandard data"},
		{"\xfd7zX", "xz data"},
		{"\xff\xfe\x00\x00", "UTF-32"},
		{"\x00\x00\xfe\xff", "UTF-32"},
		{"\x00\x00\x00<", "UTF-32"},
		{"<\x00\x00\x00", "UTF-32"},
		{"<\x00", "UTF-16 without a byte-order mark"},
		{"\x00<", "UTF-16 without a byte-order mark"},
		{"\x4c\x6f\xa7\x94", "EBCDIC"},
	} {
		if bytes.HasPrefix(head, []byte(known.magic)) {
			return s.fail(Encoding, s.r, "", "this is "+known.name+": want XML in UTF-8, or in UTF-16 with a byte-order mark")
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		s.r += 3
		s.encoding = "UTF-8"
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		s.transcode(false)
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		s.transcode(true)
	}
	s.lineStart = s.base + int64(s.r)
	return nil
}

// transcode makes the Scanner convert its input from UTF-16.
func (s *Scanner) transcode(bigEndian bool) {
	rest := bytes.Clone(s.buf[s.r+2 : s.w])
	err := s.rerr
	src := s.src
	if err != nil {
		src = failed{err}
	}
	s.src = &utf16Reader{src: io.MultiReader(bytes.NewReader(rest), src), bigEndian: bigEndian}
	s.encoding = "UTF-16"
	if bigEndian {
		s.endian = "UTF-16BE"
	} else {
		s.endian = "UTF-16LE"
	}
	s.r, s.w, s.size, s.rerr = 0, 0, 0, nil
	s.buf[0] = 0
}

// checkEncoding returns an error if the XML declaration names another encoding
// than that of the document, which is UTF-8 if there is no byte-order mark.
func (s *Scanner) checkEncoding(name string, at int) error {
	found := s.encoding
	if found == "" {
		found = "UTF-8"
	}
	if strings.EqualFold(name, found) || s.endian != "" && strings.EqualFold(name, s.endian) {
		return nil
	}
	return s.fail(Encoding, at, name, "the bytes are in "+found)
}

// A failed is a reader that always returns the same error.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

// A utf16Reader converts UTF-16 to UTF-8.
type utf16Reader struct {
	src       io.Reader
	bigEndian bool
	in        [4096]byte
	n         int // number of bytes in in that have not been converted yet
	made      []byte
	out       []byte // the part of made that has not been returned by Read yet
	err       error
}

// Read implements [io.Reader].
func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		u.next()
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

// next fills u.out from the source.
func (u *utf16Reader) next() {
	n, err := u.src.Read(u.in[u.n:])
	u.n += n
	unit := func(i int) rune {
		if u.bigEndian {
			return rune(u.in[i])<<8 | rune(u.in[i+1])
		}
		return rune(u.in[i+1])<<8 | rune(u.in[i])
	}
	out := u.made[:0]
	i := 0
	for ; i+1 < u.n; i += 2 {
		r := unit(i)
		if utf16.IsSurrogate(r) {
			if r < 0xDC00 && i+3 >= u.n && err == nil {
				break // the second half of a surrogate pair is in the next piece
			}
			if i+3 < u.n {
				r = utf16.DecodeRune(r, unit(i+2))
				i += 2
			}
			if utf16.IsSurrogate(r) || r == utf8.RuneError {
				u.made, u.out, u.err = out, out, &Error{Kind: Encoding, Msg: "half of a UTF-16 surrogate pair"}
				return
			}
		}
		out = utf8.AppendRune(out, r)
	}
	u.n = copy(u.in[:], u.in[i:u.n])
	if err == io.EOF && u.n > 0 {
		err = &Error{Kind: Encoding, Msg: "the document ends in the middle of a UTF-16 unit"}
	}
	u.made, u.out, u.err = out, out, err
}
