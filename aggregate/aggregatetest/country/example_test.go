package country_test

import (
	"context"
	"fmt"
	"log"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// How did the regions do on malaria in each half of 2025?
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
		Data:     []indicator.Item{{ID: "inMalIncidn"}},
		OrgUnits: tree.AtLevel(2),
		Periods:  period.MustParse("2025").Split(period.SixMonthly),
	})
	if err != nil {
		log.Fatal(err)
	}
	for cell := range table.Cells() {
		unit, _ := tree.Unit(cell.OrgUnit)
		fmt.Println(unit.Name, cell.Period, cell.Value)
	}
	// Output:
	// Coast 2025S1 128.8
	// Coast 2025S2 227.3
	// Highlands 2025S1 139.1
	// Highlands 2025S2 241.5
	// Plains 2025S1 145.7
	// Plains 2025S2 247.3
}
