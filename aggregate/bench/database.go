package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
)

// A database is a subject that is asked in SQL.
type database struct {
	title  string
	divide string // the SQL operator that divides whole numbers and rounds down
	layout layout
	open   func(ctx context.Context) (*sql.DB, error)
	fill   func(ctx context.Context, db *sql.DB, w *workload.World) error
	bytes  func(ctx context.Context, db *sql.DB) (int64, error)

	// few returns the SQL for the sums that an indicator needs at one org unit:
	// element, month, thousandths.
	few func(w *workload.World, q question) string

	drop string // the statement that cleans up

	world *workload.World
	db    *sql.DB
}

func (x *database) name() string { return x.title }

func (x *database) load(ctx context.Context, w *workload.World) (err error) {
	x.world = w
	if x.db, err = x.open(ctx); err != nil {
		return err
	}
	if err := x.describe(ctx); err != nil {
		return err
	}
	return x.fill(ctx, x.db, w)
}

// describe makes the small tables: units, elements, indicators, months and
// periods.
func (x *database) describe(ctx context.Context) error {
	w := x.world
	if err := insert(ctx, x.db, "unit", "pos SMALLINT, id INTEGER, level SMALLINT, l2 INTEGER, l3 INTEGER, l4 INTEGER", len(w.Units), func(i int) []int {
		return []int{w.Pos[i], i, w.Level[i], w.Above(i, 2), w.Above(i, 3), w.Above(i, 4)}
	}); err != nil {
		return err
	}
	kinds := map[string]int{}
	for i, name := range aggregations {
		kinds[string(name)] = i
	}
	if err := insert(ctx, x.db, "element", "id SMALLINT, kind SMALLINT", len(w.Elements), func(i int) []int {
		return []int{i, kinds[string(w.Elements[i].Aggregation)]}
	}); err != nil {
		return err
	}
	if err := insert(ctx, x.db, "ind", "id SMALLINT, a SMALLINT, b SMALLINT", workload.Indicators, func(i int) []int {
		a, b := w.Indicator(i)
		return []int{i, a, b}
	}); err != nil {
		return err
	}
	list := periods(w)
	if err := insert(ctx, x.db, "period", "id SMALLINT, latest SMALLINT, days SMALLINT", len(list), func(i int) []int {
		return []int{i, lastMonth(i), list[i].Days()}
	}); err != nil {
		return err
	}
	// For each unit, parent has the units on all levels above it, and itself.
	_, err := x.db.ExecContext(ctx, `CREATE TABLE parent AS SELECT u.id, p.id AS above FROM unit u JOIN unit p
		ON p.level = u.level - 1 AND p.id = CASE u.level WHEN 5 THEN u.l4 WHEN 4 THEN u.l3 WHEN 3 THEN u.l2 ELSE 0 END`)
	return err
}

// insert creates a table of whole numbers and fills it.
func insert(ctx context.Context, db *sql.DB, table, columns string, n int, row func(i int) []int) error {
	if _, err := db.ExecContext(ctx, "CREATE TABLE "+table+" ("+columns+")"); err != nil {
		return err
	}
	for i := 0; i < n; {
		var b strings.Builder
		fmt.Fprintf(&b, "INSERT INTO %s VALUES ", table)
		for first := i; i < n && i < first+1000; i++ {
			if i > first {
				b.WriteByte(',')
			}
			for j, v := range row(i) {
				b.WriteByte("(,"[min(j, 1)])
				b.WriteString(strconv.Itoa(v))
			}
			b.WriteByte(')')
		}
		if _, err := db.ExecContext(ctx, b.String()); err != nil {
			return err
		}
	}
	return nil
}

func (x *database) ask(ctx context.Context, q question) (answer, error) {
	if q.one {
		return x.small(ctx, q)
	}
	cells, err := x.layout.cells(q.id)
	if err != nil {
		return answer{}, err
	}
	return x.sum(ctx, cells)
}

// small asks for one indicator at one org unit and reads the cells of the
// answer.
func (x *database) small(ctx context.Context, q question) (answer, error) {
	a, b := x.world.Indicator(q.indicators[0])
	rows, err := x.db.QueryContext(ctx, x.few(x.world, q))
	if err != nil {
		return answer{}, err
	}
	defer rows.Close()
	var num, den [workload.Months]struct {
		sum int64
		ok  bool
	}
	for rows.Next() {
		var element, month int
		var sum int64
		if err := rows.Scan(&element, &month, &sum); err != nil {
			return answer{}, err
		}
		if element == a {
			num[month].sum, num[month].ok = hundredths(sum, 1), true
		}
		if element == b {
			den[month].sum, den[month].ok = hundredths(sum, 1), true
		}
	}
	var out answer
	for m := range num {
		if num[m].ok && den[m].ok && den[m].sum != 0 {
			out.add(weight(q.indicators[0], q.unit, m), perThousand(num[m].sum, den[m].sum))
		}
	}
	return out, rows.Err()
}

// sum runs a query that makes cells (d, u, p, v), and lets the database sum them
// up, so that no row has to pass through the driver.
func (x *database) sum(ctx context.Context, query string) (answer, error) {
	// %% is replaced by the division operator.
	query = strings.ReplaceAll(query, "%%", x.divide)
	query = fmt.Sprintf(`%s SELECT count(*), CAST(sum(k) AS VARCHAR), CAST(sum(v) AS VARCHAR), CAST(sum(k*v) AS VARCHAR)
		FROM (SELECT CAST(d AS BIGINT)*%d + CAST(u AS BIGINT)*%d + CAST(p AS BIGINT)*%d + 1 AS k, v FROM cells) AS weighed`,
		query, dataWeight, unitWeight, periodWeight)
	var a answer
	var texts [3]string
	if err := x.db.QueryRowContext(ctx, query).Scan(&a.cells, &texts[0], &texts[1], &texts[2]); err != nil {
		return a, err
	}
	for i, to := range []*uint64{&a.keys, &a.values, &a.weighted} {
		n, ok := new(big.Int).SetString(texts[i], 10)
		if !ok {
			return a, fmt.Errorf("sum %q: want a whole number", texts[i])
		}
		*to = n.And(n, new(big.Int).SetUint64(^uint64(0))).Uint64()
	}
	return a, nil
}

func (x *database) size(ctx context.Context) (int64, error) { return x.bytes(ctx, x.db) }

func (x *database) close() error {
	var err error
	if x.drop != "" {
		_, err = x.db.Exec(x.drop)
	}
	return errors.Join(err, x.db.Close())
}

// fewExpert is the field few for the expert layout.
func fewExpert(w *workload.World, q question) string {
	a, b := w.Indicator(q.indicators[0])
	return fmt.Sprintf(`SELECT element, month, CAST(sum(value) AS BIGINT) FROM fact
		WHERE element IN (%d, %d) AND unit BETWEEN %d AND %d AND month BETWEEN %d AND %d GROUP BY 1, 2`,
		a, b, w.Pos[q.unit], w.End[q.unit]-1, q.months[0], q.months[len(q.months)-1])
}
