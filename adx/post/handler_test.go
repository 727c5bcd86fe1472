package post_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/post"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/stretchr/testify/require"
)

// posted returns the answer of a handler to a message.
func posted(h http.Handler, query string, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, "/adx"+query, body)
	request.Header.Set("Content-Type", post.MediaType)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, request)
	return answer
}

// A request with unknown parameters is refused. With an invalid dryRun nothing
// is stored.
func TestHandlerParameters(t *testing.T) {
	for _, tt := range []struct {
		query  string
		code   int
		want   string
		stored int
	}{
		{"", 200, `"dryRun":false`, 1},
		{"?dryRun=true", 200, `"dryRun":true`, 0},
		{"?dryRun=1", 200, `"dryRun":true`, 0},
		{"?dryRun=false", 200, `"dryRun":false`, 1},
		{"?dryRun=yes", 400, `dryRun \"yes\": want dryRun=true or dryRun=false`, 0},
		{"?dryRun=", 400, `dryRun: want dryRun=true`, 0},
		{"?dryRun=false&dryRun=true", 400, `dryRun \"true\"`, 0},
		{"?dryrun=true", 400, `dryrun \"true\"`, 0},
		{"?dryRun=true;x", 400, `want parameters that can be read`, 0},
		{"?importStrategy=DELETE", 400, `importStrategy \"DELETE\"`, 0},
		{"?importStrategy=CREATE_AND_UPDATE", 200, `"imported":1`, 1},
		{"?orgUnitIdScheme=CODE&idScheme=code&strictPeriods=true", 200, `"imported":1`, 1},
		{"?orgUnitIdScheme=UID", 409, `orgUnit \"HF-101\": want the id of a known organisationUnit`, 0},
		{"?idScheme=nonsense", 400, `idScheme \"nonsense\": want UID, CODE, NAME`, 0},
		{"?idScheme=", 400, `idScheme: want UID`, 0},
	} {
		stored := 0
		answer := posted(post.Handler{Import: importer(t, &stored)}, tt.query, strings.NewReader(message(good)))
		require.Equal(t, tt.code, answer.Code, "%s: %s", tt.query, answer.Body)
		require.Contains(t, answer.Body.String(), tt.want, tt.query)
		require.Equal(t, tt.stored, stored, tt.query)
	}
}

// The text of an internal error is logged and not sent.
func TestHandlerKeepsErrorsInside(t *testing.T) {
	secret := errors.New("password of db01.internal is wrong")
	for _, call := range []string{"begin", "put"} {
		for _, asDHIS2 := range []bool{false, true} {
			var store entry.Store = &counting{err: secret}
			if call == "begin" {
				store = closed{secret}
			}
			var logged error
			var kept *adx.Report
			h := post.Handler{
				Import: adx.Import{Mapper: adx.Mapper{Catalog: clinic(t)}, Store: store}, DHIS2: asDHIS2,
				Failed: func(_ *http.Request, err error) { logged = err },
				Done:   func(_ *http.Request, r *adx.Report, _ int) { kept = r },
			}
			answer := posted(h, "", strings.NewReader(message(good)))
			require.Equal(t, 500, answer.Code)
			require.NotContains(t, answer.Body.String(), "db01")
			require.ErrorIs(t, logged, secret)
			require.ErrorIs(t, kept.Failed, secret, "the embedder may know")

			var lines bytes.Buffer
			old := slog.Default()
			slog.SetDefault(slog.New(slog.NewTextHandler(&lines, nil)))
			h.Failed = nil
			posted(h, "", strings.NewReader(message(good)))
			slog.SetDefault(old)
			require.Contains(t, lines.String(), "db01")
		}
	}
	answer := posted(post.Handler{Import: importer(t, new(int))}, "", io.MultiReader(strings.NewReader(message(good)[:100]), broken{}))
	require.Equal(t, 400, answer.Code)
	require.Contains(t, answer.Body.String(), "the message did not come to its end")
	require.NotContains(t, answer.Body.String(), "10.0.0.1")
}

// A closed store fails to begin.
type closed struct{ err error }

func (c closed) Begin(context.Context) (entry.Tx, error) { return nil, c.err }

// A broken reader is a connection that is lost.
type broken struct{}

func (broken) Read([]byte) (int, error) {
	return 0, &net.OpError{Op: "read", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)}, Err: errors.New("connection reset")}
}

// A slow sender or a slow store cannot keep a handler busy for ever.
func TestHandlerTimeout(t *testing.T) {
	slow := make(chan struct{})
	defer close(slow)
	h := post.Handler{Import: importer(t, new(int)), Timeout: 20 * time.Millisecond, Failed: func(*http.Request, error) {}}
	answer := posted(h, "", io.MultiReader(strings.NewReader(message(good)[:100]), waiting(slow)))
	require.Equal(t, 503, answer.Code)

	server := httptest.NewUnstartedServer(post.Handler{Import: importer(t, new(int))})
	server.Config = post.NewServer("", server.Config.Handler)
	require.NotZero(t, server.Config.ReadHeaderTimeout*server.Config.WriteTimeout*server.Config.IdleTimeout)
	server.Config.ReadTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 1000\r\n\r\n<adx", post.MediaType)
	require.NoError(t, err)
	got, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, string(got), " 408 Request Timeout")
}

// A waiting reader is a connection on which nothing arrives.
type waiting chan struct{}

func (w waiting) Read([]byte) (int, error) { <-w; return 0, io.EOF }

// If Import.Check reports a severe issue, the status is 409.
func TestHandlerChecks(t *testing.T) {
	for _, tt := range []struct {
		severity hmis.Severity
		drops    bool
		code     int
		status   string
	}{
		{hmis.Warning, false, 200, "WARNING"},
		{hmis.Severe, false, 200, "WARNING"},
		{hmis.Severe, true, 409, "ERROR"},
		{hmis.Critical, true, 409, "ERROR"},
		{hmis.Warning, true, 200, "WARNING"},
	} {
		im := importer(t, new(int))
		im.Check = func(values valueStream, sum *hmis.Summary) valueStream {
			return func(yield func(hmis.DataValue, error) bool) {
				for v, err := range values {
					sum.Issues = append(sum.Issues, &hmis.Issue{Code: "E8030", Severity: tt.severity, Err: errors.New("closed")})
					if !tt.drops && !yield(v, err) {
						return
					}
				}
			}
		}
		answer := posted(post.Handler{Import: im}, "", strings.NewReader(message(good)))
		require.Equal(t, tt.code, answer.Code, "%v: %s", tt, answer.Body)
		require.Contains(t, answer.Body.String(), `"status":"`+tt.status+`"`)
	}
}

// The ratio of gzip is checked from the first MiB on. The limit itself is
// allowed.
func TestHandlerRatio(t *testing.T) {
	blank := func(n int) string { return message(good) + strings.Repeat(" ", n-len(message(good))) }
	for _, tt := range []struct {
		bytes, ratio int
		code         int
	}{
		{1 << 20, 1, 200},   // the first MiB is not checked
		{1<<20 + 1, 1, 413}, // one more byte is
		{1<<20 + 1, 0, 413}, // also with a ratio of 200, since blanks shrink a thousandfold
		{1<<20 + 1, 5000, 200},
		{3 << 20, 5000, 200},
	} {
		answer := posted(post.Handler{Import: importer(t, new(int)), Ratio: tt.ratio}, "", strings.NewReader(zipped(blank(tt.bytes))), "Content-Encoding", "gzip")
		require.Equal(t, tt.code, answer.Code, "%+v: %s", tt, answer.Body)
	}
	// A message as long as the limit is accepted, and a longer one is not.
	whole := 3 << 20
	sent := zipped(blank(whole))
	ratio := (whole + len(sent) - 1) / len(sent)
	for _, tt := range []struct{ ratio, code int }{{ratio, 200}, {ratio - 1, 413}} {
		answer := posted(post.Handler{Import: importer(t, new(int)), Ratio: tt.ratio}, "", strings.NewReader(sent), "Content-Encoding", "gzip")
		require.Equal(t, tt.code, answer.Code, "ratio %d: %s", tt.ratio, answer.Body)
	}
	var text strings.Builder // a message that shrinks some hundredfold is accepted
	for i := range 60_000 {
		fmt.Fprintf(&text, `<dataValue dataElement="BCG" SEX="F%d" value="14"/>`, i*i)
	}
	packed := zipped(message(text.String()))
	require.Greater(t, text.Len(), 1<<20)
	require.Less(t, text.Len(), 200*len(packed))
	answer := posted(post.Handler{Import: importer(t, new(int))}, "", strings.NewReader(packed), "Content-Encoding", "gzip")
	require.NotEqual(t, 413, answer.Code, answer.Body)
}
