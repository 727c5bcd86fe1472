package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/period"
)

// A database is an entry.Store in SQLite. Its statements are plain SQL, so that
// little must change for another database.
type database struct{ *sql.DB }

const schema = `
CREATE TABLE IF NOT EXISTS data_value (
	element TEXT, period TEXT, unit TEXT, combo TEXT, attribute TEXT,
	value TEXT NOT NULL, comment TEXT NOT NULL, follow_up BOOLEAN NOT NULL,
	PRIMARY KEY (element, period, unit, combo, attribute)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS completion (
	data_set TEXT, period TEXT, unit TEXT, attribute TEXT, at TEXT NOT NULL,
	PRIMARY KEY (data_set, period, unit, attribute)
) WITHOUT ROWID;`

// openDatabase opens a file and makes its tables. SQLite has one writer at a
// time, so one connection is enough. With synchronous=FULL committed data
// survives a loss of power.
func openDatabase(file string) (database, error) {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)")
	if err != nil {
		return database{}, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(schema); err != nil {
		db.Close()
		return database{}, err
	}
	return database{db}, nil
}

// Begin implements entry.Store.
func (db database) Begin(ctx context.Context) (entry.Tx, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	return change{tx}, nil
}

// A change holds the changes of one message.
type change struct{ tx *sql.Tx }

// columns returns the columns that identify a value.
func columns(k hmis.Key) []any {
	return []any{string(k.DataElement), k.Period.String(), string(k.OrgUnit), string(k.OptionCombo), string(k.AttributeCombo)}
}

// Stored implements entry.Tx with one query for all keys.
func (c change) Stored(ctx context.Context, keys []hmis.Key) (map[hmis.Key]hmis.DataValue, error) {
	args := make([]any, 0, 5*len(keys))
	for _, k := range keys {
		args = append(args, columns(k)...)
	}
	list := strings.TrimSuffix(strings.Repeat("(?,?,?,?,?),", len(keys)), ",")
	rows, err := c.tx.QueryContext(ctx, `SELECT element, period, unit, combo, attribute, value, comment, follow_up
		FROM data_value WHERE (element, period, unit, combo, attribute) IN (VALUES `+list+`)`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	there := map[hmis.Key]hmis.DataValue{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		there[v.Key] = v
	}
	return there, rows.Err()
}

// scan reads one row of the table data_value.
func scan(rows *sql.Rows) (v hmis.DataValue, err error) {
	var of string
	if err := rows.Scan(&v.DataElement, &of, &v.OrgUnit, &v.OptionCombo, &v.AttributeCombo, &v.Value, &v.Comment, &v.FollowUp); err != nil {
		return v, err
	}
	v.Period, err = period.Parse(of)
	return v, err
}

// Put implements entry.Tx.
func (c change) Put(ctx context.Context, values []hmis.DataValue) error {
	put, err := c.tx.PrepareContext(ctx, `INSERT OR REPLACE INTO data_value VALUES (?,?,?,?,?,?,?,?)`)
	if err != nil {
		return err
	}
	defer put.Close()
	for _, v := range values {
		if v.Deleted {
			_, err = c.tx.ExecContext(ctx, `DELETE FROM data_value WHERE element=? AND period=? AND unit=? AND combo=? AND attribute=?`, columns(v.Key)...)
		} else {
			_, err = put.ExecContext(ctx, append(columns(v.Key), v.Value, v.Comment, v.FollowUp)...)
		}
		if err != nil {
			return fmt.Errorf("value of %s: %w", v.DataElement, err)
		}
	}
	return nil
}

// Complete implements entry.Tx.
func (c change) Complete(ctx context.Context, done []hmis.Completion) error {
	for _, d := range done {
		_, err := c.tx.ExecContext(ctx, `INSERT OR REPLACE INTO completion VALUES (?,?,?,?,?)`,
			string(d.DataSet), d.Period.String(), string(d.OrgUnit), string(d.AttributeCombo), d.At.Format(time.RFC3339))
		if err != nil {
			return err
		}
	}
	return nil
}

// Commit implements entry.Tx.
func (c change) Commit(context.Context) error { return c.tx.Commit() }

// Rollback implements entry.Tx.
func (c change) Rollback(context.Context) error { return c.tx.Rollback() }
