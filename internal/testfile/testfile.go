// Package testfile finds and opens the files that tests compare with: results
// of a DHIS2 server, and real data from a folder beside the repository.
package testfile

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// module is the first line of the go.mod at the root of the repository. Nested
// modules have another one.
const module = "module github.com/ohie-hmis/hmis-go\n"

// Root returns the root of the repository, which is above the folder that a
// test runs in.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && bytes.HasPrefix(text, []byte(module)) {
			return dir
		}
		above := filepath.Dir(dir)
		if above == dir {
			t.Fatal("no go.mod of hmis-go in this folder or above")
		}
		dir = above
	}
}

// fromRoot returns a path unchanged if it exists. Otherwise it returns it as a
// path from the root of the repository.
func fromRoot(t testing.TB, path string) string {
	t.Helper()
	if _, err := os.Stat(path); err == nil || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(Root(t), path)
}

// sharedData is the folder of real data, relative to the root of the
// repository.
var sharedData = filepath.Join("..", "shared", "data")

// DataDir returns the folder with real data: $HMIS_DATA, or ../shared/data from
// the root of the repository. It skips the test if the folder does not exist.
func DataDir(t testing.TB) string {
	t.Helper()
	dir := fromRoot(t, cmp.Or(os.Getenv("HMIS_DATA"), sharedData))
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real data in %s; set HMIS_DATA", dir)
	}
	return dir
}

// Data returns the files of real data that match a pattern, such as
// "sierra-leone/*.csv.gz", sorted. It skips the test if there is no real data,
// and fails it if no file matches.
func Data(t testing.TB, patterns ...string) []string {
	t.Helper()
	dir := DataDir(t)
	var files []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		files = append(files, found...)
	}
	require.NotEmpty(t, files, "no file %v in %s", patterns, dir)
	slices.Sort(files)
	return slices.Compact(files)
}

// Companion returns a file that a test needs in addition to its data, such as
// the metadata for some values. It is in $HMIS_DATA, or else in the shared
// data. Without the file the test is skipped.
func Companion(t testing.TB, name string) string {
	t.Helper()
	for _, dir := range []string{DataDir(t), filepath.Join(Root(t), sharedData)} {
		file := filepath.Join(dir, name)
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	t.Skipf("no %s in the real data", name)
	return ""
}

// vectorsDir returns $HMIS_VECTORS, or testdata/vectors of the package.
func vectorsDir(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("HMIS_VECTORS"); dir != "" {
		return fromRoot(t, dir)
	}
	return filepath.Join("testdata", "vectors")
}

// Vectors returns the files of results that match a pattern without an ending,
// such as "periods_parse*" or "server/analytics-*". They end in .json or
// .jsonl, also with .gz, and are in $HMIS_VECTORS or, if that is not set, in
// testdata/vectors of the package. It fails the test if there are none.
func Vectors(t testing.TB, pattern string) []string {
	t.Helper()
	dir := vectorsDir(t)
	var files []string
	for _, ending := range []string{".json", ".json.gz", ".jsonl", ".jsonl.gz"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern+ending))
		require.NoError(t, err)
		files = append(files, found...)
	}
	require.NotEmpty(t, files, "no file %s.json, .jsonl or either with .gz in %s", pattern, dir)
	return files
}

// Input returns a file that vectors refer to, such as
// "server/synthetic-metadata.json"; it may also end in .gz. The file is in
// $HMIS_VECTORS, or else in testdata/vectors of the package, or else in this
// package, which has the files that several packages need. Without the file the
// test fails.
func Input(t testing.TB, name string) string {
	t.Helper()
	own := filepath.Join(Root(t), "internal", "testfile")
	plain := strings.TrimSuffix(name, ".gz")
	for _, dir := range []string{vectorsDir(t), filepath.Join("testdata", "vectors"), filepath.Join(own, "testdata", "vectors")} {
		for _, name := range []string{plain, plain + ".gz"} {
			file := filepath.Join(dir, name)
			if _, err := os.Stat(file); err == nil {
				return file
			}
		}
	}
	t.Fatalf("no %s in %s, testdata/vectors or internal/testfile/testdata/vectors", name, vectorsDir(t))
	return ""
}

// Open opens a file until the test ends. A file whose name ends in .gz is
// decompressed.
func Open(t testing.TB, name string) io.Reader {
	t.Helper()
	f, err := os.Open(name)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	if !strings.HasSuffix(name, ".gz") {
		return f
	}
	z, err := gzip.NewReader(f)
	require.NoError(t, err, name)
	return z
}

// Read returns the text of a file. A file whose name ends in .gz is
// decompressed.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	text, err := io.ReadAll(Open(t, name))
	require.NoError(t, err, name)
	return text
}

// JSON reads a file that holds one JSON value. A file whose name ends in .gz is
// decompressed.
func JSON(t testing.TB, name string, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(Read(t, name), into), name)
}

// Lines returns the JSON values of a file that holds one on each line. A file
// whose name ends in .gz is decompressed. It fails the test if there are none.
func Lines[T any](t testing.TB, name string) iter.Seq[T] {
	t.Helper()
	in := json.NewDecoder(bufio.NewReader(Open(t, name)))
	return func(yield func(T) bool) {
		for n := 1; ; n++ {
			var line T
			err := in.Decode(&line)
			if err == io.EOF && n > 1 {
				return
			}
			require.NoError(t, err, "%s: line %d", name, n)
			if !yield(line) {
				return
			}
		}
	}
}
