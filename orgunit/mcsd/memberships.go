package mcsd

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// memberships has the groups of each unit, and the codings of these groups.
type memberships struct {
	md         *hmis.Metadata
	groupsOf   rows               // rows of each unit
	member     []int32            // index of the group of each row
	codes      [][]coding         // by group: one coding for each of its sets
	sets       map[hmis.UID]int   // index of each group set
	at         map[hmis.UID]int32 // index of each group
	affiliated map[hmis.UID]bool  // groups made from affiliations
}

func (m *memberships) fill(f Format, md *hmis.Metadata, index map[hmis.UID]int) {
	m.md, m.sets, m.at = md, map[hmis.UID]int{}, map[hmis.UID]int32{}
	m.codes = make([][]coding, len(md.Groups))
	for g := range md.Groups {
		if md.Groups[g].Kind == hmis.KindOrgUnitGroup {
			m.at[md.Groups[g].ID] = int32(g)
		}
	}
	m.affiliated = map[hmis.UID]bool{}
	for i := range md.Properties {
		if p := &md.Properties[i]; p.Object.Kind == hmis.KindOrgUnitGroup && isAffiliation(p.Name) {
			m.affiliated[p.Object.ID] = true
		}
	}
	for i := range md.GroupSets {
		set := &md.GroupSets[i]
		if set.Kind != hmis.KindOrgUnitGroupSet {
			continue
		}
		m.sets[set.ID] = i
		for _, id := range set.Groups {
			g, ok := m.at[id]
			if !ok || m.affiliated[id] || id == Jurisdictions || id == Facilities {
				continue
			}
			n := coding{system: f.base() + "/CodeSystem/" + string(set.ID), code: string(id)}
			group := &md.Groups[g]
			if isURI(set.Code) && group.Code != "" {
				n = coding{system: set.Code, code: group.Code}
			}
			if group.Name != n.code {
				n.display = group.Name
			}
			m.codes[g] = append(m.codes[g], n)
		}
	}
	var units []int32
	for g := range md.Groups {
		group := &md.Groups[g]
		if group.Kind != hmis.KindOrgUnitGroup || m.affiliated[group.ID] {
			continue
		}
		if len(m.codes[g]) == 0 && group.ID != Jurisdictions && group.ID != Facilities {
			n := coding{system: f.base() + "/CodeSystem/" + ungrouped, code: string(group.ID)}
			if group.Name != n.code {
				n.display = group.Name
			}
			m.codes[g] = []coding{n}
		}
		for _, id := range group.Members {
			if u, ok := index[id]; ok {
				units = append(units, int32(u))
				m.member = append(m.member, int32(g))
			}
		}
	}
	m.groupsOf = rowsOf(len(md.OrgUnits), len(units), func(i int) int { return int(units[i]) })
}

// in reports whether a unit is a member of a group.
func (m *memberships) in(unit int, group hmis.UID) bool {
	g, ok := m.at[group]
	return ok && slices.ContainsFunc(m.groupsOf.of(unit), func(row int32) bool { return m.member[row] == g })
}

// inSet reports whether a unit is a member of any group of a set.
func (m *memberships) inSet(unit int, set hmis.UID) bool {
	i, ok := m.sets[set]
	return ok && slices.ContainsFunc(m.md.GroupSets[i].Groups, func(g hmis.UID) bool { return m.in(unit, g) })
}

// groupCodings adds a concept to l for each group of a unit.
func (m *memberships) groupCodings(unit int, l *resource) {
	for _, row := range m.groupsOf.of(unit) {
		codes := m.codes[m.member[row]]
		for _, n := range codes {
			n.concept = l.types
			l.codings = append(l.codings, n)
		}
		if len(codes) > 0 {
			l.types++
		}
	}
}
