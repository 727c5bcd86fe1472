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

// A World is metadata and values, as a text describes them. It can be changed
// until it is used; what was made of it before stays as it is.
type World struct {
	Metadata    hmis.Metadata
	Values      []hmis.DataValue // in the order given; of equal keys the later one counts
	Completions []hmis.Completion

	names map[hmis.UID]string
}

// New returns the world that a text describes with the blocks of the world and
// of values. It fails the test if the text makes no sense.
func New(t testing.TB, text string) *World {
	t.Helper()
	w, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Parse is like [New] outside of a test.
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

// Catalog returns the metadata, indexed.
func (w *World) Catalog() (*hmis.Catalog, error) { return hmis.NewCatalog(w.Metadata) }

// Tree returns the org units with their groups.
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

// Cube is like [World.Load], but fails the test if there is an error.
func (w *World) Cube(t testing.TB) *aggregate.Cube {
	t.Helper()
	cube, err := w.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return cube
}

// Query returns the query that a line of a script asks, such as
//
//	sum BCG by District over 2024Q1, 2024Q2
//
// It fails the test if the line makes no sense.
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

// Named returns text with the names of the world in place of its ids, so that
// it can be compared with what a person would write.
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

// stream returns a list as a stream that can be read again and again.
func stream[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}
