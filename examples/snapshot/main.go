// Command snapshot keeps the values of a country in a snapshot file and opens
// that through a memory map. A program that starts often then need not read all
// values each time.
//
//	go run ./examples/snapshot -file tamaria.cube
//
// The first run loads the values of a made-up country and writes the file. Each
// later run opens the file in a few milliseconds. Without -file, the command
// does both with a temporary file.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"golang.org/x/exp/mmap"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "snapshot:", err)
		os.Exit(1)
	}
}

// run executes the command with args. It writes the answer to out, and how long
// each step took to log.
func run(ctx context.Context, args []string, out, log io.Writer) (err error) {
	flags := flag.NewFlagSet("snapshot", flag.ContinueOnError)
	flags.SetOutput(log)
	file := flags.String("file", "", "snapshot `file`, which is written if it does not exist (default: a temporary one)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q: want flags only", flags.Arg(0))
	}
	if *file == "" {
		dir, err := os.MkdirTemp("", "snapshot")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		*file = filepath.Join(dir, "tamaria.cube")
	}

	// A snapshot has only values. Metadata is small and is read each time.
	md := country.Metadata()
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		return err
	}
	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	if err != nil {
		return err
	}
	loader := aggregate.Loader{Catalog: catalog, Tree: tree}

	if _, err := os.Stat(*file); errors.Is(err, fs.ErrNotExist) {
		start := time.Now()
		cube, err := loader.Load(ctx, country.Values())
		if err != nil {
			return err
		}
		if err := save(cube, *file); err != nil {
			return err
		}
		fmt.Fprintf(log, "loaded %d values and wrote %s in %v\n", cube.Len(), *file, time.Since(start).Round(time.Millisecond))
	}
	start := time.Now()
	cube, err := open(loader, *file)
	if err != nil {
		return fmt.Errorf("%s: %w", *file, err)
	}
	fmt.Fprintf(log, "opened %d values in %v\n", cube.Len(), time.Since(start).Round(time.Microsecond))

	table, err := cube.Query(ctx, aggregate.Query{
		Data:     []indicator.Item{{ID: "inDelivery1"}},
		OrgUnits: tree.AtLevel(2),
		Periods:  period.MustParse("2025").Split(period.Quarterly),
	})
	if err != nil {
		return err
	}
	return table.WriteCSV(out)
}

// save writes a cube to a file. It writes under another name first, so that a
// crash leaves no incomplete file.
func save(cube *aggregate.Cube, name string) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(f)
	_, err = cube.WriteTo(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), name)
}

// open opens a snapshot through a memory map. It closes the map once it has the
// cube, since a cube does not use its file afterwards.
func open(loader aggregate.Loader, name string) (*aggregate.Cube, error) {
	mapped, err := mmap.Open(name)
	if err != nil {
		return nil, err
	}
	cube, err := loader.Open(mapped)
	return cube, errors.Join(err, mapped.Close())
}
