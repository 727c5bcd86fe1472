package quality

import (
	"maps"
	"math"
	"slices"
	"strings"
)

// A Status is how good a figure is.
type Status uint8

// The statuses.
const (
	NotAssessed Status = iota
	Good
	Fair
	Poor
)

// String returns "na", "good", "warn" or "poor".
func (s Status) String() string {
	return [...]string{"na", "good", "warn", "poor"}[min(s, Poor)]
}

// MarshalText implements [encoding.TextMarshaler] with the text of String.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A LimitKind says which way a figure is good.
type LimitKind uint8

// The kinds of limits.
const (
	NoLimits LimitKind = iota // the figure is not graded
	AtLeastLimit
	AtMostLimit
	WithinLimit // near a target
)

// Limits say which figures are good and which are fair; what is worse is poor.
type Limits struct {
	Kind       LimitKind
	Good, Fair float64 // of WithinLimit, distances from Target
	Target     float64
}

// Status grades a figure; nil is not assessed.
func (l Limits) Status(v *float64) Status {
	if v == nil || l.Kind == NoLimits || math.IsNaN(*v) {
		return NotAssessed
	}
	x, good, fair := *v, l.Good, l.Fair
	switch l.Kind {
	case AtLeastLimit:
		x, good, fair = -x, -good, -fair
	case WithinLimit:
		x = math.Abs(x - l.Target)
		// The distance of a figure from its target is as exact as the figures.
		dust := onBound * max(math.Abs(*v), math.Abs(l.Target))
		good, fair = good+dust, fair+dust
	}
	switch {
	case !above(x, good):
		return Good
	case !above(x, fair):
		return Fair
	}
	return Poor
}

// A Grading is the limits of a metric: of its overall figure, and of the share of
// divergent org units.
type Grading struct{ Value, Divergent Limits }

// DefaultGradings returns limits by metric, for the usual thresholds. The World
// Health Organization sets thresholds, but no grades: these are ours. Change what
// you like in the map, which is a new one, and give it to a Grader.
func DefaultGradings() map[string]Grading {
	atLeast := func(good, fair float64) Limits { return Limits{Kind: AtLeastLimit, Good: good, Fair: fair} }
	atMost := func(good, fair float64) Limits { return Limits{Kind: AtMostLimit, Good: good, Fair: fair} }
	within := func(good, fair, target float64) Limits {
		return Limits{Kind: WithinLimit, Good: good, Fair: fair, Target: target}
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

// of fits usual limits to a measure.
func (g Grading) of(m *Measure) Grading {
	t := m.Threshold
	switch m.Metric {
	case "1d", "2d", "2e", "3a", "4b":
		g.Value.Good, g.Value.Fair = min(g.Value.Good, t), t
	}
	switch m.Relation {
	case "greater":
		g.Value = Limits{Kind: AtLeastLimit, Good: 100, Fair: 100 - t}
	case "dropout": // more third doses than first ones is a fault, however few
		g.Value = Limits{Kind: AtLeastLimit}
	case "level": // any ratio may be right, as long as it is one
		g.Value = Limits{}
	}
	return g
}

// A Grader turns measures into a scorecard.
type Grader struct {
	// Gradings are the limits by metric. What has none is not assessed. Nil means
	// DefaultGradings, with what is fair as far as the threshold of the measure
	// allows, and relations by what is expected of them.
	Gradings map[string]Grading
	// Points are what a status is worth, from 0 to 1; nil means Good 1, Fair 0.5
	// and Poor 0.
	Points map[Status]float64
}

// A Card is a scorecard.
type Card struct {
	Cells   []Cell        `json:"cells"` // one for each measure, in their order
	Domains []DomainScore `json:"domains"`
	Overall *float64      `json:"overall"` // mean of the domains that have a score; nil if none has
}

// A Cell is the grade of one measure: the worse of its figure's and that of its
// share of divergent org units, of those that are assessed.
type Cell struct {
	Metric    string `json:"metric"`
	Item      string `json:"item"`
	Value     Status `json:"valueStatus"`
	Divergent Status `json:"divergentStatus"`
	Status    Status `json:"status"`
}

// A DomainScore is the grade of one domain of the review: the first character of
// its metrics.
type DomainScore struct {
	Domain   string   `json:"domain"`
	Rows     int      `json:"rows"`
	Assessed int      `json:"assessed"`
	Score    *float64 `json:"score"` // 0 to 100; nil if nothing was assessed
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

// Grade grades each measure, each domain, and the whole.
func (g Grader) Grade(measures []Measure) Card {
	gradings, points := g.Gradings, g.Points
	usual := gradings == nil
	if usual {
		gradings = DefaultGradings()
	}
	if points == nil {
		points = map[Status]float64{Good: 1, Fair: 0.5}
	}
	card := Card{Cells: []Cell{}, Domains: []DomainScore{}}
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

// WeightedMean returns the mean of named scores by named weights, such as those of
// a national index; scores without a weight, and missing ones, do not count. It is
// nil if nothing counts.
func WeightedMean(scores map[string]*float64, weights map[string]float64) *float64 {
	sum, total := 0.0, 0.0
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		if s := scores[name]; s != nil {
			sum, total = sum+weights[name]**s, total+weights[name]
		}
	}
	return known(sum / total)
}
