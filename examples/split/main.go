// Command split follows a district through its split. Kelmora became Kelmora
// East and Kelmora West on 1 July 2025, and two clinics became one on 1 October.
//
//	go run ./examples/split
//
// It loads the values as they were reported into one cube for each of two maps,
// that of June and that of December, and prints the same months in both. In each
// map, every line is one series without a break.
package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"os"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/sheet"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

//go:embed values.csv
var files embed.FS

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "split:", err)
		os.Exit(1)
	}
}

// elements are what clinics report: a sum over the months, and an average.
var elements = []hmis.DataElement{
	{ID: "visits", Name: "Visits"},
	{ID: "beds", Name: "Beds", Aggregation: hmis.AverageSumOrgUnit},
}

// history returns the org units with what happened to them in 2025.
func history() (*orgunit.History, error) {
	units := []hmis.OrgUnit{
		{ID: "tamaria", Name: "Tamaria"},
		{ID: "kelmora", Name: "Kelmora", Parent: "tamaria"},
		{ID: "ambari", Name: "Ambari", Parent: "tamaria"},
		{ID: "lake", Name: "Lake Clinic", Parent: "kelmora"},
		{ID: "hill", Name: "Hill Clinic", Parent: "kelmora"},
		{ID: "mill", Name: "Mill Post", Parent: "kelmora"},
		{ID: "port", Name: "Port Hospital", Parent: "ambari"},
	}
	split := orgunit.Event{
		Day: period.DateOf(2025, 7, 1),
		Open: []hmis.OrgUnit{
			{ID: "east", Name: "Kelmora East", Parent: "tamaria"},
			{ID: "west", Name: "Kelmora West", Parent: "tamaria"},
			{ID: "dock", Name: "Dock Clinic", Parent: "west"},
		},
		Move:  map[hmis.UID]hmis.UID{"lake": "west"},
		Split: []orgunit.Split{{Unit: "kelmora", Targets: []hmis.UID{"east", "west"}}}, // the other clinics go to the first
	}
	merge := orgunit.Event{
		Day:   period.DateOf(2025, 10, 1),
		Merge: []orgunit.Merge{{Units: []hmis.UID{"mill"}, Into: "hill"}},
	}
	return orgunit.NewHistory(units, split, merge)
}

// run prints the year in the boundaries of June and of December.
func run(ctx context.Context, out io.Writer) error {
	past, err := history()
	if err != nil {
		return err
	}
	for _, view := range []struct {
		title string
		day   period.Date
		units []hmis.UID
	}{
		{"In the boundaries of June", period.DateOf(2025, 6, 30), []hmis.UID{"kelmora", "ambari", "tamaria"}},
		{"In the boundaries of December", period.DateOf(2025, 12, 31), []hmis.UID{"east", "hill", "west", "ambari", "tamaria"}},
	} {
		cube, err := load(ctx, past.Series(view.day))
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\n\n", view.title)
		for _, t := range []period.Type{period.Monthly, period.Quarterly, period.Yearly} {
			table, err := cube.Query(ctx, aggregate.Query{
				Data:     []indicator.Item{{ID: "visits"}, {ID: "beds"}},
				OrgUnits: view.units,
				Periods:  period.MustParse("2025").Split(t),
			})
			if err != nil {
				return err
			}
			if err := table.WithNames(cube.Catalog()).WriteText(out); err != nil {
				return err
			}
			fmt.Fprintln(out)
		}
	}
	return nil
}

// load returns the values, as they were reported, in a tree of units.
func load(ctx context.Context, units []hmis.OrgUnit) (*aggregate.Cube, error) {
	catalog, err := hmis.NewCatalog(hmis.Metadata{DataElements: elements, OrgUnits: units})
	if err != nil {
		return nil, err
	}
	tree, err := orgunit.NewTree(units)
	if err != nil {
		return nil, err
	}
	f, err := files.Open("values.csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	months := sheet.Format{
		Catalog: catalog,
		Columns: []sheet.Column{{Heading: "clinic", Field: sheet.OrgUnit}, {Heading: "element", Field: sheet.DataElement}},
		Across:  []sheet.Field{sheet.Period},
	}
	return aggregate.Loader{Catalog: catalog, Tree: tree}.Load(ctx, months.Read(f))
}
