package analytics

import (
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// The cells that a request may try, for one data item and for all; ignoreLimit
// does not lift these limits. Empty cells count: they take memory too.
const (
	maxGrid  = 20_000_000
	maxCells = 200_000_000
)

// size refuses requests that would try more cells than a machine should.
func (r *request) size() error {
	grid := 1
	for _, d := range r.dimensions {
		if d.id == dimData {
			continue
		}
		if grid *= max(1, len(d.periods), len(d.ids)); grid > maxGrid {
			return wrong(codeTooMany, paramDim, "%s: want dimensions that multiply to at most %d cells", d.id, maxGrid)
		}
	}
	if items := max(1, len(r.query.Data)); grid*items > maxCells {
		return wrong(codeTooMany, paramDim, "dx: want at most %d cells, got %d for each of %d data items", maxCells, grid, items)
	}
	return nil
}

// A limiter counts rows. The limit is one of sub-queries, which are at one level
// of org units, for one type of period and one rule of aggregation (analytics
// specification, section 5).
type limiter struct {
	server Server
	counts map[part]int
	most   int
	off    bool
}

type part struct {
	kind  indicator.ItemKind
	rule  hmis.Aggregation
	level int
	typ   period.Type
}

func (l *limiter) count(cell aggregate.Cell) error {
	if l.off {
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
	return wrong(codeTooMany, paramDim, "want at most %d rows, or ignoreLimit=true", most)
}
