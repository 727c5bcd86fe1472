package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// These signs stand behind a value in the table of months.
const (
	poorSign    = " ✗"
	warnSign    = " ~"
	ruleSign    = " §"
	missingSign = "–"
)

// months returns the section with the months of single org units: a table for
// each unit, with a line for each item and a column for each month.
func (r *Report) months() section {
	if len(r.Months) == 0 {
		return section{}
	}
	s := section{ID: "months", Title: "Months of single units", Texts: []string{
		"A sign stands behind a value that deserves a look:" + poorSign + " extreme, or a rule is violated;" + warnSign +
			" moderate, or zero;" + ruleSign + " the number of violated rules. " + missingSign + " nothing was reported.",
	}}
	for first := 0; first < len(r.Months); {
		unit, end := r.Months[first].OrgUnit, first
		for end < len(r.Months) && r.Months[end].OrgUnit == unit {
			end++
		}
		s.Tables = append(s.Tables, r.monthsOf(r.Months[first:end]))
		first = end
	}
	return s
}

// monthsOf returns the table of one org unit. Below it are the rules that it
// violates, with their months.
func (r *Report) monthsOf(list []quality.Month) grid {
	g := grid{Title: r.unit(list[0].OrgUnit), Columns: []gridColumn{{"Data", false}}}
	var row []gridCell
	for i, m := range list {
		if i == 0 || m.Data != list[i-1].Data {
			if row != nil {
				g.Rows = append(g.Rows, row)
			}
			row = []gridCell{{Text: m.Data.Name(r.Catalog), Head: true}}
		}
		if len(g.Rows) == 0 {
			g.Columns = append(g.Columns, gridColumn{m.Period.String(), true})
		}
		row = append(row, monthCell(m))
	}
	g.Rows = append(g.Rows, row)
	g.After = r.violatedIn(list)
	return g
}

// monthCell returns a value with its signs. A cell with a flag is coloured.
func monthCell(m quality.Month) gridCell {
	if m.Missing {
		return gridCell{Text: missingSign, Graded: true, Number: true}
	}
	n, _ := m.Value.Float64()
	cell := gridCell{Text: numberText(n), Number: true, Graded: !m.Plain()}
	switch {
	case m.Extreme || len(m.Violated) > 0:
		cell.Status = quality.Poor
		cell.Text += poorSign
	case m.Moderate || m.Zero:
		cell.Status = quality.Warn
		cell.Text += warnSign
	}
	if len(m.Violated) > 0 {
		cell.Text += ruleSign + strconv.Itoa(len(m.Violated))
	}
	return cell
}

// violatedIn returns a line for each rule that is violated in some months.
func (r *Report) violatedIn(list []quality.Month) []string {
	months := map[hmis.UID][]string{}
	var order []hmis.UID
	for _, m := range list {
		for _, rule := range m.Violated {
			if months[rule] == nil {
				order = append(order, rule)
			}
			if p := m.Period.String(); !slices.Contains(months[rule], p) { // several items may be of one rule
				months[rule] = append(months[rule], p)
			}
		}
	}
	var lines []string
	for _, rule := range order {
		lines = append(lines, "§ "+r.ruleName(rule)+": "+strings.Join(months[rule], ", "))
	}
	return lines
}

// ruleName returns the name of a validation rule.
func (r *Report) ruleName(id hmis.UID) string {
	if r.Catalog == nil {
		return string(id)
	}
	return r.Catalog.Name(hmis.Ref{Kind: hmis.KindValidationRule, ID: id})
}
