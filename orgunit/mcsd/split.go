package mcsd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A splitter makes the Location and the Organization of each org unit.
type splitter struct {
	f          Format
	md         *hmis.Metadata
	today      period.Date
	index      map[hmis.UID]int // index of each unit
	properties rows
	values     rows
	memberships
	ids     []string // FHIR ids of the Locations, by unit
	orgIDs  []string
	systems map[hmis.UID]string // identifier system of each attribute
	kind    []string            // by unit: "jurisdiction", "facility", "both" or ""
	parents []int               // index of the parent of each unit, or -1
}

// rows lists the rows of a table that belong to each unit.
type rows struct {
	start []int32
	row   []int32
}

func (r rows) of(unit int) []int32 { return r.row[r.start[unit]:r.start[unit+1]] }

// rowsOf groups n rows by unit. unit returns -1 for a row that belongs to no
// unit.
func rowsOf(units, n int, unit func(int) int) rows {
	r := rows{start: make([]int32, units+1)}
	for i := range n {
		if u := unit(i); u >= 0 {
			r.start[u+1]++
		}
	}
	for u := range units {
		r.start[u+1] += r.start[u]
	}
	r.row = make([]int32, r.start[units])
	next := slices.Clone(r.start)
	for i := range n {
		if u := unit(i); u >= 0 {
			r.row[next[u]] = int32(i)
			next[u]++
		}
	}
	return r
}

func (f Format) newSplitter(md *hmis.Metadata) (*splitter, error) {
	s := &splitter{f: f, md: md, today: f.today(), index: make(map[hmis.UID]int, len(md.OrgUnits)), systems: map[hmis.UID]string{}}
	for i := range md.OrgUnits {
		id := md.OrgUnits[i].ID
		if _, repeats := s.index[id]; repeats || id == "" {
			return nil, &hmis.Issue{
				Severity: hmis.Critical, Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: id}, Field: "id", Offset: -1,
				Err: fmt.Errorf("want an id for each unit, once; see unit %d, named %q", i, clip(md.OrgUnits[i].Name)),
			}
		}
		s.index[id] = i
	}
	unit := func(r hmis.Ref) int {
		if i, ok := s.index[r.ID]; ok && r.Kind == hmis.KindOrgUnit {
			return i
		}
		return -1
	}
	n := len(md.OrgUnits)
	s.properties = rowsOf(n, len(md.Properties), func(i int) int { return unit(md.Properties[i].Object) })
	s.values = rowsOf(n, len(md.AttributeValues), func(i int) int { return unit(md.AttributeValues[i].Object) })
	for _, a := range md.Attributes {
		switch {
		case !a.Unique || a.ID == LocationID || a.ID == OrganizationID:
		case isURI(a.Code):
			s.systems[a.ID] = a.Code
		default:
			s.systems[a.ID] = f.base() + "/identifier/" + string(a.ID)
		}
	}
	s.memberships.fill(f, md, s.index)
	return s, s.number()
}

// number finds the FHIR ids, parents and kinds of the units.
func (s *splitter) number() error {
	n := len(s.md.OrgUnits)
	s.ids, s.orgIDs, s.parents, s.kind = make([]string, n), make([]string, n), make([]int, n), make([]string, n)
	leaf := slices.Repeat([]bool{true}, n)
	taken := make(map[string]hmis.UID, n)
	for i := range s.md.OrgUnits {
		u := &s.md.OrgUnits[i]
		s.ids[i] = string(u.ID)
		for _, row := range s.values.of(i) {
			switch v := &s.md.AttributeValues[row]; v.Attribute {
			case LocationID:
				s.ids[i] = v.Value
			case OrganizationID:
				s.orgIDs[i] = v.Value
			}
		}
		s.orgIDs[i] = cmp.Or(s.orgIDs[i], s.ids[i])
		id := s.ids[i]
		if other, repeats := taken[id]; repeats || !validID(id) || !validID(s.orgIDs[i]) {
			err := fmt.Errorf("%q: want 1 to 64 letters, digits, dashes and dots", clip(id))
			if repeats {
				err = fmt.Errorf("%q is also the FHIR id of %s", id, other)
			}
			return &hmis.Issue{Code: "MCSD-U1", Severity: hmis.Severe, Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: u.ID}, Field: "id", Offset: -1, Err: err}
		}
		taken[id] = u.ID
		s.parents[i] = -1
		if up, ok := s.index[parentID(u)]; ok {
			s.parents[i] = up
			leaf[up] = false
		}
	}
	for _, i := range parentsFirst(s.parents) {
		s.kind[i] = s.kindOf(i, leaf[i])
	}
	return nil
}

// parentID returns the id of the parent. If the field Parent is empty, it is
// read from the path.
func parentID(u *hmis.OrgUnit) hmis.UID {
	if u.Parent != "" {
		return u.Parent
	}
	above, ok := strings.CutSuffix(u.Path, "/"+string(u.ID))
	if !ok {
		return ""
	}
	return hmis.UID(above[strings.LastIndexByte(above, '/')+1:])
}

// kindOf returns the kind as which a unit is written (RULES.md#kinds).
func (s *splitter) kindOf(unit int, leaf bool) string {
	jurisdiction, facility := s.in(unit, Jurisdictions), s.in(unit, Facilities)
	up := s.parents[unit]
	switch {
	case jurisdiction && facility:
		return "both"
	case jurisdiction:
		return "jurisdiction"
	case facility:
		return "facility"
	case s.property(unit, "Location.untyped") != "":
		return ""
	case leaf, up >= 0 && s.kind[up] == "facility", s.inSet(unit, s.f.Facilities):
		return "facility"
	}
	return "jurisdiction"
}

// property returns the value of a property of a unit, or "".
func (s *splitter) property(unit int, name string) string {
	for _, row := range s.properties.of(unit) {
		if s.md.Properties[row].Name == name {
			return s.md.Properties[row].Value
		}
	}
	return ""
}

// pair returns the Location and the Organization of a unit. The Organization is
// nil if the unit has none.
func (s *splitter) pair(unit int) (l, o *resource, err error) {
	u := &s.md.OrgUnits[unit]
	l = &resource{kind: location, id: s.ids[unit], managedBy: reference{id: s.orgIDs[unit]}}
	o = &resource{kind: organization, id: s.orgIDs[unit]}
	l.name, o.name, l.status = u.Name, u.Name, "active"
	for _, code := range [...]string{"jurisdiction", "facility"} {
		if s.kind[unit] == code || s.kind[unit] == "both" {
			l.codings = append(l.codings, coding{system: TypeSystem, code: code, concept: l.types})
			l.types++
		}
	}
	l.physical = defaultPhysical(l)
	o.codings, o.types = slices.Clone(l.codings), l.types
	s.groupCodings(unit, l)
	if s.kind[unit] == "facility" && l.types < 2 {
		l.codings = append(l.codings, coding{system: unknownSystem, code: unknownCode, concept: l.types})
		l.types++
	}
	if u.ShortName != "" {
		l.aliases = []string{u.ShortName}
	}
	if u.Opened != 0 {
		l.opened = u.Opened.String()
	}
	if u.Closed != 0 {
		l.closed = u.Closed.String()
		if u.Closed < s.today {
			l.status = "inactive"
		}
	}
	if err := s.place(unit, l, o); err != nil {
		return nil, nil, err
	}
	s.identify(unit, l)
	if longitude, latitude, ok := pointOf(u.Geometry); ok {
		l.longitude, l.latitude = longitude, latitude
	} else {
		l.boundary = u.Geometry
	}
	for _, row := range s.properties.of(unit) {
		p := &s.md.Properties[row]
		if err := s.apply(p, l, o); err != nil {
			return nil, nil, &hmis.Issue{Severity: hmis.Severe, Object: p.Object, Field: p.Name, Offset: -1, Err: err}
		}
	}
	if s.property(unit, "Organization.identifier") == "" {
		o.identifiers = l.identifiers
	}
	o.active = isInactive
	if l.status == "active" {
		o.active = isActive
	}
	if value := s.property(unit, "Organization.active"); value != "" {
		o.active = map[string]active{"true": isActive, "false": isInactive}[value]
	}
	if s.property(unit, "Location.managingOrganization") != "" || l.managedBy.id == "" {
		o = nil
	}
	return l, o, nil
}

// place sets partOf of the Location and of the Organization.
func (s *splitter) place(unit int, l, o *resource) error {
	id := parentID(&s.md.OrgUnits[unit])
	up := s.parents[unit]
	switch {
	case up >= 0:
		l.partOf.id, o.partOf.id = s.ids[up], s.orgIDs[up]
	case id != "":
		l.partOf.id = string(id)
		if told := s.property(unit, "Location.parent"); told != "" {
			_ = json.Unmarshal([]byte(told), &l.partOf.id)
		}
		if !validID(l.partOf.id) {
			return fmt.Errorf("mcsd: parent %q: want a FHIR id", clip(l.partOf.id))
		}
	}
	return nil
}

// identify adds identifiers for the code and for unique attributes.
func (s *splitter) identify(unit int, l *resource) {
	u := &s.md.OrgUnits[unit]
	if u.Code != "" {
		n := identifier{use: "official", system: s.f.codeSystem(), value: u.Code}
		if told := s.property(unit, "Location.codeSystem"); told != "" {
			_ = json.Unmarshal([]byte(told), &n.system)
		}
		l.identifiers = append(l.identifiers, n)
	}
	for _, row := range s.values.of(unit) {
		v := &s.md.AttributeValues[row]
		if system := s.systems[v.Attribute]; system != "" && v.Value != "" {
			l.identifiers = append(l.identifiers, identifier{use: "secondary", system: system, value: v.Value})
		}
	}
}
