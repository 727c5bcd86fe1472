package madx_test

import (
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/adx/madx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

func ExampleFormat_Write() {
	definition, err := dsd.New(dsd.Structure{
		ID: "MAL_MONTHLY", Name: "Malaria", Agency: "MOH",
		Elements:   []dsd.Element{{Code: "TESTED"}, {Code: "CONFIRMED", Dimensions: []string{"SEX"}}},
		Dimensions: []dsd.Dimension{{Name: "SEX", Codes: []dsd.Code{{ID: "F"}, {ID: "M"}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	malaria := madx.MeasureOf(definition, "https://moh.example.org")
	message := adx.NewReader(strings.NewReader(`<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">
  <group dataSet="MAL_MONTHLY" orgUnit="OU_559" period="2026-01-01/P1M">
    <dataValue dataElement="TESTED" value="52"/>
  </group>
</adx>`))
	format := madx.Format{Measure: malaria, OrgUnitSystem: "https://moh.example.org/facilities"}
	made := adx.Header{Exported: time.Date(2026, 2, 5, 9, 0, 0, 0, time.UTC)}
	if err := format.Write(os.Stdout, made, message.Groups()); err != nil {
		log.Fatal(err)
	}
	// Output: {"resourceType":"MeasureReport","meta":{"profile":["https://profiles.ihe.net/QRPH/mADX/StructureDefinition/mADX-MeasureReport"]},"identifier":[{"value":"MAL_MONTHLY|OU_559|2026-01-01/P1M"}],"status":"complete","type":"summary","measure":"https://moh.example.org/Measure/MAL_MONTHLY|1.0","subject":{"type":"Location","identifier":{"system":"https://moh.example.org/facilities","value":"OU_559"}},"date":"2026-02-05T09:00:00Z","period":{"start":"2026-01-01","end":"2026-01-31"},"group":[{"code":{"coding":[{"system":"https://moh.example.org/CodeSystem/MAL_MONTHLY-data-elements","code":"TESTED"}]},"population":[{"code":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/measure-population","code":"measure-population"}]},"count":52}],"measureScore":{"value":52}}]}
}

func ExampleFormat_Read() {
	definition, err := dsd.New(dsd.Structure{
		ID: "MAL_MONTHLY", Name: "Malaria", Agency: "MOH",
		Elements:   []dsd.Element{{Code: "TESTED"}, {Code: "CONFIRMED", Dimensions: []string{"SEX"}}},
		Dimensions: []dsd.Dimension{{Name: "SEX", Codes: []dsd.Code{{ID: "F"}, {ID: "M"}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	malaria := madx.MeasureOf(definition, "https://moh.example.org")
	// The last stratum has an unknown sex.
	const report = `{"resourceType":"MeasureReport","status":"complete","type":"summary",
 "measure":"https://moh.example.org/Measure/MAL_MONTHLY",
 "subject":{"identifier":{"value":"OU_559"}},"period":{"start":"2026-01-01","end":"2026-01-31"},
 "group":[{"code":{"coding":[{"code":"CONFIRMED"}]},
  "population":[{"code":{"coding":[{"code":"measure-population"}]},"count":16}],
  "stratifier":[{"stratum":[
   {"component":[{"code":{"coding":[{"code":"SEX"}]},"value":{"coding":[{"code":"F"}]}}],"measureScore":{"value":7}},
   {"component":[{"code":{"coding":[{"code":"SEX"}]},"value":{"coding":[{"code":"X"}]}}],"measureScore":{"value":9}}]}]}]}`
	format := madx.Format{
		Measure: malaria,
		Reject:  func(f adx.Finding) { fmt.Println(f.Error()) },
	}
	for g, err := range format.Read(strings.NewReader(report)) {
		if err != nil {
			log.Fatal(err)
		}
		for _, v := range g.Values {
			fmt.Println(g.OrgUnit, g.Period, v.DataElement, v.Attrs[0].Value, v.Value)
		}
	}
	// Output:
	// adx: 8:18: MeasureReport.group[0].stratifier[0].stratum[1].component[0].value: MADX-012: "X": not in the value set "https://moh.example.org/ValueSet/SEX"
	// OU_559 2026-01-01/P1M CONFIRMED F 7
}

func ExampleMeasure_Definition() {
	definition, err := dsd.New(dsd.Structure{
		ID: "MAL_MONTHLY", Name: "Malaria", Agency: "MOH",
		Elements:   []dsd.Element{{Code: "TESTED"}, {Code: "CONFIRMED", Dimensions: []string{"SEX"}}},
		Dimensions: []dsd.Dimension{{Name: "SEX", Codes: []dsd.Code{{ID: "F"}, {ID: "M"}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	malaria := madx.MeasureOf(definition, "https://moh.example.org")
	again, err := malaria.Definition()
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range again.Structure().Elements {
		fmt.Println(e.Code, e.Dimensions)
	}
	// Output:
	// TESTED []
	// CONFIRMED [SEX]
}

func ExampleWriteOutcome() {
	definition, err := dsd.New(dsd.Structure{
		ID: "MAL_MONTHLY", Name: "Malaria", Agency: "MOH",
		Elements:   []dsd.Element{{Code: "TESTED"}, {Code: "CONFIRMED", Dimensions: []string{"SEX"}}},
		Dimensions: []dsd.Dimension{{Name: "SEX", Codes: []dsd.Code{{ID: "F"}, {ID: "M"}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	malaria := madx.MeasureOf(definition, "https://moh.example.org")
	// The last stratum has an unknown sex.
	const report = `{"resourceType":"MeasureReport","status":"complete","type":"summary",
 "measure":"https://moh.example.org/Measure/MAL_MONTHLY",
 "subject":{"identifier":{"value":"OU_559"}},"period":{"start":"2026-01-01","end":"2026-01-31"},
 "group":[{"code":{"coding":[{"code":"CONFIRMED"}]},
  "population":[{"code":{"coding":[{"code":"measure-population"}]},"count":16}],
  "stratifier":[{"stratum":[
   {"component":[{"code":{"coding":[{"code":"SEX"}]},"value":{"coding":[{"code":"F"}]}}],"measureScore":{"value":7}},
   {"component":[{"code":{"coding":[{"code":"SEX"}]},"value":{"coding":[{"code":"X"}]}}],"measureScore":{"value":9}}]}]}]}`
	var findings []adx.Finding
	format := madx.Format{Measure: malaria, Reject: func(f adx.Finding) { findings = append(findings, f) }}
	for _, err := range format.Read(strings.NewReader(report)) {
		if err != nil {
			log.Fatal(err)
		}
	}
	if err := madx.WriteOutcome(os.Stdout, findings); err != nil {
		log.Fatal(err)
	}
	// Output:
	// {
	//   "resourceType": "OperationOutcome",
	//   "issue": [
	//     {
	//       "severity": "error",
	//       "code": "code-invalid",
	//       "diagnostics": "8:18: MeasureReport.group[0].stratifier[0].stratum[1].component[0].value: MADX-012: \"X\": not in the value set \"https://moh.example.org/ValueSet/SEX\"",
	//       "expression": [
	//         "MeasureReport.group[0].stratifier[0].stratum[1].component[0].value"
	//       ]
	//     }
	//   ]
	// }
}

func ExampleWriteOutcomeXML() {
	_ = madx.WriteOutcomeXML(os.Stdout, []adx.Finding{
		{Rule: "MADX-012", Severity: hmis.Severe, Path: "MeasureReport.group[0]", Got: "X", Want: "F or M"},
	})
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <OperationOutcome xmlns="http://hl7.org/fhir">
	//   <issue>
	//     <severity value="error"/>
	//     <code value="code-invalid"/>
	//     <diagnostics value="MeasureReport.group[0]: MADX-012: &quot;X&quot;: want F or M"/>
	//     <expression value="MeasureReport.group[0]"/>
	//   </issue>
	// </OperationOutcome>
}
