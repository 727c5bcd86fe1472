package indicator_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/stretchr/testify/require"
)

// A cells has the columns of items. It can return them whole, or a single cell
// of them for Eval.
type cells map[indicator.Item]indicator.Column

func (c cells) column(i indicator.Item) indicator.Column { return c[i] }

func (c cells) env(cell int, env indicator.ColumnEnv) indicator.Env {
	return indicator.Env{
		Item: func(i indicator.Item) indicator.Value {
			col := c[i]
			return col.At(cell)
		},
		Type: env.Type, Missing: env.Missing, Result: env.Result, SkipRounding: env.SkipRounding,
	}
}

// compareColumns computes an expression for all cells at once and one by one.
// It returns the first difference as an error.
func compareColumns(e *indicator.Expr, c cells, env indicator.ColumnEnv, n int) error {
	noted := map[int]string{}
	env.Item = c.column
	env.Warn = func(cell int, err *indicator.EvalError) { noted[cell] = err.Error() }
	out := make([]indicator.Value, n)
	err := e.EvalColumns(env, out)
	for cell := range out {
		note := ""
		one := c.env(cell, env)
		one.Warn = func(err *indicator.EvalError) { note = err.Error() }
		want, wantErr := e.Eval(one)
		if wantErr != nil || err != nil {
			if fmt.Sprint(err) == fmt.Sprint(wantErr) {
				return nil // both end with the first error
			}
			if wantErr == nil {
				continue // a later cell has the error
			}
			return fmt.Errorf("cell %d of %s: error %v, one by one %v", cell, e, err, wantErr)
		}
		if !out[cell].Equal(want) || noted[cell] != note {
			return fmt.Errorf("cell %d of %s: %v %s, one by one %v %s", cell, e, show(out[cell]), noted[cell], show(want), note)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: error %v, one by one none", e, err)
	}
	return nil
}

// TestVectorsInColumns compares columns with Eval for the items of the vectors,
// and for the same items missing.
func TestVectorsInColumns(t *testing.T) {
	for name, vectors := range vectorFiles(t) {
		compared := 0
		for i := range vectors {
			v := &vectors[i]
			use, ok := useOf[v.Mode]
			if !ok || len(v.Samples) > 0 {
				continue
			}
			e, err := use.Parse(v.Expression)
			if err != nil {
				continue
			}
			env := v.env()
			c := cells{}
			for item := range e.Items() {
				x := env.Item(item)
				switch {
				case item.Kind.IsData():
					c[item] = columnOf(x, indicator.Value{}, x)
				default:
					c[item] = indicator.Constant(x)
				}
			}
			err = compareColumns(e, c, indicator.ColumnEnv{Type: env.Type, Missing: env.Missing, Result: env.Result}, 3)
			if err != nil {
				t.Errorf("%s: %v", v.Name, err)
			}
			compared++
		}
		t.Logf("%s: %d compared", name, compared)
	}
}

// columnOf returns a column of values. Plain numbers get one scale, and other
// values are in Other.
func columnOf(values ...indicator.Value) indicator.Column {
	c := indicator.Column{Coef: make([]int64, len(values)), Missing: make([]bool, len(values)), Scale: 3}
	for i, v := range values {
		d, ok := v.Decimal()
		d = d.Shift(3)
		switch {
		case v.IsMissing():
			c.Missing[i] = true
		case ok && d.IsInteger() && d.NumDigits() < 18 && v.String() != "-0":
			c.Coef[i] = d.IntPart()
		default:
			if c.Other == nil {
				c.Other = map[int]indicator.Value{}
			}
			c.Other[i] = v
		}
	}
	return c
}

// A generator makes random expressions with a few items, mostly arithmetic.
type generator struct {
	*rand.Rand
	simple bool // only sums and products
}

var randomItems = []string{"#{aaaaaaaaaaa}", "#{bbbbbbbbbbb}", "#{ccccccccccc.ddddddddddd}", "R{eeeeeeeeeee.REPORTING_RATE}", "C{fffffffffff}", "OUG{ggggggggggg}", "[days]"}

func (g generator) expr(depth int) string {
	if depth == 0 || g.IntN(4) == 0 {
		switch g.IntN(6) {
		case 0:
			return []string{"0", "1", "2", "100", "0.5", "1.25", "1e3", "0.001", "123456789012345", "1e300"}[g.IntN(10)]
		default:
			return randomItems[g.IntN(len(randomItems))]
		}
	}
	sub := func() string { return g.expr(depth - 1) }
	if g.simple {
		return g.arithmetic(sub, "+-*")
	}
	switch g.IntN(12) {
	case 0:
		return "if(" + sub() + " > " + sub() + ", " + sub() + ", " + sub() + ")"
	case 1:
		return "isNull(" + sub() + ")"
	case 2:
		return "firstNonNull(" + sub() + ", " + sub() + ")"
	case 3:
		return "greatest(" + sub() + ", " + sub() + ")"
	case 4:
		return "removeZeros(" + sub() + ")"
	case 5:
		return "(" + sub() + " == " + sub() + " and not " + sub() + " < " + sub() + ")"
	}
	return g.arithmetic(sub, "+-*/%^")
}

func (g generator) arithmetic(sub func() string, ops string) string {
	if g.IntN(6) == 0 {
		return "-(" + sub() + ")"
	}
	s := sub()
	for range g.IntN(3) + 1 {
		s += " " + string(ops[g.IntN(len(ops))]) + " " + sub()
	}
	return "(" + s + ")"
}

// column returns a random column of n cells.
func (g generator) column(n int) indicator.Column {
	c := indicator.Column{Scale: g.IntN(4)}
	size := n
	if g.IntN(5) == 0 {
		size = 1
	}
	limit := []int64{2, 100, 1e6, 1e9, 1e14, 1e17}[min(g.IntN(8), 5)]
	if g.IntN(3) > 0 {
		limit = 1000
	}
	gaps := g.IntN(2) == 0
	for range size {
		c.Coef = append(c.Coef, g.Int64N(2*limit)-limit/2)
		if gaps {
			c.Missing = append(c.Missing, g.IntN(4) == 0)
		}
	}
	if g.IntN(6) == 0 {
		c.Other = map[int]indicator.Value{g.IntN(size): []indicator.Value{
			{}, indicator.Float(0.1 + 0.2), indicator.Float(1e18), indicator.Text("7"), indicator.Text("seven"),
		}[g.IntN(5)]}
	}
	return c
}

func (g generator) cells(items func(func(indicator.Item) bool), n int) cells {
	c := cells{}
	for i := range items {
		c[i] = g.column(n)
	}
	return c
}

var strategies = []hmis.Missing{"", hmis.SkipIfAllMissing, hmis.SkipIfAnyMissing, hmis.NeverSkip}

func TestRandomColumns(t *testing.T) {
	g := generator{Rand: rand.New(rand.NewPCG(4, 2026))}
	for round := range 6000 {
		g.simple = round%3 > 0
		e, err := indicator.Parse(g.expr(1 + g.IntN(4)))
		require.NoError(t, err)
		n := 1 + g.IntN(8)
		if round%500 == 0 {
			n = 3000 // more than one chunk
		}
		env := indicator.ColumnEnv{Missing: strategies[g.IntN(4)]}
		if err := compareColumns(e, g.cells(e.Items(), n), env, n); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
}

func TestRandomFormulas(t *testing.T) {
	g := generator{Rand: rand.New(rand.NewPCG(10, 2026))}
	days := indicator.Item{Kind: indicator.DaysItem}
	for round := range 4000 {
		g.simple = round%4 > 0
		f := indicator.Formula{Annualized: g.IntN(3) == 0}
		var err error
		f.Numerator, err = indicator.Parse(g.expr(1 + g.IntN(3)))
		require.NoError(t, err)
		f.Denominator, err = indicator.Parse(g.expr(g.IntN(3)))
		require.NoError(t, err)
		if factor := []int{0, 1, 100, 1000, 100000, -1}[g.IntN(6)]; factor != 1 {
			f.Factor = &factor
		}
		if d := []int{-1, 0, 1, 2, 3, 4, 6, 15, 22, 30}[g.IntN(10)]; d >= 0 {
			f.Decimals = &d
		}
		n := 1 + g.IntN(8)
		if round%400 == 0 {
			n = 2500
		}
		c := g.cells(f.Numerator.Items(), n)
		for i, col := range g.cells(f.Denominator.Items(), n) {
			c[i] = col
		}
		c[days] = []indicator.Column{indicator.Constant(indicator.Float(31)), {}, g.column(n)}[g.IntN(3)]
		require.NoError(t, compareFormula(&f, c, n, g.IntN(3) == 0), "round %d", round)
	}
}

func compareFormula(f *indicator.Formula, c cells, n int, skip bool) error {
	noted := map[int]int{}
	env := indicator.ColumnEnv{
		Item:         c.column,
		SkipRounding: skip,
		Warn:         func(cell int, _ *indicator.EvalError) { noted[cell]++ },
	}
	out := make([]indicator.Result, n)
	err := f.EvalColumns(env, out)
	var column indicator.Column
	err2 := f.EvalColumn(env, n, &column)
	if fmt.Sprint(err) != fmt.Sprint(err2) {
		return fmt.Errorf("EvalColumns: %v, EvalColumn: %v", err, err2)
	}
	failed := false // whether a single cell has failed
	for cell := range n {
		notes := 0
		one := c.env(cell, env)
		one.Warn = func(*indicator.EvalError) { notes++ }
		want, wantErr := f.Eval(one)
		if err != nil || wantErr != nil {
			if wantErr != nil && err == nil {
				return fmt.Errorf("%s / %s: cell %d: %v, want %v", f.Numerator, f.Denominator, cell, err, wantErr)
			}
			failed = failed || wantErr != nil
			continue
		}
		if d := cmp.Diff(want, out[cell], cmp.Comparer(sameFloat)); d != "" {
			return fmt.Errorf("%s / %s: cell %d: %s", f.Numerator, f.Denominator, cell, d)
		}
		if v := column.At(cell); !v.Equal(want.Value) {
			return fmt.Errorf("%s / %s: cell %d: %v, want %v", f.Numerator, f.Denominator, cell, show(v), show(want.Value))
		}
		if noted[cell] != 2*notes {
			return fmt.Errorf("%s / %s: cell %d: %d notes, want %d", f.Numerator, f.Denominator, cell, noted[cell], 2*notes)
		}
	}
	if err != nil && !failed {
		return fmt.Errorf("%s / %s: error %v, one by one none", f.Numerator, f.Denominator, err)
	}
	return nil
}

func sameFloat(a, b float64) bool { return indicator.Float(a).Equal(indicator.Float(b)) }

func TestColumnsThatDoNotFit(t *testing.T) {
	e := indicator.MustParse("#{fbfJHSPpUQD} + 1")
	tests := []struct {
		column indicator.Column
		want   string
	}{
		{indicator.Column{Coef: []int64{1, 2}}, "indicator: column of #{fbfJHSPpUQD}: 2 cells, want 3"},
		{indicator.Column{Coef: []int64{1, 2, 3}, Missing: []bool{true}}, "indicator: column of #{fbfJHSPpUQD}: 1 cells in Missing, want 3"},
		{indicator.Column{Coef: []int64{1}, Scale: 101}, "indicator: column of #{fbfJHSPpUQD}: scale 101, want 0 to 100"},
		{indicator.Column{Coef: []int64{1}, Scale: -1}, "indicator: column of #{fbfJHSPpUQD}: scale -1, want 0 to 100"},
	}
	for _, tt := range tests {
		err := e.EvalColumns(indicator.ColumnEnv{Item: func(indicator.Item) indicator.Column { return tt.column }}, make([]indicator.Value, 3))
		if err == nil || err.Error() != tt.want {
			t.Errorf("error %v, want %s", err, tt.want)
		}
	}
}

func TestColumnsDoNotAllocate(t *testing.T) {
	f := indicator.Formula{
		Numerator:   indicator.MustParse("#{fbfJHSPpUQD} * 100 + #{cYeuwXTCPkU}"),
		Denominator: indicator.MustParse("#{Jtf34kNZhzP}"),
	}
	g := generator{Rand: rand.New(rand.NewPCG(1, 1))}
	const n = 4096
	col := indicator.Column{Coef: make([]int64, n), Missing: make([]bool, n), Scale: 1}
	for i := range n {
		col.Coef[i], col.Missing[i] = g.Int64N(10000), g.IntN(5) == 0
	}
	env := indicator.ColumnEnv{Item: func(indicator.Item) indicator.Column { return col }}
	out := make([]indicator.Result, n)
	allocs := testing.AllocsPerRun(20, func() {
		if err := f.EvalColumns(env, out); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 20 { // for the call; a cell must allocate nothing
		t.Errorf("%v allocations for %d cells", allocs, n)
	}
	shapeEnv, n2 := shapeEnv()
	values := make([]indicator.Value, n2)
	for _, s := range shapes {
		e := indicator.MustParse(s.in)
		allocs = testing.AllocsPerRun(20, func() {
			if err := e.EvalColumns(shapeEnv, values); err != nil {
				t.Fatal(err)
			}
		})
		if allocs > 20 {
			t.Errorf("%v allocations for %d cells of %s", allocs, n2, e)
		}
	}
}
