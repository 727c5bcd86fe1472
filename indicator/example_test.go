package indicator_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/indicator/ast"
)

func ExampleParse() {
	reported := map[hmis.UID]indicator.Value{
		"fbfJHSPpUQD": indicator.Float(45), // ANC 1st visits
		"WUg3MYWQ7pt": indicator.Float(60), // expected pregnancies
	}
	figures := func(i indicator.Item) indicator.Value { return reported[i.ID] } // missing if not there
	coverage, err := indicator.Parse("#{fbfJHSPpUQD} / #{WUg3MYWQ7pt} * 100")
	if err != nil {
		log.Fatal(err)
	}
	for item := range coverage.Items() {
		fmt.Println("needs", item)
	}
	v, err := coverage.Eval(indicator.Env{Item: figures})
	fmt.Println(v, err)
	// Output:
	// needs #{fbfJHSPpUQD}
	// needs #{WUg3MYWQ7pt}
	// 75 <nil>
}

// An error has its place, and Snippet shows it with a caret.
func ExampleSyntaxError_Snippet() {
	_, err := indicator.Parse("#{fbfJHSPpUQD} + avgg(1)")
	if bad, ok := errors.AsType[*indicator.SyntaxError](err); ok {
		fmt.Println(bad)
		fmt.Println(bad.Snippet())
	}
	// Output:
	// indicator: 1:18: unknown function avgg
	// #{fbfJHSPpUQD} + avgg(1)
	//                  ^^^^
}

// Missing is not zero: in a sum a missing item counts as 0, but if all items
// are missing, so is the sum.
func ExampleExpr_Eval_missing() {
	reported := map[hmis.UID]indicator.Value{
		"fbfJHSPpUQD": indicator.Float(45), // ANC 1st visits
		"WUg3MYWQ7pt": indicator.Float(60), // expected pregnancies
	}
	figures := func(i indicator.Item) indicator.Value { return reported[i.ID] } // missing if not there
	for _, text := range []string{
		"#{fbfJHSPpUQD} + #{notReported}",
		"#{notReported}",
		"if(isNull(#{notReported}), -1, #{notReported})",
	} {
		v, err := indicator.MustParse(text).Eval(indicator.Env{Item: figures})
		fmt.Printf("%q %v %v\n", v, v.IsMissing(), err)
	}
	// Output:
	// "45" false <nil>
	// "" true <nil>
	// "-1" false <nil>
}

// DHIS2 silently computes 0 for some errors. With Warn, Eval returns the same
// value, and the error is reported.
func ExampleEnv_warn() {
	reported := map[hmis.UID]indicator.Value{
		"fbfJHSPpUQD": indicator.Float(45), // ANC 1st visits
		"WUg3MYWQ7pt": indicator.Float(60), // expected pregnancies
	}
	figures := func(i indicator.Item) indicator.Value { return reported[i.ID] } // missing if not there
	e := indicator.MustParse("if(#{fbfJHSPpUQD} > 40, 'high', 0)")
	v, err := e.Eval(indicator.Env{
		Item: figures,
		Warn: func(err *indicator.EvalError) { fmt.Println("taken as 0:", err) },
	})
	fmt.Println(v, err)
	// Output:
	// taken as 0: indicator: 1:1: text "high" is no number
	// 0 <nil>
}

func ExampleExpr_Describe() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "fbfJHSPpUQD", Name: "ANC 1st visit"}, {ID: "WUg3MYWQ7pt", Name: "Expected pregnancies"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(indicator.MustParse("#{fbfJHSPpUQD} / #{WUg3MYWQ7pt}.yearToDate()").Describe(catalog))
	// Output: ANC 1st visit / Expected pregnancies.yearToDate()
}

// Columns hold whole numbers with one scale. A single call computes all cells.
func ExampleExpr_EvalColumns() {
	doses := indicator.MustParse("(#{firstDose00} + #{secondDose0}) * 0.5")
	out := make([]indicator.Value, 3)
	err := doses.EvalColumns(indicator.ColumnEnv{
		Item: func(i indicator.Item) indicator.Column {
			if i.ID == "firstDose00" {
				return indicator.Column{Coef: []int64{12, 40, 0}, Missing: []bool{false, false, true}}
			}
			return indicator.Column{Coef: []int64{75, 5, 0}, Scale: 1, Missing: []bool{false, false, true}} // the numbers 7.5 and 0.5, and a missing one
		},
	}, out)
	fmt.Printf("%q %v\n", out, err)
	// Output: ["9.75" "20.25" ""] <nil>
}

// A Formula is an indicator with its type's factor and its rounding.
func ExampleFormula_Eval() {
	reported := map[hmis.UID]indicator.Value{
		"fbfJHSPpUQD": indicator.Float(45), // ANC 1st visits
		"WUg3MYWQ7pt": indicator.Float(60), // expected pregnancies
	}
	figures := func(i indicator.Item) indicator.Value { return reported[i.ID] } // missing if not there
	perThousand, decimals := 1000, 1
	f := indicator.Formula{
		Numerator:   indicator.MustParse("#{fbfJHSPpUQD}"),
		Denominator: indicator.MustParse("#{WUg3MYWQ7pt} * 7"),
		Factor:      &perThousand,
		Decimals:    &decimals,
	}
	r, err := f.Eval(indicator.Env{Item: figures})
	fmt.Println(r.Value, "=", r.Numerator, "/", r.Denominator, "x", r.Factor, err)
	// Output: 107.1 = 45 / 420 x 1000 <nil>
}

func ExampleRule_Eval() {
	reported := map[hmis.UID]indicator.Value{
		"fbfJHSPpUQD": indicator.Float(45), // ANC 1st visits
		"WUg3MYWQ7pt": indicator.Float(60), // expected pregnancies
	}
	figures := func(i indicator.Item) indicator.Value { return reported[i.ID] } // missing if not there
	rule, err := indicator.CompileRule(hmis.ValidationRule{
		Operator: "less_than_or_equal_to",
		Left:     hmis.Expression{Text: "#{WUg3MYWQ7pt}"},
		Right:    hmis.Expression{Text: "#{fbfJHSPpUQD}"},
	})
	if err != nil {
		log.Fatal(err)
	}
	c, err := rule.Eval(indicator.Env{Item: figures})
	fmt.Println(c.Violated, c.Left, c.Right, err)
	// Output: true 60 45 <nil>
}

// A predictor reads earlier periods. This one gives two standard deviations
// above the mean of the last months.
func ExamplePrediction() {
	threshold, err := indicator.InPredictor.Parse("avg(#{malariacase}) + 2 * stddev(#{malariacase})")
	if err != nil {
		log.Fatal(err)
	}
	var months []func(indicator.Item) indicator.Value
	for _, cases := range []float64{5, 3, 8, 4} {
		months = append(months, func(indicator.Item) indicator.Value { return indicator.Float(cases) })
	}
	v, err := threshold.Eval(indicator.Env{Samples: months})
	text, stored := indicator.Prediction(v, hmis.DataElement{ValueType: hmis.Number}, hmis.SkipIfAllMissing)
	fmt.Println(v, text, stored, err)
	// Output: 9.320493798938575 9.32 true <nil>
}

// The tree can be searched, here for divisions.
func ExampleExpr_Root() {
	e := indicator.MustParse("#{fbfJHSPpUQD} / 12 + #{WUg3MYWQ7pt} / [days]")
	for n := range ast.Preorder(e.Root()) {
		if b, ok := n.(*ast.Binary); ok && b.Op == "/" {
			fmt.Println(e.Source()[b.Pos():b.End()])
		}
	}
	// Output:
	// #{fbfJHSPpUQD} / 12
	// #{WUg3MYWQ7pt} / [days]
}
