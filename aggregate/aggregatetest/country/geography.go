package country

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// These are the kinds of facility, as indexes of the groups in the set of
// facility types.
const (
	hospital = iota
	centre
	post
)

// A facility is a place that reports, with the numbers for generating its
// reports.
type facility struct {
	id          hmis.UID
	district    int // index of the district, from 0
	kind        int
	people      int // number of people in its catchment
	reliability int // how many reports in a hundred arrive
}

// A geography has the tree of the country and its facilities.
type geography struct {
	units      []hmis.OrgUnit
	groups     []hmis.Group
	facilities []facility
	zones      []zone
	rnd        *random
	used       map[string]bool // names of places that are taken
}

// A zone is the unit above facilities. The census counts the people of each
// zone.
type zone struct {
	id       hmis.UID
	district int
	people   int
}

var (
	regions   = []string{"Coast", "Highlands", "Plains"}
	districts = []string{
		"Ambari", "Belsona", "Corvane", "Dumara",
		"Estoli", "Fendara", "Golanda", "Halvera",
		"Imbeka", "Jorrin", "Kelmora", "Lunsara",
	}
	kinds = []string{"Hospital", "Health Centre", "Health Post"}
)

var levels = []hmis.OrgUnitLevel{
	{ID: "lvCountry01", Name: "Country", Level: 1},
	{ID: "lvRegion001", Name: "Region", Level: 2},
	{ID: "lvDistrict1", Name: "District", Level: 3},
	{ID: "lvZone00001", Name: "Zone", Level: 4},
	{ID: "lvFacility1", Name: "Facility", Level: 5},
}

// groupSets has the group sets that divide the facilities.
var groupSets = []hmis.GroupSet{
	{
		Kind: hmis.KindOrgUnitGroupSet, ID: "gsFacilType", Name: "Facility type", ShortName: "Facility type",
		Groups: []hmis.UID{"ogHospital1", "ogHlthCentr", "ogHlthPost1"}, Compulsory: true,
	},
	{
		Kind: hmis.KindOrgUnitGroupSet, ID: "gsOwnership", Name: "Ownership", ShortName: "Ownership",
		Groups: []hmis.UID{"ogGovernmnt", "ogMission01"}, Compulsory: true,
	},
}

// newGeography returns a country of 3 regions, 12 districts, 48 zones and 300
// facilities.
func newGeography() *geography {
	g := &geography{rnd: &random{state: 1}, used: make(map[string]bool)}
	g.groups = []hmis.Group{
		{Kind: hmis.KindOrgUnitGroup, ID: "ogHospital1", Name: "Hospitals", ShortName: "Hospitals"},
		{Kind: hmis.KindOrgUnitGroup, ID: "ogHlthCentr", Name: "Health centres", ShortName: "Health centres"},
		{Kind: hmis.KindOrgUnitGroup, ID: "ogHlthPost1", Name: "Health posts", ShortName: "Health posts"},
		{Kind: hmis.KindOrgUnitGroup, ID: "ogGovernmnt", Name: "Government", ShortName: "Government"},
		{Kind: hmis.KindOrgUnitGroup, ID: "ogMission01", Name: "Mission", ShortName: "Mission"},
	}
	root := g.unit("ouCountry01", "TA", "Tamaria", "")
	for r, name := range regions {
		region := g.unit(fmt.Sprintf("ouRegion%03d", r+1), fmt.Sprintf("TA-%d", r+1), name, root)
		for d := r * 4; d < r*4+4; d++ {
			g.district(region, d)
		}
	}
	g.change("ouFacil0017", period.DateOf(2024, 7, 1), 0)
	g.change("ouFacil0140", 0, period.DateOf(2025, 3, 31))
	return g
}

// district adds a district: 4 zones with 25 facilities in all, among them one
// hospital and seven health centres.
func (g *geography) district(region hmis.UID, d int) {
	code := fmt.Sprintf("TA-%d%02d", d/4+1, d+1)
	id := g.unit(fmt.Sprintf("ouDistr%04d", d+1), code, districts[d], region)
	for z, size := range []int{7, 6, 6, 6} {
		n := d*4 + z + 1
		place := g.place()
		home := g.unit(fmt.Sprintf("ouZone%05d", n), fmt.Sprintf("%s-%d", code, z+1), place, id)
		people := 0
		for f := range size {
			kind, name := post, place
			switch {
			case z == 0 && f == 0:
				kind = hospital
			case f == 0, f == 1 && z != 1, z == 0 && f == 2:
				kind = centre
			}
			if f > 0 {
				name = g.place()
			}
			people += g.facility(home, d, kind, name)
		}
		// The census also finds people whom no facility counts.
		g.zones = append(g.zones, zone{home, d, people * g.rnd.between(102, 112) / 100})
	}
}

// facility adds a facility and returns how many people it serves.
func (g *geography) facility(parent hmis.UID, district, kind int, name string) int {
	n := len(g.facilities) + 1
	id := g.unit(fmt.Sprintf("ouFacil%04d", n), fmt.Sprintf("HF%04d", n), name+" "+kinds[kind], parent)
	f := facility{id: id, district: district, kind: kind, reliability: g.rnd.between(78, 100)}
	switch kind {
	case hospital:
		f.people = g.rnd.between(18_000, 32_000)
	case centre:
		f.people = g.rnd.between(7_000, 14_000)
	case post:
		f.people = g.rnd.between(1_500, 4_500)
	}
	g.facilities = append(g.facilities, f)
	owner := 3
	if g.rnd.chance(15) {
		owner = 4
	}
	for _, group := range []int{kind, owner} {
		g.groups[group].Members = append(g.groups[group].Members, id)
	}
	return f.people
}

// unit adds an org unit and returns its id.
func (g *geography) unit(id, code, name string, parent hmis.UID) hmis.UID {
	g.units = append(g.units, hmis.OrgUnit{
		ID: hmis.UID(id), Code: code, Name: name, ShortName: name, Parent: parent,
		Opened: period.DateOf(1995, 1, 1),
	})
	return hmis.UID(id)
}

// change sets when a unit opened or closed, unless the day is 0.
func (g *geography) change(id hmis.UID, opened, closed period.Date) {
	for i := range g.units {
		u := &g.units[i]
		if u.ID != id {
			continue
		}
		if opened != 0 {
			u.Opened = opened
		}
		u.Closed = closed
	}
}

// place returns a new name for a place.
func (g *geography) place() string {
	first := []string{"Al", "Bren", "Cal", "Dor", "El", "Fa", "Gor", "Han", "Il", "Kar", "Lo", "Mar", "Nor", "Or", "Pel", "Ros", "Sel", "Tor", "Ul", "Ven"}
	middle := []string{"a", "e", "i", "o", "u", "ami", "elo", "ira", "osa", "umi"}
	last := []string{"ba", "da", "ka", "la", "ma", "na", "ra", "sa", "ta", "von", "lin", "mere", "dor", "shi"}
	for {
		name := first[g.rnd.below(len(first))] + middle[g.rnd.below(len(middle))] + last[g.rnd.below(len(last))]
		if !g.used[name] {
			g.used[name] = true
			return name
		}
	}
}
