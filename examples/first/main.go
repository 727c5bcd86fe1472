// Command first computes the health indicators of each district of a country,
// quarter by quarter.
//
//	go run ./examples/first
//
// Without flags it uses a made-up country that is part of the program. Give it
// files of your own for another country:
//
//	go run ./examples/first -metadata metadata.json.gz -values values.csv.gz -level 2
//
// It writes a table, CSV, JSON, or an ADX message for another system.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
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
		fmt.Fprintln(os.Stderr, "first:", err)
		os.Exit(1)
	}
}

// run executes the command with args. It writes the answer to out and
// everything else to log.
func run(ctx context.Context, args []string, out, log io.Writer) error {
	opt, err := parseOptions(args, log)
	if err != nil {
		return err
	}
	write, ok := writers[opt.output]
	if !ok {
		return fmt.Errorf("-output %q: want table, csv, json or adx", opt.output)
	}

	// Metadata gets two indexes: one of everything, and one of places.
	md, err := readMetadata(opt.metadata, log)
	if err != nil {
		return err
	}
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		return err
	}
	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	if err != nil {
		return err
	}

	// A stream of values becomes a cube.
	source := values{files: opt.values, log: newProgress(log)}
	loader := aggregate.Loader{Catalog: catalog, Tree: tree}
	var rejected rejects
	if opt.lenient {
		source.reject, loader.Reject = rejected.add, rejected.add
	}
	cube, err := loader.LoadBatches(ctx, source.batches)
	source.log.done()
	if err != nil {
		return err
	}
	rejected.report(log)

	// A query is a struct, and its answer is a table.
	query, err := opt.query(ctx, data{catalog, tree, cube, source.last}, log)
	if err != nil {
		return err
	}
	table, err := cube.Query(ctx, query)
	if err != nil {
		return err
	}
	return write(out, answer{catalog: catalog, query: query, table: table})
}

// A data has the loaded contents of the files.
type data struct {
	catalog *hmis.Catalog
	tree    *orgunit.Tree
	cube    *aggregate.Cube
	last    period.Date // the last day with data
}
