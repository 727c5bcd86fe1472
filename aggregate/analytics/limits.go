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

// Limits bound the resources of one request. A limit of 0 means the default,
// which is written beside it. The defaults are also the highest limits.
type Limits struct {
	Text    int // length of all parameters in bytes, 1 MiB
	Items   int // items in all dimensions and filters, 100,000; a group counts its members
	Rows    int // rows of a sub-query, 100,000; not used if the request sets ignoreLimit
	AllRows int // rows of an answer, 1,000,000, whatever the request sets
	Cells   int // cells that an answer tries, including empty ones, 200,000,000
	Table   int // cells of a table layout, including empty ones, 1,000,000
	Bytes   int // memory while an answer is made in bytes, 256 MiB

	// Fixed makes the parameter ignoreLimit have no effect.
	Fixed bool
}

var usual = Limits{
	Text: 1 << 20, Items: 100_000, Rows: 100_000, AllRows: 1_000_000, Cells: 200_000_000, Table: 1_000_000, Bytes: 256 << 20,
}

// filled returns l with the default in place of 0 and of any higher limit.
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

// These limit the cells that a request may try for one org unit, and for one
// data item. All of these are in memory at the same time.
const (
	maxUnit = 2_000_000
	maxGrid = 20_000_000
)

// maxStep limits the cells of a data item that are tried at a time.
const maxStep = 500_000

// tryBytes is the memory of one cell that is tried, in bytes.
const tryBytes = 32

// size returns the number of org units for which cells are tried at a time.
// This bounds the memory of a request for very many cells, of which most are
// empty. The error means that the request has too many cells.
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

// combosOf returns how many option combos the data elements of the request
// have. It is used for an axis without items.
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

// A limiter counts rows. One limit is for a sub-query: the rows at one level of
// org units, with one type of period and one rule of aggregation. Another limit
// is for all rows.
type limiter struct {
	server Server
	limits Limits
	counts map[part]int
	total  int
	off    bool // only the limit on all rows applies
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

// tooMuch returns the error of a request that exceeds a limit, with a detail.
func tooMuch(most int, format string, args ...any) error {
	return because(wrong(codeTooMany, paramDim, grouped(most)), fmt.Errorf(format, args...))
}

// grouped returns a number with commas between its thousands, as in messages of
// DHIS2.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
