package aggregate_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// Metadata and values of a made-up country come from package country. Real ones
// are read with package dhis2.
func Example() {
	md := country.Metadata()
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(ctx, country.Values())
	if err != nil {
		log.Fatal(err)
	}
	table, err := cube.Query(ctx, aggregate.Query{
		Data:     []indicator.Item{{ID: "deDelivery1"}, {ID: "inDelivery1"}}, // deliveries, and the share of all births
		OrgUnits: tree.AtLevel(2),                                            // regions
		Periods:  period.MustParse("2025S1").Split(period.Quarterly),
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := table.WriteCSV(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// dx,ou,pe,value
	// deDelivery1,ouRegion001,2025Q1,4071
	// deDelivery1,ouRegion001,2025Q2,3956
	// deDelivery1,ouRegion002,2025Q1,4122
	// deDelivery1,ouRegion002,2025Q2,4003
	// deDelivery1,ouRegion003,2025Q1,3635
	// deDelivery1,ouRegion003,2025Q2,3442
	// inDelivery1,ouRegion001,2025Q1,61.1
	// inDelivery1,ouRegion001,2025Q2,58.8
	// inDelivery1,ouRegion002,2025Q1,63.6
	// inDelivery1,ouRegion002,2025Q2,61.1
	// inDelivery1,ouRegion003,2025Q1,58.8
	// inDelivery1,ouRegion003,2025Q2,55.1
}

// Reject is called for each value that cannot be used. Without it, the first
// such value ends the load.
func ExampleLoader_Load() {
	md := country.Metadata()
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		log.Fatal(err)
	}
	loader := aggregate.Loader{
		Catalog: catalog,
		Tree:    tree,
		Reject:  func(v hmis.DataValue, err error) { fmt.Println("left out:", err) },
	}
	january := period.MustParse("202501")
	values := []hmis.DataValue{
		{Key: hmis.Key{DataElement: "deDelivery1", OrgUnit: "ouFacil0001", Period: january}, Value: "7"},
		{Key: hmis.Key{DataElement: "deDelivery1", OrgUnit: "ouNowhere01", Period: january}, Value: "3"},
		{Key: hmis.Key{DataElement: "deDelivery1", OrgUnit: "ouFacil0002", Period: january}, Value: "many"},
	}
	cube, err := loader.Load(context.Background(), func(yield func(hmis.DataValue, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("values:", cube.Len())
	// Output:
	// left out: hmis: E8107: orgUnit: value "3" of data element "deDelivery1": unknown org unit "ouNowhere01"
	// left out: hmis: E8122: dataElement deDelivery1: value: "many" is not a value of type INTEGER_ZERO_OR_POSITIVE
	// values: 1
}

// Why is the coverage of January 79.59? An explanation names every value that
// went into it.
func ExampleCube_Explain() {
	w, err := aggregatetest.Parse(`
units
	Bo
		Ngelehun
		Baw
elements
	BCG     number  SUM
	Births  number  SUM
indicators
	Cover  #{BCG} per #{Births} times 100
load
	BCG     Ngelehun  202401  32
	BCG     Baw       202401  7
	Births  Ngelehun  202401  40
	Births  Baw       202401  9
`)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	cube, err := w.Load(ctx)
	if err != nil {
		log.Fatal(err)
	}
	q := aggregate.Query{
		Data:     []indicator.Item{{ID: aggregatetest.ID("Cover")}},
		OrgUnits: []hmis.UID{aggregatetest.ID("Bo")},
		Periods:  []period.Period{period.MustParse("202401")},
	}
	for cell, err := range cube.Cells(ctx, q) {
		if err != nil {
			log.Fatal(err)
		}
		why, err := cube.Explain(ctx, q, cell)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(w.Named(why.String()))
	}
	// Output:
	// Cover Bo 202401 = 79.59: (#{BCG} × 100) / (#{Births} × 1); 79.5918367347 before rounding
	//   BCG Bo 202401 = 39: sum over org units and time
	//     BCG default default Ngelehun 202401: 32
	//     BCG default default Baw 202401: 7
	//   Births Bo 202401 = 49: sum over org units and time
	//     Births default default Ngelehun 202401: 40
	//     Births default default Baw 202401: 9
}

// A plan says how a query would be computed, without computing it.
func ExampleCube_Plan() {
	ctx := context.Background()
	cube, err := country.Load(ctx)
	if err != nil {
		log.Fatal(err)
	}
	plan, err := cube.Plan(ctx, aggregate.Query{
		Data:     []indicator.Item{{ID: "inDelivery1"}},
		OrgUnits: cube.Tree().AtLevel(2),
		Periods:  []period.Period{period.MustParse("2025Q1")},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(plan)
	// Output:
	// inDelivery1: formula: (#{deDelivery1}) / (#{dePopulatn1} * C{csPregnancy})
	//   deDelivery1: spans: sum over org units and time; 1 periods × 3 places × 1 splits from 265 values in 3 segments
	//   dePopulatn1: spans: sum over org units, mean over days; 1 periods × 3 places × 1 splits from 96 values in 2 segments
	//   csPregnancy: no values: constant
}

// A correction makes a new cube, which shares what has not changed.
func ExampleCube_With() {
	ctx := context.Background()
	before, err := country.Load(ctx)
	if err != nil {
		log.Fatal(err)
	}
	january := period.MustParse("202501")
	corrected := hmis.DataValue{Key: hmis.Key{DataElement: "deDelivery1", OrgUnit: "ouFacil0001", Period: january}, Value: "500"}
	after, err := before.With(ctx, func(yield func(hmis.DataValue, error) bool) { yield(corrected, nil) }, nil)
	if err != nil {
		log.Fatal(err)
	}
	q := aggregate.Query{
		Data:     []indicator.Item{{ID: "deDelivery1"}},
		OrgUnits: []hmis.UID{"ouCountry01"},
		Periods:  []period.Period{january},
	}
	for _, cube := range []*aggregate.Cube{before, after} {
		table, err := cube.Query(ctx, q)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(table.At(q.Data[0], q.OrgUnits[0], january))
	}
	// Output:
	// 4036
	// 4444
}

// A cube is written to a file and opened again, in a moment, with the metadata
// of today.
func ExampleLoader_Open() {
	cube, err := country.Load(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := cube.WriteTo(&file); err != nil {
		log.Fatal(err)
	}
	loader := aggregate.Loader{Catalog: cube.Catalog(), Tree: cube.Tree()}
	again, err := loader.Open(bytes.NewReader(file.Bytes()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Len() == cube.Len())
	// Output: true
}

// The values of one facility, as they were reported; there is none for February.
func ExampleCube_Values() {
	cube, err := country.Load(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	f := aggregate.Filter{
		Data:     []indicator.Item{{ID: "deDelivery1"}},
		OrgUnits: []hmis.UID{"ouFacil0001"},
		Periods:  period.MustParse("2025Q1").Split(period.Monthly),
	}
	for v, err := range cube.Values(context.Background(), f) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(v.OrgUnit, v.Period, v.Value)
	}
	// Output:
	// ouFacil0001 202501 92
	// ouFacil0001 202503 115
}

// An answer is a stream of values, such as another cube can read or package adx
// can send.
func ExampleTable_Values() {
	ctx := context.Background()
	cube, err := country.Load(ctx)
	if err != nil {
		log.Fatal(err)
	}
	table, err := cube.Query(ctx, aggregate.Query{
		Data:     []indicator.Item{{ID: "deDelivery1"}},
		OrgUnits: cube.Tree().AtLevel(2),
		Periods:  []period.Period{period.MustParse("2025Q1")},
	})
	if err != nil {
		log.Fatal(err)
	}
	for v := range table.Values() {
		fmt.Println(v.DataElement, v.OrgUnit, v.Period, v.Value)
	}
	// Output:
	// deDelivery1 ouRegion001 2025Q1 4071
	// deDelivery1 ouRegion002 2025Q1 4122
	// deDelivery1 ouRegion003 2025Q1 3635
}

// A table prints as text. With a catalog it has names; a catalog in another
// language has the translations.
func ExampleTable_WithNames() {
	md := country.Metadata()
	md.Translations = append(md.Translations, hmis.Translation{
		Object: hmis.Ref{Kind: hmis.KindIndicator, ID: "inDelivery1"},
		Locale: "fr", Property: "NAME", Value: "Accouchements assistés (%)",
	})
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(ctx, country.Values())
	if err != nil {
		log.Fatal(err)
	}
	table, err := cube.Query(ctx, aggregate.Query{
		Data:     []indicator.Item{{ID: "inDelivery1"}},
		OrgUnits: tree.AtLevel(2),
		Periods:  period.MustParse("2025S1").Split(period.Quarterly),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(table.WithNames(catalog.In("fr")))
	// Output:
	// Accouchements assistés (%)
	//              2025Q1  2025Q2
	//   Coast        61.1    58.8
	//   Highlands    63.6    61.1
	//   Plains       58.8    55.1
}
