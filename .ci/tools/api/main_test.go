package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const source = `package fruit

import "io"

// An Apple is a fruit.
type Apple struct {
	Color  string
	weight int
	io.Reader
}

func (a *Apple) Eat(n int) error { return a.bite(n) }
func (a *Apple) bite(int) error  { return nil }

type Kind uint8

const (
	Sweet Kind = iota
	sour
)

var Seeds, pips = 1, 2

func Grow[T any](seed T) (Apple, error) { return Apple{}, nil }
`

// The surface of a package is what users can name, and nothing else.
func TestSurface(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "fruit.go"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := surface(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"const Sweet",
		"func (a *Apple) Eat(n int) error",
		"func Grow[T any](seed T) (Apple, error)",
		"type Apple struct",
		"type Apple struct, Color string",
		"type Apple struct, embedded io.Reader",
		"type Kind uint8",
		"var Seeds",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A list that is missing, or that says something else, is an error that says so.
func TestCompare(t *testing.T) {
	file := filepath.Join(t.TempDir(), "testdata", "api.txt")
	if err := compare(file, []string{"func A()", "func B()"}); err == nil || err.Error() != file+": there is no list of 2 exported names" {
		t.Errorf("without a list: %v", err)
	}
	if err := write(file, []string{"func A()", "func C()"}); err != nil {
		t.Fatal(err)
	}
	if err := compare(file, []string{"func A()", "func C()"}); err != nil {
		t.Errorf("the same: %v", err)
	}
	if err := compare(file, []string{"func A()", "func B()"}); err == nil || err.Error() != file+": - func C()\n"+file+": + func B()" {
		t.Errorf("another: %v", err)
	}
}

// Packages are those that users can import.
func TestPackages(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a/a.go", "a/internal/x/x.go", "a/testdata/y.go", "examples/z.go", "nested/go.mod", "nested/n.go", ".ci/c.go", "a/b/b.go", "empty/README.md"} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := packages(root)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{filepath.Join(root, "a"), filepath.Join(root, "a/b")}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
