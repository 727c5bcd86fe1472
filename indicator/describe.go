package indicator

import (
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/ast"
	"github.com/ohie-hmis/hmis-go/indicator/internal/syntax"
)

// Describe writes the expression for people, with names between brackets in
// place of ids: "[ANC 1st visit (Fixed, <1y)] / [Expected pregnancies] * 100".
// What has no name in the catalog keeps its id; c may be nil. The text is not meant
// to be read back.
func (e *Expr) Describe(c *hmis.Catalog) string {
	c = orEmpty(c)
	p := syntax.Printer{
		Item: func(n *ast.Item) string {
			item, ok := itemOf(n)
			if !ok {
				return syntax.ItemText(n)
			}
			return "[" + describeItem(c, item) + "]"
		},
		Word: func(function, id string) string {
			kind, ok := orgUnitTests[function]
			if !ok { // count(distinct x)
				return id
			}
			return "[" + describeItem(c, Item{Kind: kind, ID: hmis.UID(id)}) + "]"
		},
	}
	p.Node(e.root)
	return p.String()
}

// Name returns what people call the item, without its modifiers: a name of the
// catalog, the parts of an operand between parentheses, as in "ANC 1st visit
// (Fixed, <1y)". An item of any kind has the name of what it is in the catalog.
// What has no name there keeps its id; c may be nil.
func (i Item) Name(c *hmis.Catalog) string {
	i.Kind = i.KindIn(c)
	return describeItem(orEmpty(c), i)
}

// orEmpty returns c, or the catalog of nothing in place of none.
func orEmpty(c *hmis.Catalog) *hmis.Catalog {
	if c == nil {
		return &hmis.Catalog{}
	}
	return c
}

// describeItem names an item without its modifiers.
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
	return string(i.ID) // of programs, which a catalog does not have
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

// refs returns the objects that an item names, other than those of programs.
func (i Item) refs() []hmis.Ref {
	one := func(k hmis.Kind, id hmis.UID) hmis.Ref { return hmis.Ref{Kind: k, ID: id} }
	switch i.Kind {
	case DataElementItem:
		refs := []hmis.Ref{one(hmis.KindDataElement, i.ID)}
		if id, ok := strings.CutPrefix(string(i.ID), "deGroup:"); ok {
			refs[0] = one(hmis.KindDataElementGroup, hmis.UID(id))
		}
		if id, ok := strings.CutPrefix(string(i.Combo), "co:"); ok {
			refs = append(refs, one(hmis.KindCategoryOption, hmis.UID(id)))
		} else if ids, ok := strings.CutPrefix(string(i.Combo), "coGroup:"); ok {
			for id := range strings.SplitSeq(ids, "&") {
				refs = append(refs, one(hmis.KindCategoryOptionGroup, hmis.UID(id)))
			}
		} else if i.Combo != "" {
			refs = append(refs, one(hmis.KindCategoryOptionCombo, i.Combo))
		}
		if i.Attr != "" {
			refs = append(refs, one(hmis.KindCategoryOptionCombo, i.Attr))
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
