package report

import (
	"math"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
)

const (
	notAvailable  = "not available"
	notCalculable = "cannot be calculated"
)

func itoa(n int) string { return strconv.Itoa(n) }

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return itoa(n) + " " + word + "s"
}

// isRatio reports whether the scores of a metric are ratios. All others are per
// cent.
func isRatio(metric string) bool { return metric == "2f" || metric == "4a" }

// scoreText returns a score with one decimal, or a ratio with two.
func scoreText(metric string, x *float64) string {
	switch {
	case x == nil:
		return notCalculable
	case isRatio(metric):
		return strconv.FormatFloat(*x, 'f', 2, 64)
	}
	return percentText(x)
}

// shortScore returns a score like scoreText, but without a per cent sign, for
// narrow columns.
func shortScore(metric string, x *float64) string {
	if x == nil {
		return ""
	}
	return strings.TrimSuffix(scoreText(metric, x), "%")
}

func percentText(x *float64) string {
	if x == nil {
		return notAvailable
	}
	return strconv.FormatFloat(roundTo(*x, 1), 'f', 1, 64) + "%"
}

// roundTo rounds for display. A result of zero has no minus sign.
func roundTo(x float64, digits int) float64 {
	p := math.Pow10(digits)
	if r := math.Round(x*p) / p; r != 0 {
		return r
	}
	return 0
}

// numberText returns a number with its digits in groups.
func numberText(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "–"
	}
	text := strconv.FormatFloat(roundTo(x, 2), 'f', -1, 64)
	whole, part, hasPart := strings.Cut(text, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	var b strings.Builder
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if hasPart {
		return sign + b.String() + "." + part
	}
	return sign + b.String()
}

// factorsText returns the range of accepted factors as text.
func factorsText(low, high float64) string {
	return strconv.FormatFloat(low, 'f', 2, 64) + " to " + strconv.FormatFloat(high, 'f', 2, 64)
}

// thresholdText returns the accepted range of a measure as text.
func thresholdText(m *quality.Measure) string {
	t := strconv.FormatFloat(m.Threshold, 'f', -1, 64)
	switch m.Metric {
	case "1a", "1b", "1c":
		return "at least " + t + "%"
	case "2a", "2b":
		return "z up to " + t
	case "2c":
		return "score up to " + t
	case "2f":
		return factorsText(m.Low, m.High)
	}
	switch m.Relation {
	case "dropout":
		return "not below 0%"
	case "greater":
		return "at least " + strconv.FormatFloat(100-m.Threshold, 'f', -1, 64) + "%"
	}
	return "± " + t + "%"
}

// statusText returns a grade with a sign, so that it can be read without
// colour.
func statusText(s quality.Status) string {
	return [...]string{"– not assessed", "✓ good", "~ warn", "✗ poor"}[s]
}

func statusSign(s quality.Status) string { return [...]string{"–", "✓", "~", "✗"}[s] }

// unitStatus returns the grade of one org unit: poor if it diverges, and good
// if it does not.
func unitStatus(f *quality.Figure) quality.Status {
	switch {
	case f.Divergent:
		return quality.Poor
	case f.Score == nil || f.Unjudged:
		return quality.NotAssessed
	}
	return quality.Good
}
