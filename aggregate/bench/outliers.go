package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
)

// outlierThreshold is a threshold that no score equals, so that rounding errors
// of doubles do not decide.
const outlierThreshold = 3.1

// farthest is the number of outliers that are asked for. The answer is the sum
// of their distances.
const farthest = 500

// The window in which a value is compared with its series.
const ofSeries = " OVER (PARTITION BY element, combo, attr, unit)"

// An outlierCase is a score with two forms in SQL: window functions, and groups
// that are joined with the values.
type outlierCase struct {
	name            string
	score           quality.Score
	windows, groups string
}

var outlierCases = []outlierCase{
	{
		"z-score", quality.ZScore,
		"SELECT d FROM (SELECT abs(value - avg(value)" + ofSeries + ") AS d, stddev_pop(value)" + ofSeries + " AS s FROM series) WHERE s > 0 AND d / s >= ?",
		"WITH g AS (SELECT element, combo, attr, unit, avg(value) AS m, stddev_pop(value) AS s FROM series GROUP BY ALL) " +
			"SELECT abs(value - m) AS d FROM series JOIN g USING (element, combo, attr, unit) WHERE s > 0 AND abs(value - m) / s >= ?",
	},
	{
		"modified", quality.ModifiedZ,
		"SELECT d FROM (SELECT d, median(d)" + ofSeries + " AS mad FROM (SELECT element, combo, attr, unit, abs(value - median(value)" + ofSeries +
			") AS d FROM series)) WHERE mad > 0 AND 0.6745 * d / mad >= ?",
		"WITH g AS (SELECT element, combo, attr, unit, median(value) AS m, mad(value) AS s FROM series GROUP BY ALL) " +
			"SELECT abs(value - m) AS d FROM series JOIN g USING (element, combo, attr, unit) WHERE s > 0 AND 0.6745 * abs(value - m) / s >= ?",
	},
}

// measureOutliers compares every value of the country with the other values of
// its series.
func measureOutliers(ctx context.Context, o options, w *workload.World) ([]*table, error) {
	fmt.Fprintln(os.Stderr, "outliers ...")
	t := &table{title: "million values/s"}
	for _, c := range outlierCases {
		t.columns = append(t.columns, c.name)
	}
	engine := &ours{}
	if err := engine.load(ctx, w); err != nil {
		return nil, err
	}
	for _, workers := range []int{0, 1} {
		l := line{subject: oursName}
		if workers == 1 {
			l.subject += ", 1 processor"
		}
		for _, c := range outlierCases {
			method := quality.Method{Score: c.score, Threshold: outlierThreshold, Max: farthest, Workers: workers}
			e, err := valuesPerSecond(engine.cube.Len(), func() (int, error) {
				list, err := quality.Outliers(ctx, engine.cube, method, quality.Scope{})
				sum := 0.0
				for i := range list {
					sum += list[i].Distance
				}
				return int(math.Round(sum)), err
			})
			if err != nil {
				return nil, err
			}
			l.entries = append(l.entries, e)
		}
		t.subjects = append(t.subjects, l)
	}
	if err := engine.close(); err != nil {
		return nil, err
	}
	if o.wants("DuckDB") {
		lines, err := duckOutliers(ctx, w)
		if err != nil {
			return nil, fmt.Errorf("DuckDB: %w", err)
		}
		t.subjects = append(t.subjects, lines...)
	}
	return []*table{t}, nil
}

// valuesPerSecond runs do several times and returns its speed. The first run
// does not count.
func valuesPerSecond(values int, do func() (int, error)) (entry, error) {
	found, err := do()
	if err != nil {
		return entry{}, err
	}
	var times []time.Duration
	for start := time.Now(); len(times) < maxRuns && (len(times) < 2 || time.Since(start) < enough); {
		before := time.Now()
		if _, err := do(); err != nil {
			return entry{}, err
		}
		times = append(times, time.Since(before))
	}
	return entry{number: float64(values) / 1e6 / median(times).Seconds(), answer: found}, nil
}

// duckOutliers returns both forms for DuckDB, on a table that is sorted by
// series.
func duckOutliers(ctx context.Context, w *workload.World) ([]line, error) {
	db, err := openDuck(ctx)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	values, err := fillSeries(ctx, db, w)
	if err != nil {
		return nil, err
	}
	lines := []line{{subject: "DuckDB, windows"}, {subject: "DuckDB, groups joined"}}
	for _, c := range outlierCases {
		for i, query := range []string{c.windows, c.groups} {
			e, err := valuesPerSecond(values, func() (found int, err error) {
				query := fmt.Sprintf("SELECT CAST(round(sum(d)) AS BIGINT) FROM (%s ORDER BY d DESC LIMIT %d)", query, farthest)
				err = db.QueryRowContext(ctx, query, outlierThreshold).Scan(&found)
				return found, err
			})
			if err != nil {
				return nil, err
			}
			lines[i].entries = append(lines[i].entries, e)
		}
	}
	return lines, nil
}

func fillSeries(ctx context.Context, db *sql.DB, w *workload.World) (values int, err error) {
	const columns = "(element SMALLINT, combo SMALLINT, attr SMALLINT, unit SMALLINT, month SMALLINT, value DOUBLE)"
	if _, err := db.ExecContext(ctx, "CREATE TABLE arrived "+columns); err != nil {
		return 0, err
	}
	if err := appendDuck(ctx, db, "arrived", func(add func(...driver.Value) error) error {
		for r := range w.Rows() {
			values++
			if err := add(int16(r.Element), int16(r.Combo), int16(r.Attr), int16(w.Pos[r.Unit]), int16(r.Month), float64(r.Thousandths())/1000); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return 0, err
	}
	return values, settle(ctx, db, "series", "element, combo, attr, unit, month")
}
