package crosswalk_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/crosswalk"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

func operand(element, combo hmis.UID) hmis.Operand {
	return hmis.Operand{DataElement: element, OptionCombo: combo}
}

// from makes sources without option combos.
func from(elements ...hmis.UID) []crosswalk.Source {
	var list []crosswalk.Source
	for _, e := range elements {
		list = append(list, crosswalk.Source{Operand: operand(e, "")})
	}
	return list
}

// part makes a source with a weight.
func part(element hmis.UID, weight string) []crosswalk.Source {
	w := decimal.RequireFromString(weight)
	return []crosswalk.Source{{Operand: operand(element, ""), Weight: &w}}
}

// RULES.md#checks
// RULES.md#relations
func TestCheck(t *testing.T) {
	entry := func(id string, r crosswalk.Relation, to hmis.UID, sources []crosswalk.Source) crosswalk.Entry {
		return crosswalk.Entry{ID: id, Relation: r, From: sources, To: operand(to, "")}
	}
	of := func(list ...crosswalk.Entry) crosswalk.Map { return crosswalk.Map{ID: "m", Entries: list} }
	day := period.DateOf(2024, 1, 1)
	tests := []struct {
		name string
		m    crosswalk.Map
		want []string
	}{
		{"sound", of(entry("1", "equal", "X", from("A"))), nil},
		{"a relation of neither release", of(entry("1", "Equivalent", "", nil)), []string{
			`critical: hmis: BAD_RELATIONSHIP: entry 1: "Equivalent": want a relationship of a ConceptMap`,
		}},
		{"an id three times", of(entry("1", "equal", "X", from("A")), entry("1", "equal", "Y", from("A")), entry("1", "equal", "Z", from("A"))), []string{
			`severe: hmis: DUPLICATE_ENTRY: entry 1: another entry has the same id`,
			`severe: hmis: DUPLICATE_ENTRY: entry 1: another entry has the same id`,
		}},
		{"no id", of(entry("", "equal", "X", from("A")), entry("", "equal", "Y", from("B"))), []string{
			`warning: hmis: ENTRY_WITHOUT_ID: entry: entry 1 has no id`,
			`warning: hmis: ENTRY_WITHOUT_ID: entry: entry 2 has no id`,
		}},
		{"neither source nor target", of(entry("1", "wider", "", nil)), []string{
			`severe: hmis: NO_SOURCE: entry 1: it has no source`,
			`severe: hmis: NO_TARGET: entry 1: it has no target`,
		}},
		{"a source twice", of(entry("1", "wider", "X", from("A", "A", ""))), []string{
			`severe: hmis: SOURCE_REPEATED: entry 1: it names a source twice; the first counts`,
			`severe: hmis: SOURCE_WITHOUT_ID: entry 1: one of its sources names no data element`,
		}},
		{"a target where there is no relation", of(entry("1", "disjoint", "X", from("A")), entry("2", "equal", "X", from("B"))), []string{
			`severe: hmis: TARGET_ON_UNRELATED: entry 1: what is not related has no target`,
		}},
		{"parts that are no whole", of(entry("1", "narrower", "X", part("A", "0.5")), entry("2", "specializes", "Y", part("A", "0.4"))), []string{
			`severe: hmis: SPLIT_WEIGHTS: dataElementOperand A.*: the weights of its parts add up to 0.9, want 1`,
		}},
		{"parts that are nearly a whole", of(entry("1", "narrower", "X", part("A", "0.5")), entry("2", "narrower", "Y", part("A", "0.500000001"))), nil},
		{"a broader source without weight", of(entry("1", "narrower", "X", from("A")), entry("2", "narrower", "Y", from("A"))), []string{
			`severe: hmis: BROADER_WITHOUT_WEIGHT: entry 1: its source is broader and has no weight, so nothing is carried over`,
			`severe: hmis: BROADER_WITHOUT_WEIGHT: entry 2: its source is broader and has no weight, so nothing is carried over`,
			`severe: hmis: SPLIT_WEIGHTS: dataElementOperand A.*: the weights of its parts add up to 2, want 1`,
		}},
		{"many equivalent sources", of(entry("1", "equal", "X", from("A", "B"))), []string{
			`warning: hmis: EQUIVALENT_MANY_SOURCES: entry 1: it has 2 sources: want one, or the word that they are the whole`,
		}},
		{"a target twice", of(entry("2", "equal", "X", from("A")), entry("1", "equal", "X", from("B"))), []string{
			`warning: hmis: TARGET_REPEATED: dataElementOperand X.default: 2 entries have this target and add up`,
		}},
		{"a method of analytics", of(crosswalk.Entry{ID: "1", Relation: "equal", From: from("A"), To: operand("X", ""), Over: hmis.Max}), []string{
			`critical: hmis: BAD_METHOD: entry 1: "MAX": want SUM, LAST or AVERAGE over time`,
		}},
		{"org units", crosswalk.Map{OrgUnits: []crosswalk.Pair{{"a", "x"}, {"b", "x"}, {"a", "x"}, {"b", "y"}, {"c", ""}}}, []string{
			`critical: hmis: ORGUNIT_AMBIGUOUS: organisationUnit b: it has 2 targets`,
			`critical: hmis: ORGUNIT_EMPTY: organisationUnit c: pair 5 of org units lacks one of them`,
			`info: hmis: ORGUNIT_MERGED: organisationUnit x: 2 org units are merged into it`,
		}},
		{"only a target period", crosswalk.Map{ID: "m", To: period.Yearly}, []string{
			`critical: hmis: BAD_PERIODS: crosswalk m: the target is Yearly: want the period type of the source too`,
		}},
		{"quarters into months", crosswalk.Map{ID: "m", From: period.Quarterly, To: period.Monthly}, []string{
			`critical: hmis: BAD_PERIODS: crosswalk m: from Quarterly to Monthly: want a longer period type for the target`,
		}},
		{"years that begin elsewhere", crosswalk.Map{ID: "m", From: period.Yearly, To: period.FinancialOct}, []string{
			`critical: hmis: BAD_PERIODS: crosswalk m: from Yearly to FinancialOct: want a longer period type for the target`,
		}},
		{"weeks into months", crosswalk.Map{ID: "m", From: period.Weekly, To: period.Monthly}, []string{
			`warning: hmis: PERIODS_OVERLAP: crosswalk m: from Weekly to Monthly: a period counts where it begins, even if it ends in the next one`,
		}},
		{"months into a year from October", crosswalk.Map{From: period.Monthly, To: period.FinancialOct}, nil},
		{"a validity of one day", crosswalk.Map{First: day, Last: day}, nil},
		{"a validity without an end", crosswalk.Map{First: day}, nil},
		{"a validity without a beginning", crosswalk.Map{Last: day}, nil},
		{"two weeks into years", crosswalk.Map{ID: "m", From: period.BiWeekly, To: period.Yearly}, []string{
			`warning: hmis: PERIODS_OVERLAP: crosswalk m: from BiWeekly to Yearly: a period counts where it begins, even if it ends in the next one`,
		}},
		{"quarters from November into years", crosswalk.Map{ID: "m", From: period.QuarterlyNov, To: period.Yearly}, []string{
			`warning: hmis: PERIODS_OVERLAP: crosswalk m: from QuarterlyNov to Yearly: a period counts where it begins, even if it ends in the next one`,
		}},
		{"two broader sources", of(entry("1", "narrower", "X", part("B", "0.5")), entry("2", "narrower", "Y", part("A", "0.5")), entry("3", "narrower", "Z", part("B", "0.4"))), []string{
			`severe: hmis: SPLIT_WEIGHTS: dataElementOperand A.*: the weights of its parts add up to 0.5, want 1`,
			`severe: hmis: SPLIT_WEIGHTS: dataElementOperand B.*: the weights of its parts add up to 0.9, want 1`,
		}},
		{"a validity that ends before it begins", crosswalk.Map{ID: "m", First: day, Last: day - 1}, []string{
			`warning: hmis: BAD_VALIDITY: crosswalk m: it holds from 2024-01-01 to 2023-12-31: want the earlier day first`,
		}},
	}
	for _, tt := range tests {
		var got []string
		for _, i := range tt.m.Check() {
			got = append(got, fmt.Sprintf("%s: %s", i.Severity, i))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.name, diff)
		}
	}
}
