package aggregate_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/script"
	"github.com/stretchr/testify/require"
)

// ways are the ways to compute a query beside the usual one.
var ways = []script.Way{
	{Name: "with one worker", Change: workers(1)},
	{Name: "with 8 workers", Change: workers(8)},
	{Name: "row by row", Change: aggregate.RowByRow},
}

func workers(n int) func(aggregate.Query) aggregate.Query {
	return func(q aggregate.Query) aggregate.Query {
		q.Workers = n
		return q
	}
}

// TestScripts runs testdata/*.txt, whose language package script describes.
// Their numbers are worked out by hand from the analytics specification; each
// file names the sections that it is about.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	files = slices.DeleteFunc(files, func(file string) bool {
		return filepath.Base(file) == "api.txt" // the list of exported names
	})
	require.NotEmpty(t, files)
	total := 0
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			queries, problems := script.Run(file, string(text), ways...)
			for _, p := range problems {
				t.Error(p)
			}
			if queries == 0 {
				t.Errorf("%s asks nothing", file)
			}
			total += queries
		})
	}
	t.Logf("%d files, %d queries, each of 3 cubes in %d ways", len(files), total, len(ways)+1)
}
