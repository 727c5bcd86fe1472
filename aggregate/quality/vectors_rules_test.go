package quality_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// ruleOps answer vectors about rules and predictors, and return how the answer
// differs from the one wanted, or "".
var ruleOps = map[string]func(testing.TB, vector) string{
	"validation_compare":  compareVector,
	"validation_run":      runVector,
	"predictor_samples":   samplesVector,
	"predictor_threshold": thresholdVector,
}

// serverRuleOps answer those asked of a running server.
var serverRuleOps = map[string]func(testing.TB, vector) string{
	"validation_run":  serverRunVector,
	"validation_form": serverFormVector,
	"predict":         serverPredictVector,
}

// A ruleCountry is metadata with the values that rules and predictors read.
type ruleCountry struct {
	md      hmis.Metadata
	catalog *hmis.Catalog
	tree    *orgunit.Tree
	cube    *aggregate.Cube
}

func newRuleCountry(t testing.TB, md hmis.Metadata, values iter.Seq2[hmis.DataValue, error], done iter.Seq2[hmis.Completion, error]) *ruleCountry {
	t.Helper()
	c := &ruleCountry{md: md}
	var err error
	c.catalog, err = hmis.NewCatalog(md)
	require.NoError(t, err)
	c.tree, err = orgunit.NewTree(md.OrgUnits, md.Groups...)
	require.NoError(t, err)
	loader := aggregate.Loader{Catalog: c.catalog, Tree: c.tree, Completions: done, Reject: func(hmis.DataValue, error) {}}
	c.cube, err = loader.Load(context.Background(), values)
	require.NoError(t, err)
	return c
}

var ruleCountryOnce struct {
	sync.Mutex
	country *ruleCountry
}

func syntheticCountry(t testing.TB) *ruleCountry {
	t.Helper()
	ruleCountryOnce.Lock()
	defer ruleCountryOnce.Unlock()
	if ruleCountryOnce.country == nil {
		open := func(name string) string { return testfile.Input(t, "server/synthetic-"+name) }
		md, err := dhis2.ReadMetadata(testfile.Open(t, open("metadata.json.gz")))
		require.NoError(t, err)
		values := dhis2.Format{CSV: true}.Read(testfile.Open(t, open("dataValues.csv.gz")), nil)
		done := dhis2.ReadCompletions(testfile.Open(t, open("completions.json.gz")))
		ruleCountryOnce.country = newRuleCountry(t, md, values, done)
	}
	return ruleCountryOnce.country
}

func compareVector(t testing.TB, v vector) string {
	var in struct {
		Operator                  string
		Left, Right               *float64
		LeftMissing, RightMissing hmis.Missing
	}
	var out struct{ Violation bool }
	require.NoError(t, json.Unmarshal(v.In, &in))
	require.NoError(t, json.Unmarshal(v.Out, &out))
	rule, err := indicator.CompileRule(hmis.ValidationRule{
		Operator: in.Operator, Left: hmis.Expression{Missing: in.LeftMissing}, Right: hmis.Expression{Missing: in.RightMissing},
	})
	require.NoError(t, err)
	side := func(f *float64) indicator.Value {
		if f == nil {
			return indicator.Value{}
		}
		return indicator.Float(*f)
	}
	if got := rule.Compare(side(in.Left), side(in.Right)).Violated; got != out.Violation {
		return fmt.Sprintf("violated = %v, want %v", got, out.Violation)
	}
	return ""
}

// A ruleNaming gives the short ids of a vector the form of DHIS2, in the same
// order.
type ruleNaming struct{ to, back map[string]string }

var shortItem = regexp.MustCompile(`#\{([^}.]+)(?:\.([^}]+))?\}`)

func newRuleNaming(ids ...string) ruleNaming {
	n := ruleNaming{map[string]string{}, map[string]string{}}
	slices.Sort(ids)
	for i, id := range slices.Compact(ids) {
		long := fmt.Sprintf("A%010d", i)
		n.to[id], n.back[long] = long, id
	}
	return n
}

func (n ruleNaming) id(short string) hmis.UID { return hmis.UID(n.to[short]) }

func (n ruleNaming) expression(text string) string {
	return shortItem.ReplaceAllStringFunc(text, func(item string) string {
		m := shortItem.FindStringSubmatch(item)
		if m[2] == "" {
			return "#{" + n.to[m[1]] + "}"
		}
		return "#{" + n.to[m[1]] + "." + n.to[m[2]] + "}"
	})
}

type ruleVectorRun struct {
	Hierarchy []struct {
		ID     string
		Parent string
	}
	OrgUnit            string
	IncludeDescendants bool
	Periods            []string
	Rules              []struct {
		ID, Importance, PeriodType, Operator string
		Left, Right                          struct {
			Expression string
			Missing    hmis.Missing
		}
		Levels []int
	}
	Values []struct {
		De, Ou, Pe, Coc, Aoc, Value string
		Deleted                     bool
	}
	MaxResults int
	OwnItems   bool
}

func (in ruleVectorRun) naming() ruleNaming {
	ids := []string{"default"}
	for _, u := range in.Hierarchy {
		ids = append(ids, u.ID)
	}
	for _, r := range in.Rules {
		ids = append(ids, r.ID)
		for _, text := range []string{r.Left.Expression, r.Right.Expression} {
			for _, m := range shortItem.FindAllStringSubmatch(text, -1) {
				ids = append(ids, m[1])
				if m[2] != "" {
					ids = append(ids, m[2])
				}
			}
		}
	}
	for _, v := range in.Values {
		ids = append(ids, v.De, v.Coc, v.Aoc)
	}
	return newRuleNaming(slices.DeleteFunc(ids, func(s string) bool { return s == "" })...)
}

func (in ruleVectorRun) country(t testing.TB, n ruleNaming) (*ruleCountry, []hmis.ValidationRule) {
	md := hmis.Metadata{
		CategoryCombos: []hmis.CategoryCombo{{ID: "Combo000001", Name: "default"}},
	}
	for _, u := range in.Hierarchy {
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{ID: n.id(u.ID), Parent: n.id(u.Parent)})
	}
	seen := map[string]bool{}
	var values []hmis.DataValue
	combo := func(id string) hmis.UID {
		if id == "" {
			id = "default"
		}
		if !seen[id] {
			seen[id] = true
			name := id
			md.OptionCombos = append(md.OptionCombos, hmis.OptionCombo{ID: n.id(id), Name: name, CategoryCombo: "Combo000001"})
		}
		return n.id(id)
	}
	combo("default")
	for _, v := range in.Values {
		if !seen[v.De] {
			seen[v.De] = true
			md.DataElements = append(md.DataElements, hmis.DataElement{ID: n.id(v.De), Name: v.De})
		}
		values = append(values, hmis.DataValue{Value: v.Value, Deleted: v.Deleted, Key: hmis.Key{
			DataElement: n.id(v.De), OrgUnit: n.id(v.Ou), Period: period.MustParse(v.Pe),
			OptionCombo: combo(v.Coc), AttributeCombo: combo(v.Aoc),
		}})
	}
	var rules []hmis.ValidationRule
	for _, r := range in.Rules {
		typ, err := period.ParseType(r.PeriodType)
		require.NoError(t, err)
		rules = append(rules, hmis.ValidationRule{
			ID: n.id(r.ID), Importance: r.Importance, Operator: r.Operator, Period: typ, Levels: r.Levels,
			Left:  hmis.Expression{Text: n.expression(r.Left.Expression), Missing: r.Left.Missing},
			Right: hmis.Expression{Text: n.expression(r.Right.Expression), Missing: r.Right.Missing},
		})
	}
	return newRuleCountry(t, md, ruleStream(values), nil), rules
}

func ruleStream(values []hmis.DataValue) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func runVector(t testing.TB, v vector) string {
	var in ruleVectorRun
	var out struct {
		Evaluated, Violations int
		Results               []struct {
			Rule, Importance, Pe, Ou, Aoc, Operator string
			LeftValue, RightValue                   float64
		}
	}
	require.NoError(t, json.Unmarshal(v.In, &in))
	require.NoError(t, json.Unmarshal(v.Out, &out))
	n := in.naming()
	country, rules := in.country(t, n)
	s := quality.Scope{OrgUnits: []hmis.UID{n.id(in.OrgUnit)}}
	for _, p := range in.Periods {
		s.Periods = append(s.Periods, period.MustParse(p))
	}
	run, err := quality.Validation{Rules: rules, Max: in.MaxResults, UnitsOnly: !in.IncludeDescendants, OwnItems: in.OwnItems}.Run(t.Context(), country.cube, s)
	if err != nil {
		return err.Error()
	}
	if run.Evaluated != out.Evaluated || run.Violated != out.Violations {
		return fmt.Sprintf("%d violations of %d evaluations, want %d of %d", run.Violated, run.Evaluated, out.Violations, out.Evaluated)
	}
	var got, want []string
	for _, x := range run.Violations {
		left, _ := x.Left.Value.Float64()
		right, _ := x.Right.Value.Float64()
		got = append(got, fmt.Sprint(n.back[string(x.Rule)], x.Importance, x.Period, n.back[string(x.OrgUnit)], n.back[string(x.AttributeCombo)], left, x.Operator, right))
	}
	for _, x := range out.Results {
		want = append(want, fmt.Sprint(x.Rule, x.Importance, x.Pe, x.Ou, x.Aoc, x.LeftValue, x.Operator, x.RightValue))
	}
	return ruleDiff(want, got)
}

// ruleDiff says how two lists differ, or "".
func ruleDiff(want, got []string) string {
	if slices.Equal(want, got) {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d rows, want %d", len(got), len(want))
	shown := 0
	for _, list := range []struct {
		sign string
		of   []string
		in   []string
	}{{"missing", want, got}, {"too many", got, want}} {
		for _, row := range list.of {
			if !slices.Contains(list.in, row) && shown < 12 {
				fmt.Fprintf(&b, "\n%s: %s", list.sign, row)
				shown++
			}
		}
	}
	return b.String()
}

func serverRunVector(t testing.TB, v vector) string {
	var in struct {
		StartDate, EndDate, OrgUnit string
		IncludeDescendants          bool
		Rules                       []hmis.UID
		MaxResults                  int
	}
	require.NoError(t, json.Unmarshal(v.In, &in))
	country := syntheticCountry(t)
	var rules []hmis.ValidationRule
	for _, id := range in.Rules {
		rule, ok := hmis.Find[hmis.ValidationRule](country.catalog, id)
		require.True(t, ok, "no rule %s", id)
		rules = append(rules, rule)
	}
	s := quality.Scope{OrgUnits: []hmis.UID{hmis.UID(in.OrgUnit)}, From: ruleDay(t, in.StartDate), To: ruleDay(t, in.EndDate)}
	ask := quality.Validation{Rules: rules, Max: in.MaxResults, UnitsOnly: !in.IncludeDescendants}
	return ruleAnswer(t, v.Out, func(zero bool) (*quality.ValidationRun, error) {
		ask.TypeErrorsAsZero = zero
		ask.Reject = func(hmis.Ref, error) {}
		return ask.Run(t.Context(), country.cube, s)
	})
}

func serverFormVector(t testing.TB, v vector) string {
	var in struct{ DataSet, Period, OrgUnit, AttributeOptionCombo string }
	require.NoError(t, json.Unmarshal(v.In, &in))
	country := syntheticCountry(t)
	ask := quality.Validation{Rules: country.md.ValidationRules, Max: 20_000, Reject: func(hmis.Ref, error) {}}
	form := quality.Form{
		DataSet: hmis.UID(in.DataSet), OrgUnit: hmis.UID(in.OrgUnit), Period: period.MustParse(in.Period),
		AttributeCombo: hmis.UID(in.AttributeOptionCombo),
	}
	return ruleAnswer(t, v.Out, func(zero bool) (*quality.ValidationRun, error) {
		ask.TypeErrorsAsZero = zero
		run, err := ask.Form(t.Context(), country.cube, form)
		if err != nil {
			return nil, err
		}
		return &run.ValidationRun, nil
	})
}

func ruleDay(t testing.TB, text string) period.Date {
	t.Helper()
	d, err := period.ParseDate(text)
	require.NoError(t, err)
	return d
}

// ruleAnswer compares a run with the answer of the server, without and with type
// errors as zero.
func ruleAnswer(t testing.TB, out json.RawMessage, ask func(zero bool) (*quality.ValidationRun, error)) string {
	t.Helper()
	var want struct{ Results, TypeErrors [][]any }
	require.NoError(t, json.Unmarshal(out, &want))
	for _, zero := range []bool{false, true} {
		run, err := ask(zero)
		if err != nil {
			return err.Error()
		}
		rows := want.Results
		if zero {
			rows = slices.Concat(rows, want.TypeErrors)
		}
		var is, wanted []string
		for _, x := range run.Violations {
			left, _ := x.Left.Value.Float64()
			right, _ := x.Right.Value.Float64()
			is = append(is, ruleRow(string(x.Rule), x.Period.String(), string(x.OrgUnit), string(x.AttributeCombo), left, right))
		}
		for _, row := range rows {
			wanted = append(wanted, ruleRow(row...))
		}
		slices.Sort(is)
		slices.Sort(wanted)
		if diff := ruleDiff(wanted, is); diff != "" {
			return fmt.Sprintf("type errors as zero %v: %s", zero, diff)
		}
	}
	return ""
}

// ruleRow writes a violation with numbers to nine digits.
func ruleRow(row ...any) string {
	var b strings.Builder
	for _, x := range row {
		if f, ok := x.(float64); ok {
			x = fmt.Sprintf("%.9g", f+math.Copysign(0, 1))
		}
		fmt.Fprint(&b, x, " ")
	}
	return b.String()
}
