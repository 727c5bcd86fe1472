package aggregatetest

import (
	"bytes"
	"context"
	"iter"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// An Engine answers queries; [aggregate.Cube] is one. Cells returns the cells
// in any order. It returns an error, such as an [hmis.Issue] with a code of
// DHIS2, as the last pair.
//
// If an Engine also has the methods Query, Explain or Plan of a Cube, they are
// tested too. Otherwise the blocks that explain or plan are skipped.
type Engine interface {
	Cells(context.Context, aggregate.Query) iter.Seq2[aggregate.Cell, error]
}

// A Subject is an engine under test.
type Subject struct {
	Name string

	// Load returns the engine for a world. It is called again after each block
	// that changes the world.
	Load func(context.Context, *World) (Engine, error)
}

// Cubes returns the engine of this module in three forms: a cube loaded at
// once, one grown by a few values at a time, and one written to a snapshot and
// opened again.
func Cubes() []Subject {
	return []Subject{
		{"loaded", func(ctx context.Context, w *World) (Engine, error) { return engine(w.Load(ctx)) }},
		{"grown", func(ctx context.Context, w *World) (Engine, error) { return engine(grown(ctx, w)) }},
		{"opened", func(ctx context.Context, w *World) (Engine, error) { return engine(opened(ctx, w)) }},
	}
}

// engine returns a Cube as an Engine. With an error it returns nil, and not an
// Engine that contains a nil Cube.
func engine(c *aggregate.Cube, err error) (Engine, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

// grownBy is the number of values that are added to a grown cube at a time.
const grownBy = 4

func grown(ctx context.Context, w *World) (*aggregate.Cube, error) {
	l, err := w.Loader()
	if err != nil {
		return nil, err
	}
	l.Completions = nil
	cube, err := l.Load(ctx, stream[hmis.DataValue](nil))
	for values := range slices.Chunk(w.Values, grownBy) {
		if err == nil {
			cube, err = cube.With(ctx, stream(values), nil)
		}
	}
	if err != nil {
		return nil, err
	}
	return cube.With(ctx, nil, stream(w.Completions))
}

func opened(ctx context.Context, w *World) (*aggregate.Cube, error) {
	cube, err := grown(ctx, w)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if _, err := cube.WriteTo(&file); err != nil {
		return nil, err
	}
	l, err := w.Loader()
	if err != nil {
		return nil, err
	}
	return l.Open(bytes.NewReader(file.Bytes()))
}
