package indicator

import (
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/ast"
	"github.com/ohie-hmis/hmis-go/indicator/internal/syntax"
)

// parseExpanded parses a side of an indicator. An item with the tag co:,
// deGroup: or coGroup: means several items, and is replaced by their sum
// (RULES.md#groups-of-items).
func parseExpanded(c *hmis.Catalog, src string) (*Expr, error) {
	e, err := Parse(src)
	if err != nil || !tagged(e.root) {
		return e, err
	}
	x := expander{catalog: c, expr: e, sums: map[ast.Node]int{}}
	// The order is that of the server. A later step also replaces items that an
	// earlier one has made.
	root := x.rewrite(e.root, x.option)
	root = x.rewrite(root, x.elementGroup)
	root = x.untagged(root)
	root = x.rewrite(root, x.optionGroups)
	if x.err != nil {
		return nil, x.err
	}
	if root == e.root {
		return e, nil
	}
	out := &Expr{src: src, use: e.use, root: root, sums: x.sums}
	if err := out.compile(); err != nil {
		return nil, err
	}
	return out, nil
}

// tagged reports whether an expression may have items to replace. It must have
// a tag, or be a single operand, because the option combo of an operand may be
// a group.
func tagged(root ast.Node) bool {
	items := 0
	for n := range ast.Preorder(root) {
		if item, ok := n.(*ast.Item); ok {
			items++
			for _, id := range item.IDs {
				if strings.Contains(id, ":") {
					return true
				}
			}
		}
	}
	return items == 1
}

type expander struct {
	catalog *hmis.Catalog
	expr    *Expr
	nodes   int              // how many nodes the expander has made
	sums    map[ast.Node]int // becomes Expr.sums

	// These maps and the counter avoid repeated work if many items need the
	// same objects.
	byOption map[hmis.UID][]hmis.UID
	inGroup  map[[2]hmis.UID][]hmis.UID // by element and group, the option combos with an option in the group
	members  map[hmis.UID]map[hmis.UID]bool
	looked   int
	err      error
}

// rewrite returns n with each item replaced by the result of part. Nodes that
// contain a replaced item are new; all other nodes are shared.
func (x *expander) rewrite(n ast.Node, part func(*ast.Item) ast.Node) ast.Node {
	if x.err != nil {
		return n
	}
	made := x.rewritten(n, part)
	if made != n && x.sums[n] > 0 {
		x.sums[made] += x.sums[n]
	}
	return made
}

// rewritten returns n with each item below it replaced by the result of part.
func (x *expander) rewritten(n ast.Node, part func(*ast.Item) ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.Item:
		return part(n)
	case *ast.Unary:
		if y := x.rewrite(n.X, part); y != n.X {
			return &ast.Unary{Span: n.Span, Op: n.Op, X: y}
		}
	case *ast.Binary:
		a, b := x.rewrite(n.X, part), x.rewrite(n.Y, part)
		if a != n.X || b != n.Y {
			return &ast.Binary{Span: n.Span, Op: n.Op, X: a, Y: b}
		}
	case *ast.Modified:
		if y := x.rewrite(n.X, part); y != n.X {
			return &ast.Modified{Span: n.Span, X: y, Name: n.Name, Args: n.Args}
		}
	case *ast.Call:
		args := slices.Clone(n.Args)
		for i, a := range args {
			args[i] = x.rewrite(a, part)
		}
		if !slices.Equal(args, n.Args) {
			return &ast.Call{Span: n.Span, Name: n.Name, Args: args}
		}
	}
	return n
}

// cutTag returns the rest of an id after a tag. place is the index of the id in
// n.IDs.
func cutTag(n *ast.Item, place int, tag string) (string, bool) {
	if n.Sigil != "#" || place >= len(n.IDs) {
		return "", false
	}
	return strings.CutPrefix(n.IDs[place], tag)
}

// option replaces an item with co: by the sum over all option combos that have
// the option.
func (x *expander) option(n *ast.Item) ast.Node {
	option, ok := cutTag(n, 1, "co:")
	if !ok {
		return n
	}
	return x.sum(n, 1, x.combosWith(n, hmis.UID(option)), "no option combo has the option "+option)
}

// combosWith returns the option combos that have an option.
func (x *expander) combosWith(n *ast.Item, option hmis.UID) []hmis.UID {
	if x.byOption == nil {
		x.byOption = map[hmis.UID][]hmis.UID{}
		for o := range hmis.All[hmis.OptionCombo](x.catalog) {
			if !x.look(n, 1+len(o.Options)) {
				return nil
			}
			for i, option := range o.Options {
				if !slices.Contains(o.Options[:i], option) {
					x.byOption[option] = append(x.byOption[option], o.ID)
				}
			}
		}
	}
	return x.byOption[option]
}

// elementGroup replaces an item with deGroup: by the sum over the members of
// the group.
func (x *expander) elementGroup(n *ast.Item) ast.Node {
	id, ok := cutTag(n, 0, "deGroup:")
	if !ok {
		return n
	}
	g := x.group(hmis.KindDataElementGroup, hmis.UID(id))
	return x.sum(n, 0, g.Members, "no data element is in the group "+id)
}

// optionGroups replaces an item with coGroup: by the sum over the element's
// option combos that have an option in every group. If there are none, the item
// stays and is missing.
func (x *expander) optionGroups(n *ast.Item) ast.Node {
	groups, ok := cutTag(n, 1, "coGroup:")
	if !ok {
		return n
	}
	var combos []hmis.UID
	for id := range strings.SplitSeq(groups, "&") {
		in := x.combosIn(n, hmis.UID(n.IDs[0]), hmis.UID(id))
		if len(combos) == 0 { // this is the first group, or the server starts again after an empty result
			combos = in
			continue
		}
		has := make(map[hmis.UID]bool, len(in))
		for _, o := range in {
			has[o] = true
		}
		combos = slices.DeleteFunc(slices.Clone(combos), func(o hmis.UID) bool { return !has[o] })
	}
	if len(combos) == 0 {
		return n
	}
	return x.sum(n, 1, combos, "")
}

// untagged handles an expression with a single item whose option combo is the
// id of a group. It replaces the whole expression by the sum of the operands.
// The text around the item is lost, as on the server.
func (x *expander) untagged(root ast.Node) ast.Node {
	var only *ast.Item
	for n := range ast.Preorder(root) {
		if item, ok := n.(*ast.Item); ok {
			if only != nil {
				return root
			}
			only = item
		}
	}
	if only == nil || only.Sigil != "#" || len(only.IDs) < 2 {
		return root
	}
	combos := x.combosIn(only, hmis.UID(only.IDs[0]), hmis.UID(only.IDs[1]))
	if len(combos) == 0 {
		return root
	}
	return x.sum(only, 1, combos, "")
}

func (x *expander) group(kind hmis.Kind, id hmis.UID) hmis.Group {
	g, ok := hmis.Find[hmis.Group](x.catalog, id)
	if !ok || g.Kind != kind {
		return hmis.Group{}
	}
	return g
}

// combosIn returns the option combos of an element that have an option in a
// group. All data sets of the element count.
func (x *expander) combosIn(n *ast.Item, element, group hmis.UID) []hmis.UID {
	key := [2]hmis.UID{element, group}
	if in, ok := x.inGroup[key]; ok {
		return in
	}
	if x.inGroup == nil {
		x.inGroup = map[[2]hmis.UID][]hmis.UID{}
	}
	members := x.membersOf(n, group)
	var in []hmis.UID
	if _, ok := hmis.Find[hmis.DataElement](x.catalog, element); ok && len(members) > 0 {
		for _, combo := range x.categoryCombos(element) {
			for _, id := range x.catalog.OptionCombos(combo) {
				o, _ := hmis.Find[hmis.OptionCombo](x.catalog, id)
				if !x.look(n, 1+len(o.Options)) {
					return nil
				}
				member := func(option hmis.UID) bool { return members[option] }
				if slices.ContainsFunc(o.Options, member) {
					in = append(in, id)
				}
			}
		}
	}
	x.inGroup[key] = in
	return in
}

// membersOf returns the set of options in a group.
func (x *expander) membersOf(n *ast.Item, group hmis.UID) map[hmis.UID]bool {
	if members, ok := x.members[group]; ok {
		return members
	}
	if x.members == nil {
		x.members = map[hmis.UID]map[hmis.UID]bool{}
	}
	list := x.group(hmis.KindCategoryOptionGroup, group).Members
	if !x.look(n, len(list)) {
		return nil
	}
	members := make(map[hmis.UID]bool, len(list))
	for _, option := range list {
		members[option] = true
	}
	x.members[group] = members
	return members
}

// categoryCombos returns the category combos that an element has in its data
// sets.
func (x *expander) categoryCombos(element hmis.UID) []hmis.UID {
	combos := []hmis.UID{x.catalog.CategoryCombo(element, "")}
	for _, set := range x.catalog.DataSets(element) {
		if combo := x.catalog.CategoryCombo(element, set); !slices.Contains(combos, combo) {
			combos = append(combos, combo)
		}
	}
	return combos
}

// maxLooked limits how many option combos, options and members the expander
// reads for one expression. Reading that many takes half a second.
const maxLooked = 5_000_000

// look adds to the number of objects that were read. ok is false if there are
// too many; x then has the error.
func (x *expander) look(n *ast.Item, objects int) (ok bool) {
	if x.looked += objects; x.looked > maxLooked && x.err == nil {
		x.err = errorIn(x.expr.src, n,
			"groups with more than %d options and option combos to look at", maxLooked)
	}
	return x.err == nil
}

// sum returns the sum of copies of n, one for each of ids, which replaces the
// id at the index place. Without ids it fails, because a server would produce
// the text "()".
func (x *expander) sum(n *ast.Item, place int, ids []hmis.UID, empty string) ast.Node {
	if x.err != nil {
		return n
	}
	if x.nodes += 2 * len(ids); x.nodes > syntax.MaxNodes {
		x.err = errorIn(x.expr.src, n, "groups stand for more than %d items", syntax.MaxNodes/2)
		return n
	}
	if len(ids) == 0 {
		x.err = &SyntaxError{Source: x.expr.src, Pos: n.From, End: n.To, Msg: empty}
		return n
	}
	var total ast.Node
	for _, id := range ids {
		copied := &ast.Item{Span: n.Span, Sigil: n.Sigil, IDs: slices.Clone(n.IDs)}
		copied.IDs[place] = string(id)
		if total == nil {
			total = copied
			continue
		}
		total = &ast.Binary{Span: n.Span, Op: "+", X: total, Y: copied}
	}
	x.sums[total]++
	return total
}
