package main

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"os"
	"strconv"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// The question has 50 predictors. Each predicts the mean plus two standard
// deviations of the six months before, at each facility and in each of 36
// months.
const (
	benchPredictors = 50
	benchSamples    = 6
)

// measurePredictors measures predicted values per second.
func measurePredictors(ctx context.Context, o options, w *workload.World) ([]*table, error) {
	fmt.Fprintln(os.Stderr, "predictors ...")
	t := &table{title: "thousand predictions/s", columns: []string{"predictors"}}
	cube, predictors, err := predictorCube(ctx, w)
	if err != nil {
		return nil, err
	}
	for _, workers := range []int{0, 1} {
		check := true
		e, err := perSecond(func() (ruleAnswer, error) {
			a, err := askPredictors(ctx, cube, predictors, w, workers, check)
			check = false
			return a, err
		})
		if err != nil {
			return nil, err
		}
		name := oursName
		if workers == 1 {
			name += ", 1 processor"
		}
		t.subjects = append(t.subjects, line{name, []entry{thousands(e)}})
	}
	if !o.wants("DuckDB") {
		return []*table{t}, nil
	}
	db, err := openDuck(ctx)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := fillRules(ctx, db, w); err != nil {
		return nil, fmt.Errorf("DuckDB: %w", err)
	}
	e, err := perSecond(func() (ruleAnswer, error) { return askWindows(ctx, db) })
	if err != nil {
		return nil, fmt.Errorf("DuckDB: %w", err)
	}
	t.subjects = append(t.subjects, line{"DuckDB, windows", []entry{thousands(e)}})
	return []*table{t}, nil
}

func thousands(e entry) entry {
	e.number *= 1e3
	return e
}

// predictorCube loads the world with an output element for each predictor.
func predictorCube(ctx context.Context, w *workload.World) (*aggregate.Cube, []hmis.Predictor, error) {
	md := w.Metadata()
	md.OrgUnitLevels = []hmis.OrgUnitLevel{{ID: "Facility000", Level: 5}}
	var predictors []hmis.Predictor
	for i := range benchPredictors {
		output := hmis.UID(fmt.Sprintf("p%010d", i))
		md.DataElements = append(md.DataElements, hmis.DataElement{ID: output, ZeroIsData: true})
		input := w.Elements[predictorElement(i)].ID
		predictors = append(predictors, hmis.Predictor{
			ID: output, Output: output, Period: period.Monthly, Levels: []hmis.UID{"Facility000"}, Sequential: benchSamples,
			Generator: hmis.Expression{Text: fmt.Sprintf("avg(#{%[1]s}) + 2 * stddev(#{%[1]s})", input)},
		})
	}
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		return nil, nil, err
	}
	tree, err := orgunit.NewTree(w.Units)
	if err != nil {
		return nil, nil, err
	}
	l := aggregate.Loader{Catalog: catalog, Tree: tree}
	cube, err := l.LoadBatches(ctx, w.Batches(w.Rows(), batchSize))
	return cube, predictors, err
}

func predictorElement(i int) int { return i * workload.Elements / benchPredictors }

// checksum returns a sum that does not depend on the last digits of its terms.
func checksum(sum float64) int {
	if sum == 0 {
		return 0
	}
	return int(math.Round(sum / math.Pow(10, math.Floor(math.Log10(math.Abs(sum)))-4)))
}

// askPredictors reads all predictions. Only a check parses their texts, since
// other subjects answer with a sum of numbers.
func askPredictors(ctx context.Context, cube *aggregate.Cube, predictors []hmis.Predictor, w *workload.World, workers int, check bool) (ruleAnswer, error) {
	n, sum := 0, 0.0
	p := quality.Prediction{Predictors: predictors, Workers: workers}
	for v, err := range p.Values(ctx, cube, quality.Scope{Periods: w.Periods}) {
		if err != nil {
			return ruleAnswer{}, err
		}
		if n++; !check {
			continue
		}
		f, err := strconv.ParseFloat(v.Value, 64)
		if err != nil {
			return ruleAnswer{}, err
		}
		sum += f
	}
	return ruleAnswer{n, checksum(sum)}, nil
}

// askWindows computes the same predictions with a window over a grid of months,
// and rounds them as predictions are rounded.
func askWindows(ctx context.Context, db *sql.DB) (ruleAnswer, error) {
	elements := ""
	for i := range benchPredictors {
		if i > 0 {
			elements += ", "
		}
		elements += strconv.Itoa(predictorElement(i))
	}
	query := fmt.Sprintf(`
WITH sums AS (SELECT element, unit, attr, month, sum(value) / 1000.0 AS v FROM fact WHERE element IN (%s) GROUP BY ALL),
grid AS (SELECT * FROM (SELECT DISTINCT element, unit, attr FROM sums) CROSS JOIN (SELECT unnest(range(%d)) AS month)),
predicted AS (SELECT avg(v) OVER six + 2 * coalesce(stddev_samp(v) OVER six, 0) AS p
	FROM grid LEFT JOIN sums USING (element, unit, attr, month)
	WINDOW six AS (PARTITION BY element, unit, attr ORDER BY month ROWS BETWEEN %d PRECEDING AND 1 PRECEDING)),
rounded AS (SELECT CASE WHEN abs(p) <= 0.01 THEN 0 WHEN ceil(log10(abs(p))) >= 4 THEN floor(p + 0.5)
	ELSE floor(p * 10 ^ (4 - ceil(log10(abs(p)))) + 0.5) / 10 ^ (4 - ceil(log10(abs(p)))) END AS r FROM predicted WHERE p IS NOT NULL)
SELECT count(*), sum(r) FROM rounded`, elements, workload.Months, benchSamples)
	var n int
	var sum float64
	err := db.QueryRowContext(ctx, query).Scan(&n, &sum)
	return ruleAnswer{n, checksum(sum)}, err
}
