package aggregate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// What only Go can get wrong; testdata/errors.txt has the rest of the refusals.
func TestQueryRefuses(t *testing.T) {
	l := clinic(t)
	cube, err := l.Load(t.Context(), stream([]hmis.DataValue{value("bcg nge 202401 1")}))
	require.NoError(t, err)
	good := func() aggregate.Query {
		return aggregate.Query{Data: []indicator.Item{{ID: "bcg"}}, OrgUnits: []hmis.UID{"bo"}, Periods: []period.Period{period.MustParse("202401")}}
	}
	tests := []struct {
		name   string
		change func(*aggregate.Query)
		want   string
	}{
		{"nothing at all", func(q *aggregate.Query) { *q = aggregate.Query{} }, `hmis: E7101: Data: no dimension: nothing is to be told apart`},
		{"a period that is none", func(q *aggregate.Query) { q.Periods = append(q.Periods, period.Period{}) }, `hmis: E7611: Periods: one of the periods is no period`},
		{"a filter period that is none", func(q *aggregate.Query) { q.Periods, q.Filter.Periods = nil, []period.Period{{}} },
			`hmis: E7611: Filter.Periods: one of the periods is no period`},
		{"an unknown org unit", func(q *aggregate.Query) { q.OrgUnits = append(q.OrgUnits, "moon") }, `hmis: E7143: OrgUnits: unknown org unit "moon"`},
		{"an unknown org unit as a filter", func(q *aggregate.Query) { q.OrgUnits, q.Filter.OrgUnits = nil, []hmis.UID{"moon"} },
			`hmis: E7143: Filter.OrgUnits: unknown org unit "moon"`},
		{"an unknown comparison", func(q *aggregate.Query) { q.Criteria = []aggregate.Criterion{{Op: ">"}} },
			`hmis: Criteria: unknown comparison ">": want EQ, GT, GE, LT or LE`},
		{"an unknown comparison of values", func(q *aggregate.Query) { q.ValueCriteria = []aggregate.Criterion{{Op: "ge"}} },
			`hmis: ValueCriteria: unknown comparison "ge": want EQ, GT, GE, LT or LE`},
		{"an unknown aggregation", func(q *aggregate.Query) { q.Aggregation = "MEDIAN" }, `hmis: Aggregation: unknown aggregation "MEDIAN"`},
		{"an item of another period", func(q *aggregate.Query) { q.Data = []indicator.Item{{ID: "bcg", Offset: -1}} },
			`hmis: Data: bcg.periodOffset(-1) reads other periods than those asked for, which only an indicator can`},
		{"an item of nothing", func(q *aggregate.Query) { q.Data = append(q.Data, indicator.Item{}) }, `hmis: E7124: Data: no data item ""`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := good()
			tt.change(&q)
			_, err := cube.Query(t.Context(), q)
			require.EqualError(t, err, tt.want)
			_, ok := errors.AsType[*hmis.Issue](err)
			require.True(t, ok, "%T", err)
			n := 0
			for _, err := range cube.Cells(t.Context(), q) {
				require.EqualError(t, err, tt.want)
				n++
			}
			require.Equal(t, 1, n)
			_, err = cube.Plan(t.Context(), q)
			require.EqualError(t, err, tt.want)
			_, err = cube.Explain(t.Context(), q, aggregate.Cell{})
			require.EqualError(t, err, tt.want)
		})
	}
}

// A query that would need more memory than there is anywhere is refused before
// it takes any.
func TestQueryTooLarge(t *testing.T) {
	l := clinic(t)
	cube, err := l.Load(t.Context(), stream([]hmis.DataValue{value("bcg nge 202401 1")}))
	require.NoError(t, err)
	q := aggregate.Query{
		Data: []indicator.Item{{ID: "bcg"}}, OrgUnits: []hmis.UID{"bo", "nge"},
		Periods: period.MustParse("19700101").Split(period.Daily),
	}
	for day := range 2000 {
		q.Periods = append(q.Periods, q.Periods[0].Add(day+1))
	}
	var items []hmis.UID
	for i := range 100_000 {
		items = append(items, hmis.UID(fmt.Sprint("combo", i)))
	}
	q.Split = []aggregate.Axis{{ID: aggregate.OptionCombos, Items: items}}
	_, err = cube.Query(t.Context(), q)
	issue, ok := errors.AsType[*hmis.Issue](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "E7128", issue.Code)
}

// Explain is asked for one cell of the query.
func TestExplainRefuses(t *testing.T) {
	l := clinic(t)
	cube, err := l.Load(t.Context(), stream([]hmis.DataValue{value("bcg nge 202401 1")}))
	require.NoError(t, err)
	january := period.MustParse("202401")
	q := aggregate.Query{
		Data: []indicator.Item{{ID: "bcg"}}, OrgUnits: []hmis.UID{"bo"}, Periods: []period.Period{january},
		Split: []aggregate.Axis{{ID: aggregate.OptionCombos}},
	}
	tests := []struct {
		name string
		cell aggregate.Cell
		want string
	}{
		{"data", aggregate.Cell{Data: indicator.Item{ID: "open"}, OrgUnit: "bo", Period: january, Split: []hmis.UID{"HllvX50cXC0"}},
			`hmis: Data: the query does not ask for a cell of open`},
		{"no data", aggregate.Cell{OrgUnit: "bo", Period: january}, `hmis: Data: the query asks for cells of some, the cell names none`},
		{"org unit", aggregate.Cell{Data: q.Data[0], OrgUnit: "nge", Period: january, Split: []hmis.UID{"HllvX50cXC0"}},
			`hmis: OrgUnits: the query does not ask for a cell of nge`},
		{"period", aggregate.Cell{Data: q.Data[0], OrgUnit: "bo", Period: january.Add(1), Split: []hmis.UID{"HllvX50cXC0"}},
			`hmis: Periods: the query does not ask for a cell of 202402`},
		{"item", aggregate.Cell{Data: q.Data[0], OrgUnit: "bo", Period: january, Split: []hmis.UID{"male"}},
			`hmis: Split: the query does not ask for a cell of male`},
		{"number of items", aggregate.Cell{Data: q.Data[0], OrgUnit: "bo", Period: january},
			`hmis: Split: the cell has 0 items of axes, the query 1 axes`},
	}
	for _, tt := range tests {
		_, err := cube.Explain(t.Context(), q, tt.cell)
		require.EqualError(t, err, tt.want, tt.name)
	}
}

// Formulas that compare a text with a number and the like are taken as 0, and
// Warn is called.
func TestQueryWarn(t *testing.T) {
	md := hmis.Metadata{
		OrgUnits:     []hmis.OrgUnit{{ID: "bo"}},
		DataElements: []hmis.DataElement{{ID: "note0000000", ValueType: hmis.Text, Aggregation: hmis.NoAggregation}},
		Indicators:   []hmis.Indicator{{ID: "twice000000", Numerator: "#{note0000000} * 2", Denominator: "1"}},
	}
	w := world{md: md}
	w.reindex(t)
	cube, err := w.loader().Load(t.Context(), stream([]hmis.DataValue{value("note0000000 bo 202401 none")}))
	require.NoError(t, err)
	var notes []string
	q := aggregate.Query{
		Data: []indicator.Item{{ID: "twice000000"}}, OrgUnits: []hmis.UID{"bo"}, Periods: []period.Period{period.MustParse("202401")},
		Warn: func(i hmis.Issue) { notes = append(notes, i.Error()) },
	}
	table, err := cube.Query(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, "0", table.At(q.Data[0], "bo", q.Periods[0]).String())
	require.Len(t, notes, 1)
	require.True(t, strings.HasPrefix(notes[0], "hmis: indicator twice000000: taken as 0: "), notes[0])
}

// A table of two elements, units, periods and axes: cells in the order of the
// query, found by name, written in three ways.
func TestTable(t *testing.T) {
	w := newWorld(t, 1)
	for i := range w.md.DataElements {
		w.md.DataElements[i] = hmis.DataElement{ID: w.md.DataElements[i].ID}
	}
	w.reindex(t)
	v := func(s string, combo hmis.UID) hmis.DataValue {
		out := value(s)
		out.OptionCombo = combo
		return out
	}
	w.values = []hmis.DataValue{
		v("e1 region0 202402 4", "m"), v("e0 country 202401 1.50", "f"), v("e0 region0 202401 2", "m"), v("e1 region0 202401 3", "f"),
	}
	cube := w.cube(t)
	q := aggregate.Query{
		Data:     []indicator.Item{{ID: "e1"}, {ID: "e0"}},
		OrgUnits: []hmis.UID{"region0", "country"},
		Periods:  []period.Period{period.MustParse("202402"), period.MustParse("202401")},
		Split:    []aggregate.Axis{{ID: "sex"}, {ID: aggregate.OptionCombos}},
	}
	table, err := cube.Query(t.Context(), q)
	require.NoError(t, err)

	var csv bytes.Buffer
	require.NoError(t, table.WriteCSV(&csv))
	want := `dx,ou,pe,sex,co,value
e1,region0,202402,male,m,4
e1,region0,202401,female,f,3
e1,country,202402,male,m,4
e1,country,202401,female,f,3
e0,region0,202401,male,m,2
e0,country,202401,male,m,2
e0,country,202401,female,f,1.5
`
	if diff := cmp.Diff(want, csv.String()); diff != "" {
		t.Error(diff)
	}
	require.Equal(t, 7, table.Len())

	data, err := json.Marshal(table)
	require.NoError(t, err)
	var back struct {
		Headers []string
		Rows    [][]string
	}
	require.NoError(t, json.Unmarshal(data, &back))
	lines := []string{strings.Join(back.Headers, ",")}
	for _, row := range back.Rows {
		lines = append(lines, strings.Join(row, ","))
	}
	require.Equal(t, want, strings.Join(lines, "\n")+"\n")

	n := 0
	for cell := range table.Cells() {
		n++
		got := table.At(cell.Data, cell.OrgUnit, cell.Period, cell.Split...)
		require.True(t, got.Equal(cell.Value), "%v", cell)
	}
	require.Equal(t, 7, n)
	missing := []indicator.Value{
		table.At(indicator.Item{ID: "e2"}, "region0", q.Periods[0], "male", "m"),
		table.At(q.Data[0], "region1", q.Periods[0], "male", "m"),
		table.At(q.Data[0], "region0", q.Periods[0].Add(1), "male", "m"),
		table.At(q.Data[0], "region0", q.Periods[0], "male"),
		table.At(q.Data[0], "region0", q.Periods[0], "male", "x"),
		table.At(q.Data[0], "region0", q.Periods[0], "female", "f"),
	}
	for i, v := range missing {
		require.True(t, v.IsMissing(), "%d: %s", i, v)
	}

	// The answer is a stream of values that another cube takes.
	again, err := w.loader().Load(t.Context(), table.Values())
	require.NoError(t, err)
	require.Equal(t, 7, again.Len())
	for v, err := range again.Values(t.Context(), aggregate.Filter{OrgUnits: []hmis.UID{"country"}, Data: []indicator.Item{{ID: "e0", OptionCombo: "f"}}}) {
		require.NoError(t, err)
		require.Equal(t, "1.5", v.Value)
		require.Equal(t, hmis.UID("f"), v.OptionCombo)
	}
	for range table.Values() {
		break // may be left early
	}
	for range table.Cells() {
		break
	}
	require.Error(t, table.WriteCSV(full{}))
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room on the disk") }

// An answer is given as a stream of cells or of blocks too, which together are
// the table.
func TestBlocks(t *testing.T) {
	w := newWorld(t, 3)
	cube := w.cube(t)
	q := aggregate.Query{
		Data:     []indicator.Item{{ID: "e0"}, {ID: "e6"}, {ID: "e7"}},
		OrgUnits: slices.Collect(w.tree.All()),
		Periods:  []period.Period{period.MustParse("202401"), period.MustParse("2024Q1")},
		Split:    []aggregate.Axis{{ID: aggregate.AttributeCombos}},
	}
	table, err := cube.Query(t.Context(), q)
	require.NoError(t, err)
	var want []string
	for cell := range table.Cells() {
		want = append(want, fmt.Sprint(cell.Data, cell.OrgUnit, cell.Period, cell.Split, cell.Value))
	}
	require.NotEmpty(t, want)
	var got []string
	for cell, err := range cube.Cells(t.Context(), q) {
		require.NoError(t, err)
		got = append(got, fmt.Sprint(cell.Data, cell.OrgUnit, cell.Period, cell.Split, cell.Value))
	}
	require.Equal(t, want, got)

	got = nil
	for block, err := range cube.Blocks(t.Context(), q) {
		require.NoError(t, err)
		n := 0
		for _, unit := range block.OrgUnits {
			for _, p := range block.Periods {
				for _, split := range block.Split {
					if v := block.Column.At(n); !v.IsMissing() {
						got = append(got, fmt.Sprint(block.Data, unit, p, split, v))
					}
					n++
				}
			}
		}
	}
	require.Equal(t, want, got)
	for range cube.Blocks(t.Context(), q) {
		break // may be left early
	}
	for _, err := range cube.Blocks(t.Context(), aggregate.Query{}) {
		require.Error(t, err)
	}
}

// What is asked for twice is answered once.
func TestQueryTwice(t *testing.T) {
	l := clinic(t)
	cube, err := l.Load(t.Context(), stream([]hmis.DataValue{value("bcg nge 202401 5")}))
	require.NoError(t, err)
	january := period.MustParse("202401")
	five := decimal.NewFromInt(5)
	q := aggregate.Query{
		Data:     []indicator.Item{{ID: "bcg"}, {ID: "bcg"}},
		OrgUnits: []hmis.UID{"nge", "nge"}, Periods: []period.Period{january, january},
		Criteria: []aggregate.Criterion{{Op: "EQ", Number: five}, {Op: "LE", Number: five}},
	}
	table, err := cube.Query(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, 1, table.Len())
}

// TestValuesAreFinite writes an answer with divisions by zero as data values: what
// no form can take is left out, and named apart.
func TestValuesAreFinite(t *testing.T) {
	md := hmis.Metadata{
		OrgUnits:     []hmis.OrgUnit{{ID: "Clinic00001"}},
		DataElements: []hmis.DataElement{{ID: "Good0000001"}, {ID: "Remark00001", ValueType: hmis.Text, Aggregation: hmis.NoAggregation}},
		Indicators: []hmis.Indicator{
			{ID: "NotNumber01", Numerator: "#{Good0000001} / (#{Good0000001} - 7)", Denominator: "1"},
			{ID: "Infinite001", Numerator: "log(#{Good0000001} - 7)", Denominator: "1"},
			{ID: "Twice000001", Numerator: "#{Good0000001} * 2", Denominator: "1"},
		},
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	loader := aggregate.Loader{Catalog: catalog, Tree: tree}
	january := period.MustParse("202401")
	cube, err := loader.Load(t.Context(), stream([]hmis.DataValue{
		{Value: "7", Key: hmis.Key{DataElement: "Good0000001", OrgUnit: "Clinic00001", Period: january}},
		{Value: "NaN", Key: hmis.Key{DataElement: "Remark00001", OrgUnit: "Clinic00001", Period: january}},
	}))
	require.NoError(t, err)
	q := aggregate.Query{OrgUnits: []hmis.UID{"Clinic00001"}, Periods: []period.Period{january}}
	for _, id := range []hmis.UID{"NotNumber01", "Good0000001", "Infinite001", "Remark00001", "Twice000001"} {
		q.Data = append(q.Data, indicator.Item{ID: id})
	}
	table, err := cube.Query(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, 5, table.Len(), "cells show them as a server does")

	var values, left []string
	for v, err := range table.Values() {
		require.NoError(t, err)
		values = append(values, string(v.DataElement)+" "+v.Value)
	}
	for c := range table.NotFinite() {
		left = append(left, fmt.Sprint(c.Data, " ", c.Value))
	}
	require.Equal(t, []string{"Good0000001 7", "Remark00001 NaN", "Twice000001 14"}, values)
	require.Equal(t, []string{"NotNumber01 NaN", "Infinite001 -Infinity"}, left)
}

// TestCalendars asks in another calendar than that of the data.
func TestCalendars(t *testing.T) {
	cube := rejecting(t)
	nepali, ok := period.CalendarByName("nepali")
	require.True(t, ok)
	local, err := nepali.Parse("208010")
	require.NoError(t, err)
	january := period.MustParse("202401")
	good := []indicator.Item{{ID: "Good0000001"}}
	for _, tt := range []struct {
		q    aggregate.Query
		want string
	}{
		{aggregate.Query{Data: good, Periods: []period.Period{local}}, "hmis: Periods: 208010 is of the nepali calendar, the data of the gregorian one"},
		{aggregate.Query{Data: good, Filter: aggregate.Filter{Periods: []period.Period{local}}}, "hmis: Filter.Periods: 208010 is of the nepali calendar, the data of the gregorian one"},
		{aggregate.Query{Data: good, Periods: []period.Period{local, january}}, ""},
		{aggregate.Query{Data: good, Periods: []period.Period{january}}, ""},
	} {
		_, err := cube.Query(t.Context(), tt.q)
		if tt.want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, tt.want)
		}
	}
	empty, err := aggregate.Loader{Catalog: cube.Catalog(), Tree: cube.Tree()}.Load(t.Context(), nil)
	require.NoError(t, err)
	_, err = empty.Query(t.Context(), aggregate.Query{Data: good, Periods: []period.Period{local}})
	require.NoError(t, err, "a cube without values has no calendar")
}

// TestTableSpreadsheets writes texts that a spreadsheet would execute: for people
// they are made safe, for programs they stay as they are. Numbers are never changed.
func TestTableSpreadsheets(t *testing.T) {
	md := hmis.Metadata{
		OrgUnits:     []hmis.OrgUnit{{ID: "=clinic"}},
		DataElements: []hmis.DataElement{{ID: "number"}, {ID: "@note", ValueType: hmis.Text, Aggregation: hmis.NoAggregation}},
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	january := period.MustParse("202401")
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(t.Context(), stream([]hmis.DataValue{
		{Value: "-5", Key: hmis.Key{DataElement: "number", OrgUnit: "=clinic", Period: january}},
		{Value: "+cmd|' /C calc'!A0", Key: hmis.Key{DataElement: "@note", OrgUnit: "=clinic", Period: january}},
	}))
	require.NoError(t, err)
	table, err := cube.Query(t.Context(), aggregate.Query{
		Data: []indicator.Item{{ID: "number"}, {ID: "@note"}}, OrgUnits: []hmis.UID{"=clinic"}, Periods: []period.Period{january},
	})
	require.NoError(t, err)
	var people, programs strings.Builder
	require.NoError(t, table.WriteCSV(&people))
	require.NoError(t, table.WriteInterchange(&programs))
	require.Equal(t, "dx,ou,pe,value\nnumber,'=clinic,202401,-5\n'@note,'=clinic,202401,'+cmd|' /C calc'!A0\n", people.String())
	require.Equal(t, "dx,ou,pe,value\nnumber,=clinic,202401,-5\n@note,=clinic,202401,+cmd|' /C calc'!A0\n", programs.String())
}
