package main

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/aggregate/quality/report"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

func itoa(n int) string { return strconv.Itoa(n) }

// unreadableTable returns a table of values that are no numbers.
func unreadableTable(r *report.Report, list []quality.Outlier) report.Table {
	t := report.Table{Title: "Values that are no numbers", Columns: []string{"Unit", "Period", "Data", "Text"}}
	for _, o := range list {
		t.Rows = append(t.Rows, []string{
			r.Catalog.Name(hmis.Ref{Kind: hmis.KindOrgUnit, ID: o.Value.OrgUnit}), o.Value.Period.Name(),
			indicator.Item{ID: o.Value.DataElement, OptionCombo: o.Value.OptionCombo}.Name(r.Catalog), strconv.Quote(o.Value.Value),
		})
	}
	if len(list) == 0 {
		t.Note = "None."
	}
	return t
}

// violatedTable returns a table with the number of violations of each rule, and
// the org units that have most.
func violatedTable(r *report.Report, rules []hmis.ValidationRule, violations []quality.Violation) report.Table {
	count := map[hmis.UID]map[hmis.UID]int{} // by rule and org unit
	for _, v := range violations {
		if count[v.Rule] == nil {
			count[v.Rule] = map[hmis.UID]int{}
		}
		count[v.Rule][v.OrgUnit]++
	}
	t := report.Table{Title: "Violated rules", Columns: []string{"Rule", "Importance", "Violations", "Units", "Most at"}}
	for _, rule := range rules {
		units := slices.SortedFunc(maps.Keys(count[rule.ID]), func(a, b hmis.UID) int {
			return cmp.Or(count[rule.ID][b]-count[rule.ID][a], cmp.Compare(a, b))
		})
		total, most := 0, ""
		for i, unit := range units {
			n := count[rule.ID][unit]
			if total += n; i < 3 {
				if i > 0 {
					most += ", "
				}
				most += r.Catalog.Name(hmis.Ref{Kind: hmis.KindOrgUnit, ID: unit}) + " " + itoa(n)
			}
		}
		t.Rows = append(t.Rows, []string{cmp.Or(rule.Name, string(rule.ID)), rule.Importance, itoa(total), itoa(len(units)), most})
	}
	return t
}
