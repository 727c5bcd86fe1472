package post_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/adx/madx"
	"github.com/ohie-hmis/hmis-go/adx/post"
)

// A forever reader repeats a text without end.
type forever struct{ text, rest string }

func (f *forever) Read(p []byte) (int, error) {
	if f.rest == "" {
		f.rest = f.text
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// TestContexts ends the context of each long call, while its input goes on
// forever and while it waits. The call must soon return the error of the
// context.
func TestContexts(t *testing.T) {
	const adxRoot = `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">`
	last := func(findings func(func(adx.Finding, error) bool)) (err error) {
		for _, e := range findings {
			err = e
		}
		return err
	}
	groups := func(groups func(func(adx.Group, error) bool)) (err error) {
		for _, e := range groups {
			err = e
		}
		return err
	}
	none, err := dsd.New(dsd.Structure{ID: "D", Elements: []dsd.Element{{Code: "E"}}})
	require.NoError(t, err)
	for _, tt := range []struct {
		name, begin, more string
		run               func(ctx context.Context, in io.Reader) error
	}{
		{"adx.Reader", adxRoot, `<group dataSet="D" orgUnit="U" period="2026-01-01/P1M"><dataValue dataElement="E" value="1"/></group>`, func(_ context.Context, in io.Reader) error {
			r := adx.NewReader(in)
			r.Reject = func(adx.Finding) {}
			return groups(r.Groups())
		}},
		{"adx.Reader in one group", adxRoot + `<group dataSet="D" orgUnit="U" period="2026-01-01/P1M">`, `<dataValue dataElement="E" value="1"/>`, func(_ context.Context, in io.Reader) error {
			r := adx.NewReader(in)
			r.Limits = adx.Limits{Group: -1, Memory: -1}
			r.Reject = func(adx.Finding) {}
			return groups(r.Groups())
		}},
		{"adx.Reader in an unknown element", adxRoot + `<x>`, `<y a="1"/>`, func(_ context.Context, in io.Reader) error {
			r := adx.NewReader(in)
			r.Tolerant = true
			return groups(r.Groups())
		}},
		{"dsd.Checker.Message", adxRoot, `<group dataSet="D" orgUnit="U" period="2026-01-01/P1M"><dataValue dataElement="E" value="1"/></group>`, func(_ context.Context, in io.Reader) error {
			return last(dsd.Checker{Definition: none}.Message(in))
		}},
		{"dsd.Read", `<Structure xmlns="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message">`, ` <!-- more -->`, func(_ context.Context, in io.Reader) error {
			_, err := dsd.Read(in, nil)
			return err
		}},
		{"madx.Format.Read", `{"resourceType":"Bundle","entry":[{}`, `,{"resource":{"resourceType":"Location"}}`, func(_ context.Context, in io.Reader) error {
			return groups(madx.Format{}.Read(in))
		}},
		{"madx.ReadMeasure", `{"resourceType":"Measure","x":[1`, `,2`, func(_ context.Context, in io.Reader) error {
			_, err := madx.ReadMeasure(in, nil)
			return err
		}},
		{"madx.ReadValueSets", `{"resourceType":"Bundle","x":[1`, `,2`, func(_ context.Context, in io.Reader) error {
			_, err := madx.ReadValueSets(in)
			return err
		}},
		{"adx.Import.Run", adxRoot, `<group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M"><dataValue dataElement="?" value="1"/></group>`, func(ctx context.Context, in io.Reader) error {
			_, err := adx.Import{Mapper: adx.Mapper{Catalog: clinic(t)}}.Run(ctx, adx.NewReader(in))
			return err
		}},
		{"post.Client.Send", "", "", func(ctx context.Context, _ io.Reader) error {
			gone := make(chan struct{})
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-gone }))
			defer server.Close()
			defer close(gone)
			_, err := post.Client{URL: server.URL, Insecure: true}.Send(ctx, strings.NewReader(message(good)))
			return err
		}},
		{"post.Client.Send between attempts", "", "", func(ctx context.Context, _ io.Reader) error {
			server := httptest.NewServer(http.HandlerFunc(status(503)))
			defer server.Close()
			_, err := post.Client{URL: server.URL, Insecure: true, Wait: func(int) time.Duration { return time.Hour }, MaxWait: time.Hour}.Send(ctx, strings.NewReader(message(good)))
			return err
		}},
		{"post.Client.Send between polls", "", "", func(ctx context.Context, _ io.Reader) error {
			server := httptest.NewServer(http.HandlerFunc(status(202, "Location", "/x", "Retry-After", "3600")))
			defer server.Close()
			_, err := post.Client{URL: server.URL, Insecure: true, MaxWait: time.Hour}.Send(ctx, strings.NewReader(message(good)))
			return err
		}},
	} {
		nothing := make(waiting)
		defer close(nothing)
		for kind, rest := range map[string]io.Reader{"fed": &forever{text: tt.more}, "waiting": nothing} {
			if tt.more == "" && kind == "fed" {
				continue
			}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan time.Time, 1)
			time.AfterFunc(20*time.Millisecond, func() { ended <- time.Now(); cancel() })
			err := tt.run(ctx, adx.WithContext(ctx, io.MultiReader(strings.NewReader(tt.begin), rest)))
			late := time.Since(<-ended)
			require.ErrorIs(t, err, context.Canceled, "%s, %s", tt.name, kind)
			// It is 50 ms on an idle machine, but this one may be busy.
			require.Less(t, late, 5*time.Second, "%s, %s", tt.name, kind)
		}
	}
}
