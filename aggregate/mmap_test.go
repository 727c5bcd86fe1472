package aggregate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/exp/mmap"
)

// A snapshot on disk is opened through a memory map, which the operating system
// reads as it is needed and which other processes share.
func ExampleLoader_Open_memoryMap() {
	cube, err := hamlet().Load(context.Background(), stream(reported()))
	if err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "cube")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "values.cube")
	file, err := os.Create(name)
	if err != nil {
		panic(err)
	}
	if _, err := cube.WriteTo(file); err != nil {
		panic(err)
	}
	if err := file.Close(); err != nil {
		panic(err)
	}

	mapped, err := mmap.Open(name)
	if err != nil {
		panic(err)
	}
	again, err := hamlet().Open(mapped)
	if err != nil {
		panic(err)
	}
	if err := mapped.Close(); err != nil { // the cube does not need it any more
		panic(err)
	}
	fmt.Println(again.Len(), "values")
	// Output: 6 values
}
