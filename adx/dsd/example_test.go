package dsd_test

import (
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/hmis"
)

func ExampleDefinition_CheckGroups() {
	malaria, err := dsd.New(dsd.Structure{
		ID: "MAL_MONTHLY", Name: "Malaria", Agency: "MOH",
		Elements: []dsd.Element{
			{Code: "TESTED"},
			{Code: "CONFIRMED", Dimensions: []string{"SEX"}},
		},
		Dimensions: []dsd.Dimension{{Name: "SEX", Codes: []dsd.Code{{ID: "F"}, {ID: "M"}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	message := adx.NewReader(strings.NewReader(`<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">
  <group dataSet="MAL_MONTHLY" orgUnit="OU_559" period="2026-01-01/P1M">
    <dataValue dataElement="TESTED" value="52"/>
    <dataValue dataElement="CONFIRMED" Sex="F" value="7"/>
    <dataValue dataElement="CONFIRMED" SEX="X" value="9"/>
  </group>
</adx>`))
	for f, err := range malaria.CheckGroups(message.Groups()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(f.Error())
	}
	// Output:
	// adx: 4:5: group[1]/dataValue[2]: ADX-050: Sex "F": not an attribute of the definition: want SEX
	// adx: 4:5: group[1]/dataValue[2]: ADX-045: SEX: data element "CONFIRMED" has this dimension, and it is missing
	// adx: 5:5: group[1]/dataValue[3]: ADX-044: SEX "X": want a code of CL_SEX
}

// This example prints everything that is wrong with a message.
func ExampleChecker_Message() {
	malaria, err := dsd.New(dsd.Structure{
		ID: "MAL_MONTHLY", Name: "Malaria", Agency: "MOH",
		Elements: []dsd.Element{
			{Code: "TESTED"},
			{Code: "CONFIRMED", Dimensions: []string{"SEX"}},
		},
		Dimensions: []dsd.Dimension{{Name: "SEX", Codes: []dsd.Code{{ID: "F"}, {ID: "M"}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	message := strings.NewReader(`<adx xmlns="urn:ihe:qrph:adx:2015">
  <group dataSet="MAL_MONTHLY" orgUnit="OU_559" period="2026-01-01/P1M">
    <dataValue dataElement="TESTED" value="5,200"/>
    <dataValue dataElement="CONFIRMED"
               SEX="X" value="9"/>
  </group>
</adx>`)
	for f, err := range (dsd.Checker{Definition: malaria, Tolerant: true}).Message(message) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(f.Severity, f.Error())
	}
	// Output:
	// warning adx: 1:1: ADX-010: exported: it is missing
	// severe adx: 3:37: group[1]/dataValue[1]: ADX-042: value "5,200": want a decimal such as -3.50
	// severe adx: 5:16: group[1]/dataValue[2]: ADX-044: SEX "X": want a code of CL_SEX
}

func ExampleDerive() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		DataElements:    []hmis.DataElement{{ID: "s46m5MS0hxu", Code: "BCG", CategoryCombo: "dPmavA0qloX"}},
		Categories:      []hmis.Category{{ID: "YNZyaJHiHYq", Code: "AGE", Options: []hmis.UID{"btOyqprQ9e8", "GEqzEKCHoGA"}}},
		CategoryOptions: []hmis.CategoryOption{{ID: "btOyqprQ9e8", Code: "<1y"}, {ID: "GEqzEKCHoGA", Code: ">1y"}},
		CategoryCombos:  []hmis.CategoryCombo{{ID: "dPmavA0qloX", Categories: []hmis.UID{"YNZyaJHiHYq"}}},
		DataSets:        []hmis.DataSet{{ID: "BfMAe6Itzgt", Code: "CHILD", Elements: []hmis.DataSetElement{{DataElement: "s46m5MS0hxu"}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	definition, err := dsd.Derive(catalog, "BfMAe6Itzgt", hmis.Schemes{})
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range definition.Structure().Elements {
		fmt.Println(definition.ID(), e.Code, e.Dimensions)
	}
	// Output: CHILD BCG [AGE]
}

func ExampleRead() {
	malaria, err := dsd.New(dsd.Structure{
		ID: "MAL_MONTHLY", Name: "Malaria", Agency: "MOH",
		Elements: []dsd.Element{
			{Code: "TESTED"},
			{Code: "CONFIRMED", Dimensions: []string{"SEX"}},
		},
		Dimensions: []dsd.Dimension{{Name: "SEX", Codes: []dsd.Code{{ID: "F"}, {ID: "M"}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	var file strings.Builder
	if err := malaria.Write(&file); err != nil {
		log.Fatal(err)
	}
	spoilt := strings.Replace(file.String(), `<str:Code id="M">`, `<str:Code id="F">`, 1)
	definition, err := dsd.Read(strings.NewReader(spoilt), nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range definition.Check() {
		fmt.Println(f.Rule, f.Severity, f.Err)
	}
	// Output: ADX-115 severe code "F" is there twice
}

func ExampleDefinition_WriteSchematron() {
	malaria, err := dsd.New(dsd.Structure{
		ID: "MAL_MONTHLY", Name: "Malaria", Agency: "MOH",
		Elements: []dsd.Element{
			{Code: "TESTED"},
			{Code: "CONFIRMED", Dimensions: []string{"SEX"}},
		},
		Dimensions: []dsd.Dimension{{Name: "SEX", Codes: []dsd.Code{{ID: "F"}, {ID: "M"}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := malaria.WriteSchematron(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <sch:schema xmlns:sch="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt">
	//   <sch:title>Dimensions of the data elements of MAL_MONTHLY</sch:title>
	//   <sch:ns prefix="adx" uri="urn:ihe:qrph:adx:2015"/>
	//   <sch:pattern id="disaggregation">
	//     <sch:rule context="adx:dataValue[normalize-space(@dataElement)='TESTED']">
	//       <sch:assert test="not(@SEX)">A value of TESTED must not have the attribute SEX.</sch:assert>
	//     </sch:rule>
	//     <sch:rule context="adx:dataValue[normalize-space(@dataElement)='CONFIRMED']">
	//       <sch:assert test="@SEX">A value of CONFIRMED must have the attribute SEX.</sch:assert>
	//     </sch:rule>
	//   </sch:pattern>
	// </sch:schema>
}

func ExampleDefinition_WriteSchema() {
	malaria, err := dsd.New(dsd.Structure{
		ID: "MAL_MONTHLY", Name: "Malaria", Agency: "MOH",
		Elements: []dsd.Element{
			{Code: "TESTED"},
			{Code: "CONFIRMED", Dimensions: []string{"SEX"}},
		},
		Dimensions: []dsd.Dimension{{Name: "SEX", Codes: []dsd.Code{{ID: "F"}, {ID: "M"}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	var schema strings.Builder
	if err := malaria.WriteSchema(&schema, dsd.Schema{SelfContained: true}); err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(schema.String()) {
		if strings.Contains(line, "<xs:attribute ") {
			fmt.Println(strings.TrimSpace(line))
		}
	}
	// Output:
	// <xs:attribute name="exported" type="xs:dateTime" use="required"/>
	// <xs:attribute name="dataSet" type="xs:string" use="required" fixed="MAL_MONTHLY"/>
	// <xs:attribute name="orgUnit" type="xs:token" use="required"/>
	// <xs:attribute name="period" type="periodType" use="required"/>
	// <xs:attribute name="dataElement" type="CL_DATA_ELEMENT_MOH_1.0_Type" use="required"/>
	// <xs:attribute name="value" type="xs:decimal" use="required"/>
	// <xs:attribute name="SEX" type="CL_SEX_MOH_1.0_Type" use="optional"/>
}

func ExampleCheckAgeBands() {
	var bands []dsd.AgeBand
	for _, code := range []string{"P0D--P28D", "P28D--P1Y", "P5Y--P9999Y"} {
		band, err := dsd.ParseAgeBand(code)
		if err != nil {
			log.Fatal(err)
		}
		bands = append(bands, band)
	}
	fmt.Println(dsd.CheckAgeBands(bands))
	// Output: [gap from P1Y to P5Y]
}
