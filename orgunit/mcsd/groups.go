package mcsd

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// ungrouped is the end of the code system's URL for groups that are in no group
// set.
const ungrouped = "org-unit-group"

// types adds a unit to the groups of its codings (RULES.md#types-and-groups).
func (j *joiner) types(codings []coding, unit hmis.UID) {
	// A unit of both kinds is a jurisdiction first, as Write writes it.
	if at := slices.IndexFunc(codings, isJurisdiction); at > 0 {
		codings = slices.Concat(codings[at:at+1], codings[:at], codings[at+1:])
	}
	for i, n := range codings {
		if n.system == unknownSystem && n.code == unknownCode || repeated(codings[:i], n) {
			continue
		}
		key := [2]string{n.system, n.code}
		g, known := j.codings[key]
		if !known {
			g = j.group(n)
			j.codings[key] = g
		}
		// Two codings of one concept may mean the same group, in two sets.
		if members := j.md.Groups[g].Members; len(members) == 0 || members[len(members)-1] != unit {
			j.md.Groups[g].Members = append(members, unit)
		}
		if j.md.Groups[g].Name == n.code && n.display != "" {
			j.md.Groups[g].Name = n.display
		}
	}
}

func isJurisdiction(n coding) bool { return n.system == TypeSystem && n.code == "jurisdiction" }

func repeated(before []coding, n coding) bool {
	for _, b := range before {
		if b.system == n.system && b.code == n.code {
			return true
		}
	}
	return false
}

// group returns the index of the group for a coding. It creates the group and
// its group set if necessary.
func (j *joiner) group(n coding) int {
	set := hmis.GroupSet{ID: madeUID(n.system), Code: n.system, Name: nameOf(n.system)}
	group := hmis.Group{ID: madeUID(n.system + "|" + n.code), Code: n.code, Name: cmp.Or(n.display, n.code)}
	if rest, ok := strings.CutPrefix(n.system, j.f.base()+"/CodeSystem/"); ok {
		uid, err := hmis.ParseUID(rest)
		ours := err == nil || rest == ungrouped
		if id, err := hmis.ParseUID(n.code); ours && err == nil {
			group.ID, group.Code = id, ""
			set = hmis.GroupSet{ID: uid, Name: rest}
		}
	}
	g := j.add(group)
	if set.ID != "" {
		j.join(set, group.ID)
	}
	return g
}

// nameOf returns the last part of the URL of a code system.
func nameOf(system string) string {
	return cmp.Or(system[strings.LastIndexAny(strings.TrimRight(system, "/"), "/:")+1:], "type")
}

// add returns the index of a group, which it adds unless its id is there
// already.
func (j *joiner) add(g hmis.Group) int {
	at, known := j.groups[g.ID]
	if !known {
		at = len(j.md.Groups)
		g.Kind = hmis.KindOrgUnitGroup
		j.groups[g.ID] = at
		j.md.Groups = append(j.md.Groups, g)
	}
	return at
}

// join adds a group to a group set.
func (j *joiner) join(set hmis.GroupSet, group hmis.UID) {
	at, known := j.sets[set.ID]
	if !known {
		at = len(j.md.GroupSets)
		set.Kind = hmis.KindOrgUnitGroupSet
		j.sets[set.ID] = at
		j.md.GroupSets = append(j.md.GroupSets, set)
	}
	if key := [2]hmis.UID{set.ID, group}; !j.inSet[key] {
		j.inSet[key] = true
		j.md.GroupSets[at].Groups = append(j.md.GroupSets[at].Groups, group)
	}
}

// affiliationPrefix begins the name of a property that holds an affiliation as
// written. The id of the affiliation follows it.
const affiliationPrefix = "OrganizationAffiliation/"

// affiliation adds the member of another hierarchy to a group. There is a group
// for each parent, and a group set for each hierarchy.
func (j *joiner) affiliation(a *record) {
	if a.gone || a.active == isInactive {
		return
	}
	up, member := j.index[organization][a.partOf.id], j.index[organization][a.managedBy.id]
	if up == nil || up.pair == nil || member == nil || member.pair == nil {
		j.find("MCSD-A1", hmis.Severe, a, "organization", "want two Organizations with a Location each; the affiliation is left out")
		return
	}
	codes := a.codings
	if len(codes) == 0 {
		codes = []coding{{system: home + "/affiliation", code: "affiliation"}}
	}
	for _, n := range codes {
		key := n.system + "|" + n.code
		group := hmis.Group{ID: madeUID("affiliation " + key + " " + string(up.pair.uid)), Name: up.pair.name}
		g := j.add(group)
		j.join(hmis.GroupSet{ID: madeUID("affiliation " + key), Code: key, Name: cmp.Or(n.display, n.code)}, group.ID)
		j.md.Groups[g].Members = append(j.md.Groups[g].Members, member.pair.uid)
		j.md.Properties = append(j.md.Properties, hmis.Property{
			Object: hmis.Ref{Kind: hmis.KindOrgUnitGroup, ID: group.ID}, Name: affiliationPrefix + a.id, Value: a.rest[0].raw,
		})
	}
}
