package quality_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// TestRuleScripts runs what health officers could have written: values, rules and
// predictors, and what comes of them. Each "load" begins anew.
//
//	RULES.md#required-comments, RULES.md#samples, RULES.md#prediction, RULES.md#stored-predictions
func TestRuleScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/rules-*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		s := ruleScript{t: t, file: file}
		for n, line := range strings.Split(string(text), "\n") {
			s.line(n+1, line)
		}
		s.finish()
	}
}

// A ruleScript is a script at work.
type ruleScript struct {
	t    testing.TB
	file string
	at   int // line of the command that is being answered

	values     []hmis.DataValue
	done       []hmis.Completion
	rules      []hmis.ValidationRule
	predictors []hmis.Predictor
	remarks    []hmis.DataValue
	options    string
	loading    bool
	country    *ruleCountry

	got, want []string
}

func (s *ruleScript) line(n int, line string) {
	line, _, _ = strings.Cut(line, "# ")
	if strings.TrimSpace(line) == "" {
		return
	}
	if strings.HasPrefix(line, "\t") {
		if s.loading {
			s.load(strings.Fields(line))
		} else {
			s.want = append(s.want, strings.Join(strings.Fields(line), " "))
		}
		return
	}
	s.finish()
	s.at, s.loading = n, false
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "load":
		*s = ruleScript{t: s.t, file: s.file, at: n, loading: true}
	case "rule":
		s.rules = append(s.rules, s.rule(rest))
	case "predictor":
		s.predictors = append(s.predictors, s.predictor(rest))
	case "options":
		s.options = rest
	case "run":
		s.validate(rest)
	case "form":
		s.form(strings.Fields(rest))
	case "predict":
		s.predict(rest)
	default:
		s.t.Fatalf("%s:%d: unknown command %q", s.file, n, word)
	}
}

// finish compares what the last command gave with what the script says.
func (s *ruleScript) finish() {
	if diff := cmp.Diff(s.want, s.got); diff != "" {
		s.t.Errorf("%s:%d: (-script +got)\n%s", s.file, s.at, diff)
	}
	s.want, s.got = nil, nil
}

// scriptID fills a name up to the length of an id.
func scriptID(name string) hmis.UID {
	if name == "default" {
		return "Default0000"
	}
	return hmis.UID(name + strings.Repeat("0", 11-len(name)))
}

func scriptName(id hmis.UID) string {
	if id == "Default0000" {
		return "default"
	}
	return strings.TrimRight(string(id), "0")
}

var braces = regexp.MustCompile(`([{(.])([A-Z][A-Za-z_]*\d?)\b`)

// scriptExpression gives the names within braces the form of ids.
func scriptExpression(text string) string {
	return braces.ReplaceAllStringFunc(strings.TrimSpace(text), func(m string) string {
		if rate := indicator.Rate(m[1:]); rate == "R" || rate == indicator.ReportingRate || rate == indicator.ReportingRateOnTime || rate == indicator.ActualReports {
			return m
		}
		return m[:1] + string(scriptID(m[1:]))
	})
}

// load reads one value: A.Male Clinic1 202401 5, perhaps with an attribute combo
// or a comment; or a completion: done Form Clinic1 202401 2024-02-10.
func (s *ruleScript) load(words []string) {
	if words[0] == "done" {
		at, err := period.ParseDate(words[4])
		require.NoError(s.t, err)
		s.done = append(s.done, hmis.Completion{
			DataSet: scriptID(words[1]), OrgUnit: scriptID(words[2]), Period: period.MustParse(words[3]), At: at.Time(time.UTC),
		})
		return
	}
	element, combo, _ := strings.Cut(words[0], ".")
	v := hmis.DataValue{Value: words[3]}
	v.DataElement, v.OrgUnit, v.Period = scriptID(element), scriptID(words[1]), period.MustParse(words[2])
	if combo != "" {
		v.OptionCombo = scriptID(combo)
	}
	if len(words) > 4 && words[4] == "comment" {
		v.Comment = strings.Join(words[5:], " ")
		s.remarks = append(s.remarks, v)
		if v.Value == "-" {
			return
		}
	} else if len(words) > 4 {
		v.AttributeCombo = scriptID(words[4])
	}
	s.values = append(s.values, v)
}

var scriptOperators = map[string]string{
	"==": "equal_to", "!=": "not_equal_to", ">": "greater_than", ">=": "greater_than_or_equal_to", "<": "less_than", "<=": "less_than_or_equal_to",
	"[Compulsory pair]": "compulsory_pair", "[Exclusive pair]": "exclusive_pair", "~~": "about",
}

var scriptStrategies = map[string]hmis.Missing{"any": hmis.SkipIfAnyMissing, "all": hmis.SkipIfAllMissing, "never": hmis.NeverSkip}

var scriptRule = regexp.MustCompile(`^(\w+) (\w+): (.*?) (==|!=|>=|<=|~~|>|<|\[\w+ pair\]) (.*?) \| (\w+) (\w+)( .*)?$`)

// rule reads "R1 Monthly: #{A} >= #{B} | any never level 3 notInForms".
func (s *ruleScript) rule(text string) hmis.ValidationRule {
	m := scriptRule.FindStringSubmatch(text)
	require.NotNil(s.t, m, "%s:%d: %s", s.file, s.at, text)
	typ, err := period.ParseType(m[2])
	require.NoError(s.t, err)
	rule := hmis.ValidationRule{
		ID: scriptID(m[1]), Period: typ, Operator: scriptOperators[m[4]],
		Left:       hmis.Expression{Text: scriptExpression(m[3]), Missing: scriptStrategies[m[6]]},
		Right:      hmis.Expression{Text: scriptExpression(m[5]), Missing: scriptStrategies[m[7]]},
		NotInForms: strings.Contains(m[8], "notInForms"),
	}
	if _, level, ok := strings.Cut(m[8], "level "); ok {
		n, err := strconv.Atoi(level)
		require.NoError(s.t, err)
		rule.Levels = []int{n}
	}
	return rule
}

var scriptPredictor = regexp.MustCompile(`^(\w+) (\w+) (\w+)(?:\.(\w+))?: (.*?) \| (\w+)(.*?)(?: unless (.*))?$`)

// predictor reads "P1 Monthly O: avg(#{A}) | all level 3 below samples 3 annual 1
// skip 0 unless #{A} > 5".
func (s *ruleScript) predictor(text string) hmis.Predictor {
	m := scriptPredictor.FindStringSubmatch(text)
	require.NotNil(s.t, m, "%s:%d: %s", s.file, s.at, text)
	typ, err := period.ParseType(m[2])
	require.NoError(s.t, err)
	p := hmis.Predictor{
		ID: scriptID(m[1]), Period: typ, Output: scriptID(m[3]),
		Generator: hmis.Expression{Text: scriptExpression(m[5]), Missing: scriptStrategies[m[6]]},
		SkipTest:  hmis.Expression{Text: scriptExpression(m[8]), Missing: hmis.NeverSkip},
	}
	if m[4] != "" {
		p.OutputOptionCombo = scriptID(m[4])
	}
	words := strings.Fields(m[7])
	for i := 0; i < len(words); i++ {
		if words[i] == "below" {
			p.Below = true
			continue
		}
		n, err := strconv.Atoi(words[i+1])
		require.NoError(s.t, err)
		switch words[i] {
		case "level":
			p.Levels = append(p.Levels, scriptID("Level"+words[i+1]))
		case "samples":
			p.Sequential = n
		case "annual":
			p.Annual = n
		case "skip":
			p.Skip = n
		default:
			s.t.Fatalf("%s:%d: unknown word %q", s.file, s.at, words[i])
		}
		i++
	}
	return p
}

// cube loads what the script has said, into a country with two clinics.
func (s *ruleScript) cube() *ruleCountry {
	if s.country == nil {
		s.country = newRuleCountry(s.t, scriptMetadata(), ruleStream(s.values), func(yield func(hmis.Completion, error) bool) {
			for _, c := range s.done {
				if !yield(c, nil) {
					return
				}
			}
		})
	}
	return s.country
}

func scriptMetadata() hmis.Metadata {
	id := scriptID
	md := hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{
			{ID: id("Country"), Name: "Country"}, {ID: id("District"), Name: "District", Parent: id("Country")},
			{ID: id("Clinic2"), Name: "Clinic2", Parent: id("District")}, {ID: id("Clinic1"), Name: "Clinic1", Parent: id("District")},
		},
		OrgUnitLevels:   []hmis.OrgUnitLevel{{ID: id("Level1"), Level: 1}, {ID: id("Level2"), Level: 2}, {ID: id("Level3"), Level: 3}},
		CategoryOptions: []hmis.CategoryOption{{ID: id("OptM")}, {ID: id("OptF")}, {ID: id("OptX")}, {ID: id("OptY")}, {ID: id("OptD")}},
		Categories: []hmis.Category{
			{ID: id("CatD"), Name: "default", Options: []hmis.UID{id("OptD")}},
			{ID: id("Sex"), Options: []hmis.UID{id("OptM"), id("OptF")}}, {ID: id("Project"), Options: []hmis.UID{id("OptX"), id("OptY")}},
		},
		CategoryCombos: []hmis.CategoryCombo{
			{ID: id("ComboD"), Name: "default", Categories: []hmis.UID{id("CatD")}},
			{ID: id("BySex"), Categories: []hmis.UID{id("Sex")}}, {ID: id("ByProject"), Categories: []hmis.UID{id("Project")}},
		},
		OptionCombos: []hmis.OptionCombo{
			{ID: id("default"), Name: "default", CategoryCombo: id("ComboD"), Options: []hmis.UID{id("OptD")}},
			{ID: id("Male"), Name: "male", CategoryCombo: id("BySex"), Options: []hmis.UID{id("OptM")}},
			{ID: id("Female"), Name: "female", CategoryCombo: id("BySex"), Options: []hmis.UID{id("OptF")}},
			{ID: id("ProjX"), Name: "X", CategoryCombo: id("ByProject"), Options: []hmis.UID{id("OptX")}},
			{ID: id("ProjY"), Name: "Y", CategoryCombo: id("ByProject"), Options: []hmis.UID{id("OptY")}},
		},
		Constants: []hmis.Constant{{ID: id("Two"), Value: decimal.NewFromInt(2)}},
		Groups: []hmis.Group{
			{Kind: hmis.KindOrgUnitGroup, ID: id("Rural"), Members: []hmis.UID{id("Clinic1")}},
			{Kind: hmis.KindDataElementGroup, ID: id("Both"), Members: []hmis.UID{id("A"), id("B")}},
		},
		DataSets: []hmis.DataSet{{
			ID: id("Form"), PeriodType: period.Monthly, ValueOrComment: true, TimelyDays: 15, OrgUnits: []hmis.UID{id("Clinic1"), id("Clinic2")},
			Elements: []hmis.DataSetElement{{DataElement: id("A")}, {DataElement: id("S")}},
		}},
	}
	for _, e := range []hmis.DataElement{
		{ID: "A"}, {ID: "B"}, {ID: "C"}, {ID: "O"}, {ID: "Keeps", ZeroIsData: true}, {ID: "Whole", ValueType: hmis.Integer},
		{ID: "S", CategoryCombo: id("BySex")}, {ID: "SO", CategoryCombo: id("BySex")}, {ID: "Open", ValueType: hmis.Boolean},
		{ID: "Remark", ValueType: hmis.Text}, {ID: "Where", ValueType: hmis.Coordinate},
		{ID: "Flag", ValueType: hmis.TrueOnly}, {ID: "Note", ValueType: hmis.Text},
	} {
		e.Name, e.ID = string(e.ID), id(string(e.ID))
		md.DataElements = append(md.DataElements, e)
	}
	return md
}

func (s *ruleScript) reject(ref hmis.Ref, err error) {
	text := err.Error()
	for _, word := range strings.FieldsFunc(text, func(r rune) bool {
		return r == ' ' || r == ',' || r == ':' || r == '{' || r == '}' || r == '(' || r == ')'
	}) {
		if len(word) == 11 && strings.HasSuffix(word, "0") {
			text = strings.ReplaceAll(text, word, scriptName(hmis.UID(word)))
		}
	}
	s.got = append(s.got, "rejected "+text)
}

// scope reads "202401 202402 at Clinic1": periods or two days, and org units.
func (s *ruleScript) scope(text string) quality.Scope {
	when, where, _ := strings.Cut(text, " at ")
	var scope quality.Scope
	for _, unit := range strings.Fields(where) {
		scope.OrgUnits = append(scope.OrgUnits, scriptID(unit))
	}
	for _, p := range strings.Fields(when) {
		if day, err := period.ParseDate(p); err == nil && strings.Contains(p, "-") {
			scope.From, scope.To = scope.To, day
			continue
		}
		scope.Periods = append(scope.Periods, period.MustParse(p))
	}
	return scope
}

func (s *ruleScript) validation() quality.Validation {
	v := quality.Validation{
		Rules: s.rules, Reject: s.reject, OwnItems: strings.Contains(s.options, "own"),
		UnitsOnly: strings.Contains(s.options, "alone"), TypeErrorsAsZero: strings.Contains(s.options, "zero"),
	}
	if _, n, ok := strings.Cut(s.options, "max "); ok {
		v.Max, _ = strconv.Atoi(strings.Fields(n)[0])
	}
	v.Warn = func(i hmis.Issue) {
		s.reject(i.Object, &i)
		s.got[len(s.got)-1] = strings.Replace(s.got[len(s.got)-1], "rejected", "doubtful", 1)
	}
	return v
}

func (s *ruleScript) validate(text string) {
	run, err := s.validation().Run(context.Background(), s.cube().cube, s.scope(text))
	require.NoError(s.t, err)
	s.violations(run)
	s.got = append(s.got, fmt.Sprintf("violated %d of %d", run.Violated, run.Evaluated))
}

func (s *ruleScript) violations(run *quality.ValidationRun) {
	for _, v := range run.Violations {
		row := fmt.Sprintln(scriptName(v.Rule), scriptName(v.OrgUnit), v.Period, scriptName(v.AttributeCombo), v.Left.Value, v.Operator, v.Right.Value)
		if strings.Contains(s.options, "details") {
			for _, side := range []quality.Side{v.Left, v.Right} {
				row += " ("
				for i, r := range side.Items {
					if i > 0 {
						row += ", "
					}
					row += r.Name + "=" + r.Value.String()
				}
				row += ")"
			}
		}
		s.got = append(s.got, strings.Join(strings.Fields(row), " "))
	}
}

func (s *ruleScript) form(words []string) {
	f := quality.Form{DataSet: scriptID(words[0]), OrgUnit: scriptID(words[1]), Period: period.MustParse(words[2]), Remarks: ruleStream(s.remarks)}
	if len(words) > 3 {
		f.AttributeCombo = scriptID(words[3])
	}
	run, err := s.validation().Form(context.Background(), s.cube().cube, f)
	if err != nil {
		s.got = append(s.got, "refused "+err.Error())
		return
	}
	s.violations(&run.ValidationRun)
	for _, k := range run.Unexplained {
		s.got = append(s.got, "blank "+scriptName(k.DataElement)+" "+scriptName(k.OptionCombo))
	}
}

func (s *ruleScript) predict(text string) {
	var counts []string
	p := quality.Prediction{
		Predictors: s.predictors, Reject: s.reject,
		Done: func(id hmis.UID, n quality.PredictionCounts) {
			counts = append(counts, fmt.Sprintf("%s inserted %d updated %d unchanged %d deleted %d", scriptName(id), n.Inserted, n.Updated, n.Unchanged, n.Deleted))
		},
	}
	var values []hmis.DataValue
	for v, err := range p.Values(context.Background(), s.cube().cube, s.scope(text)) {
		require.NoError(s.t, err)
		values = append(values, v)
		if v.Deleted {
			v.Value = "deleted"
		}
		s.got = append(s.got, fmt.Sprint(scriptName(v.DataElement), " ", scriptName(v.OrgUnit), " ", v.Period, " ",
			scriptName(v.OptionCombo), " ", scriptName(v.AttributeCombo), " ", v.Value))
	}
	if strings.Contains(s.options, "counts") {
		s.got = append(s.got, counts...)
	}
	with, err := s.country.cube.With(context.Background(), ruleStream(values), nil)
	require.NoError(s.t, err)
	if strings.Contains(s.options, "store") {
		s.country.cube = with
	}
	require.False(s.t, slices.ContainsFunc(values, func(v hmis.DataValue) bool { return v.Deleted != (v.Value == "") }))
}
