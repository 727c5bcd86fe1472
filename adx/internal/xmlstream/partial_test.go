package xmlstream_test

import (
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
	"github.com/stretchr/testify/require"
)

// Long markup takes linear time, however small the pieces in which it arrives.
// A slow sender must not make a reader busy.
func TestDribbledMarkup(t *testing.T) {
	const n = 1 << 20
	limits := usual
	limits.Text, limits.Tag = 4*n, 4*n
	tests := map[string]struct{ in, err string }{
		"an attribute":             {`<a b="` + strings.Repeat("1", n) + `"/>`, ""},
		"ends that are none":       {`<a b="` + strings.Repeat(">", n) + `"/>`, ""},
		"quotes that are none":     {`<a b='` + strings.Repeat(`">`, n/2) + `'/>`, ""},
		"references":               {`<a b="` + strings.Repeat("&gt;", n/4) + `"/>`, ""},
		"line ends":                {`<a b="` + strings.Repeat("\r\n", n/2) + `"/>`, ""},
		"characters":               {`<a b="` + strings.Repeat("é", n/2) + `"/>`, ""},
		"blanks":                   {`<a` + strings.Repeat(" ", n) + `></a` + strings.Repeat(" ", n) + `>`, ""},
		"a name":                   {`<a` + strings.Repeat("a", n) + `/>`, ""},
		"a processing instruction": {`<?a` + strings.Repeat("a", n) + `?><a/>`, ""},
		"what has no end":          {`<a b="` + strings.Repeat(">", n), `1:1048583: the input ends within the start tag of line 1`},
		"what is wrong at the end": {`<a b="` + strings.Repeat(">", n) + `<`, `1:1048583: < in an attribute must be written &lt;`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			_, err := events(iotest.OneByteReader(strings.NewReader(tt.in)), limits)
			if tt.err == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, tt.err)
			}
			require.Less(t, time.Since(begin), 10*time.Second)
		})
	}
}

// A token is read as soon as it has arrived, so that a sender can wait for an
// answer.
func TestNoWaiting(t *testing.T) {
	pieces := []string{"<a b='1", "'>", "<b", "/>", "</", "a>"}
	left := pieces
	r := readerFunc(func(p []byte) (int, error) {
		if len(left) == 0 {
			panic("nothing more may be asked for")
		}
		n := copy(p, left[0])
		left = left[1:]
		return n, nil
	})
	s := xmlstream.New(r, usual)
	for i, want := range []xmlstream.Token{xmlstream.Start, xmlstream.Start, xmlstream.End} {
		token, err := s.Next()
		require.NoError(t, err)
		require.Equal(t, want, token)
		require.Len(t, left, len(pieces)-2*(i+1))
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
