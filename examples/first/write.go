package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// An answer is a table with the catalog and tree that have the names for it.
type answer struct {
	catalog *hmis.Catalog
	query   aggregate.Query
	table   *aggregate.Table
}

// writers has the forms of output by name.
var writers = map[string]func(io.Writer, answer) error{
	"table": writeTable,
	"csv":   func(w io.Writer, a answer) error { return a.table.WriteCSV(w) },
	"json":  writeJSON,
	"adx":   writeADX,
}

func writeJSON(w io.Writer, a answer) error {
	text, err := json.Marshal(a.table)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err
}

const noData = "–"

// writeTable writes one table for each item, with a line for each org unit and
// a column for each period. At the end it lists items without data.
func writeTable(w io.Writer, a answer) error {
	out := bufio.NewWriter(w)
	var empty []string
	for _, item := range a.query.Data {
		lines, any := a.lines(item)
		if !any {
			empty = append(empty, item.Name(a.catalog))
			continue
		}
		fmt.Fprintln(out, item.Name(a.catalog))
		align(out, lines)
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "%s  nothing reported, or a denominator of zero\n", noData)
	if len(empty) > 0 {
		fmt.Fprintln(out, "No data at all for:")
		for _, name := range empty {
			fmt.Fprintln(out, " ", name)
		}
	}
	return out.Flush()
}

// lines returns the cells of an item as text, below a heading. All numbers have
// the same digits after the point. any is false if no cell has data.
func (a answer) lines(item indicator.Item) (lines [][]string, any bool) {
	heading := []string{""}
	for _, p := range a.query.Periods {
		heading = append(heading, p.String())
	}
	lines = append(lines, heading)

	var digits int32
	a.each(item, func(_ hmis.UID, _ period.Period, value indicator.Value) {
		if d, ok := value.Decimal(); ok {
			_, fraction, _ := strings.Cut(d.String(), ".") // without trailing zeros
			digits = max(digits, int32(len(fraction)))
		}
	})
	var last hmis.UID
	a.each(item, func(unit hmis.UID, _ period.Period, value indicator.Value) {
		if unit != last {
			last = unit
			lines = append(lines, []string{a.catalog.Name(hmis.Ref{Kind: hmis.KindOrgUnit, ID: unit})})
		}
		text := value.String()
		if value.IsMissing() {
			text = noData
		} else {
			any = true
		}
		if d, ok := value.Decimal(); ok {
			text = d.StringFixed(digits)
		}
		line := &lines[len(lines)-1]
		*line = append(*line, text)
	})
	return lines, any
}

// each calls f for each cell of an item, with or without data.
func (a answer) each(item indicator.Item, f func(hmis.UID, period.Period, indicator.Value)) {
	for _, unit := range a.query.OrgUnits {
		for _, p := range a.query.Periods {
			f(unit, p, a.table.At(item, unit, p))
		}
	}
}

// align writes lines in columns, of which the first is aligned left and the
// others right.
func align(w io.Writer, lines [][]string) {
	width := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, text := range line {
			width[i] = max(width[i], utf8.RuneCountInString(text))
		}
	}
	for _, line := range lines {
		for i, text := range line {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(text))
			switch i {
			case 0:
				fmt.Fprint(w, "  ", text, pad)
			default:
				fmt.Fprint(w, "  ", pad, text)
			}
		}
		fmt.Fprintln(w)
	}
}
