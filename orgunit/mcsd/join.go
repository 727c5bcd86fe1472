package mcsd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// Metadata returns the org units of bundles, such as the pages of a search or
// of a whole history, in order. Units come with parents before children
// (RULES.md#units).
//
// A Location becomes an org unit, together with the Organization that manages
// it. Codings of type become groups, and their code systems group sets;
// affiliations of Organizations become groups of the members. The members of
// the resources that org units have no field for become properties, named
// "Location.telecom" for example, so that [Format.Write] loses nothing.
func (f Format) Metadata(ctx context.Context, bundles ...*Bundle) (hmis.Metadata, error) {
	s := f.newStore(ctx)
	if err := s.add(bundles); err != nil {
		return hmis.Metadata{}, err
	}
	if err := s.link(); err != nil {
		return hmis.Metadata{}, err
	}
	s.check()
	md := s.joined(nil, func(*record) bool { return true })
	if err := s.finish(func(*hmis.Issue) bool { return true }); err != nil {
		return hmis.Metadata{}, err
	}
	return md, nil
}

// Check lists each rule that the resources of bundles break: [hmis.Issue.Code]
// is the rule, Object the resource, and Field the path within it
// (RULES.md#fields, RULES.md#trees).
func (f Format) Check(bundles ...*Bundle) hmis.Issues {
	var all hmis.Issues
	f.Warn = func(i hmis.Issue) { all = append(all, &i) }
	f.Reject = func(_ hmis.Ref, err error) {
		if i, ok := err.(*hmis.Issue); ok {
			all = append(all, i)
		}
	}
	_, _ = f.Metadata(context.Background(), bundles...) // no error is possible with both callbacks set
	return all
}

// A joiner makes metadata of records.
type joiner struct {
	*store
	md         hmis.Metadata
	groups     map[hmis.UID]int
	sets       map[hmis.UID]int
	inSet      map[[2]hmis.UID]bool
	codings    map[[2]string]int // from coding to group
	attributes map[hmis.UID]bool
	systems    map[string]hmis.UID // from identifier system to attribute
}

// joined returns the metadata of the records to use. It is added to that of sp
// unless sp is nil.
func (s *store) joined(sp *splitter, use func(*record) bool) hmis.Metadata {
	s.alone()
	j := s.newJoiner(sp, use)
	if sp == nil {
		j.md.OrgUnits = make([]hmis.OrgUnit, 0, len(s.of[location]))
	}
	within := make(map[*record]bool) // the Location is a facility or inside one
	wards := 0
	for i, l := range s.order() {
		if s.stop(i) {
			return hmis.Metadata{}
		}
		up, _ := s.parentOf(l)
		if up != nil && (within[up] || up.has("facility")) {
			within[l] = true
		}
		untyped := !l.has("jurisdiction") && !l.has("facility")
		switch {
		case !use(l):
		case untyped && within[l] && l.before == nil && !s.f.Wards:
			wards++
		default:
			j.unit(l, untyped)
		}
	}
	if sp != nil {
		arrange(j.md.OrgUnits, sp.md.OrgUnits)
	}
	if wards > 0 {
		s.skipped["Location"] += wards
	}
	for _, o := range s.of[organization] {
		if o.pair == nil && use(o) {
			s.skipped["Organization"]++
		}
	}
	for _, a := range s.of[affiliation] {
		if use(a) {
			j.affiliation(a)
		}
	}
	return j.md
}

// unit adds the org unit that a Location becomes.
func (j *joiner) unit(l *record, untyped bool) {
	u := hmis.OrgUnit{ID: l.uid, Name: l.name}
	p := &properties{ref: hmis.Ref{Kind: hmis.KindOrgUnit, ID: l.uid}, md: &j.md}
	if id := hmis.UID(l.id); id != l.uid {
		j.attribute(LocationID, "FHIR_LOCATION_ID", "FHIR id of the Location", p.ref, l.id)
	}
	j.place(l, &u, p)
	j.codes(l, &u, p)
	j.names(l, &u, p)
	j.dates(l, &u, p)
	j.geometry(l, &u, p)
	j.types(l.codings, l.uid)
	if len(l.concepts) > 0 {
		p.set("Location.type", array(l.concepts))
	}
	if untyped {
		p.set("Location.untyped", "true")
	}
	if l.physical != defaultPhysical(l.resource) {
		p.set("Location.physicalType", physicalType(l.physical))
	}
	p.meta("Location", l.resource)
	p.rest("Location", l.resource)
	if o := l.pair; o != nil && o.pair == l {
		j.organization(l, o, p)
	} else if o != nil {
		j.attribute(OrganizationID, "FHIR_ORGANIZATION_ID", "FHIR id of the Organization", p.ref, o.id)
	} else if ref := referenceOf("Organization", l.managedBy); ref != "" || untyped {
		p.set("Location.managingOrganization", cmp.Or(ref, "null"))
	}
	j.md.OrgUnits = append(j.md.OrgUnits, u)
}

func defaultPhysical(r *resource) string {
	switch {
	case r.has("facility"):
		return "bu"
	case r.has("jurisdiction"):
		return "jdn"
	}
	return ""
}

// place sets the parent of a unit.
func (j *joiner) place(l *record, u *hmis.OrgUnit, p *properties) {
	up, id := j.parentOf(l)
	switch {
	case up != nil:
		u.Parent = up.uid
	case id != "":
		u.Parent = UIDOf(id)
		if string(u.Parent) != id {
			p.set("Location.parent", quoted(id)) // the id cannot be derived from that of the unit
		}
	}
	if l.partOf.raw != "" || l.partOf.id != id {
		p.set("Location.partOf", cmp.Or(referenceOf("Location", l.partOf), "null"))
	}
}

// codes reads the code from the identifiers. Other identifiers become values of
// unique attributes.
func (j *joiner) codes(l *record, u *hmis.OrgUnit, p *properties) {
	code := codeOf(l.identifiers, j.f.System)
	var rest []string
	seen := map[string]bool{}
	for i, n := range l.identifiers {
		if i == code {
			u.Code = n.value
			if n.system != j.f.codeSystem() {
				p.set("Location.codeSystem", quoted(n.system))
			}
			if n.raw == "" && (n.use == "" || n.use == "official") {
				seen[n.system] = true
				continue
			}
		}
		if i != code && n.raw == "" && (n.use == "" || n.use == "secondary") && n.system != "" && n.value != "" && !seen[n.system] {
			seen[n.system] = true
			id, name := attributeOf(n.system, j.f.base())
			if known, ok := j.systems[n.system]; ok {
				id = known
			}
			j.attribute(id, name, n.system, p.ref, n.value)
			continue
		}
		rest = append(rest, n.json())
	}
	if len(rest) > 0 {
		p.set("Location.identifier", array(rest))
	}
}

// codeOf returns the index of the identifier that is the code, or -1.
func codeOf(list []identifier, system string) int {
	at := -1
	for i, n := range list {
		switch {
		case n.value == "" || n.use == "old" || system != "" && n.system != system:
		case at < 0, system == "" && n.use == "official" && list[at].use != "official":
			at = i
		}
	}
	return at
}

// attributeOf returns the attribute for an identifier system.
func attributeOf(system, base string) (id hmis.UID, code string) {
	if rest, ok := strings.CutPrefix(system, base+"/identifier/"); ok {
		if uid, err := hmis.ParseUID(rest); err == nil {
			return uid, ""
		}
	}
	return madeUID("identifier " + system), system
}

func (j *joiner) attribute(id hmis.UID, code, name string, object hmis.Ref, value string) {
	if !j.attributes[id] {
		j.attributes[id] = true
		j.md.Attributes = append(j.md.Attributes, hmis.Attribute{
			ID: id, Code: code, Name: name, ValueType: hmis.Text, Unique: true, Kinds: []hmis.Kind{hmis.KindOrgUnit},
		})
	}
	j.md.AttributeValues = append(j.md.AttributeValues, hmis.AttributeValue{Object: object, Attribute: id, Value: value})
}

// names sets the short name from the first alias, and simple contacts.
func (j *joiner) names(l *record, u *hmis.OrgUnit, p *properties) {
	if len(l.aliases) > 0 {
		u.ShortName = l.aliases[0]
	}
	if len(l.aliases) > 1 {
		p.set("Location.alias", texts(l.aliases[1:]))
	}
}

// dates sets the opening and closing dates from the extension, from the period
// of the code, or from the status (RULES.md#open-and-closed).
func (j *joiner) dates(l *record, u *hmis.OrgUnit, p *properties) {
	opened, closes := l.opened, l.closed
	if opened == "" && closes == "" {
		opened, closes = j.periodOfCode(l)
	}
	u.Opened = dayIf(opened, false)
	u.Closed = dayIf(closes, true)
	if l.status != "active" && l.status != "inactive" {
		p.set("Location.status", quoted(l.status))
	}
	closed := l.gone || l.status == "inactive" || l.status == "suspended" && j.f.CloseSuspended
	ended := u.Closed != 0 && u.Closed < j.today
	switch {
	case closed && !ended:
		last, known := j.lastDay(l)
		u.Closed = max(last, u.Opened)
		if u.Closed == 0 {
			u.Closed = -1
		}
		if !l.gone || !known {
			j.find("MCSD-C1", hmis.Warning, l, "status", "closed on an unknown day: %v is the last before the latest news of it", u.Closed)
		}
	case !closed && ended && l.status == "active":
		j.find("MCSD-C2", hmis.Warning, l, "status", "active, but closed since %v", u.Closed)
	}
}

// periodOfCode returns the dates between which the code identifier has been in
// use. While the Location is active, the end of the code does not close the
// unit.
func (j *joiner) periodOfCode(l *record) (opened, closed string) {
	code := codeOf(l.identifiers, j.f.System)
	if code < 0 || l.identifiers[code].raw == "" {
		return "", ""
	}
	err := parse([]byte(l.identifiers[code].raw), func(d decoder) {
		d.members(func(name string) {
			if name == "period" && d.Peek() == '{' {
				opened, closed, _ = d.period()
			} else {
				d.Skip()
			}
		})
	})
	if err != nil || l.status == "active" {
		closed = ""
	}
	if _, bad := dayOf(opened, false); err != nil || bad != nil {
		opened = ""
	}
	if _, bad := dayOf(closed, true); bad != nil {
		closed = ""
	}
	return opened, closed
}

// lastDay returns the last day of a unit: the day before its record is known to
// have closed.
func (j *joiner) lastDay(l *record) (day period.Date, known bool) {
	for _, s := range [...]string{l.goneAt, l.updated, l.stamp} {
		if d, err := dayOf(s, false); err == nil {
			return d - 1, true
		}
	}
	return j.today - 1, false
}

func dayIf(s string, last bool) period.Date {
	if s == "" {
		return 0
	}
	d, _ := dayOf(s, last)
	return d
}

// geometry sets the geometry from the boundary or, if there is none, from the
// position.
func (j *joiner) geometry(l *record, u *hmis.OrgUnit, p *properties) {
	position := ""
	if l.longitude != "" && l.latitude != "" {
		position = `{"type":"Point","coordinates":[` + l.longitude + "," + l.latitude + "]}"
	}
	u.Geometry = position
	if l.boundary != "" {
		u.Geometry = l.boundary
		if position != "" && !slices.ContainsFunc(l.resource.rest, func(m member) bool { return m.name == "position" }) {
			p.set("Location.position", `{"longitude":`+l.longitude+`,"latitude":`+l.latitude+"}")
		}
	}
	if len(l.extensions) > 0 {
		p.set("Location.extension", array(l.extensions))
	}
}

// organization stores as properties where an Organization differs from its
// Location.
func (j *joiner) organization(l, o *record, p *properties) {
	if o.id != l.id {
		j.attribute(OrganizationID, "FHIR_ORGANIZATION_ID", "FHIR id of the Organization", p.ref, o.id)
	}
	if o.name != l.name {
		p.set("Organization.name", quoted(o.name))
	}
	if !slices.EqualFunc(o.identifiers, l.identifiers, sameIdentifier) {
		p.set("Organization.identifier", identifiersJSON(o.identifiers))
	}
	if !onlyKinds(o.resource, l.resource) {
		p.set("Organization.type", typesJSON(o.codings, o.concepts))
	}
	if len(o.aliases) > 0 {
		p.set("Organization.alias", texts(o.aliases))
	}
	want := unsaid
	switch {
	case l.gone || l.status != "active":
		want = isInactive
	default:
		want = isActive
	}
	switch {
	case o.gone:
		p.set("Organization.active", "false")
	case o.active == want:
	case o.active == unsaid:
		p.set("Organization.active", "null")
	case o.active == isActive:
		p.set("Organization.active", "true")
	default:
		p.set("Organization.active", "false")
	}
	above := ""
	if up, _ := j.parentOf(l); up != nil {
		above = up.managedBy.id
	}
	if o.partOf.raw != "" || o.partOf.id != above {
		p.set("Organization.partOf", cmp.Or(referenceOf("Organization", o.partOf), "null"))
	}
	if len(o.extensions) > 0 {
		p.set("Organization.extension", array(o.extensions))
	}
	p.meta("Organization", o.resource)
	p.rest("Organization", o.resource)
}

// sameIdentifier compares identifiers. "official" and "secondary" count as
// equal to no use, because Write adds them to the code and the attributes.
func sameIdentifier(a, b identifier) bool {
	switch a.use + b.use {
	case "official", "secondary":
		a.use, b.use = "", ""
	}
	return a == b
}

// onlyKinds reports whether the types of an Organization are exactly the kinds
// of its Location, in the order in which Write writes them.
func onlyKinds(o, l *resource) bool {
	i := 0
	for _, code := range [...]string{"jurisdiction", "facility"} {
		if !l.has(code) {
			continue
		}
		if i >= len(o.codings) || o.codings[i] != (coding{system: TypeSystem, code: code, concept: i}) {
			return false
		}
		i++
	}
	return i == len(o.codings) && len(o.concepts) == 0
}

// alone creates Locations for Organizations if the bundles have no Locations at
// all, as in the answer to a search for Organizations.
func (s *store) alone() {
	if len(s.of[location]) > 0 {
		return
	}
	n := 0
	for _, o := range s.of[organization] {
		if !o.has("jurisdiction") && !o.has("facility") {
			continue
		}
		n++
		made := &resource{
			kind: location, id: o.id, offset: o.offset, naming: naming{name: o.name, identifiers: o.identifiers},
			typing: typing{types: o.types, codings: o.codings}, managedBy: reference{id: o.id}, partOf: o.partOf,
		}
		made.status, made.updated, made.physical = "active", o.updated, defaultPhysical(o.resource)
		l := &record{
			resource: made, stamp: o.stamp, pair: o, uid: UIDOf(o.id), gone: o.gone, goneAt: o.goneAt, changed: o.changed,
		}
		if o.active == isInactive {
			l.status = "inactive"
		}
		o.pair = l
		s.of[location] = append(s.of[location], l)
		s.index[location][l.id] = l
	}
	if n > 0 {
		s.issues = append(s.issues, &hmis.Issue{
			Code: "MCSD-P1", Severity: hmis.Warning, Object: hmis.Ref{Kind: KindOrganization}, Offset: -1,
			Err: fmt.Errorf("no Locations: the units are those of %d Organizations", n),
		})
	}
}
