package vectors_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/period/internal/vectors"
)

// TestRun checks that every row of every file is asked about.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	const one = `{"sets":[{"set":"shift","calendar":"iso8601","columns":["id","n"],"rows":[["2024",1]]}]}`
	for _, name := range []string{"periods_shift.json", "periods_shift_2.json", "periods_other.json", "periods_shift.json.bak"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(one), 0o600))
	}
	t.Setenv("HMIS_VECTORS", "")
	asked := 0
	vectors.Run(t, dir, "periods_shift*", func(set *vectors.Set, row vectors.Row) vectors.Answer {
		asked++
		require.Equal(t, "2024", row.Text("id"))
		require.Equal(t, 1, row.Number("n"))
		require.Equal(t, 1, row.Tier())
		require.Equal(t, "!", row.Result("result"))
		return vectors.Answer{Got: set.Name, Want: "shift"}
	})
	require.Equal(t, 2, asked)
}
