package dhis2

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
)

// heading finds the columns from the first row. isRow is true if that row is an
// object.
func (t *table) heading(cells []string) (isRow bool, err error) {
	var strange []string
	order := make([]int, len(cells))
	known := 0
	for k, cell := range cells {
		order[k] = t.place(cell)
		switch {
		case order[k] >= 0:
			known++
			if slices.Contains(order[:k], order[k]) {
				return false, fmt.Errorf("%s: want one column of the %s", quoted(cell), t.columns[order[k]])
			}
		case cell != "":
			strange = append(strange, quoted(cell))
		}
	}
	wanted := strings.Join(t.columns, ", ")
	switch {
	case known > 0 && len(strange) > 0:
		return false, fmt.Errorf("unknown heading %s: want %s", strings.Join(strange[:min(len(strange), maxStrangers)], ", "), wanted)
	case known > 0:
		t.order = order
		return false, nil
	}
	isRow, maybe := t.isRow(cells)
	if isRow {
		return true, nil
	}
	if err := rows.OtherSeparator(cells, func(s string) bool { return t.place(s) >= 0 }); err != nil {
		return false, err
	}
	switch {
	case maybe != "":
		return false, fmt.Errorf("%s may be a uid or a heading: want a first row with headings: %s", quoted(maybe), wanted)
	case len(cells) < 2 || cells[1] == "":
		// Without a uid, the row may be an object or have unknown headings.
		return false, fmt.Errorf("%s: no known heading: want %s", quoted(strings.Join(cells, ",")), wanted)
	}
	return false, nil
}

// place returns the index of the column with a heading, or -1. Letter case and
// blanks are ignored, and so is the word uid after the name of a referenced
// object.
func (t *table) place(heading string) int {
	name := columnName(heading)
	if name == "" {
		return -1
	}
	for k, column := range t.columns {
		if c := columnName(column); c == name || c+"uid" == name || c+"id" == name || c+"expression" == name ||
			c == "uid" && (name == "id" || t.kind == hmis.KindOptionSet && name == "optionuid") {
			return k
		}
	}
	return -1
}

// columnName returns a heading in small letters without punctuation. The sides
// of validation rules have several names, of which it returns one.
func columnName(heading string) string {
	name := strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' || r == '.' {
			return -1
		}
		return r
	}, strings.ToLower(heading))
	for _, side := range [...]string{"left", "right"} {
		if rest, ok := strings.CutPrefix(name, side); ok {
			rest = strings.TrimPrefix(rest, "side")
			if rest == "strategy" {
				rest = "missingvaluestrategy"
			}
			return side + rest
		}
	}
	return name
}

// isRow reports whether cells are an object, which has a uid in the right
// place. If it is unclear, maybe is the first cell that could be a uid or a
// heading.
func (t *table) isRow(cells []string) (isRow bool, maybe string) {
	ids, words := 0, 0
	for k, cell := range cells[:min(len(cells), len(t.columns))] {
		switch t.columns[k] {
		case "uid", "option set uid", "group", "member":
			if _, err := hmis.ParseUID(cell); err != nil {
				continue
			}
			ids++
			if isWord(cell) {
				words++
			}
			maybe = cmp.Or(maybe, cell)
		}
	}
	return ids > words && (!t.members || ids == 2), maybe
}

// isWord reports whether a uid could be a word. It then has neither digits nor
// capital letters inside.
func isWord(uid string) bool {
	return !strings.ContainsFunc(uid[1:], func(r rune) bool { return r < 'a' })
}
