package post_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx/post"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A receiver cannot direct the client, or its credentials, to another host.
func TestClientStaysHome(t *testing.T) {
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked++
		require.Empty(t, r.Header.Get("Authorization"))
	}))
	defer other.Close()
	for _, code := range []int{202, 303} {
		posted := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			posted++
			require.Equal(t, "Basic x", r.Header.Get("Authorization"))
			status(code, "Location", other.URL+"/"+strings.Repeat("long", 100))(w, r)
		}))
		defer server.Close()
		c := post.Client{URL: server.URL, Insecure: true, Wait: atOnce, Prepare: func(r *http.Request) error {
			r.Header.Set("Authorization", "Basic x")
			return nil
		}}
		answer, err := c.Send(t.Context(), strings.NewReader(message(good)))
		require.ErrorContains(t, err, "want a place on "+strings.TrimPrefix(server.URL, "http://"))
		require.Less(t, len(err.Error()), 250, "what a receiver says is cut")
		require.Equal(t, code, answer.Status, "the message was accepted")
		require.Zero(t, asked)

		c.Follow = func(u *url.URL) bool { return "http://"+u.Host == other.URL }
		_, err = c.Send(t.Context(), strings.NewReader(message(good)))
		require.NoError(t, err)
		require.Equal(t, 1, asked)
		require.Equal(t, 2, posted)
		asked = 0
	}
}

// A message that was accepted is not sent again, whatever happens to its result
// (RULES.md#transport).
func TestClientSendsAcceptedOnce(t *testing.T) {
	text := message(good)
	send := fmt.Sprintf("POST /adx %d", len(text))
	const imported = `{"status":"SUCCESS","importCount":{"imported":3,"updated":0,"ignored":0,"deleted":0}}`
	accepted := status(202, "Location", "/job")
	brokenOff := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "{")
	}
	for _, tt := range []struct {
		name     string
		answers  []func(http.ResponseWriter, *http.Request)
		requests string
		err      string
	}{
		{"the result is not ready for some time", []func(http.ResponseWriter, *http.Request){accepted, status(503), hangUp, status(429, "Retry-After", "0"), body(200, imported)}, send + "; GET /job 0; GET /job 0; GET /job 0; GET /job 0", ""},
		{"the result is gone", []func(http.ResponseWriter, *http.Request){accepted, status(404)}, send + "; GET /job 0", "post: the answer is 404 Not Found"},
		{"the result never comes", []func(http.ResponseWriter, *http.Request){accepted, status(503), status(503), status(503)}, send + "; GET /job 0; GET /job 0; GET /job 0", `post: the result at "SERVER/job" is not ready`},
		{"the answer breaks off", []func(http.ResponseWriter, *http.Request){brokenOff}, send, "post: the answer is 200, but: unexpected EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &script{t: t, answers: tt.answers}
			server := httptest.NewServer(s)
			defer server.Close()
			c := post.Client{URL: server.URL + "/adx", Insecure: true, Wait: atOnce, Polls: 3}
			if tt.err == "" {
				c.Polls = 0
			}
			_, err := c.Send(t.Context(), strings.NewReader(text))
			if tt.err == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, strings.ReplaceAll(tt.err, "SERVER", server.URL))
			}
			require.Equal(t, tt.requests, strings.Join(s.requests, "; "))
		})
	}
}

// A wrong certificate is not tried again.
func TestClientCertificates(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("there was a request") }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	plain := httptest.NewServer(server.Config.Handler)
	defer plain.Close()
	otherName := server.Client()
	otherName.Transport.(*http.Transport).TLSClientConfig.ServerName = "other.example.org"
	for _, tt := range []struct {
		name string
		url  string
		http *http.Client
	}{
		{"an authority that nobody knows", server.URL, nil},
		{"the name of another host", server.URL, otherName},
		{"no TLS", strings.Replace(plain.URL, "http:", "https:", 1), nil},
	} {
		waited := 0
		c := post.Client{URL: tt.url, HTTP: tt.http, Wait: func(int) time.Duration { waited++; return 0 }}
		_, err := c.Send(t.Context(), strings.NewReader(message(good)))
		require.Error(t, err, tt.name)
		require.Zero(t, waited, "%s: %v", tt.name, err)
	}
}

// A client stops waiting for a receiver that does not answer.
func TestClientTimeout(t *testing.T) {
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		<-gone // in the middle of the answer
	}))
	defer server.Close()
	defer close(gone)
	c := post.Client{URL: server.URL, Insecure: true, Timeout: 20 * time.Millisecond, Wait: atOnce, Attempts: 2}
	answer, err := c.Send(t.Context(), strings.NewReader(message(good)))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, 200, answer.Status)
}

// An answer that is not HTTP is quoted only in part.
func TestClientGarbage(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // otherwise closing would reset the connection
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, strings.Repeat("x", 20_000)+"\r\n\r\n")
			_ = conn.Close()
		}
	}))
	defer server.Close()
	_, err := post.Client{URL: server.URL, Insecure: true, Attempts: 1}.Send(t.Context(), strings.NewReader(message(good)))
	require.ErrorContains(t, err, "malformed HTTP")
	require.Less(t, len(err.Error()), 300)
}

// The number of attempts and the times between them follow the fields and the
// receiver.
func TestClientPatience(t *testing.T) {
	for _, tt := range []struct {
		attempts int
		after    string
		want     []int // arguments of Wait; none if the receiver gives a time
	}{
		{0, "", []int{1, 2, 3}}, {-1, "", []int{1, 2, 3}}, {1, "", nil}, {2, "", []int{1}},
		{2, "-1", []int{1}}, {2, "soon", []int{1}}, {2, "0", []int{1}}, {2, time.Unix(0, 0).UTC().Format(http.TimeFormat), []int{1}},
	} {
		server := httptest.NewServer(http.HandlerFunc(status(503, "Retry-After", tt.after)))
		var waits []int
		c := post.Client{URL: server.URL, Insecure: true, Attempts: tt.attempts, Wait: func(n int) time.Duration {
			waits = append(waits, n)
			if tt.after != "" && tt.after[0] != '-' && tt.after != "soon" {
				return time.Hour // the receiver's time is used instead
			}
			return 0
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		_, err := c.Send(ctx, strings.NewReader(message(good)))
		cancel()
		require.EqualError(t, err, "post: the answer is 503 Service Unavailable")
		require.Equal(t, tt.want, waits, "%d attempts, Retry-After %q", tt.attempts, tt.after)
		server.Close()
	}
	server := httptest.NewServer(http.HandlerFunc(status(503, "Retry-After", "3600")))
	defer server.Close()
	c := post.Client{URL: server.URL, Insecure: true, Attempts: 2, MaxWait: time.Millisecond}
	_, err := c.Send(t.Context(), strings.NewReader(message(good)))
	require.EqualError(t, err, "post: the answer is 503 Service Unavailable")

	// A result that is never ready is requested Polls times.
	for polls, want := range map[int]int{0: 60, -1: 60, 1: 1, 7: 7} {
		requests := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests++
			status(202, "Location", "/job")(w, r)
		}))
		c := post.Client{URL: server.URL, Insecure: true, Polls: polls, Wait: atOnce}
		_, err := c.Send(t.Context(), strings.NewReader(message(good)))
		server.Close()
		require.ErrorContains(t, err, "is not ready")
		require.Equal(t, 1+want, requests, "Polls %d", polls)
	}
}

// A DHIS2 server finds codes only if all five schemes are sent
// (RULES.md#schemes).
func TestClientSchemes(t *testing.T) {
	var got url.Values
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.Query() }))
	defer server.Close()
	for _, tt := range []struct {
		schemes hmis.Schemes
		want    string
	}{
		{hmis.Schemes{}, "a=1"},
		{hmis.Schemes{Any: hmis.ByCode}, "a=1&categoryIdScheme=CODE&categoryOptionIdScheme=CODE&dataElementIdScheme=CODE&dataSetIdScheme=CODE&orgUnitIdScheme=CODE"},
		{hmis.Schemes{OrgUnit: "ATTRIBUTE:u1234567890", AttributeCombo: hmis.ByCode}, "a=1&attributeOptionComboIdScheme=CODE&orgUnitIdScheme=ATTRIBUTE%3Au1234567890"},
	} {
		_, err := post.Client{URL: server.URL + "/?a=1", Insecure: true, Schemes: tt.schemes}.Send(t.Context(), strings.NewReader(message(good)))
		require.NoError(t, err)
		require.Equal(t, tt.want, got.Encode())
	}
}

// The error of an answer quotes the worst issue, wherever it is in the list.
func TestStatusErrorWorst(t *testing.T) {
	e := &post.StatusError{Status: 409, Answer: post.Answer{Summary: hmis.Summary{Issues: hmis.Issues{
		{Severity: hmis.Warning, Err: errors.New("mild")},
		{Severity: hmis.Severe, Err: errors.New("bad")},
		{Severity: hmis.Severe, Err: errors.New("also bad")},
	}}}}
	require.EqualError(t, e, "post: the answer is 409 Conflict: bad")
}

// An answer with too many issues is not parsed.
func TestClientHugeAnswer(t *testing.T) {
	huge := `{"read":1,"causes":[` + strings.Repeat("{},", 300_000) + `{}]}`
	require.True(t, json.Valid([]byte(huge)))
	c := post.Client{URL: "https://example.org", HTTP: &http.Client{Transport: answering{200, huge}}}
	answer, err := c.Send(t.Context(), strings.NewReader(message(good)))
	require.NoError(t, err)
	require.False(t, answer.Known)
	require.Empty(t, answer.Summary.Issues)

	c.HTTP.Transport = answering{200, strings.Repeat(" ", 16<<20+1)}
	answer, err = c.Send(t.Context(), strings.NewReader(message(good)))
	require.ErrorContains(t, err, "the answer is longer than 16777216 bytes")
	require.Equal(t, 200, answer.Status)
}
