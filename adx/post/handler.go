package post

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// MediaType is the media type of messages.
const MediaType = "application/adx+xml"

// A Handler takes in messages that are posted to it. It is safe for concurrent use
// if its Import is. Who may post is for the handler around it to decide.
//
// A message is XML in UTF-8 or UTF-16, with Content-Type application/adx+xml (or
// application/xml, text/xml, or application/xml+adx, as some write), or the same
// in gzip, with Content-Encoding or as application/adx+xml+gzip. The parameter
// dryRun=true stores nothing.
//
// The answer is JSON. Its status is
//
//	200  the message was processed; some values may have been refused, but not if
//	     Import is Atomic: there one is as bad as all
//	400  the message cannot be read, or errors have left nothing to store, all of
//	     them by the rules of messages alone
//	405  the method is not POST
//	409  errors have left nothing to store, some of them conflicts with metadata or
//	     with Import.Check
//	413  the message is too large, or expands to something too large
//	415  the media type, the charset or the compression is not supported
//	500  Import.Store failed
type Handler struct {
	// Import says what is done with the values.
	Import adx.Import

	// Strict reads messages as an adx.Reader that is not Tolerant.
	Strict bool

	// Unqualified and Edition are those of adx.Reader.
	Unqualified bool
	Edition     int

	// Limits are those of adx.Reader. Bytes is 64 MiB here if it is 0, and counts
	// what the message is when it is expanded.
	Limits adx.Limits

	// Ratio is how many times as long as what was sent the expanded message may
	// be; 0 means 200. It counts from the first MiB on.
	Ratio int

	// DHIS2 makes the answer an import summary as DHIS2 writes it, rather than the
	// JSON of an adx.Report.
	DHIS2 bool

	// Done, if not nil, is told of each request that was answered with a report.
	// The report may be kept.
	Done func(r *http.Request, report *adx.Report, status int)
}

// defaultBytes is how long a message may be (ADX-164).
const defaultBytes = 64 << 20

// ServeHTTP implements [http.Handler].
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		h.refuse(w, http.StatusMethodNotAllowed, adx.Finding{Got: quote.Cut(r.Method, 60), Want: "the method POST"})
		return
	}
	form, bad := formOf(r.Header)
	if bad != nil {
		h.refuse(w, http.StatusUnsupportedMediaType, *bad)
		return
	}
	limits := h.Limits
	if limits.Bytes == 0 {
		limits.Bytes = defaultBytes
	}
	body := io.Reader(r.Body)
	if limits.Bytes > 0 {
		// Compressed or not, what is sent is no longer than the message.
		if r.ContentLength > limits.Bytes {
			h.refuse(w, http.StatusRequestEntityTooLarge, adx.Finding{
				Rule: "ADX-164", Attr: "Content-Length", Got: strconv.FormatInt(r.ContentLength, 10),
				Want: "at most " + strconv.FormatInt(limits.Bytes, 10) + " bytes",
			})
			return
		}
		body = http.MaxBytesReader(w, r.Body, limits.Bytes)
	}
	if form.packed {
		body = &expander{packed: &counter{r: body}, ratio: int64(h.Ratio)}
	}
	if form.utf16 {
		marked := bufio.NewReader(body)
		if mark, err := marked.Peek(2); err == nil && string(mark) != "\xff\xfe" && string(mark) != "\xfe\xff" {
			h.refuse(w, http.StatusBadRequest, adx.Finding{Rule: "ADX-141", Got: "charset=utf-16", Want: "a byte-order mark of UTF-16 in front of the message"})
			return
		}
		body = marked
	}
	reader := adx.NewReader(body)
	reader.Tolerant, reader.Unqualified, reader.Edition, reader.Limits = !h.Strict, h.Unqualified, h.Edition, limits
	im := h.Import
	if dry, _ := strconv.ParseBool(r.URL.Query().Get("dryRun")); dry {
		im.Store = nil
	}
	report, err := im.Run(reader)
	status := statusOf(report, err)
	h.answer(w, status, report)
	if h.Done != nil {
		h.Done(r, report, status)
	}
}

// A form is how a message is sent.
type form struct {
	packed bool // in gzip
	utf16  bool // so it is said
}

// formOf reads the headers of a request (ADX-140, ADX-141).
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
		return f, &adx.Finding{Rule: "ADX-140", Attr: "Content-Type", Got: quote.Cut(said, 60), Want: MediaType}
	}
	switch charset := strings.ToLower(params["charset"]); charset {
	case "", "utf-8":
		// A byte-order mark of UTF-16 comes before what the parameter says (RFC 7303,
		// section 3.3).
	case "utf-16":
		f.utf16 = true
	default:
		return f, &adx.Finding{Rule: "ADX-141", Attr: "charset", Got: quote.Cut(charset, 60), Want: "utf-8 or utf-16"}
	}
	switch encoding := strings.ToLower(strings.TrimSpace(h.Get("Content-Encoding"))); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		if f.packed {
			return f, &adx.Finding{Rule: "ADX-002", Attr: "Content-Encoding", Got: encoding, Want: "a message that is compressed once"}
		}
		f.packed = true
	default:
		return f, &adx.Finding{Rule: "ADX-002", Attr: "Content-Encoding", Got: quote.Cut(encoding, 60), Want: "gzip or none"}
	}
	return f, nil
}

// statusOf returns the status of an answer.
func statusOf(report *adx.Report, err error) int {
	if err == nil && report.Status() != "ERROR" {
		return http.StatusOK
	}
	if err == nil || errors.Is(err, adx.ErrRefused) {
		if slices.ContainsFunc(report.Causes, conflicts) {
			return http.StatusConflict
		}
		return http.StatusBadRequest
	}
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge || errors.Is(err, errRatio) {
		return http.StatusRequestEntityTooLarge
	}
	f, ok := errors.AsType[*adx.Finding](err)
	switch {
	case !ok:
		return http.StatusInternalServerError
	case f.Rule == "ADX-164":
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// conflicts reports whether a cause lies not in the message alone.
func conflicts(c adx.Cause) bool {
	switch c.Rule {
	case "ADX-026a", "ADX-027", "ADX-030", "ADX-031", "ADX-032", "ADX-033", "ADX-043", "ADX-044", "ADX-045", "ADX-046", "ADX-053":
		return true
	}
	return c.Severity >= hmis.Severe && !strings.HasPrefix(c.Rule, "ADX-")
}

// refuse answers that nothing was read, and why.
func (h Handler) refuse(w http.ResponseWriter, status int, f adx.Finding) {
	f.Severity = hmis.Critical
	reason := strings.TrimPrefix(strings.TrimPrefix(f.Error(), "adx: "), f.Rule+": ")
	h.answer(w, status, &adx.Report{
		Failed: &f,
		Causes: []adx.Cause{{Rule: f.Rule, Severity: f.Severity, Attr: f.Attr, Got: f.Got, Reason: reason, Count: 1}},
	})
}

func (h Handler) answer(w http.ResponseWriter, status int, report *adx.Report) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// There is nobody left to be told if writing fails.
	if h.DHIS2 {
		_ = dhis2.WriteSummary(w, report.Summary())
		return
	}
	_ = json.NewEncoder(w).Encode(report)
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

// An expander reads gzip and stops where it expands as only an attack does.
type expander struct {
	packed *counter
	ratio  int64
	gzip   *gzip.Reader
	n      int64
}

var errRatio = errors.New("the message expands too much")

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
		ratio = 200
	}
	const free = 1 << 20
	if e.n > free && e.n > ratio*e.packed.n {
		return 0, errRatio
	}
	return n, err
}
