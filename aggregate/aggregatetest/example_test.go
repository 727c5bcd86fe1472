package aggregatetest_test

import (
	"context"
	"fmt"
	"log"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A text describes a country that is small enough to check by hand. Inside a
// test, New and Cube need no handling of errors.
func ExampleParse() {
	w, err := aggregatetest.Parse(`
levels Country District Facility
units
	Land
		Bo
			Ngelehun
			Baw
elements
	BCG  number  SUM
load
	BCG  Ngelehun  202401  32
	BCG  Baw       202402   5
`)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	cube, err := w.Load(ctx)
	if err != nil {
		log.Fatal(err)
	}
	table, err := cube.Query(ctx, aggregate.Query{
		Data:     []indicator.Item{{ID: aggregatetest.ID("BCG")}},
		OrgUnits: cube.Tree().AtLevel(2),
		Periods:  []period.Period{period.MustParse("2024Q1")},
	})
	if err != nil {
		log.Fatal(err)
	}
	for cell := range table.Cells() {
		fmt.Println(w.Named(string(cell.OrgUnit)), cell.Period, cell.Value)
	}
	// Output: Bo 2024Q1 37
}

// A script has queries and their answers. Check runs it outside a test.
func ExampleCheck() {
	queries, problems := aggregatetest.Check("bcg.txt", `
units
	Bo
		Ngelehun
		Baw
elements
	BCG  number  SUM
load
	BCG  Ngelehun  202401  32
	BCG  Baw       202402   5
sum BCG by Bo over 2024Q1
	36
`)
	fmt.Println(queries, problems)
	// Output: 1 [bcg.txt:12: the cell: got 37, want 36]
}
