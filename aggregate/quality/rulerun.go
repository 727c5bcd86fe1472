package quality

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// A ruleRun is one run of a Validation. It has the data that is the same for
// all periods.
type ruleRun struct {
	Validation
	ctx     context.Context
	cube    *aggregate.Cube
	catalog *hmis.Catalog
	tree    *orgunit.Tree
	scope   Scope
	where   []bool // for each position in the tree, whether its org unit is compared; nil means all
	classes []*ruleClass
	typeOf  func(indicator.Item) hmis.ValueType
	outside *outside
	told    map[hmis.UID]bool // the rules for which Reject has been called
}

// A ruleClass has the rules of one period type, which are run together.
type ruleClass struct {
	typ      period.Type
	rules    []*preparedRule // the rules, sorted by id
	items    []indicator.Item
	at       map[indicator.Item]int // index of each item in items
	elements map[hmis.UID][]int     // for each data element, the indexes of the items that read it
	spare    []*comparer            // comparers that can be reused
}

// A preparedRule is a rule that is ready to be compared.
type preparedRule struct {
	*hmis.ValidationRule
	rule   *indicator.Rule
	sides  [2]preparedSide
	own    []int // indexes of both sides' items that are stored values
	broken bool  // the rule gives no result, but the run still reads its items
}

type preparedSide struct {
	expr    *indicator.Expr
	missing hmis.Missing
}

func newRuleRun(ctx context.Context, v Validation, c *aggregate.Cube, s Scope) (*ruleRun, error) {
	r := &ruleRun{
		Validation: v, ctx: ctx, cube: c, catalog: c.Catalog(), tree: c.Tree(), scope: s,
		typeOf: indicator.Types(c.Catalog()), outside: newOutside(ctx, c), told: map[hmis.UID]bool{},
	}
	var err error
	if r.scope.OrgUnits, r.where, err = placesOf(r.tree, s.OrgUnits, v.UnitsOnly, v.Reject); err != nil {
		return nil, err
	}
	for i := range v.Rules {
		if err := r.add(&v.Rules[i]); err != nil {
			return nil, err
		}
	}
	for _, class := range r.classes {
		slices.SortStableFunc(class.rules, func(a, b *preparedRule) int { return cmp.Compare(a.ID, b.ID) })
	}
	return r, nil
}

// placesOf returns the units of a scope that are in the tree. The second result
// has, for each position, whether its unit is compared; nil means all are.
func placesOf(tree *orgunit.Tree, units []hmis.UID, alone bool, reject func(hmis.Ref, error)) ([]hmis.UID, []bool, error) {
	if len(units) == 0 {
		return nil, nil, nil
	}
	where := make([]bool, tree.Len())
	var known []hmis.UID
	for _, id := range units {
		first, end, ok := tree.Span(id)
		if !ok {
			ref := hmis.Ref{Kind: hmis.KindOrgUnit, ID: id}
			if err := rejected(reject, ref, errors.New("not in the tree of org units")); err != nil {
				return nil, nil, err
			}
			continue
		}
		known = append(known, id)
		if alone {
			end = first + 1
		}
		for pos := first; pos < end; pos++ {
			where[pos] = true
		}
	}
	return known, where, nil
}

// rejected calls reject with an *[hmis.Issue] about an object that is left out.
// If reject is nil, it returns the issue, and the work ends.
func rejected(reject func(hmis.Ref, error), ref hmis.Ref, err error) error {
	issue := &hmis.Issue{Severity: hmis.Severe, Object: ref, Offset: -1, Err: err}
	if reject == nil {
		return issue
	}
	reject(ref, issue)
	return nil
}

// reject calls Reject for a rule, but only once.
func (r *ruleRun) reject(rule hmis.UID, err error) error {
	if r.told[rule] {
		return nil
	}
	r.told[rule] = true
	return rejected(r.Reject, hmis.Ref{Kind: hmis.KindValidationRule, ID: rule}, err)
}

// add prepares a rule. A rule that cannot be parsed stays in the run, because
// the types of its items count.
func (r *ruleRun) add(rule *hmis.ValidationRule) error {
	compiled, err := indicator.CompileRule(*rule)
	if compiled == nil {
		return r.reject(rule.ID, fmt.Errorf("unknown operator %q", rule.Operator))
	}
	if rule.Period == 0 {
		return r.reject(rule.ID, errors.New("no period type"))
	}
	for i, text := range []string{rule.Right.Text, rule.Left.Text} { // the left side is parsed last, so that its error replaces that of the right side
		if _, bad := indicator.InRule.Parse(text); bad != nil {
			err = sideError(1-i, bad)
		}
	}
	p := &preparedRule{ValidationRule: rule, rule: compiled}
	p.sides = [2]preparedSide{{compiled.Left, rule.Left.Missing}, {compiled.Right, rule.Right.Missing}}
	if err != nil && !r.TypeErrorsAsZero {
		p.broken = true
		if err := r.reject(rule.ID, err); err != nil {
			return err
		}
	}
	i := slices.IndexFunc(r.classes, func(c *ruleClass) bool { return c.typ == rule.Period })
	if i < 0 {
		i = len(r.classes)
		r.classes = append(r.classes, &ruleClass{typ: rule.Period, at: map[indicator.Item]int{}, elements: map[hmis.UID][]int{}})
	}
	class := r.classes[i]
	class.rules = append(class.rules, p)
	for _, side := range p.sides {
		for item := range side.expr.Items() {
			if err := r.addItem(class, p, item); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *ruleRun) addItem(class *ruleClass, p *preparedRule, item indicator.Item) error {
	n, known := class.at[item]
	if !known {
		n = len(class.items)
		class.items = append(class.items, item)
		class.at[item] = n
		if item.Kind == indicator.DataElementItem {
			class.elements[item.ID] = append(class.elements[item.ID], n)
		}
		r.outside.prepare(item)
	}
	switch item.Kind {
	case indicator.DataElementItem:
		if !slices.Contains(p.own, n) {
			p.own = append(p.own, n)
		}
		doubt(r.Warn, hmis.Ref{Kind: hmis.KindValidationRule, ID: p.ID}, r.catalog, item)
	case indicator.ProgramIndicatorItem, indicator.ProgramElementItem, indicator.ProgramAttributeItem:
		p.broken = true
		return r.reject(p.ID, fmt.Errorf("%s is of a program, which a cube does not hold", item))
	}
	return nil
}

// doubt calls warn if an item of a rule or predictor cannot have a value.
func doubt(warn func(hmis.Issue), of hmis.Ref, c *hmis.Catalog, item indicator.Item) {
	if warn == nil {
		return
	}
	for _, ref := range []hmis.Ref{{Kind: hmis.KindDataElement, ID: item.ID}, {Kind: hmis.KindOptionCombo, ID: item.OptionCombo}} {
		if ref.ID != "" && !c.Has(ref) {
			warn(hmis.Issue{
				Severity: hmis.Warning, Object: of, Offset: -1,
				Err: fmt.Errorf("no %s in the catalog, so %s has no value", ref, item),
			})
		}
	}
}

// reads reports whether an item reads the values of an option combo.
func reads(item indicator.Item, combo hmis.UID) bool {
	return item.OptionCombo == "" || item.OptionCombo == combo
}
