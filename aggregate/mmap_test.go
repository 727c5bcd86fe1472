package aggregate_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"golang.org/x/exp/mmap"
)

// A snapshot on disk is opened through a memory map, which the operating system
// reads as it is needed and which other processes share.
func ExampleLoader_Open_memoryMap() {
	cube, err := country.Load(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "cube")
	if err != nil {
		log.Fatal(err)
	}
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

	mapped, err := mmap.Open(name)
	if err != nil {
		log.Fatal(err)
	}
	again, err := aggregate.Loader{Catalog: cube.Catalog(), Tree: cube.Tree()}.Open(mapped)
	if err != nil {
		log.Fatal(err)
	}
	if err := mapped.Close(); err != nil { // the cube does not need it any more
		log.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Len() == cube.Len())
	// Output: true
}
