package quality

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/shopspring/decimal"
)

// A Bound is the range in which values of one data element, org unit and option
// combo are expected, for all attribute option combos. It includes Low and
// High.
type Bound struct {
	DataElement, OrgUnit, OptionCombo hmis.UID // OptionCombo "" means the default option combo
	Low, High                         decimal.Decimal
	Generated                         bool // made by [BoundRule.Generate] and not set by a person
}

// A boundPlace identifies a bound.
type boundPlace struct{ element, unit, combo hmis.UID }

func (b *Bound) place(c *hmis.Catalog) boundPlace {
	combo := b.OptionCombo
	if combo == "" {
		combo = c.DefaultOptionCombo()
	}
	return boundPlace{b.DataElement, b.OrgUnit, combo}
}

// limits returns the limits of bounds by place, as doubles for comparison. It
// warns about bounds that no value is within, which it leaves out.
func (d *detection) limits(bounds []Bound) map[boundPlace][2]float64 {
	at := make(map[boundPlace][2]float64, len(bounds))
	for i := range bounds {
		b := &bounds[i]
		if b.Low.Cmp(b.High) > 0 {
			if d.warn != nil {
				bad := refuse("E2044", "Bounds", "bounds %s and %s at org unit %s: want the lower one first", b.Low, b.High, b.OrgUnit)
				bad.Severity, bad.Object = hmis.Warning, hmis.Ref{Kind: hmis.KindDataElement, ID: b.DataElement}
				d.warn(*bad)
			}
			continue
		}
		at[b.place(d.cube.Catalog())] = [2]float64{double(b.Low), double(b.High)}
	}
	return at
}

// double returns the double nearest to d. For numbers of few digits it
// allocates nothing: their digits and the power of ten are exact doubles, and
// one operation on them is rounded once.
func double(d decimal.Decimal) float64 {
	const exactDigits, exactPower = 15, 22
	if exp := int(d.Exponent()); d.NumDigits() <= exactDigits && max(exp, -exp) <= exactPower {
		if exp < 0 {
			return float64(d.CoefficientInt64()) / math.Pow10(-exp)
		}
		return float64(d.CoefficientInt64()) * math.Pow10(exp)
	}
	return d.InexactFloat64()
}

// boundsByPlace returns bounds by place. If a place has several, the last one
// counts.
func boundsByPlace(c *hmis.Catalog, bounds []Bound) map[boundPlace]Bound {
	at := make(map[boundPlace]Bound, len(bounds))
	for i := range bounds {
		at[bounds[i].place(c)] = bounds[i]
	}
	return at
}

func compareBounds(a, b Bound) int {
	return cmp.Or(
		cmp.Compare(a.DataElement, b.DataElement),
		cmp.Compare(a.OrgUnit, b.OrgUnit),
		cmp.Compare(a.OptionCombo, b.OptionCombo),
	)
}

// A BoundRule makes bounds from reported values: the mean for a data element,
// org unit and option combo, plus and minus some standard deviations. Bounds
// are whole numbers.
type BoundRule struct {
	Factor     float64 // number of standard deviations up and down; 0 means 2
	KeepManual bool    // bounds that a person has set are kept, and no bounds are generated in their place
	UnitsOnly  bool    // bounds are made and removed only at the org units of the scope, not below them

	// Warn, if not nil, is called for each data element and org unit that is
	// unknown, each data element that is not numeric, and each text that is no
	// number.
	Warn func(hmis.Issue)
}

// Generate applies the rule and returns all bounds, sorted by data element, org
// unit and option combo. Bounds within s.Data and s.OrgUnits are new; all
// others of existing are kept.
//
// An empty s.OrgUnits means everywhere, and an empty s.Data means every numeric
// data element. Other parts of s are not used. A series whose values are all
// equal gets no bound.
func (r BoundRule) Generate(ctx context.Context, c *aggregate.Cube, s Scope, existing []Bound) ([]Bound, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	factor := cmp.Or(r.Factor, 2)
	if !(factor > 0) || math.IsInf(factor, 0) {
		return nil, refuse("", "Factor", "factor %v: want a positive number", factor)
	}
	d := detection{cube: c, method: &Method{}, scope: s, warn: r.Warn}
	elements, err := d.elements()
	if err != nil {
		return nil, err
	}
	g := generation{BoundRule: r, detection: &d, factor: factor, kept: map[boundPlace]bool{}}
	for i := range elements {
		g.selected = append(g.selected, elements[i].id)
	}
	slices.Sort(g.selected)
	g.find()
	for i, b := range existing {
		if i%contextSteps == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		switch {
		case !g.covers(&b):
			g.bounds = append(g.bounds, b)
		case r.KeepManual && !b.Generated:
			g.bounds = append(g.bounds, b)
			g.kept[b.place(c.Catalog())] = true
		}
	}
	for _, e := range elements {
		if !e.typ.IsNumeric() {
			if r.Warn != nil {
				r.Warn(hmis.Issue{
					Severity: hmis.Warning, Object: hmis.Ref{Kind: hmis.KindDataElement, ID: e.id}, Offset: -1,
					Err: fmt.Errorf("no bounds for values of type %s", e.typ),
				})
			}
			continue
		}
		if err := g.element(ctx, e); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(g.bounds, whileOpen(ctx, compareBounds))
	return g.bounds, ctx.Err()
}

// A generation is one run of a BoundRule.
type generation struct {
	BoundRule
	*detection
	factor   float64
	selected []hmis.UID // the data elements, sorted
	kept     map[boundPlace]bool
	bounds   []Bound
	where    []bool // for each position in the tree, whether bounds are made there; nil means everywhere
}

// find sets where to the org units at which bounds are made.
func (g *generation) find() {
	if len(g.scope.OrgUnits) == 0 {
		return
	}
	tree := g.cube.Tree()
	g.where = make([]bool, tree.Len())
	for _, unit := range g.units {
		first, end, _ := tree.Span(unit)
		if g.UnitsOnly {
			end = first + 1
		}
		for pos := first; pos < end; pos++ {
			g.where[pos] = true
		}
	}
}

// at reports whether bounds are made at an org unit.
func (g *generation) at(unit hmis.UID) bool {
	pos, _, ok := g.cube.Tree().Span(unit)
	return g.where == nil || ok && g.where[pos]
}

// covers reports whether a bound is replaced by a new one.
func (g *generation) covers(b *Bound) bool {
	if _, ok := slices.BinarySearch(g.selected, b.DataElement); !ok {
		return false
	}
	return g.at(b.OrgUnit)
}

// element makes the bounds of one data element. The values of all attribute
// option combos are pooled.
func (g *generation) element(ctx context.Context, e wanted) error {
	pools := map[boundPlace][]float64{}
	w := detector{detection: g.detection}
	for s, err := range g.series(ctx, wanted{id: e.id, items: []indicator.Item{{ID: e.id}}}) {
		if err != nil {
			return err
		}
		if !g.at(s.Key.OrgUnit) {
			continue
		}
		at := boundPlace{s.Key.DataElement, s.Key.OrgUnit, s.Key.OptionCombo}
		if g.kept[at] {
			continue
		}
		for i := range s.Values {
			switch x, kind := w.read(s, i); {
			case kind == counts && s.Marks[i]&aggregate.Deleted == 0:
				pools[at] = append(pools[at], x)
			case kind == noNumber && g.Warn != nil:
				bad := notNumeric(s, i)
				bad.Severity = hmis.Warning
				g.Warn(*bad)
			}
		}
	}
	for at, x := range pools {
		if b, ok := g.bound(at, x, e.typ); ok {
			g.bounds = append(g.bounds, b)
		}
	}
	return nil
}

func (g *generation) bound(at boundPlace, x []float64, t hmis.ValueType) (Bound, bool) {
	m := mean(x)
	away := g.factor * deviation(x, m, 0)
	low, high := halfUp(m-away), halfUp(m+away)
	if away == 0 || math.IsNaN(low) || math.IsInf(low, 0) || math.IsInf(high, 0) {
		return Bound{}, false
	}
	switch t {
	case hmis.IntegerPositive, hmis.IntegerZeroOrPositive:
		low = max(low, 0)
	case hmis.IntegerNegative:
		high = min(high, 0)
	}
	return Bound{
		DataElement: at.element, OrgUnit: at.unit, OptionCombo: at.combo, Generated: true,
		Low: decimal.NewFromFloat(low), High: decimal.NewFromFloat(high),
	}, true
}
