package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/aggregate/quality/report"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// An options has the flags of the command line.
type options struct {
	metadata, values, completions []string
	period                        string
	reference                     string
	level                         int
	data, pairs                   string
	output                        string
}

func parseOptions(args []string, log io.Writer) (options, error) {
	var opt options
	list := func(to *[]string) func(string) error {
		return func(s string) error {
			*to = append(*to, s)
			return nil
		}
	}
	flags := flag.NewFlagSet("quality", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.Func("metadata", "metadata `file` in JSON; can be repeated (default: a made-up country)", list(&opt.metadata))
	flags.Func("values", "data value `file` in JSON, CSV or XML; can be repeated", list(&opt.values))
	flags.Func("completions", "`file` of forms marked complete, in JSON; can be repeated", list(&opt.completions))
	flags.StringVar(&opt.period, "period", "", "`period` under review (default: the last year with data)")
	flags.StringVar(&opt.reference, "reference", "", "earlier `periods`, oldest first, separated by commas (default: those with data, at most three)")
	flags.Func("level", "`number` of the level of the units compared, from 1 (default: the one named District, else 2)", func(s string) (err error) {
		if opt.level, err = strconv.Atoi(s); err != nil || opt.level < 1 {
			return errors.New("want a number from 1")
		}
		return nil
	})
	flags.StringVar(&opt.data, "data", "", "`ids or codes` of the data elements and indicators that are looked at over time, separated by commas")
	flags.StringVar(&opt.pairs, "pairs", "", "`pairs` that belong together, such as PENTA1:PENTA3:dropout,TESTED:CONFIRMED:atleast,ANC1:TT1:equal")
	flags.StringVar(&opt.output, "output", "text", "text, csv, json or html")
	if err := flags.Parse(args); err != nil {
		return opt, err
	}
	if flags.NArg() > 0 {
		return opt, fmt.Errorf("%q: want flags only", flags.Arg(0))
	}
	if (len(opt.metadata) == 0) != (len(opt.values) == 0) {
		return opt, errors.New("want both -metadata and -values, or neither")
	}
	if _, ok := writers[opt.output]; !ok {
		return opt, fmt.Errorf("-output %q: want text, csv, json or html", opt.output)
	}
	return opt, nil
}

var writers = map[string]func(*report.Report, io.Writer) error{
	"text": (*report.Report).WriteText,
	"csv":  (*report.Report).WriteCSV,
	"json": (*report.Report).WriteJSON,
	"html": (*report.Report).WriteHTML,
}

func (opt options) write(r *report.Report, out io.Writer) error { return writers[opt.output](r, out) }

// review returns a review of the wanted place and time, still without metrics.
func (opt options) review(cube *aggregate.Cube, in *input) (quality.Review, error) {
	var r quality.Review
	roots := cube.Tree().Roots()
	if len(roots) != 1 {
		return r, fmt.Errorf("the org units have %d roots: want one", len(roots))
	}
	r.Overall = roots[0]
	level := opt.level
	if level == 0 {
		level = 2
		for l := range hmis.All[hmis.OrgUnitLevel](cube.Catalog()) {
			if strings.EqualFold(l.Name, "District") {
				level = l.Level
			}
		}
	}
	if r.Units = cube.Tree().AtLevel(level); len(r.Units) == 0 {
		return r, fmt.Errorf("-level %d: no org units there", level)
	}
	years := yearsOf(cube)
	if len(years) == 0 {
		return r, errors.New("no values")
	}
	r.Period = years[len(years)-1]
	if opt.period != "" {
		p, err := period.Parse(opt.period)
		if err != nil {
			return r, fmt.Errorf("-period: %w", err)
		}
		r.Period = p
	}
	if opt.reference == "" {
		earlier := slices.DeleteFunc(years, func(p period.Period) bool { return p.First() >= r.Period.First() })
		r.Reference = earlier[max(0, len(earlier)-3):]
		return r, nil
	}
	for text := range strings.SplitSeq(opt.reference, ",") {
		p, err := period.Parse(strings.TrimSpace(text))
		if err != nil {
			return r, fmt.Errorf("-reference: %w", err)
		}
		r.Reference = append(r.Reference, p)
	}
	return r, nil
}

// yearsOf returns the calendar years in which months or shorter periods have
// values.
func yearsOf(cube *aggregate.Cube) []period.Period {
	var years []period.Period
	for _, p := range cube.Periods() {
		const longest = 92 // in days
		if year, ok := p.In(period.Yearly); ok && p.Days() <= longest && !slices.Contains(years, year) {
			years = append(years, year)
		}
	}
	slices.SortFunc(years, period.Period.Compare)
	return years
}

// lastDay returns the last day of the latest month or shorter period with values.
func lastDay(cube *aggregate.Cube) (last period.Date) {
	for _, p := range cube.Periods() {
		if p.Days() <= 31 {
			last = max(last, p.Last())
		}
	}
	return last
}

// metrics returns the metrics of the review. Data sets are reviewed for their
// reports and values. The named data elements and indicators are reviewed over
// time, for outliers, and in pairs.
func (opt options) metrics(catalog *hmis.Catalog, in *input) ([]quality.Metric, error) {
	var list []quality.Metric
	for set := range hmis.All[hmis.DataSet](catalog) {
		if set.PeriodType.Frequency() > period.Quarterly.Frequency() || len(set.OrgUnits) == 0 {
			continue
		}
		if in.completions != nil {
			list = append(list, quality.Reporting{DataSet: set.ID}, quality.Reporting{DataSet: set.ID, OnTime: true}, quality.Trend{DataSet: set.ID})
		} else {
			list = append(list, quality.Reporting{DataSet: set.ID, ByValues: true})
		}
		list = append(list, quality.Completeness{DataSet: set.ID})
	}
	data, pairs := in.tracers, in.pairs
	if opt.data != "" {
		data = strings.Split(opt.data, ",")
	}
	if opt.pairs != "" {
		pairs = strings.Split(opt.pairs, ",")
	}
	for _, name := range data {
		item, err := find(catalog, name)
		if err != nil {
			return nil, err
		}
		list = append(list,
			quality.Extremes{Data: item, Kind: quality.ExtremeValues}, quality.Extremes{Data: item, Kind: quality.ModerateValues},
			quality.Extremes{Data: item, Kind: quality.ModifiedValues}, quality.Trend{Data: item})
	}
	for _, text := range pairs {
		pair, err := findPair(catalog, text)
		if err != nil {
			return nil, err
		}
		list = append(list, pair)
	}
	return append(list, in.metrics...), nil
}

// find returns the data element or indicator with an id or code.
func find(catalog *hmis.Catalog, name string) (indicator.Item, error) {
	name = strings.TrimSpace(name)
	for _, kind := range []hmis.Kind{hmis.KindDataElement, hmis.KindIndicator} {
		for _, scheme := range []hmis.Scheme{hmis.ByID, hmis.ByCode} {
			if id, err := catalog.Lookup(kind, scheme, name); err == nil {
				return indicator.Item{ID: id}, nil
			}
		}
	}
	return indicator.Item{}, fmt.Errorf("%q: no data element or indicator with this id or code", name)
}

// findPair parses a pair such as PENTA1:PENTA3:dropout.
func findPair(catalog *hmis.Catalog, text string) (quality.Relation, error) {
	kinds := map[string]quality.RelationKind{
		"equal": quality.Equal, "atleast": quality.AtLeast, "dropout": quality.Dropout, "same": quality.SameRatio,
	}
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return quality.Relation{}, fmt.Errorf("pair %q: want A:B:equal, atleast, dropout or same", text)
	}
	kind, ok := kinds[parts[2]]
	if !ok {
		return quality.Relation{}, fmt.Errorf("pair %q: relation %q: want equal, atleast, dropout or same", text, parts[2])
	}
	a, err := find(catalog, parts[0])
	if err != nil {
		return quality.Relation{}, err
	}
	b, err := find(catalog, parts[1])
	return quality.Relation{A: a, B: b, Kind: kind}, err
}
