package dhis2_test

import (
	"encoding/csv"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/period"
)

func ExampleReadMetadata() {
	md, err := dhis2.ReadMetadata(strings.NewReader(`{"dataElements": [
		{"id": "s46m5MS0hxu", "name": "BCG doses given", "valueType": "INTEGER", "url": "https://example.org"}
	]}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(md.DataElements[0].Name, md.DataElements[0].ValueType)
	fmt.Println(md.Properties[0].Name, md.Properties[0].Value)
	// Output:
	// BCG doses given INTEGER
	// url "https://example.org"
}

// A MetadataReader calls Warn for everything doubtful, and Reject for
// everything that is left out.
func ExampleMetadataReader() {
	reader := dhis2.MetadataReader{
		Warn:   func(issue hmis.Issue) { fmt.Println(issue.Error()) },
		Reject: func(object hmis.Ref, err error) { fmt.Println("rejected:", err) },
	}
	md, err := reader.Read(strings.NewReader(`{"users": [{"id": "xE7jOejl9FI"}], "indicatorTypes": [{"id": "bWuNrMHEoZ0", "factor": 100}, 5]}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(md.IndicatorTypes[0].Factor)
	// Output:
	// hmis: type_skipped: users: 1 objects are skipped
	// rejected: dhis2: offset 92: indicatorTypes[1]: want an object, got a number 5
	// 100
}

func ExampleWriteMetadata() {
	err := dhis2.WriteMetadata(os.Stdout, hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "O6uvpzGd5pu", Name: "Bo", Parent: "ImspTQPwCqd"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// {
	// "organisationUnits":[
	// {"id":"O6uvpzGd5pu","name":"Bo","parent":{"id":"ImspTQPwCqd"},"openingDate":"1970-01-01T00:00:00.000"}
	// ]
	// }
}

func ExampleReadMetadataCSV() {
	md, err := dhis2.ReadMetadataCSV(strings.NewReader("name,uid,code,parent\nBo,O6uvpzGd5pu,OU_264,ImspTQPwCqd\n"), hmis.KindOrgUnit)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(md.OrgUnits[0].Name, md.OrgUnits[0].Code)
	// Output: Bo OU_264
}

func ExampleReadMembersCSV() {
	md, err := dhis2.ReadMembersCSV(strings.NewReader("group,member\noDkJh5Ddh7d,P3jJH5Tu5VC\n"), hmis.KindDataElementGroup)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(md.Groups[0].ID, md.Groups[0].Members)
	// Output: oDkJh5Ddh7d [P3jJH5Tu5VC]
}

func ExampleReadValues() {
	values := dhis2.ReadValues(strings.NewReader(`{"period": "202401", "dataValues": [
		{"dataElement": "s46m5MS0hxu", "orgUnit": "DiszpKrYNg8", "value": "12"},
		{"dataElement": "s46m5MS0hxu", "orgUnit": "g8upMTyEZGZ", "value": "7"}
	]}`))
	for v, err := range values {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(v.OrgUnit, v.Period, v.Value)
	}
	// Output:
	// DiszpKrYNg8 202401 12
	// g8upMTyEZGZ 202401 7
}

// Reject is called for values that cannot be used. All others are read.
func ExampleFormat_Read() {
	format := dhis2.Format{
		CSV:    true,
		Reject: func(v hmis.DataValue, err error) { fmt.Println("rejected:", err) },
	}
	text := "dataelement,period,orgunit,value\n" +
		"s46m5MS0hxu,2024Q5,DiszpKrYNg8,12\n" +
		"s46m5MS0hxu,2024Q1,DiszpKrYNg8,7\n"
	for v, err := range format.Read(strings.NewReader(text), nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(v.OrgUnit, v.Period, v.Value)
	}
	// Output:
	// rejected: dhis2: line 2: period: "2024Q5": want quarter 1 to 4 at offset 5
	// DiszpKrYNg8 2024Q1 7
}

// A sheet with a column for each org unit is no data value set. A few lines
// turn its cells into values. Only the caller knows what the columns are and
// which data element the sheet is about.
func ExampleWriteValues_wideSheet() {
	sheet := csv.NewReader(strings.NewReader("period,DiszpKrYNg8,g8upMTyEZGZ\n202401,12,7\n202402,9,\n"))
	rows, err := sheet.ReadAll()
	if err != nil {
		log.Fatal(err)
	}
	values := func(yield func(hmis.DataValue, error) bool) {
		for _, row := range rows[1:] {
			month, err := period.Parse(row[0])
			for i, cell := range row[1:] {
				if cell == "" {
					continue
				}
				v := hmis.DataValue{Value: cell}
				v.DataElement, v.OrgUnit, v.Period = "s46m5MS0hxu", hmis.UID(rows[0][i+1]), month
				if !yield(v, err) || err != nil {
					return
				}
			}
		}
	}
	if err := dhis2.WriteValues(os.Stdout, values); err != nil {
		log.Fatal(err)
	}
	// Output:
	// {"dataValues":[
	// {"dataElement":"s46m5MS0hxu","period":"202401","orgUnit":"DiszpKrYNg8","value":"12"},
	// {"dataElement":"s46m5MS0hxu","period":"202401","orgUnit":"g8upMTyEZGZ","value":"7"},
	// {"dataElement":"s46m5MS0hxu","period":"202402","orgUnit":"DiszpKrYNg8","value":"9"}
	// ]}
}

func ExampleFormat_ReadBatches() {
	text := `{"dataSet": "BfMAe6Itzgt", "dataValues": [
		{"dataElement": "s46m5MS0hxu", "period": "202401", "orgUnit": "DiszpKrYNg8", "value": "12"},
		{"dataElement": "s46m5MS0hxu", "period": "202402", "orgUnit": "DiszpKrYNg8", "value": "7.5"}
	]}`
	var set dhis2.Set
	for batch, err := range (dhis2.Format{}).ReadBatches(strings.NewReader(text), &set) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(batch.Len(), batch.Coef, batch.Scale, batch.Periods)
	}
	fmt.Println(set.DataSet)
	// Output:
	// 2 [12 75] [0 1] [202401 202402]
	// BfMAe6Itzgt
}

func ExampleFormat_Write() {
	v := hmis.DataValue{
		Key:   hmis.Key{DataElement: "s46m5MS0hxu", OrgUnit: "DiszpKrYNg8", Period: period.MustParse("202401")},
		Value: "12",
	}
	values := func(yield func(hmis.DataValue, error) bool) { yield(v, nil) }
	format := dhis2.Format{Set: dhis2.Set{DataSet: "BfMAe6Itzgt", Period: period.MustParse("202401")}}
	if err := format.Write(os.Stdout, values); err != nil {
		log.Fatal(err)
	}
	// Output:
	// {"dataSet":"BfMAe6Itzgt","period":"202401","dataValues":[
	// {"dataElement":"s46m5MS0hxu","orgUnit":"DiszpKrYNg8","value":"12"}
	// ]}
}

func ExampleWriteValues() {
	values := dhis2.ReadValues(strings.NewReader(`{"dataValues": [{"dataElement": "s46m5MS0hxu", "period": "2024", "orgUnit": "DiszpKrYNg8", "value": 12}]}`))
	if err := dhis2.WriteValues(os.Stdout, values); err != nil {
		log.Fatal(err)
	}
	// Output:
	// {"dataValues":[
	// {"dataElement":"s46m5MS0hxu","period":"2024","orgUnit":"DiszpKrYNg8","value":"12"}
	// ]}
}

func ExampleReadCompletions() {
	done := dhis2.ReadCompletions(strings.NewReader(`{"completeDataSetRegistrations": [
		{"dataSet": "BfMAe6Itzgt", "period": "202401", "organisationUnit": "DiszpKrYNg8", "date": "2024-02-05"}
	]}`))
	for c, err := range done {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.OrgUnit, c.Period, c.At.Format(time.DateOnly), c.Withdrawn)
	}
	// Output: DiszpKrYNg8 202401 2024-02-05 false
}

func ExampleWriteCompletions() {
	c := hmis.Completion{DataSet: "BfMAe6Itzgt", OrgUnit: "DiszpKrYNg8", Period: period.MustParse("202401")}
	done := func(yield func(hmis.Completion, error) bool) { yield(c, nil) }
	if err := dhis2.WriteCompletions(os.Stdout, done); err != nil {
		log.Fatal(err)
	}
	// Output:
	// {"completeDataSetRegistrations":[
	// {"dataSet":"BfMAe6Itzgt","period":"202401","organisationUnit":"DiszpKrYNg8","completed":true}
	// ]}
}

func ExampleReadSummary() {
	summary, err := dhis2.ReadSummary(strings.NewReader(`{"status": "WARNING", "importCount": {"imported": 5, "updated": 0, "ignored": 1, "deleted": 0},
		"conflicts": [{"object": "s46m5MS0hxu", "objects": {"dataElement": "s46m5MS0hxu"}, "value": "not an integer", "errorCode": "E8122", "indexes": [3]}]}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(summary.Imported, summary.Ignored)
	fmt.Println(summary.Issues[0], summary.Issues[0].Rows)
	// Output:
	// 5 1
	// hmis: E8122: dataElement s46m5MS0hxu: not an integer [3]
}

func ExampleWriteSummary() {
	if err := dhis2.WriteSummary(os.Stdout, hmis.Summary{Imported: 5}); err != nil {
		log.Fatal(err)
	}
	// Output: {"responseType":"ImportSummary","status":"SUCCESS","importCount":{"imported":5,"updated":0,"ignored":0,"deleted":0},"dataSetComplete":"false"}
}
