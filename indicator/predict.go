package indicator

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/internal/syntax"
	"github.com/ohie-hmis/hmis-go/period"
)

// A ForEach is the text of a generator that is repeated for each member of a
// data element group: "forEach ?name in :DEG:group --> main". In a plain
// generator Name and Group are empty.
type ForEach struct {
	Name  string   // the name, including its question mark
	Group hmis.UID // the id of a group of data elements
	Main  string   // the expression in which Name is replaced
}

// ParseForEach splits a generator that may begin with forEach
// (RULES.md#generators-for-groups). Main is not parsed: see [ForEach.For].
func ParseForEach(src string) (ForEach, error) {
	if !strings.HasPrefix(src, "forEach") {
		return ForEach{Main: src}, nil
	}
	parts := make([]string, 0, 6)
	rest := src
	for len(parts) < 5 {
		rest = strings.TrimLeft(rest, " \t\r\n")
		n := strings.IndexAny(rest, " \t\r\n")
		if n < 0 {
			n = len(rest)
		}
		parts = append(parts, rest[:n])
		rest = rest[n:]
	}
	main := strings.TrimLeft(rest, " \t\r\n")
	group, isGroup := strings.CutPrefix(parts[3], ":DEG:")
	switch {
	case parts[0] != "forEach":
		return ForEach{Main: src}, nil
	case !isForEachName(parts[1]), parts[2] != "in", !isGroup || !syntax.IsUID(group),
		parts[4] != "-->", main == "":
		return ForEach{}, &SyntaxError{Source: src, End: len(src) - len(rest),
			Msg: "want forEach ?name in :DEG:group --> expression"}
	}
	return ForEach{Name: parts[1], Group: hmis.UID(group), Main: main}, nil
}

// isForEachName reports whether s is a question mark, a letter, and letters and
// digits.
func isForEachName(s string) bool {
	if len(s) < 2 || s[0] != '?' {
		return false
	}
	for i, c := range []byte(s[1:]) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// For returns the generator for one member of the group, with the id of element
// in place of Name. A plain generator is returned as it is.
func (f ForEach) For(element hmis.UID) (*Expr, error) {
	if f.Name == "" {
		return InPredictor.Parse(f.Main)
	}
	return InPredictor.Parse(strings.ReplaceAll(f.Main, f.Name, string(element)))
}

// Prediction returns the text that is stored for the value of a generator
// (RULES.md#stored-predictions). stored is false if nothing is stored: the
// value is missing, not finite, of another type than the output element, or a
// zero that the element does not keep. With NeverSkip a missing value is stored
// as 0, false or empty text. As on a server, false is stored even for an
// element that only allows true.
func Prediction(v Value, output hmis.DataElement, strategy hmis.Missing) (s string, stored bool) {
	v = v.operand()
	t := output.ValueType
	if v.kind == missing && strategy == hmis.NeverSkip {
		v = zeroOf(t)
	}
	switch v.kind {
	case number:
		return predictNumber(v, output)
	case truth:
		return strconv.FormatBool(v.n != 0), t == hmis.Boolean || t == hmis.TrueOnly || t.IsText()
	case text:
		if t.IsDate() {
			_, err := period.ParseDate(*v.str)
			return *v.str, err == nil
		}
		return *v.str, t.IsText()
	}
	return "", false
}

func predictNumber(v Value, output hmis.DataElement) (string, bool) {
	f, t := v.num().Float(), output.ValueType
	switch {
	case math.IsNaN(f), math.IsInf(f, 0), !t.IsNumeric() && !t.IsText():
		return "", false
	case t.IsNumeric() && v.num().IsPlusZero() && !keepsZero(output):
		return "", false
	case t.IsInteger():
		return fmt.Sprintf("%.0f", halfUp(f)), true
	}
	return Float(significant(f, 4)).num().String(), true
}

// keepsZero reports whether an element stores a predicted 0.
func keepsZero(e hmis.DataElement) bool {
	return e.ZeroIsData || e.Aggregation == hmis.Average || e.Aggregation == hmis.AverageSumOrgUnit
}
