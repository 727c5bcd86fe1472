package main

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
)

// postgres is PostgreSQL in the expert layout, with an index that answers small
// questions by itself.
func postgres(url string) *database {
	x := &database{
		title: "PostgreSQL, expert layout", divide: "/", layout: expertLayout, few: fewExpert,
		fill: fillPostgres, bytes: postgresBytes, drop: "DROP SCHEMA hmis_bench CASCADE",
	}
	x.open = func(ctx context.Context) (*sql.DB, error) {
		config, err := pgx.ParseConfig(url)
		if err != nil {
			return nil, err
		}
		config.RuntimeParams["search_path"] = "hmis_bench"
		db := stdlib.OpenDB(*config)
		if _, err := db.ExecContext(ctx, "DROP SCHEMA IF EXISTS hmis_bench CASCADE; CREATE SCHEMA hmis_bench"); err != nil {
			db.Close()
			return nil, err
		}
		return db, nil
	}
	return x
}

func fillPostgres(ctx context.Context, db *sql.DB, w *workload.World) error {
	const columns = "(element SMALLINT, month SMALLINT, unit SMALLINT, combo SMALLINT, attr SMALLINT, value INTEGER)"
	if _, err := db.ExecContext(ctx, "CREATE TABLE arrived "+columns); err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.Raw(func(c any) error {
		rows := newCopy(w)
		defer rows.stop()
		_, err := c.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{"arrived"},
			[]string{"element", "month", "unit", "combo", "attr", "value"}, rows)
		return err
	}); err != nil {
		return err
	}
	for _, s := range []string{
		"CREATE TABLE fact AS SELECT * FROM arrived ORDER BY element, unit, month",
		"DROP TABLE arrived",
		"CREATE INDEX ON fact (element, unit, month) INCLUDE (value)",
		"VACUUM ANALYZE",
	} {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// A copySource passes rows to the statement COPY.
type copySource struct {
	next func() (workload.Row, bool)
	stop func()
	w    *workload.World
	row  workload.Row
}

func newCopy(w *workload.World) *copySource {
	next, stop := iter.Pull(w.Rows())
	return &copySource{next: next, stop: stop, w: w}
}

func (c *copySource) Next() bool {
	for {
		row, ok := c.next()
		if !ok || c.w.Counts(row) {
			c.row = row
			return ok
		}
	}
}

func (c *copySource) Values() ([]any, error) {
	r := c.row
	return []any{int16(r.Element), int16(r.Month), int16(c.w.Pos[r.Unit]), int16(r.Combo), int16(r.Attr), r.Thousandths()}, nil
}

func (c *copySource) Err() error { return nil }

func postgresBytes(ctx context.Context, db *sql.DB) (int64, error) {
	var n int64
	err := db.QueryRowContext(ctx, "SELECT pg_total_relation_size('fact')").Scan(&n)
	return n, err
}
