package quality_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// The reports of 2025 that are farthest from what the same facility reported of the
// same thing before.
func ExampleOutliers() {
	md := country.Metadata() // a made-up country
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(ctx, country.Values())
	if err != nil {
		log.Fatal(err)
	}
	method := quality.Method{Score: quality.ModifiedZ, Threshold: 5, Max: 2}
	year := period.MustParse("2025")
	outliers, err := quality.Outliers(
		ctx,
		cube,
		method,
		quality.Scope{From: year.First(), To: year.Last()},
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range outliers {
		unit, _ := tree.Unit(o.Value.OrgUnit)
		fmt.Printf(
			"%s, %s: %v, expected around %v\n",
			unit.Name,
			o.Value.Period.Name(),
			o.Number,
			o.Middle,
		)
	}
	// Output:
	// Dorumisa Hospital, August 2025: 491, expected around 337
	// Orosara Health Centre, August 2025: 401, expected around 268
}

// Bounds for outpatient visits at one facility, from what it reported.
func ExampleBoundRule_Generate() {
	md := country.Metadata() // a made-up country
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(ctx, country.Values())
	if err != nil {
		log.Fatal(err)
	}
	scope := quality.Scope{
		Data:     []indicator.Item{{ID: "deOutpatnts"}},
		OrgUnits: []hmis.UID{"ouFacil0001"},
	}
	bounds, err := quality.BoundRule{Factor: 2}.Generate(ctx, cube, scope, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, b := range bounds {
		name := catalog.Name(hmis.Ref{Kind: hmis.KindOptionCombo, ID: b.OptionCombo})
		fmt.Println(name+":", b.Low, "to", b.High)
	}
	// Output:
	// Female, 5 years and over: 598 to 1105
	// Female, Under 5 years: 293 to 548
	// Male, 5 years and over: 441 to 826
	// Male, Under 5 years: 317 to 599
}

// A review of two metrics at all districts, with its scorecard.
func ExampleReview_Run() {
	md := country.Metadata() // a made-up country
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(ctx, country.Values())
	if err != nil {
		log.Fatal(err)
	}
	review := quality.Review{
		Overall: "ouCountry01",
		Units:   tree.AtLevel(3),
		Period:  period.MustParse("2025"),
	}
	measures, err := review.Run(ctx, cube,
		quality.Reporting{DataSet: "dsImmunize1", ByValues: true},
		quality.Relation{
			A: indicator.Item{
				ID: "dePentaDos1",
			}, B: indicator.Item{ID: "dePentaDos3"}, Kind: quality.Dropout,
		},
	)
	if err != nil {
		log.Fatal(err)
	}
	card := quality.Grader{}.Grade(measures)
	for i, m := range measures {
		fmt.Printf("%s %s: %.1f%%, %d units diverge: %v\n",
			m.Metric, m.Item, *m.Overall.Score, len(m.DivergentUnits()), card.Cells[i].Status)
	}
	// Output:
	// 1a Immunization: 89.8%, 6 units diverge: poor
	// 2e DPT-HepB-Hib, 1st doses / DPT-HepB-Hib, 3rd doses: 11.4%, 0 units diverge: good
}

func ExampleRelation_Compare() {
	m, err := quality.Relation{Kind: quality.Dropout}.Compare(
		quality.Pair{OrgUnit: "nation", A: new(430.0), B: new(400.0)},
		[]quality.Pair{
			{OrgUnit: "Bo", A: new(100.0), B: new(95.0)},
			{OrgUnit: "Bombali", A: new(100.0), B: new(111.0)},
		})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("more third than first doses:", m.DivergentUnits())
	// Output: more third than first doses: [Bombali]
}

func ExampleVerification_Factors() {
	recount := quality.Verification{Sites: []quality.Recount{
		{Site: "Ngelehun", Group: "Bo", Recounted: new(90.0), Reported: new(100.0)},
		{Site: "Njandama", Group: "Bo", Recounted: new(50.0), Reported: new(80.0)},
	}}
	sites, groups, err := recount.Factors()
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range append(sites, groups...) {
		fmt.Printf("%s %.3f %s\n", f.Name, *f.Factor, f.Result)
	}
	// Output:
	// Ngelehun 0.900 ok
	// Njandama 0.625 over
	// * 0.778 over
	// Bo 0.778 over
}

func ExampleWorkList_Items() {
	line := quality.Line{OrgUnit: "Ngelehun"}
	for _, n := range []float64{10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 100} {
		line.Values = append(line.Values, &n)
	}
	items, err := quality.WorkList{}.Items([]quality.Line{line})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(
		items[0].OrgUnit,
		items[0].Outliers,
		"outlier, which changes the total by",
		items[0].OutlierWeight,
	)
	// Output: Ngelehun 1 outlier, which changes the total by 90
}

// Of two bounds one is the wrong way round.
func ExampleReader_Bounds() {
	md := country.Metadata() // a made-up country
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		log.Fatal(err)
	}
	file := `{"values": [
		{"dataElement": "deDelivery1", "orgUnit": "ouFacil0001", "optionCombo": "HllvX50cXC0", "minValue": 20, "maxValue": 60},
		{"dataElement": "deDelivery1", "orgUnit": "ouFacil0002", "optionCombo": "HllvX50cXC0", "minValue": 60, "maxValue": 20}
	]}`
	reader := quality.Reader{Catalog: catalog, Tree: tree}
	reject := func(_ quality.Bound, err error) { fmt.Println(err) }
	bounds, err := reader.Bounds(strings.NewReader(file), reject)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(bounds), "bound read")
	// Output:
	// hmis: E2044: dataElement deDelivery1: maxValue: 20 is not greater than the lower bound 60
	// 1 bound read
}
