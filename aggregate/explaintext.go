package aggregate

import (
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// String returns the explanation as an indented text: each cell with its rule,
// then what it was made of. A part that comes again is only named.
func (e *Explanation) String() string {
	w := explanationText{seen: map[*Explanation]bool{}}
	w.write(e, "")
	return w.b.String()
}

// An explanationText is an explanation on its way to text.
type explanationText struct {
	b    strings.Builder
	seen map[*Explanation]bool
}

func (w *explanationText) write(e *Explanation, indent string) {
	b := &w.b
	b.WriteString(indent)
	for _, part := range []string{shortened(itemText(e.Cell.Data)), string(e.Cell.OrgUnit), e.Cell.Period.String()} {
		if part != "" {
			b.WriteString(part + " ")
		}
	}
	for _, item := range e.Cell.Split {
		b.WriteString(string(item) + " ")
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
	fmt.Fprintf(b, "= %s: %s\n", value, e.Rule)
	indent += "  "
	for _, part := range e.Parts {
		w.write(part, indent)
	}
	for v := range e.Values {
		fmt.Fprintf(b, "%s%s\n", indent, valueText(v))
	}
	for v, why := range e.Left {
		fmt.Fprintf(b, "%snot counted: %s: %s\n", indent, valueText(v), why)
	}
}

// shortened cuts the text of an item that names a cell: a subExpression may be
// long, and names each of its org units.
func shortened(s string) string {
	const most = 200 // bytes
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}

func valueText(v hmis.DataValue) string {
	return fmt.Sprintf("%s %s %s %s %s: %s", v.DataElement, v.OptionCombo, v.AttributeCombo, v.OrgUnit, v.Period, v.Value)
}
