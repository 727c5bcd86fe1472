package mcsd

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// Pages requests a bundle from a directory, and then each next page:
//
//	for page, err := range mcsd.Pages(ctx, client, base+"/Location/_history?_since="+since) {
//
// The client sends what the directory wants to see, such as a token; nil is
// [http.DefaultClient]. The stream ends with an error if a page cannot be had or
// read, if it has been there before, or if it is of another host, which must not
// see the token. Its error is that of ctx if ctx ends.
func Pages(ctx context.Context, client *http.Client, first string) iter.Seq2[*Bundle, error] {
	if client == nil {
		client = http.DefaultClient
	}
	return func(yield func(*Bundle, error) bool) {
		at, err := url.Parse(first)
		if err != nil {
			yield(nil, fmt.Errorf("mcsd: %w", err))
			return
		}
		seen := map[string]bool{}
		for {
			if seen[at.String()] {
				yield(nil, fmt.Errorf("mcsd: GET %s: the page was there before", shown(at)))
				return
			}
			seen[at.String()] = true
			b, err := get(ctx, client, at)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(b, nil) || b.Next == "" {
				return
			}
			next, err := at.Parse(b.Next)
			if err == nil && (next.Host != at.Host || next.Scheme != at.Scheme) {
				err = fmt.Errorf("the next page is at %s://%s: want the same host", next.Scheme, quote.Line(next.Host, 100))
			}
			if err != nil {
				yield(nil, fmt.Errorf("mcsd: GET %s: %w", shown(at), err))
				return
			}
			at = next
		}
	}
}

// shown returns a URL for use in an error, without its password.
func shown(u *url.URL) string { return quote.Line(u.Redacted(), 300) }

func get(ctx context.Context, client *http.Client, at *url.URL) (*Bundle, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("mcsd: %w", err)
	}
	r.Header.Set("Accept", "application/fhir+json")
	answer, err := client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("mcsd: %w", err)
	}
	defer answer.Body.Close()
	var body io.Reader = WithContext(ctx, answer.Body)
	if answer.StatusCode != http.StatusOK {
		body = io.LimitReader(body, 1<<20)
	}
	b, err := ReadBundle(body)
	switch {
	case answer.StatusCode != http.StatusOK && err == nil:
		return nil, fmt.Errorf("mcsd: GET %s: status %s", shown(at), quote.Line(answer.Status, 100))
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("mcsd: GET %s: status %s: %w", shown(at), quote.Line(answer.Status, 100), err)
	case err != nil:
		return nil, fmt.Errorf("mcsd: GET %s: %w", shown(at), err)
	}
	return b, nil
}
