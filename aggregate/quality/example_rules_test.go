package quality_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// Fourth visits of pregnant women cannot be more than first ones.
func ExampleValidation_Run() {
	md := hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{
			{ID: "O6uvpzGd5pu", Name: "Bo"},
			{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "O6uvpzGd5pu"},
		},
		DataElements: []hmis.DataElement{
			{ID: "fbfJHSPpUQD", Name: "ANC 1st visit"},
			{ID: "hfdmMSPBgLG", Name: "ANC 4th visit"},
		},
		ValidationRules: []hmis.ValidationRule{{
			ID: "AtsPoENCCFO", Name: "ANC 4 is at most ANC 1", Period: period.Monthly, Operator: "less_than_or_equal_to",
			Left:  hmis.Expression{Text: "#{hfdmMSPBgLG}", Missing: hmis.SkipIfAnyMissing},
			Right: hmis.Expression{Text: "#{fbfJHSPpUQD}", Missing: hmis.SkipIfAnyMissing},
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
	ctx := context.Background()
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(ctx, dhis2.ReadValues(strings.NewReader(`{"dataValues": [
		{"dataElement": "fbfJHSPpUQD", "orgUnit": "DiszpKrYNg8", "period": "202401", "value": "31"},
		{"dataElement": "hfdmMSPBgLG", "orgUnit": "DiszpKrYNg8", "period": "202401", "value": "34"},
		{"dataElement": "fbfJHSPpUQD", "orgUnit": "DiszpKrYNg8", "period": "202402", "value": "28"},
		{"dataElement": "hfdmMSPBgLG", "orgUnit": "DiszpKrYNg8", "period": "202402", "value": "19"}
	]}`)))
	if err != nil {
		log.Fatal(err)
	}

	run, err := quality.Validation{Rules: md.ValidationRules}.Run(ctx, cube, quality.Scope{
		Periods: period.MustParse("2024Q1").Split(period.Monthly),
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range run.Violations {
		fmt.Println(v.Rule, v.OrgUnit, v.Period, v.Left.Value, v.Operator, v.Right.Value)
		for _, side := range []quality.Side{v.Left, v.Right} {
			for _, read := range side.Items {
				fmt.Println("  ", read.Name, "=", read.Value)
			}
		}
	}
	fmt.Println(run.Violated, "of", run.Evaluated)
	// Output:
	// AtsPoENCCFO DiszpKrYNg8 202401 34 <= 31
	//    ANC 4th visit = 34
	//    ANC 1st visit = 31
	// 1 of 2
}

// A rule that cannot be read is reported, and the others are still compared.
func ExampleValidation_reject() {
	md := hmis.Metadata{
		OrgUnits:     []hmis.OrgUnit{{ID: "DiszpKrYNg8", Name: "Ngelehun CHC"}},
		DataElements: []hmis.DataElement{{ID: "fbfJHSPpUQD", Name: "ANC 1st visit"}},
		ValidationRules: []hmis.ValidationRule{
			{ID: "kVCwpjyRMrM", Period: period.Monthly, Operator: "less_than", Left: hmis.Expression{Text: "#{fbfJHSPpUQD"}, Right: hmis.Expression{Text: "100"}},
			{ID: "nPZmSl0B9SU", Period: period.Monthly, Operator: "less_than", Left: hmis.Expression{Text: "#{fbfJHSPpUQD}"}, Right: hmis.Expression{Text: "100"}},
		},
	}
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(ctx, dhis2.ReadValues(strings.NewReader(`{"dataValues": [
		{"dataElement": "fbfJHSPpUQD", "orgUnit": "DiszpKrYNg8", "period": "202401", "value": "310"}
	]}`)))
	if err != nil {
		log.Fatal(err)
	}

	validation := quality.Validation{
		Rules:  md.ValidationRules,
		Reject: func(rule hmis.Ref, err error) { fmt.Println("left out:", err) },
	}
	run, err := validation.Run(ctx, cube, quality.Scope{From: period.DateOf(2024, 1, 1), To: period.DateOf(2024, 12, 31)})
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range run.Violations {
		fmt.Println(v.Rule, v.Left.Value, v.Operator, v.Right.Value)
	}
	// Output:
	// left out: hmis: validationRule kVCwpjyRMrM: left side: indicator: 1:1: item is not closed, want #{dataElement} or #{dataElement.optionCombo}
	// nPZmSl0B9SU 310 < 100
}

// The threshold of an outbreak: the mean of the three months before and two
// deviations. Predicted values go straight into the next cube.
func ExamplePrediction_Values() {
	md := hmis.Metadata{
		OrgUnits:      []hmis.OrgUnit{{ID: "DiszpKrYNg8", Name: "Ngelehun CHC"}},
		OrgUnitLevels: []hmis.OrgUnitLevel{{ID: "tTUf91fCytl", Name: "Facility", Level: 1}},
		DataElements: []hmis.DataElement{
			{ID: "vq2qO3eTrNi", Name: "Malaria cases"},
			{ID: "nymNRxmnj4z", Name: "Malaria threshold"},
		},
		Predictors: []hmis.Predictor{{
			ID: "tEK1OEqS4O1", Name: "Malaria threshold", Output: "nymNRxmnj4z", Period: period.Monthly,
			Levels: []hmis.UID{"tTUf91fCytl"}, Sequential: 3,
			Generator: hmis.Expression{Text: "avg(#{vq2qO3eTrNi}) + 2 * stddev(#{vq2qO3eTrNi})"},
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
	ctx := context.Background()
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(ctx, dhis2.ReadValues(strings.NewReader(`{"dataValues": [
		{"dataElement": "vq2qO3eTrNi", "orgUnit": "DiszpKrYNg8", "period": "202401", "value": "10"},
		{"dataElement": "vq2qO3eTrNi", "orgUnit": "DiszpKrYNg8", "period": "202402", "value": "12"},
		{"dataElement": "vq2qO3eTrNi", "orgUnit": "DiszpKrYNg8", "period": "202403", "value": "14"}
	]}`)))
	if err != nil {
		log.Fatal(err)
	}

	prediction := quality.Prediction{Predictors: md.Predictors}
	april := quality.Scope{Periods: []period.Period{period.MustParse("202404")}}
	cube, err = cube.With(ctx, prediction.Values(ctx, cube, april), nil)
	if err != nil {
		log.Fatal(err)
	}
	for v, err := range cube.Values(ctx, april) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(v.DataElement, v.OrgUnit, v.Period, v.Value)
	}
	// Output: nymNRxmnj4z DiszpKrYNg8 202404 16
}

func ExampleSamplePeriods() {
	predictor := hmis.Predictor{Sequential: 1, Annual: 2}
	fmt.Println(quality.SamplePeriods(predictor, period.MustParse("202405")))
	// Output: [202404 202305 202304 202306 202205 202204 202206]
}

// What a clerk sees before a form is complete: the rules that it breaks, and the
// cells that hold neither a value nor a comment.
func ExampleValidation_Form() {
	md := hmis.Metadata{
		OrgUnits:     []hmis.OrgUnit{{ID: "DiszpKrYNg8", Name: "Ngelehun CHC"}},
		DataElements: []hmis.DataElement{{ID: "fbfJHSPpUQD", Name: "ANC 1st visit"}, {ID: "hfdmMSPBgLG", Name: "ANC 4th visit"}},
		OptionCombos: []hmis.OptionCombo{
			{ID: "HllvX50cXC0", Name: "default", CategoryCombo: "bjDvmb4bfuf"},
		},
		CategoryCombos: []hmis.CategoryCombo{{ID: "bjDvmb4bfuf", Name: "default"}},
		DataSets: []hmis.DataSet{{
			ID: "BfMAe6Itzgt", Name: "Child health", PeriodType: period.Monthly, ValueOrComment: true,
			Elements: []hmis.DataSetElement{{DataElement: "fbfJHSPpUQD"}, {DataElement: "hfdmMSPBgLG"}},
		}},
		ValidationRules: []hmis.ValidationRule{{
			ID: "AtsPoENCCFO", Period: period.Monthly, Operator: "compulsory_pair",
			Left: hmis.Expression{Text: "#{fbfJHSPpUQD}"}, Right: hmis.Expression{Text: "#{hfdmMSPBgLG}"},
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
	ctx := context.Background()
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(ctx, dhis2.ReadValues(strings.NewReader(`{"dataValues": [
		{"dataElement": "fbfJHSPpUQD", "orgUnit": "DiszpKrYNg8", "period": "202401", "value": "31"}
	]}`)))
	if err != nil {
		log.Fatal(err)
	}

	form, err := quality.Validation{Rules: md.ValidationRules}.Form(ctx, cube, quality.Form{
		DataSet: "BfMAe6Itzgt", OrgUnit: "DiszpKrYNg8", Period: period.MustParse("202401"),
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range form.Violations {
		fmt.Println(v.Rule, v.Operator)
	}
	for _, cell := range form.Unexplained {
		fmt.Println("blank:", catalog.Name(hmis.Ref{Kind: hmis.KindDataElement, ID: cell.DataElement}))
	}
	// Output:
	// AtsPoENCCFO [Compulsory pair]
	// blank: ANC 4th visit
}
