package post

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Client sends messages to one place. It is safe for concurrent use.
type Client struct {
	// URL is where messages are sent. It may have parameters. It must be https
	// unless Insecure is set.
	URL string

	// Schemes, if not zero, are sent as parameters that name the schemes of a
	// message to DHIS2, one for each kind of object. Without them a server of
	// 2.43 or later takes codes for UIDs. The parameter idScheme alone would
	// also apply to option combos (RULES.md#schemes).
	Schemes hmis.Schemes

	// HTTP sends the requests. Nil means [http.DefaultClient]. Its
	// CheckRedirect is not used, since only a redirect to a result is followed.
	HTTP *http.Client

	// Prepare, if not nil, is called for each request to the scheme and host of
	// URL. It can add credentials, for example. It is not called for other
	// requests.
	Prepare func(*http.Request) error

	// Follow, if not nil, reports whether the result may be fetched from a URL
	// with another scheme or host. If nil, it may not, because a receiver could
	// direct the client anywhere.
	Follow func(*url.URL) bool

	// Gzip compresses messages, in memory.
	Gzip bool

	// Insecure allows http (ADX-142).
	Insecure bool

	// Attempts is how often a message is sent at most; 0 means 4. It is sent
	// again after a lost connection and after 408, 429, 502, 503 and 504. That
	// is harmless if the receiver stores values by key. A message that was
	// accepted is never sent again, nor one that failed because of a
	// certificate. Polls is how often a result that is not ready is requested;
	// 0 means 60.
	Attempts, Polls int

	// Timeout limits the time of one request with its answer. 0 means 10
	// minutes, and a negative number no limit.
	Timeout time.Duration

	// Wait returns how long to wait before attempt or poll n, counted from 1.
	// If nil, the time doubles from one second up to a minute. A Retry-After of
	// the receiver overrides Wait, up to MaxWait; 0 means five minutes.
	Wait    func(n int) time.Duration
	MaxWait time.Duration
}

// Send posts the message and waits for the result, even if the receiver answers
// 202 and has the result later. It reads the message from its beginning for
// each attempt. The error is a *[StatusError] unless the status means success.
// It is nil even if some values were rejected; see the Answer. If the message
// was accepted but its result cannot be fetched, Send returns the first answer
// and an error.
func (c Client) Send(ctx context.Context, message io.ReadSeeker) (Answer, error) {
	home, err := c.home()
	if err != nil {
		return Answer{}, err
	}
	attempts := c.Attempts
	if attempts <= 0 {
		attempts = 4
	}
	for n := 1; ; n++ {
		got, err := c.attempt(ctx, home, message)
		switch {
		case err == nil:
			return c.result(ctx, home, got)
		case n >= attempts || !again(err) || ctx.Err() != nil:
			return got.answer, err
		}
		if err := c.pause(ctx, n, got.retryAfter); err != nil {
			return got.answer, err
		}
	}
}

// home returns the URL to which messages are sent.
func (c Client) home() (*url.URL, error) {
	home, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("post: %w", err)
	case home.Scheme != "https" && !(c.Insecure && home.Scheme == "http"):
		return nil, fmt.Errorf("post: ADX-142: %q: want an https URL", home.Redacted())
	}
	query := home.Query()
	for name, scheme := range schemeParams(c.Schemes) {
		if scheme != "" {
			query.Set(name, scheme)
		}
	}
	if c.Schemes != (hmis.Schemes{}) {
		home.RawQuery = query.Encode()
	}
	return home, nil
}

// again reports whether another attempt to send can succeed after err.
func again(err error) bool {
	if answered, ok := errors.AsType[*StatusError](err); ok {
		switch answered.Status {
		case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusBadGateway,
			http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return false
	}
	_, lost := errors.AsType[*url.Error](err)
	return lost && !distrusted(err)
}

// distrusted reports whether TLS failed because the two sides do not trust each
// other. Another attempt does not help.
func distrusted(err error) bool {
	_, verify := errors.AsType[*tls.CertificateVerificationError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	_, ech := errors.AsType[*tls.ECHRejectionError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	_, host := errors.AsType[x509.HostnameError](err)
	return errors.Is(err, http.ErrSchemeMismatch) || verify || alert || record || ech || unknown ||
		invalid ||
		host
}

// A response is an answer with the headers that the Client uses.
type response struct {
	answer     Answer
	location   string // "" if there is none
	retryAfter string
}

// attempt sends the message once.
func (c Client) attempt(
	ctx context.Context,
	home *url.URL,
	message io.ReadSeeker,
) (response, error) {
	size, err := message.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = message.Seek(0, io.SeekStart)
	}
	if err != nil {
		return response{}, fmt.Errorf("post: %w", err)
	}
	body := io.Reader(message)
	if c.Gzip {
		packed, err := pack(message)
		if err != nil {
			return response{}, fmt.Errorf("post: %w", err)
		}
		body, size = packed, int64(packed.Len())
	}
	sent := &sentBody{Reader: body, done: make(chan struct{})}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, home.String(), sent)
	if err != nil {
		return response{}, fmt.Errorf("post: %w", err)
	}
	request.ContentLength = size
	request.Header.Set("Content-Type", MediaType)
	if c.Gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	// net/http may still read after it has returned. It closes the body when it
	// is done.
	defer func() { <-sent.done }()
	return c.do(request, home)
}

// pack compresses a message.
func pack(message io.Reader) (*bytes.Buffer, error) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.Copy(z, message); err != nil {
		return nil, err
	}
	return &packed, z.Close()
}

// A sentBody is the body of a request. It closes its channel when the request
// no longer uses it.
type sentBody struct {
	io.Reader
	done chan struct{}
	once sync.Once
}

// Close implements [io.Closer].
func (b *sentBody) Close() error {
	b.once.Do(func() { close(b.done) })
	return nil
}

// do sends a request and reads the answer.
func (c Client) do(request *http.Request, home *url.URL) (response, error) {
	request.Header.Set("Accept", "application/json, application/fhir+json, application/xml;q=0.5")
	if c.Prepare != nil && sameOrigin(request.URL, home) {
		if err := c.Prepare(request); err != nil {
			if request.Body != nil {
				request.Body.Close()
			}
			return response{}, fmt.Errorf("post: %w", err)
		}
	}
	limit := c.Timeout
	if limit == 0 {
		limit = 10 * time.Minute
	}
	if limit > 0 {
		ctx, cancel := context.WithTimeout(request.Context(), limit)
		defer cancel()
		request = request.WithContext(ctx)
	}
	client := http.Client{}
	if c.HTTP != nil {
		client = *c.HTTP
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answered, err := client.Do(request)
	if err != nil {
		return response{}, fmt.Errorf("post: %w", cutError{err})
	}
	return readResponse(answered)
}

// sameOrigin reports whether two URLs have the same scheme, host and port.
func sameOrigin(a, b *url.URL) bool {
	port := func(u *url.URL) string {
		if p := u.Port(); p != "" || u.Scheme != "https" {
			return p
		}
		return "443"
	}
	return a.Scheme == b.Scheme && a.Hostname() == b.Hostname() && port(a) == port(b)
}
