package main

import "github.com/ohie-hmis/hmis-go/hmis"

// aggregations are the kinds of elements by the numbers that they have in SQL.
var aggregations = []hmis.Aggregation{hmis.Sum, hmis.Last, hmis.Average, hmis.AverageSumOrgUnit, hmis.Min, hmis.Max}

// The questions in SQL. Each makes cells (d, u, p, v): data, org unit, period by
// number, value in hundredths. %% is the division of whole numbers. What is used
// twice is materialized once.

const sqlIndicators = `
WITH sums AS MATERIALIZED (
	SELECT f.element AS e, u.l3 AS u, f.month AS p, CAST(sum(f.value) AS BIGINT) + 5 AS s
	FROM fact f JOIN unit u ON u.pos = f.unit
	WHERE f.month BETWEEN 12 AND 23 AND f.element IN (SELECT a FROM ind UNION SELECT b FROM ind)
	GROUP BY 1, 2, 3
), cells AS (
	SELECT i.id AS d, a.u AS u, a.p AS p, ((a.s %% 10) * 200000 + b.s %% 10) %% (2 * (b.s %% 10)) AS v
	FROM ind i JOIN sums a ON a.e = i.a JOIN sums b ON b.e = i.b AND b.u = a.u AND b.p = a.p
	WHERE b.s >= 10
)`

const sqlProvinces = `
WITH cells AS (
	SELECT f.element AS d, u.l2 AS u, f.month AS p, (CAST(sum(f.value) AS BIGINT) + 5) %% 10 AS v
	FROM fact f JOIN unit u ON u.pos = f.unit
	WHERE f.element IN (SELECT id FROM element WHERE kind = 0)
	GROUP BY 1, 2, 3
)`

const sqlDistricts = `
WITH q AS MATERIALIZED (
	SELECT f.element AS d, u.l3 AS u, f.month %% 3 AS q, CAST(sum(f.value) AS BIGINT) AS s
	FROM fact f JOIN unit u ON u.pos = f.unit
	WHERE f.element IN (SELECT id FROM element WHERE kind = 0)
	GROUP BY 1, 2, 3
), cells AS (
	SELECT d, u, 36 + q AS p, (s + 5) %% 10 AS v FROM q
	UNION ALL
	SELECT d, u, 48 + q %% 4, (CAST(sum(s) AS BIGINT) + 5) %% 10 FROM q GROUP BY d, u, q %% 4
)`

const sqlCube = `
WITH m AS MATERIALIZED (
	SELECT f.element AS d, u.id AS u, f.month AS p, CAST(sum(f.value) AS BIGINT) AS s
	FROM fact f JOIN unit u ON u.pos = f.unit
	WHERE f.element IN (SELECT id FROM element WHERE kind = 0)
	GROUP BY 1, 2, 3
), q AS MATERIALIZED (
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

// The latest value of each series holds from its month to the month before the
// next one's.
const sqlKinds = `
WITH q AS MATERIALIZED (
	SELECT f.element AS d, e.kind AS kind, u.l3 AS u, f.month %% 3 AS q, CAST(sum(f.value) AS BIGINT) AS s,
		CAST(sum(CAST(f.value AS BIGINT) * p.days) AS BIGINT) AS sd, count(*) AS n, min(f.value) AS least, max(f.value) AS greatest
	FROM fact f JOIN unit u ON u.pos = f.unit JOIN element e ON e.id = f.element JOIN period p ON p.id = f.month
	WHERE e.kind >= 2
	GROUP BY 1, 2, 3, 4
), y AS (
	SELECT d, kind, u, 48 + q %% 4 AS p, CAST(sum(s) AS BIGINT) AS s, CAST(sum(sd) AS BIGINT) AS sd, CAST(sum(n) AS BIGINT) AS n,
		min(least) AS least, max(greatest) AS greatest
	FROM q GROUP BY 1, 2, 3, 4
), both_types AS (
	SELECT d, kind, u, 36 + q AS p, s, sd, n, least, greatest FROM q UNION ALL SELECT * FROM y
), held AS (
	SELECT f.element AS d, u.l3 AS u, f.month, f.value,
		lead(f.month, 1, CAST(99 AS SMALLINT)) OVER (PARTITION BY f.element, f.unit, f.combo, f.attr ORDER BY f.month) AS until
	FROM fact f JOIN unit u ON u.pos = f.unit
	WHERE f.element IN (SELECT id FROM element WHERE kind = 1)
), latest AS MATERIALIZED (
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
