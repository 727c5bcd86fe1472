package facilitylist

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// about holds what a row states only about the unit of its lowest level.
type about struct {
	shortName      string
	opened, closed period.Date
	geometry       string
}

// readAbout reads the columns that are about the last unit of a row.
func (f Format) readAbout(cell func(heading string) string, line int) (about, *RowError) {
	a := about{shortName: cell(f.ShortName)}
	for _, day := range []struct {
		heading string
		into    *period.Date
	}{{f.Opened, &a.opened}, {f.Closed, &a.closed}} {
		text := cell(day.heading)
		if text == "" {
			continue
		}
		d, err := period.ParseDate(text)
		if err != nil {
			return about{}, &RowError{Line: line, Column: day.heading, Text: text, Err: errors.New("want a day, such as 2024-01-31")}
		}
		*day.into = d
	}
	if a.opened != 0 && a.closed != 0 && a.closed < a.opened {
		return about{}, &RowError{Line: line, Column: f.Closed, Text: cell(f.Closed), Err: fmt.Errorf("before %v, the day it opened", a.opened)}
	}
	lon, lat := cell(f.Longitude), cell(f.Latitude)
	if lon == "" && lat == "" {
		return a, nil
	}
	for _, c := range []struct{ heading, text string }{{f.Longitude, lon}, {f.Latitude, lat}} {
		if _, err := decimal.NewFromString(c.text); err != nil || strings.ContainsAny(c.text, "eE+_") || !json.Valid([]byte(c.text)) {
			return about{}, &RowError{Line: line, Column: c.heading, Text: c.text, Err: errors.New("want degrees, such as -11.75")}
		}
	}
	a.geometry = point(lon, lat)
	if err := orgunit.CheckGeometry(a.geometry); err != nil {
		return about{}, &RowError{Line: line, Column: f.Longitude, Text: lon, Err: errors.New(strings.TrimPrefix(err.Error(), "orgunit: geometry: "))}
	}
	return a, nil
}

func point(lon, lat string) string {
	return `{"type":"Point","coordinates":[` + lon + "," + lat + "]}"
}

// coordinates returns the texts of a point. ok is false for any other geometry.
func coordinates(geometry string) (lon, lat string, ok bool) {
	var g struct {
		Type        string
		Coordinates []json.RawMessage
	}
	if json.Unmarshal([]byte(geometry), &g) != nil || g.Type != "Point" || len(g.Coordinates) != 2 {
		return "", "", false
	}
	return string(g.Coordinates[0]), string(g.Coordinates[1]), true
}

// give sets what a says in a unit.
func (a about) give(u *hmis.OrgUnit) {
	u.ShortName, u.Opened, u.Closed, u.Geometry = a.shortName, a.opened, a.closed, a.geometry
}
