package aggregate_test

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// hamlet is the metadata of the examples: two clinics of Bo, BCG doses and
// births.
func hamlet() aggregate.Loader {
	md := hmis.Metadata{
		OrgUnits:     []hmis.OrgUnit{{ID: "Bo"}, {ID: "Ngelehun", Parent: "Bo"}, {ID: "Baw", Parent: "Bo"}},
		DataElements: []hmis.DataElement{{ID: "bcgDoses001"}, {ID: "births00001"}},
		Indicators:   []hmis.Indicator{{ID: "bcgCoverage", Type: "percent", Numerator: "#{bcgDoses001}", Denominator: "#{births00001}"}},
		DataSets:     []hmis.DataSet{{ID: "epi", PeriodType: period.Monthly, OrgUnits: []hmis.UID{"Ngelehun", "Baw"}}},
	}
	md.IndicatorTypes = []hmis.IndicatorType{{ID: "percent", Factor: 100}}
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		panic(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		panic(err)
	}
	return aggregate.Loader{Catalog: catalog, Tree: tree}
}

// reported is what the clinics reported.
func reported() []hmis.DataValue {
	return []hmis.DataValue{
		value("bcgDoses001 Ngelehun 202401 32"), value("births00001 Ngelehun 202401 40"),
		value("bcgDoses001 Ngelehun 202402 25"), value("births00001 Ngelehun 202402 30"),
		value("bcgDoses001 Baw 202401 7"), value("births00001 Baw 202401 9"),
	}
}

func Example() {
	ctx := context.Background()
	cube, err := hamlet().Load(ctx, stream(reported()))
	if err != nil {
		panic(err)
	}
	table, err := cube.Query(ctx, aggregate.Query{
		Data:     []indicator.Item{{ID: "bcgDoses001"}, {ID: "bcgCoverage"}},
		OrgUnits: []hmis.UID{"Bo", "Ngelehun"},
		Periods:  period.MustParse("2024Q1").Split(period.Monthly),
	})
	if err != nil {
		panic(err)
	}
	if err := table.WriteCSV(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// dx,ou,pe,value
	// bcgDoses001,Bo,202401,39
	// bcgDoses001,Bo,202402,25
	// bcgDoses001,Ngelehun,202401,32
	// bcgDoses001,Ngelehun,202402,25
	// bcgCoverage,Bo,202401,79.59
	// bcgCoverage,Bo,202402,83.33
	// bcgCoverage,Ngelehun,202401,80
	// bcgCoverage,Ngelehun,202402,83.33
}

func ExampleLoader_Load() {
	l := hamlet()
	l.Reject = func(v hmis.DataValue, err error) { fmt.Println("left out:", err) }
	cube, err := l.Load(context.Background(), stream(append(reported(), value("bcgDoses001 Moon 202401 3"), value("bcgDoses001 Baw 202402 many"))))
	if err != nil {
		panic(err)
	}
	fmt.Println(cube.Len(), "values")
	// Output:
	// left out: hmis: E8107: orgUnit: value "3" of data element "bcgDoses001": unknown org unit "Moon"
	// left out: hmis: E8122: dataElement bcgDoses001: value: "many" is not a value of type NUMBER
	// 6 values
}

func ExampleCube_Explain() {
	ctx := context.Background()
	cube, err := hamlet().Load(ctx, stream(reported()))
	if err != nil {
		panic(err)
	}
	q := aggregate.Query{
		Data:     []indicator.Item{{ID: "bcgCoverage"}},
		OrgUnits: []hmis.UID{"Bo"},
		Periods:  []period.Period{period.MustParse("202401")},
	}
	for cell, err := range cube.Cells(ctx, q) {
		if err != nil {
			panic(err)
		}
		why, err := cube.Explain(ctx, q, cell)
		if err != nil {
			panic(err)
		}
		fmt.Print(why)
	}
	// Output:
	// bcgCoverage Bo 202401 = 79.59: (#{bcgDoses001} × 100) / (#{births00001} × 1); 79.5918367347 before rounding
	//   bcgDoses001 Bo 202401 = 39: sum over org units and time
	//     bcgDoses001 HllvX50cXC0 HllvX50cXC0 Ngelehun 202401: 32
	//     bcgDoses001 HllvX50cXC0 HllvX50cXC0 Baw 202401: 7
	//   births00001 Bo 202401 = 49: sum over org units and time
	//     births00001 HllvX50cXC0 HllvX50cXC0 Ngelehun 202401: 40
	//     births00001 HllvX50cXC0 HllvX50cXC0 Baw 202401: 9
}

func ExampleCube_Plan() {
	ctx := context.Background()
	cube, err := hamlet().Load(ctx, stream(reported()))
	if err != nil {
		panic(err)
	}
	plan, err := cube.Plan(ctx, aggregate.Query{
		Data:     []indicator.Item{{ID: "bcgCoverage"}},
		OrgUnits: []hmis.UID{"Bo"},
		Periods:  []period.Period{period.MustParse("2024Q1")},
	})
	if err != nil {
		panic(err)
	}
	fmt.Print(plan)
	// Output:
	// bcgCoverage: formula: (#{bcgDoses001}) / (#{births00001})
	//   bcgDoses001: spans: sum over org units and time; 1 periods × 1 places × 1 splits from 3 values in 2 segments
	//   births00001: spans: sum over org units and time; 1 periods × 1 places × 1 splits from 3 values in 2 segments
}

// A correction makes a new cube, which shares what has not changed.
func ExampleCube_With() {
	ctx := context.Background()
	before, err := hamlet().Load(ctx, stream(reported()))
	if err != nil {
		panic(err)
	}
	gone := value("bcgDoses001 Baw 202401 7")
	gone.Deleted = true
	after, err := before.With(ctx, stream([]hmis.DataValue{value("bcgDoses001 Ngelehun 202401 35"), gone}), nil)
	if err != nil {
		panic(err)
	}
	q := aggregate.Query{Data: []indicator.Item{{ID: "bcgDoses001"}}, OrgUnits: []hmis.UID{"Bo"}, Periods: []period.Period{period.MustParse("202401")}}
	for _, cube := range []*aggregate.Cube{before, after} {
		table, err := cube.Query(ctx, q)
		if err != nil {
			panic(err)
		}
		fmt.Println(table.At(q.Data[0], "Bo", q.Periods[0]))
	}
	// Output:
	// 39
	// 35
}

// A cube is written to a file and opened again, in a moment, with the metadata
// of today.
func ExampleLoader_Open() {
	ctx := context.Background()
	cube, err := hamlet().Load(ctx, stream(reported()))
	if err != nil {
		panic(err)
	}
	var file bytes.Buffer
	if _, err := cube.WriteTo(&file); err != nil {
		panic(err)
	}
	again, err := hamlet().Open(bytes.NewReader(file.Bytes()))
	if err != nil {
		panic(err)
	}
	fmt.Println(again.Len(), "values")
	// Output: 6 values
}

func ExampleCube_Values() {
	cube, err := hamlet().Load(context.Background(), stream(reported()))
	if err != nil {
		panic(err)
	}
	for v := range cube.Values(aggregate.Filter{OrgUnits: []hmis.UID{"Ngelehun"}, Data: []indicator.Item{{ID: "bcgDoses001"}}}) {
		fmt.Println(v.OrgUnit, v.Period, v.Value)
	}
	// Output:
	// Ngelehun 202401 32
	// Ngelehun 202402 25
}

// An answer is a stream of values, such as another cube can take in.
func ExampleTable_Values() {
	ctx := context.Background()
	cube, err := hamlet().Load(ctx, stream(reported()))
	if err != nil {
		panic(err)
	}
	table, err := cube.Query(ctx, aggregate.Query{
		Data: []indicator.Item{{ID: "bcgDoses001"}}, OrgUnits: []hmis.UID{"Bo"}, Periods: []period.Period{period.MustParse("2024Q1")},
	})
	if err != nil {
		panic(err)
	}
	for v := range table.Values() {
		fmt.Println(v.DataElement, v.OrgUnit, v.Period, v.Value)
	}
	// Output: bcgDoses001 Bo 2024Q1 64
}
