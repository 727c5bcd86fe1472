package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
	"github.com/ohie-hmis/hmis-go/period"
)

// duckWide returns DuckDB with the table that DHIS2 creates for its analytics.
// It has a row for each value, with the ids of its org unit on every level and
// of its period in every type as text, and the number as a double.
func duckWide() *database {
	return &database{
		title: "DuckDB, DHIS2's table", divide: "//", layout: wideLayout, few: fewWide,
		open: openDuck, fill: fillWide, bytes: duckBytes,
	}
}

const wideColumns = `(dx VARCHAR, co VARCHAR, ao VARCHAR, ou VARCHAR, oulevel INTEGER,
	uidlevel1 VARCHAR, uidlevel2 VARCHAR, uidlevel3 VARCHAR, uidlevel4 VARCHAR, uidlevel5 VARCHAR,
	monthly VARCHAR, quarterly VARCHAR, yearly VARCHAR, pestartdate DATE, peenddate DATE, year INTEGER,
	daysno INTEGER, daysxvalue DOUBLE, value DOUBLE, textvalue VARCHAR)`

func fillWide(ctx context.Context, db *sql.DB, w *workload.World) error {
	if _, err := db.ExecContext(ctx, "CREATE TABLE arrived "+wideColumns); err != nil {
		return err
	}
	list := periods(w)
	if err := appendDuck(ctx, db, "arrived", func(add func(...driver.Value) error) error {
		for r := range w.Rows() {
			if !w.Counts(r) {
				continue
			}
			unit, month := int(r.Unit), int(r.Month)
			p := list[month]
			value := float64(r.Thousandths()) / 1000
			err := add(
				string(w.Elements[r.Element].ID), string(w.Combos[r.Combo].ID), string(w.Combos[r.Attr].ID), string(w.Units[unit].ID), int32(w.Level[unit]),
				string(w.Units[w.Above(unit, 1)].ID), string(w.Units[w.Above(unit, 2)].ID), string(w.Units[w.Above(unit, 3)].ID),
				string(w.Units[w.Above(unit, 4)].ID), string(w.Units[unit].ID),
				p.String(), list[firstQuarter+month/3].String(), list[firstYear+month/12].String(),
				p.First().Time(time.UTC), p.Last().Time(time.UTC), int32(workload.FirstYear+month/12),
				int32(p.Days()), value*float64(p.Days()), value, nil,
			)
			if err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if err := settle(ctx, db, "analytics", "dx, monthly, ou"); err != nil {
		return err
	}
	return names(ctx, db, list)
}

// names creates a table with the text of each period by number.
func names(ctx context.Context, db *sql.DB, list []period.Period) error {
	if _, err := db.ExecContext(ctx, "CREATE TABLE named (id SMALLINT, name VARCHAR)"); err != nil {
		return err
	}
	for i, p := range list {
		if _, err := db.ExecContext(ctx, fmt.Sprintf("INSERT INTO named VALUES (%d, '%s')", i, p)); err != nil {
			return err
		}
	}
	return nil
}

// Values are whole thousandths. Sums of doubles are so close to them that
// rounding gives the exact sum.
var wideLayout = layout{
	indicators: wideSums("uidlevel3", "monthly", "e", "p", 0,
		"monthly IN (SELECT name FROM named WHERE id BETWEEN 12 AND 23) AND "+wideElements("SELECT a FROM ind UNION SELECT b FROM ind")),
	provinces: wideSums("uidlevel2", "monthly", "d", "p", 0, wideElements("SELECT id FROM element WHERE kind = 0")),
	districts: wideSums("uidlevel3", "quarterly", "d", "q", firstQuarter, wideElements("SELECT id FROM element WHERE kind = 0")),
	units:     wideSums("ou", "monthly", "d", "p", 0, wideElements("SELECT id FROM element WHERE kind = 0")),
	kinds: `SELECT e.id AS d, e.kind AS kind, CAST(substr(f.uidlevel3, 2) AS INTEGER) AS u, named.id - 36 AS q, s, sd, n, least, greatest
	FROM (
		SELECT dx, uidlevel3, quarterly, CAST(round(sum(value) * 1000) AS BIGINT) AS s, CAST(round(sum(daysxvalue) * 1000) AS BIGINT) AS sd,
			count(*) AS n, CAST(round(min(value) * 1000) AS BIGINT) AS least, CAST(round(max(value) * 1000) AS BIGINT) AS greatest
		FROM analytics WHERE ` + wideElements("SELECT id FROM element WHERE kind >= 2") + `
		GROUP BY dx, uidlevel3, quarterly
	) AS f JOIN element e ON e.id = CAST(substr(f.dx, 2) AS SMALLINT) JOIN named ON named.name = f.quarterly`,
	held: `SELECT CAST(substr(dx, 2) AS SMALLINT) AS d, CAST(substr(uidlevel3, 2) AS INTEGER) AS u,
		named.id AS month, CAST(round(value * 1000) AS BIGINT) AS value,
		lead(named.id, 1, CAST(99 AS SMALLINT)) OVER (PARTITION BY dx, ou, co, ao ORDER BY pestartdate) AS until
	FROM analytics JOIN named ON named.name = monthly WHERE ` + wideElements("SELECT id FROM element WHERE kind = 1"),
}

// wideElements returns the ids of elements as a list in SQL.
func wideElements(numbers string) string {
	return "dx IN (SELECT 'e' || lpad(CAST(id AS VARCHAR), 10, '0') FROM (" + numbers + ") AS asked(id))"
}

// wideSums returns SQL that groups by texts and then numbers the groups.
func wideSums(unit, period, d, p string, first int, where string) string {
	return fmt.Sprintf(`SELECT CAST(substr(dx, 2) AS SMALLINT) AS %s, CAST(substr(%s, 2) AS INTEGER) AS u, named.id - %d AS %s, s
	FROM (
		SELECT dx, %s, %s, CAST(round(sum(value) * 1000) AS BIGINT) AS s FROM analytics WHERE %s GROUP BY dx, %s, %s
	) AS f JOIN named ON named.name = f.%s`, d, unit, first, p, unit, period, where, unit, period, period)
}

func fewWide(w *workload.World, q question) string {
	a, b := w.Indicator(q.indicators[0])
	return fmt.Sprintf(`SELECT CAST(substr(dx, 2) AS SMALLINT), named.id, s FROM (
		SELECT dx, monthly, CAST(round(sum(value) * 1000) AS BIGINT) AS s FROM analytics
		WHERE dx IN ('%s', '%s') AND uidlevel3 = '%s' AND monthly BETWEEN '%s' AND '%s' GROUP BY dx, monthly
	) AS f JOIN named ON named.name = f.monthly`,
		w.Elements[a].ID, w.Elements[b].ID, w.Units[q.unit].ID, w.Periods[q.months[0]], w.Periods[q.months[len(q.months)-1]])
}
