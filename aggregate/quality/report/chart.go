package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
)

// A chart is a picture with a text that says the same.
type chart struct {
	Title string
	SVG   template.HTML // made by this package of numbers and escaped names
	Alt   string
}

// chartParts are the figures of a metric that make a picture of its units: x and y.
var chartParts = map[string][2]metricPart{
	"2d": {{"Reference", "reference", false}, {"This period", "current", false}},
	"2e": {{"B", "b", false}, {"A", "a", false}},
	"3a": {{"Survey (%)", "survey", false}, {"Routine (%)", "routine", false}},
	"4b": {{"B", "b", false}, {"A", "a", false}},
}

// A dot is one org unit of a scatter.
type dot struct {
	name      string
	x, y      float64
	divergent bool
}

// charts draws the units of a measure: what is reported over what it is compared
// with, the line of equal ratio, and the limits.
func (r *Report) charts(m *quality.Measure) []chart {
	parts, ok := chartParts[m.Metric]
	if !ok {
		return nil
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
		return nil
	}
	return []chart{{
		Title: m.Item, SVG: drawScatter(dots, most, parts, r.lines(m)),
		Alt: fmt.Sprintf("%s: %s over %s of %d units, %d of them outside the limits", m.Item, parts[1].title, parts[0].title, len(dots), len(m.DivergentUnits())),
	}}
}

// lines returns the slopes of the centre and of the limits; 0 is none.
func (r *Report) lines(m *quality.Measure) (slopes [3]float64) {
	centre, k := 1.0, m.Threshold/100
	ofOverall := m.Metric == "2d" && !strings.Contains(m.Note, "what is expected") || m.Note == quality.SameRatio.String()
	if ofOverall {
		if m.Overall.Score == nil {
			return slopes
		}
		centre = *m.Overall.Score / 100
	}
	slopes = [3]float64{centre, centre * (1 - k), centre * (1 + k)}
	switch m.Note {
	case quality.AtLeast.String():
		slopes[2] = 0
	case quality.Dropout.String():
		slopes[1], slopes[2] = 0, 0
	}
	return slopes
}

const (
	chartSide   = 260.0
	chartMargin = 44.0
)

// drawScatter draws an SVG. Divergent units are crosses with their names, the others
// dots, so that shape tells them apart as well as colour.
func drawScatter(dots []dot, most float64, parts [2]metricPart, slopes [3]float64) template.HTML {
	top := niceTop(most)
	x := func(v float64) float64 { return chartMargin + v/top*chartSide }
	y := func(v float64) float64 { return chartMargin/2 + chartSide - v/top*chartSide }
	var b strings.Builder
	width, height := chartSide+chartMargin+90, chartSide+chartMargin*1.5
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

// niceTop returns a round number not below most.
func niceTop(most float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(most)))
	for _, f := range []float64{1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8} {
		if f*unit >= most {
			return f * unit
		}
	}
	return 10 * unit
}

// shortNumber writes 12000 as 12k.
func shortNumber(v float64) string {
	switch {
	case v >= 1e6:
		return numberText(v/1e6) + "M"
	case v >= 1e3:
		return numberText(v/1e3) + "k"
	}
	return numberText(v)
}
