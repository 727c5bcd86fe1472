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
	// URL is where messages go, with whatever parameters the receiver wants. It
	// must be https unless Insecure is set.
	URL string

	// Schemes, if not zero, say in which schemes the codes of messages are.
	// They become the parameters of DHIS2, one for each kind of object: a
	// server of 2.43 or later reads codes as UIDs unless a parameter says
	// otherwise, and idScheme alone would hold for option combos too. The zero
	// Schemes add no parameters.
	Schemes hmis.Schemes

	// HTTP sends the requests; nil is [http.DefaultClient]. Its CheckRedirect is
	// not used: the only redirect that is followed is one to a result.
	HTTP *http.Client

	// Prepare, if not nil, completes each request, for example with credentials.
	// It is called only for requests to the scheme and host of URL.
	Prepare func(*http.Request) error

	// Follow, if not nil, reports whether a result may be asked for at a URL of
	// another scheme or host than URL. If nil, none is: the receiver could send the
	// client to an address of its choice.
	Follow func(*url.URL) bool

	// Gzip compresses messages, in memory.
	Gzip bool

	// Insecure allows http (ADX-142).
	Insecure bool

	// Attempts is how often a message is sent in all; 0 means 4. It is sent again
	// after a lost connection and after 408, 429, 502, 503 and 504, since a
	// receiver that stores by key ends up with the same; never once the receiver
	// has accepted it, nor if its certificate is wrong. Polls is how often a result
	// that is not ready is asked for; 0 means 60.
	Attempts, Polls int

	// Timeout is how long one request may take with its answer; 0 means 10 minutes,
	// and a negative number no limit.
	Timeout time.Duration

	// Wait returns how long to wait before attempt or poll n, which counts from
	// 1. Nil doubles from one second up to a minute. What the receiver says in
	// Retry-After comes first, up to MaxWait; 0 means five minutes.
	Wait    func(n int) time.Duration
	MaxWait time.Duration
}

// Send posts the message, which it reads from its beginning, and waits for the
// result, also if the receiver answers 202 and makes it available later. The
// error is a *[StatusError] if there was an answer, but not a good one; it is nil
// if single values were refused, which the Answer says. If the message was
// accepted and its result cannot be had, the Answer is that of the acceptance,
// beside the error.
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

// home returns where messages are sent.
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

// again reports whether sending anew may help.
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

// distrusted reports whether the two sides do not trust each other, which another
// attempt does not change.
func distrusted(err error) bool {
	_, verify := errors.AsType[*tls.CertificateVerificationError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	_, ech := errors.AsType[*tls.ECHRejectionError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	_, host := errors.AsType[x509.HostnameError](err)
	return errors.Is(err, http.ErrSchemeMismatch) || verify || alert || record || ech || unknown || invalid || host
}

// A response is an answer with what its headers say.
type response struct {
	answer     Answer
	location   string // "" if there is none
	retryAfter string
}

// attempt sends the message once.
func (c Client) attempt(ctx context.Context, home *url.URL, message io.ReadSeeker) (response, error) {
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
	// net/http may go on reading after it has returned; the message is ours again
	// when it has closed the body.
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

// A sentBody is the body of a request. Its channel is closed when it is no longer
// used.
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
		return response{}, fmt.Errorf("post: %w", err)
	}
	return readResponse(answered)
}

// sameOrigin reports whether two URLs have one scheme, host and port.
func sameOrigin(a, b *url.URL) bool {
	port := func(u *url.URL) string {
		if p := u.Port(); p != "" || u.Scheme != "https" {
			return p
		}
		return "443"
	}
	return a.Scheme == b.Scheme && a.Hostname() == b.Hostname() && port(a) == port(b)
}
