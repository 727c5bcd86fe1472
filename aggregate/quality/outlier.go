package quality

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// An Outlier is a value that is far from the rest of its series. Figures that
// its score does not use are 0.
type Outlier struct {
	Value  hmis.DataValue // the value as stored, with its follow-up mark
	Number float64        // the number in Value; 0 for InvalidNumber

	Middle    float64 // the mean or the median of the series
	Deviation float64 // the population deviation, the median absolute deviation, or the distance between the quartiles
	Distance  float64 // distance from Middle, or for MinMax from the nearer bound
	Score     float64 // the score; NaN after [Outlier.Round] if the rounded Deviation is 0
	Low, High float64 // the range outside which values are outliers
}

// Outliers returns the outliers of all series. A series has the values of one
// data element, org unit and pair of option combos over time. Its statistics
// use all values, or those within the days of m. It judges the values within
// the days and periods of s. An empty s.Data means every numeric data element.
//
// The list is sorted by m.Order, then by data element, org unit, period and
// option combos, and has at most m.Max entries. The error is that of m.Check or
// ctx. If m.Reject is nil, a text that is no number is an error with the code
// E2208. A cube has such texts, and deleted values, only if it was loaded with
// [aggregate.Loader.KeepUncounted] (RULES.md#outliers).
func Outliers(ctx context.Context, c *aggregate.Cube, m Method, s Scope) ([]Outlier, error) {
	if err := cmp.Or(m.Check(), ctx.Err()); err != nil {
		return nil, err
	}
	d := detection{cube: c, method: &m, scope: s, warn: m.Warn}
	elements, err := d.elements()
	if err != nil {
		return nil, err
	}
	d.bounds = d.limits(m.Bounds)
	parts := make([]found, len(elements))
	var workers []*detector
	var mu sync.Mutex
	each(m.Workers, len(elements), func() func(int) bool {
		w := &detector{detection: &d}
		mu.Lock()
		workers = append(workers, w)
		mu.Unlock()
		w.allTested = s.From == 0 && s.To == 0 && len(s.Periods) == 0 && !m.Analytics
		return func(i int) bool {
			w.found = found{}
			w.found.err = w.element(ctx, elements[i])
			parts[i] = w.found
			return w.found.err == nil
		}
	})
	for i := range parts {
		if err := parts[i].err; err != nil {
			return nil, err
		}
		for _, r := range parts[i].rejected {
			m.Reject(r.value, r.err)
		}
		if d.warn != nil && parts[i].short > 0 {
			d.warn(*parts[i].tooShort(elements[i].id, d.method))
		}
	}
	// No two outliers are equal, so their order does not depend on the workers.
	var all []Outlier
	for _, w := range workers {
		all = append(all, w.outliers...)
	}
	return m.first(ctx, all), ctx.Err()
}

// first returns the first outliers of the sorted list. It sorts indexes, since
// outliers are large. If ctx ends, the result is not sorted.
func (m *Method) first(ctx context.Context, all []Outlier) []Outlier {
	places := make([]int, len(all))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, whileOpen(ctx, func(i, j int) int { return m.compare(&all[i], &all[j]) }))
	list := make([]Outlier, min(len(all), m.most()))
	for i := range list {
		list[i] = all[places[i]]
	}
	return list
}

func (m *Method) most() int {
	switch {
	case m.Max == 0:
		return defaultMax
	case m.Max < 0:
		return math.MaxInt
	}
	return m.Max
}

// compare returns the order of two outliers.
func (m *Method) compare(a, b *Outlier) int {
	n := 0
	switch m.Score {
	case MinMax:
		n = cmp.Compare(b.Distance, a.Distance)
	case InvalidNumber:
	default:
		n = cmp.Compare(m.Order.figure(b), m.Order.figure(a))
		if m.Ascending {
			n = -n
		}
	}
	if n != 0 {
		return n
	}
	return compareKeys(a.Value.Key, b.Value.Key)
}

// after reports whether the figures alone decide that a comes after b.
func (m *Method) after(a, b *Outlier) bool {
	switch {
	case m.Score == InvalidNumber:
		return false
	case m.Score == MinMax:
		return a.Distance < b.Distance
	case m.Ascending:
		return m.Order.figure(a) > m.Order.figure(b)
	}
	return m.Order.figure(a) < m.Order.figure(b)
}

func (o Order) figure(x *Outlier) float64 {
	return [...]float64{x.Distance, x.Score, x.Number, x.Middle, x.Deviation, x.Low, x.High}[o]
}

// compareKeys orders keys by the texts of their parts.
func compareKeys(a, b hmis.Key) int {
	if n := cmp.Or(cmp.Compare(a.DataElement, b.DataElement), cmp.Compare(a.OrgUnit, b.OrgUnit)); n != 0 {
		return n
	}
	if a.Period != b.Period {
		return cmp.Compare(a.Period.String(), b.Period.String())
	}
	return cmp.Or(
		cmp.Compare(a.OptionCombo, b.OptionCombo),
		cmp.Compare(a.AttributeCombo, b.AttributeCombo),
	)
}

// Round returns o with figures rounded to digits decimals, with ties away from
// zero. Analytics shows two, or ten. Number stays as it is. Score is NaN if the
// rounded Deviation is 0.
func (o Outlier) Round(digits int) Outlier {
	for _, f := range []*float64{&o.Middle, &o.Deviation, &o.Distance, &o.Score, &o.Low, &o.High} {
		*f = roundDecimal(*f, digits)
	}
	if o.Deviation == 0 {
		o.Score = math.NaN()
	}
	return o
}

// roundDecimal rounds the shortest decimal text of x to digits decimals.
func roundDecimal(x float64, digits int) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	return decimal.NewFromFloat(x).Round(int32(digits)).InexactFloat64()
}

// A detection has the data that all elements of one run share.
type detection struct {
	cube   *aggregate.Cube
	method *Method
	scope  Scope
	bounds map[boundPlace][2]float64 // the low and the high limit for each place
	warn   func(hmis.Issue)
	units  []hmis.UID // the known org units of scope; nil means all
}

// A wanted is one data element to be searched.
type wanted struct {
	id    hmis.UID
	items []indicator.Item
	typ   hmis.ValueType
	zero  bool // values of 0 are not tested
}

// elements returns the data elements to search. It warns about unknown data
// elements and org units.
func (d *detection) elements() ([]wanted, error) {
	catalog, tree := d.cube.Catalog(), d.cube.Tree()
	for _, id := range d.scope.OrgUnits {
		if tree.Level(id) > 0 {
			d.units = append(d.units, id)
		} else {
			d.report(hmis.KindOrgUnit, id, "E7143", "org unit")
		}
	}
	if len(d.scope.OrgUnits) > 0 && d.units == nil {
		return nil, nil
	}
	items := d.scope.Data
	if len(items) == 0 {
		for e := range hmis.All[hmis.DataElement](catalog) {
			if e.ValueType.IsNumeric() && !e.Tracker {
				items = append(items, indicator.Item{ID: e.ID})
			}
		}
	}
	at := map[hmis.UID]int{}
	var list []wanted
	for _, item := range items {
		if n, ok := at[item.ID]; ok {
			list[n].items = append(list[n].items, item)
			continue
		}
		e, ok := hmis.Find[hmis.DataElement](catalog, item.ID)
		if !ok {
			d.report(hmis.KindDataElement, item.ID, "E7125", "data element")
			continue
		}
		at[item.ID] = len(list)
		averaged := e.Aggregation == hmis.Average || e.Aggregation == hmis.AverageSumOrgUnit
		list = append(list, wanted{
			id: item.ID, items: []indicator.Item{item}, typ: e.ValueType,
			zero: d.method.Analytics && !averaged && !(d.method.ZeroIsData && e.ZeroIsData),
		})
	}
	return list, nil
}

func (d *detection) report(kind hmis.Kind, id hmis.UID, code, what string) {
	if d.warn != nil {
		d.warn(hmis.Issue{
			Code: code, Severity: hmis.Warning, Object: hmis.Ref{Kind: kind, ID: id}, Offset: -1,
			Err: fmt.Errorf("unknown %s", what),
		})
	}
}

// tested reports whether the values of a period are judged.
func (d *detection) tested(p period.Period) bool {
	s := &d.scope
	if s.From != 0 && p.First() < s.From || s.To != 0 && p.Last() > s.To {
		return false
	}
	return len(s.Periods) == 0 || slices.Contains(s.Periods, p)
}

// counted reports whether the values of a period are part of the statistics.
func (m *Method) counted(p period.Period) bool {
	return !(m.From != 0 && p.First() < m.From || m.To != 0 && p.Last() > m.To)
}

// series returns the series of one element.
func (d *detection) series(ctx context.Context, e wanted) iter.Seq2[*aggregate.Series, error] {
	return d.cube.Series(ctx, aggregate.Filter{Data: e.items, OrgUnits: d.units, Axes: d.scope.Axes})
}
