package analytics_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

// exampleServer is a server for the little country of the tests, loaded from
// memory.
func exampleServer() analytics.Server {
	catalog, err := hmis.NewCatalog(country)
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(country.OrgUnits, country.Groups...)
	if err != nil {
		log.Fatal(err)
	}
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(context.Background(), reported())
	if err != nil {
		log.Fatal(err)
	}
	return analytics.Server{Cube: func() *aggregate.Cube { return cube }, Catalog: catalog, Tree: tree}
}

func ExampleServer_Answer() {
	server := exampleServer()
	response, err := server.Answer(context.Background(), url.Values{
		"dimension": {"dx:Tested00001;PositRate01", "ou:LEVEL-2"},
		"filter":    {"pe:2024Q1"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range response.Rows {
		fmt.Println(row, response.Meta.Items[row[1]].Name)
	}
	// Output:
	// [Tested00001 DistrictEa1 23] East
	// [Tested00001 DistrictWe1 4] West, by the sea
	// [PositRate01 DistrictEa1 21.74] East
	// [PositRate01 DistrictWe1 25.0] West, by the sea
}

// A server for a district has nothing else to show.
func ExampleServer_within() {
	server := exampleServer()
	server.Within = []hmis.UID{"DistrictEa1"}
	response, err := server.Answer(context.Background(), url.Values{
		"dimension": {"dx:Tested00001"}, "filter": {"pe:2024Q1"}, // no org unit at all
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Rows)
	_, err = server.Answer(context.Background(), url.Values{
		"dimension": {"dx:Tested00001", "ou:DistrictWe1"}, "filter": {"pe:2024Q1"},
	})
	fmt.Println(err)
	// Output:
	// [[Tested00001 23]]
	// hmis: E7120: dimension: User: `DistrictEa1` is not allowed to view org unit: `DistrictWe1`
}

// An item that cannot be computed costs its own rows.
func ExampleServer_reject() {
	server := exampleServer()
	server.Reject = func(item indicator.Item, err error) { fmt.Println(item.ID, "is left out:", err) }
	response, err := server.Answer(context.Background(), url.Values{
		"dimension": {"dx:PositRate01;NoSuchItem1"}, "filter": {"pe:202401"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Rows)
	// Output:
	// NoSuchItem1 is left out: hmis: Data: indicator NoSuchItem1: unknown constant C{GoneAway001}
	// [[PositRate01 21.74]]
}

// Servers that share a ceiling hold no more than it says together.
func ExampleCeiling() {
	ceiling := &analytics.Ceiling{Bytes: 64 << 20}
	server := exampleServer()
	server.Ceiling = ceiling
	server.Limits = analytics.Limits{Rows: 10_000, Bytes: 16 << 20, Fixed: true}
	_, err := server.Answer(context.Background(), url.Values{
		"dimension": {"dx:Tested00001"}, "filter": {"pe:2024Q1"},
	})
	fmt.Println(err, ceiling.Held())
	// Output: <nil> 0
}

func ExampleServer_Query() {
	server := exampleServer()
	_, err := server.Query(url.Values{
		"dimension": {"dx:Tested00001", "pe:2024Q5"},
	})
	fmt.Println(err)
	// Output: hmis: E7611: dimension: Period not valid: `2024Q5`
}

func ExampleServer_ServeHTTP() {
	mux := http.NewServeMux()
	mux.Handle("/api/analytics.csv", exampleServer())
	server := httptest.NewServer(mux)
	defer server.Close()

	response, err := http.Get(server.URL + "/api/analytics.csv?dimension=dx:Tested00001&dimension=pe:202401;202402&filter=ou:Country0001")
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		log.Fatal(err)
	}
	// Output:
	// Data,Period,Value
	// Tested00001,202401,23
	// Tested00001,202402,4
}

func ExampleServer_Values() {
	server := exampleServer()
	request := url.Values{"dimension": {"dx:Tested00001.CocFemale01;PositRate00", "pe:2024Q1", "ou:DistrictEa1"}}
	for v, err := range server.Values(context.Background(), request) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(v.DataElement, v.CategoryOptionCombo, v.OrgUnit, v.Period, v.Value)
	}
	// Output:
	// Tested00001 CocFemale01 DistrictEa1 2024Q1 17
	// PositRate00  DistrictEa1 2024Q1 22
}

func ExampleServer_RawData() {
	server := exampleServer()
	response, err := server.RawData(context.Background(), url.Values{
		"dimension": {"dx:Weight00001", "ou:DistrictEa1"}, "filter": {"pe:2024"},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := response.WriteCSV(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// Data,Organisation unit,,Period start date,Period end date,Value
	// Weight00001,ClinicAxxx1,202401,2024-01-01,2024-01-31,2.5
	// Weight00001,ClinicBxxx1,202401,2024-01-01,2024-01-31,3.0
}

func ExampleResponse_WriteJSON() {
	server := exampleServer()
	response, err := server.Answer(context.Background(), url.Values{
		"dimension": {"dx:Tested00001"}, "filter": {"pe:202401"}, "skipMeta": {"true"},
	})
	if err != nil {
		log.Fatal(err)
	}
	response.Headers = nil // to keep the example short
	if err := response.WriteJSON(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output: {"headers":[],"metaData":{},"rowContext":{},"rows":[["Tested00001","23"]],"width":2,"height":1,"headerWidth":0}
}
