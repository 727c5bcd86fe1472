package facilitylist_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/orgunit/facilitylist"
)

// A list has a clinic of the same name in two districts, and one in two places.
func ExampleFormat_Read() {
	file := strings.NewReader(`District,Facility,MFL code
Bo,Central Clinic,101
Bo,Ngelehun CHC,102
Kenema,Central Clinic,201
Kenema,Ngelehun CHC,102
`)
	list := facilitylist.Format{
		Levels: []facilitylist.Level{{Name: "District"}, {Name: "Facility", Code: "MFL code"}},
		Reject: func(err error) { fmt.Println(err) },
	}
	md, err := list.Read(context.Background(), file)
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		log.Fatal(err)
	}
	for _, u := range md.OrgUnits {
		fmt.Println(u.ID, tree.NamePath(u.ID))
	}
	// Output:
	// facilitylist: line 5: MFL code "102": also at line 3, below another parent
	// qOiNNBupE2m /Bo
	// CYjQ74gtkrD /Bo/Central Clinic
	// MBbccIpd1NB /Bo/Ngelehun CHC
	// cpq55Fifxyb /Kenema
	// NPJifTAe47l /Kenema/Central Clinic
}
