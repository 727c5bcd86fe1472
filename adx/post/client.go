package post

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A Client sends messages to one place. It is safe for concurrent use.
type Client struct {
	// URL is where messages go, with whatever parameters the receiver wants, such
	// as the id schemes of DHIS2. It must be https unless Insecure is set.
	URL string

	// HTTP sends the requests; nil is [http.DefaultClient]. Its CheckRedirect is
	// not used: the only redirect that is followed is one to a result.
	HTTP *http.Client

	// Prepare, if not nil, completes each request, for example with credentials.
	// Requests to any other host than that of URL do not get to see it.
	Prepare func(*http.Request) error

	// Gzip compresses messages, in memory.
	Gzip bool

	// Insecure allows http (ADX-142).
	Insecure bool

	// Attempts is how often a message is sent in all; 0 means 4. It is sent again
	// after a lost connection and after 408, 429, 502, 503 and 504, since a
	// receiver that stores by key ends up with the same. Polls is how often a
	// result that is not ready is asked for; 0 means 60.
	Attempts, Polls int

	// Wait returns how long to wait before attempt or poll n, which counts from
	// 1. Nil doubles from one second up to a minute. What the receiver says in
	// Retry-After comes first, up to MaxWait; 0 means five minutes.
	Wait    func(n int) time.Duration
	MaxWait time.Duration
}

// maxAnswer is how much of an answer is read.
const maxAnswer = 64 << 20

// A StatusError says that a receiver did not accept a message.
type StatusError struct {
	Status int    // of HTTP, such as 409
	Answer Answer // what could be made of the body
}

// Error returns the error on one line.
func (e *StatusError) Error() string {
	s := "post: the answer is " + strconv.Itoa(e.Status) + " " + http.StatusText(e.Status)
	if len(e.Answer.Summary.Issues) > 0 {
		s += ": " + quote.Line(e.Answer.Summary.Issues[0].Err.Error(), 200)
	}
	return s
}

// Send posts the message, which it reads from its beginning, and waits for the
// result, also if the receiver answers 202 and makes it available later. The
// error is a *[StatusError] if there was an answer, but not a good one; it is nil
// if single values were refused, which the Answer tells.
func (c Client) Send(ctx context.Context, message io.ReadSeeker) (Answer, error) {
	target, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return Answer{}, fmt.Errorf("post: %w", err)
	case target.Scheme != "https" && !(c.Insecure && target.Scheme == "http"):
		return Answer{}, fmt.Errorf("post: ADX-142: %q: want an https URL", target.Redacted())
	}
	attempts := c.Attempts
	if attempts <= 0 {
		attempts = 4
	}
	for n := 1; ; n++ {
		answer, retryAfter, err := c.attempt(ctx, message)
		if err == nil || n >= attempts || !again(err) || ctx.Err() != nil {
			return answer, err
		}
		if err := c.pause(ctx, n, retryAfter); err != nil {
			return answer, err
		}
	}
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
	return lost
}

// attempt sends the message once.
func (c Client) attempt(ctx context.Context, message io.ReadSeeker) (Answer, string, error) {
	size, err := message.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = message.Seek(0, io.SeekStart)
	}
	if err != nil {
		return Answer{}, "", fmt.Errorf("post: %w", err)
	}
	body := io.Reader(message)
	if c.Gzip {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := io.Copy(z, message); err != nil {
			return Answer{}, "", fmt.Errorf("post: %w", err)
		}
		if err := z.Close(); err != nil {
			return Answer{}, "", fmt.Errorf("post: %w", err)
		}
		body, size = &packed, int64(packed.Len())
	}
	sent := &sentBody{Reader: body, done: make(chan struct{})}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, sent)
	if err != nil {
		return Answer{}, "", fmt.Errorf("post: %w", err)
	}
	request.ContentLength = size
	request.Header.Set("Content-Type", MediaType)
	if c.Gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	// net/http may go on reading after it has returned; the message is ours again
	// when it has closed the body.
	defer func() { <-sent.done }()
	response, err := c.do(request)
	if err != nil {
		return Answer{}, "", err
	}
	return c.result(ctx, response)
}

// A sentBody is the body of a request, which tells when it is no longer used.
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

// do sends a request.
func (c Client) do(request *http.Request) (*http.Response, error) {
	request.Header.Set("Accept", "application/json, application/fhir+json, application/xml;q=0.5")
	home, err := url.Parse(c.URL)
	if err == nil && c.Prepare != nil && request.URL.Host == home.Host && request.URL.Scheme == home.Scheme {
		err = c.Prepare(request)
	}
	if err != nil {
		if request.Body != nil {
			request.Body.Close()
		}
		return nil, fmt.Errorf("post: %w", err)
	}
	client := http.Client{}
	if c.HTTP != nil {
		client = *c.HTTP
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("post: %w", err)
	}
	return response, nil
}

// result reads a response, and asks again where the result is yet to come.
func (c Client) result(ctx context.Context, response *http.Response) (Answer, string, error) {
	polls := c.Polls
	if polls <= 0 {
		polls = 60
	}
	where := ""
	for n := 1; ; n++ {
		if location, err := response.Location(); err == nil {
			where = location.String()
		}
		retryAfter := response.Header.Get("Retry-After")
		waiting := response.StatusCode == http.StatusAccepted || response.StatusCode == http.StatusSeeOther
		answer, err := readAnswer(response)
		if err != nil || !waiting || where == "" {
			return answer, retryAfter, err
		}
		if n > polls {
			return answer, "", fmt.Errorf("post: the result at %q is not ready", where)
		}
		if next, err := url.Parse(where); err != nil || next.Scheme != "https" && !c.Insecure {
			return answer, "", fmt.Errorf("post: ADX-142: the result is at %q: want an https URL", where)
		}
		if response.StatusCode == http.StatusAccepted {
			if err := c.pause(ctx, n, retryAfter); err != nil {
				return answer, "", err
			}
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, where, nil)
		if err != nil {
			return answer, "", fmt.Errorf("post: %w", err)
		}
		if response, err = c.do(request); err != nil {
			return answer, "", err
		}
	}
}

// pause waits before going on after attempt or poll n.
func (c Client) pause(ctx context.Context, n int, retryAfter string) error {
	wait := min(time.Second<<min(n-1, 6), time.Minute)
	if c.Wait != nil {
		wait = c.Wait(n)
	}
	if seconds, err := strconv.Atoi(retryAfter); err == nil && seconds >= 0 {
		wait = time.Duration(min(seconds, 24*60*60)) * time.Second
	} else if at, err := http.ParseTime(retryAfter); err == nil {
		wait = max(time.Until(at), 0)
	}
	longest := c.MaxWait
	if longest <= 0 {
		longest = 5 * time.Minute
	}
	timer := time.NewTimer(min(wait, longest))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("post: %w", ctx.Err())
	}
}
