package formulas

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/shopspring/decimal"
)

// items is the number of different items.
const items = 80

// A column has the values of one item in all cells, in one form for each
// engine.
type column struct {
	name    string // the name for engines with variables
	item    indicator.Item
	coef    []int64
	scale   int
	missing []bool

	floats   []float64         // 0 if missing
	decimals []decimal.Decimal // values of the first cells; 0 if missing
}

// A formula has a numerator and a denominator as trees, since each engine has a
// different syntax.
type formula struct {
	num, den node
	factor   int
}

// A node is a part of a side: an item, a number, an operation, or a choice.
type node struct {
	op   byte // 'i' item, 'n' number, '?' choice, or the operator '+', '-', '*', '/'
	item int
	n    float64
	args []node
}

func makeColumns(r *rand.Rand, cells, peers int) []*column {
	cols := make([]*column, items)
	for i := range cols {
		id := fmt.Sprintf("i%010d", i)
		c := &column{
			name:     id,
			item:     indicator.Item{Kind: indicator.DataElementItem, ID: hmis.UID(id)},
			coef:     make([]int64, cells),
			missing:  make([]bool, cells),
			floats:   make([]float64, cells),
			decimals: make([]decimal.Decimal, peers),
		}
		if i%12 == 0 {
			c.scale = 2
		}
		mean := 2 + r.Float64()*200
		for k := range cells {
			c.missing[k] = r.IntN(6) == 0
			x := int64(r.ExpFloat64() * mean)
			if c.scale > 0 {
				x = x*100 + r.Int64N(100)
			}
			if c.missing[k] {
				x = 0
			}
			c.coef[k] = x
			c.floats[k] = float64(x) / []float64{1, 10, 100}[c.scale]
			if k < peers {
				c.decimals[k] = decimal.New(x, -int32(c.scale))
			}
		}
		cols[i] = c
	}
	return cols
}

// sumOf returns a sum of n items, with some of them subtracted.
func sumOf(r *rand.Rand, n int) node {
	sum := node{op: 'i', item: r.IntN(items)}
	for range n - 1 {
		op := byte('+')
		if r.IntN(12) == 0 {
			op = '-'
		}
		sum = node{op: op, args: []node{sum, {op: 'i', item: r.IntN(items)}}}
	}
	return sum
}

// length returns a random length, distributed like those of real sides.
func length(r *rand.Rand) int {
	switch p := r.IntN(100); {
	case p < 26:
		return 1
	case p < 48:
		return 2
	case p < 52:
		return 3
	case p < 61:
		return 4
	case p < 75:
		return 5 + r.IntN(5)
	case p < 80:
		return 10 + r.IntN(9)
	}
	return 20 + r.IntN(10)
}

func makeFormulas(r *rand.Rand, n int) []formula {
	out := make([]formula, n)
	for i := range out {
		f := formula{num: sumOf(r, length(r)), den: node{op: 'n', n: 1}, factor: 1}
		if r.IntN(100) < 35 {
			f.den = sumOf(r, 1+length(r)/3)
			f.factor = []int{100, 100, 1000}[r.IntN(3)]
		}
		switch r.IntN(150) {
		case 0:
			f.num = node{op: '/', args: []node{f.num, {op: 'n', n: 12}}}
		case 1:
			f.num = node{op: '*', args: []node{f.num, {op: 'n', n: 0.25}}}
		case 2:
			f.num = node{op: '?', args: []node{f.num, f.num, {op: '*', args: []node{f.num, {op: 'n', n: 0.5}}}}}
		}
		out[i] = f
	}
	return out
}

// walk calls f for each item of a side.
func (n node) walk(f func(item int)) {
	if n.op == 'i' {
		f(n.item)
	}
	for _, a := range n.args {
		a.walk(f)
	}
}

// text returns a side as text. choose returns the text of a choice: a if c is
// more than 10, and b otherwise.
func (n node) text(item func(int) string, number func(float64) string, choose func(c, a, b string) string) string {
	switch n.op {
	case 'i':
		return item(n.item)
	case 'n':
		return number(n.n)
	}
	args := make([]string, len(n.args))
	for i, a := range n.args {
		args[i] = a.text(item, number, choose)
	}
	if n.op == '?' {
		return choose(args[0], args[1], args[2])
	}
	if len(args[0]) > 0 && (n.op == '*' || n.op == '/') {
		args[0] = "(" + args[0] + ")"
	}
	return strings.Join(args, " "+string(n.op)+" ")
}
