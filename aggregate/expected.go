package aggregate

import (
	"context"
	"sync"
	"time"
	"unsafe"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// A target is a report that a unit is expected to send in each period while the
// unit and its category options are open (RULES.md#expected-reports).
type target struct {
	pos         uint32
	attr        int // number of the attribute option combo, or -1 if the cube has none for it
	first, last period.Date
	opens, ends bool // first, or last, is a limit
}

// expectations holds the reports that are expected for each data set, found when
// a query first needs them. They depend on metadata only, and a cube has the
// same metadata always, so that its queries share them (BenchmarkRates).
type expectations struct {
	mu   sync.Mutex
	held map[hmis.UID][]target
	n    int // targets held, of all data sets
}

// maxTargets is how many targets a cube holds: 256 MiB of them. Those of further
// data sets are found again for each query.
const maxTargets = 1 << 28 / int(unsafe.Sizeof(target{}))

// of returns the reports that are expected for a data set. The list is shared:
// it must not be changed. If ctx ends, it is not complete.
func (e *expectations) of(ctx context.Context, c *Cube, set *hmis.DataSet) []target {
	e.mu.Lock()
	list, ok := e.held[set.ID]
	e.mu.Unlock()
	if ok {
		return list
	}
	list = targets(ctx, c, set)
	e.mu.Lock()
	defer e.mu.Unlock()
	if had, ok := e.held[set.ID]; ok { // another query was faster
		return had
	}
	if ctx.Err() == nil && e.n+len(list) <= maxTargets {
		e.held[set.ID] = list
		e.n += len(list)
	}
	return list
}

// targets returns the reports that are expected for a data set: one for each
// unit, or one for each unit and option combo all of whose options are assigned
// to the unit. It breaks off when ctx ends.
func targets(ctx context.Context, c *Cube, set *hmis.DataSet) []target {
	at := numbered(c.combos.ids)
	attr := func(combo hmis.UID) int {
		if n, ok := at[combo]; ok {
			return int(n)
		}
		return -1
	}
	list := make([]target, 0, len(set.OrgUnits))
	units := unitsOf(ctx, c.tree, set)
	add := func(u openUnit, combo int, first, last period.Date) {
		t := target{pos: u.pos, attr: combo, first: u.opened, last: u.closed, opens: u.opened != 0, ends: u.closed != 0}
		if first != 0 && (!t.opens || first > t.first) {
			t.first, t.opens = first, true
		}
		if last != 0 && (!t.ends || last < t.last) {
			t.last, t.ends = last, true
		}
		list = append(list, t)
	}
	if isDefault(c.catalog, set.CategoryCombo) {
		combo := attr(c.catalog.DefaultOptionCombo())
		for _, u := range units {
			add(u, combo, 0, 0)
		}
		return list
	}
	for _, combo := range c.catalog.OptionCombos(set.CategoryCombo) {
		if ctx.Err() != nil {
			return nil
		}
		assigned, first, last := optionReach(c.catalog, combo)
		if last != 0 {
			last = later(last, set.PeriodType, set.OpenAfterEnd)
		}
		number := attr(combo)
		for _, u := range units {
			if assigned[u.id] {
				add(u, number, first, last)
			}
		}
	}
	return list
}

// An openUnit is an org unit that a form is assigned to, with its days.
type openUnit struct {
	id             hmis.UID
	pos            uint32
	opened, closed period.Date
}

// unitsOf returns the org units of a data set that the tree has, each once. It
// breaks off when ctx ends.
func unitsOf(ctx context.Context, tree *orgunit.Tree, set *hmis.DataSet) []openUnit {
	list := make([]openUnit, 0, len(set.OrgUnits))
	seen := column.MakeBits(tree.Len())
	for i, id := range set.OrgUnits {
		if i%betweenValues == 0 && ctx.Err() != nil {
			break
		}
		pos, _, ok := tree.Span(id)
		if !ok || seen.Has(pos) {
			continue
		}
		seen.Set(pos)
		u, _ := tree.Unit(id)
		list = append(list, openUnit{id, uint32(pos), u.Opened, u.Closed})
	}
	return list
}

// isDefault reports whether a category combo is the default one, which has no
// options to choose.
func isDefault(catalog *hmis.Catalog, combo hmis.UID) bool {
	if combo == "" {
		return true
	}
	coc, ok := hmis.Find[hmis.OptionCombo](catalog, catalog.DefaultOptionCombo())
	return ok && coc.CategoryCombo == combo
}

// optionReach returns the units that all options of a combo are assigned to,
// and the days from the earliest start of an option to the latest end of one.
func optionReach(catalog *hmis.Catalog, combo hmis.UID) (units map[hmis.UID]bool, first, last period.Date) {
	coc, _ := hmis.Find[hmis.OptionCombo](catalog, combo)
	for i, id := range distinct(coc.Options) {
		option, _ := hmis.Find[hmis.CategoryOption](catalog, id)
		has := map[hmis.UID]bool{}
		for _, unit := range option.OrgUnits {
			if i == 0 || units[unit] {
				has[unit] = true
			}
		}
		units = has
		if option.First != 0 && (first == 0 || option.First < first) {
			first = option.First
		}
		last = max(last, option.Last)
	}
	return units, first, last
}

// later returns the day that is n periods after d. Periods of months keep the
// day of the month, or end at its last day if the month has no such day.
func later(d period.Date, t period.Type, n int) period.Date {
	const monthly = 30
	days := t.Frequency()
	if days < monthly {
		return d + period.Date(n*days)
	}
	year, month, day := d.Civil()
	month += time.Month(n * (days / monthly)) // 61 days are two months, 365 twelve
	last := period.DateOf(year, month+1, 1) - 1
	return min(period.DateOf(year, month, 1)+period.Date(day-1), last)
}

// open reports whether the report is expected throughout the days from first to
// last.
func (t target) open(first, last period.Date) bool {
	return (!t.opens || t.first <= first) && (!t.ends || t.last >= last)
}
