package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/build"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// districts is the first code in the README, with the lines that it leaves out.
// It writes to text what that code prints.
func districts(ctx context.Context, metadata, values io.Reader, text io.Writer) (*hmis.Catalog, *aggregate.Table, error) {
	md, err := dhis2.ReadMetadata(metadata) // hmis.Metadata, plain data
	if err != nil {
		return nil, nil, err
	}
	catalog, err := hmis.NewCatalog(md) // indexed; catalog.Check() lists doubts
	if err != nil {
		return nil, nil, err
	}
	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	if err != nil {
		return nil, nil, err
	}
	loader := aggregate.Loader{Catalog: catalog, Tree: tree}
	cube, err := loader.Load(ctx, dhis2.ReadValues(values))
	if err != nil {
		return nil, nil, err
	}
	table, err := cube.Query(ctx, aggregate.Query{
		Data:     []indicator.Item{{ID: "Uvn6LCg7dVU"}},
		OrgUnits: tree.AtLevel(2),
		Periods:  period.MustParse("2024").Split(period.Quarterly),
	})
	if err != nil {
		return nil, nil, err
	}
	for cell := range table.Cells() {
		fmt.Fprintln(text, cell.OrgUnit, cell.Period, cell.Value)
	}
	return catalog, table, nil
}

// send is the second code in the README.
func send(catalog *hmis.Catalog, table *aggregate.Table, message io.Writer) error {
	out := adx.NewWriter(message)
	for group, err := range (adx.Mapper{Catalog: catalog}).Groups(table.Values()) {
		if err != nil {
			return err
		}
		if err := out.Write(group); err != nil {
			return err
		}
	}
	return out.Close()
}

// The code in the README compiles, line for line, and does what the README
// says.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("readme_test.go")
	require.NoError(t, err)
	lines := strings.Split(strings.ReplaceAll(string(source), "fmt.Fprintln(text, ", "fmt.Println("), "\n")
	same := func(line string) string { return strings.Join(strings.Fields(line), " ") }
	n, blocks := 0, strings.Split(string(text), "```go\n")[1:]
	for _, block := range blocks {
		code, _, _ := strings.Cut(block, "\n```")
		for line := range strings.Lines(code) {
			if line = same(line); line == "..." || line == "" {
				continue
			}
			if line == "out.Write(group)" {
				line = "if err := out.Write(group); err != nil {"
			}
			for len(lines) > 0 && same(lines[0]) != line {
				lines = lines[1:]
			}
			require.NotEmpty(t, lines, "the README says %q, which is not in readme_test.go, or not there", line)
			lines = lines[1:]
			n++
		}
	}
	require.Greater(t, n, 15)

	const units = `"organisationUnits":[{"id":"ImspTQPwCqd","code":"SL"},{"id":"O6uvpzGd5pu","code":"BO","parent":{"id":"ImspTQPwCqd"}},
		{"id":"DiszpKrYNg8","code":"NGE","parent":{"id":"O6uvpzGd5pu"}}]`
	coverage := `{` + units + `,"dataElements":[{"id":"fbfJHSPpUQD","valueType":"INTEGER"},{"id":"h0xKKjijTdI","valueType":"INTEGER"}],
		"indicators":[{"id":"Uvn6LCg7dVU","numerator":"#{fbfJHSPpUQD}","denominator":"#{h0xKKjijTdI}","indicatorType":{"id":"hmSnCXmLYwt"}}],
		"indicatorTypes":[{"id":"hmSnCXmLYwt","name":"Per cent","factor":100}]}`
	values := `{"dataValues":[
		{"dataElement":"fbfJHSPpUQD","period":"202401","orgUnit":"DiszpKrYNg8","value":"30"},
		{"dataElement":"h0xKKjijTdI","period":"202401","orgUnit":"DiszpKrYNg8","value":"40"}]}`
	var printed bytes.Buffer
	_, _, err = districts(t.Context(), strings.NewReader(coverage), strings.NewReader(values), &printed)
	require.NoError(t, err)
	require.Equal(t, "O6uvpzGd5pu 2024Q1 75\n", printed.String())

	// This is the same for a data element, which a message can name.
	visits := `{` + units + `,"dataElements":[{"id":"Uvn6LCg7dVU","code":"ANC1","valueType":"INTEGER"}],
		"dataSets":[{"id":"lyLU2wR22tC","code":"ANC","periodType":"Quarterly","dataSetElements":[{"dataElement":{"id":"Uvn6LCg7dVU"}}]}]}`
	values = `{"dataValues":[{"dataElement":"Uvn6LCg7dVU","period":"202401","orgUnit":"DiszpKrYNg8","value":"30"}]}`
	catalog, table, err := districts(t.Context(), strings.NewReader(visits), strings.NewReader(values), io.Discard)
	require.NoError(t, err)
	var message bytes.Buffer
	require.NoError(t, send(catalog, table, &message))
	require.Contains(t, message.String(), `<group dataSet="ANC" orgUnit="BO" period="2024-01-01/P3M"><dataValue dataElement="ANC1" value="30"/></group>`)
}

// Each table in the README has lines from the output of its command.
func TestReadmeTables(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	var first bytes.Buffer
	require.NoError(t, run(t.Context(), nil, &first, io.Discard))
	review, err := os.ReadFile("../quality/testdata/review.txt") // a test of that command compares this file
	require.NoError(t, err)
	blocks := strings.Split(string(text), "```text\n")[1:]
	printed := []string{first.String(), string(review)}
	require.Len(t, blocks, len(printed))
	for i, block := range blocks {
		shown, _, _ := strings.Cut(block, "```")
		lines := strings.Split(printed[i], "\n")
		for line := range strings.Lines(shown) {
			line = strings.TrimSuffix(line, "\n")
			at := slices.IndexFunc(lines, func(l string) bool { return strings.TrimRight(l, " ") == line })
			require.GreaterOrEqual(t, at, 0, "the README shows %q", line)
			lines = lines[at+1:]
		}
	}
}

// The README and the package comments name each file of rules.
func TestReadmeRules(t *testing.T) {
	root := testfile.Root(t)
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	found := 0
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "RULES.md" {
			return err
		}
		found++
		name, err := filepath.Rel(root, path)
		require.NoError(t, err)
		require.Contains(t, string(text), "]("+filepath.ToSlash(name)+")")
		comment, err := os.ReadFile(filepath.Join(filepath.Dir(path), "doc.go"))
		require.NoError(t, err)
		require.Contains(t, string(comment), "RULES.md", name)
		return nil
	})
	require.NoError(t, err)
	require.Positive(t, found)
}

// The README lists every package that can be imported, and no others.
func TestReadmePackages(t *testing.T) {
	root := testfile.Root(t)
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^\\| \\[`([^`]+)`\\]\\(([^)]+)\\) \\|").FindAllStringSubmatch(string(text), -1) {
		require.Equal(t, m[1], m[2])
		listed = append(listed, m[1])
	}
	var want []string
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "internal" || name == "testdata" || name == "examples") {
			return filepath.SkipDir
		}
		if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && path != root {
			return filepath.SkipDir
		}
		found, err := build.ImportDir(path, 0)
		if _, none := errors.AsType[*build.NoGoError](err); none || found.Name == "main" {
			return nil
		}
		require.NoError(t, err)
		name, err := filepath.Rel(root, path)
		require.NoError(t, err)
		want = append(want, filepath.ToSlash(name))
		return nil
	})
	require.NoError(t, err)
	require.ElementsMatch(t, want, listed)
}
