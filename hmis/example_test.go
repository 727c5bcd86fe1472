package hmis_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

func ExampleNewCatalog() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "s46m5MS0hxu", Code: "BCG", Name: "BCG doses given", ValueType: hmis.Integer, Aggregation: hmis.Sum, CategoryCombo: "dzjKKQq0cSO"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, issue := range catalog.Check() {
		fmt.Println(issue.Severity, issue)
	}
	// Output: warning hmis: reference_unknown: dataElement s46m5MS0hxu: categoryCombo: no object "dzjKKQq0cSO"
}

func ExampleFind() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "O6uvpzGd5pu", Name: "Bo"}, {ID: "fdc6uOvgoji", Name: "Bombali"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	unit, ok := hmis.Find[hmis.OrgUnit](catalog, "O6uvpzGd5pu")
	fmt.Println(unit.Name, ok)
	for unit := range hmis.All[hmis.OrgUnit](catalog) {
		fmt.Println(unit.ID)
	}
	// Output:
	// Bo true
	// O6uvpzGd5pu
	// fdc6uOvgoji
}

func ExampleCatalog_Lookup() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "O6uvpzGd5pu", Code: "OU_264", Name: "Bo"}, {ID: "fdc6uOvgoji", Code: "OU_264"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(catalog.Lookup(hmis.KindOrgUnit, hmis.ByName, "Bo"))
	_, err = catalog.Lookup(hmis.KindOrgUnit, hmis.ByCode, "OU_264")
	fmt.Println(err)
	// Output:
	// O6uvpzGd5pu <nil>
	// hmis: organisationUnit: code "OU_264" is ambiguous: 2 objects have it, such as O6uvpzGd5pu and fdc6uOvgoji
}

func ExampleMerge() {
	elements := hmis.Metadata{DataSets: []hmis.DataSet{{ID: "BfMAe6Itzgt", Name: "Child Health", OrgUnits: []hmis.UID{"O6uvpzGd5pu"}}}}
	units := hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "O6uvpzGd5pu", Name: "Bo"}},
		DataSets: []hmis.DataSet{{ID: "BfMAe6Itzgt", Name: "Children", PeriodType: period.Monthly}},
	}
	md, conflicts := hmis.Merge(elements, units)
	fmt.Println(len(md.OrgUnits), md.DataSets[0].Name, md.DataSets[0].PeriodType)
	fmt.Println(conflicts.Err())
	// Output:
	// 1 Child Health Monthly
	// hmis: merge_conflict: dataSet BfMAe6Itzgt: Name: "Child Health" is kept, "Children" is left out
}

func ExampleValueType_Check() {
	fmt.Println(hmis.Integer.Check("12.0"))
	_, err := hmis.Integer.Check("1,200")
	fmt.Println(err)
	// Output:
	// 12 <nil>
	// hmis: value_not_integer: "1,200": want a whole number of 32 bits
}

func ExampleValueType_Number() {
	fmt.Println(hmis.Number.Number("007.50"))
	fmt.Println(hmis.Boolean.Number("true"))
	_, ok := hmis.Number.Number("1e3")
	fmt.Println(ok)
	// Output:
	// 7.5 true
	// 1 true
	// false
}

func ExampleBatch() {
	var batch hmis.Batch
	for _, text := range []string{"12", "12.50", "many"} {
		batch.Append(hmis.DataValue{
			Key:   hmis.Key{DataElement: "s46m5MS0hxu", OrgUnit: "O6uvpzGd5pu", Period: period.MustParse("202401")},
			Value: text,
		})
	}
	fmt.Println(batch.Len(), batch.Coef, batch.Scale)
	for v := range batch.Values() {
		fmt.Println(v.OrgUnit, v.Period, v.Value)
	}
	// Output:
	// 3 [12 1250 0] [0 2 -1]
	// O6uvpzGd5pu 202401 12
	// O6uvpzGd5pu 202401 12.50
	// O6uvpzGd5pu 202401 many
}

// This example prints the cells of a data element, and the option of each cell
// in a category.
func ExampleCatalog_OptionCombos() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		DataElements:    []hmis.DataElement{{ID: "deMalaria01", CategoryCombo: "ccSex000001"}},
		Categories:      []hmis.Category{{ID: "catSex00001", Options: []hmis.UID{"optFemale01", "optMale0001"}}},
		CategoryOptions: []hmis.CategoryOption{{ID: "optFemale01", Name: "Female"}, {ID: "optMale0001", Name: "Male"}},
		CategoryCombos:  []hmis.CategoryCombo{{ID: "ccSex000001", Categories: []hmis.UID{"catSex00001"}}},
		OptionCombos: []hmis.OptionCombo{
			{ID: "cocFemale01", CategoryCombo: "ccSex000001", Options: []hmis.UID{"optFemale01"}},
			{ID: "cocMale0001", CategoryCombo: "ccSex000001", Options: []hmis.UID{"optMale0001"}},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, cell := range catalog.OptionCombos(catalog.CategoryCombo("deMalaria01", "")) {
		sex, _ := catalog.Option(cell, "catSex00001")
		fmt.Println(cell, catalog.Name(hmis.Ref{Kind: hmis.KindCategoryOption, ID: sex}))
	}
	// Output:
	// cocFemale01 Female
	// cocMale0001 Male
}

func ExampleCatalog_OptionCombo() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		CategoryCombos: []hmis.CategoryCombo{{ID: "ccSex000001"}},
		OptionCombos: []hmis.OptionCombo{
			{ID: "cocFemale01", CategoryCombo: "ccSex000001", Options: []hmis.UID{"optFemale01"}},
			{ID: "cocMale0001", CategoryCombo: "ccSex000001", Options: []hmis.UID{"optMale0001"}},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(catalog.OptionCombo("ccSex000001", "optMale0001"))
	// Output: cocMale0001 true
}

func ExampleCatalog_Text() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{DataElements: []hmis.DataElement{{ID: "deMalaria01", Code: "MAL"}}})
	if err != nil {
		log.Fatal(err)
	}
	malaria := hmis.Ref{Kind: hmis.KindDataElement, ID: "deMalaria01"}
	fmt.Println(catalog.Text(malaria, hmis.ByCode))
	_, err = catalog.Text(malaria, hmis.ByName)
	fmt.Println(err)
	// Output:
	// MAL <nil>
	// hmis: dataElement deMalaria01: want an object with a name
}

func ExampleOptionSet_Check() {
	outcomes := hmis.OptionSet{ID: "osOutcome01", Options: []hmis.Option{{Code: "CURED"}, {Code: "DIED"}}}
	fmt.Println(outcomes.Check("CURED"))
	fmt.Println(outcomes.Check("cured"))
	// Output:
	// <nil>
	// hmis: E8123: optionSet osOutcome01: "cured": want the code of one of 2 options
}

// The caller gets one error and can ask it for each issue.
func ExampleIssues() {
	_, err := hmis.NewCatalog(hmis.Metadata{OrgUnits: []hmis.OrgUnit{{ID: "O6uvpzGd5pu"}, {ID: "O6uvpzGd5pu"}, {Name: "Bo"}}})
	if issues, ok := errors.AsType[hmis.Issues](err); ok {
		for _, issue := range issues {
			fmt.Println(issue.Severity, issue.Object, issue.Field, issue.Err)
		}
	}
	// Output:
	// critical organisationUnit O6uvpzGd5pu id want each id once; it is object 0 and object 1 of the list
	// critical organisationUnit id want an id for object 2 of the list, named "Bo"
}

func ExampleParseScheme() {
	fmt.Println(hmis.ParseScheme("attribute:fbfJHSPpUQD"))
	// Output: ATTRIBUTE:fbfJHSPpUQD <nil>
}
