package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
)

// align runs the command and returns what it writes.
func align(t *testing.T, args ...string) string {
	t.Helper()
	var out, log bytes.Buffer
	require.NoError(t, run(t.Context(), args, &out, &log))
	require.Empty(t, log.String())
	return out.String()
}

// The report of the made-up funder. After a change that is meant, write it anew
// with HMIS_UPDATE=1, and read it.
func TestReport(t *testing.T) {
	golden := filepath.Join("testdata", "alignment.txt")
	out := align(t)
	if os.Getenv("HMIS_UPDATE") != "" {
		require.NoError(t, os.WriteFile(golden, []byte(out), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%.4000s", golden, diff)
	}
}

// The values are a file that other programs read.
func TestValues(t *testing.T) {
	for _, args := range [][]string{{"-output", "csv"}, {"-output", "csv", "-inexact"}} {
		elements := map[string]int{}
		for v, err := range (dhis2.Format{CSV: true}).Read(strings.NewReader(align(t, args...)), nil) {
			require.NoError(t, err)
			elements[string(v.DataElement)]++
		}
		require.Equal(t, 95*3, elements["MAL_TREAT"], "sites and years")
		require.Equal(t, len(args) == 3, elements["ACT_AVAIL"] > 0)
	}
}

func TestOwnFiles(t *testing.T) {
	dir := t.TempDir()
	mapFile, siteFile := filepath.Join(dir, "map.csv"), filepath.Join(dir, "sites.csv")
	require.NoError(t, os.WriteFile(mapFile, []byte("source,target\ndeIptpThird,IPTP3\n"), 0o666))
	require.NoError(t, os.WriteFile(siteFile, []byte("site,code,name,district,closed,treated\nS1,HF0001,One,Ambari,,\n"), 0o666))
	out := align(t, "-map", mapFile, "-sites", siteFile)
	require.Contains(t, out, "What is doubtful in the map\n  nothing\n")
	require.Contains(t, out, "23 of 136307 values were mapped")
}

func TestRunRefuses(t *testing.T) {
	file := func(text string) string {
		name := filepath.Join(t.TempDir(), "x.csv")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
		return name
	}
	const heading = "site,code,name,district,closed,treated\n"
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"map.csv"}, `"map.csv": want flags only`},
		{[]string{"-output", "xml"}, `-output "xml": want text or csv`},
		{[]string{"-map", "none.csv"}, "no such file"},
		{[]string{"-map", file("source\nA\n")}, "hmis: line 1: no column target"},
		{[]string{"-sites", file("")}, "sites: EOF"},
		{[]string{"-sites", file("site\n")}, `sites: columns ["site"]: want [`},
		{[]string{"-sites", file(heading + "S1,HF0001,One,Ambari,yes,\n")}, "sites: line 2: period: "},
		{[]string{"-sites", file(heading + "S1,HF0001,One,Ambari,,many\n")}, `sites: line 2: treated "many": want a number`},
		{[]string{"-sites", file(heading + "S1,HF0001,One,Ambari,,\nS2,HF0001,Two,Ambari,,\n")}, "ORGUNIT_AMBIGUOUS: organisationUnit ouFacil0001"},
	}
	for _, tt := range tests {
		var out, log bytes.Buffer
		require.ErrorContains(t, run(t.Context(), tt.args, &out, &log), tt.want)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	var out, log bytes.Buffer
	require.ErrorIs(t, run(ended, nil, &out, &log), context.Canceled)
}
