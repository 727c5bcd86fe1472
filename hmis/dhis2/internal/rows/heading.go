package rows

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
)

// aliases returns the column with a heading, which is in lower case.
func aliases(heading string) Column {
	switch strings.ToLower(heading) {
	case "dataelement", "de", "dx", "dataelementid":
		return Element
	case "period", "pe":
		return Period
	case "orgunit", "ou", "organisationunit", "source":
		return OrgUnit
	case "categoryoptioncombo", "catoptcombo", "coc", "co":
		return OptionCombo
	case "attributeoptioncombo", "attroptcombo", "aoc", "acoc", "ao":
		return AttributeCombo
	case "value", "val":
		return Value
	case "storedby", "strby":
		return StoredBy
	case "created":
		return Created
	case "lastupdated", "lstupd", "timestamp":
		return Updated
	case "comment", "cmt":
		return Comment
	case "followup", "flwup":
		return FollowUp
	case "deleted":
		return Deleted
	case "attributecombo":
		return attrCategoryCombo
	case "attributeoptions":
		return attrOptions
	}
	return Unknown
}

// underscored returns the column with a heading in the form of a server's
// analytics. Such headings count only together; beside other headings one of
// them is unknown.
func underscored(heading string) Column {
	switch strings.ToLower(heading) {
	case "data_element":
		return Element
	case "period":
		return Period
	case "organisation_unit":
		return OrgUnit
	case "category_option_combo":
		return OptionCombo
	case "attribute_option_combo":
		return AttributeCombo
	case "value":
		return Value
	case "stored_by":
		return StoredBy
	case "created":
		return Created
	case "last_updated":
		return Updated
	case "comment":
		return Comment
	case "follow_up":
		return FollowUp
	case "deleted":
		return Deleted
	}
	return Unknown
}

// byServers returns the columns in the order in which servers write them.
func byServers() []Column {
	return []Column{
		Element, Period, OrgUnit, OptionCombo, AttributeCombo, Value, StoredBy, Updated, Comment, FollowUp, Deleted,
	}
}

// maxNamed limits how many headings an error lists.
const maxNamed = 16

// wantHeadings names the expected headings, for errors about the first row.
const wantHeadings = "dataElement, period, orgUnit, value"

// Heading finds the columns from the first row. isData is true if that row is a
// value. rest is the text after the row. If more of it is needed, the error is
// ErrShort, unless last says that there is no more.
func Heading(cells []string, rest []byte, last bool, n Names, positional bool, h *Header) (rows CSV, isData bool, err error) {
	columns, known := headings(cells, n)
	if isData = h.isValue(cells, columns); isData && (positional || len(cells) >= 6) {
		return CSV{columns: byServers(), short: shortRows(byServers())}, true, nil
	}
	switch {
	case positional:
		return byPlace(cells, columns)
	case known > 0:
		rows, err := byHeading(cells, columns, h)
		return rows, false, err
	}
	if err := OtherSeparator(cells, func(s string) bool { return aliases(s) != Unknown }); err != nil {
		return CSV{}, false, err
	}
	// None of the headings is known. If the next row has a period in the right
	// place, columns are in the order of servers.
	if len(cells) >= 6 {
		second, err := secondRow(rest, last)
		if errors.Is(err, jsontext.ErrShort) && !last {
			return CSV{}, false, err
		}
		if err == nil && h.isValue(second, nil) {
			return byPlace(cells, columns)
		}
	}
	return CSV{}, false, fmt.Errorf("%s: no known heading: want %s; a sheet with a column for each org unit or data element "+
		"has to be turned into rows first", quoted(strings.Join(cells, ",")), wantHeadings)
}

// headings returns the columns of a first row, and how many of them are known.
func headings(cells []string, n Names) (columns []Column, known int) {
	meaning := aliases
	if slices.ContainsFunc(cells, func(s string) bool { return strings.EqualFold(s, "data_element") }) {
		meaning = underscored
	}
	for _, cell := range cells {
		c := meaning(cell)
		switch {
		case c != Unknown:
			known++
		case n.Ignores(cell):
			c = Ignored
		case cell == "":
			c = unnamed
		}
		columns = append(columns, c)
	}
	return columns, known
}

// isValue reports whether the first row is a value. Its second cell must be a
// period, but not all other cells, as in a sheet with a column for each period.
// None of its cells may be a known heading.
func (h *Header) isValue(cells []string, columns []Column) bool {
	if len(cells) < 3 {
		return false
	}
	for i, c := range columns[:min(3, len(columns))] {
		if c < Ignored && i != 1 {
			return false
		}
	}
	if _, err := h.ParsePeriod(cells[1]); err != nil {
		return false
	}
	return slices.ContainsFunc(cells[2:], func(s string) bool {
		_, err := h.ParsePeriod(s)
		return err != nil
	})
}

// secondRow returns the cells of the first row in rest that is not empty.
func secondRow(rest []byte, last bool) ([]string, error) {
	for len(rest) > 0 {
		cells, next, err := CSVRecord(rest, last)
		if err != nil || len(cells) > 1 {
			return cells, err
		}
		rest = rest[next:]
	}
	if !last {
		return nil, jsontext.ErrShort
	}
	return nil, nil
}

// byPlace returns a CSV with the columns in the order of servers. A known
// heading must be in its usual place.
func byPlace(cells []string, columns []Column) (CSV, bool, error) {
	order := byServers()
	for k, c := range columns {
		if c < Ignored && (k >= len(order) || order[k] != c) {
			return CSV{}, false, fmt.Errorf("%s in column %d: want %s there if columns go by their place", quoted(cells[k]), k+1, placed(order, k))
		}
	}
	return CSV{columns: order, short: shortRows(order)}, false, nil
}

func placed(order []Column, k int) string {
	if k < len(order) {
		return order[k].String()
	}
	return "nothing"
}

// byHeading returns a CSV with the columns that the first row names.
func byHeading(cells []string, columns []Column, h *Header) (rows CSV, err error) {
	rows.columns = columns
	var seen [Unknown + 1]bool
	for k, c := range columns {
		if c < Ignored && seen[c] {
			return CSV{}, fmt.Errorf("%s: want one column of the %s", quoted(cells[k]), c)
		}
		seen[c] = true
	}
	if !seen[OptionCombo] && h.Catalog != nil && seen[Unknown] {
		rows.findCategories(cells, h)
	}
	var strange []string
	for k, c := range rows.columns {
		if c == Unknown {
			strange = append(strange, quoted(cells[k]))
		}
	}
	whole := quoted(strings.Join(cells, ","))
	name := "headings "
	if len(strange) == 1 {
		name = "heading "
	}
	name += strings.Join(strange[:min(len(strange), maxNamed)], ", ")
	needs := ""
	if !seen[Element] {
		needs = "dataElement"
	} else if !seen[Value] && !seen[Comment] && !seen[Deleted] {
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

// shortRows returns, for each number of cells, the error of a row with so few.
// Servers leave out empty cells at the end of a row, but never the value.
func shortRows(columns []Column) (short []error) {
	least := 0
	for k, c := range columns {
		switch c {
		case Element, Period, OrgUnit, OptionCombo, AttributeCombo, Value, category, attrCategoryCombo, attrOptions:
			least = k + 1
		}
	}
	for n := range least {
		short = append(short, fmt.Errorf("want at least %d cells, got %d", least, n))
	}
	return short
}

// OtherSeparator returns an error if columns are separated by semicolons or
// tabs, as in spreadsheets of many countries.
func OtherSeparator(cells []string, known func(string) bool) error {
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

// findCategories finds columns whose heading is a category. If there is no
// column categoryOptionCombo, the cells of such columns are options.
func (f *CSV) findCategories(cells []string, h *Header) {
	f.categories = make([]string, len(cells))
	for k, cell := range cells {
		if f.columns[k] != Unknown {
			continue
		}
		scheme := h.Schemes.Category
		if scheme == "" {
			scheme = h.Schemes.Any
		}
		if _, err := h.Lookup(hmis.KindCategory, scheme, cell); err == nil && h.Catalog != nil {
			if _, ok := hmis.Find[hmis.Category](h.Catalog, hmis.UID(cell)); ok || scheme != hmis.ByID && scheme != hmis.ByUID {
				f.columns[k], f.categories[k] = category, cell
			}
		}
	}
}
