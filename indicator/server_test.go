package indicator_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/stretchr/testify/require"
)

// A description is one line of server/expressions*.jsonl: an expression and the
// answer of a server. The answer says whether the expression is valid, and has
// its description with names in place of ids.
type description struct {
	ID      string
	Group   string // the use: indicator, validation, predictor, skiptest, or any
	Path    string
	Request string `json:"request_body"`
	Status  int
	Body    string
}

// expression returns the text that was sent to the server.
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

// descriptionUses has the use of each group of lines. The endpoint without a
// use checks as for an indicator, but does not replace groups.
var descriptionUses = map[string]indicator.Use{
	"indicator":  indicator.InIndicator,
	"any":        indicator.InIndicator,
	"validation": indicator.InRule,
	"predictor":  indicator.InPredictor,
	"skiptest":   indicator.InSkipTest,
}

// serverCatalog returns the metadata that the server had.
func serverCatalog(t testing.TB) *hmis.Catalog {
	t.Helper()
	md, err := dhis2.ReadMetadata(testfile.Open(t, testfile.Input(t, "server/synthetic-metadata.json")))
	require.NoError(t, err)
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	return catalog
}

// TestVectorsServer compares the check and the description of expressions with
// what a running server answered.
func TestVectorsServer(t *testing.T) {
	catalog := serverCatalog(t)
	for _, name := range testfile.Vectors(t, "server/expressions*") {
		counted := tally.Of(t, name)
		for d := range testfile.Lines[description](t, name) {
			got, want := d.compare(catalog)
			if why := d.exempt(got, want); got != want && why != "" {
				counted.Leave(why)
				continue
			}
			src, _ := d.expression()
			counted.Check(got == want, "%s %s %q:\n got  %s\n want %s", d.ID, d.Group, src, got, want)
		}
		counted.Done()
	}
}

// exempt returns why the answers may differ, or "" if they may not.
func (d description) exempt(got, want string) string {
	switch {
	case d.Status != 200 && d.Request == "":
		return "the endpoint refuses a request without a body before it sees an expression"
	case strings.HasPrefix(want, "Valid: ") && strings.Contains(got, "subExpression"):
		// According to expressions*.json, subExpression(1) and
		// subExpression(N{id}) are type errors when they are computed.
		return "the server's check does not look at what a subExpression may hold"
	}
	return ""
}

// partsOf returns the parts of a description that stand for groups, sorted. A
// server writes the members of a group in no fixed order.
func partsOf(text string) string {
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("()+", r) })
	slices.Sort(parts)
	return fmt.Sprintf("%q of %d bytes", parts, len(text))
}

// compare returns the answers of this package and of the server to an
// expression: "Valid" with the description, or that it is not valid.
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
		if use == indicator.InPredictor { // the endpoint requires a number
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

// tag matches the tags of items that stand for several.
var tag = regexp.MustCompile(`\b(co|coGroup|deGroup):`)
