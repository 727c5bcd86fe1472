package dsd_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// smallSeed is the length of the longest seed. Fuzzing needs minutes to shrink
// longer ones and finds the same.
const smallSeed = 3000

// Everything that Read accepts can be checked and written, and reads back the
// same.
func FuzzRead(f *testing.F) {
	f.Add(written(f, define(f, dsd.Structure{
		ID: "D", Elements: []dsd.Element{{Code: "E", Dimensions: []string{"S"}}}, Dimensions: []dsd.Dimension{{Name: "S", Codes: []dsd.Code{{ID: "F"}}}},
	})))
	files, _ := filepath.Glob(filepath.Join(samples, "*dsd*.xml"))
	bad, _ := filepath.Glob(filepath.Join(samples, "bad", "*.xml"))
	for _, name := range append(files, bad...) {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(text) < smallSeed {
			f.Add(string(text))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := dsd.Read(strings.NewReader(text), nil)
		if err != nil {
			return
		}
		for range d.CheckGroups(stream(fridge(t), nil)) {
		}
		_ = d.WriteSchema(io.Discard, dsd.Schema{SelfContained: true})
		if err := d.WriteSchematron(io.Discard); err != nil {
			t.Error(err)
		}
		first := written(t, d)
		back, err := dsd.Read(strings.NewReader(first), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, first)
		}
		if diff := cmp.Diff(d.Structure(), back.Structure()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// Each finding about a message is on one line and has a place inside the
// message. A strict Reader accepts each message without errors.
func FuzzMessage(f *testing.F) {
	f.Add(epiMessage)
	files, _ := filepath.Glob(filepath.Join(samples, "*.xml"))
	bad, _ := filepath.Glob(filepath.Join(samples, "bad", "*.xml"))
	for _, name := range append(files, bad...) {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(text) < smallSeed {
			f.Add(string(text))
		}
	}
	c := dsd.Checker{Definition: define(f, epiMonthly())}
	f.Fuzz(func(t *testing.T, text string) {
		valid := true
		for x, err := range c.Message(strings.NewReader(text)) {
			valid = valid && err == nil && x.Severity < hmis.Severe
			if line := x.Error(); strings.ContainsFunc(line, unicode.IsControl) || len(line) > 1000 {
				t.Errorf("%q", line)
			}
			if err == nil && x.Rule != "ADX-165" && (x.Line == 0 || x.Column == 0 || x.Line > strings.Count(text, "\n")+strings.Count(text, "\r")+1) {
				t.Errorf("%v: no such place", x.Error())
			}
		}
		if !valid {
			return
		}
		for _, err := range adx.NewReader(strings.NewReader(text)).Groups() {
			if err != nil {
				t.Error(err)
			}
		}
	})
}

func FuzzParseAgeBand(f *testing.F) {
	f.Add("P1Y--P5Y")
	f.Add("P1M2W--P1Y6M3D")
	f.Fuzz(func(t *testing.T, s string) {
		b, err := dsd.ParseAgeBand(s)
		if err != nil {
			return
		}
		if c, err := dsd.ParseAgeBand(b.String()); err != nil || c != b {
			t.Errorf("%q reads back as %v, %v", s, c, err)
		}
	})
}
