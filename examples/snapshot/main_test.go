package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// want returns the answer of a cube that was never written to a file.
func want(t *testing.T) string {
	cube, err := country.Load(t.Context())
	require.NoError(t, err)
	table, err := cube.Query(t.Context(), aggregate.Query{
		Data:     []indicator.Item{{ID: "inDelivery1"}},
		OrgUnits: cube.Tree().AtLevel(2),
		Periods:  period.MustParse("2025").Split(period.Quarterly),
	})
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, table.WriteCSV(&text))
	return text.String()
}

// The first run writes the file and the second one opens it. Both give the same
// answer.
func TestRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tamaria.cube")
	for _, lines := range []int{2, 1} {
		var out, log bytes.Buffer
		require.NoError(t, run(context.Background(), []string{"-file", file}, &out, &log))
		require.Equal(t, want(t), out.String())
		require.Equal(t, lines, strings.Count(log.String(), "\n"), log.String())
		require.Contains(t, log.String(), "opened 136307 values")
	}
	left, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	require.Len(t, left, 1, "no half of a file is left")
}

func TestRunTemporary(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var out, log bytes.Buffer
	require.NoError(t, run(context.Background(), nil, &out, &log))
	require.Equal(t, want(t), out.String())
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestRunRefuses(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.cube")
	require.NoError(t, os.WriteFile(broken, []byte("not a cube"), 0o666))
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"tamaria.cube"}, `"tamaria.cube": want flags only`},
		{[]string{"-file", broken}, broken + ": "},
		{[]string{"-file", filepath.Join(broken, "x")}, "not a directory"},
	}
	for _, tt := range tests {
		var out, log bytes.Buffer
		require.ErrorContains(t, run(context.Background(), tt.args, &out, &log), tt.want)
		require.Empty(t, out.String())
	}
}
