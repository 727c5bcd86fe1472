package entry_test

import (
	"context"
	"fmt"
	"iter"
	"log"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// What comes out of a Gate may be stored. Nothing is stored here, so this is a
// dry run.
func Example() {
	md := hmis.Metadata{
		OrgUnits:     []hmis.OrgUnit{{ID: "DiszpKrYNg8", Name: "Ngelehun CHC"}},
		DataElements: []hmis.DataElement{{ID: "s46m5MS0hxu", Name: "BCG doses given", ValueType: hmis.IntegerZeroOrPositive}},
		DataSets: []hmis.DataSet{{
			ID: "lyLU2wR22tC", PeriodType: period.Monthly, ExpiryDays: 10,
			Elements: []hmis.DataSetElement{{DataElement: "s46m5MS0hxu"}}, OrgUnits: []hmis.UID{"DiszpKrYNg8"},
		}},
	}
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		log.Fatal(err)
	}
	file := strings.NewReader(`{"dataValues": [
		{"dataElement": "s46m5MS0hxu", "period": "202402", "orgUnit": "DiszpKrYNg8", "value": "12.0"},
		{"dataElement": "s46m5MS0hxu", "period": "202401", "orgUnit": "DiszpKrYNg8", "value": "14"},
		{"dataElement": "s46m5MS0hxu", "period": "202402", "orgUnit": "DiszpKrYNg8", "value": "15"}]}`)

	gate := entry.Gate{Catalog: catalog, Tree: tree, Policy: entry.Strict, Now: time.Date(2024, 3, 5, 9, 0, 0, 0, time.UTC)}
	var sum hmis.Summary
	for v, err := range gate.Values(dhis2.ReadValues(file), &sum) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("store", v.Period, v.Value)
	}
	fmt.Println(sum.Imported, "imported,", sum.Ignored, "ignored")
	for _, issue := range sum.Issues {
		fmt.Println(issue.Rows, issue)
	}
	// Output:
	// store 202402 12
	// 1 imported, 2 ignored
	// [1] hmis: E8030: dataSet lyLU2wR22tC: period: 202401: the days for entry after the period have passed
	// [2] hmis: E8128: dataElement s46m5MS0hxu: dataElement: another value has the same key
}

// An Import stores values from any source, here a slice, all or nothing.
func ExampleImport() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "s46m5MS0hxu", ValueType: hmis.Integer}},
		DataSets:     []hmis.DataSet{{ID: "lyLU2wR22tC", PeriodType: period.Monthly, Elements: []hmis.DataSetElement{{DataElement: "s46m5MS0hxu"}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	store := &entry.Memory{} // or a database
	im := entry.Import{Gate: entry.Gate{Catalog: catalog}, Store: store}

	var values iter.Seq2[hmis.DataValue, error] = func(yield func(hmis.DataValue, error) bool) {
		key := hmis.Key{DataElement: "s46m5MS0hxu", OrgUnit: "DiszpKrYNg8", Period: period.MustParse("202402")}
		_ = yield(hmis.DataValue{Key: key, Value: "12"}, nil)
	}
	for range 2 {
		sum, err := im.Run(context.Background(), values)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(sum.Imported, "new,", sum.Ignored, "there already")
	}
	for v := range store.Values() {
		fmt.Println(v.Period, v.Value)
	}
	// Output:
	// 1 new, 0 there already
	// 0 new, 1 there already
	// 202402 12
}
