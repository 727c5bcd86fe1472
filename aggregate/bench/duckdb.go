package main

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
)

// duckExpert is DuckDB in the layout that an expert would choose for these
// questions: narrow integer codes, org units by their position in preorder,
// values in thousandths, sorted.
func duckExpert() *database {
	return &database{
		title: "DuckDB, expert layout", divide: "//", layout: expertLayout, few: fewExpert,
		open: openDuck, fill: fillDuck, bytes: duckBytes,
	}
}

// openDuck opens a database in memory. It uses one connection, because another
// connection would get a database of its own.
func openDuck(context.Context) (*sql.DB, error) {
	db, err := sql.Open("duckdb", "")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// fillDuck appends rows as they come and then sorts them, so that DuckDB's zone
// maps find elements and months.
func fillDuck(ctx context.Context, db *sql.DB, w *workload.World) error {
	const columns = "(element SMALLINT, month SMALLINT, unit SMALLINT, combo SMALLINT, attr SMALLINT, value INTEGER)"
	if _, err := db.ExecContext(ctx, "CREATE TABLE arrived "+columns); err != nil {
		return err
	}
	if err := appendDuck(ctx, db, "arrived", func(add func(...driver.Value) error) error {
		for r := range w.Rows() {
			if !w.Counts(r) {
				continue
			}
			if err := add(int16(r.Element), int16(r.Month), int16(w.Pos[r.Unit]), int16(r.Combo), int16(r.Attr), r.Thousandths()); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return settle(ctx, db, "fact", "element, month, unit")
}

// settle copies what arrived into a sorted and compressed table.
func settle(ctx context.Context, db *sql.DB, table, order string) error {
	for _, s := range []string{
		"CREATE TABLE " + table + " AS SELECT * FROM arrived ORDER BY " + order,
		"DROP TABLE arrived",
		"CHECKPOINT",
	} {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// appendDuck appends rows to a table with the driver's Appender, its fastest
// way.
func appendDuck(ctx context.Context, db *sql.DB, table string, rows func(add func(...driver.Value) error) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		a, err := duckdb.NewAppenderFromConn(c.(driver.Conn), "", table)
		if err != nil {
			return err
		}
		if err := rows(a.AppendRow); err != nil {
			a.Close()
			return err
		}
		return a.Close()
	})
}

// duckBytes returns the size of DuckDB's buffers, as DuckDB reports it.
func duckBytes(ctx context.Context, db *sql.DB) (int64, error) {
	var n int64
	err := db.QueryRowContext(ctx, "SELECT CAST(sum(memory_usage_bytes) AS BIGINT) FROM duckdb_memory()").Scan(&n)
	return n, err
}
