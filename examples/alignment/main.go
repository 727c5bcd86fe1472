// Command alignment gives a funder the figures of a country in the funder's own
// terms: its indicators, age bands, sites and years.
//
//	go run ./examples/alignment
//
// The country is made up, and so is the funder, which supports malaria services
// on the coast. The command writes what was carried over, what was not and why,
// and how far the result agrees with what the funder's partners counted
// themselves. Other maps and lists of sites are named by flags:
//
//	go run ./examples/alignment -map map.csv -sites sites.csv -inexact -output csv
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/crosswalk"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/period"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "alignment:", err)
		os.Exit(1)
	}
}

// run does what args ask for. The answer goes to out, and help to log.
func run(ctx context.Context, args []string, out, log io.Writer) error {
	flags := flag.NewFlagSet("alignment", flag.ContinueOnError)
	flags.SetOutput(log)
	mapFile := flags.String("map", "", "`file` with entries as a table (default: those of the made-up funder)")
	siteFile := flags.String("sites", "", "`file` with the sites of the funder (default: those of the made-up funder)")
	inexact := flags.Bool("inexact", false, "carry over what is only related to its target")
	output := flags.String("output", "text", "`format`: text is a report, csv the values")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q: want flags only", flags.Arg(0))
	}
	if *output != "text" && *output != "csv" {
		return fmt.Errorf("-output %q: want text or csv", *output)
	}
	md := country.Metadata()
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		return err
	}
	sites, err := readSites(*siteFile)
	if err != nil {
		return err
	}
	m, err := readMap(*mapFile)
	if err != nil {
		return err
	}
	m.From, m.To = period.Monthly, period.FinancialOct // the funder's year begins in October
	m.DefaultCombo = catalog.DefaultOptionCombo()
	m.AllowInexact = *inexact
	m.OrgUnits = pairByCode(md.OrgUnits, sites)

	w := bufio.NewWriter(out)
	if *output == "csv" {
		var rest crosswalk.Rest
		return errors.Join(dhis2.Format{CSV: true}.Write(w, m.Values(until(ctx, country.Values()), &rest)), w.Flush())
	}
	r := report{w: w, catalog: catalog, sites: sites, units: md.OrgUnits}
	if err := r.alignment(ctx, m); err != nil {
		return err
	}
	return w.Flush()
}

// alignment writes the report. It reads the values once.
func (r *report) alignment(ctx context.Context, m crosswalk.Map) error {
	r.doubts("What is doubtful in the map", append(m.Check(), m.Stale(r.catalog, nil)...))
	r.facilities(m)

	var rest crosswalk.Rest
	for v, err := range m.Values(until(ctx, country.Values()), &rest) {
		if err != nil {
			return err
		}
		r.add(v)
	}
	r.carried(&rest)
	r.coverage(m)
	r.lost(&rest)
	return r.agreement()
}
