package indicator_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/indicator/ast"
	"github.com/stretchr/testify/require"
)

// A source is one text with its place in the world.
type source struct {
	name string
	use  indicator.Use
	text string
}

// dataDir is where the real data are; the test is skipped if there are none.
func dataDir(t testing.TB) string {
	dir := os.Getenv("HMIS_DATA")
	if dir == "" {
		dir = "../../shared/data" // from the package's folder
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real data in %s", dir)
	}
	return dir
}

// realSources reads every indicator, validation rule and predictor of the data.
func realSources(t testing.TB) []source {
	dir := dataDir(t)
	var out []source
	for _, name := range files(t, dir, "indicators-*") {
		var list []struct{ ID, Numerator, Denominator string }
		readJSON(t, name, &list)
		for _, i := range list {
			out = append(out,
				source{i.ID + " numerator", indicator.InIndicator, i.Numerator},
				source{i.ID + " denominator", indicator.InIndicator, i.Denominator})
		}
	}
	type side struct{ Expression string }
	for _, folder := range []string{"datim", "who"} {
		found := 0
		for _, name := range files(t, filepath.Join(dir, folder), "*") {
			var file struct {
				ValidationRules []struct {
					ID                  string
					LeftSide, RightSide side
				}
				Predictors []struct {
					ID                        string
					Generator, SampleSkipTest side
				}
			}
			if filepath.Base(name) == "datavalueset.json.gz" {
				continue // values, no rules
			}
			readJSON(t, name, &file)
			for _, r := range file.ValidationRules {
				out = append(out,
					source{r.ID + " left", indicator.InRule, r.LeftSide.Expression},
					source{r.ID + " right", indicator.InRule, r.RightSide.Expression})
			}
			for _, p := range file.Predictors {
				out = append(out,
					source{p.ID + " generator", indicator.InPredictor, p.Generator.Expression},
					source{p.ID + " skip test", indicator.InSkipTest, p.SampleSkipTest.Expression})
			}
			found += len(file.ValidationRules)
		}
		require.Positive(t, found, "validation rules in %s", folder)
	}
	return out
}

// sameTree ignores where in the text things stand.
var sameTree = cmpopts.IgnoreTypes(ast.Span{})

// TestRealExpressions holds every real expression: it is read, printed and read
// back to an equal tree, describes itself, lists what it needs, and computes
// with 1 for every item to the same number one by one and in columns.
func TestRealExpressions(t *testing.T) {
	catalog, err := hmis.NewCatalog(hmis.Metadata{})
	require.NoError(t, err)
	count := map[indicator.Use]int{}
	longest := 0
	for _, s := range realSources(t) {
		e, err := s.use.Parse(s.text)
		if err != nil {
			if reason := broken(err); reason != "" {
				t.Logf("%s: %s, which DHIS2 takes as 0: %v", s.name, reason, err)
				continue
			}
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		count[s.use]++
		longest = max(longest, len(s.text))
		printed := e.String()
		again, err := s.use.Parse(printed)
		if err != nil {
			t.Errorf("%s: %s: %v", s.name, printed, err)
			continue
		}
		if d := cmp.Diff(e.Root(), again.Root(), sameTree); d != "" {
			t.Errorf("%s: %s reads back differently: %s", s.name, printed, d)
		}
		if again.String() != printed {
			t.Errorf("%s: %s prints as %s", s.name, printed, again)
		}
		if s.text != "" && e.Describe(catalog) == "" {
			t.Errorf("%s: no description", s.name)
		}
		one := cells{}
		for i := range e.Items() {
			one[i] = indicator.Constant(indicator.Float(1))
		}
		if err := compareColumns(e, one, indicator.ColumnEnv{}, 2); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		if _, err := e.Eval(one.env(0, indicator.ColumnEnv{})); err != nil && !comparison(e) {
			t.Errorf("%s: %v", s.name, err)
		}
	}
	t.Logf("read: %v; the longest has %d bytes", count, longest)
}

// broken names what is known to be wrong with real expressions, or returns "".
func broken(err error) string {
	if e, ok := errors.AsType[*indicator.SyntaxError](err); ok {
		switch at := e.Source[e.Pos:]; {
		case strings.HasPrefix(at, ")") && strings.HasSuffix(strings.TrimSpace(e.Source[:e.Pos]), "("):
			return "parentheses whose items were deleted"
		case strings.HasPrefix(at, "#{}"):
			return "an item whose id was deleted"
		}
	}
	if e, ok := errors.AsType[*indicator.EvalError](err); ok && rateAsElement.MatchString(e.Source[e.Pos:e.End]) {
		return "a reporting rate written as a data element"
	}
	return ""
}

var rateAsElement = regexp.MustCompile(`^#\{\w{11}\.(REPORTING_RATE|ACTUAL_REPORTS|EXPECTED_REPORTS)(_ON_TIME)?\}$`)

// comparison reports whether the whole of an expression is true or false, which
// is an error in an indicator.
func comparison(e *indicator.Expr) bool {
	b, ok := e.Root().(*ast.Binary)
	return ok && strings.Contains("== != < > <= >=", b.Op)
}
