package aggregate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// String returns the explanation as an indented text: each cell with its rule,
// then what it was made of. A part that comes again is only named. See
// [Explanation.WithNames] for names instead of ids.
func (e *Explanation) String() string {
	w := explanationText{names: e.names, seen: map[*Explanation]bool{}}
	w.write(e, "")
	return w.b.String()
}

// An explanationText is an explanation on its way to text.
type explanationText struct {
	b     strings.Builder
	names naming
	seen  map[*Explanation]bool
}

func (w *explanationText) write(e *Explanation, indent string) {
	b := &w.b
	b.WriteString(indent)
	if label := w.label(e.Cell); label != "" {
		b.WriteString(label + " ")
	}
	value := e.Cell.Value.String()
	if e.Cell.Value.IsMissing() {
		value = "missing"
	}
	if w.seen[e] && len(e.Parts) > 0 {
		fmt.Fprintf(b, "= %s: explained above\n", value)
		return
	}
	w.seen[e] = true
	fmt.Fprintf(b, "= %s: %s\n", value, e.rule(w.names))
	indent += "  "
	for _, part := range e.Parts {
		w.write(part, indent)
	}
	for v := range e.Values {
		fmt.Fprintf(b, "%s%s\n", indent, w.value(v))
	}
	for v, why := range e.Left {
		fmt.Fprintf(b, "%snot counted: %s: %s\n", indent, w.value(v), why)
	}
}

// rule returns the rule, in which a formula has names if there are any.
func (e *Explanation) rule(n naming) string {
	if n.none() || e.formula == nil {
		return e.Rule
	}
	return e.formula(n.catalog)
}

// label returns the ids of a cell separated by blanks, or its names separated
// by commas.
func (w *explanationText) label(c Cell) string {
	texts := []string{shortened(w.names.data(c.Data)), w.names.unit(c.OrgUnit), w.names.period(c.Period)}
	for _, item := range c.Split {
		texts = append(texts, w.names.any(item))
	}
	return w.join(texts)
}

// join joins texts that are not empty.
func (w *explanationText) join(texts []string) string {
	texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
	if w.names.none() {
		return strings.Join(texts, " ")
	}
	return strings.Join(texts, ", ")
}

// value returns a value with what it is of. Among names, the default option
// combo is left out.
func (w *explanationText) value(v hmis.DataValue) string {
	if w.names.none() {
		return fmt.Sprintf("%s %s %s %s %s: %s", v.DataElement, v.OptionCombo, v.AttributeCombo, v.OrgUnit, v.Period, v.Value)
	}
	element := w.names.data(w.names.operand(v.Key))
	return w.join([]string{element, w.names.unit(v.OrgUnit), w.names.period(v.Period)}) + ": " + v.Value
}

// shortened cuts the text of an item that names a cell: a subExpression may be
// long, and names each of its org units.
func shortened(s string) string {
	const most = 200 // length in bytes
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}
