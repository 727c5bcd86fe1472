package analytics

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// Limits bound what one request may use. A limit of 0 is the usual one, which
// is written beside it. The usual limits are also the highest.
type Limits struct {
	Text    int // bytes of all parameters: 1 MiB
	Items   int // of all dimensions and filters, groups counted by their members: 100,000
	Rows    int // of a sub-query, unless the request sets ignoreLimit: 100,000
	AllRows int // of an answer, whatever the request sets: 1,000,000
	Cells   int // that an answer tries, empty ones included: 200,000,000
	Table   int // cells of a table layout, empty ones included: 1,000,000
	Bytes   int // of memory while an answer is made: 256 MiB

	// Fixed makes ignoreLimit change nothing.
	Fixed bool
}

var usual = Limits{
	Text: 1 << 20, Items: 100_000, Rows: 100_000, AllRows: 1_000_000, Cells: 200_000_000, Table: 1_000_000, Bytes: 256 << 20,
}

// filled returns l with the usual limit where it has none or a higher one.
func (l Limits) filled() Limits {
	for _, one := range []struct {
		limit *int
		usual int
	}{
		{&l.Text, usual.Text}, {&l.Items, usual.Items}, {&l.Rows, usual.Rows}, {&l.AllRows, usual.AllRows},
		{&l.Cells, usual.Cells}, {&l.Table, usual.Table}, {&l.Bytes, usual.Bytes},
	} {
		*one.limit = min(cmp.Or(*one.limit, one.usual), one.usual)
	}
	return l
}

// The cells that a request may try of one org unit, and of one data item: these
// are held at once.
const (
	maxUnit = 2_000_000
	maxGrid = 20_000_000
)

// maxStep is how many cells of a data item are tried at a time.
const maxStep = 500_000

// tryBytes is what the engine holds of a cell that is tried.
const tryBytes = 32

// size returns for how many org units the cells of one data item are to be
// tried at a time: very many cells, most of which are empty or more than an
// answer may have, thus need little room. It refuses a request for too many of
// them.
func (r *request) size(s Server) (int, error) {
	q := r.query
	unit := max(1, len(q.Periods))
	for _, axis := range q.Split {
		n := len(axis.Items)
		if n == 0 {
			n = r.combosOf(s.Catalog, axis.ID)
		}
		if unit *= max(1, n); unit > maxUnit {
			return 0, tooMuch(maxUnit, "%s: want dimensions that multiply to at most %d cells of an org unit", axis.ID, maxUnit)
		}
	}
	grid := unit * max(1, len(q.OrgUnits))
	if grid > maxGrid {
		return 0, tooMuch(maxGrid, "ou: got %d cells of each of %d org units", unit, len(q.OrgUnits))
	}
	most := s.Limits.filled().Cells
	if items := max(1, len(q.Data)); grid*items > most {
		return 0, tooMuch(most, "dx: got %d cells for each of %d data items", grid, items)
	}
	return max(1, maxStep/unit), nil
}

// combosOf returns how many option combos the data elements of the request have
// by their metadata, where an axis names none.
func (r *request) combosOf(c *hmis.Catalog, axis hmis.UID) int {
	combos := make(map[hmis.UID]bool)
	for _, item := range slices.Concat(r.query.Data, r.query.Filter.Data) {
		if item.Kind != indicator.DataElementItem {
			continue
		}
		if axis == aggregate.OptionCombos {
			combos[c.CategoryCombo(item.ID, "")] = true
			continue
		}
		for _, id := range c.DataSets(item.ID) {
			set, _ := hmis.Find[hmis.DataSet](c, id)
			combos[set.CategoryCombo] = true
		}
	}
	n := 0
	for combo := range combos {
		n += len(c.OptionCombos(combo))
	}
	return n
}

// A limiter counts rows. The limit is one of sub-queries, which are at one
// level of org units, for one type of period and one rule of aggregation. That
// of all rows holds in any case.
type limiter struct {
	server Server
	limits Limits
	counts map[part]int
	total  int
	off    bool // only the limit of all rows holds
}

type part struct {
	kind  indicator.ItemKind
	rule  hmis.Aggregation
	level int
	typ   period.Type
}

func (s Server) limiter(r *request) *limiter {
	limits := s.Limits.filled()
	return &limiter{server: s, limits: limits, counts: make(map[part]int), off: r.ignoreLimit && !limits.Fixed}
}

func (l *limiter) count(cell aggregate.Cell) error {
	if l.total++; l.total > l.limits.AllRows {
		return tooManyRows(l.limits.AllRows)
	}
	if l.off {
		return nil
	}
	p := part{kind: cell.Data.Kind, level: l.server.Tree.Level(cell.OrgUnit), typ: cell.Period.Type()}
	if element, ok := hmis.Find[hmis.DataElement](l.server.Catalog, cell.Data.ID); ok {
		p.rule = element.Aggregation
	}
	if l.counts[p]++; l.counts[p] > l.limits.Rows {
		return tooManyRows(l.limits.Rows)
	}
	return nil
}

// tooManyRows returns the error of an answer with more rows than allowed.
func tooManyRows(most int) error { return wrong(codeTooMany, paramDim, grouped(most)) }

// tooMuch returns the error of a request that exceeds a limit, and why it does.
func tooMuch(most int, format string, args ...any) error {
	return because(wrong(codeTooMany, paramDim, grouped(most)), fmt.Errorf(format, args...))
}

// grouped writes a number with commas between its thousands, as messages have
// it.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
