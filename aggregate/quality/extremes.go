package quality

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// An Extreme is a kind of outlier, which [Extremes] counts.
type Extreme uint8

// These are the kinds of outliers. Each kind is a separate metric.
const (
	ExtremeValues  Extreme = iota // metric 2a: far from the mean, by default more than three sample standard deviations
	ModerateValues                // metric 2b: like 2a, but at a smaller distance
	ModifiedValues                // metric 2c: far from the median, in median deviations
)

// Extremes counts the months whose value is far from the other months of the
// same org unit. An org unit diverges if it has one extreme value, or two of
// another kind.
type Extremes struct {
	Data indicator.Item
	Kind Extreme
	// An outlier has a score above Threshold. 0 means 3 for ExtremeValues, 2
	// for ModerateValues and 3.5 for ModifiedValues.
	Threshold float64
	// An extreme value has a score above Extreme; 0 means 3. It is not
	// moderate, unless CountExtreme is set.
	Extreme      float64
	CountExtreme bool
}

func (e Extremes) metric() (id string, usual float64) {
	switch e.Kind {
	case ModerateValues:
		return "2b", 2
	case ModifiedValues:
		return "2c", 3.5
	}
	return "2a", 3
}

// Measure implements [Metric]. It uses the value of each month in the period
// under review.
func (e Extremes) Measure(ctx context.Context, c *aggregate.Cube, r Review) (Measure, error) {
	id, _ := e.metric()
	m := Measure{Metric: id, Item: e.Data.Name(c.Catalog())}
	months := r.Period.Split(period.Monthly)
	if len(months) == 0 {
		return m, refuse("", "Period", "no months within %s", r.Period)
	}
	table, err := r.figures(ctx, c, months, e.Data)
	if err != nil {
		return m, err
	}
	units := make([]Line, len(r.Units))
	for i, unit := range r.Units {
		units[i].OrgUnit = unit
		for _, p := range months {
			units[i].Values = append(units[i].Values, number(table.At(e.Data, unit, p)))
		}
	}
	item := m.Item
	m, err = e.Compare(units)
	m.Item, m.Overall.OrgUnit = item, r.Overall
	return m, err
}

// A Line has the values of an org unit in successive periods. nil is a period
// without a value.
type Line struct {
	OrgUnit hmis.UID
	Values  []*float64
}

func (l *Line) present() []float64 {
	var x []float64
	for _, v := range l.Values {
		if v != nil && known(*v) != nil {
			x = append(x, *v)
		}
	}
	return x
}

// Compare returns the metric for given numbers, one Line for each org unit. The
// Parts of a Figure are n, mean, sd, median, mad, maxZ, maxModifiedZ and the
// counts extreme, moderate and modified; a unit with fewer than two values has
// only n. Units with too few values for an outlier are named in its Issues.
func (e Extremes) Compare(units []Line) (Measure, error) {
	id, usual := e.metric()
	m := Measure{Metric: id, Units: []Figure{}}
	if e.Kind > ModifiedValues {
		return m, refuse("", "Kind", "unknown kind of outliers %d", e.Kind)
	}
	var err error
	if m.Threshold, err = threshold(e.Threshold, usual); err != nil {
		return m, err
	}
	extreme, err := threshold(e.Extreme, 3)
	if err != nil {
		return m, err
	}
	limits := limits{extreme: extreme, moderate: 2, modified: 3.5, both: e.CountExtreme}
	switch e.Kind {
	case ModerateValues:
		limits.moderate = m.Threshold
	case ModifiedValues:
		limits.modified = m.Threshold
	default:
		limits.extreme = m.Threshold
	}
	values, outlying := 0, 0
	for i := range units {
		f := Figure{OrgUnit: units[i].OrgUnit}
		x := units[i].present()
		if len(x) < 2 {
			f.Parts = parts("n", len(x))
			m.Units = append(m.Units, f)
			continue
		}
		s := measureLine(x, limits)
		counts := [...]int{s.extreme, s.moderate, s.modified}
		n := counts[e.Kind]
		f.Score = percent(float64(n), float64(len(x)))
		f.Divergent = n >= 2 || n >= 1 && e.Kind == ExtremeValues
		f.Parts = parts(
			"n", len(x), "mean", s.mean, "sd", s.sd, "median", s.median, "mad", s.mad,
			"maxZ", s.maxZ, "maxModifiedZ", s.maxModified,
			"extreme", s.extreme, "moderate", s.moderate, "modified", s.modified,
		)
		values, outlying = values+len(x), outlying+n
		m.Units = append(m.Units, f)
	}
	m.Issues = e.short(units, m.Threshold)
	m.Overall.Score = percent(float64(outlying), float64(values))
	m.Overall.Parts = parts("values", values, "outlying", outlying)
	m.share()
	return m, nil
}

// short returns an issue that names the org units with too few values for an
// outlier. With n values no score from the mean is above (n-1)/√n.
func (e Extremes) short(units []Line, threshold float64) hmis.Issues {
	var names []string
	for i := range units {
		n := float64(len(units[i].present()))
		if n < 2 || e.Kind != ModifiedValues && !above((n-1)/math.Sqrt(n), threshold) {
			names = append(names, string(units[i].OrgUnit))
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return hmis.Issues{{
		Code: "series_short", Severity: hmis.Info, Offset: -1,
		Err: fmt.Errorf("too few values for an outlier at %v: %s", threshold, strings.Join(names, ", ")),
	}}
}

// A limits has the thresholds of the scores.
type limits struct {
	extreme, moderate, modified float64
	both                        bool // extreme values are moderate too
}

// A lineScore has the scores of one line.
type lineScore struct {
	mean, sd, median, mad       float64
	z, modifiedZ                []float64 // absolute scores of each value in the line
	maxZ, maxModified           float64
	extreme, moderate, modified int
}

// measureLine scores each value within its own line. z counts standard
// deviations from the mean. modifiedZ counts median deviations from the median
// or, if these are 0, mean deviations. Without any deviation scores are 0.
func measureLine(x []float64, l limits) lineScore {
	x, unit := manageable(x)
	sample := sample{x: x}
	s := lineScore{mean: mean(x), median: sample.median()}
	s.sd = deviation(x, s.mean, 1)
	mad, away := sample.absolute(s.median)
	s.mad = mad
	for _, v := range x {
		z, modified := 0.0, 0.0
		if s.sd > 0 {
			z = math.Abs(v-s.mean) / s.sd
		}
		switch {
		case mad > 0:
			modified = madScore * math.Abs(v-s.median) / mad
		case away > 0:
			modified = math.Abs(v-s.median) / (meanScore * away)
		}
		s.z, s.modifiedZ = append(s.z, z), append(s.modifiedZ, modified)
		s.maxZ, s.maxModified = max(s.maxZ, z), max(s.maxModified, modified)
		isExtreme := above(z, l.extreme)
		if isExtreme {
			s.extreme++
		}
		if above(z, l.moderate) && (!isExtreme || l.both) {
			s.moderate++
		}
		if above(modified, l.modified) {
			s.modified++
		}
	}
	s.mean, s.sd, s.median, s.mad = s.mean*unit, s.sd*unit, s.median*unit, s.mad*unit
	return s
}

// A WorkList makes a list of org units to follow up, which have outliers or too
// many gaps. Those with the largest effect come first.
type WorkList struct {
	Score    float64 // z-score from which a value is an outlier; 0 means 2
	Modified float64 // modified score from which a value is an outlier; 0 means 3.5
	Gaps     int     // number of gaps from which a line is listed; 0 ignores gaps
}

// A WorkItem is one line of a work list. Weights are in the units of the values.
type WorkItem struct {
	OrgUnit        hmis.UID
	Outliers, Gaps int
	MaxScore       float64
	MaxModified    float64
	OutlierWeight  float64 // how much the outliers change the total
	GapWeight      float64 // how much the gaps would add, at the median
	Total          float64
}

// Items returns the lines that have an outlier or too many gaps, sorted by
// total weight, then org unit.
func (w WorkList) Items(lines []Line) ([]WorkItem, error) {
	score, err := threshold(w.Score, 2)
	if err != nil {
		return nil, err
	}
	modified, err := threshold(w.Modified, 3.5)
	if err != nil {
		return nil, err
	}
	if w.Gaps < 0 {
		return nil, refuse("", "Gaps", "%d gaps: want a number that is not negative", w.Gaps)
	}
	list := []WorkItem{}
	for i := range lines {
		x := lines[i].present()
		item := WorkItem{OrgUnit: lines[i].OrgUnit, Gaps: len(lines[i].Values) - len(x)}
		var s lineScore
		if len(x) > 0 {
			s = measureLine(x, limits{})
		}
		item.MaxScore, item.MaxModified = s.maxZ, s.maxModified
		sum, normal, normals := 0.0, 0.0, 0
		x, unit := manageable(x)
		for k, v := range x {
			sum += v
			if !below(s.z[k], score) || !below(s.modifiedZ[k], modified) {
				item.Outliers++
				continue
			}
			normal, normals = normal+v, normals+1
		}
		if item.Outliers > 0 && normals > 0 && len(x) > 1 {
			item.OutlierWeight = bounded(halfUp(math.Abs(sum-normal/float64(normals)*float64(len(x))) * unit))
		}
		gappy := w.Gaps > 0 && item.Gaps >= w.Gaps
		if gappy && len(x) > 0 {
			item.GapWeight = bounded(halfUp(float64(item.Gaps) * s.median))
		}
		item.Total = bounded(item.OutlierWeight + item.GapWeight)
		if item.Outliers > 0 || gappy {
			list = append(list, item)
		}
	}
	slices.SortFunc(list, func(a, b WorkItem) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.OrgUnit, b.OrgUnit))
	})
	return list, nil
}
