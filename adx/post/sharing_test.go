package post_test

import (
	"iter"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ohie-hmis/hmis-go/adx/post"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/stretchr/testify/require"
)

// TestSharing posts many messages at a time from one client to one handler.
func TestSharing(t *testing.T) {
	var stored atomic.Int64
	im := importer(t, new(int))
	im.Store = func(values iter.Seq2[hmis.DataValue, error]) error {
		for _, err := range values {
			if err != nil {
				return err
			}
			stored.Add(1)
		}
		return nil
	}
	server := httptest.NewServer(post.Handler{Import: im})
	defer server.Close()
	client := post.Client{URL: server.URL, Insecure: true, Gzip: true}
	const senders, each = 8, 5
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			for range each {
				answer, err := client.Send(t.Context(), strings.NewReader(message(good+unknown)))
				if err != nil || answer.Summary.Imported != 1 || answer.Summary.Ignored != 1 {
					t.Errorf("%+v, %v; want one value imported and one ignored", answer.Summary, err)
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, int64(senders*each), stored.Load())
}
