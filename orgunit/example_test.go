package orgunit_test

import (
	"fmt"
	"log"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

func ExampleNewTree() {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.Len(), tree.Level("O6uvpzGd5pu"), tree.Path("O6uvpzGd5pu"))

	_, err = orgunit.NewTree([]hmis.OrgUnit{
		{ID: "O6uvpzGd5pu", Parent: "YuQRtpLP10I"},
		{ID: "YuQRtpLP10I", Parent: "O6uvpzGd5pu"},
	})
	fmt.Println(err)
	// Output:
	// 2 2 /ImspTQPwCqd/O6uvpzGd5pu
	// hmis: org_units_with_cyclic_references: organisationUnit O6uvpzGd5pu: parent: a unit above itself: "O6uvpzGd5pu" → "YuQRtpLP10I" → "O6uvpzGd5pu"
}

func ExampleTree_Subtree() {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "O6uvpzGd5pu", Name: "Bo"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "O6uvpzGd5pu"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for id := range tree.Subtree("O6uvpzGd5pu") {
		fmt.Print(id, " ", tree.Level(id), "; ")
	}
	// Output: O6uvpzGd5pu 1; DiszpKrYNg8 2;
}

func ExampleTree_Ancestors() {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "YuQRtpLP10I", Name: "Badjia", Parent: "O6uvpzGd5pu"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for id := range tree.Ancestors("DiszpKrYNg8") {
		unit, _ := tree.Unit(id)
		fmt.Println(unit.Name)
	}
	// Output:
	// Badjia
	// Bo
	// Sierra Leone
}

func ExampleTree_Contains() {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "O6uvpzGd5pu"},
		{ID: "PMa2VCrupOd", Name: "Kambia", Parent: "ImspTQPwCqd"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.Contains("O6uvpzGd5pu", "DiszpKrYNg8"))
	fmt.Println(tree.Contains("PMa2VCrupOd", "DiszpKrYNg8"))
	fmt.Println(tree.Contains("O6uvpzGd5pu", "O6uvpzGd5pu"))
	// Output:
	// true
	// false
	// true
}

func ExampleTree_AtLevel() {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "PMa2VCrupOd", Name: "Kambia", Parent: "ImspTQPwCqd"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.AtLevel(2))
	// Output: [O6uvpzGd5pu PMa2VCrupOd]
}

func ExampleTree_Children() {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "YuQRtpLP10I", Name: "Badjia"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I"},
		{ID: "jNb63DIHuwU", Name: "Baoma Station CHP", Parent: "YuQRtpLP10I"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.Children("YuQRtpLP10I"))
	// Output: [DiszpKrYNg8 jNb63DIHuwU]
}

func ExampleTree_Span() {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "YuQRtpLP10I", Name: "Badjia", Parent: "O6uvpzGd5pu"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I"},
		{ID: "jNb63DIHuwU", Name: "Baoma Station CHP", Parent: "YuQRtpLP10I"},
		{ID: "PMa2VCrupOd", Name: "Kambia", Parent: "ImspTQPwCqd"},
	})
	if err != nil {
		log.Fatal(err)
	}
	first, end, _ := tree.Span("O6uvpzGd5pu")
	for pos := first; pos < end; pos++ {
		fmt.Println(pos, tree.At(pos), tree.LevelAt(pos))
	}
	// Output:
	// 1 O6uvpzGd5pu 2
	// 2 YuQRtpLP10I 3
	// 3 DiszpKrYNg8 4
	// 4 jNb63DIHuwU 4
}

func ExampleTree_OpenOn() {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "YuQRtpLP10I", Name: "Badjia", Parent: "O6uvpzGd5pu"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I", Opened: period.DateOf(1970, 1, 2)},
		{ID: "jNb63DIHuwU", Name: "Baoma Station CHP", Parent: "YuQRtpLP10I", Closed: period.DateOf(2023, 6, 30)},
		{ID: "PMa2VCrupOd", Name: "Kambia", Parent: "ImspTQPwCqd"},
	})
	if err != nil {
		log.Fatal(err)
	}
	july := period.MustParse("202307")
	for id := range tree.OpenOn(july.First()) {
		fmt.Println(id)
	}
	// Output:
	// ImspTQPwCqd
	// O6uvpzGd5pu
	// YuQRtpLP10I
	// DiszpKrYNg8
	// PMa2VCrupOd
}

func ExampleTree_Select() {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "O6uvpzGd5pu"},
		{ID: "jNb63DIHuwU", Name: "Baoma Station CHP", Parent: "O6uvpzGd5pu"},
		{ID: "PMa2VCrupOd", Name: "Kambia", Parent: "ImspTQPwCqd"},
	})
	if err != nil {
		log.Fatal(err)
	}
	facilitiesOfBo := orgunit.Selector{Levels: []int{3}, Units: []hmis.UID{"O6uvpzGd5pu"}}
	fmt.Println(tree.Select(facilitiesOfBo))
	// Output: [DiszpKrYNg8 jNb63DIHuwU]
}

func ExampleTree_ParseSelector() {
	clinics := hmis.Group{Kind: hmis.KindOrgUnitGroup, ID: "CXw2yu5fodb", Name: "CHC", Members: []hmis.UID{"DiszpKrYNg8"}}
	posts := hmis.Group{Kind: hmis.KindOrgUnitGroup, ID: "uYxK4wmcPqA", Name: "CHP", Members: []hmis.UID{"jNb63DIHuwU"}}
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "YuQRtpLP10I", Name: "Badjia", Parent: "O6uvpzGd5pu"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I"},
		{ID: "jNb63DIHuwU", Name: "Baoma Station CHP", Parent: "YuQRtpLP10I"},
		{ID: "PMa2VCrupOd", Name: "Kambia", Parent: "ImspTQPwCqd"},
	}, clinics, posts)
	if err != nil {
		log.Fatal(err)
	}
	selector, err := tree.ParseSelector("LEVEL-3;OU_GROUP-CXw2yu5fodb;O6uvpzGd5pu", nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.Select(selector))

	_, err = tree.ParseSelector("LEVEL-0", nil)
	fmt.Println(err)
	// Output:
	// [YuQRtpLP10I DiszpKrYNg8]
	// orgunit: "LEVEL-0": want LEVEL- and a number from 1 or the id of a level
}

func ExampleTree_CountIn() {
	clinics := hmis.Group{Kind: hmis.KindOrgUnitGroup, ID: "CXw2yu5fodb", Name: "CHC", Members: []hmis.UID{"DiszpKrYNg8"}}
	posts := hmis.Group{Kind: hmis.KindOrgUnitGroup, ID: "uYxK4wmcPqA", Name: "CHP", Members: []hmis.UID{"jNb63DIHuwU"}}
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "YuQRtpLP10I", Name: "Badjia", Parent: "O6uvpzGd5pu"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I"},
		{ID: "jNb63DIHuwU", Name: "Baoma Station CHP", Parent: "YuQRtpLP10I"},
		{ID: "PMa2VCrupOd", Name: "Kambia", Parent: "ImspTQPwCqd"},
	}, clinics, posts)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.CountIn("CXw2yu5fodb", "O6uvpzGd5pu"))
	// Output: 1
}

func ExampleTree_InGroup() {
	clinics := hmis.Group{Kind: hmis.KindOrgUnitGroup, ID: "CXw2yu5fodb", Name: "CHC", Members: []hmis.UID{"DiszpKrYNg8"}}
	posts := hmis.Group{Kind: hmis.KindOrgUnitGroup, ID: "uYxK4wmcPqA", Name: "CHP", Members: []hmis.UID{"jNb63DIHuwU"}}
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "YuQRtpLP10I", Name: "Badjia", Parent: "O6uvpzGd5pu"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I"},
		{ID: "jNb63DIHuwU", Name: "Baoma Station CHP", Parent: "YuQRtpLP10I"},
		{ID: "PMa2VCrupOd", Name: "Kambia", Parent: "ImspTQPwCqd"},
	}, clinics, posts)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.InGroup("CXw2yu5fodb", "DiszpKrYNg8"), tree.InGroup("CXw2yu5fodb", "O6uvpzGd5pu"))
	// Output: true false
}

func ExampleTree_Divide() {
	clinics := hmis.Group{Kind: hmis.KindOrgUnitGroup, ID: "CXw2yu5fodb", Name: "CHC", Members: []hmis.UID{"DiszpKrYNg8"}}
	posts := hmis.Group{Kind: hmis.KindOrgUnitGroup, ID: "uYxK4wmcPqA", Name: "CHP", Members: []hmis.UID{"jNb63DIHuwU"}}
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "YuQRtpLP10I", Name: "Badjia", Parent: "O6uvpzGd5pu"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I"},
		{ID: "jNb63DIHuwU", Name: "Baoma Station CHP", Parent: "YuQRtpLP10I"},
		{ID: "PMa2VCrupOd", Name: "Kambia", Parent: "ImspTQPwCqd"},
	}, clinics, posts)
	if err != nil {
		log.Fatal(err)
	}
	types := hmis.GroupSet{ID: "J5jldMd8OHv", Name: "Facility Type", Groups: []hmis.UID{"CXw2yu5fodb", "uYxK4wmcPqA"}}
	for pos, group := range tree.Divide(types) {
		if group != "" {
			fmt.Println(tree.At(pos), group)
		}
	}
	// Output:
	// DiszpKrYNg8 CXw2yu5fodb
	// jNb63DIHuwU uYxK4wmcPqA
}

func ExampleTree_NamePath() {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "YuQRtpLP10I", Name: "Badjia", Parent: "O6uvpzGd5pu"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I"},
		{ID: "jNb63DIHuwU", Name: "Baoma Station CHP", Parent: "YuQRtpLP10I"},
		{ID: "PMa2VCrupOd", Name: "Kambia", Parent: "ImspTQPwCqd"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.NamePath("DiszpKrYNg8"))
	fmt.Println(tree.NamePath("DiszpKrYNg8", "O6uvpzGd5pu")) // for a person who may only see Bo
	// Output:
	// /Sierra Leone/Bo/Badjia/Ngelehun CHC
	// /Bo/Badjia/Ngelehun CHC
}

func ExampleTree_Check() {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo ", Parent: "ImspTQPwCqd"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, issue := range tree.Check() {
		fmt.Println(issue.Severity, issue)
	}
	// Output:
	// critical hmis: orgunits_parent_missing: organisationUnit DiszpKrYNg8: parent: no org unit "YuQRtpLP10I"
	// warning hmis: orgunits_trailing_spaces: organisationUnit O6uvpzGd5pu: name: "Bo " ends with a blank
}

func ExampleTree_CheckGroupSet() {
	clinics := hmis.Group{Kind: hmis.KindOrgUnitGroup, ID: "CXw2yu5fodb", Name: "CHC", Members: []hmis.UID{"DiszpKrYNg8"}}
	posts := hmis.Group{Kind: hmis.KindOrgUnitGroup, ID: "uYxK4wmcPqA", Name: "CHP", Members: []hmis.UID{"jNb63DIHuwU"}}
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "YuQRtpLP10I", Name: "Badjia", Parent: "O6uvpzGd5pu"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I"},
		{ID: "jNb63DIHuwU", Name: "Baoma Station CHP", Parent: "YuQRtpLP10I"},
		{ID: "PMa2VCrupOd", Name: "Kambia", Parent: "ImspTQPwCqd"},
	}, clinics, posts)
	if err != nil {
		log.Fatal(err)
	}
	types := hmis.GroupSet{ID: "J5jldMd8OHv", Groups: []hmis.UID{"CXw2yu5fodb"}, Compulsory: true}
	for _, issue := range tree.CheckGroupSet(types, 4) { // only units at level 4, the facilities
		fmt.Println(issue)
	}
	// Output:
	// hmis: org_units_not_in_compulsory_group_sets: organisationUnit jNb63DIHuwU: in no group of the group set J5jldMd8OHv
}

func ExampleTree_CheckLevels() {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "YuQRtpLP10I", Name: "Badjia", Parent: "O6uvpzGd5pu"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I"},
		{ID: "jNb63DIHuwU", Name: "Baoma Station CHP", Parent: "YuQRtpLP10I"},
		{ID: "PMa2VCrupOd", Name: "Kambia", Parent: "ImspTQPwCqd"},
	})
	if err != nil {
		log.Fatal(err)
	}
	levels := []hmis.OrgUnitLevel{
		{Name: "National", Level: 1}, {Name: "District", Level: 2}, {Name: "Facility", Level: 4},
	}
	fmt.Println(tree.CheckLevels(levels))
	// Output:
	// hmis: orgunits_level_without_name: organisationUnit YuQRtpLP10I: level 3 has no name
}

func ExampleMove() {
	md, err := orgunit.Move(hmis.Metadata{OrgUnits: []hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "YuQRtpLP10I", Name: "Badjia", Parent: "O6uvpzGd5pu"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I"},
		{ID: "jNb63DIHuwU", Name: "Baoma Station CHP", Parent: "YuQRtpLP10I"},
		{ID: "PMa2VCrupOd", Name: "Kambia", Parent: "ImspTQPwCqd"},
	}}, "YuQRtpLP10I", "PMa2VCrupOd")
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.NamePath("DiszpKrYNg8"))
	// Output: /Sierra Leone/Kambia/Badjia/Ngelehun CHC
}

func ExampleMerge() {
	merge := orgunit.Merge{
		Units: []hmis.UID{"jNb63DIHuwU"},
		Into:  "DiszpKrYNg8",
		Add:   func(element hmis.UID) bool { return true }, // DHIS2 would keep the value 5
	}
	md, err := merge.Metadata(hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{
			{ID: "YuQRtpLP10I", Name: "Badjia"},
			{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I"},
			{ID: "jNb63DIHuwU", Name: "Baoma Station CHP", Parent: "YuQRtpLP10I"},
		},
		Groups: []hmis.Group{
			{Kind: hmis.KindOrgUnitGroup, ID: "uYxK4wmcPqA", Name: "CHP", Members: []hmis.UID{"jNb63DIHuwU"}},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(md.OrgUnits), md.Groups[0].Members)
	june := period.MustParse("202306")
	doses := []hmis.DataValue{
		{Key: hmis.Key{DataElement: "s46m5MS0hxu", OrgUnit: "DiszpKrYNg8", Period: june}, Value: "32"},
		{Key: hmis.Key{DataElement: "s46m5MS0hxu", OrgUnit: "jNb63DIHuwU", Period: june}, Value: "5"},
	}
	stream := func(yield func(hmis.DataValue, error) bool) {
		for _, v := range doses {
			if !yield(v, nil) {
				return
			}
		}
	}
	for v, err := range merge.Values(stream) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(v.OrgUnit, v.Value, v.Deleted)
	}
	// Output:
	// 2 [DiszpKrYNg8]
	// jNb63DIHuwU 5 true
	// DiszpKrYNg8 37 false
}

func ExampleSplit() {
	units := []hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"},
		{ID: "YuQRtpLP10I", Name: "Badjia", Parent: "O6uvpzGd5pu"},
		{ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "YuQRtpLP10I"},
		{ID: "jNb63DIHuwU", Name: "Baoma Station CHP", Parent: "YuQRtpLP10I"},
		{ID: "PMa2VCrupOd", Name: "Kambia", Parent: "ImspTQPwCqd"},
		{ID: "NorthBadjia", Name: "Badjia North", Parent: "O6uvpzGd5pu"},
		{ID: "SouthBadjia", Name: "Badjia South", Parent: "O6uvpzGd5pu"},
	}
	split := orgunit.Split{Unit: "YuQRtpLP10I", Targets: []hmis.UID{"NorthBadjia", "SouthBadjia"}}
	md, err := split.Metadata(hmis.Metadata{OrgUnits: units})
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tree.NamePath("DiszpKrYNg8"))
	// Output: /Sierra Leone/Bo/Badjia North/Ngelehun CHC
}

// A district splits on 1 July. In the boundaries of June, everything that its
// parts report later is below it.
func ExampleHistory_Series() {
	july := period.DateOf(2025, time.July, 1)
	history, err := orgunit.NewHistory(
		[]hmis.OrgUnit{{ID: "country"}, {ID: "bo", Parent: "country"}, {ID: "clinic", Parent: "bo"}},
		orgunit.Event{
			Day:   july,
			Open:  []hmis.OrgUnit{{ID: "boEast", Parent: "country"}, {ID: "boWest", Parent: "country"}},
			Split: []orgunit.Split{{Unit: "bo", Targets: []hmis.UID{"boEast", "boWest"}}},
		},
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, day := range []period.Date{july - 1, july} {
		tree, err := orgunit.NewTree(history.Series(day))
		if err != nil {
			log.Fatal(err)
		}
		for id := range tree.Subtree("bo") {
			fmt.Println(day, tree.Path(id))
		}
	}
	// Output:
	// 2025-06-30 /country/bo
	// 2025-06-30 /country/bo/clinic
	// 2025-06-30 /country/bo/boEast
	// 2025-06-30 /country/bo/boWest
	// 2025-07-01 /country/bo
}

// Two versions of a list of facilities are compared.
func ExampleDiff() {
	tree := func(units ...hmis.OrgUnit) *orgunit.Tree {
		tree, err := orgunit.NewTree(units)
		if err != nil {
			log.Fatal(err)
		}
		return tree
	}
	before := tree(hmis.OrgUnit{ID: "bo"}, hmis.OrgUnit{ID: "kenema"}, hmis.OrgUnit{ID: "clinic", Name: "Ngelehun", Parent: "bo"})
	after := tree(hmis.OrgUnit{ID: "bo"}, hmis.OrgUnit{ID: "kenema"}, hmis.OrgUnit{ID: "clinic", Name: "Ngelehun CHC", Parent: "kenema"})
	for _, c := range orgunit.Diff(before, after) {
		fmt.Println(c.ID, c.Kind, c.Before.Parent, c.After.Parent)
	}
	// Output:
	// clinic moved bo kenema
	// clinic renamed bo kenema
}
