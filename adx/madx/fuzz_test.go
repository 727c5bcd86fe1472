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
	for _, text := range []string{
		`{"resourceType":"MeasureReport","status":"complete","type":"summary","measure":"https://moh.example.org/Measure/m","subject":{"identifier":{"value":"HF-1"}},` +
			`"period":{"start":"2026-01-01","end":"2026-01-31"},"group":[{"code":{"coding":[{"code":"E"}]},"population":[{"code":{"coding":[{"code":"measure-population"}]},"count":3}],` +
			`"stratifier":[{"stratum":[{"component":[{"code":{"coding":[{"code":"SEX"}]},"value":{"coding":[{"code":"F"}]}}],"measureScore":{"value":3.0}}]}]}]}`,
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Location","id":"a","identifier":[{"value":"HF-1"}]}}]}`,
		`{"resourceType":"Measure","url":"u","title":"t","relatedArtifact":[{"type":"depends-on","label":"SEX","url":"v"}],"group":[{"code":{"coding":[{"code":"E"}]},"stratifier":[{"component":[{"code":{"coding":[{"code":"SEX"}]}}]}]}]}`,
		`{"resourceType":"ValueSet","url":"v","compose":{"include":[{"system":"s","concept":[{"code":"F","display":"female"}]}]}}`,
	} {
		f.Add(text)
	}
	files, _ := filepath.Glob(filepath.Join(samples, "fhir", "*.json"))
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(text) < 3000 { // fuzzing needs minutes to shrink longer ones
			f.Add(string(text))
		}
	}
}

// Each report that is read without an error can be written, and reads back with
// the same numbers.
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
			return // an input may have two reports for one org unit and period
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

// Reading a Measure and its value sets never panics. A Measure without severe
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
