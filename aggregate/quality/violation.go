package quality

import (
	"cmp"
	"maps"
	"slices"

	"github.com/ohie-hmis/hmis-go/indicator"
)

// report appends at most room violations to out, sorted.
func (f *finding) report(room int, out *ValidationRun) error {
	places := f.places(room)
	if len(places) == 0 {
		return nil
	}
	first := len(out.Violations)
	out.Violations = append(out.Violations, make([]Violation, len(places))...)
	list := out.Violations[first:]

	byBlock := map[int][]int{} // for each block, indexes in places
	for i, p := range places {
		byBlock[p.cell/blockCells] = append(byBlock[p.cell/blockCells], i)
	}
	blocks := slices.Sorted(maps.Keys(byBlock))
	return parallel(f.run.ctx, f.run.Workers, len(blocks), func() func(int) error {
		c := f.comparer()
		return func(i int) error {
			c.block.fill(f.stage, blocks[i]*blockCells, f.run.outside, f.task.period)
			for _, at := range byBlock[blocks[i]] {
				v, err := c.violation(places[at])
				if err != nil {
					return err
				}
				list[at] = v
			}
			return f.run.ctx.Err()
		}
	})
}

// A violationUnit is an org unit at which some rule is violated.
type violationUnit struct {
	path  string
	cells []int // the violated cells, sorted by attribute combo
}

// A violationPlace is a rule that is violated in a cell.
type violationPlace struct{ rule, cell int }

// places returns at most room violations, by path of the org unit, rule and
// attribute option combo.
func (f *finding) places(room int) []violationPlace {
	if room <= 0 {
		return nil
	}
	any := newBitset(f.stage.cells)
	for _, set := range f.violated {
		any.or(set)
	}
	units := map[uint32]*violationUnit{}
	attr := 0
	for n := range any.all() {
		for n >= f.stage.attrs[attr].first+len(f.stage.attrs[attr].places) {
			attr++
		}
		pos := f.stage.attrs[attr].places[n-f.stage.attrs[attr].first]
		u := units[pos]
		if u == nil {
			u = &violationUnit{path: f.run.tree.Path(f.run.tree.At(int(pos)))}
			units[pos] = u
		}
		u.cells = append(u.cells, n)
	}
	byPath := slices.Collect(maps.Values(units))
	slices.SortFunc(byPath, whileOpen(f.run.ctx, func(a, b *violationUnit) int { return cmp.Compare(a.path, b.path) }))
	var list []violationPlace
	for _, u := range byPath {
		for rule, set := range f.violated {
			for _, n := range u.cells {
				if set.has(n) {
					list = append(list, violationPlace{rule, n})
				}
			}
		}
		if len(list) >= room {
			return list[:room]
		}
	}
	return list
}

// violation returns a violation. It computes both sides of the rule again, with
// their items.
func (c *comparer) violation(at violationPlace) (Violation, error) {
	rule := c.task.class.rules[at.rule]
	cell := at.cell - c.block.first
	v := Violation{
		Rule: rule.ID, Importance: cmp.Or(rule.Importance, "MEDIUM"), Operator: operators[rule.Operator],
		Key: c.block.keyOf(c.stage, c.task.period, cell),
	}
	var exact [2]indicator.Value
	for i, side := range rule.sides {
		env := c.envAt(cell, side)
		env.Warn = func(*indicator.EvalError) {} // the error was reported before
		var err error
		if exact[i], err = side.expr.Eval(env); err != nil {
			return Violation{}, err
		}
	}
	both := rule.rule.Compare(exact[0], exact[1])
	v.Left = c.side(rule.sides[0], both.Left, env(c, cell))
	v.Right = c.side(rule.sides[1], both.Right, env(c, cell))
	return v, nil
}

func env(c *comparer, cell int) func(indicator.Item) indicator.Value {
	return c.envAt(cell, preparedSide{}).Item
}

func (c *comparer) side(side preparedSide, exact indicator.Value, value func(indicator.Item) indicator.Value) Side {
	s := Side{Value: exact.RoundSide(), Exact: exact}
	for item := range side.expr.Items() {
		if item.Kind.IsData() {
			s.Items = append(s.Items, Reading{Item: item, Name: item.Name(c.run.catalog), Value: value(item)})
		}
	}
	slices.SortStableFunc(s.Items, func(a, b Reading) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Item.String(), b.Item.String()))
	})
	return s
}
