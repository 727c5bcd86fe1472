package adx

import (
	"errors"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
)

// gate returns the gate of the values of a message.
func (run *importRun) gate() *entry.Gate {
	g := entry.Gate{Policy: entry.Grouped}
	if run.Gate != nil {
		g = *run.Gate
	}
	if g.Catalog == nil {
		g.Catalog = run.Mapper.Catalog
	}
	if g.Memory == 0 {
		g.Memory = max(run.room, 1)
	}
	g.Stored = nil // the store is asked for many values at a time
	reject, warn := g.Reject, g.Warn
	g.Reject = func(v hmis.DataValue, err error) {
		if i, ok := errors.AsType[*hmis.Issue](err); ok {
			run.note(run.finding(i))
		}
		if reject != nil {
			reject(v, err)
		}
	}
	g.Warn = func(i hmis.Issue) {
		run.note(run.finding(&i))
		if warn != nil {
			warn(i)
		}
	}
	return &g
}

// finding places an issue of the value that is being mapped.
func (run *importRun) finding(i *hmis.Issue) *Finding {
	f := &Finding{Rule: i.Code, Severity: i.Severity, Attr: i.Field, Got: string(i.Object.ID), Err: i.Err}
	t := run.now
	if t == nil || t.group == nil || t.value < 0 || run.gateHolds() {
		return f
	}
	v := &t.group.Values[t.value]
	f.Line, f.Column, f.Path = v.Line, v.Column, t.group.Path(t.value)
	return f
}

// gateHolds reports whether the gate decides only after all values have been
// mapped.
func (run *importRun) gateHolds() bool {
	return run.Gate == nil || run.Gate.Policy == entry.Grouped || run.Gate.Policy == entry.GroupedAtomic
}
