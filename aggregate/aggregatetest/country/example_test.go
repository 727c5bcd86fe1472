package country_test

import (
	"context"
	"fmt"
	"log"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// This example answers how the regions did on malaria in each half of 2025.
func ExampleLoad() {
	ctx := context.Background()
	cube, err := country.Load(ctx)
	if err != nil {
		log.Fatal(err)
	}
	table, err := cube.Query(ctx, aggregate.Query{
		Data:     []indicator.Item{{ID: "inMalIncidn"}},
		OrgUnits: cube.Tree().AtLevel(2),
		Periods:  period.MustParse("2025").Split(period.SixMonthly),
	})
	if err != nil {
		log.Fatal(err)
	}
	for cell := range table.Cells() {
		unit, _ := cube.Tree().Unit(cell.OrgUnit)
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
