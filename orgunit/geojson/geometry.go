package geojson

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

// errNoCoordinates means that a geometry has no coordinates, or an empty list.
var errNoCoordinates = errors.New("no coordinates")

// plain returns a geometry with only its type and coordinates, in that order
// and without blanks. Any third coordinate is dropped. The digits of the others
// do not change.
func plain(raw json.RawMessage) (string, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return "", errors.New("want an object, got " + quote.Line(string(raw), 40))
	}
	coordinates := members["coordinates"]
	if compact := strings.TrimSpace(string(coordinates)); compact == "" || compact == "null" || emptyList(compact) {
		if string(members["type"]) != `"GeometryCollection"` {
			return "", errNoCoordinates
		}
	}
	kind := string(members["type"])
	if kind == "" {
		kind = `""`
	}
	text := string(slices.Concat([]byte(`{"type":`+kind+`,"coordinates":`), flat(coordinates), []byte("}")))
	// The original is checked, since flat may have hidden a fault by cutting a
	// list to two numbers.
	if err := orgunit.CheckGeometry(`{"type":` + kind + `,"coordinates":` + orNull(coordinates) + "}"); err != nil {
		return "", err
	}
	return text, nil
}

func emptyList(s string) bool {
	return s[0] == '[' && s[len(s)-1] == ']' && strings.TrimSpace(s[1:len(s)-1]) == ""
}

func orNull(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "null"
	}
	return string(raw)
}

// flat returns valid JSON lists of numbers without blanks and with at most two
// numbers in each innermost list.
func flat(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	inner := false // inside an innermost list
	n := 0         // number of commas seen in the innermost list
	for _, c := range raw {
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '[':
			inner, n = true, 0
		case ']':
			inner = false
			out = append(out, c)
			continue
		case ',':
			if inner {
				n++
			}
		}
		if !inner || n < 2 {
			out = append(out, c)
		}
	}
	return out
}
