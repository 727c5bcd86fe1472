package terminology_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/hmis/terminology"
)

func ExampleService() {
	const file = `{"resourceType": "Bundle", "type": "collection", "entry": [
		{"resource": {"resourceType": "CodeSystem", "url": "urn:sex", "content": "complete", "concept": [
			{"code": "F", "display": "Female"}, {"code": "M", "display": "Male"}, {"code": "I", "display": "Intersex"}]}},
		{"resource": {"resourceType": "ValueSet", "url": "urn:sex-in-forms", "compose": {"include": [{"system": "urn:sex"}],
			"exclude": [{"system": "urn:sex", "concept": [{"code": "I"}]}]}}},
		{"resource": {"resourceType": "ConceptMap", "url": "urn:sex-to-global", "group": [{"source": "urn:sex", "target": "http://hl7.org/fhir/administrative-gender",
			"element": [{"code": "F", "target": [{"code": "female", "equivalence": "equivalent"}]}]}]}}]}`
	files, err := terminology.Read(strings.NewReader(file))
	if err != nil {
		log.Fatal(err)
	}
	service, err := terminology.New(files)
	if err != nil {
		log.Fatal(err)
	}
	all, err := service.Expand("urn:sex-in-forms")
	fmt.Println(all.Codes, err)

	code, err := service.ValidateIn("urn:sex-in-forms", terminology.Coding{Code: "F"})
	fmt.Println(code.Display, err)
	_, err = service.ValidateIn("urn:sex-in-forms", terminology.Coding{Code: "I"})
	fmt.Println(err)

	global := terminology.Translator{Service: service, Map: "urn:sex-to-global"}
	code, err = global.Code(terminology.Coding{System: "urn:sex", Code: "F"})
	fmt.Println(code.Code, err)
	_, err = global.Code(terminology.Coding{System: "urn:sex", Code: "M"})
	fmt.Println(err)
	// Output:
	// [{urn:sex  F Female} {urn:sex  M Male}] <nil>
	// Female <nil>
	// hmis: code-invalid: ValueSet urn:sex-in-forms: no code "I"
	// female <nil>
	// hmis: no-target: ConceptMap urn:sex-to-global: code "M" is not in the map
}

// The code lists of an ADX data structure definition come from value sets.
func ExampleService_Expand() {
	const file = `{"resourceType": "ValueSet", "url": "urn:age-bands", "compose": {"include": [{"system": "urn:ages",
		"concept": [{"code": "P0Y--P1Y", "display": "Under 1 year"}, {"code": "P1Y--P5Y", "display": "1 to 4 years"}]}]}}`
	files, err := terminology.Read(strings.NewReader(file))
	if err != nil {
		log.Fatal(err)
	}
	service, err := terminology.New(files)
	if err != nil {
		log.Fatal(err)
	}
	bands, err := service.Expand("urn:age-bands")
	if err != nil {
		log.Fatal(err)
	}
	age := dsd.Dimension{Name: "ageGroup"}
	for _, c := range bands.Codes {
		age.Codes = append(age.Codes, dsd.Code{ID: c.Code, Name: c.Display})
	}
	definition, err := dsd.New(dsd.Structure{
		ID: "EPI", Dimensions: []dsd.Dimension{age}, Elements: []dsd.Element{{Code: "BCG", Dimensions: []string{"ageGroup"}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(definition.ID(), definition.Structure().Dimensions[0].Codes)
	// Output: EPI [{P0Y--P1Y Under 1 year} {P1Y--P5Y 1 to 4 years}]
}
