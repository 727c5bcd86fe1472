package entry_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// world is a small country. Bo opened in 2020 and Kenema closed at the end of
// June 2024; Pujehun reports nothing. Project A is at work in Bo until March
// 2024, Project B everywhere.
func world() hmis.Metadata {
	day := func(s string) period.Date {
		d, err := period.ParseDate(s)
		if err != nil {
			panic(err)
		}
		return d
	}
	of := func(ids ...hmis.UID) (list []hmis.DataSetElement) {
		for _, id := range ids {
			list = append(list, hmis.DataSetElement{DataElement: id})
		}
		return list
	}
	all := []hmis.UID{"ouBo0000001", "ouKenema001"}
	codes := func(list ...string) (options []hmis.Option) {
		for _, c := range list {
			options = append(options, hmis.Option{Code: c})
		}
		return options
	}
	return hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{
			{ID: "ouCountry01"}, {ID: "ouBo0000001", Parent: "ouCountry01", Opened: day("2020-01-01")},
			{ID: "ouKenema001", Parent: "ouCountry01", Closed: day("2024-06-30")}, {ID: "ouPujehun01", Parent: "ouCountry01"},
		},
		Categories: []hmis.Category{{ID: "catSex00001", Options: []hmis.UID{"optF0000001", "optM0000001"}}, {ID: "catProject1", Options: []hmis.UID{"optA0000001", "optB0000001"}}},
		CategoryOptions: []hmis.CategoryOption{
			{ID: "optF0000001"}, {ID: "optM0000001"},
			{ID: "optA0000001", First: day("2023-01-01"), Last: day("2024-03-31"), OrgUnits: []hmis.UID{"ouBo0000001"}}, {ID: "optB0000001"},
		},
		CategoryCombos: []hmis.CategoryCombo{{ID: "comboSex001", Categories: []hmis.UID{"catSex00001"}}, {ID: "comboProj01", Categories: []hmis.UID{"catProject1"}}},
		OptionCombos: []hmis.OptionCombo{
			{ID: "cocF0000001", CategoryCombo: "comboSex001", Options: []hmis.UID{"optF0000001"}}, {ID: "cocM0000001", CategoryCombo: "comboSex001", Options: []hmis.UID{"optM0000001"}},
			{ID: "aocA0000001", CategoryCombo: "comboProj01", Options: []hmis.UID{"optA0000001"}}, {ID: "aocB0000001", CategoryCombo: "comboProj01", Options: []hmis.UID{"optB0000001"}},
		},
		OptionSets: []hmis.OptionSet{{ID: "osColours01", Options: codes("red", "blue, light")}},
		DataElements: []hmis.DataElement{
			{ID: "deBcg000001", ValueType: hmis.IntegerZeroOrPositive}, {ID: "deMalaria01", CategoryCombo: "comboSex001"}, {ID: "deNote00001", ValueType: hmis.Text},
			{ID: "deColour001", ValueType: hmis.Text, OptionSet: "osColours01"}, {ID: "deColours01", ValueType: hmis.MultiText, OptionSet: "osColours01"},
			{ID: "deMulti0001", ValueType: hmis.MultiText}, {ID: "deCommented", CommentOptionSet: "osColours01"},
			{ID: "deStock0001", Aggregation: hmis.Average}, {ID: "deZero00001", ZeroIsData: true}, {ID: "deWeekly001"}, {ID: "deBoth00001"}, {ID: "deNowhere01"}, {ID: "deProject01"},
		},
		DataSets: []hmis.DataSet{
			{ID: "dsMonthly01", PeriodType: period.Monthly, OrgUnits: all, Elements: of("deBcg000001", "deMalaria01", "deColour001", "deColours01", "deMulti0001", "deCommented", "deStock0001", "deZero00001", "deBoth00001")},
			{ID: "dsWeekly001", PeriodType: period.Weekly, OrgUnits: all, Elements: of("deWeekly001", "deBoth00001")},
			{ID: "dsRemarks01", PeriodType: period.Monthly, OrgUnits: all, Elements: of("deNote00001"), ValueOrComment: true},
			{ID: "dsProject01", PeriodType: period.Monthly, OrgUnits: all, Elements: of("deProject01"), CategoryCombo: "comboProj01", OpenAfterEnd: 1,
				Compulsory: []hmis.Operand{{DataElement: "deProject01"}}},
		},
	}
}

// gate returns a Gate over the world, as changed.
func gate(t testing.TB, change func(*hmis.Metadata)) entry.Gate {
	t.Helper()
	md := world()
	if change != nil {
		change(&md)
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	return entry.Gate{Catalog: catalog, Tree: tree, Policy: entry.Strict}
}

// value reads a value from "element optionCombo attributeCombo unit period text";
// a dot is an empty field.
func value(t testing.TB, s string) hmis.DataValue {
	t.Helper()
	fields := strings.SplitN(s, " ", 6)
	for i := range fields {
		if fields[i] == "." {
			fields[i] = ""
		}
	}
	v := hmis.DataValue{
		Key:   hmis.Key{DataElement: hmis.UID(fields[0]), OptionCombo: hmis.UID(fields[1]), AttributeCombo: hmis.UID(fields[2]), OrgUnit: hmis.UID(fields[3])},
		Value: fields[5],
	}
	if fields[4] != "" {
		v.Period = period.MustParse(fields[4])
	}
	return v
}

func lines(t testing.TB, text ...string) (values []hmis.DataValue) {
	for _, s := range text {
		values = append(values, value(t, s))
	}
	return values
}

// pass sends values through a gate and returns what comes out as
// "row=text" in words, the summary, and the error.
func pass(g entry.Gate, values ...hmis.DataValue) (out []string, sum hmis.Summary, err error) {
	for v, bad := range g.Values(stream(values...), &sum) {
		if bad != nil {
			return out, sum, bad
		}
		text := v.Value
		if v.Deleted {
			text += " deleted"
		}
		out = append(out, fmt.Sprint(v.DataElement, " ", v.Period, " ", text))
	}
	return out, sum, nil
}

// codes returns "code[rows]" of issues.
func codes(issues hmis.Issues) (list []string) {
	for _, i := range issues {
		list = append(list, fmt.Sprint(i.Code, i.Rows))
	}
	return list
}

// at returns a moment in UTC.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	moment, err := time.Parse("2006-01-02 15:04", s)
	require.NoError(t, err)
	return moment
}
