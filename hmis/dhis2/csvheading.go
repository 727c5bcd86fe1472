package dhis2

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// aliases are the headings of columns in lower case.
func aliases(heading string) column {
	switch strings.ToLower(heading) {
	case "dataelement", "de", "dx", "dataelementid":
		return element
	case "period", "pe":
		return periodID
	case "orgunit", "ou", "organisationunit", "source":
		return orgUnit
	case "categoryoptioncombo", "catoptcombo", "coc", "co":
		return optionCombo
	case "attributeoptioncombo", "attroptcombo", "aoc", "acoc", "ao":
		return attrCombo
	case "value", "val":
		return value
	case "storedby", "strby":
		return storedBy
	case "created":
		return created
	case "lastupdated", "lstupd", "timestamp":
		return updated
	case "comment", "cmt":
		return comment
	case "followup", "flwup":
		return followUp
	case "deleted":
		return deleted
	case "attributecombo":
		return attrCategoryCombo
	case "attributeoptions":
		return attrOptions
	}
	return unknown
}

// underscored are the headings that the analytics of a server write in place of
// the usual ones. They count only together: beside other headings one of them is
// unknown.
func underscored(heading string) column {
	switch strings.ToLower(heading) {
	case "data_element":
		return element
	case "period":
		return periodID
	case "organisation_unit":
		return orgUnit
	case "category_option_combo":
		return optionCombo
	case "attribute_option_combo":
		return attrCombo
	case "value":
		return value
	case "stored_by":
		return storedBy
	case "created":
		return created
	case "last_updated":
		return updated
	case "comment":
		return comment
	case "follow_up":
		return followUp
	case "deleted":
		return deleted
	}
	return unknown
}

// positional is the order in which servers write columns.
func positional() []column {
	return []column{
		element, periodID, orgUnit, optionCombo, attrCombo, value, storedBy, updated, comment, followUp, deleted,
	}
}

// wantHeadings is what a reader of values wants in the first row.
const wantHeadings = "dataElement, period, orgUnit, value"

// csvHeading decides what the columns are from the first row; isData says that
// this row is a value already. Rest is what follows; the error is errShort if it
// has to be longer, which last rules out.
func csvHeading(cells []string, rest []byte, last bool, n names, f Format, h *header) (rows csvRows, isData bool, err error) {
	columns, known := headings(cells, n)
	if isData = h.isValue(cells, columns); isData && (f.Positional || len(cells) >= 6) {
		return csvRows{columns: positional(), short: shortRows(positional())}, true, nil
	}
	switch {
	case f.Positional:
		return byPlace(cells, columns)
	case known > 0:
		rows, err := byHeading(cells, columns, f, h)
		return rows, false, err
	}
	if err := otherSeparator(cells, func(s string) bool { return aliases(s) != unknown }); err != nil {
		return csvRows{}, false, err
	}
	// Nobody knows these headings. The columns count by their place if the next row
	// has a period there.
	if len(cells) >= 6 {
		second, err := secondRow(rest, last)
		if errors.Is(err, errShort) && !last {
			return csvRows{}, false, err
		}
		if err == nil && h.isValue(second, nil) {
			return byPlace(cells, columns)
		}
	}
	return csvRows{}, false, fmt.Errorf("%s: no known heading: want %s; a sheet with a column for each org unit or data element "+
		"has to be turned into rows first", quoted(strings.Join(cells, ",")), wantHeadings)
}

// headings returns the columns of a first row, and how many of them are known.
func headings(cells []string, n names) (columns []column, known int) {
	meaning := aliases
	if slices.ContainsFunc(cells, func(s string) bool { return strings.EqualFold(s, "data_element") }) {
		meaning = underscored
	}
	for _, cell := range cells {
		c := meaning(cell)
		switch {
		case c != unknown:
			known++
		case n.ignores(cell):
			c = ignored
		case cell == "":
			c = unnamed
		}
		columns = append(columns, c)
	}
	return columns, known
}

// isValue reports whether a row is a value by the place of its cells: its second
// one is a period, but not all others are too, as in the heading of a sheet with
// a column for each period; and no heading stands beside it.
func (h *header) isValue(cells []string, columns []column) bool {
	if len(cells) < 3 {
		return false
	}
	for i, c := range columns[:min(3, len(columns))] {
		if c < ignored && i != 1 {
			return false
		}
	}
	if _, err := h.period(cells[1]); err != nil {
		return false
	}
	return slices.ContainsFunc(cells[2:], func(s string) bool {
		_, err := h.period(s)
		return err != nil
	})
}

// secondRow returns the cells of the first row of rest that has any.
func secondRow(rest []byte, last bool) ([]string, error) {
	for len(rest) > 0 {
		cells, next, err := csvRecord(rest, last)
		if err != nil || len(cells) > 1 {
			return cells, err
		}
		rest = rest[next:]
	}
	if !last {
		return nil, errShort
	}
	return nil, nil
}

// byPlace has the columns in the order of servers. A heading that is known has to
// be at its own place.
func byPlace(cells []string, columns []column) (csvRows, bool, error) {
	order := positional()
	for k, c := range columns {
		if c < ignored && (k >= len(order) || order[k] != c) {
			return csvRows{}, false, fmt.Errorf("%s in column %d: want %s there if columns go by their place", quoted(cells[k]), k+1, placed(order, k))
		}
	}
	return csvRows{columns: order, short: shortRows(order)}, false, nil
}

func placed(order []column, k int) string {
	if k < len(order) {
		return order[k].String()
	}
	return "nothing"
}

// byHeading has the columns as the first row names them.
func byHeading(cells []string, columns []column, f Format, h *header) (rows csvRows, err error) {
	rows.columns = columns
	var seen [unknown + 1]bool
	for k, c := range columns {
		if c < ignored && seen[c] {
			return csvRows{}, fmt.Errorf("%s: want one column of the %s", quoted(cells[k]), c)
		}
		seen[c] = true
	}
	if !seen[optionCombo] && f.Catalog != nil && seen[unknown] {
		rows.findCategories(cells, h)
	}
	var strange []string
	for k, c := range rows.columns {
		if c == unknown {
			strange = append(strange, quoted(cells[k]))
		}
	}
	whole := quoted(strings.Join(cells, ","))
	name := "headings "
	if len(strange) == 1 {
		name = "heading "
	}
	name += strings.Join(strange[:min(len(strange), maxStrangers)], ", ")
	needs := ""
	if !seen[element] {
		needs = "dataElement"
	} else if !seen[value] && !seen[comment] && !seen[deleted] {
		needs = "value"
	}
	switch {
	case needs != "" && len(strange) > 0:
		err = fmt.Errorf("unknown %s: want a header with a column %s", name, needs)
	case needs != "":
		err = fmt.Errorf("%s: want a header with a column %s", whole, needs)
	case len(strange) > 0:
		err = fmt.Errorf("unknown %s", name)
	}
	rows.short = shortRows(rows.columns)
	return rows, err
}

// shortRows returns what is wrong with a row of so many cells. Servers leave out
// cells at the end of a row, but never up to the value.
func shortRows(columns []column) (short []error) {
	least := 0
	for k, c := range columns {
		switch c {
		case element, periodID, orgUnit, optionCombo, attrCombo, value, category, attrCategoryCombo, attrOptions:
			least = k + 1
		}
	}
	for n := range least {
		short = append(short, fmt.Errorf("want at least %d cells, got %d", least, n))
	}
	return short
}

// otherSeparator reports semicolons and tabs between columns, as spreadsheets of
// many countries write them.
func otherSeparator(cells []string, known func(string) bool) error {
	line := strings.Join(cells, ",")
	for _, sep := range [...]struct{ char, name string }{{";", "semicolons"}, {"\t", "tabs"}, {"|", "bars"}} {
		parts := strings.Split(line, sep.char)
		if len(parts) <= len(cells) {
			continue
		}
		if len(parts) > 2 || slices.ContainsFunc(parts, func(s string) bool { return known(strings.Trim(s, " \"")) }) {
			return fmt.Errorf("%s: %s between columns: want commas", quoted(line), sep.name)
		}
	}
	return nil
}

// findCategories makes categories of the columns that are named for one. Without
// a column categoryOptionCombo, their cells are options.
func (f *csvRows) findCategories(cells []string, h *header) {
	f.categories = make([]string, len(cells))
	for k, cell := range cells {
		if f.columns[k] != unknown {
			continue
		}
		scheme := h.schemes.Category
		if scheme == "" {
			scheme = h.schemes.Any
		}
		if _, err := h.lookup(hmis.KindCategory, scheme, cell); err == nil && h.catalog != nil {
			if _, ok := hmis.Find[hmis.Category](h.catalog, hmis.UID(cell)); ok || scheme != hmis.ByID && scheme != hmis.ByUID {
				f.columns[k], f.categories[k] = category, cell
			}
		}
	}
}
