package post

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// result requests the result of an accepted message until it is ready. It never
// sends the message again.
func (c Client) result(ctx context.Context, home *url.URL, accepted response) (Answer, error) {
	polls := c.Polls
	if polls <= 0 {
		polls = 60
	}
	got := accepted
	failed := false // the last request for the result failed
	for n := 1; ; n++ {
		if got.location == "" || !got.waits() {
			return got.answer, nil
		}
		where, err := c.next(home, got.location)
		if err != nil {
			return got.answer, err
		}
		if n > polls {
			return got.answer, fmt.Errorf("post: the result at %q is not ready", clip(where.Redacted()))
		}
		if failed || got.answer.Status == http.StatusAccepted {
			if err := c.pause(ctx, n, got.retryAfter); err != nil {
				return got.answer, err
			}
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, where.String(), nil)
		if err != nil {
			return got.answer, fmt.Errorf("post: %w", err)
		}
		asked, err := c.do(request, home)
		switch {
		case err == nil:
			if asked.location == "" {
				asked.location = got.location
			}
			got, failed = asked, false
		case !again(err) || ctx.Err() != nil:
			if asked.answer.Status != 0 {
				return asked.answer, err
			}
			return got.answer, err
		default: // an error after which the request can be repeated
			got.retryAfter, failed = asked.retryAfter, true
		}
	}
}

// waits reports whether the result is not ready yet, or is at another URL.
func (r *response) waits() bool {
	return r.answer.Status == http.StatusAccepted || r.answer.Status == http.StatusSeeOther
}

// next returns the URL of a result. It is an error if the client may not go
// there.
func (c Client) next(home *url.URL, location string) (*url.URL, error) {
	where, err := url.Parse(location)
	switch {
	case err != nil:
		return nil, fmt.Errorf("post: the result is at %q: want a URL", clip(location))
	case where.Scheme != "https" && !(c.Insecure && where.Scheme == "http"):
		return nil, fmt.Errorf("post: ADX-142: the result is at %q: want an https URL", clip(where.Redacted()))
	case sameOrigin(where, home), c.Follow != nil && c.Follow(where):
		return where, nil
	}
	return nil, fmt.Errorf("post: the result is at %q: want a place on %s", clip(where.Redacted()), home.Host)
}

// pause waits after attempt or poll n.
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
