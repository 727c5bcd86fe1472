package indicator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// A vector is one case of testdata/vectors/expressions*.json. Fields for other
// questions follow those for expressions.
type vector struct {
	Name       string
	Expression string
	Mode       string
	DataType   string
	Items      map[string]any
	ValueTypes map[string]hmis.ValueType
	Samples    []map[string]any

	Days                 float64
	NamedValues          map[string]float64
	Constants            map[string]float64
	OrgUnitGroupCounts   map[string]float64
	OrgUnitTrue          []string
	MissingValueStrategy hmis.Missing
	Expected             any
	Server               json.RawMessage
	ErrorKind            string
	Tolerance            float64

	Target                 string
	Value                  any
	Decimals               *int
	SkipRounding           bool
	Numerator, Denominator string
	Factor                 int
	Annualized             bool
	Operator               string
	Left, Right            struct {
		Expression           string
		MissingValueStrategy hmis.Missing
	}
	ValueType         hmis.ValueType
	AggregationType   hmis.Aggregation
	ZeroIsSignificant bool
}

// want returns the field server, or the field expected if there is no other.
func (v *vector) want() any {
	if v.Server == nil {
		return v.Expected
	}
	var w any
	if err := json.Unmarshal(v.Server, &w); err != nil {
		return err
	}
	return w
}

func vectorFiles(t testing.TB) map[string][]vector {
	t.Helper()
	out := map[string][]vector{}
	for _, name := range testfile.Vectors(t, "expressions*") {
		var file struct{ Vectors []vector }
		testfile.JSON(t, name, &file)
		require.NotEmpty(t, file.Vectors, name)
		out[filepath.Base(name)] = file.Vectors
	}
	return out
}

// decode returns a value in the form of the vectors.
func decode(v any) indicator.Value {
	switch v := v.(type) {
	case nil:
		return indicator.Value{}
	case float64:
		return indicator.Float(v)
	case bool:
		return indicator.Truth(v)
	case string:
		return indicator.Text(v)
	case map[string]any:
		if s, ok := v["text"].(string); ok {
			return indicator.Text(s)
		}
		switch v["number"] {
		case "NaN":
			return indicator.Float(math.NaN())
		case "Infinity":
			return indicator.Float(math.Inf(1))
		case "-Infinity":
			return indicator.Float(math.Inf(-1))
		case "-0":
			return indicator.Float(math.Copysign(0, -1))
		}
	}
	panic(fmt.Sprintf("value %v in a vector", v))
}

// env returns the environment for the vector's expression.
func (v *vector) env() indicator.Env {
	from := func(items map[string]any) func(indicator.Item) indicator.Value {
		return func(i indicator.Item) indicator.Value {
			switch i.Kind {
			case indicator.ConstantItem:
				if c, ok := v.Constants[string(i.ID)]; ok {
					return indicator.Num(decimal.NewFromFloat(c))
				}
				return indicator.Value{}
			case indicator.OrgUnitGroupItem:
				return indicator.Float(v.OrgUnitGroupCounts[string(i.ID)])
			case indicator.DaysItem:
				return indicator.Float(v.Days)
			case indicator.PeriodInYearItem:
				return indicator.Float(v.NamedValues["periodInYear"])
			case indicator.YearlyPeriodsItem:
				return indicator.Float(v.NamedValues["yearlyPeriodCount"])
			case indicator.AncestorTest, indicator.GroupTest, indicator.DataSetTest, indicator.ProgramTest:
				test := strings.NewReplacer("(", ":", ")", "").Replace(i.String())
				for _, s := range v.OrgUnitTrue {
					if s == test {
						return indicator.Truth(true)
					}
				}
				return indicator.Truth(false)
			}
			return decode(items[i.String()])
		}
	}
	env := indicator.Env{
		Item: from(v.Items),
		Type: func(i indicator.Item) hmis.ValueType {
			if t, ok := v.ValueTypes[i.String()]; ok {
				return t
			}
			return v.ValueTypes[i.Plain().String()]
		},
		Missing:      v.MissingValueStrategy,
		SkipRounding: v.SkipRounding,
	}
	for _, s := range v.Samples {
		env.Samples = append(env.Samples, from(s))
	}
	switch v.DataType {
	case "BOOLEAN":
		env.Result = hmis.Boolean
	case "TEXT":
		env.Result = hmis.Text
	case "NUMERIC":
		env.Result = hmis.Number
	}
	return env
}

var useOf = map[string]indicator.Use{
	"indicator":           indicator.InIndicator,
	"validation-rule":     indicator.InRule,
	"predictor":           indicator.InPredictor,
	"predictor-skip-test": indicator.InSkipTest,
	"simple-test":         indicator.InTest,
}

// check runs a vector and returns an error if the answer is wrong.
func (v *vector) check() error {
	if use, ok := useOf[v.Mode]; ok {
		return v.checkExpression(use)
	}
	switch v.Mode {
	case "round":
		return v.checkRound()
	case "indicator-value":
		return v.checkFormula()
	case "violation":
		return v.checkRule()
	case "prediction-value":
		return v.checkPrediction()
	}
	return fmt.Errorf("unknown mode %q", v.Mode)
}

func (v *vector) checkExpression(use indicator.Use) error {
	got, err := indicator.Value{}, error(nil)
	e, err := use.Parse(v.Expression)
	if err == nil {
		got, err = e.Eval(v.env())
	}
	want := v.want()
	if want == "error" {
		if kind := kindOf(err); kind != v.ErrorKind {
			return fmt.Errorf("= %v, %v; want a %s error", got, err, v.ErrorKind)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("%v; want %v", err, want)
	}
	return v.same(got, want)
}

// kindOf returns the name that the vectors give an error.
func kindOf(err error) string {
	if _, ok := errors.AsType[*indicator.SyntaxError](err); ok {
		return "syntax"
	}
	if e, ok := errors.AsType[*indicator.EvalError](err); ok {
		if e.Abort {
			return "abort"
		}
		return "type"
	}
	return fmt.Sprint(err)
}

// same reports whether two values are equal. It allows the tolerance of the
// vector, and a last digit in functions that use logarithms.
func (v *vector) same(got indicator.Value, want any) error {
	w := decode(want)
	if got.Equal(w) {
		return nil
	}
	tolerance := v.Tolerance
	f, ok := got.Float64()
	g, ok2 := w.Float64()
	for _, name := range []string{"log", "stddev", "normDist"} {
		if strings.Contains(v.Expression, name) {
			tolerance = max(tolerance, 1e-12*math.Abs(g))
		}
	}
	if ok && ok2 && math.Abs(f-g) <= tolerance && tolerance > 0 {
		return nil
	}
	return fmt.Errorf("= %v, want %v", show(got), show(w))
}

func show(v indicator.Value) string {
	if v.IsMissing() {
		return "missing"
	}
	return v.String()
}

// checkRound checks rounding by a formula that divides the value by 1.
func (v *vector) checkRound() error {
	x := decode(v.Value)
	switch v.Target {
	case "data-value":
		if v.SkipRounding {
			return v.same(x.Round(10), v.want())
		}
		return v.same(x.Round(2), v.want())
	case "indicator":
		f := indicator.Formula{
			Numerator:   indicator.MustParse("#{fbfJHSPpUQD}"),
			Denominator: indicator.MustParse("1"),
			Decimals:    v.Decimals,
		}
		r, err := f.Eval(indicator.Env{
			Item:         func(indicator.Item) indicator.Value { return x },
			SkipRounding: v.SkipRounding,
		})
		if err != nil {
			return err
		}
		return v.same(r.Value, v.want())
	case "validation-side":
		return v.same(x.RoundSide(), v.want())
	}
	return fmt.Errorf("unknown target %q", v.Target)
}

// server returns env with Warn set, so that type errors give 0 as on a server
// (RULES.md#errors).
func (v *vector) server() indicator.Env {
	env := v.env()
	env.Warn = func(*indicator.EvalError) {}
	return env
}

func (v *vector) checkFormula() error {
	side := func(text string) *indicator.Expr {
		e, err := indicator.Parse(text)
		if err != nil {
			return indicator.MustParse("0")
		}
		return e
	}
	f := indicator.Formula{
		Numerator: side(v.Numerator), Denominator: side(v.Denominator),
		Factor: &v.Factor, Decimals: v.Decimals, Annualized: v.Annualized,
	}
	r, err := f.Eval(v.server())
	if err != nil {
		return err
	}
	if v.want() == nil {
		return v.same(r.Value, nil)
	}
	want := v.want().(map[string]any)
	for _, field := range []struct {
		name string
		got  indicator.Value
	}{
		{"raw", indicator.Float(r.Raw)}, {"value", r.Value}, {"numerator", r.Numerator}, {"denominator", r.Denominator},
		{"multiplier", indicator.Float(float64(r.Multiplier))}, {"divisor", indicator.Float(float64(r.Divisor))},
		{"factor", indicator.Float(r.Factor)},
	} {
		if err := v.same(field.got, want[field.name]); err != nil {
			return fmt.Errorf("%s %w", field.name, err)
		}
	}
	return nil
}

func (v *vector) checkRule() error {
	r, err := indicator.CompileRule(hmis.ValidationRule{
		Left:     hmis.Expression{Text: v.Left.Expression, Missing: v.Left.MissingValueStrategy},
		Right:    hmis.Expression{Text: v.Right.Expression, Missing: v.Right.MissingValueStrategy},
		Operator: v.Operator,
	})
	if r == nil {
		return err
	}
	c, err := r.Eval(v.server())
	if err != nil {
		return err
	}
	want := v.want().(map[string]any)
	if c.Violated != want["violation"] {
		return fmt.Errorf("violated: %v, %v; want %v", show(c.Left), show(c.Right), want)
	}
	if !c.Violated {
		return nil
	}
	if err := v.same(c.Left.RoundSide(), want["left"]); err != nil {
		return err
	}
	return v.same(c.Right.RoundSide(), want["right"])
}

func (v *vector) checkPrediction() error {
	output := hmis.DataElement{ValueType: v.ValueType, Aggregation: v.AggregationType, ZeroIsData: v.ZeroIsSignificant}
	text, stored := indicator.Prediction(decode(v.Value), output, v.MissingValueStrategy)
	want, ok := v.want().(string)
	if stored != ok || stored && text != want {
		return fmt.Errorf("= %q, %v; want %v", text, stored, v.want())
	}
	return nil
}

func TestVectors(t *testing.T) {
	for name, vectors := range vectorFiles(t) {
		counted := tally.Of(t, name)
		for i := range vectors {
			v := &vectors[i]
			err := v.check()
			counted.Check(err == nil, "%s: %s %s: %v", v.Name, v.Mode, v.Expression, err)
		}
		counted.Done()
	}
}
