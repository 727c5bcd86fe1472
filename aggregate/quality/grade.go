package quality

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Status is the grade of a figure.
type Status uint8

// These are the statuses.
const (
	NotAssessed Status = iota
	Good
	Warn
	Poor
)

// String returns "na", "good", "warn" or "poor".
func (s Status) String() string {
	return [...]string{"na", "good", "warn", "poor"}[min(s, Poor)]
}

// MarshalText implements [encoding.TextMarshaler] with the text of String.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A LimitKind determines which figures are good.
type LimitKind uint8

// These are the kinds of limits.
const (
	NoLimits LimitKind = iota // figures are not graded
	AtLeastLimit
	AtMostLimit
	WithinLimit // a figure is good if it is near a target
)

// Limits define which figures are good and which are a warning. Any worse
// figure is poor.
type Limits struct {
	Kind       LimitKind
	Good, Warn float64 // for WithinLimit, distances from Target
	Target     float64
}

// check returns an error if a limit cannot be used.
func (l Limits) check() error {
	if l.Kind != NoLimits && (known(l.Good) == nil || known(l.Warn) == nil || known(l.Target) == nil) {
		return fmt.Errorf("limits good %v, warn %v, target %v: want finite numbers", l.Good, l.Warn, l.Target)
	}
	if l.Kind == WithinLimit && (l.Good < 0 || l.Warn < 0) {
		return fmt.Errorf("distances good %v, warn %v: want numbers that are not negative", l.Good, l.Warn)
	}
	if l.Kind > WithinLimit {
		return fmt.Errorf("unknown kind of limits %d", l.Kind)
	}
	return nil
}

// Status grades a figure. A nil figure is not assessed, and neither is any figure
// if a limit is not a number.
func (l Limits) Status(v *float64) Status {
	if v == nil || l.Kind == NoLimits || math.IsNaN(*v) || l.check() != nil {
		return NotAssessed
	}
	x, good, warn := *v, l.Good, l.Warn
	switch l.Kind {
	case AtLeastLimit:
		x, good, warn = -x, -good, -warn
	case WithinLimit:
		x = math.Abs(x - l.Target)
		// A figure and its target both have rounding errors. The distance
		// between them has both errors.
		dust := onBound * max(math.Abs(*v), math.Abs(l.Target))
		good, warn = good+dust, warn+dust
	}
	switch {
	case !above(x, good):
		return Good
	case !above(x, warn):
		return Warn
	}
	return Poor
}

// A Grading has two limits for a metric: one for its overall figure, and one
// for the share of divergent org units.
type Grading struct{ Value, Divergent Limits }

// DefaultGradings returns limits by metric, for the usual thresholds. The World
// Health Organization sets thresholds but no grades, so these grades are ours.
// The map is new: change it and set it in a Grader.
func DefaultGradings() map[string]Grading {
	atLeast := func(good, warn float64) Limits { return Limits{Kind: AtLeastLimit, Good: good, Warn: warn} }
	atMost := func(good, warn float64) Limits { return Limits{Kind: AtMostLimit, Good: good, Warn: warn} }
	within := func(good, warn, target float64) Limits {
		return Limits{Kind: WithinLimit, Good: good, Warn: warn, Target: target}
	}
	units := atMost(10, 25)
	return map[string]Grading{
		"1a": {atLeast(90, 75), units},
		"1b": {atLeast(75, 60), units},
		"1c": {atLeast(90, 75), units},
		"1d": {within(10, 33, 100), units},
		"2a": {atMost(0, 1), units},
		"2b": {atMost(0, 5), units},
		"2c": {atMost(0, 5), units},
		"2d": {within(10, 33, 100), units},
		"2e": {within(10, 10, 100), units},
		"2f": {within(0.1, 0.2, 1), units},
		"3a": {within(10, 33, 100), units},
		"4a": {within(0.1, 0.1, 1), Limits{}},
		"4b": {within(10, 10, 100), units},
	}
}

// of returns the grading adapted to a measure. It fills in the usual limits.
func (g Grading) of(m *Measure) Grading {
	t := m.Threshold
	switch m.Metric {
	case "1d", "2d", "2e", "3a", "4b":
		g.Value.Good, g.Value.Warn = min(g.Value.Good, t), t
	}
	switch m.Relation {
	case "greater":
		g.Value = Limits{Kind: AtLeastLimit, Good: 100, Warn: 100 - t}
	case "dropout": // more third doses than first doses is a fault, even if the difference is small
		g.Value = Limits{Kind: AtLeastLimit}
	case "level": // any ratio may be correct, provided that it is the same everywhere
		g.Value = Limits{}
	}
	return g
}

// A Grader turns measures into a scorecard.
type Grader struct {
	// Gradings has the limits by metric. A metric without limits is not
	// assessed. Nil means DefaultGradings, adapted to the threshold of each
	// measure and the kind of each relation.
	Gradings map[string]Grading
	// Points has the points of each status, from 0 to 1. Nil means Good 1, Warn
	// 0.5 and Poor 0.
	Points map[Status]float64
}

// A Card is a scorecard.
type Card struct {
	Cells   []Cell        `json:"cells"` // one cell for each measure, in the order of the measures
	Domains []DomainScore `json:"domains"`
	Overall *float64      `json:"overall"` // the mean of all domains that have a score; nil if none has one
	// Issues lists the limits and points of the Grader that cannot be used.
	// Figures with such limits are not assessed, and such points are replaced
	// by the usual ones.
	Issues hmis.Issues `json:"-"`
}

// A Cell is the grade of one measure: the worse of two grades, that of its
// figure and that of its share of divergent org units. A grade that is not
// assessed does not count.
type Cell struct {
	Metric    string `json:"metric"`
	Item      string `json:"item"`
	Value     Status `json:"valueStatus"`
	Divergent Status `json:"divergentStatus"`
	Status    Status `json:"status"`
}

// A DomainScore is the grade of one domain of the review. A domain is the first
// character of its metrics.
type DomainScore struct {
	Domain   string   `json:"domain"`
	Rows     int      `json:"rows"`
	Assessed int      `json:"assessed"`
	Score    *float64 `json:"score"` // the score, from 0 to 100; nil if nothing was assessed
	Worst    Status   `json:"worst"`
}

// Title returns the name of the domain.
func (d DomainScore) Title() string {
	titles := map[string]string{
		"1": "Completeness and timeliness", "2": "Internal consistency",
		"3": "External consistency", "4": "Population data",
	}
	return titles[d.Domain]
}

// Grade grades each measure, each domain, and the review as a whole.
func (g Grader) Grade(measures []Measure) Card {
	gradings, points := g.Gradings, g.Points
	usual := gradings == nil
	if usual {
		gradings = DefaultGradings()
	}
	card := Card{Cells: []Cell{}, Domains: []DomainScore{}, Issues: g.check()}
	points = usablePoints(points)
	sums := map[string]float64{}
	at := map[string]int{}
	for i := range measures {
		m := &measures[i]
		limits := gradings[m.Metric]
		if usual {
			limits = limits.of(m)
		}
		cell := Cell{
			Metric: m.Metric, Item: m.Item,
			Value: limits.Value.Status(m.Overall.Score), Divergent: limits.Divergent.Status(m.Divergent),
		}
		cell.Status = max(cell.Value, cell.Divergent)
		card.Cells = append(card.Cells, cell)
		name := m.Metric[:min(1, len(m.Metric))]
		n, ok := at[name]
		if !ok {
			n = len(card.Domains)
			at[name] = n
			card.Domains = append(card.Domains, DomainScore{Domain: name})
		}
		d := &card.Domains[n]
		d.Rows++
		d.Worst = max(d.Worst, cell.Status)
		if cell.Status != NotAssessed {
			d.Assessed++
			sums[name] += points[cell.Status]
		}
	}
	slices.SortFunc(card.Domains, func(a, b DomainScore) int { return strings.Compare(a.Domain, b.Domain) })
	var scores []float64
	for i := range card.Domains {
		d := &card.Domains[i]
		if d.Score = percent(sums[d.Domain], float64(d.Assessed)); d.Score != nil {
			scores = append(scores, *d.Score)
		}
	}
	card.Overall = known(mean(scores))
	return card
}

// usualPoints has the default points of each status.
var usualPoints = map[Status]float64{Good: 1, Warn: 0.5, Poor: 0}

// usablePoints returns points, with the usual ones in place of those that
// cannot be used.
func usablePoints(points map[Status]float64) map[Status]float64 {
	if points == nil {
		return usualPoints
	}
	points = maps.Clone(points)
	for status, worth := range points {
		if !(worth >= 0 && worth <= 1) {
			points[status] = usualPoints[status]
		}
	}
	return points
}

// check returns the limits and points that cannot be used, by metric and status.
func (g Grader) check() (list hmis.Issues) {
	for _, metric := range slices.Sorted(maps.Keys(g.Gradings)) {
		for _, l := range []Limits{g.Gradings[metric].Value, g.Gradings[metric].Divergent} {
			if err := l.check(); err != nil {
				list = append(list, refuse("E2204", "Gradings", "metric %s: %w", metric, err))
			}
		}
	}
	for _, status := range slices.Sorted(maps.Keys(g.Points)) {
		if worth := g.Points[status]; !(worth >= 0 && worth <= 1) {
			list = append(list, refuse("", "Points", "%v for %s: want 0 to 1", worth, status))
		}
	}
	return list
}

// WeightedMean returns the mean of named scores by named weights, such as those
// of a national index. Scores without a weight and missing scores do not count.
// The mean is nil if nothing counts. A weight that is negative or no finite
// number is an error.
func WeightedMean(scores map[string]*float64, weights map[string]float64) (*float64, error) {
	sum, total := 0.0, 0.0
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		weight := weights[name]
		if !(weight >= 0) || math.IsInf(weight, 0) {
			return nil, refuse("", "weights", "weight %v of %q: want a finite number that is not negative", weight, name)
		}
		if s := finite(scores[name]); s != nil {
			sum, total = sum+weight**s, total+weight
		}
	}
	return known(sum / total), nil
}
