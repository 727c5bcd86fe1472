package aggregatetest_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/stretchr/testify/require"
)

// country is the beginning of all scripts in these tests: lines 1 to 11.
const country = `units
	Bo
		Nge
		Baw
elements
	BCG  number  SUM
	DPT  number  SUM
load
	BCG  Nge  202401  32
	BCG  Baw  202402  5
	DPT  Nge  202401  1
`

// A script whose answers are right has no problems. Each kind of problem is
// reported with file and line.
func TestCheck(t *testing.T) {
	tests := []struct {
		name, script string
		want         []string
	}{
		{"holds", "sum BCG by Bo over 2024Q1\n\t37\n", nil},
		{"name of what there is one of", "show BCG by Bo over 2024Q1\n\tBCG Bo 2024Q1 37 # all of it\n", nil},
		{"columns", "show BCG by Nge, Baw over 202401, 202402\n\t     202401  202402\n\tNge  32      -\n\tBaw  -       5\n", nil},
		{"wrong value", "sum BCG by Bo over 2024Q1\n\t36\n", []string{"s.txt:13: the cell: got 37, want 36"}},
		{"wrong value in a column", "show BCG by Nge, Baw over 202401, 202402\n\t     202401  202402\n\tNge  32      -\n\tBaw  -       6\n",
			[]string{"s.txt:15: Baw 202402: got 5, want 6"}},
		{"a cell too many", "show BCG by Nge, Baw over 2024Q1\n\tNge 32\n", []string{"s.txt:12: Baw: got 5, want no such cell"}},
		{"a cell too few", "show BCG by Nge, Baw over 202401\n\tNge 32\n\tBaw 5\n", []string{"s.txt:14: Baw: no such cell, want 5"}},
		{"a cell twice", "show BCG by Nge over 202401\n\t32\n\tNge 32\n", []string{"s.txt:14: the cell is there twice"}},
		{"a value where there is none", "show BCG by Nge over 202401\n\t-\n", []string{"s.txt:13: the cell: got 32, want -"}},
		{"not nothing", "show BCG by Nge over 202401\n\tnothing\n", []string{"s.txt:12: the cell: got 32, want no such cell"}},
		{"no answer below", "show BCG by Nge over 202401\n", []string{"s.txt:12: a query without an answer below it", "s.txt:12: the cell: got 32, want no such cell"}},
		{"no error", "show BCG by Nge over 202401\n\terror E7115\n", []string{"s.txt:13: got an answer, want error E7115"}},
		{"another error", "show BCG by Nge\n\terror E7115\n",
			[]string{"s.txt:13: got error hmis: E7104: Periods: no period, nor a first and last day, want E7115"}},
		{"an error", "show BCG by Nge\n\t32\n", []string{"s.txt:12: hmis: E7104: Periods: no period, nor a first and last day"}},
		{"another explanation", "explain show DPT by Bo over 202401\n\tDPT Bo 202401 = 2: sum over org units and time\n",
			[]string{"s.txt:13: want another explanation:\nDPT Bo 202401 = 1: sum over org units and time\n  DPT default default Nge 202401: 1"}},
		{"a longer explanation", "explain show DPT by Bo over 202401\n\tDPT Bo 202401 = 1: sum over org units and time\n",
			[]string{"s.txt:12: the explanation goes on:   DPT default default Nge 202401: 1"}},
		{"explanation of two", "explain show BCG by Nge, Baw over 2024\n\tBCG\n", []string{"s.txt:12: an explanation is of one cell, not of 2"}},

		{"unknown block", "weird things\n", []string{"s.txt:12: neither a block nor a query"}},
		{"unknown name", "load\n\tBCG  Bombali  202401  5\n", []string{`s.txt:13: nothing is named "Bombali"`}},
		{"a name twice", "elements\n\tNge  number  SUM\n", []string{`s.txt:13: "Nge" is already the name of something, "Nge"`}},
		{"a long name", "elements\n\tVaccinations  number  SUM\n", []string{`s.txt:13: "Vaccinations" is no name: want up to 11 letters and digits`}},
		{"bad period", "load\n\tBCG  Nge  2024Q9  5\n", []string{`s.txt:13: period: "2024Q9": want quarter 1 to 4 at offset 5`}},
		{"short row", "load\n\tBCG  Nge  202401\n", []string{"s.txt:13: want a data element, an org unit, a period and a value"}},
		{"short table", "load BCG\n\t     202401  202402\n\tNge  5\n", []string{"s.txt:14: 1 values for 2 periods"}},
		{"unknown setting", "show BCG by Nge over 202401 with care\n\t32\n", []string{`s.txt:12: unknown setting "care"`}},
		{"blanks in place of tabs", "load\n  BCG  Nge  202401 5\n", []string{"s.txt:13: indent with tabs"}},
		{"refused value", "load\n\tBCG  Nge  202401  many\nshow BCG by Nge over 202401\n\t32\n",
			[]string{`s.txt:14: hmis: E8122: dataElement BCG: value: "many" is not a value of type NUMBER (row 3: org unit "Nge", period "202401")`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := aggregatetest.Check("s.txt", country+tt.script)
			var got []string
			for _, p := range problems {
				got = append(got, p.Error())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A wrong engine is reported with its name and its answer.
func TestCheckSubjects(t *testing.T) {
	other := aggregatetest.Subject{Name: "with the wrong element", Load: func(_ context.Context, w *aggregatetest.World) (aggregatetest.Engine, error) {
		return wrong{w.Cube(t)}, nil
	}}
	queries, problems := aggregatetest.Check("s.txt", country+"show BCG by Nge over 202401\n\t32\n", append(aggregatetest.Cubes(), other)...)
	require.Equal(t, 1, queries)
	require.Len(t, problems, 1)
	require.Equal(t, "s.txt:12: with the wrong element: s.txt:13: the cell: got 1, want 32", fmt.Sprint(problems[0]))
}

// A wrong engine answers for another element, which the cells do not show.
type wrong struct{ cube *aggregate.Cube }

func (e wrong) Cells(ctx context.Context, q aggregate.Query) iter.Seq2[aggregate.Cell, error] {
	q.Data = nil
	q.Filter.Data = append(q.Filter.Data, indicator.Item{ID: aggregatetest.ID("DPT")})
	return e.cube.Cells(ctx, q)
}

// An engine that can neither explain nor plan is not asked to.
func TestCheckPlainEngine(t *testing.T) {
	plain := aggregatetest.Subject{Name: "plain", Load: func(_ context.Context, w *aggregatetest.World) (aggregatetest.Engine, error) {
		return struct{ aggregatetest.Engine }{w.Cube(t)}, nil
	}}
	_, problems := aggregatetest.Check("s.txt", country+"explain show DPT by Bo over 202401\n\tno such text\nplan show DPT by Bo over 202401\n\tnone\nshow BCG by Nge over 202401\n\t31\n", plain)
	require.Len(t, problems, 1)
	require.Equal(t, "s.txt:17: the cell: got 32, want 31", fmt.Sprint(problems[0]))
}

// Run finds all scripts of a pattern.
func TestRun(t *testing.T) {
	aggregatetest.Run(t, "scripts/vaccines*.txt")
}
