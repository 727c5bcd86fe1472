package testfile_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/internal/testfile"
)

// write makes a folder of files. Those whose name ends in .gz are compressed.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		f, err := os.Create(path)
		require.NoError(t, err)
		var w io.WriteCloser = f
		if strings.HasSuffix(name, ".gz") {
			w = gzip.NewWriter(f)
		}
		_, err = io.WriteString(w, text)
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	return dir
}

// An end is how a test ended before its function returned.
type end struct {
	testing.TB
	failed, skipped string
}

func (e *end) Helper() {}

func (e *end) Errorf(format string, args ...any) { e.failed = fmt.Sprintf(format, args...) }

func (e *end) FailNow() { runtime.Goexit() }

func (e *end) Fatal(args ...any) { e.failed = fmt.Sprint(args...); runtime.Goexit() }

func (e *end) Fatalf(format string, args ...any) { e.Errorf(format, args...); runtime.Goexit() }

func (e *end) Skipf(format string, args ...any) {
	e.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// ends returns how f ends the test that it gets.
func ends(t *testing.T, f func(testing.TB)) *end {
	e := &end{TB: t}
	done := make(chan bool)
	go func() {
		defer close(done)
		f(e)
	}()
	<-done
	return e
}

func names(paths []string) (out []string) {
	for _, p := range paths {
		out = append(out, filepath.Base(p))
	}
	return out
}

func TestVectors(t *testing.T) {
	dir := write(t, map[string]string{
		"a_1.json": "1", "a_2.json.gz": "2", "a_3.jsonl": "3\n4", "a_4.jsonl.gz": "5\n", "a_5.json.bak": "", "b.json": "6",
		"server/a_6.jsonl.gz": "7",
	})
	t.Setenv("HMIS_VECTORS", dir)
	require.Equal(t, []string{"a_1.json", "a_2.json.gz", "a_3.jsonl", "a_4.jsonl.gz"}, names(testfile.Vectors(t, "a_*")))
	require.Equal(t, []string{"a_6.jsonl.gz"}, names(testfile.Vectors(t, "server/a*")))
	require.Contains(t, ends(t, func(tb testing.TB) { testfile.Vectors(tb, "c*") }).failed, "no file c*.json")

	var got []int
	for _, file := range testfile.Vectors(t, "a_*") {
		got = slices.AppendSeq(got, testfile.Lines[int](t, file))
	}
	require.Equal(t, []int{1, 2, 3, 4, 5}, got)
	var n int
	testfile.JSON(t, filepath.Join(dir, "a_2.json.gz"), &n)
	require.Equal(t, 2, n)
}

func TestLinesErrors(t *testing.T) {
	dir := write(t, map[string]string{"empty.jsonl": "", "broken.jsonl": "1\n{"})
	for name, want := range map[string]string{"empty.jsonl": "EOF", "broken.jsonl": "unexpected EOF"} {
		e := ends(t, func(tb testing.TB) {
			for range testfile.Lines[any](tb, filepath.Join(dir, name)) {
			}
		})
		require.Contains(t, e.failed, want, name)
	}
}

func TestInput(t *testing.T) {
	const name = "server/synthetic-metadata.json.gz"
	t.Setenv("HMIS_VECTORS", write(t, map[string]string{"server/other.json": ""}))
	file := testfile.Input(t, name)
	require.False(t, strings.HasPrefix(file, os.Getenv("HMIS_VECTORS")), file)
	require.NotEmpty(t, testfile.Read(t, file))

	own := write(t, map[string]string{"server/synthetic-metadata.json": "{}"})
	t.Setenv("HMIS_VECTORS", own)
	require.Equal(t, filepath.Join(own, "server/synthetic-metadata.json"), testfile.Input(t, name))
	require.Contains(t, ends(t, func(tb testing.TB) { testfile.Input(tb, "server/none") }).failed, "no server/none in ")
}

func TestData(t *testing.T) {
	dir := write(t, map[string]string{"x/b.csv": "", "x/a.csv": "", "x/c.txt": ""})
	t.Setenv("HMIS_DATA", dir)
	require.Equal(t, []string{"a.csv", "b.csv"}, names(testfile.Data(t, "x/*.csv", "x/a*")))
	require.Equal(t, filepath.Join(dir, "x", "c.txt"), testfile.Companion(t, "x/c.txt"))
	require.Contains(t, ends(t, func(tb testing.TB) { testfile.Data(tb, "y*") }).failed, "no file [y*]")
	require.Equal(t, "no y in the real data", ends(t, func(tb testing.TB) { testfile.Companion(tb, "y") }).skipped)

	t.Setenv("HMIS_DATA", filepath.Join(dir, "nowhere"))
	require.Contains(t, ends(t, func(tb testing.TB) { testfile.Data(tb, "x*") }).skipped, "no real data in ")
}

// A path that does not exist in the test's folder is one from the root.
func TestPathFromRoot(t *testing.T) {
	t.Setenv("HMIS_VECTORS", "internal/testfile/testdata/vectors")
	file := testfile.Input(t, "server/synthetic-minmax.json.gz")
	require.Equal(t, filepath.Join(testfile.Root(t), "internal/testfile/testdata/vectors/server/synthetic-minmax.json.gz"), file)
}

// The origin of every file of vectors is documented: the README.md of its
// folder, or of the folder above, names it in back quotes.
func TestProvenance(t *testing.T) {
	root := testfile.Root(t)
	found := 0
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		vectors, _, ok := strings.Cut(file, string(filepath.Separator)+"vectors"+string(filepath.Separator))
		if err != nil || !ok || d.IsDir() || filepath.Base(vectors) != "testdata" || filepath.Base(file) == "README.md" {
			return err
		}
		found++
		for _, dir := range []string{filepath.Dir(file), filepath.Join(vectors, "vectors")} {
			name, err := filepath.Rel(dir, file)
			require.NoError(t, err)
			note, _ := os.ReadFile(filepath.Join(dir, "README.md"))
			for i, pattern := range strings.Split(string(note), "`") {
				if match, err := path.Match(pattern, filepath.ToSlash(name)); i%2 == 1 && err == nil && match {
					return nil
				}
			}
		}
		t.Errorf("%s: no README.md beside it names it", strings.TrimPrefix(file, root))
		return nil
	})
	require.NoError(t, err)
	require.Positive(t, found)
}
