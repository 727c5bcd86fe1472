package main

import (
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// aggregations lists the aggregation types in the order of their numbers in
// SQL.
var aggregations = []hmis.Aggregation{hmis.Sum, hmis.Last, hmis.Average, hmis.AverageSumOrgUnit, hmis.Min, hmis.Max}

// A layout has the SQL for reading values in one form of storage, with which
// the questions begin. It returns totals in thousandths by element, org unit
// and month or quarter, and for LAST the values themselves. In all texts %% is
// the division of whole numbers.
type layout struct {
	indicators string // e, u (district), p (month), s of the elements of indicators, months 12 to 23
	provinces  string // d, u, p (month), s of SUM elements
	districts  string // d, u, q (quarter), s of SUM elements
	units      string // d, u (storing unit), p (month), s of SUM elements
	kinds      string // d, kind, u (district), q, s, sd (times days), n, least, greatest of AVERAGE to MAX elements
	held       string // d, u (district), month, value, until (the next month with a value of the same series) of LAST elements
}

var expertLayout = layout{
	indicators: `SELECT f.element AS e, u.l3 AS u, f.month AS p, CAST(sum(f.value) AS BIGINT) AS s
	FROM fact f JOIN unit u ON u.pos = f.unit
	WHERE f.month BETWEEN 12 AND 23 AND f.element IN (SELECT a FROM ind UNION SELECT b FROM ind)
	GROUP BY 1, 2, 3`,
	provinces: `SELECT f.element AS d, u.l2 AS u, f.month AS p, CAST(sum(f.value) AS BIGINT) AS s
	FROM fact f JOIN unit u ON u.pos = f.unit
	WHERE f.element IN (SELECT id FROM element WHERE kind = 0)
	GROUP BY 1, 2, 3`,
	districts: `SELECT f.element AS d, u.l3 AS u, f.month %% 3 AS q, CAST(sum(f.value) AS BIGINT) AS s
	FROM fact f JOIN unit u ON u.pos = f.unit
	WHERE f.element IN (SELECT id FROM element WHERE kind = 0)
	GROUP BY 1, 2, 3`,
	units: `SELECT f.element AS d, u.id AS u, f.month AS p, CAST(sum(f.value) AS BIGINT) AS s
	FROM fact f JOIN unit u ON u.pos = f.unit
	WHERE f.element IN (SELECT id FROM element WHERE kind = 0)
	GROUP BY 1, 2, 3`,
	kinds: `SELECT f.element AS d, e.kind AS kind, u.l3 AS u, f.month %% 3 AS q, CAST(sum(f.value) AS BIGINT) AS s,
		CAST(sum(CAST(f.value AS BIGINT) * p.days) AS BIGINT) AS sd, count(*) AS n, min(f.value) AS least, max(f.value) AS greatest
	FROM fact f JOIN unit u ON u.pos = f.unit JOIN element e ON e.id = f.element JOIN period p ON p.id = f.month
	WHERE e.kind >= 2
	GROUP BY 1, 2, 3, 4`,
	held: `SELECT f.element AS d, u.l3 AS u, f.month, f.value,
		lead(f.month, 1, CAST(99 AS SMALLINT)) OVER (PARTITION BY f.element, f.unit, f.combo, f.attr ORDER BY f.month) AS until
	FROM fact f JOIN unit u ON u.pos = f.unit
	WHERE f.element IN (SELECT id FROM element WHERE kind = 1)`,
}

// cells returns the SQL for a question. Its rows are cells (d, u, p, v): data,
// org unit, number of the period, value in hundredths. Common parts are
// materialized once.
func (l layout) cells(id string) (string, error) {
	replaced := map[string][2]string{
		"q2":  {sqlIndicators, l.indicators},
		"q3a": {sqlProvinces, l.provinces},
		"q3b": {sqlDistricts, l.districts},
		"q4":  {sqlCube, l.units},
		"q5":  {sqlKinds, l.kinds},
	}
	parts, ok := replaced[id]
	if !ok {
		return "", fmt.Errorf("no SQL for %s", id)
	}
	return strings.NewReplacer("{base}", parts[1], "{held}", l.held).Replace(parts[0]), nil
}

const sqlIndicators = `
WITH base AS ({base}), sums AS MATERIALIZED (
	SELECT e, u, p, s + 5 AS s FROM base
), cells AS (
	SELECT i.id AS d, a.u AS u, a.p AS p, ((a.s %% 10) * 200000 + b.s %% 10) %% (2 * (b.s %% 10)) AS v
	FROM ind i JOIN sums a ON a.e = i.a JOIN sums b ON b.e = i.b AND b.u = a.u AND b.p = a.p
	WHERE b.s >= 10
)`

const sqlProvinces = `
WITH base AS ({base}), cells AS (SELECT d, u, p, (s + 5) %% 10 AS v FROM base)`

const sqlDistricts = `
WITH q AS MATERIALIZED ({base}), cells AS (
	SELECT d, u, 36 + q AS p, (s + 5) %% 10 AS v FROM q
	UNION ALL
	SELECT d, u, 48 + q %% 4, (CAST(sum(s) AS BIGINT) + 5) %% 10 FROM q GROUP BY d, u, q %% 4
)`

const sqlCube = `
WITH m AS MATERIALIZED ({base}), q AS MATERIALIZED (
	SELECT d, u, 36 + p %% 3 AS p, CAST(sum(s) AS BIGINT) AS s FROM m GROUP BY 1, 2, 3
), y AS MATERIALIZED (
	SELECT d, u, 48 + (p - 36) %% 4 AS p, CAST(sum(s) AS BIGINT) AS s FROM q GROUP BY 1, 2, 3
), l5 AS MATERIALIZED (
	SELECT * FROM m UNION ALL SELECT * FROM q UNION ALL SELECT * FROM y
), l4 AS MATERIALIZED (
	SELECT d, above AS u, p, CAST(sum(s) AS BIGINT) AS s FROM l5 JOIN parent ON id = u GROUP BY 1, 2, 3
), l3 AS MATERIALIZED (
	SELECT d, above AS u, p, CAST(sum(s) AS BIGINT) AS s FROM l4 JOIN parent ON id = u GROUP BY 1, 2, 3
), l2 AS MATERIALIZED (
	SELECT d, above AS u, p, CAST(sum(s) AS BIGINT) AS s FROM l3 JOIN parent ON id = u GROUP BY 1, 2, 3
), l1 AS (
	SELECT d, above AS u, p, CAST(sum(s) AS BIGINT) AS s FROM l2 JOIN parent ON id = u GROUP BY 1, 2, 3
), cells AS (
	SELECT d, u, p, (s + 5) %% 10 AS v FROM (
		SELECT * FROM l5 UNION ALL SELECT * FROM l4 UNION ALL SELECT * FROM l3 UNION ALL SELECT * FROM l2 UNION ALL SELECT * FROM l1
	) AS levels
)`

// The latest value of each series holds from its month until the month before
// the next value of the series.
const sqlKinds = `
WITH q AS MATERIALIZED ({base}), y AS (
	SELECT d, kind, u, 48 + q %% 4 AS p, CAST(sum(s) AS BIGINT) AS s, CAST(sum(sd) AS BIGINT) AS sd, CAST(sum(n) AS BIGINT) AS n,
		min(least) AS least, max(greatest) AS greatest
	FROM q GROUP BY 1, 2, 3, 4
), both_types AS (
	SELECT d, kind, u, 36 + q AS p, s, sd, n, least, greatest FROM q UNION ALL SELECT * FROM y
), held AS ({held}), latest AS MATERIALIZED (
	SELECT h.d, h.u, p.latest, CAST(sum(h.value) AS BIGINT) AS s
	FROM held h JOIN (SELECT DISTINCT latest FROM period WHERE id >= 36) AS p ON p.latest >= h.month AND p.latest < h.until
	GROUP BY 1, 2, 3
), cells AS (
	SELECT d, u, p, CASE kind
		WHEN 2 THEN (s + 5 * n) %% (10 * n)
		WHEN 3 THEN (sd + 5 * days) %% (10 * days)
		WHEN 4 THEN (CAST(least AS BIGINT) + 5) %% 10
		ELSE (CAST(greatest AS BIGINT) + 5) %% 10 END AS v
	FROM both_types JOIN period ON period.id = p
	UNION ALL
	SELECT d, u, p.id, (s + 5) %% 10 FROM latest l JOIN period p ON p.latest = l.latest WHERE p.id >= 36
)`
