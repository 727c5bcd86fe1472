// Command quality reviews the data of a country: whether its reports are
// complete and on time, whether they agree with each other and with surveys,
// and what to follow up.
//
//	go run ./examples/quality
//	go run ./examples/quality -output html > review.html
//
// Without flags it reviews a made-up country in which some faults are planted (see
// faults.go). Give it files of your own to review another:
//
//	go run ./examples/quality -metadata metadata.json.gz -values values.csv.gz -completions done.json.gz \
//		-period 2024 -reference 2021,2022,2023 -level 3 -data ANC1,PENTA1,PENTA3 -pairs PENTA1:PENTA3:dropout
//
// It writes text, CSV, JSON, or a page for a browser or a printer.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/aggregate/quality/integrity"
	"github.com/ohie-hmis/hmis-go/aggregate/quality/report"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "quality:", err)
		os.Exit(1)
	}
}

// run executes the command with args. It writes the report to out and
// everything else to log.
func run(ctx context.Context, args []string, out, log io.Writer) error {
	opt, err := parseOptions(args, log)
	if err != nil {
		return err
	}
	in, err := opt.input(log)
	if err != nil {
		return err
	}

	// The catalog and the tree are indexes of the metadata, and the cube is one
	// of values and completions.
	catalog, err := hmis.NewCatalog(in.metadata)
	if err != nil {
		return err
	}
	tree, err := orgunit.NewTree(in.metadata.OrgUnits, in.metadata.Groups...)
	if err != nil {
		return err
	}
	loader := aggregate.Loader{Catalog: catalog, Tree: tree, Completions: in.completions, KeepUncounted: true}
	var rejected rejects
	loader.Reject, loader.RejectCompletion = rejected.value, rejected.completion
	cube, err := loader.Load(ctx, in.values)
	if err != nil {
		return err
	}
	rejected.report(log)

	// The review has the place and time, and each metric one question.
	review, err := opt.review(cube, in)
	if err != nil {
		return err
	}
	metrics, err := opt.metrics(catalog, in)
	if err != nil {
		return err
	}
	measures, err := review.Run(ctx, cube, metrics...)
	if err != nil {
		return err
	}

	r := &report.Report{
		Title: in.title, Catalog: catalog, Review: review, Measures: measures, Notes: in.notes,
		DataAsOf: lastDay(cube), Settings: []report.Fact{{Name: "Deleted and unreadable values", Value: "kept aside, not counted"}},
	}
	violations, err := follow(ctx, r, cube, in, log)
	if err != nil {
		return err
	}
	if r.Months, err = drill(ctx, r, cube, metrics, violations); err != nil {
		return err
	}
	return opt.write(r, out)
}

// follow adds lists to follow up: the largest outliers, texts that are no
// numbers, violated rules, and faults of the metadata. It returns the
// violations.
func follow(
	ctx context.Context, r *report.Report, cube *aggregate.Cube, in *input, log io.Writer,
) (violations []quality.Violation, err error) {
	scope := quality.Scope{OrgUnits: []hmis.UID{r.Review.Overall}, From: r.Review.Period.First(), To: r.Review.Period.Last()}
	unreadable, err := quality.Outliers(ctx, cube, quality.Method{Score: quality.InvalidNumber}, scope)
	if err != nil {
		return nil, err
	}
	r.Findings = append(r.Findings, unreadableTable(r, unreadable))
	method := quality.Method{Score: quality.ModifiedZ, Threshold: 8, Max: 15, Reject: func(hmis.DataValue, error) {}} // they are in a table of their own
	if r.Outliers, err = quality.Outliers(ctx, cube, method, scope); err != nil {
		return nil, err
	}

	if len(in.rules) > 0 {
		run, err := quality.Validation{
			Rules: in.rules, Max: 100_000,
			Reject: func(rule hmis.Ref, err error) { fmt.Fprintf(log, "%s: %v\n", rule, err) },
		}.Run(ctx, cube, scope)
		if err != nil {
			return nil, err
		}
		r.Rules = &quality.RuleEvidence{Rules: len(in.rules), Evaluated: run.Evaluated, Violations: run.Violated}
		violations = run.Violations
		r.Findings = append(r.Findings, violatedTable(r, in.rules, violations))
	}

	checks, err := integrity.Standard().Run(ctx, integrity.Subject{
		Metadata: in.metadata, Periods: cube.Periods(), Today: r.DataAsOf, Now: in.now,
	})
	r.Integrity = checks
	return violations, err
}

// drill returns the months of the places with the largest outliers, for the
// data whose outliers are reviewed.
func drill(
	ctx context.Context, r *report.Report, cube *aggregate.Cube, metrics []quality.Metric,
	violations []quality.Violation,
) ([]quality.Month, error) {
	const most = 3
	d := quality.DrillDown{Violations: violations}
	for _, m := range metrics {
		if e, ok := m.(quality.Extremes); ok && !slices.Contains(d.Data, e.Data) {
			d.Data = append(d.Data, e.Data)
		}
	}
	for _, o := range r.Outliers {
		if len(d.Units) < most && !slices.Contains(d.Units, o.Value.OrgUnit) {
			d.Units = append(d.Units, o.Value.OrgUnit)
		}
	}
	if len(d.Data) == 0 || len(d.Units) == 0 {
		return nil, nil
	}
	return d.Months(ctx, cube, r.Review)
}
