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
	if s, err := entry.ParseStrategy(string(g.Strategy)); err == nil {
		g.Strategy = s
	}
	if g.Catalog == nil {
		g.Catalog = run.Mapper.Catalog
	}
	if g.Memory == 0 {
		g.Memory = max(run.room, 1)
	}
	fallback, form := g.DataSet, g.Form
	g.Form = func() hmis.UID {
		switch {
		case run.now != nil && run.now.set != "":
			return run.now.set
		case form != nil:
			return form()
		}
		return fallback
	}
	// The Writer knows what is stored, and asks for many values at a time.
	g.Stored = nil
	if g.Strategy != entry.Delete {
		g.Strategy = entry.CreateAndUpdate
	}
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
	f := &Finding{Rule: i.Code, Severity: i.Severity, Attr: i.Field, Err: i.Err}
	t := run.now
	if t == nil || t.group == nil || t.value < 0 || run.gateHolds() {
		f.Got = string(i.Object.ID)
		return f
	}
	v := &t.group.Values[t.value]
	f.Got = gotBy(i.Field, t.group, v.DataElement)
	f.Line, f.Column, f.Path = v.Line, v.Column, t.group.Path(t.value)
	return f
}

// gotBy returns the text of a message that an issue is about. An issue about a
// value quotes it itself.
func gotBy(field string, g *Group, dataElement string) string {
	switch field {
	case "dataElement":
		return dataElement
	case "orgUnit":
		return g.OrgUnit
	case "period":
		return g.Period.String()
	}
	return ""
}

// gateHolds reports whether the gate decides only after all values have been
// mapped.
func (run *importRun) gateHolds() bool {
	return run.Gate == nil || run.Gate.Policy == entry.Grouped || run.Gate.Policy == entry.GroupedAtomic
}
