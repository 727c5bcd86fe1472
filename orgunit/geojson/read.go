package geojson

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/ohie-hmis/hmis-go/internal/cancel"
	"github.com/ohie-hmis/hmis-go/internal/input"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// maxFeature is how many bytes a feature, or any other member of a file, may
// have.
const maxFeature = 32 << 20

// Read returns the features of a FeatureCollection, or one Feature. The stream
// ends with an error, mostly a [*SyntaxError], if the text is no GeoJSON, uses
// another coordinate system than WGS 84, or ctx ends. It can be used once.
func Read(ctx context.Context, r io.Reader) iter.Seq2[Feature, error] {
	return func(yield func(Feature, error) bool) {
		text, skipped, err := input.Open(cancel.Reader(ctx, r))
		if err != nil {
			yield(Feature{}, failure(ctx, &SyntaxError{Feature: -1, Err: err}))
			return
		}
		s := &reading{limit: &bounded{r: text}, skipped: skipped, current: -1}
		s.json = json.NewDecoder(s.limit)
		err = s.file(func(f Feature) bool { return ctx.Err() == nil && yield(f, nil) })
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(Feature{}, failure(ctx, err))
		}
	}
}

// errStop means that the caller has stopped the loop.
var errStop = errors.New("stop")

// failure returns the error of ctx if ctx has ended, otherwise err.
func failure(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	return err
}

// A bounded reader fails if one part of the text is too long, because the
// decoder holds a whole part in memory.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("want at most %d MiB in one feature", maxFeature>>20)
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// A reading is the state of reading one file.
type reading struct {
	json    *json.Decoder
	limit   *bounded
	skipped int64 // length of the byte order mark
	current int   // position of the current feature, or -1
}

func (s *reading) fail(format string, args ...any) error {
	return &SyntaxError{s.current, s.json.InputOffset() + s.skipped, fmt.Errorf(format, args...)}
}

// token returns the next token. Its error has the place in the file.
func (s *reading) token() (json.Token, error) {
	s.limit.left = maxFeature
	t, err := s.json.Token()
	if err != nil {
		return nil, s.located(err)
	}
	return t, nil
}

// value decodes the next value into into. Its error has the place in the file.
func (s *reading) value(into any) error {
	s.limit.left = maxFeature
	if err := s.json.Decode(into); err != nil {
		return s.located(err)
	}
	return nil
}

// located adds the place to an error of the decoder.
func (s *reading) located(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	offset := s.json.InputOffset()
	if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = bad.Offset
	}
	if bad, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		err = fmt.Errorf("%s: want %s, got %s", bad.Field, typeName(bad), bad.Value)
		if bad.Field == "" {
			err = fmt.Errorf("want an object, got %s", bad.Value)
		}
	}
	return &SyntaxError{s.current, offset + s.skipped, err}
}

func typeName(bad *json.UnmarshalTypeError) string {
	if bad.Type.String() == "string" {
		return "a text"
	}
	return "an object"
}

// A member has the JSON members of a feature.
type member struct {
	Type       string
	ID         json.RawMessage
	Properties json.RawMessage
	Geometry   json.RawMessage
}

// feature converts m to a Feature.
func (s *reading) feature(m *member) (Feature, error) {
	if m.Type != "Feature" {
		return Feature{}, s.fail("type %s: want \"Feature\"", quote.Text(m.Type))
	}
	return Feature{
		N: max(s.current, 0), Offset: s.json.InputOffset() + s.skipped,
		ID: m.ID, Properties: m.Properties, Geometry: m.Geometry,
	}, nil
}

// file reads a whole file: a FeatureCollection or one Feature.
func (s *reading) file(yield func(Feature) bool) error {
	if t, err := s.token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return s.fail("want an object")
	}
	var single member
	var seen struct{ features, other bool }
	for s.json.More() {
		name, err := s.token()
		if err != nil {
			return err
		}
		switch name {
		case "features":
			if seen.features {
				return s.fail("features are there twice")
			}
			seen.features = true
			err = s.features(yield)
		case "type":
			err = s.value(&single.Type)
		case "id":
			err = s.value(&single.ID)
		case "properties":
			err = s.value(&single.Properties)
		case "geometry":
			seen.other = true
			err = s.value(&single.Geometry)
		case "crs":
			err = s.system()
		default:
			var skipped json.RawMessage
			err = s.value(&skipped)
		}
		if err != nil {
			return err
		}
	}
	if _, err := s.token(); err != nil { // the closing brace
		return err
	}
	switch {
	case single.Type == "Feature" && !seen.features:
		f, err := s.feature(&single)
		if err != nil {
			return err
		}
		if !yield(f) {
			return errStop
		}
	case single.Type != "FeatureCollection":
		return s.fail("type %s: want \"FeatureCollection\" or \"Feature\"", quote.Text(single.Type))
	case !seen.features:
		return s.fail("no features")
	}
	return s.rest()
}

// features reads the array of features.
func (s *reading) features(yield func(Feature) bool) error {
	if t, err := s.token(); err != nil {
		return err
	} else if t != json.Delim('[') {
		return s.fail("features: want a list")
	}
	for s.current = 0; s.json.More(); s.current++ {
		var raw json.RawMessage
		if err := s.value(&raw); err != nil {
			return err
		}
		m, err := s.member(raw)
		if err != nil {
			return err
		}
		f, err := s.feature(m)
		if err != nil {
			return err
		}
		if !yield(f) {
			return errStop
		}
	}
	s.current = -1
	_, err := s.token()
	return err
}

// member splits a feature into its members. It is stricter than package json,
// which accepts any letter case for names and the last of two equal names.
func (s *reading) member(raw []byte) (*member, error) {
	if len(raw) == 0 || raw[0] != '{' {
		return nil, s.fail("want an object, got %s", quote.Line(string(raw), 40))
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil, s.located(err)
	}
	var m member
	var met [4]bool
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, s.located(err)
		}
		var skipped json.RawMessage
		var into any = &skipped
		n := -1
		switch name {
		case "type":
			n, into = 0, &m.Type
		case "id":
			n, into = 1, &m.ID
		case "properties":
			n, into = 2, &m.Properties
		case "geometry":
			n, into = 3, &m.Geometry
		}
		if n >= 0 && met[n] {
			return nil, s.fail("%s is there twice", name)
		}
		if n >= 0 {
			met[n] = true
		}
		if err := d.Decode(into); err != nil {
			return nil, s.located(err)
		}
	}
	return &m, nil
}

// system reads the member crs, which older files have. RFC 7946 removed it.
// Without this check, coordinates in metres would be read as degrees.
func (s *reading) system() error {
	var raw json.RawMessage
	if err := s.value(&raw); err != nil {
		return err
	}
	var crs *struct {
		Properties struct{ Name string }
	}
	if err := json.Unmarshal(raw, &crs); err != nil {
		return s.fail("crs: want a named coordinate system")
	}
	if crs == nil {
		return nil
	}
	name := crs.Properties.Name
	for _, known := range []string{"CRS84", ":4326"} {
		if strings.HasSuffix(name, known) {
			return nil
		}
	}
	return s.fail("coordinate system %s: want WGS 84, such as \"urn:ogc:def:crs:OGC:1.3:CRS84\"", quote.Text(name))
}

// rest returns an error if anything follows.
func (s *reading) rest() error {
	s.limit.left = maxFeature
	switch _, err := s.json.Token(); err {
	case io.EOF:
		return nil
	case nil:
		return s.fail("more text after the end")
	default:
		return s.located(err)
	}
}
