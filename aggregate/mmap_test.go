package aggregate_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"golang.org/x/exp/mmap"
)

// A snapshot on disk is opened through a memory map, which the operating system
// reads as it is needed and which other processes share.
func ExampleLoader_Open_memoryMap() {
	md := hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "fbfJHSPpUQD", Name: "ANC 1st visit"}},
		OrgUnits:     []hmis.OrgUnit{{ID: "O6uvpzGd5pu", Name: "Bo"}, {ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "O6uvpzGd5pu"}},
	}
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		log.Fatal(err)
	}
	loader := aggregate.Loader{Catalog: catalog, Tree: tree}
	ctx := context.Background()

	// One process loads values and leaves a snapshot.
	cube, err := loader.Load(ctx, func(yield func(hmis.DataValue, error) bool) {
		yield(hmis.DataValue{
			Key:   hmis.Key{DataElement: "fbfJHSPpUQD", OrgUnit: "DiszpKrYNg8", Period: period.MustParse("202401")},
			Value: "32",
		}, nil)
	})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "cube")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "values.cube")
	file, err := os.Create(name)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := cube.WriteTo(file); err != nil {
		log.Fatal(err)
	}
	if err := file.Close(); err != nil {
		log.Fatal(err)
	}

	// Another opens it.
	mapped, err := mmap.Open(name)
	if err != nil {
		log.Fatal(err)
	}
	opened, err := loader.Open(mapped)
	if err != nil {
		log.Fatal(err)
	}
	mapped.Close() // the cube does not need it any more
	table, err := opened.Query(ctx, aggregate.Query{
		Data:     []indicator.Item{{ID: "fbfJHSPpUQD"}},
		OrgUnits: []hmis.UID{"O6uvpzGd5pu"},
		Periods:  []period.Period{period.MustParse("2024Q1")},
	})
	if err != nil {
		log.Fatal(err)
	}
	for cell := range table.Cells() {
		fmt.Println(cell.OrgUnit, cell.Period, cell.Value)
	}
	// Output: O6uvpzGd5pu 2024Q1 32
}
