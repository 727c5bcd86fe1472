package rules_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/internal/rules"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
)

// TestRepository checks this repository. To fix a failure, cite the heading of
// a rule as it is written, or cite the rule in the test or script that checks
// it.
func TestRepository(t *testing.T) {
	faults, err := rules.Check(os.DirFS(testfile.Root(t)))
	require.NoError(t, err)
	for _, fault := range faults {
		t.Error(fault)
	}
}

const weeks = `# Rules

Introduction.

## Weeks

1. A week belongs to the year that has four of its days.
2. A week starts on Monday.

Example: 2020-12-28 is in 2020W53.

Source: ISO 8601-1:2019

## Words

A week is seven days.
`

func TestCheck(t *testing.T) {
	named := "package p\n\n// TestWeeks is about RULES.md#weeks.\n"
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"a test names the rule", map[string]string{"p/RULES.md": weeks, "p/a_test.go": named}, ""},
		{"a script names the rule", map[string]string{"p/RULES.md": weeks, "p/testdata/a.txt": "# RULES.md#weeks\n"}, ""},
		{"a script of a test kit names the rule", map[string]string{"p/RULES.md": weeks, "p/q/scripts/a.txt": "# RULES.md#weeks\n"}, ""},
		{"a text elsewhere", map[string]string{"p/RULES.md": weeks, "p/a.txt": "# RULES.md#weeks\n"}, "p/RULES.md:5: no test or script names #weeks"},
		{"a test below names the rule", map[string]string{"p/RULES.md": weeks, "p/q/a_test.go": named}, ""},
		{"a test elsewhere names the rule", map[string]string{"p/RULES.md": weeks, "q/a_test.go": "package q // p/RULES.md#weeks\n"}, ""},
		{"nobody names the rule", map[string]string{"p/RULES.md": weeks}, "p/RULES.md:5: no test or script names #weeks"},
		{"only code names the rule", map[string]string{"p/RULES.md": weeks, "p/a.go": named}, "p/RULES.md:5: no test or script names #weeks"},
		{"a text names the rule", map[string]string{"p/RULES.md": weeks, "p/a_test.go": "package p\n\nvar s = `RULES.md#weeks`\n"},
			"p/RULES.md:5: no test or script names #weeks"},
		{"no such rule", map[string]string{"p/RULES.md": weeks, "p/a_test.go": named, "p/a.go": "package p\n\n// f\n// (RULES.md#week).\nfunc f() {}\n"},
			"p/a.go:4: no heading for #week in p/RULES.md"},
		{"no such rule in a script", map[string]string{"p/RULES.md": weeks, "p/a_test.go": named, "p/testdata/a.txt": "sum\n# RULES.md#days\n"},
			"p/testdata/a.txt:2: no heading for #days in p/RULES.md"},
		{"no such number", map[string]string{"p/RULES.md": weeks, "p/a_test.go": "package p // rule 2 of RULES.md#weeks, rule 3 of (RULES.md#weeks)\n"},
			"p/a_test.go:1: rule 3 of #weeks: p/RULES.md has 2"},
		{"no such file", map[string]string{"p/a.go": "package p // see RULES.md#weeks\n"}, "p/a.go:1: no file RULES.md"},
		{"the name alone", map[string]string{"p/a.go": "package p // a RULES.md has rules\n"}, ""},
		{"no such file elsewhere", map[string]string{"p/a.go": "package p // see q/RULES.md#weeks\n"}, "p/a.go:1: no file q/RULES.md"},
		{"a link of the README", map[string]string{"p/RULES.md": weeks, "p/a_test.go": named, "README.md": "[weeks](p/RULES.md#weeks) [days](p/RULES.md#days)"},
			"README.md:1: no heading for #days in p/RULES.md"},
		{"a link beside", map[string]string{"p/RULES.md": weeks, "p/a_test.go": named, "q/README.md": "[weeks](../p/RULES.md#weeks)"}, ""},
		{"words are no rule", map[string]string{"p/RULES.md": "## Words\n\nA week.\n"}, ""},
		{"no source", map[string]string{"p/RULES.md": "## Weeks\n\n1. Seven days.\n\n## Words\n", "p/a_test.go": named},
			"p/RULES.md:1: no line that starts with Source:"},
		{"wrong number", map[string]string{"p/RULES.md": "## Weeks\n\n1. Seven days.\n3. Four weeks.\n\nSource: ours\n", "p/a_test.go": named},
			"p/RULES.md:4: rule 3: want number 2"},
		{"twice", map[string]string{"p/RULES.md": "## Weeks\n\n## Weeks\n"}, "p/RULES.md:3: the anchor #weeks is there twice"},
		{"smaller headings", map[string]string{"p/RULES.md": "## Weeks\n\n### Days\n"}, "p/RULES.md:3: want headings with ## only"},
		{"a listing", map[string]string{"p/RULES.md": "## Weeks\n\n```\n## no heading\n3. no rule\n```\n"}, ""},
		{"a section of something else", map[string]string{"p/a.go": "package p\n\n// f is as said\n// (section 8).\nfunc f() {}\n"},
			"p/a.go:4: a section of a text that is not in this repository: cite a RULES.md, or a standard by its name"},
		{"a section in a script", map[string]string{"p/testdata/a.txt": "# The analytics specification, 3.\n"},
			"p/testdata/a.txt:1: a section of a text that is not in this repository: cite a RULES.md, or a standard by its name"},
		{"a section of a standard", map[string]string{"p/a.go": "package p // ISO 8601, section 5\n"}, ""},
		{"a section in a text", map[string]string{"p/a.go": "package p\n\nvar s = \"section 8\"\n"}, ""},
		{"hidden folders", map[string]string{".git/a.go": "RULES.md#x"}, ""},
	}
	for _, tt := range tests {
		repository := fstest.MapFS{}
		for file, text := range tt.files {
			repository[file] = &fstest.MapFile{Data: []byte(text)}
		}
		faults, err := rules.Check(repository)
		require.NoError(t, err, tt.name)
		if diff := cmp.Diff(tt.want, strings.Join(faults, "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestAnchor(t *testing.T) {
	tests := []struct{ heading, want string }{
		{"Look-back", "look-back"},
		{"What a server leaves open", "what-a-server-leaves-open"},
		{"Zeros, and \"0\"", "zeros-and-0"},
	}
	for _, tt := range tests {
		if got := rules.Anchor(tt.heading); got != tt.want {
			t.Errorf("Anchor(%q) = %q, want %q", tt.heading, got, tt.want)
		}
	}
}
