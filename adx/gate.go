package adx

import (
	"errors"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
)

// gate returns the gate that checks the values of the message.
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
	// The Writer looks up what is stored, for many values at a time.
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

// finding returns issue i as a finding with the place of the value that is
// being mapped.
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

// gotBy returns the text in the message that caused an issue with this field.
// An issue with a value already quotes the value.
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

// gateHolds reports whether the gate accepts values only after it has received
// all of them.
func (run *importRun) gateHolds() bool {
	return run.Gate == nil || run.Gate.Policy == entry.Grouped || run.Gate.Policy == entry.GroupedAtomic
}
