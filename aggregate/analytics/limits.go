package analytics

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// Limits that ignoreLimit does not lift: the cells that a request may try, of one
// org unit, of one data item and of all, where empty cells count since they take
// memory and time too; and the rows of an answer.
const (
	maxUnit  = 2_000_000
	maxGrid  = 20_000_000
	maxCells = 200_000_000
	maxRows  = 1_000_000
)

// maxStep is how many cells of a data item are tried at a time.
const maxStep = 500_000

// size returns for how many org units the cells of one data item are to be tried
// at a time: very many cells, most of which are empty or more than an answer may
// have, thus need little room. It refuses a request for too many of them.
func (r *request) size(c *hmis.Catalog) (int, error) {
	q := r.query
	unit := max(1, len(q.Periods))
	for _, axis := range q.Split {
		n := len(axis.Items)
		if n == 0 {
			n = r.combosOf(c, axis.ID)
		}
		if unit *= max(1, n); unit > maxUnit {
			return 0, because(wrong(codeTooMany, paramDim, grouped(maxUnit)),
				fmt.Errorf("%s: want dimensions that multiply to at most %d cells of an org unit", axis.ID, maxUnit))
		}
	}
	grid := unit * max(1, len(q.OrgUnits))
	if grid > maxGrid {
		return 0, because(wrong(codeTooMany, paramDim, grouped(maxGrid)),
			fmt.Errorf("ou: got %d cells of each of %d org units", unit, len(q.OrgUnits)))
	}
	if items := max(1, len(q.Data)); grid*items > maxCells {
		return 0, because(wrong(codeTooMany, paramDim, grouped(maxCells)),
			fmt.Errorf("dx: got %d cells for each of %d data items", grid, items))
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
			combos[c.Combo(item.ID, "")] = true
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

// ask computes the cells: in the order of the request, or in that order for each
// so many org units.
func (a *answer) ask(ctx context.Context, cube *aggregate.Cube, step int) iter.Seq2[aggregate.Cell, error] {
	q := a.query
	return func(yield func(aggregate.Cell, error) bool) {
		if max(1, len(q.OrgUnits))*max(1, len(q.Data)) <= step { // all data items fit side by side
			table, err := cube.Query(ctx, q)
			if err != nil {
				yield(aggregate.Cell{}, err)
				return
			}
			a.cells = make([]aggregate.Cell, 0, min(table.Len(), maxRows))
			for cell := range table.Cells() {
				if !yield(cell, nil) {
					return
				}
			}
			return
		}
		for units := range chunks(q.OrgUnits, step) {
			q.OrgUnits = units
			for cell, err := range cube.Cells(ctx, q) {
				if !yield(cell, err) || err != nil {
					return
				}
			}
		}
	}
}

// chunks is [slices.Chunk] that has one empty chunk of an empty list.
func chunks(ids []hmis.UID, n int) iter.Seq[[]hmis.UID] {
	if len(ids) == 0 {
		return slices.Values([][]hmis.UID{nil})
	}
	return slices.Chunk(ids, n)
}

// A limiter counts rows. The limit is one of sub-queries, which are at one level
// of org units, for one type of period and one rule of aggregation (analytics
// specification, section 5).
type limiter struct {
	server Server
	counts map[part]int
	total  int
	most   int
	off    bool // only maxRows holds
}

type part struct {
	kind  indicator.ItemKind
	rule  hmis.Aggregation
	level int
	typ   period.Type
}

func (l *limiter) count(cell aggregate.Cell) error {
	if l.off {
		if l.total++; l.total > maxRows {
			return tooManyRows(maxRows)
		}
		return nil
	}
	p := part{kind: cell.Data.Kind, level: l.server.Tree.Level(cell.OrgUnit), typ: cell.Period.Type()}
	if element, ok := hmis.Find[hmis.DataElement](l.server.Catalog, cell.Data.ID); ok {
		p.rule = element.Aggregation
	}
	if l.counts[p]++; l.counts[p] > l.most {
		return tooManyRows(l.most)
	}
	return nil
}

func (s Server) maxRows() int {
	if s.MaxRows == 0 {
		return 100_000
	}
	return s.MaxRows
}

// tooManyRows returns the error of an answer with more rows than allowed.
func tooManyRows(most int) error { return wrong(codeTooMany, paramDim, grouped(most)) }

// grouped writes a number with commas between its thousands, as messages have it.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
