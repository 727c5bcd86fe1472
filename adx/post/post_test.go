package post_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/post"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// clinic returns metadata with one data element and one org unit.
func clinic(t testing.TB) *hmis.Catalog {
	c, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "deBCG", Code: "BCG"}},
		DataSets:     []hmis.DataSet{{ID: "dsEPI", Code: "EPI", PeriodType: period.Monthly, Elements: []hmis.DataSetElement{{DataElement: "deBCG"}}}},
		OrgUnits:     []hmis.OrgUnit{{ID: "ouA", Code: "HF-101"}},
	})
	require.NoError(t, err)
	return c
}

// importer returns an Import that counts the values of one data element at one
// org unit.
func importer(t testing.TB, stored *int) adx.Import {
	return adx.Import{Mapper: adx.Mapper{Catalog: clinic(t)}, Store: &counting{stored: stored}}
}

// A counting store only counts. It fails with err, if that is set.
type counting struct {
	stored *int
	err    error
	n      int
}

func (c *counting) Begin(context.Context) (entry.Tx, error) {
	return &counting{stored: c.stored, err: c.err}, nil
}
func (c *counting) Stored(context.Context, []hmis.Key) (map[hmis.Key]hmis.DataValue, error) {
	return nil, nil
}

func (c *counting) Put(_ context.Context, values []hmis.DataValue) error {
	c.n += len(values)
	return c.err
}
func (c *counting) Complete(context.Context, []hmis.Completion) error { return nil }
func (c *counting) Rollback(context.Context) error                    { return nil }
func (c *counting) Commit(context.Context) error {
	*c.stored += c.n
	return nil
}

// message returns a message with these values.
func message(values string) string {
	return `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z"><group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M">` + values + `</group></adx>`
}

const (
	good    = `<dataValue dataElement="BCG" value="14"/>`
	unknown = `<dataValue dataElement="?" value="1"/>`
	wrong   = `<dataValue dataElement="BCG" value="x"/>`
)

func zipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.String()
}

func utf16le(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func TestHandler(t *testing.T) {
	type change func(*post.Handler)
	atomic := func(h *post.Handler) { h.Import.Atomic = true }
	header := func(kv ...string) http.Header {
		h := http.Header{"Content-Type": {post.MediaType}}
		for i := 0; i < len(kv); i += 2 {
			h.Set(kv[i], kv[i+1])
		}
		return h
	}
	plain := header()
	bom := "\xef\xbb\xbf"
	tests := []struct {
		name   string
		header http.Header
		query  string
		body   string
		change change
		status int
		answer string // a part of the answer
		stored int
	}{
		{"a good message", plain, "", message(good), nil, 200, `"status":"SUCCESS"`, 1},
		{"with a charset", header("Content-Type", "application/adx+xml; charset=UTF-8"), "", bom + message(good), nil, 200, `"imported":1`, 1},
		{"as plain XML", header("Content-Type", "text/xml"), "", message(good), nil, 200, `"imported":1`, 1},
		{"by the wrong name", header("Content-Type", "application/xml+adx"), "", message(good), nil, 200, `"imported":1`, 1},
		{"dry run", plain, "?dryRun=true", message(good), nil, 200, `"dryRun":true`, 0},
		{"one value refused", plain, "", message(good + unknown), nil, 200, `"status":"WARNING"`, 1},
		{"all values conflict", plain, "", message(unknown), nil, 409, `"rule":"ADX-043"`, 0},
		{"all values are wrong", plain, "", message(wrong), nil, 400, `"rule":"ADX-042"`, 0},
		{"one wrong, all or none", plain, "", message(good + wrong), atomic, 400, `"failed":"adx: not all`, 0},
		{"one conflicts, all or none", plain, "", message(good + unknown), atomic, 409, `"failed":"adx: not all`, 0},
		{"not well-formed", plain, "", message(good + "<"), nil, 400, `"rule":"ADX-001"`, 0},
		{"a web page", plain, "", "<!DOCTYPE html><html></html>", nil, 400, `HTML page`, 0},
		{"an empty body", plain, "", "", nil, 400, `"rule":"ADX-001"`, 0},
		{"tolerant", plain, "", strings.Replace(message(good), ` exported="2026-02-05T08:15:00Z"`, "", 1), nil, 200, `"rule":"ADX-010"`, 1},
		{"strict", plain, "", strings.Replace(message(good), ` exported="2026-02-05T08:15:00Z"`, "", 1), func(h *post.Handler) { h.RequireProfile, h.Import.Atomic = true, true }, 400, `"rule":"ADX-010"`, 0},
		{"no content type", http.Header{}, "", message(good), nil, 415, `"failed":"adx: ADX-140: Content-Type: want application/adx+xml"`, 0},
		{"CSV", header("Content-Type", "text/csv"), "", message(good), nil, 415, `"reason":"Content-Type \"text/csv\": want application/adx+xml"`, 0},
		{"Latin 1", header("Content-Type", "application/adx+xml; charset=iso-8859-1"), "", message(good), nil, 415, `"failed":"adx: ADX-141: charset \"iso-8859-1\": want utf-8 or utf-16"`, 0},
		{"a broken content type", header("Content-Type", "application/adx+xml;;"), "", message(good), nil, 415, `"rule":"ADX-140"`, 0},
		{"UTF-16 in name only", header("Content-Type", "application/adx+xml; charset=utf-16"), "", message(good), nil, 400, `"rule":"ADX-141"`, 0},
		{"UTF-16 without a mark", header("Content-Type", "application/adx+xml; charset=utf-16"), "", utf16le(message(good)), nil, 400, `"rule":"ADX-141"`, 0},
		{"UTF-16 in truth", header("Content-Type", "application/adx+xml; charset=UTF-16"), "", utf16le("\ufeff" + message(good)), nil, 200, `"imported":1`, 1},
		{"UTF-16 packed", header("Content-Type", "application/adx+xml; charset=UTF-16", "Content-Encoding", "gzip"), "", zipped(utf16le("\ufeff" + message(good))), nil, 200, `"imported":1`, 1},
		{"a mark comes before the charset", header("Content-Type", "application/adx+xml; charset=utf-8"), "", utf16le("\ufeff" + message(good)), nil, 200, `"imported":1`, 1},
		{"another encoding is declared", header("Content-Type", "application/adx+xml; charset=utf-8"), "", `<?xml version="1.0" encoding="ISO-8859-1"?>` + message(good), nil, 400, `"rule":"ADX-002"`, 0},
		{"an empty body in UTF-16", header("Content-Type", "application/adx+xml; charset=utf-16"), "", "", nil, 400, `"rule":"ADX-001"`, 0},
		{"gzip", header("Content-Encoding", "gzip"), "", zipped(message(good)), nil, 200, `"imported":1`, 1},
		{"gzip by type", header("Content-Type", "application/adx+xml+gzip"), "", zipped(message(good)), nil, 200, `"imported":1`, 1},
		{"gzip twice", header("Content-Type", "application/adx+xml+gzip", "Content-Encoding", "gzip"), "", zipped(message(good)), nil, 415, `want a message that is compressed once`, 0},
		{"gzip unannounced", plain, "", zipped(message(good)), nil, 400, `gzip data`, 0},
		{"gzip announced but not there", header("Content-Encoding", "gzip"), "", message(good), nil, 400, `gzip`, 0},
		{"gzip cut off", header("Content-Encoding", "gzip"), "", zipped(message(good))[:50], nil, 400, `unexpected EOF`, 0},
		{"brotli", header("Content-Encoding", "br"), "", message(good), nil, 415, `"failed":"adx: ADX-002: Content-Encoding \"br\": want gzip or none"`, 0},
		{"too long", plain, "", message(good) + strings.Repeat(" ", 1000), func(h *post.Handler) { h.Limits.Bytes = 1000 }, 413, `at most 1000 bytes`, 0},
		{"too long when expanded", header("Content-Encoding", "gzip"), "", zipped(message(good) + strings.Repeat(" ", 10_000)), func(h *post.Handler) { h.Limits.Bytes = 1000 }, 413, `"rule":"ADX-164"`, 0},
		{"packed tightly, but small", header("Content-Encoding", "gzip"), "", zipped(message(good) + strings.Repeat(" ", 500<<10)), nil, 200, `"imported":1`, 1},
		{"a bomb", header("Content-Encoding", "gzip"), "", zipped(message(good) + strings.Repeat(" ", 30<<20)), nil, 413, `expands too much`, 0},
		{"too many values", plain, "", message(good + unknown), func(h *post.Handler) { h.Limits.Values = 1 }, 413, `"rule":"ADX-164"`, 0},
		{"the store fails", plain, "", message(good), func(h *post.Handler) {
			h.Import.Store = &counting{err: errors.New("password of db01 is wrong")}
			h.Failed = func(*http.Request, error) {}
		}, 500, `"failed":"adx: the message was not stored: internal server error"`, 0},
		{"as DHIS2", plain, "", message(good + unknown), func(h *post.Handler) { h.DHIS2 = true }, 200, `"importCount":{"imported":1,"updated":0,"ignored":1,"deleted":0},"conflicts":[{"object":"?"`, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			stored, done := 0, 0
			h := post.Handler{Import: importer(t, &stored), Done: func(_ *http.Request, r *adx.Report, status int) { done = status }}
			if tt.change != nil {
				tt.change(&h)
			}
			request := httptest.NewRequest(http.MethodPost, "/adx"+tt.query, strings.NewReader(tt.body))
			request.Header = tt.header
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, request)
			require.Equal(t, tt.status, answer.Code, answer.Body)
			require.Contains(t, answer.Body.String(), tt.answer)
			require.Equal(t, tt.stored, stored)
			if done != 0 {
				require.Equal(t, tt.status, done)
			}
		})
	}
	answer := httptest.NewRecorder()
	post.Handler{}.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/adx", nil))
	require.Equal(t, 405, answer.Code)
	require.Equal(t, "POST", answer.Header().Get("Allow"))
	require.Contains(t, answer.Body.String(), `"failed":"adx: \"GET\": want the method POST"`)
}

// atOnce makes a client not wait.
func atOnce(int) time.Duration { return 0 }

func TestClientAndHandler(t *testing.T) {
	stored := 0
	server := httptest.NewServer(post.Handler{Import: importer(t, &stored)})
	defer server.Close()
	for _, zip := range []bool{false, true} {
		c := post.Client{URL: server.URL, Insecure: true, Gzip: zip}
		answer, err := c.Send(context.Background(), strings.NewReader(message(good+unknown)))
		require.NoError(t, err)
		require.True(t, answer.Known)
		require.Equal(t, []int{1, 1}, []int{answer.Summary.Imported, answer.Summary.Ignored})
		require.Equal(t, "ADX-043", answer.Summary.Issues[0].Code)

		_, err = c.Send(context.Background(), strings.NewReader(message(unknown)))
		bad, ok := errors.AsType[*post.StatusError](err)
		require.True(t, ok, "%v", err)
		require.Equal(t, 409, bad.Status)
		require.EqualError(t, err, `post: the answer is 409 Conflict: dataElement "?": want the code of a known dataElement`)
	}
	require.Equal(t, 2, stored)
}

// A script answers requests with one handler after the other.
type script struct {
	t        *testing.T
	answers  []func(http.ResponseWriter, *http.Request)
	mu       sync.Mutex // requests may come over several connections
	requests []string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.next(fmt.Sprintf("%s %s %d", r.Method, r.URL.Path, len(body)))(w, r)
}

// next notes a request and returns the handler that answers it.
func (s *script) next(request string) func(http.ResponseWriter, *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, request)
	if len(s.requests) > len(s.answers) {
		s.t.Errorf("request %v is too many", s.requests)
		return status(http.StatusInternalServerError)
	}
	return s.answers[len(s.requests)-1]
}

func status(code int, headers ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
	}
}

func body(code int, text string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, text)
	}
}

// hangUp closes the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func TestClient(t *testing.T) {
	type answers = []func(http.ResponseWriter, *http.Request)
	const imported = `{"responseType":"ImportSummary","status":"SUCCESS","importCount":{"imported":3,"updated":0,"ignored":0,"deleted":0}}`
	text := message(good)
	send := fmt.Sprintf("POST /adx %d", len(text))
	tests := []struct {
		name     string
		answers  answers
		requests string
		err      string
		imported int
	}{
		{"at once", answers{body(200, imported)}, send, "", 3},
		{"in the envelope of newer servers", answers{body(200, `{"httpStatus":"OK","status":"OK","response":`+imported+`}`)}, send, "", 3},
		{"as XML", answers{body(200, `<importSummary xmlns="http://dhis2.org/schema/dxf/2.0"><status>SUCCESS</status><importCount imported="3" updated="0" ignored="0" deleted="0"/></importSummary>`)}, send, "", 3},
		{"group by group", answers{body(200, `{"responseType":"ImportSummaries","status":"SUCCESS","importSummaries":[`+imported+`,`+imported+`]}`)}, send, "", 6},
		{"group by group, in the envelope", answers{body(200, `{"status":"OK","response":{"importSummaries":[`+imported+`]}}`)}, send, "", 3},
		{"group by group, as XML", answers{body(200, `<importSummaries xmlns="http://dhis2.org/schema/dxf/2.0"><importSummary><status>SUCCESS</status><importCount imported="3" updated="0" ignored="0" deleted="0"/></importSummary><importSummary><status>ERROR</status><importCount imported="0" updated="0" ignored="2" deleted="0"/><conflicts><conflict object="a" value="b"/></conflicts></importSummary></importSummaries>`)}, send, "", 3},
		{"after a while", answers{status(503), status(429, "Retry-After", "0"), hangUp, body(200, imported)}, send + "; " + send + "; " + send + "; " + send, "", 3},
		{"never", answers{status(503), status(502), status(504), status(408)}, send + "; " + send + "; " + send + "; " + send, "post: the answer is 408 Request Timeout", 0},
		{"refused", answers{body(409, `{"status":"ERROR","description":"Data set import failed","importCount":{"imported":0,"updated":0,"ignored":0,"deleted":0}}`)}, send, "post: the answer is 409 Conflict: Data set import failed", 0},
		{"refused in many lines", answers{body(409, `{"status":"ERROR","description":"one\nétwo`+strings.Repeat("x", 300)+`"}`)}, send, "post: the answer is 409 Conflict: one étwo" + strings.Repeat("x", 191) + "...", 0},
		{"not allowed", answers{body(401, "<html>")}, send, "post: the answer is 401 Unauthorized", 0},
		{"an outcome", answers{body(422, `{"resourceType":"OperationOutcome","issue":[{"severity":"fatal","code":"required","details":{"text":"no subject"},"expression":["MeasureReport.subject"]}]}`)}, send, "post: the answer is 422 Unprocessable Entity: no subject", 0},
		{"an outcome in XML", answers{body(422, `<OperationOutcome xmlns="http://hl7.org/fhir"><issue><severity value="error"/><code value="invalid"/><diagnostics value="bad period"/></issue></OperationOutcome>`)}, send, "post: the answer is 422 Unprocessable Entity: bad period", 0},
		{"later", answers{status(202, "Location", "/job/1"), status(202), status(303, "Location", "/result/1"), body(200, imported)}, send + "; GET /job/1 0; GET /job/1 0; GET /result/1 0", "", 3},
		{"elsewhere", answers{status(303, "Location", "/result"), body(200, imported)}, send + "; GET /result 0", "", 3},
		{"accepted, and that is all", answers{status(202)}, send, "", 0},
		{"moved", answers{status(308, "Location", "/new")}, send, "post: the answer is 308 Permanent Redirect", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &script{t: t, answers: tt.answers}
			server := httptest.NewServer(s)
			defer server.Close()
			c := post.Client{URL: server.URL + "/adx", Insecure: true, Wait: atOnce}
			answer, err := c.Send(context.Background(), strings.NewReader(text))
			if tt.err == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, tt.err)
			}
			require.Equal(t, tt.imported, answer.Summary.Imported)
			require.Equal(t, tt.requests, strings.Join(s.requests, "; "))
		})
	}
}

func TestClientOptions(t *testing.T) {
	_, err := post.Client{URL: "http://example.org/adx"}.Send(context.Background(), strings.NewReader(message(good)))
	require.EqualError(t, err, `post: ADX-142: "http://example.org/adx": want an https URL`)
	_, err = post.Client{URL: "ftp://example.org/adx", Insecure: true}.Send(context.Background(), strings.NewReader(message(good)))
	require.EqualError(t, err, `post: ADX-142: "ftp://example.org/adx": want an https URL`)

	c := post.Client{URL: "https://example.org", HTTP: &http.Client{Transport: answering{200, ""}}}
	c.Prepare = func(*http.Request) error { return errors.New("no key") }
	_, err = c.Send(context.Background(), strings.NewReader(message(good)))
	require.EqualError(t, err, "post: no key")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = post.Client{URL: "https://example.org"}.Send(ctx, strings.NewReader(message(good)))
	require.ErrorIs(t, err, context.Canceled)
}

// A DHIS2 client reads the answer that a Handler writes in the form of DHIS2.
func TestHandlerSummary(t *testing.T) {
	stored := 0
	answer := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(message(good+unknown+wrong)))
	request.Header.Set("Content-Type", post.MediaType)
	post.Handler{Import: importer(t, &stored), DHIS2: true}.ServeHTTP(answer, request)
	sum, err := dhis2.ReadSummary(answer.Body)
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 2}, []int{sum.Imported, sum.Ignored, len(sum.Issues)})
}

// A message that is sent again changes nothing and is no error. The HTTP status
// agrees with the status in the answer, in both forms.
func TestHandlerAgain(t *testing.T) {
	im := adx.Import{Mapper: adx.Mapper{Catalog: clinic(t)}, Store: &entry.Memory{}}
	_, err := im.Run(t.Context(), adx.NewReader(strings.NewReader(message(good))))
	require.NoError(t, err)
	for _, tt := range []struct {
		values string
		code   int
		status string
	}{
		{good, http.StatusOK, "SUCCESS"},
		{good + good, http.StatusOK, "WARNING"},
		{good + unknown, http.StatusOK, "WARNING"},
		{good + wrong, http.StatusOK, "WARNING"},
		{unknown, http.StatusConflict, "ERROR"},
		{wrong, http.StatusBadRequest, "ERROR"},
	} {
		for _, asDHIS2 := range []bool{false, true} {
			answer := httptest.NewRecorder()
			request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(message(tt.values)))
			request.Header.Set("Content-Type", post.MediaType)
			post.Handler{Import: im, DHIS2: asDHIS2}.ServeHTTP(answer, request)
			require.Equal(t, tt.code, answer.Code, tt.values)
			require.Contains(t, answer.Body.String(), `"status":"`+tt.status+`"`, tt.values)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(200, `{"read":1,"causes":[{"rule":"x"}]}`)
	f.Add(409, `<OperationOutcome xmlns="http://hl7.org/fhir"><issue/></OperationOutcome>`)
	f.Add(200, `{"resourceType":"OperationOutcome","issue":[{}]}`)
	f.Add(200, `{"importCount":{"imported":1}}`)
	f.Add(200, `{"importSummaries":[{"importCount":{"imported":1}}]}`)
	f.Add(200, `<importSummaries><importSummary><status>ERROR</status></importSummary></importSummaries>`)
	f.Fuzz(func(t *testing.T, code int, text string) {
		if code < 200 || code > 599 {
			return
		}
		c := post.Client{URL: "http://example.org", Insecure: true, Attempts: 1, HTTP: &http.Client{Transport: answering{code, text}}}
		answer, err := c.Send(context.Background(), strings.NewReader("x"))
		if (err == nil) != (code < 300) || answer.Status != code {
			t.Errorf("%d %q: %v, %v", code, text, answer, err)
		}
		for _, i := range answer.Summary.Issues {
			_ = i.Error()
		}
	})
}

// An answering transport always returns the same answer.
type answering struct {
	code int
	text string
}

// RoundTrip implements [http.RoundTripper].
func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body.Close()
	}
	return &http.Response{StatusCode: a.code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.text)), Request: r}, nil
}

// A valueStream is an argument and a result of Import.Check.
type valueStream = iter.Seq2[hmis.DataValue, error]
