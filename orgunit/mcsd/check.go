package mcsd

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

// check finds the rules that the resources break.
func (s *store) check() {
	for i, l := range s.of[location] {
		if s.stop(i) {
			return
		}
		s.checkFields(l)
		s.checkPair(l)
		s.checkExtensions(l)
	}
	for _, o := range s.of[organization] {
		s.checkFields(o)
		if o.pair == nil && len(s.of[location]) > 0 && (o.has("jurisdiction") || o.has("facility")) {
			s.find("MCSD-P1", hmis.Warning, o, "", "no Location has it as managingOrganization; it is no org unit")
		}
	}
	cyclic := s.checkCycles(location)
	s.checkCycles(organization)
	s.checkTree(cyclic)
	for _, k := range [...]kind{location, organization} {
		s.checkIdentifiers(k)
	}
	s.checkGeometry(cyclic)
}

// checkFields checks a single resource (RULES.md#fields).
func (s *store) checkFields(r *record) {
	if r.gone {
		return
	}
	if r.name == "" {
		s.find("MCSD-F1", hmis.Severe, r, "name", "want a name")
	}
	if r.kind == location {
		switch r.status {
		case "active", "suspended", "inactive":
		case "":
			s.find("MCSD-F1", hmis.Severe, r, "status", "want active, suspended or inactive")
		default:
			s.find("MCSD-F1", hmis.Severe, r, "status", "%q: want active, suspended or inactive", clip(r.status))
		}
	}
	if r.types == 0 {
		s.find("MCSD-F1", hmis.Severe, r, "type", "want a type")
	}
	for _, m := range r.rest {
		if m.name == "implicitRules" || m.name == "modifierExtension" {
			s.find("MCSD-F5", hmis.Severe, r, m.name, "the profiles forbid it: it may change what the rest means")
		}
	}
	jurisdiction, facility := r.has("jurisdiction"), r.has("facility")
	if jurisdiction && facility {
		s.find("MCSD-F4", hmis.Warning, r, "type", "jurisdiction and facility: want one of them")
	}
	if r.kind == location && facility && r.types < 2 {
		s.find("MCSD-F3", hmis.Severe, r, "type", "%d types: want facility and the kind of service", r.types)
	}
}

// checkPair compares a Location with its Organization (RULES.md#pairs).
func (s *store) checkPair(l *record) {
	typed := l.has("jurisdiction") || l.has("facility")
	switch o := l.pair; {
	case l.gone || !typed && l.managedBy.isZero():
	case l.managedBy.isZero():
		s.find("MCSD-F2", hmis.Severe, l, "managingOrganization", "want the Organization that manages it")
	case l.managedBy.id == "":
		s.find("MCSD-F2", hmis.Severe, l, "managingOrganization", "want a reference such as Organization/1")
	case o == nil && len(s.of[organization]) > 0:
		s.find("MCSD-F2", hmis.Severe, l, "managingOrganization", "no Organization/%s", l.managedBy.id)
	case o == nil:
	case typed && (l.has("jurisdiction") && !o.has("jurisdiction") || l.has("facility") && !o.has("facility")):
		s.find("MCSD-F2", hmis.Severe, l, "managingOrganization", "Organization/%s is not of the same kind", o.id)
	case o.pair != l:
		s.find("MCSD-P1", hmis.Warning, l, "managingOrganization", "Organization/%s manages Location/%s too", o.id, o.pair.id)
	case o.name != l.name:
		s.find("MCSD-P2", hmis.Warning, l, "name", "%q, but the Organization has %q", clip(l.name), clip(o.name))
	}
}

// checkExtensions reports extensions that could not be read. They are kept as
// written.
func (s *store) checkExtensions(l *record) {
	boundaries, periods := 0, 0
	for i, raw := range l.extensions {
		var url string
		_ = parse([]byte(raw), func(d decoder) { url = d.First("url"); d.Skip() }) // this text was valid when it was first read
		var err error
		switch url {
		case boundaryExtension:
			if _, err = readBoundary([]byte(raw)); err == nil {
				boundaries++
			}
		case PeriodExtension:
			if _, _, err = readPeriod([]byte(raw)); err == nil {
				periods++
			}
		}
		if err == nil && boundaries+periods > 0 {
			err, boundaries, periods = fmt.Errorf("want it once"), 0, 0
		}
		if err != nil {
			s.find("MCSD-G1", hmis.Severe, l, fmt.Sprintf("extension[%d]", i), "%s: %w", url[strings.LastIndexByte(url, '/')+1:], err)
		}
	}
	for _, m := range l.resource.rest {
		if m.name == "position" && (l.longitude == "" || l.latitude == "") {
			s.find("MCSD-G1", hmis.Severe, l, "position", "want longitude and latitude")
		}
	}
}

// above returns the resource that partOf names.
func (s *store) above(r *record) *record {
	if r.partOf.id == "" {
		return nil
	}
	return s.index[r.kind][r.partOf.id]
}

// checkCycles reports each cycle of partOf once, and returns the resources on
// one.
func (s *store) checkCycles(k kind) map[*record]bool {
	walk := make(map[*record]*record, len(s.of[k])) // for each resource, the start of the walk that reached it first
	cyclic := map[*record]bool{}
	for _, start := range s.of[k] {
		r := start
		for r != nil && walk[r] == nil {
			walk[r] = start
			r = s.above(r)
		}
		if r == nil || walk[r] != start {
			continue
		}
		issue := s.find("MCSD-H1", hmis.Critical, r, "partOf", "")
		n := 0
		text := "above itself: " + r.id
		for up := s.above(r); ; up = s.above(up) {
			cyclic[up] = true
			if n++; n <= 8 {
				text += " → " + up.id
				issue.Refs = append(issue.Refs, up.ref())
			}
			if up == r {
				break
			}
		}
		if n > 8 {
			text += fmt.Sprintf(" → %d more", n-8)
		}
		issue.Err = fmt.Errorf("%s", text)
	}
	return cyclic
}

// checkTree compares each resource with its parent (RULES.md#trees).
func (s *store) checkTree(cyclic map[*record]bool) {
	within := make(map[*record]bool, len(s.of[location])/4)
	var roots []*record
	for _, l := range s.order() {
		up := s.above(l)
		if up != nil && !cyclic[l] && (within[up] || up.has("facility")) {
			within[l] = true
		}
		jurisdiction, facility := l.has("jurisdiction"), l.has("facility")
		if !l.gone && !jurisdiction && !facility && !within[l] {
			s.find("MCSD-F4", hmis.Warning, l, "type", "neither jurisdiction nor facility, and not within a facility")
		}
		switch {
		case up == nil && !l.partOf.isZero():
			s.dangling(l)
		case up == nil:
			roots = append(roots, l)
			if facility && !jurisdiction && !l.gone {
				s.find("MCSD-H3", hmis.Warning, l, "partOf", "a facility without anything above it: want a jurisdiction as root")
			}
		case cyclic[l]:
		default:
			if within[l] && jurisdiction {
				s.find("MCSD-H4", hmis.Severe, l, "partOf", "a jurisdiction below a facility")
			}
			if !l.gone && l.status == "active" && (up.gone || up.status == "inactive") {
				s.find("MCSD-H7", hmis.Warning, l, "status", "active, but Location/%s above it is not", up.id)
			}
			s.checkAgreement(l, up)
		}
		if up == nil && l.partOf.isZero() {
			s.checkAgreement(l, nil)
		}
	}
	if len(roots) > 1 {
		issue := s.find("MCSD-H3", hmis.Warning, roots[1], "partOf", "one of %d roots: want one", len(roots))
		for _, r := range roots[:min(len(roots), 8)] {
			issue.Refs = append(issue.Refs, r.ref())
		}
	}
	for _, o := range s.of[organization] {
		if s.above(o) == nil && !o.partOf.isZero() {
			s.dangling(o)
		}
	}
}

// dangling reports a partOf whose target does not exist.
func (s *store) dangling(r *record) {
	if r.partOf.id == "" {
		s.find("MCSD-H2", hmis.Severe, r, "partOf", "want a reference such as %v/1", r.kind)
		return
	}
	issue := s.find("MCSD-H2", hmis.Severe, r, "partOf", "no %v/%s", r.kind, r.partOf.id)
	issue.Refs = []hmis.Ref{{Kind: hmis.Kind(r.kind.String()), ID: hmis.UID(r.partOf.id)}}
}

// checkAgreement compares the parent of a Location with that of its
// Organization.
func (s *store) checkAgreement(l, up *record) {
	o := l.pair
	if o == nil || o.pair != l || s.above(o) == nil && !o.partOf.isZero() {
		return
	}
	want := ""
	if up != nil {
		if want = up.managedBy.id; want == "" {
			return
		}
	}
	if o.partOf.id != want {
		s.find("MCSD-H6", hmis.Warning, l, "partOf", "the Organization is part of %s, that of the Location above is %s",
			orNone(o.partOf.id), orNone(want))
	}
}

func orNone(id string) string {
	if id == "" {
		return "none"
	}
	return "Organization/" + id
}

// checkIdentifiers reports identifiers that two resources of the same type
// share.
func (s *store) checkIdentifiers(k kind) {
	type key struct{ system, value string }
	first := make(map[key]*record, len(s.of[k]))
	for _, r := range s.of[k] {
		for i, n := range r.identifiers {
			if n.system == "" || n.value == "" {
				continue
			}
			at := key{n.system, n.value}
			other := first[at]
			if other == nil {
				first[at] = r
			} else if other != r {
				issue := s.find("MCSD-H5", hmis.Severe, r, fmt.Sprintf("identifier[%d]", i), "%q of %q is also that of %v/%s",
					clip(n.value), clip(n.system), k, other.id)
				issue.Refs = []hmis.Ref{other.ref()}
			}
		}
	}
}

// plainPosition reports whether the only geometry is a position that is in
// range and far from 0,0. Most Locations are like that and need no more checks.
func (r *resource) plainPosition() bool {
	if r.boundary != "" || r.longitude == "" || r.latitude == "" {
		return false
	}
	longitude, err1 := strconv.ParseFloat(r.longitude, 64)
	latitude, err2 := strconv.ParseFloat(r.latitude, 64)
	x, y := math.Abs(longitude), math.Abs(latitude)
	return err1 == nil && err2 == nil && x <= 180 && y <= 90 && (x > 2 && y < 80 || y > 2)
}

// checkGeometry reports invalid geometry, and geometry outside the area of the
// parent. It uses the checks of package orgunit.
func (s *store) checkGeometry(cyclic map[*record]bool) {
	var units []hmis.OrgUnit
	j := &joiner{store: s}
	for i, l := range s.of[location] {
		if s.stop(i) {
			return
		}
		if up := s.above(l); l.plainPosition() && (up == nil || up.boundary == "") {
			continue
		}
		u := hmis.OrgUnit{ID: l.uid}
		if j.geometry(l, &u, &properties{md: &j.md}); u.Geometry == "" {
			continue
		}
		if up := s.above(l); up != nil && !cyclic[l] {
			u.Parent = up.uid
		}
		units = append(units, u)
	}
	if len(units) == 0 {
		return
	}
	tree, err := orgunit.NewTree(units)
	if err != nil {
		return // the id has been reported before
	}
	for _, i := range tree.Check() {
		switch i.Code {
		case "orgunits_invalid_geometry", "orgunits_null_island", "orgunits_not_contained_by_parent":
			s.find("MCSD-H9", hmis.Warning, s.uids[i.Object.ID], "position", "%w", i.Err)
		}
	}
}
