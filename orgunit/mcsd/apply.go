package mcsd

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// Apply returns md as it is after the changes in bundles, such as the pages of
// a history since the last time (RULES.md#updates). It does not change md.
//
//	md, err = format.Apply(ctx, md, pages...)
//
// Versions are applied from the oldest to the newest, and those older than what
// md has are passed over, so that histories may overlap. A unit that is deleted
// closes and stays. Units without changes, and all other objects, stay as they
// are. The findings are those that the changes bring: a parent that is not known
// is MCSD-H2, whose Refs has what to fetch.
//
// Once the result is stored, keep the Timestamp of the first page as the next
// _since. Go back a little from it if the directory is not a [Directory], as its
// clock and its changes may not be in step.
func (f Format) Apply(ctx context.Context, md hmis.Metadata, bundles ...*Bundle) (hmis.Metadata, error) {
	sp, err := f.newSplitter(&md)
	if err != nil {
		return md, err
	}
	s := f.newStore(ctx)
	if err := s.load(sp); err != nil {
		return md, err
	}
	before, err := s.findings()
	if err != nil {
		return md, err
	}
	if err := s.add(bundles); err != nil {
		return md, err
	}
	s.inherit()
	if err := s.link(); err != nil {
		return md, err
	}
	s.check()
	joined := s.joined(sp, func(r *record) bool { return r.changed || r.kind == location && r.pair != nil && r.pair.changed })
	err = s.finish(func(i *hmis.Issue) bool { return !before[findingOf(i)] })
	if err != nil {
		return md, err
	}
	return joined, nil
}

// load fills the store with the resources of md.
func (s *store) load(sp *splitter) error {
	put := func(r *resource, uid hmis.UID) {
		if s.index[r.kind][r.id] == nil {
			n := &record{resource: r, before: r, uid: uid}
			s.index[r.kind][r.id] = n
			s.of[r.kind] = append(s.of[r.kind], n)
		}
	}
	for unit := range sp.ids {
		if s.stop(unit) {
			return s.err
		}
		l, o, err := sp.pair(unit)
		if err != nil {
			return err
		}
		l.offset = -1
		put(l, sp.md.OrgUnits[unit].ID)
		if o != nil {
			o.offset = -1
			put(o, "")
		}
	}
	for _, a := range sp.affiliations() {
		a.offset = -1
		put(a, "")
	}
	return nil
}

// A finding identifies an issue without its text.
type finding struct {
	code, field string
	object      hmis.Ref
}

func findingOf(i *hmis.Issue) finding { return finding{i.Code, i.Field, i.Object} }

// findings checks the store and returns the identities of all findings. It also
// clears them from the store.
func (s *store) findings() (map[finding]bool, error) {
	if err := s.link(); err != nil {
		return nil, err
	}
	s.check()
	found := make(map[finding]bool, len(s.issues))
	for _, i := range s.issues {
		found[findingOf(i)] = true
	}
	s.issues = nil
	clear(s.uids)
	return found, s.err
}

// inherit copies to new versions the facts that the profile cannot hold and a
// directory therefore cannot know; see [record.inherit].
func (s *store) inherit() {
	for k := range s.of {
		for _, r := range s.of[k] {
			if r.changed && r.before != nil && r.resource != r.before {
				r.inherit(s.f, s.today)
			}
		}
	}
}

// inherit keeps the code, dates, groups and unique attributes that a unit had
// before, unless the new version has its own.
func (r *record) inherit(f Format, today period.Date) {
	now, old := *r.resource, r.before
	r.resource = &now
	if r.kind == location && now.opened == "" && now.closed == "" && !slices.ContainsFunc(now.extensions, isPeriod) {
		now.opened = old.opened
		if day, err := dayOf(old.closed, true); err == nil && (now.status == "inactive" || now.status == "suspended" && f.CloseSuspended || day >= today) {
			now.closed = old.closed
		}
	}
	now.identifiers = slices.Clip(now.identifiers)
	code, oldCode := codeOf(now.identifiers, f.System), codeOf(old.identifiers, f.System)
	ours := f.base() + "/identifier/"
	for i, n := range old.identifiers {
		switch {
		case i == oldCode && code >= 0, i != oldCode && !strings.HasPrefix(n.system, ours):
			continue
		case !slices.ContainsFunc(now.identifiers, func(m identifier) bool { return m.system == n.system }):
			now.identifiers = append(now.identifiers, n)
		}
	}
	now.codings = slices.Clip(now.codings)
	said := map[string]bool{}
	for _, n := range now.codings {
		said[n.system] = true
	}
	for _, n := range old.codings {
		if strings.HasPrefix(n.system, f.base()+"/CodeSystem/") && !said[n.system] {
			n.concept = now.types
			now.types++
			now.codings = append(now.codings, n)
		}
	}
}

func isPeriod(extension string) bool { return strings.Contains(extension, PeriodExtension) }

// newJoiner returns a joiner that adds units to the metadata of sp, or to empty
// metadata if sp is nil. Facts about the units to use that come from their
// resources are first dropped.
func (s *store) newJoiner(sp *splitter, use func(*record) bool) *joiner {
	j := &joiner{
		store: s, groups: map[hmis.UID]int{}, sets: map[hmis.UID]int{}, inSet: map[[2]hmis.UID]bool{},
		codings: map[[2]string]int{}, attributes: map[hmis.UID]bool{}, systems: map[string]hmis.UID{},
	}
	if sp == nil {
		return j
	}
	j.md = *sp.md
	again := map[hmis.UID]bool{} // units that are rebuilt
	for _, l := range s.of[location] {
		if l.before != nil && use(l) {
			again[l.uid] = true
		}
	}
	j.keepUnits(again)
	j.keepRows(sp, again)
	j.keepGroups(sp, again)
	for _, a := range s.of[affiliation] {
		if a.before != nil && use(a) {
			j.dropAffiliation(a)
		}
	}
	return j
}

func (j *joiner) keepUnits(again map[hmis.UID]bool) {
	j.md.OrgUnits = slices.Clone(j.md.OrgUnits)
	j.md.OrgUnits = slices.DeleteFunc(j.md.OrgUnits, func(u hmis.OrgUnit) bool { return again[u.ID] })
	for i := range j.md.OrgUnits {
		if u := &j.md.OrgUnits[i]; u.Parent == "" {
			u.Parent = parentID(u) // before the paths are rebuilt
		}
	}
}

// keepRows keeps the properties and attribute values that do not come from
// resources, and drops the rest.
func (j *joiner) keepRows(sp *splitter, again map[hmis.UID]bool) {
	ours := func(r hmis.Ref) bool { return r.Kind == hmis.KindOrgUnit && again[r.ID] }
	j.md.Properties = slices.DeleteFunc(slices.Clone(j.md.Properties), func(p hmis.Property) bool {
		return ours(p.Object) && known(p.Name)
	})
	j.md.AttributeValues = slices.DeleteFunc(slices.Clone(j.md.AttributeValues), func(v hmis.AttributeValue) bool {
		return ours(v.Object) && (sp.systems[v.Attribute] != "" || v.Attribute == LocationID || v.Attribute == OrganizationID)
	})
	j.md.Attributes = slices.Clip(j.md.Attributes)
	for _, a := range j.md.Attributes {
		j.attributes[a.ID] = true
		if system := sp.systems[a.ID]; system != "" {
			j.systems[system] = a.ID
		}
	}
}

// keepGroups drops memberships that come from codings, and indexes the groups
// by coding.
func (j *joiner) keepGroups(sp *splitter, again map[hmis.UID]bool) {
	j.md.Groups = slices.Clone(j.md.Groups)
	j.md.GroupSets = slices.Clone(j.md.GroupSets)
	for g := range j.md.Groups {
		group := &j.md.Groups[g]
		if group.Kind != hmis.KindOrgUnitGroup {
			continue
		}
		j.groups[group.ID] = g
		group.Members = slices.Clone(group.Members)
		if !sp.affiliated[group.ID] {
			group.Members = slices.DeleteFunc(group.Members, func(id hmis.UID) bool { return again[id] })
		}
		for _, n := range sp.codes[g] {
			j.codings[[2]string{n.system, n.code}] = g
		}
	}
	for i := range j.md.GroupSets {
		set := &j.md.GroupSets[i]
		if set.Kind != hmis.KindOrgUnitGroupSet {
			continue
		}
		set.Groups = slices.Clone(set.Groups)
		j.sets[set.ID] = i
		for _, g := range set.Groups {
			j.inSet[[2]hmis.UID{set.ID, g}] = true
		}
	}
}

// dropAffiliation removes the memberships that an affiliation added before it
// changed.
func (j *joiner) dropAffiliation(a *record) {
	name := affiliationPrefix + a.id
	in := map[hmis.UID]bool{}
	for _, p := range j.md.Properties {
		if p.Object.Kind == hmis.KindOrgUnitGroup && p.Name == name {
			in[p.Object.ID] = true
		}
	}
	j.md.Properties = slices.DeleteFunc(j.md.Properties, func(p hmis.Property) bool {
		return p.Object.Kind == hmis.KindOrgUnitGroup && p.Name == name
	})
	member := j.index[organization][a.before.managedBy.id]
	if member == nil || member.pair == nil {
		return
	}
	for group := range in {
		if g, ok := j.groups[group]; ok {
			members := j.md.Groups[g].Members
			// Several affiliations may add the same member, and each added it
			// once.
			if i := slices.Index(members, member.pair.uid); i >= 0 {
				j.md.Groups[g].Members = slices.Delete(members, i, i+1)
			}
		}
	}
}

// arrange puts units back in their old order, with new ones at the end, and
// then parents before children. If units had paths, it rebuilds them.
func arrange(units, old []hmis.OrgUnit) {
	at := make(map[hmis.UID]int, len(old))
	paths := false
	for i := range old {
		at[old[i].ID] = i - len(old)
		paths = paths || old[i].Path != ""
	}
	slices.SortStableFunc(units, func(a, b hmis.OrgUnit) int { return cmp.Compare(at[a.ID], at[b.ID]) })
	index := make(map[hmis.UID]int, len(units))
	for i := range units {
		index[units[i].ID] = i
	}
	above := make([]int, len(units))
	for i := range units {
		above[i] = -1
		if up, ok := index[units[i].Parent]; ok && units[i].Parent != "" {
			above[i] = up
		}
	}
	list := slices.Clone(units)
	for to, from := range parentsFirst(above) {
		units[to] = list[from]
	}
	if !paths {
		return
	}
	path := make(map[hmis.UID]string, len(units))
	for i := range units {
		u := &units[i]
		u.Path = ""
		if up := path[u.Parent]; up != "" || u.Parent == "" {
			u.Path = up + "/" + string(u.ID)
			path[u.ID] = u.Path
		}
	}
}
