// Command bench measures the engine of this library beside those that a user
// would pick instead: DuckDB, PostgreSQL, maps in Go, the standard library's
// readers, cel-go and expr-lang/expr. All get the same synthetic country and the
// same questions, and every answer is compared before a time counts.
//
//	go run . [-scale S|M|L] [-sections queries,scan,memory,text,formulas,rules,predictors,outliers] [-subjects DuckDB,map] [-postgres URL]
//
// Package workload has the country, question.go the questions q1 to q8, and
// goals.go what we aim for. The report gives medians after a first run
// that does not count, the ratio to the best peer, and whether the goal is met.
// The command fails if two subjects disagree. Scale S takes a few minutes.
//
// PostgreSQL takes part if -postgres or HMIS_POSTGRES names a database, in which
// the schema hmis_bench is made anew and dropped.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
)

func main() {
	log.SetFlags(0)
	var o options
	name := flag.String("scale", cmp.Or(os.Getenv(footprintOf), "S"), "size of the data: S, M or L")
	sections := flag.String("sections", strings.Join(sectionNames(), ","), "what to measure")
	subjects := flag.String("subjects", "", "parts of the names of peers, all if empty")
	flag.StringVar(&o.postgres, "postgres", os.Getenv("HMIS_POSTGRES"), "connection string of a PostgreSQL database")
	flag.Parse()
	i := slices.IndexFunc(workload.Scales(), func(s workload.Scale) bool { return strings.EqualFold(s.Name, *name) })
	if i < 0 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	o.scale = workload.Scales()[i]
	o.sections = strings.Split(*sections, ",")
	if *subjects != "" {
		o.subjects = strings.Split(*subjects, ",")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	do := func() error { return run(ctx, o) }
	if os.Getenv(footprintOf) != "" {
		do = func() error { return takeFootprint(ctx, workload.New(o.scale)) }
	}
	if err := do(); err != nil {
		log.Fatal(err)
	}
}

// An options has the values of the flags.
type options struct {
	scale    workload.Scale
	sections []string
	subjects []string
	postgres string
}

// wants reports whether a peer takes part.
func (o options) wants(peer string) bool {
	return len(o.subjects) == 0 || slices.ContainsFunc(o.subjects, func(part string) bool {
		return strings.Contains(strings.ToLower(peer), strings.ToLower(part))
	})
}

// A section is a table of the report.
type section struct {
	name    string
	measure func(ctx context.Context, o options, w *workload.World) ([]*table, error)
}

var allSections = []section{
	{"queries", measureQueries},
	{"scan", measureScan},
	{"memory", measureMemory},
	{"text", measureText},
	{"formulas", measureFormulas},
	{"rules", measureRules},
	{"predictors", measurePredictors},
	{"outliers", measureOutliers},
}

func sectionNames() []string {
	var names []string
	for _, s := range allSections {
		names = append(names, s.name)
	}
	return names
}

func run(ctx context.Context, o options) error {
	start := time.Now()
	w := workload.New(o.scale)
	fmt.Printf("%s, %d processors, %s; scale %s: %d org units, %d months, %d values\n",
		runtime.Version(), runtime.GOMAXPROCS(0), runtime.GOARCH, o.scale.Name, len(w.Units), workload.Months, w.Keep())
	ok := true
	for _, s := range allSections {
		if !slices.Contains(o.sections, s.name) {
			continue
		}
		tables, err := s.measure(ctx, o, w)
		if err != nil {
			return err
		}
		for _, t := range tables {
			t.write(os.Stdout, o.scale.Name)
			ok = ok && t.agrees()
		}
	}
	fmt.Printf("\n%.0f seconds in all\n", time.Since(start).Seconds())
	if !ok {
		return fmt.Errorf("answers differ: see above")
	}
	return nil
}
