package madx_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/madx"
)

func seeds(f *testing.F) {
	f.Add(write(f, format(f), adx.Header{}, january(f)...))
	files, _ := filepath.Glob(filepath.Join(samples, "fhir", "*.json"))
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
}

// Whatever is read without an error is written and read back with the same
// numbers.
func FuzzRead(f *testing.F) {
	seeds(f)
	free := madx.Format{Measure: madx.Measure{URL: "https://moh.example.org/Measure/m", DataSet: "m"}}
	compared := format(f)
	f.Fuzz(func(t *testing.T, text string) {
		for range compared.Read(strings.NewReader(text)) {
		}
		read := func(text string) ([]adx.Group, bool) {
			var groups []adx.Group
			for g, err := range free.Read(strings.NewReader(text)) {
				if err != nil {
					return nil, false
				}
				groups = append(groups, g)
			}
			return groups, true
		}
		text = strings.ReplaceAll(text, compared.Measure.URL, free.Measure.URL)
		groups, ok := read(text)
		if !ok || len(groups) == 0 {
			return
		}
		var b strings.Builder
		if err := free.Write(&b, adx.Header{}, stream(groups...)); err != nil {
			return // such as two reports of one org unit and period
		}
		first, ok := read(b.String())
		if !ok {
			t.Fatalf("what was written cannot be read:\n%s", b.String())
		}
		b.Reset()
		if err := free.Write(&b, adx.Header{}, stream(first...)); err != nil {
			t.Fatal(err)
		}
		second, _ := read(b.String())
		if diff := cmp.Diff(first, second, places); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
	})
}

// Reading a Measure and its value sets never panics, and a Measure without severe
// findings reads back as it was written.
func FuzzReadMeasure(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = madx.ReadValueSets(strings.NewReader(text))
		m, err := madx.ReadMeasure(strings.NewReader(text), nil)
		if err != nil {
			return
		}
		_, _ = m.Definition()
		var b strings.Builder
		if err := m.Write(&b); err != nil {
			return
		}
		back, err := madx.ReadMeasure(strings.NewReader(b.String()), nil)
		if err != nil {
			t.Fatal(err)
		}
		if m.Status == "" {
			m.Status = "active"
		}
		if diff := cmp.Diff(m, back); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
