package mcsd

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/ohie-hmis/hmis-go/orgunit/mcsd/internal/cursor"
	"github.com/ohie-hmis/hmis-go/period"
)

var cursors = sync.Pool{New: func() any { return new(cursor.Cursor) }}

func newText(b []byte) string { return string(b) }

// parse calls f with a decoder of a whole JSON text, and returns its error.
func parse(text []byte, f func(decoder)) error {
	c := cursors.Get().(*cursor.Cursor)
	defer func() {
		c.Reset(nil, true) // final; the text is not kept
		cursors.Put(c)
	}()
	c.Reset(text, true)
	f(decoder{c, newText})
	if err := c.Err(); err != nil {
		return err
	}
	for _, b := range text[c.Pos():] {
		if b != ' ' && b != '\n' && b != '\t' && b != '\r' {
			return errors.New("want nothing after the value")
		}
	}
	return nil
}

// readBoundary returns the GeoJSON geometry of a boundary extension: the
// attachment is base64 of a geometry, of a Feature, or of a FeatureCollection
// with one Feature.
func readBoundary(raw []byte) (string, error) {
	var data string
	err := parse(raw, func(d decoder) {
		d.members(func(name string) {
			if name != "valueAttachment" {
				d.Skip()
				return
			}
			d.members(func(name string) {
				if name == "data" {
					data = d.Text()
				} else {
					d.Skip()
				}
			})
		})
	})
	if err != nil {
		return "", err
	}
	if data == "" {
		return "", errors.New("an attachment without data: want base64 of GeoJSON")
	}
	text, err := base64.StdEncoding.DecodeString(data) // ignores line ends
	if err != nil {
		return "", fmt.Errorf("want base64 of GeoJSON: %w", err)
	}
	return geometryOf(text, 0)
}

// geometryOf returns the geometry of a GeoJSON object.
func geometryOf(text []byte, depth int) (string, error) {
	var typ, inner, features string
	count := 0
	err := parse(text, func(d decoder) {
		d.members(func(name string) {
			switch name {
			case "type":
				typ = d.Text()
			case "geometry":
				inner = d.raw()
			case "features":
				for d.Array(); d.Entry(); count++ {
					features = d.raw()
				}
			default:
				d.Skip()
			}
		})
	})
	switch {
	case err != nil:
		return "", fmt.Errorf("want GeoJSON: %w", err)
	case typ == "Feature" && depth < 2 && strings.HasPrefix(inner, "{"):
		return geometryOf([]byte(inner), 2)
	case typ == "FeatureCollection" && depth == 0 && count == 1:
		return geometryOf([]byte(features), 1)
	case typ == "FeatureCollection" && depth == 0:
		return "", fmt.Errorf("%d features: want one", count)
	}
	switch typ {
	case "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection":
		return compact(text), nil
	}
	return "", fmt.Errorf("type %q: want a GeoJSON geometry", clip(typ))
}

// pointOf returns the coordinates of a GeoJSON point as written. ok is false
// for other geometries, and for a point that does not have exactly two numbers.
func pointOf(geometry string) (longitude, latitude string, ok bool) {
	var typ string
	var numbers []string
	more := false
	err := parse([]byte(geometry), func(d decoder) {
		d.members(func(name string) {
			switch name {
			case "type":
				typ = d.Text()
			case "coordinates":
				for d.Array(); d.Entry(); {
					if b := d.Peek(); b == '[' || b == '"' {
						d.Skip()
						more = true
						continue
					}
					numbers = append(numbers, string(d.Number()))
				}
			default:
				d.Skip()
				more = true
			}
		})
	})
	if err != nil || typ != "Point" || more || len(numbers) != 2 {
		return "", "", false
	}
	return numbers[0], numbers[1], true
}

// readPeriod reads and checks the opening and closing dates of the
// operating-period extension.
func readPeriod(raw []byte) (opened, closed string, err error) {
	more := false
	err = parse(raw, func(d decoder) {
		d.members(func(name string) {
			switch name {
			case "url":
				d.Skip()
			case "valuePeriod":
				opened, closed, more = d.period()
			default:
				d.Skip()
				more = true
			}
		})
	})
	if err == nil && (more || opened == "" && closed == "") {
		err = errors.New("want a valuePeriod with start or end")
	}
	if err == nil && opened != "" {
		_, err = dayOf(opened, false)
	}
	if err == nil && closed != "" {
		_, err = dayOf(closed, true)
	}
	return opened, closed, err
}

func (d decoder) period() (start, end string, more bool) {
	d.members(func(name string) {
		switch name {
		case "start":
			start = d.Text()
		case "end":
			end = d.Text()
		default:
			d.Skip()
			more = true
		}
	})
	return start, end, more
}

// dayOf returns the day of a FHIR date or dateTime. For a year or month it
// returns the first day or, if last is true, the last day.
func dayOf(s string, last bool) (period.Date, error) {
	day, _, timed := strings.Cut(s, "T")
	switch {
	case timed:
	case len(s) == 4:
		day = s + "-01-01"
	case len(s) == 7:
		day = s + "-01"
	}
	d, err := period.ParseDate(day)
	if err != nil {
		return 0, fmt.Errorf("%q: want a date such as 2024-01-31", clip(s))
	}
	if last && day != s && !timed {
		year, month, _ := d.Civil()
		if len(s) == 4 {
			month = 12
		}
		d = period.DateOf(year, month+1, 1) - 1
	}
	return d, nil
}
