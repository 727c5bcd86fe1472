package analytics

import (
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// Limits that ignoreLimit does not lift: the cells that a request may try, for
// one data item and for all, where empty cells count since they take memory and
// time too; and the rows of an answer.
const (
	maxGrid  = 20_000_000
	maxCells = 200_000_000
	maxRows  = 1_000_000
)

// size returns how many cells a request would try, or refuses it.
func (r *request) size() (int, error) {
	grid := 1
	for _, d := range r.dimensions {
		if d.id == dimData {
			continue
		}
		if grid *= max(1, len(d.periods), len(d.ids)); grid > maxGrid {
			return 0, wrong(codeTooMany, paramDim, "%s: want dimensions that multiply to at most %d cells", d.id, maxGrid)
		}
	}
	items := max(1, len(r.query.Data))
	if grid*items > maxCells {
		return 0, wrong(codeTooMany, paramDim, "dx: want at most %d cells, got %d for each of %d data items", maxCells, grid, items)
	}
	return grid * items, nil
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

func tooManyRows(most int) error {
	if most >= maxRows {
		return wrong(codeTooMany, paramDim, "want at most %d rows", most)
	}
	return wrong(codeTooMany, paramDim, "want at most %d rows, or ignoreLimit=true", most)
}
