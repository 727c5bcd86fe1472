package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// benchRules is how many validation rules are compared.
const benchRules = 200

// A ruleCase is a validation rule with its condition in SQL. In SQL, a and b
// are sums of thousandths that are NULL without a value.
type ruleCase struct {
	left, operator, right string
	missing               [2]hmis.Missing
	violated              string
}

var ruleCases = []ruleCase{
	{"#{a}", "less_than_or_equal_to", "#{b}", [2]hmis.Missing{hmis.SkipIfAnyMissing, hmis.SkipIfAnyMissing}, "a > b"},
	{
		"#{a} + #{b}", "greater_than_or_equal_to", "#{c}", [2]hmis.Missing{hmis.SkipIfAllMissing, hmis.NeverSkip},
		"coalesce(a, b) IS NOT NULL AND coalesce(a, 0) + coalesce(b, 0) < coalesce(c, 0)",
	},
	{"#{a}", "compulsory_pair", "#{b}", [2]hmis.Missing{hmis.SkipIfAllMissing, hmis.SkipIfAllMissing}, "(a IS NULL) <> (b IS NULL)"},
	{"#{a}", "less_than_or_equal_to", "#{b} * 1.1", [2]hmis.Missing{hmis.SkipIfAnyMissing, hmis.SkipIfAnyMissing}, "a * 10 > b * 11"},
	{
		"#{a} - #{b}", "equal_to", "#{c} + #{d}", [2]hmis.Missing{hmis.NeverSkip, hmis.NeverSkip},
		"coalesce(a, 0) - coalesce(b, 0) <> coalesce(c, 0) + coalesce(d, 0)",
	},
}

// ruleElements returns the elements that rule i reads. They are mostly of one
// form, as in real rules.
func ruleElements(i int) [4]int {
	var e [4]int
	for k := range e {
		e[k] = (i*13 + k*workload.Sets) % workload.Elements
	}
	return e
}

// measureRules compares 200 validation rules at all facilities over 12 months.
// It counts comparisons per second. This library also finds the values behind
// the first 500 violations.
func measureRules(ctx context.Context, o options, w *workload.World) ([]*table, error) {
	fmt.Fprintln(os.Stderr, "rules ...")
	t := &table{title: "million comparisons/s", columns: []string{"rules"}}
	for _, workers := range []int{0, 1} {
		e, err := ourRules(ctx, w, workers)
		if err != nil {
			return nil, err
		}
		name := oursName
		if workers == 1 {
			name += ", 1 processor"
		}
		t.subjects = append(t.subjects, line{name, []entry{e}})
	}
	if o.wants("DuckDB") {
		wide, joined, err := duckRules(ctx, w)
		if err != nil {
			return nil, fmt.Errorf("DuckDB: %w", err)
		}
		t.subjects = append(t.subjects, line{"DuckDB, joins", []entry{joined}}, line{"DuckDB, elements as columns", []entry{wide}})
	}
	return []*table{t}, nil
}

// A ruleAnswer has the counts on which all subjects must agree.
type ruleAnswer struct{ evaluated, violated int }

// perSecond runs do several times and returns its speed. The first run does not
// count.
func perSecond(do func() (ruleAnswer, error)) (entry, error) {
	answer, err := do()
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
	return entry{number: float64(answer.evaluated) / 1e6 / median(times).Seconds(), answer: answer}, nil
}

func ourRules(ctx context.Context, w *workload.World, workers int) (entry, error) {
	o := &ours{}
	if err := o.load(ctx, w); err != nil {
		return entry{}, err
	}
	defer o.close()
	v := quality.Validation{Workers: workers}
	for i := range benchRules {
		c, elements := ruleCases[i%len(ruleCases)], ruleElements(i)
		text := func(side string) string {
			for k, letter := range []string{"a", "b", "c", "d"} {
				side = strings.ReplaceAll(side, "#{"+letter+"}", "#{"+string(w.Elements[elements[k]].ID)+"}")
			}
			return side
		}
		v.Rules = append(v.Rules, hmis.ValidationRule{
			ID: hmis.UID(fmt.Sprintf("r%010d", i)), Operator: c.operator, Period: period.Monthly,
			Left:  hmis.Expression{Text: text(c.left), Missing: c.missing[0]},
			Right: hmis.Expression{Text: text(c.right), Missing: c.missing[1]},
		})
	}
	s := quality.Scope{Periods: w.Periods[workload.Months-12:]}
	return perSecond(func() (ruleAnswer, error) {
		run, err := v.Run(ctx, o.cube, s)
		if err != nil {
			return ruleAnswer{}, err
		}
		return ruleAnswer{run.Evaluated, run.Violated}, nil
	})
}

// duckRules returns one query for all rules in two forms that an expert would
// try. The wide form has elements as columns and a row for each month, facility
// and attribute option combo. The other joins a table of rules with the values
// that each rule reads.
func duckRules(ctx context.Context, w *workload.World) (wide, joined entry, err error) {
	db, err := openDuck(ctx)
	if err != nil {
		return wide, joined, err
	}
	defer db.Close()
	if err := fillRules(ctx, db, w); err != nil {
		return wide, joined, err
	}
	ask := func(query string) func() (ruleAnswer, error) {
		return func() (ruleAnswer, error) { return askRules(ctx, db, query) }
	}
	if joined, err = perSecond(ask(joinedRules())); err == nil {
		wide, err = perSecond(ask(wideRules()))
	}
	return wide, joined, err
}

// fillRules creates a table of values, zeros included, and a table of rules.
func fillRules(ctx context.Context, db *sql.DB, w *workload.World) error {
	for _, s := range []string{
		"CREATE TABLE arrived (element SMALLINT, month SMALLINT, unit SMALLINT, attr SMALLINT, value INTEGER)",
		"CREATE TABLE rules (kind TINYINT, a SMALLINT, b SMALLINT, c SMALLINT, d SMALLINT)",
	} {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	err := appendDuck(ctx, db, "arrived", func(add func(...driver.Value) error) error {
		for r := range w.Rows() {
			if err := add(int16(r.Element), int16(r.Month), int16(w.Pos[r.Unit]), int16(r.Attr), r.Thousandths()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = appendDuck(ctx, db, "rules", func(add func(...driver.Value) error) error {
		for i := range benchRules {
			c, e := ruleCases[i%len(ruleCases)], ruleElements(i)
			row := []driver.Value{int8(i % len(ruleCases))}
			for k, letter := range []string{"a", "b", "c", "d"} {
				if !strings.Contains(c.left+c.right, "#{"+letter+"}") {
					row = append(row, nil)
					continue
				}
				row = append(row, int16(e[k]))
			}
			if err := add(row...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return settle(ctx, db, "fact", "month, unit, attr")
}

func askRules(ctx context.Context, db *sql.DB, query string) (ruleAnswer, error) {
	var a ruleAnswer
	err := db.QueryRowContext(ctx, query).Scan(&a.evaluated, &a.violated)
	return a, err
}

// joinedRules returns SQL that joins each cell with each rule, and both with up
// to four values.
func joinedRules() string {
	var kinds strings.Builder
	for i, c := range ruleCases {
		violated := " " + c.violated + " "
		for _, letter := range []string{"a", "b", "c", "d"} {
			violated = replaceName(violated, letter, letter+".v")
		}
		fmt.Fprintf(&kinds, " WHEN %d THEN%s", i, violated)
	}
	joins := ""
	for _, letter := range []string{"a", "b", "c", "d"} {
		joins += fmt.Sprintf(" LEFT JOIN sums %[1]s ON %[1]s.month = cells.month AND %[1]s.unit = cells.unit AND %[1]s.attr = cells.attr AND %[1]s.element = rules.%[1]s", letter)
	}
	return fmt.Sprintf("WITH sums AS (SELECT month, unit, attr, element, sum(value) AS v FROM fact WHERE month >= %d "+
		"AND element IN (SELECT unnest([a, b, c, d]) FROM rules) GROUP BY month, unit, attr, element), "+
		"cells AS (SELECT DISTINCT month, unit, attr FROM sums) "+
		"SELECT count(*), count(*) FILTER (CASE kind%s END) FROM cells CROSS JOIN rules%s", workload.Months-12, kinds.String(), joins)
}

// replaceName replaces a letter by a name wherever the letter is a word of its
// own.
func replaceName(expression, letter, name string) string {
	for _, before := range []string{" ", "("} {
		for _, after := range []string{" ", ",", ")"} {
			expression = strings.ReplaceAll(expression, before+letter+after, before+name+after)
		}
	}
	return expression
}

// wideRules returns SQL that turns elements into columns and counts.
func wideRules() string {
	read := map[int]bool{}
	var columns, counts []string
	for i := range benchRules {
		c, elements := ruleCases[i%len(ruleCases)], ruleElements(i)
		violated := " " + c.violated + " "
		for k, letter := range []string{"a", "b", "c", "d"} {
			e := elements[k]
			if !strings.Contains(c.left+c.right, "#{"+letter+"}") {
				continue
			}
			if !read[e] {
				read[e] = true
				columns = append(columns, fmt.Sprintf("sum(value) FILTER (element = %d) AS e%d", e, e))
			}
			violated = replaceName(violated, letter, fmt.Sprintf("e%d", e))
		}
		counts = append(counts, "count(*) FILTER ("+violated+")")
	}
	var ids []string
	for e := range workload.Elements {
		if read[e] {
			ids = append(ids, fmt.Sprint(e))
		}
	}
	return "WITH wide AS (SELECT month, unit, attr, " + strings.Join(columns, ", ") + " FROM fact WHERE month >= " +
		fmt.Sprint(workload.Months-12) + " AND element IN (" + strings.Join(ids, ", ") + ") GROUP BY month, unit, attr) " +
		"SELECT count(*) * " + fmt.Sprint(benchRules) + ", " + strings.Join(counts, " + ") + " FROM wide"
}
