package geojson

import (
	"encoding/json"
	"fmt"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A Feature is an unchecked GeoJSON feature, such as the area of a district.
type Feature struct {
	N          int             // position of the feature in the file, from 0
	Offset     int64           // offset of the byte after the feature, in the decompressed text
	ID         json.RawMessage // nil if the feature has none
	Properties json.RawMessage // nil if the feature has none
	Geometry   json.RawMessage // "null" if the feature has none; nil if the member is missing
}

// identifier returns the text by which f names its unit: its id, or one of its
// properties. ok is false if f has none. A number counts as its digits.
func (f Feature) identifier(property string) (text string, ok bool, err error) {
	raw := f.ID
	if property != "" && len(f.Properties) > 0 {
		var properties map[string]json.RawMessage
		if err := json.Unmarshal(f.Properties, &properties); err != nil {
			return "", false, fmt.Errorf("properties: want an object, got %s", quote.Line(string(f.Properties), 40))
		}
		raw = properties[property]
	} else if property != "" {
		raw = nil
	}
	if len(raw) == 0 || string(raw) == "null" {
		return "", false, nil
	}
	if err := json.Unmarshal(raw, &text); err == nil {
		return text, text != "", nil
	}
	var number json.Number
	if err := json.Unmarshal(raw, &number); err != nil {
		return "", false, fmt.Errorf("the identifier is %s: want a text", quote.Line(string(raw), 40))
	}
	return number.String(), true, nil
}

// A SyntaxError says where a file is no GeoJSON, and why.
type SyntaxError struct {
	Feature int   // position of the feature, from 0; -1 outside of the features
	Offset  int64 // bytes of text before the problem was noticed
	Err     error
}

// Error returns the error on one line, such as
// "geojson: feature 3 at offset 812: want an object".
func (e *SyntaxError) Error() string {
	if e.Feature < 0 {
		return fmt.Sprintf("geojson: at offset %d: %v", e.Offset, e.Err)
	}
	return fmt.Sprintf("geojson: feature %d at offset %d: %v", e.Feature, e.Offset, e.Err)
}

// Unwrap returns e.Err.
func (e *SyntaxError) Unwrap() error { return e.Err }
