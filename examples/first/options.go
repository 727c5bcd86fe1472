package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// An options has the flags of the command line.
type options struct {
	metadata   []string
	values     []string
	lenient    bool
	level      int // 0 means the default
	periods    string
	indicators string
	output     string
}

func parseOptions(args []string, log io.Writer) (options, error) {
	var opt options
	list := func(to *[]string) func(string) error {
		return func(s string) error {
			*to = append(*to, s)
			return nil
		}
	}
	flags := flag.NewFlagSet("first", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.Func("metadata", "metadata `file` in JSON; repeat it where one file is not enough (default: a made-up country)",
		list(&opt.metadata))
	flags.Func("values", "data value `file` in JSON, CSV or XML; can be repeated (default: those of the made-up country)",
		list(&opt.values))
	flags.BoolVar(&opt.lenient, "lenient", false, "leave out values that cannot be used, instead of ending at the first")
	flags.Func("level", "`number` of the level of the org units shown, from 1 (default: the one named District, else 2)",
		func(s string) (err error) {
			if opt.level, err = strconv.Atoi(s); err != nil || opt.level < 1 {
				return errors.New("want a number from 1")
			}
			return nil
		})
	flags.StringVar(&opt.periods, "periods", "LAST_4_QUARTERS",
		"`periods` shown: 2025Q1,2025Q2 or 202501..202512 or keywords, counted from the last day with data")
	flags.StringVar(&opt.indicators, "indicators", "",
		"`ids`, codes or names of indicators or data elements, separated by commas (default: all indicators)")
	flags.StringVar(&opt.output, "output", "table", "table, csv, json or adx")
	if err := flags.Parse(args); err != nil {
		return opt, err
	}
	if flags.NArg() > 0 {
		return opt, fmt.Errorf("%q: want flags only", flags.Arg(0))
	}
	if (len(opt.metadata) == 0) != (len(opt.values) == 0) {
		return opt, fmt.Errorf("want both -metadata and -values, or neither")
	}
	return opt, nil
}

// query returns the query for the data.
func (opt options) query(ctx context.Context, in data, log io.Writer) (aggregate.Query, error) {
	var q aggregate.Query
	var err error
	if q.OrgUnits, err = opt.units(in.catalog, in.tree); err != nil {
		return q, err
	}
	spans, err := opt.spans(in.last)
	if err != nil {
		return q, err
	}
	for _, p := range spans {
		if !slices.Contains(q.Periods, p) {
			q.Periods = append(q.Periods, p)
		}
	}
	if opt.indicators == "" {
		q.Data, err = computable(ctx, in, q, log)
		return q, err
	}
	for name := range strings.SplitSeq(opt.indicators, ",") {
		id, err := find(in.catalog, strings.TrimSpace(name))
		if err != nil {
			return q, err
		}
		if item := (indicator.Item{ID: id}); !slices.Contains(q.Data, item) {
			q.Data = append(q.Data, item)
		}
	}
	return q, nil
}

// computable returns all indicators that the cube can compute. It writes doubts
// about them to log, and for the others the reason why they cannot be computed.
// It tries each indicator in one cell of q.
func computable(ctx context.Context, in data, q aggregate.Query, log io.Writer) ([]indicator.Item, error) {
	var items []indicator.Item
	q.OrgUnits, q.Periods = q.OrgUnits[:1], q.Periods[:1]
	for ind := range hmis.All[hmis.Indicator](in.catalog) {
		q.Data = []indicator.Item{{Kind: indicator.IndicatorItem, ID: ind.ID}}
		if _, err := in.cube.Query(ctx, q); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			fmt.Fprintf(log, "left out %s %q: %v\n", ind.ID, ind.Name, err)
			continue
		}
		if doubts := check(in.catalog, ind); len(doubts) > 0 {
			fmt.Fprintf(log, "doubtful %s %q: %v\n", ind.ID, ind.Name, doubts[0])
		}
		items = append(items, q.Data[0])
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("the metadata have no indicator that can be computed; choose data elements with -indicators")
	}
	return items, nil
}

// check lists doubts about the expressions of an indicator, such as an option
// combo of another database, whose values count as missing.
func check(catalog *hmis.Catalog, ind hmis.Indicator) hmis.Issues {
	formula, err := indicator.Compile(catalog, ind)
	if err != nil {
		return nil // the query will report it
	}
	return append(formula.Numerator.Check(catalog), formula.Denominator.Check(catalog)...)
}

// find returns the id of the indicator or data element that has this id, code
// or name.
func find(catalog *hmis.Catalog, text string) (hmis.UID, error) {
	for _, kind := range []hmis.Kind{hmis.KindIndicator, hmis.KindDataElement} {
		for _, scheme := range []hmis.Scheme{hmis.ByID, hmis.ByCode, hmis.ByName} {
			if id, err := catalog.Lookup(kind, scheme, text); err == nil {
				return id, nil
			}
		}
	}
	return "", fmt.Errorf("-indicators %q: no indicator or data element has this id, code or name", text)
}

// units returns the org units of the wanted level.
func (opt options) units(catalog *hmis.Catalog, tree *orgunit.Tree) ([]hmis.UID, error) {
	level := opt.level
	if level == 0 {
		level = 2
		for l := range hmis.All[hmis.OrgUnitLevel](catalog) {
			if strings.EqualFold(l.Name, "District") {
				level = l.Level
			}
		}
	}
	units := tree.AtLevel(level)
	if len(units) == 0 {
		return nil, fmt.Errorf("-level %d: no org unit at this level", level)
	}
	return units, nil
}

// spans parses the flag -periods: periods, ranges such as 202401..202406, and
// relative periods, which end on the day last.
func (opt options) spans(last period.Date) ([]period.Period, error) {
	clock := period.Clock{Today: last + 1}
	var all []period.Period
	for text := range strings.SplitSeq(opt.periods, ",") {
		text = strings.TrimSpace(text)
		if relative, err := period.ParseRelative(text); err == nil {
			all = append(all, relative.On(clock)...)
			continue
		}
		from, to, isRange := strings.Cut(text, "..")
		first, err := period.Parse(from)
		if err != nil {
			return nil, fmt.Errorf("-periods: %w", err)
		}
		if !isRange {
			all = append(all, first)
			continue
		}
		end, err := period.Parse(to)
		if err != nil {
			return nil, fmt.Errorf("-periods: %w", err)
		}
		list := period.Range(first, end)
		if len(list) == 0 {
			return nil, fmt.Errorf("-periods %q: want two periods of one type, the earlier one first", text)
		}
		all = append(all, list...)
	}
	return all, nil
}
