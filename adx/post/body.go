package post

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
)

// open returns a Reader of the message in a request. If the request is refused,
// the results are the status and the reason.
func (h Handler) open(w http.ResponseWriter, r *http.Request) (*adx.Reader, int, *adx.Finding) {
	form, bad := formOf(r.Header)
	if bad != nil {
		return nil, http.StatusUnsupportedMediaType, bad
	}
	limits := h.Limits
	if limits.Bytes == 0 {
		limits.Bytes = defaultBytes
	}
	body := io.Reader(sentBytes{r.Body})
	if limits.Bytes > 0 {
		// Even compressed data must not be longer than a message may be.
		if r.ContentLength > limits.Bytes {
			return nil, http.StatusRequestEntityTooLarge, &adx.Finding{
				Rule: "ADX-164", Attr: "Content-Length", Got: strconv.FormatInt(r.ContentLength, 10),
				Want: "at most " + strconv.FormatInt(limits.Bytes, 10) + " bytes",
			}
		}
		body = sentBytes{http.MaxBytesReader(w, r.Body, limits.Bytes)}
	}
	if form.packed {
		body = &expander{packed: &counter{r: body}, ratio: int64(h.Ratio)}
	}
	if form.utf16 {
		marked := bufio.NewReader(body)
		if mark, err := marked.Peek(2); err == nil && string(mark) != "\xff\xfe" && string(mark) != "\xfe\xff" {
			return nil, http.StatusBadRequest, &adx.Finding{
				Rule: "ADX-141", Got: "charset=utf-16",
				Want: "a byte-order mark of UTF-16 in front of the message",
			}
		}
		body = marked
	}
	reader := adx.NewReader(body)
	reader.Tolerant, reader.Unqualified, reader.Edition, reader.Limits = !h.RequireProfile, h.Unqualified, h.Edition, limits
	return reader, 0, nil
}

// A sentBytes is the body of a request. Its errors have no addresses or other
// details of the connection.
type sentBytes struct{ io.Reader }

var (
	errSlow   = errors.New("the message did not come in time")
	errBroken = errors.New("the message did not come to its end")
)

// Read implements [io.Reader].
func (b sentBytes) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	switch {
	case err == nil, err == io.EOF, isTooLarge(err):
		return n, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, errSlow
	}
	return n, errBroken
}

// isTooLarge reports whether reading stopped at a limit of the message's size.
func isTooLarge(err error) bool {
	_, long := errors.AsType[*http.MaxBytesError](err)
	return long || errors.Is(err, errRatio)
}

// A form is the encoding of a message.
type form struct {
	packed bool // the message is compressed by gzip
	utf16  bool // the headers declare UTF-16
}

// formOf returns the encoding that the headers of a request declare (ADX-140,
// ADX-141).
func formOf(h http.Header) (f form, bad *adx.Finding) {
	said := h.Get("Content-Type")
	media, params, err := mime.ParseMediaType(said)
	media, f.packed = strings.CutSuffix(media, "+gzip")
	switch media {
	case MediaType, "application/xml+adx", "application/xml", "text/xml":
	default:
		err = errors.New("another media type")
	}
	if err != nil {
		return f, &adx.Finding{
			Rule: "ADX-140", Attr: "Content-Type", Got: clip(said), Want: MediaType,
		}
	}
	switch charset := strings.ToLower(params["charset"]); charset {
	case "", "utf-8":
		// A byte-order mark of UTF-16 overrides the parameter, as RFC 7303
		// requires.
	case "utf-16":
		f.utf16 = true
	default:
		return f, &adx.Finding{
			Rule: "ADX-141", Attr: "charset", Got: clip(charset), Want: "utf-8 or utf-16",
		}
	}
	switch encoding := strings.ToLower(strings.TrimSpace(h.Get("Content-Encoding"))); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		if f.packed {
			return f, &adx.Finding{
				Rule: "ADX-002", Attr: "Content-Encoding", Got: encoding,
				Want: "a message that is compressed once",
			}
		}
		f.packed = true
	default:
		return f, &adx.Finding{
			Rule: "ADX-002", Attr: "Content-Encoding", Got: clip(encoding), Want: "gzip or none",
		}
	}
	return f, nil
}

// A counter counts the bytes read through it.
type counter struct {
	r io.Reader
	n int64
}

// Read implements [io.Reader].
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// An expander decompresses gzip. It stops with an error if the data expands too
// much.
type expander struct {
	packed *counter
	ratio  int64
	gzip   *gzip.Reader
	n      int64
}

var errRatio = errors.New("the message expands too much")

const (
	usualRatio = 200
	freeBytes  = 1 << 20 // number of bytes that are allowed at any ratio, since short texts may repeat
)

// Read implements [io.Reader].
func (e *expander) Read(p []byte) (int, error) {
	if e.gzip == nil {
		var err error
		if e.gzip, err = gzip.NewReader(e.packed); err != nil {
			return 0, err
		}
	}
	n, err := e.gzip.Read(p)
	e.n += int64(n)
	ratio := e.ratio
	if ratio == 0 {
		ratio = usualRatio
	}
	if e.n > freeBytes && e.n > ratio*e.packed.n {
		return 0, errRatio
	}
	return n, err
}
