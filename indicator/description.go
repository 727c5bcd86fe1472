package indicator

import (
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/ast"
	"github.com/ohie-hmis/hmis-go/indicator/internal/syntax"
)

// Describe returns the text of the expression with names in place of ids, as
// DHIS2 shows it: "ANC 1st visit / Pi" for "#{fbfJHSPpUQD} / C{bCqvfPR02Im}".
// All other text stays as written, with blanks and comments. An item that
// [Compile] has replaced by several becomes the sum of their names. An id
// without a name in the catalog stays; c may be nil. The result cannot be
// parsed.
func (e *Expr) Describe(c *hmis.Catalog) string {
	if e.root == nil {
		return ""
	}
	d := description{catalog: orEmpty(c), src: e.src, sums: e.sums}
	if e.replaced() {
		d.end, d.src = e.root.Pos(), d.src[:e.root.End()]
	}
	d.node(e.root)
	d.text.WriteString(d.src[d.end:])
	return d.text.String()
}

// replaced reports whether the whole expression was replaced by the sum of the
// operands of its only item. The text around that item is then lost; see
// expander.untagged.
func (e *Expr) replaced() bool {
	if len(e.sums) == 0 {
		return false
	}
	root, bad := syntax.Parse(e.src)
	return bad == nil && (root.Pos() != e.root.Pos() || root.End() != e.root.End())
}

// A description builds the text of an expression with names for its items.
type description struct {
	catalog *hmis.Catalog
	src     string
	sums    map[ast.Node]int
	text    strings.Builder
	end     int // the part of src before this offset has been written
}

// A piece is a part of the tree that is still to be written. If node is nil, it
// is a text.
type piece struct {
	node     ast.Node
	function string // the name of the function that has node as an argument
	text     string
}

// node writes the description of a tree. It uses its own stack, since a long
// chain of operators makes a deep tree.
func (d *description) node(root ast.Node) {
	stack := []piece{{node: root}}
	push := func(p piece) { stack = append(stack, p) }
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if sums := d.sums[p.node]; sums > 0 {
			d.write(p.node, strings.Repeat("(", sums))
			push(piece{text: strings.Repeat(")", sums)})
		}
		switch n := p.node.(type) {
		case nil:
			d.text.WriteString(p.text)
		case *ast.Item:
			d.write(n, d.item(n))
		case *ast.Word:
			if kind, ok := orgUnitTests[p.function]; ok {
				d.write(n, d.name(Item{Kind: kind, ID: hmis.UID(n.Text)}, n.Text))
			}
		case *ast.Unary:
			push(piece{node: n.X})
		case *ast.Binary:
			push(piece{node: n.Y})
			if n.X.End() == n.Y.End() { // this sum has replaced an item
				push(piece{text: n.Op})
			}
			push(piece{node: n.X})
		case *ast.Call:
			for _, a := range slices.Backward(n.Args) {
				push(piece{node: a, function: n.Name})
			}
		case *ast.Modified:
			push(piece{node: n.X}) // the arguments stay as written
		}
	}
}

// write writes the source up to n, and then the given text in place of n.
func (d *description) write(n ast.Node, text string) {
	if n.Pos() >= d.end {
		d.text.WriteString(d.src[d.end:n.Pos()])
		d.end = n.End()
	}
	d.text.WriteString(text)
}

// item returns the name of the item n. For a variable of a program it returns
// "".
func (d *description) item(n *ast.Item) string {
	text := d.src[n.Pos():n.End()]
	if item, ok := itemOf(n); ok {
		return d.name(item, text)
	}
	return text
}

// name returns the name of an item in a description. An unknown item stays as
// written.
func (d *description) name(i Item, written string) string {
	c := d.catalog
	switch i.Kind {
	case DaysItem:
		return "[Number of days]"
	case DataElementItem:
		return d.elementName(i)
	case ReportingRateItem:
		words := strings.ToLower(strings.ReplaceAll(string(i.Rate), "_", " "))
		set := c.Name(hmis.Ref{Kind: hmis.KindDataSet, ID: i.ID})
		return set + " - " + strings.ToUpper(words[:1]) + words[1:]
	}
	if refs := i.refs(); len(refs) > 0 {
		return c.Name(refs[0])
	}
	return written
}

// elementName returns the names of an element and its option combos, joined by
// blanks. The default option combo is left out, and a wildcard is "*".
func (d *description) elementName(i Item) string {
	var names []string
	for _, r := range i.refs() {
		if r.Kind == hmis.KindOptionCombo && r.ID == d.catalog.DefaultOptionCombo() {
			continue
		}
		names = append(names, d.catalog.Name(r))
	}
	if i.OptionCombo == "" && i.AttributeCombo != "" {
		names = slices.Insert(names, 1, "*")
	}
	return strings.Join(names, " ")
}

// Name returns the name of the item in the catalog, without its modifiers, as
// in "ANC 1st visit (Fixed, <1y)". For AnyItem, the catalog decides what the ID
// refers to. An id without a name is returned as it is; c may be nil.
func (i Item) Name(c *hmis.Catalog) string {
	i.Kind = i.KindIn(c)
	return describeItem(orEmpty(c), i)
}

// orEmpty returns c, or an empty catalog if c is nil.
func orEmpty(c *hmis.Catalog) *hmis.Catalog {
	if c == nil {
		return &hmis.Catalog{}
	}
	return c
}

// describeItem returns the name of an item without its modifiers.
func describeItem(c *hmis.Catalog, i Item) string {
	switch i.Kind {
	case DaysItem, PeriodInYearItem, YearlyPeriodsItem:
		return kindNames[i.Kind].open
	case DataElementItem:
		return describeElement(c, i)
	case SubExpressionItem:
		if inner, err := i.Inner(); err == nil {
			return inner.Describe(c)
		}
	case AnyItem:
		return i.path()
	case ReportingRateItem:
		return c.Name(hmis.Ref{Kind: hmis.KindDataSet, ID: i.ID}) + ", " +
			strings.ToLower(strings.ReplaceAll(string(i.Rate), "_", " "))
	case OrgUnitGroupItem:
		return "org units in " + c.Name(hmis.Ref{Kind: hmis.KindOrgUnitGroup, ID: i.ID})
	}
	if refs := i.refs(); len(refs) > 0 {
		return c.Name(refs[0])
	}
	return string(i.ID) // objects of programs are not in a catalog
}

func describeElement(c *hmis.Catalog, i Item) string {
	refs := i.refs()
	name := c.Name(refs[0])
	var inside []string
	for _, r := range refs[1:] {
		inside = append(inside, c.Name(r))
	}
	if len(inside) == 0 {
		return name
	}
	return name + " (" + strings.Join(inside, ", ") + ")"
}

// refs returns the objects that an item refers to, except those of programs.
func (i Item) refs() []hmis.Ref {
	one := func(k hmis.Kind, id hmis.UID) hmis.Ref { return hmis.Ref{Kind: k, ID: id} }
	switch i.Kind {
	case DataElementItem:
		refs := []hmis.Ref{one(hmis.KindDataElement, i.ID)}
		if id, ok := strings.CutPrefix(string(i.ID), "deGroup:"); ok {
			refs[0] = one(hmis.KindDataElementGroup, hmis.UID(id))
		}
		if id, ok := strings.CutPrefix(string(i.OptionCombo), "co:"); ok {
			refs = append(refs, one(hmis.KindCategoryOption, hmis.UID(id)))
		} else if ids, ok := strings.CutPrefix(string(i.OptionCombo), "coGroup:"); ok {
			for id := range strings.SplitSeq(ids, "&") {
				refs = append(refs, one(hmis.KindCategoryOptionGroup, hmis.UID(id)))
			}
		} else if i.OptionCombo != "" {
			refs = append(refs, one(hmis.KindOptionCombo, i.OptionCombo))
		}
		if i.AttributeCombo != "" {
			refs = append(refs, one(hmis.KindOptionCombo, i.AttributeCombo))
		}
		return refs
	case ConstantItem:
		return []hmis.Ref{one(hmis.KindConstant, i.ID)}
	case IndicatorItem:
		return []hmis.Ref{one(hmis.KindIndicator, i.ID)}
	case ReportingRateItem, DataSetTest:
		return []hmis.Ref{one(hmis.KindDataSet, i.ID)}
	case OrgUnitGroupItem, GroupTest:
		return []hmis.Ref{one(hmis.KindOrgUnitGroup, i.ID)}
	case AncestorTest:
		return []hmis.Ref{one(hmis.KindOrgUnit, i.ID)}
	}
	return nil
}
