package indicator_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/indicator/ast"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/stretchr/testify/require"
)

// A source is the text of one real expression and where it comes from.
type source struct {
	name string
	use  indicator.Use
	text string
}

// realFiles returns every indicator, validation rule and predictor of the real
// data, by file.
func realFiles(t testing.TB) map[string][]source {
	out := map[string][]source{}
	add := func(file, name string, use indicator.Use, text string) {
		out[file] = append(out[file], source{name, use, text})
	}
	type formula struct{ ID, Numerator, Denominator string }
	addFormulas := func(file string, list []formula) {
		for _, i := range list {
			add(file, i.ID+" numerator", indicator.InIndicator, i.Numerator)
			add(file, i.ID+" denominator", indicator.InIndicator, i.Denominator)
		}
	}
	for _, name := range testfile.Data(t, "indicators-*.json*") {
		var list []formula
		testfile.JSON(t, name, &list)
		addFormulas(filepath.Base(name), list)
	}
	type side struct{ Expression string }
	for _, folder := range []string{"datim", "who", "sierra-leone"} {
		for _, name := range testfile.Data(t, folder+"/*.json", folder+"/*.json.gz") {
			if strings.Contains(strings.ToLower(name), "value") {
				continue // a file of values, without metadata
			}
			var md struct {
				Indicators      []formula
				ValidationRules []struct {
					ID                  string
					LeftSide, RightSide side
				}
				Predictors []struct {
					ID                        string
					Generator, SampleSkipTest side
				}
			}
			testfile.JSON(t, name, &md)
			file := folder + "/" + filepath.Base(name)
			addFormulas(file, md.Indicators)
			for _, r := range md.ValidationRules {
				add(file, r.ID+" left", indicator.InRule, r.LeftSide.Expression)
				add(file, r.ID+" right", indicator.InRule, r.RightSide.Expression)
			}
			for _, p := range md.Predictors {
				add(file, p.ID+" generator", indicator.InPredictor, p.Generator.Expression)
				add(file, p.ID+" skip test", indicator.InSkipTest, p.SampleSkipTest.Expression)
			}
		}
	}
	if len(out) == 0 {
		t.Fatalf("no indicators, rules or predictors in the real data")
	}
	return out
}

// sameTree compares trees without the places of their nodes.
var sameTree = cmpopts.IgnoreTypes(ast.Span{})

// TestRealExpressions checks every real expression. It must parse, print, and
// have a description and items. With 1 for every item it must give the same
// number one by one and in columns.
func TestRealExpressions(t *testing.T) {
	catalog, err := hmis.NewCatalog(hmis.Metadata{})
	require.NoError(t, err)
	for file, sources := range realFiles(t) {
		counted := tally.Of(t, file)
		for _, s := range sources {
			err := s.check(catalog)
			if reason := broken(err); reason != "" {
				t.Logf("%s: %s: %s, which DHIS2 takes as 0: %v", file, s.name, reason, err)
			} else if err != nil {
				counted.Fail("%s: %v", s.name, err)
				continue
			}
			counted.Pass()
		}
		counted.Done()
	}
}

// check returns an error if something is wrong with an expression.
func (s source) check(catalog *hmis.Catalog) error {
	e, err := s.use.Parse(s.text)
	if err != nil {
		return err
	}
	printed := e.String()
	again, err := s.use.Parse(printed)
	if err != nil {
		return fmt.Errorf("%s: %w", printed, err)
	}
	if d := cmp.Diff(e.Root(), again.Root(), sameTree); d != "" {
		return fmt.Errorf("%s reads back differently: %s", printed, d)
	}
	if again.String() != printed {
		return fmt.Errorf("%s prints as %s", printed, again)
	}
	if s.text != "" && e.Describe(catalog) == "" {
		return errors.New("no description")
	}
	one := cells{}
	for i := range e.Items() {
		one[i] = indicator.Constant(indicator.Float(1))
	}
	if err := compareColumns(e, one, indicator.ColumnEnv{}, 2); err != nil {
		return err
	}
	if _, err := e.Eval(one.env(0, indicator.ColumnEnv{})); err != nil && !comparison(e) {
		return err
	}
	return nil
}

// broken returns the known fault of a real expression, or "".
func broken(err error) string {
	if e, ok := errors.AsType[*indicator.SyntaxError](err); ok {
		switch at := e.Source[e.Pos:]; {
		case strings.HasPrefix(at, ")") && strings.HasSuffix(strings.TrimSpace(e.Source[:e.Pos]), "("):
			return "parentheses whose items were deleted"
		case strings.HasPrefix(at, "#{}"):
			return "an item whose id was deleted"
		case strings.Count(e.Source, "(") != strings.Count(e.Source, ")"):
			return "parentheses that do not balance"
		case e.Pos == len(e.Source) && strings.ContainsAny(e.Source[e.Pos-1:], "+-*/"):
			return "an operator at the end"
		}
	}
	if e, ok := errors.AsType[*indicator.EvalError](err); ok && rateAsElement.MatchString(e.Source[e.Pos:e.End]) {
		return "a reporting rate written as a data element"
	}
	return ""
}

var rateAsElement = regexp.MustCompile(`^#\{\w{11}\.(REPORTING_RATE|ACTUAL_REPORTS|EXPECTED_REPORTS)(_ON_TIME)?\}$`)

// comparison reports whether the whole expression is true or false, which is an
// error in an indicator.
func comparison(e *indicator.Expr) bool {
	switch n := e.Root().(type) {
	case *ast.Binary:
		return strings.Contains("== != < > <= >= && ||", n.Op)
	case *ast.Unary:
		return n.Op == "!"
	}
	return false
}
