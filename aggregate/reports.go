package aggregate

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A report is a completion, with the cube's numbers of what it names.
type report struct {
	period, attr uint32
	pos          uint32
	at           int64 // seconds since 1970 of the local time, read as if it were UTC
}

func compareReports(a, b report) int {
	return cmp.Or(cmp.Compare(a.period, b.period), cmp.Compare(a.pos, b.pos), cmp.Compare(a.attr, b.attr))
}

// loadReports adds completions to a cube that no caller has yet. Of two for the
// same form, org unit, period and attribute option combo the later one wins; a
// withdrawn one removes an earlier one.
func (l Loader) loadReports(ctx context.Context, c *Cube, completions iter.Seq2[hmis.Completion, error]) error {
	fresh := map[hmis.UID]map[reportKey]report{}
	numbers := newDictionary(c)
	row := 0
	for done, err := range flat(abandonable(ctx, chunked(ctx, completions))) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		pos, issue := l.checkCompletion(done)
		if issue != nil {
			issue.Rows = []int{row}
			if l.RejectCompletion == nil {
				return issue
			}
			l.RejectCompletion(done, issue)
			row++
			continue
		}
		row++
		set := fresh[done.DataSet]
		if set == nil {
			set = map[reportKey]report{}
			for i, r := range c.reports[done.DataSet] {
				if i%betweenCells == 0 && ctx.Err() != nil {
					return ctx.Err()
				}
				set[reportKey{r.period, r.attr, r.pos}] = r
			}
			fresh[done.DataSet] = set
		}
		r := report{
			period: numbers.period(done.Period),
			attr:   numbers.combo(done.AttributeCombo),
			pos:    uint32(pos),
			at:     wallClock(done.At),
		}
		if done.At.IsZero() {
			r.at = wallClock(undated)
		}
		if done.Withdrawn {
			delete(set, reportKey{r.period, r.attr, r.pos})
		} else {
			set[reportKey{r.period, r.attr, r.pos}] = r
		}
	}
	c.combos.ids, c.periods.list = numbers.combos, numbers.periods
	c.reports = maps.Clone(c.reports)
	for id, set := range fresh {
		c.reports[id] = sortedReports(ctx, set, len(c.periods.list))
	}
	return ctx.Err()
}

type reportKey struct{ period, attr, pos uint32 }

// sortedReports returns reports by period, then org unit and option combo. It
// sorts one period at a time, and returns nil if ctx ends.
func sortedReports(ctx context.Context, set map[reportKey]report, periods int) []report {
	next := make([]int, periods+1) // index where the reports of each period begin
	for k := range set {
		next[k.period+1]++
	}
	for p := range periods {
		next[p+1] += next[p]
	}
	list := make([]report, len(set))
	for _, r := range set {
		list[next[r.period]] = r
		next[r.period]++
	}
	first := 0
	for _, end := range next[:periods] {
		if ctx.Err() != nil {
			return nil
		}
		slices.SortFunc(list[first:end], compareReports)
		first = end
	}
	return list
}

// Reports returns the completions that f lets through, by data set, period, org
// unit in preorder and attribute option combo. f.Data names data sets by ID; an
// org unit selects all units below it too, and a period only the completions of
// that period itself. At is the local time, to the second, given in UTC. f.Axes
// is not used.
func (c *Cube) Reports(f Filter) iter.Seq[hmis.Completion] {
	return func(yield func(hmis.Completion) bool) {
		pass := newValueFilter(c, f)
		for _, set := range slices.Sorted(maps.Keys(c.reports)) {
			if pass.elements != nil && pass.elements[set] == nil {
				continue
			}
			list := c.reports[set]
			compare := func(a, b report) int {
				return cmp.Or(c.periods.list[a.period].Compare(c.periods.list[b.period]), cmp.Compare(a.pos, b.pos),
					cmp.Compare(c.combos.ids[a.attr], c.combos.ids[b.attr]))
			}
			if !slices.IsSortedFunc(list, compare) { // usually it is sorted already
				list = slices.Clone(list)
				slices.SortFunc(list, compare)
			}
			for _, r := range list {
				if pass.units != nil && !pass.units[r.pos] || !pass.period(c.periods.list[r.period]) {
					continue
				}
				at := time.Unix(r.at, 0).UTC()
				if at.Equal(undated) {
					at = time.Time{}
				}
				if !yield(hmis.Completion{
					DataSet:        set,
					AttributeCombo: c.combos.ids[r.attr],
					OrgUnit:        c.tree.At(int(r.pos)),
					Period:         c.periods.list[r.period],
					At:             at,
				}) {
					return
				}
			}
		}
	}
}

// undated is the time of completion of a form without a date: later than any
// that is on time. A server uses the day of the import, which is not known
// here.
var undated = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// wallClock returns the local date and time of t, read as UTC, in seconds since
// 1970. Fractions are rounded up, so that a moment after midnight stays after it.
func wallClock(t time.Time) int64 {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	if t.Nanosecond() > 0 {
		second++
	}
	return time.Date(year, month, day, hour, minute, second, 0, time.UTC).Unix()
}

// checkCompletion returns the position of the org unit of a completion. bad is
// not nil if the completion cannot be used.
func (l Loader) checkCompletion(done hmis.Completion) (pos int, bad *hmis.Issue) {
	bad = &hmis.Issue{Severity: hmis.Severe, Offset: -1, Object: hmis.Ref{Kind: hmis.KindDataSet, ID: done.DataSet}}
	if _, ok := hmis.Find[hmis.DataSet](l.Catalog, done.DataSet); !ok {
		bad.Code, bad.Field, bad.Err = "E8005", "dataSet", fmt.Errorf("completion of unknown data set %q", done.DataSet)
		return 0, bad
	}
	pos, _, ok := l.Tree.Span(done.OrgUnit)
	if !ok {
		bad.Code, bad.Field, bad.Err = "E8107", "orgUnit", fmt.Errorf("completion by unknown org unit %q", done.OrgUnit)
		return 0, bad
	}
	if done.Period.IsZero() {
		bad.Code, bad.Field, bad.Err = "E8100", "period", fmt.Errorf("completion for no period by org unit %q", done.OrgUnit)
		return 0, bad
	}
	return pos, nil
}
