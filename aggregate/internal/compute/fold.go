package compute

import "slices"

// folding is the way that finds the least or greatest value of each storing
// unit and adds these up (aggregate/RULES.md#extremes-of-units). It works level
// by level, since data elements may not count on all levels.
type folding struct{ *walk }

func (w folding) fill() {
	for level, m := range w.job.Units.Maps {
		job := *w.job
		job.Rule = w.job.Rule.Extremes()
		job.Values.Filter = nil
		job.Sources = slices.Clone(w.job.Sources)
		for i := range job.Sources {
			job.Sources[i].Places = w.job.Sources[i].Places.Own(level)
		}
		inner := job.walk(w.ctx, w.trace)
		adding{inner}.fill()
		place := m.Lookup()
		for row := range w.job.Rows.N * w.job.Splits {
			if w.stopped() {
				return
			}
			for pos := range place {
				if inner.hasNull(row, pos+1) {
					w.addNull(row, int(place[pos]))
				}
				if inner.acc.has(row, pos+1) {
					v, _, _ := inner.acc.exact(row, pos+1, 0)
					w.acc.add(row, int(place[pos]), AmountOf(v), 1)
				}
			}
		}
	}
}
