package quality_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// exampleCube loads what the clinic Ngelehun reported of malaria cases in 2024, one
// number for each month.
func exampleCube(cases ...int) *aggregate.Cube {
	units := []hmis.OrgUnit{{ID: "O6uvpzGd5pu", Name: "Bo"}, {ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "O6uvpzGd5pu"}}
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "vq2qO3eTrNi", Name: "Malaria cases"}},
		OrgUnits:     units,
		DataSets: []hmis.DataSet{{
			ID: "pBOMPrpg1QX", Name: "Mortality", PeriodType: period.Monthly, OrgUnits: []hmis.UID{"DiszpKrYNg8"},
			Elements: []hmis.DataSetElement{{DataElement: "vq2qO3eTrNi"}},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(units)
	if err != nil {
		log.Fatal(err)
	}
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(context.Background(), func(yield func(hmis.DataValue, error) bool) {
		for i, n := range cases {
			v := hmis.DataValue{Value: fmt.Sprint(n)}
			v.DataElement, v.OrgUnit, v.Period = "vq2qO3eTrNi", "DiszpKrYNg8", period.MustParse("202401").Add(i)
			if !yield(v, nil) {
				return
			}
		}
	})
	if err != nil {
		log.Fatal(err)
	}
	return cube
}

func ExampleOutliers() {
	cube := exampleCube(31, 34, 38, 81, 39, 33)
	outliers, err := quality.Outliers(context.Background(), cube, quality.Method{Score: quality.ModifiedZ}, quality.Scope{})
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range outliers {
		fmt.Printf("%s: %v, expected around %v (score %.1f)\n", o.Value.Period, o.Number, o.Middle, o.Score)
	}
	// Output: 202404: 81, expected around 36 (score 10.1)
}

func ExampleBoundRule_Generate() {
	cube := exampleCube(5, 2, 1, 12, 10, 7, 52, 23, 3, 15)
	bounds, err := quality.BoundRule{Factor: 2}.Generate(context.Background(), cube, quality.Scope{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(bounds[0].DataElement, bounds[0].Low, "to", bounds[0].High)
	// Output: vq2qO3eTrNi -16 to 42
}

func ExampleReview_Run() {
	cube := exampleCube(10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10)
	review := quality.Review{Overall: "O6uvpzGd5pu", Units: []hmis.UID{"DiszpKrYNg8"}, Period: period.MustParse("2024")}
	measures, err := review.Run(context.Background(), cube,
		quality.Reporting{DataSet: "pBOMPrpg1QX", ByValues: true},
		quality.Extremes{Data: indicator.Item{ID: "vq2qO3eTrNi"}},
	)
	if err != nil {
		log.Fatal(err)
	}
	card := quality.Grader{}.Grade(measures)
	for i, m := range measures {
		fmt.Printf("%s %s: %.1f%%, %v\n", m.Metric, m.Item, *m.Overall.Score, card.Cells[i].Status)
	}
	// Output:
	// 1a Mortality: 91.7%, good
	// 2a Malaria cases: 0.0%, good
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
	fmt.Println(items[0].OrgUnit, items[0].Outliers, "outlier, which changes the total by", items[0].OutlierWeight)
	// Output: Ngelehun 1 outlier, which changes the total by 90
}

func ExampleReader_Bounds() {
	cube := exampleCube()
	reader := quality.Reader{Catalog: cube.Catalog(), Tree: cube.Tree()}
	file := `{"values": [
		{"dataElement": "vq2qO3eTrNi", "orgUnit": "DiszpKrYNg8", "optionCombo": "HllvX50cXC0", "minValue": 20, "maxValue": 60},
		{"dataElement": "vq2qO3eTrNi", "orgUnit": "DiszpKrYNg8", "optionCombo": "HllvX50cXC0", "minValue": 60, "maxValue": 20}
	]}`
	bounds, err := reader.Bounds(strings.NewReader(file), func(_ quality.Bound, err error) { fmt.Fprintln(os.Stdout, err) })
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(bounds), "bound read")
	// Output:
	// hmis: E2044: dataElement vq2qO3eTrNi: maxValue: 20 is not greater than the lower bound 60
	// 1 bound read
}
