package indicator_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/stretchr/testify/require"
)

// A description is one line of server/expressions*.jsonl: the text of an
// expression sent to a server, which answers whether it is well-formed and how
// it reads with names in place of ids.
type description struct {
	ID      string
	Group   string // the use: indicator, validation, predictor, skiptest, or any
	Path    string
	Request string `json:"request_body"`
	Status  int
	Body    string
}

// expression returns the text that was sent.
func (d description) expression() (string, error) {
	if d.Group != "any" {
		return d.Request, nil
	}
	u, err := url.Parse(d.Path)
	if err != nil {
		return "", err
	}
	return u.Query().Get("expression"), nil
}

// descriptionUses are the uses of the groups. The endpoint without a use checks
// as an indicator does, but writes out no groups.
var descriptionUses = map[string]indicator.Use{
	"indicator":  indicator.InIndicator,
	"any":        indicator.InIndicator,
	"validation": indicator.InRule,
	"predictor":  indicator.InPredictor,
	"skiptest":   indicator.InSkipTest,
}

// serverDir is the folder of what a running server answered.
func serverDir() string {
	dir := os.Getenv("HMIS_VECTORS")
	if dir == "" {
		dir = "testdata/vectors"
	}
	return filepath.Join(dir, "server")
}

// serverCatalog is the country that the server was asked about.
func serverCatalog(t testing.TB) *hmis.Catalog {
	t.Helper()
	names := files(t, serverDir(), "synthetic-metadata")
	f, err := os.Open(names[0])
	require.NoError(t, err)
	defer f.Close()
	md, err := dhis2.ReadMetadata(f) // gzip or not
	require.NoError(t, err)
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	return catalog
}

// readDescriptions reads the lines of a file that may be compressed.
func readDescriptions(t testing.TB, name string) (lines []description) {
	t.Helper()
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		r, err = gzip.NewReader(f)
		require.NoError(t, err)
	}
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<24)
	for scan.Scan() {
		if len(strings.TrimSpace(scan.Text())) == 0 {
			continue
		}
		var d description
		require.NoError(t, json.Unmarshal(scan.Bytes(), &d), "%s line %d", name, len(lines)+1)
		lines = append(lines, d)
	}
	require.NoError(t, scan.Err())
	require.NotEmpty(t, lines, name)
	return lines
}

// TestVectorsServer compares the check and the description of expressions with
// what a running server answered.
func TestVectorsServer(t *testing.T) {
	catalog := serverCatalog(t)
	var names []string
	for _, end := range []string{".jsonl", ".jsonl.gz"} {
		found, err := filepath.Glob(filepath.Join(serverDir(), "expressions*"+end))
		require.NoError(t, err)
		names = append(names, found...)
	}
	require.NotEmpty(t, names, "no file expressions*.jsonl or expressions*.jsonl.gz in %s", serverDir())
	for _, name := range names {
		passed, failed, left := 0, 0, map[string]int{}
		for _, d := range readDescriptions(t, name) {
			got, want := d.compare(catalog)
			if got == want {
				passed++
			} else if why := d.exempt(got, want); why != "" {
				left[why]++
			} else if failed++; failed <= 20 {
				src, _ := d.expression()
				t.Errorf("%s: %s %s %q:\n got  %s\n want %s", filepath.Base(name), d.ID, d.Group, src, got, want)
			}
		}
		t.Logf("%s: %d passed, %d failed", filepath.Base(name), passed, failed)
		for _, why := range slices.Sorted(maps.Keys(left)) {
			t.Logf("%s: %d lines left: %s", filepath.Base(name), left[why], why)
		}
	}
}

// exempt returns why the answers may differ, or "" if they may not.
func (d description) exempt(got, want string) string {
	switch {
	case d.Status != 200 && d.Request == "":
		return "the endpoint refuses a request without a body before it sees an expression"
	case strings.HasPrefix(want, "Valid: ") && strings.Contains(got, "subExpression"):
		// subExpression(1) and subExpression(N{id}) are a type error when they
		// are computed, as expressions*.json has it.
		return "the server's check does not look at what a subExpression may hold"
	}
	return ""
}

// partsOf returns the parts of a description in which items stand for groups,
// in order: a server writes the members of a group in the order of a hash.
func partsOf(text string) string {
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("()+", r) })
	slices.Sort(parts)
	return fmt.Sprintf("%q of %d bytes", parts, len(text))
}

// compare returns what this package says of the expression, and what the server
// said: "Valid" and the description, or that it is not well-formed.
func (d description) compare(c *hmis.Catalog) (got, want string) {
	src, err := d.expression()
	if err != nil {
		return err.Error(), "a request"
	}
	var answer struct{ Message, Description string }
	if err := json.Unmarshal([]byte(d.Body), &answer); err != nil {
		return err.Error(), "an answer"
	}
	want = "not well-formed"
	if answer.Message == "Valid" {
		want = "Valid: " + answer.Description
	}
	use, ok := descriptionUses[d.Group]
	if !ok {
		return "unknown group " + d.Group, want
	}
	e, err := use.Parse(src)
	if err == nil && d.Group == "indicator" {
		var f *indicator.Formula
		f, err = indicator.Compile(c, hmis.Indicator{Numerator: src})
		e = f.Numerator
	}
	if err == nil {
		if use == indicator.InPredictor { // the endpoint asks for a number
			err = e.CheckAs(c, hmis.Number).Err()
		} else {
			err = e.Check(c).Err()
		}
	}
	if err != nil {
		if want == "not well-formed" {
			return want, want
		}
		return fmt.Sprint("not well-formed: ", err), want
	}
	got = "Valid: " + e.Describe(c)
	if got != want && tag.MatchString(src) {
		return partsOf(got), partsOf(want)
	}
	return got, want
}

// tag is what an item that stands for several has in it.
var tag = regexp.MustCompile(`\b(co|coGroup|deGroup):`)
