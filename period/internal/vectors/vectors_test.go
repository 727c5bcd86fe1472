package vectors_test

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/period/internal/vectors"
)

// write makes a directory of files; those whose name ends in .gz are
// compressed.
func write(t *testing.T, files map[string]string) string {
	dir := t.TempDir()
	for name, text := range files {
		f, err := os.Create(filepath.Join(dir, name))
		require.NoError(t, err)
		if strings.HasSuffix(name, ".gz") {
			z := gzip.NewWriter(f)
			_, err = z.Write([]byte(text))
			require.NoError(t, err)
			require.NoError(t, z.Close())
		} else {
			_, err = f.WriteString(text)
			require.NoError(t, err)
		}
		require.NoError(t, f.Close())
	}
	return dir
}

const one = `{"sets":[{"set":"shift","calendar":"iso8601","columns":["id","n"],"rows":[["2024",1]]}]}`

func TestLoadReadsEveryFileOfAPattern(t *testing.T) {
	t.Setenv("HMIS_VECTORS", write(t, map[string]string{
		"periods_shift.json":     one,
		"periods_shift_2.json":   one,
		"periods_shift.json.gz":  one,
		"periods_other.json":     "not read",
		"periods_shift.json.bak": "not read",
	}))
	files, err := vectors.Load("elsewhere", "periods_shift*")
	require.NoError(t, err)
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
		for row := range f.Sets[0].Each {
			require.Equal(t, "2024", row.Text("id"))
			require.Equal(t, 1, row.Number("n"))
			require.Equal(t, 1, row.Tier())
		}
	}
	require.Equal(t, []string{"periods_shift.json", "periods_shift_2.json", "periods_shift.json.gz"}, names)
}

func TestLoadErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "EOF"},
		{one[:60], "unexpected EOF"},
		{"{}", "no rows"},
		{strings.Replace(one, `["2024",1]`, `["2024"]`, 1), "set shift, row 0: 1 cells in 2 columns"},
	}
	for _, tt := range tests {
		dir := write(t, map[string]string{"a.json": tt.text})
		t.Setenv("HMIS_VECTORS", dir)
		_, err := vectors.Load("", "a*")
		require.EqualError(t, err, filepath.Join(dir, "a.json")+": "+tt.want)
		_, err = vectors.Load("", "b*")
		require.EqualError(t, err, "no file b*.json or b*.json.gz in "+dir)
	}
}
