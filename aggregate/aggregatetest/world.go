package aggregatetest

import (
	"context"
	"iter"
	"maps"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

// A World has the metadata and values that a text describes. Changing it does
// not affect catalogs and cubes that were made before.
type World struct {
	Metadata    hmis.Metadata
	Values      []hmis.DataValue // in the given order; of equal keys the later one counts
	Completions []hmis.Completion

	names map[hmis.UID]string
}

// New returns the world that a text describes with the blocks of the world and
// of values. The test fails if the text cannot be parsed.
func New(t testing.TB, text string) *World {
	t.Helper()
	w, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Parse returns the world that a text describes, like [New], for use outside a
// test.
func Parse(text string) (*World, error) {
	list, err := blocks("text", text)
	if err != nil {
		return nil, err
	}
	r := newReader("text")
	for _, b := range list {
		ok, err := r.read(b)
		if err == nil && !ok {
			err = at(r.file, b.line, "want a block of the world or of values")
		}
		if err != nil {
			return nil, err
		}
	}
	return r.World, nil
}

// Catalog returns the metadata as a catalog.
func (w *World) Catalog() (*hmis.Catalog, error) { return hmis.NewCatalog(w.Metadata) }

// Tree returns the tree of the org units with their groups.
func (w *World) Tree() (*orgunit.Tree, error) {
	return orgunit.NewTree(w.Metadata.OrgUnits, w.Metadata.Groups...)
}

// Loader returns a Loader with the catalog, tree and completions of the world.
func (w *World) Loader() (aggregate.Loader, error) {
	c, err := w.Catalog()
	if err != nil {
		return aggregate.Loader{}, err
	}
	tree, err := w.Tree()
	return aggregate.Loader{Catalog: c, Tree: tree, Completions: stream(w.Completions)}, err
}

// Load returns a cube of the values and completions.
func (w *World) Load(ctx context.Context) (*aggregate.Cube, error) {
	l, err := w.Loader()
	if err != nil {
		return nil, err
	}
	return l.Load(ctx, stream(w.Values))
}

// Cube returns a cube like [World.Load]. The test fails if there is an error.
func (w *World) Cube(t testing.TB) *aggregate.Cube {
	t.Helper()
	cube, err := w.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return cube
}

// Query returns the query in a line of a script, such as
//
//	sum BCG by District over 2024Q1, 2024Q2
//
// The test fails if the line cannot be parsed.
func (w *World) Query(t testing.TB, line string) aggregate.Query {
	t.Helper()
	r := newReader("query")
	r.World = w
	list, err := blocks(r.file, line)
	if err == nil && len(list) != 1 {
		t.Fatalf("%q: want one query", line)
	}
	if err != nil {
		t.Fatal(err)
	}
	q, ok, err := r.question(list[0])
	if err != nil {
		t.Fatal(err)
	}
	if !ok || q.explain || q.plan || q.parts {
		t.Fatalf("%q: want a query that begins with show or an aggregation", line)
	}
	return q.Query
}

// Named returns text with names in place of the ids of the world, so that tests
// can compare it with readable text.
func (w *World) Named(text string) string {
	return longName.ReplaceAllStringFunc(text, func(uid string) string {
		if name, ok := w.names[hmis.UID(uid)]; ok {
			return name
		}
		return uid
	})
}

// clone returns a copy that later blocks do not change.
func (w *World) clone() *World {
	c := *w
	c.names = maps.Clone(w.names)
	return &c
}

// stream returns a list as a stream that can be read several times.
func stream[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}
