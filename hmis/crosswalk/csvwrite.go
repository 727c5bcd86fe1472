package crosswalk

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/internal/spreadsheet"
)

// Write writes the entries and org units of a map, with only the columns that
// they need. Two columns are enough if each entry has one equivalent source,
// its target's name as id, and nothing else. [CSV.Read] gives the same entries
// and units, with relations as in R5. A map that cannot be read back from its
// rows, such as one with a repeated entry id, is an error.
func (f CSV) Write(w io.Writer, m Map) error {
	rows, err := rowsOf(m)
	if err != nil {
		return err
	}
	used := columns
	if named(m.Entries) {
		used = slices.DeleteFunc(slices.Clone(used), func(c string) bool { return c == colEntry })
	}
	used = slices.DeleteFunc(slices.Clone(used), func(c string) bool {
		return c != colSource && c != colTarget && !slices.ContainsFunc(rows, func(r map[string]string) bool { return r[c] != "" })
	})
	out := csv.NewWriter(w)
	out.Comma = cmp.Or(f.Comma, ',')
	_ = out.Write(used) // the Writer keeps an error until Flush
	cells := make([]string, len(used))
	for _, r := range rows {
		for i, c := range used {
			cells[i] = spreadsheet.Guard(r[c])
		}
		_ = out.Write(cells)
	}
	out.Flush()
	return out.Error()
}

// rowsOf returns a row for each source and each org unit. It leaves out cells
// that equal the default of the reader.
func rowsOf(m Map) ([]map[string]string, error) {
	if err := writable(m); err != nil {
		return nil, err
	}
	var rows []map[string]string
	for i := range m.Entries {
		e := &m.Entries[i]
		relation, _ := e.Relation.R5()
		sources := e.From
		if len(sources) == 0 {
			sources = []Source{{}}
		}
		for _, s := range sources {
			row := map[string]string{
				colEntry: e.ID, colSource: string(s.DataElement), colSourceCombo: string(s.OptionCombo), colTarget: string(e.To.DataElement),
				colTargetCombo: string(e.To.OptionCombo), colOver: string(e.Over), colComment: e.Comment,
			}
			assumed := Equivalent
			if s.Weight != nil {
				row[colWeight] = s.Weight.String()
				assumed = Broader
			}
			if relation != assumed {
				row[colRelation] = string(relation)
			}
			if e.Integer {
				row[colInteger] = "true"
			}
			if e.Whole {
				row[colWhole] = "true"
			}
			rows = append(rows, row)
		}
	}
	for _, p := range m.OrgUnits {
		rows = append(rows, map[string]string{colKind: kindUnit, colSource: string(p.Source), colTarget: string(p.Target)})
	}
	return rows, plain(rows)
}

// writable returns an error if the entries of a map could not be distinguished
// when they are read back.
func writable(m Map) error {
	seen := map[string]bool{}
	for i := range m.Entries {
		e := &m.Entries[i]
		_, ok := e.Relation.R5()
		switch {
		case e.ID == "":
			return fmt.Errorf("crosswalk: entry %d: no id", i+1)
		case seen[e.ID]:
			return fmt.Errorf("crosswalk: entry %s: another entry has the same id", quote.Text(e.ID))
		case !ok:
			return fmt.Errorf("crosswalk: entry %s: relation %s: want a relationship of a ConceptMap", quote.Text(e.ID), quote.Text(e.Relation))
		case slices.ContainsFunc(e.From, func(s Source) bool { return s.DataElement == "" }):
			return fmt.Errorf("crosswalk: entry %s: a source without data element", quote.Text(e.ID))
		}
		seen[e.ID] = true
	}
	return nil
}

// plain returns an error if a table cannot hold a text: encoding/csv reads \r\n
// in a cell as \n.
func plain(rows []map[string]string) error {
	for _, r := range rows {
		for _, c := range columns {
			if strings.Contains(r[c], "\r") {
				return fmt.Errorf("crosswalk: %s %s: want no carriage return", c, quote.Text(r[c]))
			}
		}
	}
	return nil
}
