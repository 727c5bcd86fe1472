package cancel_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/internal/cancel"
	"github.com/stretchr/testify/require"
)

// A broken reader is a connection that was lost.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

// A Reader returns the bytes and the errors of its input until the context ends.
func TestReader(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	defer end()
	text := strings.Repeat("0123456789", 10_000)
	got, err := io.ReadAll(cancel.Reader(ctx, strings.NewReader(text)))
	require.NoError(t, err)
	require.Equal(t, text, string(got))
	r := cancel.Reader(ctx, io.MultiReader(strings.NewReader("abc"), broken{}))
	got, err = io.ReadAll(r)
	require.ErrorContains(t, err, "connection reset")
	require.Equal(t, "abc", string(got))
	plain := strings.NewReader("x")
	require.Same(t, plain, cancel.Reader(context.Background(), plain), "nothing can end this context")
	end()
	_, err = cancel.Reader(ctx, strings.NewReader("x")).Read(make([]byte, 1))
	require.ErrorIs(t, err, context.Canceled)
}
