package facilitylist

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/internal/spreadsheet"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

// Write writes the units of md as a list, in preorder: a row for each unit
// without units below it, and for each other one with something of its own to
// say. If f.Below is a unit of md, the list has those below it.
//
// Nothing is lost: it is an error if [Format.Read] would not read the same units
// back, because a code has no column, say, or the tree has more levels than the
// format. Paths are not compared. Nothing is written then.
func (f Format) Write(w io.Writer, md hmis.Metadata) error {
	if err := f.check(); err != nil {
		return err
	}
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		return err
	}
	l := &listing{Format: f, tree: tree}
	tops := tree.Roots()
	if _, ok := tree.Unit(f.Below); ok {
		tops = tree.Children(f.Below)
	}
	for _, id := range tops {
		if err := l.add(nil, id); err != nil {
			return err
		}
	}
	if err := l.verify(); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma = f.comma()
	_ = out.Write(f.headings()) // Flush keeps the error
	for _, r := range l.rows {
		_ = out.Write(f.cells(r))
	}
	out.Flush()
	return out.Error()
}

// A listing is a list that is being written.
type listing struct {
	Format
	tree  *orgunit.Tree
	rows  []row
	units []hmis.OrgUnit
}

// add adds the rows of a unit and of all below it.
func (l *listing) add(above []mention, id hmis.UID) error {
	u, _ := l.tree.Unit(id)
	if len(above) == len(l.Levels) {
		return fmt.Errorf("facilitylist: org unit %s: at level %d: want at most %d", id, len(above)+1, len(l.Levels))
	}
	level := l.Levels[len(above)]
	m := mention{name: clean(u.Name)}
	if level.ID != "" {
		m.id = clean(string(u.ID))
	}
	if level.Code != "" {
		m.code = clean(u.Code)
	}
	names := append(above[:len(above):len(above)], m)
	r := row{line: len(l.rows) + 2, cells: make([]mention, len(l.Levels)), last: len(above), about: l.about(u)}
	copy(r.cells, names)
	below := l.tree.Children(id)
	if len(below) == 0 || r.about != (about{}) {
		l.rows = append(l.rows, r)
	}
	u.Path, u.Parent = "", ""
	if up, ok := l.tree.Parent(id); ok {
		u.Parent = up
	} else {
		u.Parent = l.Below
	}
	l.units = append(l.units, u)
	for _, child := range below {
		if err := l.add(names, child); err != nil {
			return err
		}
	}
	return nil
}

// about returns the facts about a unit that the columns can hold.
func (f Format) about(u hmis.OrgUnit) about {
	var a about
	if f.ShortName != "" {
		a.shortName = clean(u.ShortName)
	}
	if f.Opened != "" {
		a.opened = u.Opened
	}
	if f.Closed != "" {
		a.closed = u.Closed
	}
	if lon, lat, ok := coordinates(u.Geometry); ok && f.Longitude != "" {
		a.geometry = point(lon, lat)
	}
	return a
}

// verify checks that the rows say all of the units.
func (l *listing) verify() error {
	f := l.Format
	f.Reject = nil
	b := &builder{Format: f, ctx: context.Background(), rows: l.rows}
	back, err := b.build()
	if err != nil {
		return fmt.Errorf("facilitylist: the units make no list: %w", err)
	}
	at := make(map[hmis.UID]hmis.OrgUnit, len(back))
	for _, u := range back {
		at[u.ID] = u
	}
	for _, u := range l.units {
		got, ok := at[u.ID]
		for _, field := range []struct {
			name, want string
			lost       bool
		}{
			{"name", u.Name, u.Name == "" || ok && u.Name != got.Name || !utf8.ValidString(u.Name)},
			{"code", u.Code, ok && u.Code != got.Code || !utf8.ValidString(u.Code)},
			{"id", string(u.ID), !ok},
			{"short name", u.ShortName, ok && u.ShortName != got.ShortName || !utf8.ValidString(u.ShortName)},
			{"opening day", u.Opened.String(), ok && u.Opened != got.Opened},
			{"closing day", u.Closed.String(), ok && u.Closed != got.Closed},
			{"geometry", u.Geometry, ok && u.Geometry != got.Geometry},
			{"parent", string(u.Parent), ok && u.Parent != got.Parent},
		} {
			if field.lost {
				return fmt.Errorf("facilitylist: org unit %s: the list cannot hold its %s %s", u.ID, field.name, quote.Text(field.want))
			}
		}
	}
	if len(back) != len(l.units) {
		return fmt.Errorf("facilitylist: %d org units would be read back as %d", len(l.units), len(back))
	}
	return nil
}

// cells returns a row in the order of the headings.
func (f Format) cells(r row) []string {
	var out []string
	add := func(heading, text string) {
		if heading != "" {
			out = append(out, spreadsheet.Guard(text))
		}
	}
	for i, l := range f.Levels {
		add(l.Name, r.cells[i].name)
		add(l.ID, r.cells[i].id)
		add(l.Code, r.cells[i].code)
	}
	add(f.ShortName, r.about.shortName)
	for _, day := range []struct {
		heading string
		set     bool
		text    string
	}{
		{f.Opened, r.about.opened != 0, r.about.opened.String()},
		{f.Closed, r.about.closed != 0, r.about.closed.String()},
	} {
		if !day.set {
			day.text = ""
		}
		add(day.heading, day.text)
	}
	lon, lat, _ := coordinates(r.about.geometry)
	add(f.Longitude, lon)
	add(f.Latitude, lat)
	return out
}
