package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
)

// A chart is a picture with a text that describes its content.
type chart struct {
	Title string
	SVG   template.HTML // the picture, made by this package from numbers and escaped names
	Alt   string
}

// chartParts has the parts of a metric's figures for the axes x and y of its
// chart.
var chartParts = map[string][2]metricPart{
	"2d": {{"Reference", "reference", false}, {"This period", "current", false}},
	"2e": {{"B", "b", false}, {"A", "a", false}},
	"3a": {{"Survey (%)", "survey", false}, {"Routine (%)", "routine", false}},
	"4b": {{"B", "b", false}, {"A", "a", false}},
}

// A dot is one org unit in a scatter chart.
type dot struct {
	name      string
	x, y      float64
	divergent bool
}

// charts returns a scatter chart of the org units of a measure. It shows the
// reported number over the number it is compared with. Lines show the equal
// ratio and the limits.
func (r *Report) charts(m *quality.Measure) []chart {
	var list []chart
	if m.Metric == "1d" || m.Metric == "2d" {
		list = append(list, r.years(m)...)
	}
	parts, ok := chartParts[m.Metric]
	if !ok {
		return list
	}
	var dots []dot
	most := 0.0
	for i := range m.Units {
		f := &m.Units[i]
		x, hasX := f.Parts[parts[0].part]
		y, hasY := f.Parts[parts[1].part]
		if hasX && hasY && x >= 0 && y >= 0 {
			dots = append(dots, dot{r.unit(f.OrgUnit), x, y, f.Divergent})
			most = max(most, x, y)
		}
	}
	if len(dots) < 2 || most == 0 {
		return list
	}
	return append(list, chart{
		Title: m.Item + ": units", SVG: drawScatter(dots, most, parts, r.lines(m)),
		Alt: fmt.Sprintf("%s: %s over %s of %d units, %d of them outside the limits", m.Item, parts[1].title, parts[0].title, len(dots), len(m.DivergentUnits())),
	})
}

// years returns a chart of the overall figure over time, from the first
// reference period to the period under review.
func (r *Report) years(m *quality.Measure) []chart {
	periods := append(slices.Clone(r.Review.Reference), r.Review.Period)
	var points []dot
	most := 0.0
	for i, p := range periods {
		part := "reference" + itoa(i+1)
		if i == len(periods)-1 {
			part = "current"
		}
		if v, ok := m.Overall.Parts[part]; ok && v >= 0 {
			points = append(points, dot{name: p.Name(), x: float64(i), y: v})
			most = max(most, v)
		}
	}
	if len(points) < 2 || most == 0 {
		return nil
	}
	top := niceTop(most * 1.15)
	if m.Metric == "1d" {
		top = max(top, 100)
	}
	x := func(v float64) float64 { return chartMargin + chartSide*(v+0.5)/float64(len(periods)) }
	y := func(v float64) float64 { return chartMargin/2 + chartSide*0.6*(1-v/top) }
	var b strings.Builder
	width, height := chartSide+chartMargin+chartRight, chartSide*0.6+chartMargin*1.3
	fmt.Fprintf(&b, `<svg viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" aria-hidden="true">`, width, height, width, height)
	fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" class="frame"/>`, chartMargin, y(top), chartSide, chartSide*0.6)
	for i := range 3 {
		v := top * float64(i) / 2
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" class="tick" text-anchor="end">%s</text>`, chartMargin-5, y(v)+4, shortNumber(v))
	}
	path, texts := "M", []string{}
	for i, p := range points {
		if i > 0 {
			path += " L"
		}
		path += fmt.Sprintf("%.1f %.1f", x(p.x), y(p.y))
		name := template.HTMLEscapeString(p.name)
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3.5" class="dot"/>`, x(p.x), y(p.y))
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" class="name" text-anchor="middle">%s</text>`, x(p.x), y(p.y)-8, numberText(roundTo(p.y, 1)))
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" class="tick" text-anchor="middle">%s</text>`, x(p.x), y(0)+15, name)
		texts = append(texts, p.name+": "+numberText(roundTo(p.y, 1)))
	}
	fmt.Fprintf(&b, `<path d="%s" class="line"/></svg>`, path)
	return []chart{{Title: m.Item + ": " + r.unit(m.Overall.OrgUnit), SVG: template.HTML(b.String()), Alt: m.Item + ". " + strings.Join(texts, ", ")}}
}

// lines returns the slopes of three lines: the centre and the two limits. 0
// means no line.
func (r *Report) lines(m *quality.Measure) (slopes [3]float64) {
	centre, k := 1.0, m.Threshold/100
	ofOverall := m.Metric == "2d" && !strings.Contains(m.Note, "what is expected") || m.Relation == "level"
	if ofOverall {
		if m.Overall.Score == nil {
			return slopes
		}
		centre = *m.Overall.Score / 100
	}
	slopes = [3]float64{centre, centre * (1 - k), centre * (1 + k)}
	switch m.Relation {
	case "greater":
		slopes[2] = 0
	case "dropout":
		slopes[1], slopes[2] = 0, 0
	}
	return slopes
}

const (
	chartSide   = 225.0
	chartMargin = 54.0
	chartRight  = 60.0 // space for names on the right
)

// drawScatter returns a scatter chart as SVG. Divergent units are crosses with
// names, and other units are dots. So the two differ in shape as well as in
// colour.
func drawScatter(dots []dot, most float64, parts [2]metricPart, slopes [3]float64) template.HTML {
	top := niceTop(most)
	x := func(v float64) float64 { return chartMargin + v/top*chartSide }
	y := func(v float64) float64 { return chartMargin/2 + chartSide - v/top*chartSide }
	var b strings.Builder
	width, height := chartSide+chartMargin+chartRight, chartSide+chartMargin*1.3
	fmt.Fprintf(&b, `<svg viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" aria-hidden="true">`, width, height, width, height)
	fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" class="frame"/>`, x(0), y(top), chartSide, chartSide)
	for i := range 5 {
		v := top * float64(i) / 4
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" class="tick" text-anchor="middle">%s</text>`, x(v), y(0)+14, shortNumber(v))
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" class="tick" text-anchor="end">%s</text>`, x(0)-5, y(v)+4, shortNumber(v))
	}
	for i, slope := range slopes {
		if slope <= 0 {
			continue
		}
		endX, endY := top, slope*top
		if endY > top {
			endX, endY = top/slope, top
		}
		class := "limit"
		if i == 0 {
			class = "centre"
		}
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>`, x(0), y(0), x(endX), y(endY), class)
	}
	for _, d := range dots {
		cx, cy := x(d.x), y(d.y)
		name := template.HTMLEscapeString(d.name)
		if !d.divergent {
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3.5" class="dot"><title>%s</title></circle>`, cx, cy, name)
			continue
		}
		fmt.Fprintf(&b, `<path d="M%.1f %.1fl8 8m0 -8l-8 8" class="cross"><title>%s</title></path>`, cx-4, cy-4, name)
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" class="name">%s</text>`, cx+7, cy+4, name)
	}
	fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" class="axis" text-anchor="middle">%s</text>`, x(top/2), y(0)+32, parts[0].title)
	fmt.Fprintf(&b, `<text transform="translate(10 %.1f) rotate(-90)" class="axis" text-anchor="middle">%s</text>`, y(top/2), parts[1].title)
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// niceTop returns a round number that is at least most.
func niceTop(most float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(most)))
	for _, f := range []float64{1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8} {
		if f*unit >= most {
			return f * unit
		}
	}
	return 10 * unit
}

// shortNumber returns a short text: 12k for 12000.
func shortNumber(v float64) string {
	switch {
	case v >= 1e6:
		return numberText(v/1e6) + "M"
	case v >= 1e3:
		return numberText(v/1e3) + "k"
	}
	return numberText(v)
}
