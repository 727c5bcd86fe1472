package indicator_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/indicator/ast"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/stretchr/testify/require"
)

// seeds returns expressions of every kind.
func seeds(f *testing.F) []string {
	list := []string{
		"", "1", "#{fbfJHSPpUQD} / #{WUg3MYWQ7pt.pq2XI5kz2BY.*} * 100", "-2^-3^+2", "2020-1-1", "1and2 or not true", `'\ud83d\u00e9\n' == "it's"`,
		"if(isNull(#{fbfJHSPpUQD}), firstNonNull(null, 1), greatest(1, 2))", "is('a' in 'b', 1)", "count(distinct #{fbfJHSPpUQD})",
		"percentileCont(0.5, sum(#{fbfJHSPpUQD})) + normDistCum(1) % 3", "subExpression(if(#{fbfJHSPpUQD} > 1, 1, 0)).aggregationType(MAX)",
		"(#{fbfJHSPpUQD}.periodOffset(-1) + N{Uvn6LCg7dVU}).yearToDate().minDate(2020-1-1).maxDate(2021-12-31)",
		"R{BfMAe6Itzgt.REPORTING_RATE} + OUG{CXw2yu5fodb} + C{bCqvfPR02Im} + [days] * [periodInYear]", "orgUnit.group(oDkJh5Ddh7d, CXw2yu5fodb)",
		"#{deGroup:fbfJHSPpUQD.coGroup:pq2XI5kz2BY&PT59n8BQbqM}", "D{IpHINAT79UW.fbfJHSPpUQD} + A{IpHINAT79UW.cejWyOfXge6} + I{p2Zxg0wcPQ3}",
		"#{ variable name }", "V{event_date}", "d2:hasValue(PS_EVENTDATE:Zj7UnCAulEk) + d2:relationshipCount()", "1 /* note */ + #{/**/fbfJHSPpUQD}", "contains('a,b', 'b') && containsItems('a,b', 'b')", "1e309 * 5e-324", "log(0) + log10(1e300, 2)", "5 .periodOffset(1)",
	}
	for _, name := range testfile.Vectors(f, "expressions*") {
		var file struct{ Vectors []vector }
		testfile.JSON(f, name, &file)
		for i, v := range file.Vectors {
			if i%5 == 0 && v.Expression != "" {
				list = append(list, v.Expression)
			}
		}
	}
	return list
}

// FuzzParse checks that an expression which can be parsed prints as text that
// parses to an equal tree. It also checks descriptions and the places of parts.
// An error must have its place.
func FuzzParse(f *testing.F) {
	for i, s := range seeds(f) {
		f.Add(s, uint8(i))
	}
	catalog, err := hmis.NewCatalog(hmis.Metadata{})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, src string, use uint8) {
		u := indicator.Use(use % 5)
		e, err := u.Parse(src)
		if err != nil {
			checkPlace(t, src, err)
			return
		}
		printed := e.String()
		again, err := u.Parse(printed)
		require.NoError(t, err, printed)
		require.Empty(t, cmp.Diff(e.Root(), again.Root(), sameTree), printed)
		require.Equal(t, printed, again.String())
		require.Equal(t, slices.Collect(e.Items()), slices.Collect(again.Items()))
		require.Equal(t, slices.Collect(e.SampledItems()), slices.Collect(again.SampledItems()))
		if e.Describe(catalog) == "" && src != "" {
			t.Error("no description")
		}
		_ = e.Check(catalog)
		for i := range e.Items() {
			if i.Kind == indicator.SubExpressionItem {
				_, err := i.Inner()
				require.NoError(t, err)
			}
		}
		for n := range ast.Preorder(e.Root()) {
			if n.Pos() < 0 || n.Pos() >= n.End() || n.End() > len(src) {
				t.Errorf("%T at %d to %d of %q", n, n.Pos(), n.End(), src)
			}
		}
	})
}

// checkPlace checks that an error points into its source and has a caret.
func checkPlace(t *testing.T, src string, err error) {
	t.Helper()
	pos, end, snippet := 0, 0, ""
	if e, ok := errors.AsType[*indicator.SyntaxError](err); ok {
		pos, end, snippet = e.Pos, e.End, e.Snippet()
	} else if e, ok := errors.AsType[*indicator.EvalError](err); ok {
		pos, end, snippet = e.Pos, e.End, e.Snippet()
	} else {
		t.Fatalf("%q: %T", src, err)
	}
	if pos < 0 || pos > end || end > len(src) || !strings.Contains(snippet, "^") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%q: %v at %d to %d: %s", src, err, pos, end, snippet)
	}
}

// FuzzEval checks that evaluation never panics. It must give the same for the
// printed text, a second time, and in columns.
func FuzzEval(f *testing.F) {
	for i, s := range seeds(f) {
		f.Add(s, uint8(i), uint64(i))
	}
	f.Fuzz(func(t *testing.T, src string, how uint8, seed uint64) {
		u := indicator.Use(how % 5)
		e, err := u.Parse(src)
		if err != nil {
			return
		}
		g := generator{Rand: rand.New(rand.NewPCG(seed, 7))}
		const n = 5
		c := g.cells(e.Items(), n)
		env := indicator.ColumnEnv{
			Missing: strategies[g.IntN(4)],
			Result:  []hmis.ValueType{"", hmis.Number, hmis.Boolean, hmis.Text}[g.IntN(4)],
			Type: func(indicator.Item) hmis.ValueType {
				return []hmis.ValueType{hmis.Number, hmis.Boolean, hmis.Text, hmis.DateValue}[how%4]
			},
		}
		if err := compareColumns(e, c, env, n); err != nil {
			t.Error(err)
		}
		one := c.env(0, env)
		if len(slices.Collect(e.SampledItems())) > 0 {
			for cell := 1; cell < n; cell++ {
				one.Samples = append(one.Samples, c.env(cell, env).Item)
			}
		}
		v, err := e.Eval(one)
		if err != nil {
			checkPlace(t, src, err)
		}
		again, err2 := u.Parse(e.String())
		require.NoError(t, err2)
		w, err2 := again.Eval(one)
		if !v.Equal(w) || (err == nil) != (err2 == nil) {
			t.Errorf("%v, %v; as printed %v, %v", show(v), err, show(w), err2)
		}
	})
}

// FuzzForEach checks that a generator is plain, has all the parts of forEach,
// or is an error with its place.
func FuzzForEach(f *testing.F) {
	for _, s := range []string{"", "1 + 2", "forEach", "forEach ?de in :DEG:oDkJh5Ddh7d --> #{?de} + 1", "forEach\n?de in :DEG:short --> 1", "forEachOf ?de"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		g, err := indicator.ParseForEach(src)
		switch {
		case err != nil:
			checkPlace(t, src, err)
		case g.Name == "":
			require.Equal(t, src, g.Main)
		default:
			if g.Main == "" || g.Group == "" || !strings.HasSuffix(src, g.Main) {
				t.Errorf("%q: %#v", src, g)
			}
			_, _ = g.For("fbfJHSPpUQD")
		}
	})
}

// FuzzValue checks that a value from JSON or a database is written so that it
// reads back.
func FuzzValue(f *testing.F) {
	for _, s := range []string{"null", "true", `"a"`, `"NaN"`, "-0", "1e400", "0.1000", `"1.5"`, "[]", "1e-3000", "-Infinity"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var v, w indicator.Value
		if err := json.Unmarshal([]byte(s), &v); err == nil {
			text, err := json.Marshal(v)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &w))
			require.True(t, v.Equal(w), "%s became %s", s, text)
		}
		require.NoError(t, v.Scan(s))
		stored, err := v.Value()
		require.NoError(t, err)
		require.NoError(t, w.Scan(stored))
		require.True(t, v.Equal(w), "%q is stored as %v", s, stored)
	})
}
