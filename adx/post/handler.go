package post

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
)

// MediaType is the media type of messages.
const MediaType = "application/adx+xml"

// A Handler imports messages that are posted to it. It is safe for concurrent
// use if its Import is. It does not authenticate senders; wrap it in a handler
// that does. It needs a server with time limits; see [NewServer].
//
// A message is XML in UTF-8 or UTF-16. Its Content-Type is application/adx+xml,
// application/xml, text/xml, or application/xml+adx. It may be compressed by
// gzip, with Content-Encoding or as application/adx+xml+gzip. With the
// parameter dryRun=true nothing is stored. The parameters of DHIS2 for schemes,
// such as orgUnitIdScheme=CODE, override those of Import.Mapper.
//
// The answer is JSON. Its status is
//
//	200  the message was imported. Some values may have been refused, unless
//	     Import is Atomic. All of them may have been there already.
//	400  the message or a parameter cannot be read, or there is nothing to store
//	     because all values break rules of messages
//	405  the method is not POST
//	408  the message did not arrive in time
//	409  there is nothing to store because values conflict with metadata or with
//	     Import.Check
//	413  the message is too large, or too large when it is decompressed
//	415  the media type, the charset or the compression is not supported
//	500  Import.Store failed
//	503  Timeout was over
type Handler struct {
	// Import stores the values. In the dialect of DHIS2 it follows the rules of
	// such a server, and issues have the server's codes.
	Import adx.Import

	// RequireProfile refuses messages that depart from the profile. By default
	// the reader is tolerant (see [adx.Reader]), because real peers depart from
	// it in harmless ways.
	RequireProfile bool

	// Unqualified and Edition are the fields of the same name in adx.Reader.
	Unqualified bool
	Edition     int

	// Limits are the limits of the adx.Reader. Bytes limits the decompressed
	// length of a message; here 0 means 64 MiB.
	Limits adx.Limits

	// Ratio is how many times longer than the sent data a decompressed message
	// may be; 0 means 200. Messages up to 1 MiB are not checked.
	Ratio int

	// Timeout limits the time of an import, including the arrival of the
	// message. 0 means 5 minutes, and a negative number no limit.
	Timeout time.Duration

	// DHIS2 makes the answer an import summary of DHIS2 instead of the JSON of
	// an adx.Report.
	DHIS2 bool

	// Done, if not nil, is called after the answer to each imported message. It
	// may keep the report.
	Done func(r *http.Request, report *adx.Report, status int)

	// Failed, if not nil, is called for each internal error, such as that of a
	// database. The answer does not contain its text. If nil, the error goes to
	// the default logger of log/slog.
	Failed func(r *http.Request, err error)
}

// NewServer returns a server with time limits: 10 seconds for the headers, 5
// minutes for a message, and 15 minutes until the answer is written. Headers
// may have 64 KiB. Without limits, a client that sends one byte per minute
// keeps a connection busy.
func NewServer(addr string, h http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       5 * time.Minute,
		WriteTimeout:      15 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
}

// defaultBytes is the length of the longest message by default (ADX-164).
const defaultBytes = 64 << 20

// ServeHTTP implements [http.Handler].
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		h.refuse(w, http.StatusMethodNotAllowed, adx.Finding{
			Got: clip(r.Method), Want: "the method POST",
		})
		return
	}
	im, bad := h.importOf(r)
	if bad != nil {
		h.refuse(w, http.StatusBadRequest, *bad)
		return
	}
	reader, status, bad := h.open(w, r)
	if bad != nil {
		h.refuse(w, status, *bad)
		return
	}
	limit := h.Timeout
	if limit == 0 {
		limit = 5 * time.Minute
	}
	ctx := r.Context()
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	report, err := im.Run(ctx, reader)
	status = statusOf(report, err)
	public := report
	if status >= http.StatusInternalServerError {
		h.fail(r, err)
		public = hidden(report, status)
	}
	h.answer(w, status, public)
	if h.Done != nil {
		h.Done(r, report, status)
	}
}

// importOf returns h.Import, changed by the parameters of a request.
func (h Handler) importOf(r *http.Request) (im adx.Import, bad *adx.Finding) {
	im = h.Import
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return im, &adx.Finding{Got: clip(r.URL.RawQuery), Want: "parameters that can be read"}
	}
	for name, values := range query {
		if !strings.EqualFold(name, "dryRun") {
			continue
		}
		// With a misspelt dryRun the message must not be stored.
		dry, err := strconv.ParseBool(values[0])
		if name != "dryRun" || err != nil || len(values) > 1 {
			return im, &adx.Finding{
				Attr: clip(name), Got: clip(values[len(values)-1]),
				Want: "dryRun=true or dryRun=false, once",
			}
		}
		im.DryRun = im.DryRun || dry
	}
	switch strategy := query.Get("importStrategy"); strategy {
	case "", "CREATE_AND_UPDATE", "NEW_AND_UPDATES":
	default:
		return im, &adx.Finding{
			Attr: "importStrategy", Got: clip(strategy), Want: "CREATE_AND_UPDATE",
		}
	}
	schemes, bad := readSchemes(query)
	im.Mapper.Schemes = schemes.Over(im.Mapper.Schemes)
	return im, bad
}

// clip shortens a text that a client has sent.
func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 60)], "") }

// statusOf returns the status of an answer.
func statusOf(report *adx.Report, err error) int {
	if err == nil && report.Status() != "ERROR" {
		return http.StatusOK
	}
	f, found := errors.AsType[*adx.Finding](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	case errors.Is(err, errSlow), errors.Is(err, context.Canceled):
		// When the read timeout of a server is over, the context may end before
		// the body does.
		return http.StatusRequestTimeout
	case isTooLarge(err), found && f.Rule == "ADX-164":
		return http.StatusRequestEntityTooLarge
	case err != nil && !found && !errors.Is(err, adx.ErrRejected):
		return http.StatusInternalServerError
	case found && f.Severity >= hmis.Critical:
		return http.StatusBadRequest
	case slices.ContainsFunc(report.Causes, conflicts):
		return http.StatusConflict
	}
	return http.StatusBadRequest
}

// conflicts reports whether a cause depends on the metadata and not only on the
// message.
func conflicts(c adx.Cause) bool {
	switch c.Rule {
	case "ADX-026a", "ADX-027", "ADX-030", "ADX-031", "ADX-032", "ADX-033", "ADX-043", "ADX-044", "ADX-045", "ADX-046", "ADX-053":
		return true
	}
	return c.Severity >= hmis.Severe && !strings.HasPrefix(c.Rule, "ADX-")
}

// fail reports an internal error.
func (h Handler) fail(r *http.Request, err error) {
	if h.Failed != nil {
		h.Failed(r, err)
		return
	}
	slog.ErrorContext(r.Context(), "an ADX message was not stored", "error", err)
}

// hidden returns a report without the text of the internal error.
func hidden(report *adx.Report, status int) *adx.Report {
	public := *report
	public.Failed = errors.New("adx: the message was not stored: " + strings.ToLower(http.StatusText(status)))
	return &public
}

// refuse answers that the message was not read, with the reason.
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
	// If writing fails, the client is gone and cannot be informed.
	if h.DHIS2 {
		_ = dhis2.WriteSummary(w, report.Summary())
		return
	}
	_ = json.NewEncoder(w).Encode(report)
}
