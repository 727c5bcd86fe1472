package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// textWidth is the length of lines, and columnWidth the largest width of a
// column.
const textWidth, columnWidth = 100, 44

// WriteText writes the report as text for a terminal.
func (r *Report) WriteText(w io.Writer) error {
	d := r.document()
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s\n%s\n\n", d.Title, strings.Repeat("=", utf8.RuneCountInString(d.Title)))
	wide := 0
	for _, f := range d.Facts {
		wide = max(wide, utf8.RuneCountInString(f.Name))
	}
	for _, f := range d.Facts {
		fmt.Fprintf(b, "%-*s %s\n", wide+1, f.Name+":", f.Value)
	}
	fmt.Fprintf(b, "\nOverall score: %s of 100\n", d.Overall)
	for _, box := range d.Domains {
		fmt.Fprintf(b, "  %s  %-28s %4s  (%s)\n", box.Domain, box.Title, box.Score, box.Note)
	}
	for _, s := range d.Sections {
		fmt.Fprintf(b, "\n%s\n%s\n", s.Title, strings.Repeat("-", utf8.RuneCountInString(s.Title)))
		for _, t := range s.Texts {
			writeWrapped(b, t, "")
		}
		for _, g := range s.Tables {
			fmt.Fprintln(b)
			if g.Title != "" {
				fmt.Fprintln(b, g.Title)
			}
			g.writeText(b)
			for _, t := range g.After {
				writeWrapped(b, t, "  ")
			}
		}
		for _, n := range s.Notes {
			writeWrapped(b, fmt.Sprintf("Note by %s, %s: %s", n.Author, n.At.Format("2006-01-02"), n.Text), "  ")
		}
	}
	return b.Flush()
}

// writeWrapped writes a text in lines of at most textWidth characters.
func writeWrapped(w io.Writer, text, indent string) {
	line := indent
	for _, word := range strings.Fields(text) {
		if len(line) > len(indent) && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > textWidth {
			fmt.Fprintln(w, strings.TrimRight(line, " "))
			line = indent
		}
		line += word + " "
	}
	fmt.Fprintln(w, strings.TrimRight(line, " "))
}

// writeText writes a table whose columns are as wide as their content. Long
// texts continue on the next line.
func (g *grid) writeText(w io.Writer) {
	widths := make([]int, len(g.Columns))
	for i, c := range g.Columns {
		widths[i] = utf8.RuneCountInString(c.Title)
	}
	for _, row := range g.Rows {
		for i := range row {
			widths[i] = min(max(widths[i], utf8.RuneCountInString(row[i].Text)), columnWidth)
		}
	}
	write := func(cells []gridCell) {
		lines := make([][]string, len(cells))
		most := 1
		for i, c := range cells {
			lines[i] = breakText(c.Text, widths[i])
			most = max(most, len(lines[i]))
		}
		for n := range most {
			var b strings.Builder
			for i := range cells {
				text := ""
				if n < len(lines[i]) {
					text = lines[i][n]
				}
				fill := strings.Repeat(" ", max(widths[i]-utf8.RuneCountInString(text), 0))
				if g.Columns[i].Number {
					text = fill + text
				} else {
					text += fill
				}
				b.WriteString(text + "  ")
			}
			fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
		}
	}
	heads, rules := make([]gridCell, len(g.Columns)), make([]gridCell, len(g.Columns))
	for i, c := range g.Columns {
		heads[i].Text, rules[i].Text = c.Title, strings.Repeat("-", widths[i])
	}
	write(heads)
	write(rules)
	for _, row := range g.Rows {
		write(row)
	}
}

// breakText breaks a text into lines of at most width characters, between words
// if possible.
func breakText(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		for utf8.RuneCountInString(word) > width {
			if line != "" {
				lines, line = append(lines, line), ""
			}
			runes := []rune(word)
			lines, word = append(lines, string(runes[:width])), string(runes[width:])
		}
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}
