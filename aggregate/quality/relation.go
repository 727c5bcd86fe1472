package quality

import (
	"context"
	"fmt"
	"math"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Pair has two totals of one org unit. A nil total is missing.
type Pair struct {
	OrgUnit hmis.UID
	A, B    *float64
}

func (p *Pair) both() bool { return p.A != nil && p.B != nil }

// ratio returns A / B, or nil if it cannot be calculated.
func (p *Pair) ratio() *float64 {
	if !p.both() || *p.B == 0 {
		return nil
	}
	return known(*p.A / *p.B)
}

// times100 returns a ratio in per cent.
func times100(x *float64) *float64 {
	if x == nil {
		return nil
	}
	return known(100 * *x)
}

// offBy reports whether a ratio is outside middle × (1 ± k).
func offBy(x, middle, k float64) bool { return below(x, middle*(1-k)) || above(x, middle*(1+k)) }

// A RelationKind is the expected relation of two indicators.
type RelationKind uint8

// These are the relations of A and B.
const (
	Equal     RelationKind = iota // A should be about as large as B
	AtLeast                       // A should be at least as large as B
	Dropout                       // A should be at least as large as B, as with first and third doses; the score is the loss from A to B
	SameRatio                     // A / B should be about the same everywhere
)

// String returns the relation in words.
func (k RelationKind) String() string {
	switch k {
	case Equal:
		return "A is about equal to B"
	case AtLeast:
		return "A is at least B"
	case Dropout:
		return "no negative dropout from A to B"
	case SameRatio:
		return "A to B is about the same everywhere"
	}
	return fmt.Sprintf("RelationKind(%d)", uint8(k))
}

// Relation is metric 2e, the consistency of two related indicators.
type Relation struct {
	A, B      indicator.Item
	Kind      RelationKind
	Threshold float64 // how far the ratio may differ, in per cent; 0 means 10
}

// Measure implements [Metric].
func (rel Relation) Measure(ctx context.Context, c *aggregate.Cube, r Review) (Measure, error) {
	item := rel.A.Name(c.Catalog()) + " / " + rel.B.Name(c.Catalog())
	m := Measure{Metric: "2e", Item: item}
	overall, units, err := r.pairs(ctx, c, rel.A, rel.B)
	if err != nil {
		return m, err
	}
	m, err = rel.Compare(overall, units)
	m.Item = item
	return m, err
}

// pairs returns the totals of one or two items in the period under review.
func (r Review) pairs(
	ctx context.Context, c *aggregate.Cube, items ...indicator.Item,
) (overall Pair, units []Pair, err error) {
	table, err := r.figures(ctx, c, []period.Period{r.Period}, items...)
	if err != nil {
		return overall, nil, err
	}
	at := func(unit hmis.UID) Pair {
		p := Pair{OrgUnit: unit, A: number(table.At(items[0], unit, r.Period))}
		if len(items) > 1 {
			p.B = number(table.At(items[1], unit, r.Period))
		}
		return p
	}
	for _, unit := range r.Units {
		units = append(units, at(unit))
	}
	return at(r.Overall), units, nil
}

// Compare returns the metric for given totals.
func (rel Relation) Compare(overall Pair, units []Pair) (Measure, error) {
	m := Measure{Metric: "2e", Units: []Figure{}, Note: rel.Kind.String()}
	if rel.Kind <= SameRatio {
		m.Relation = [...]string{"equal", "greater", "dropout", "level"}[rel.Kind]
	}
	var err error
	if m.Threshold, err = threshold(rel.Threshold, 10); err != nil {
		return m, err
	}
	if rel.Kind > SameRatio {
		return m, refuse("", "Kind", "unknown relation %d", rel.Kind)
	}
	k := m.Threshold / 100
	middle := 1.0
	whole := overall.ratio()
	if rel.Kind == SameRatio && whole != nil {
		middle = *whole
	}
	noMiddle := rel.Kind == SameRatio && (whole == nil || *whole == 0)
	figure := func(p *Pair) Figure {
		f := Figure{OrgUnit: p.OrgUnit, Parts: parts("a", p.A, "b", p.B)}
		if rel.Kind == Dropout {
			f.Score, f.Divergent = dropout(p)
			return f
		}
		f.Score = times100(p.ratio())
		if f.Unjudged = noMiddle; f.Score == nil || noMiddle {
			return f
		}
		if x := *p.ratio(); rel.Kind == AtLeast {
			f.Divergent = below(x, 1-k)
		} else {
			f.Divergent = offBy(x, middle, k)
		}
		return f
	}
	m.Overall = figure(&overall)
	for i := range units {
		m.Units = append(m.Units, figure(&units[i]))
	}
	m.share()
	return m, nil
}

// dropout returns the loss from A to B in per cent of A. More B than A is
// always divergent, even if A is 0 and there is no score.
func dropout(p *Pair) (score *float64, divergent bool) {
	switch {
	case !p.both():
		return nil, false
	case *p.A == *p.B:
		return new(float64), false
	case *p.A == 0:
		return nil, *p.B > 0
	}
	return known(100 * (*p.A - *p.B) / *p.A), *p.B > *p.A
}

// Population is metric 4b. It compares two official numbers of one population
// by org unit, such as a census projection and the target of the immunization
// programme. With UN it is metric 4a: the overall ratio of A to a projection of
// the United Nations.
type Population struct {
	A, B      indicator.Item
	UN        *float64 // a projection of the United Nations, which replaces B
	Threshold float64  // how far the ratio may differ, in per cent; 0 means 10
}

// Measure implements [Metric].
func (p Population) Measure(ctx context.Context, c *aggregate.Cube, r Review) (Measure, error) {
	if p.UN != nil {
		return p.measureUN(ctx, c, r)
	}
	item := p.A.Name(c.Catalog()) + " / " + p.B.Name(c.Catalog())
	m := Measure{Metric: "4b", Item: item}
	overall, units, err := r.pairs(ctx, c, p.A, p.B)
	if err != nil {
		return m, err
	}
	m, err = p.Compare(overall, units)
	m.Item = item
	return m, err
}

func (p Population) measureUN(ctx context.Context, c *aggregate.Cube, r Review) (Measure, error) {
	m := Measure{
		Metric: "4a", Item: p.A.Name(c.Catalog()), Units: []Figure{},
		Note: "compared with the projection of the United Nations",
	}
	var err error
	if m.Threshold, err = threshold(p.Threshold, 10); err != nil {
		return m, err
	}
	if !(*p.UN > 0) || math.IsInf(*p.UN, 0) {
		return m, refuse("", "UN", "projection %v: want a positive number", *p.UN)
	}
	table, err := r.figures(ctx, c, []period.Period{r.Period}, p.A)
	if err != nil {
		return m, err
	}
	pair := Pair{r.Overall, number(table.At(p.A, r.Overall, r.Period)), p.UN}
	m.Overall = Figure{OrgUnit: r.Overall, Score: pair.ratio(), Parts: parts("a", pair.A, "b", pair.B)}
	m.Overall.Divergent = m.Overall.Score != nil && offBy(*m.Overall.Score, 1, m.Threshold/100)
	return m, nil
}

// Compare returns metric 4b for given totals.
func (p Population) Compare(overall Pair, units []Pair) (Measure, error) {
	m, err := Relation{Kind: Equal, Threshold: p.Threshold}.Compare(overall, units)
	m.Metric, m.Note, m.Relation = "4b", "", ""
	return m, err
}
