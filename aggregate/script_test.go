package aggregate_test

import (
	"context"
	"iter"
	"path/filepath"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest"
	"github.com/stretchr/testify/require"
)

// A way is a cube that computes each query in another way, which must not change
// the answer.
type way struct {
	*aggregate.Cube
	change func(aggregate.Query) aggregate.Query
}

func (w way) Cells(ctx context.Context, q aggregate.Query) iter.Seq2[aggregate.Cell, error] {
	return w.Cube.Cells(ctx, w.change(q))
}

func (w way) Query(ctx context.Context, q aggregate.Query) (*aggregate.Table, error) {
	return w.Cube.Query(ctx, w.change(q))
}

func (w way) Explain(ctx context.Context, q aggregate.Query, cell aggregate.Cell) (*aggregate.Explanation, error) {
	return w.Cube.Explain(ctx, w.change(q), cell)
}

func workers(n int) func(aggregate.Query) aggregate.Query {
	return func(q aggregate.Query) aggregate.Query {
		q.Workers = n
		return q
	}
}

// subjects are the cubes of package aggregatetest, each asked as usual and in all
// other ways.
func subjects() []aggregatetest.Subject {
	ways := []struct {
		name   string
		change func(aggregate.Query) aggregate.Query
	}{
		{"", nil},
		{", with one worker", workers(1)},
		{", with 8 workers", workers(8)},
		{", row by row", aggregate.RowByRow},
	}
	var list []aggregatetest.Subject
	for _, s := range aggregatetest.Cubes() {
		for _, w := range ways {
			if w.change == nil {
				list = append(list, s)
				continue
			}
			list = append(list, aggregatetest.Subject{
				Name: s.Name + w.name,
				Load: func(ctx context.Context, world *aggregatetest.World) (aggregatetest.Engine, error) {
					e, err := s.Load(ctx, world)
					if err != nil {
						return nil, err
					}
					return way{e.(*aggregate.Cube), w.change}, nil
				},
			})
		}
	}
	return list
}

// TestScripts runs the scripts of package aggregatetest, whose numbers are worked
// out by hand from the rules that each names.
func TestScripts(t *testing.T) {
	aggregatetest.Conformance(t, subjects()...)
	stray, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join("testdata", "api.txt")}, stray, "scripts are in aggregatetest/scripts")
}
