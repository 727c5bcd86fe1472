package post_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ohie-hmis/hmis-go/adx/post"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/stretchr/testify/require"
)

// An adder store counts the values of all its transactions.
type adder struct{ n *atomic.Int64 }

func (a adder) Begin(context.Context) (entry.Tx, error) { return a, nil }
func (a adder) Stored(context.Context, []hmis.Key) (map[hmis.Key]hmis.DataValue, error) {
	return nil, nil
}
func (a adder) Put(_ context.Context, values []hmis.DataValue) error {
	a.n.Add(int64(len(values)))
	return nil
}
func (a adder) Complete(context.Context, []hmis.Completion) error { return nil }
func (a adder) Commit(context.Context) error                      { return nil }
func (a adder) Rollback(context.Context) error                    { return nil }

// TestSharing posts many messages at the same time, from one client to one
// handler.
func TestSharing(t *testing.T) {
	var stored atomic.Int64
	im := importer(t, nil)
	im.Store = adder{&stored}
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
