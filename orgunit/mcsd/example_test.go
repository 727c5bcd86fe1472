package mcsd_test

import (
	"bytes"
	"fmt"
	"log"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit/mcsd"
	"github.com/ohie-hmis/hmis-go/period"
)

// A registry sends a district and a clinic. Their FHIR ids are no UIDs, so that
// ids are made; the code is the official identifier.
func ExampleFormat_Read() {
	const types = `"system":"https://profiles.ihe.net/ITI/mCSD/CodeSystem/IHE.mCSD.Organization.Location.Types"`
	const bundle = `{"resourceType":"Bundle","type":"searchset","entry":[
		{"resource":{"resourceType":"Location","id":"d-1","status":"active","name":"Riverside District",
			"type":[{"coding":[{` + types + `,"code":"jurisdiction"}]}],
			"identifier":[{"use":"official","system":"urn:example:codes","value":"EX-N-1"}],
			"managingOrganization":{"reference":"Organization/d-1"}}},
		{"resource":{"resourceType":"Location","id":"hf-101","status":"active","name":"Riverside Clinic",
			"type":[{"coding":[{` + types + `,"code":"facility"}]}],
			"identifier":[{"use":"official","system":"urn:example:codes","value":"HF-101"}],
			"managingOrganization":{"reference":"Organization/hf-101"},"partOf":{"reference":"Location/d-1"}}}]}`
	format := mcsd.Format{Warn: func(i hmis.Issue) { fmt.Println(i.Error()) }}
	md, err := format.Read(strings.NewReader(bundle))
	if err != nil {
		log.Fatal(err)
	}
	for _, u := range md.OrgUnits {
		fmt.Printf("%s %s %s, below %q\n", u.ID, u.Code, u.Name, u.Parent)
	}
	// Output:
	// hmis: MCSD-F3: Location hf-101: type: 1 types: want facility and the kind of service
	// hGR3blxfG3X EX-N-1 Riverside District, below ""
	// hCBiyxwRjzs HF-101 Riverside Clinic, below "hGR3blxfG3X"
}

// Org units go to another system and come back with the same ids.
func ExampleFormat_Write() {
	md := hmis.Metadata{OrgUnits: []hmis.OrgUnit{
		{ID: "O6uvpzGd5pu", Code: "OU_264", Name: "Bo", Opened: period.DateOf(1990, 2, 1)},
		{ID: "DiszpKrYNg8", Code: "OU_559", Name: "Ngelehun CHC", Parent: "O6uvpzGd5pu", Closed: period.DateOf(2020, 12, 31)},
	}}
	format := mcsd.Format{Base: "https://fhir.moh.example.org"}
	var bundle bytes.Buffer
	if err := format.Write(&bundle, md); err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Count(bundle.String(), "fullUrl"), "resources")

	back, err := format.Read(&bundle)
	if err != nil {
		log.Fatal(err)
	}
	for _, u := range back.OrgUnits {
		fmt.Println(u.ID, u.Name, u.Opened, u.Closed)
	}
	// Output:
	// 4 resources
	// O6uvpzGd5pu Bo 1990-02-01 1970-01-01
	// DiszpKrYNg8 Ngelehun CHC 1970-01-01 2020-12-31
}
