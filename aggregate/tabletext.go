package aggregate

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// noValue is written where a cell has no value.
const noValue = "–"

// String returns the text that [Table.WriteText] writes.
func (t *Table) String() string {
	var b strings.Builder
	t.WriteText(&b) // a strings.Builder never fails
	return b.String()
}

// WriteText writes the table for a terminal: for each data item a block with a
// line for each org unit and item of Split, and a column for each period. All
// numbers of a block have the same digits after the point, and a dash stands
// where there is no value. Data items without any value are listed at the end.
// See [Table.WithNames] for names instead of ids.
func (t *Table) WriteText(w io.Writer) error {
	out := bufio.NewWriter(w)
	var empty []string
	missing := false
	for i := range t.parts {
		name := ""
		if t.hasData {
			name = t.names.data(t.data[i])
		}
		block := t.textBlock(i)
		if !block.any {
			empty = append(empty, name)
			continue
		}
		missing = missing || block.missing
		if name != "" {
			out.WriteString(name + "\n")
		}
		block.write(out)
		out.WriteByte('\n')
	}
	if missing {
		out.WriteString(noValue + "  nothing reported, or a denominator of zero\n")
	}
	if len(empty) > 0 {
		out.WriteString("No data at all for:\n")
		for _, name := range empty {
			out.WriteString("  " + name + "\n")
		}
	}
	return out.Flush()
}

// A textBlock is the cells of one data item as text, below a line of headings.
type textBlock struct {
	labels  int // number of columns before the values
	lines   [][]string
	any     bool // some cell has a value
	missing bool // some cell has no value
}

// textBlock lays out the cells of the i-th data item. Org units for which the
// item has no cells at all are left out.
func (t *Table) textBlock(i int) textBlock {
	g, part := &t.grid, &t.parts[i]
	block := textBlock{labels: len(g.axes)}
	heading := make([]string, 0, block.labels+1+len(g.periods))
	if g.hasUnits {
		block.labels++
		heading = append(heading, "")
	}
	for _, a := range g.axes {
		heading = append(heading, t.names.axis(a.id))
	}
	for _, p := range g.periods {
		heading = append(heading, p.String())
	}
	block.lines = append(block.lines, heading)
	digits := part.digits(g)
	cell := 0
	for unit := range t.unitsOf(part) {
		for split := range g.splits {
			line := t.textLabels(unit, split)
			for k := range g.periods {
				v := part.value(cell + k*g.splits + split)
				line = append(line, numberOfDigits(v, digits))
				block.any = block.any || !v.IsMissing()
				block.missing = block.missing || v.IsMissing()
			}
			block.lines = append(block.lines, line)
		}
		cell += len(g.periods) * g.splits
	}
	return block
}

// textLabels returns the first texts of a line, before its values: the org unit
// and the items of a split.
func (t *Table) textLabels(unit hmis.UID, split int) []string {
	var labels []string
	if t.grid.hasUnits {
		labels = append(labels, t.names.unit(unit))
	}
	for i, item := range t.grid.split(split) {
		labels = append(labels, t.names.item(t.grid.axes[i].id, item))
	}
	return labels
}

// digits returns how many digits after the point the values of a part need.
func (p *tablePart) digits(g *grid) int32 {
	var digits int32
	for cell := range p.cells(g) {
		if d, ok := p.value(cell).Decimal(); ok {
			_, fraction, _ := strings.Cut(d.String(), ".") // without trailing zeros
			digits = max(digits, int32(len(fraction)))
		}
	}
	return digits
}

// numberOfDigits returns v as text. A number has the given number of digits
// after the point.
func numberOfDigits(v indicator.Value, digits int32) string {
	if v.IsMissing() {
		return noValue
	}
	if d, ok := v.Decimal(); ok {
		return d.StringFixed(digits)
	}
	return v.String()
}

// write writes the lines in columns: labels aligned left, values right. A line
// never ends with blanks.
func (b *textBlock) write(w *bufio.Writer) {
	width := make([]int, len(b.lines[0]))
	for _, line := range b.lines {
		for i, text := range line {
			width[i] = max(width[i], utf8.RuneCountInString(text))
		}
	}
	for _, line := range b.lines {
		for i, text := range line {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(text))
			if i < b.labels {
				text += pad
			} else {
				text = pad + text
			}
			w.WriteString("  " + text)
		}
		w.WriteByte('\n')
	}
}
