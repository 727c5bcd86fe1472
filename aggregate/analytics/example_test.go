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
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

// This is the answer of a DHIS2 server to /api/analytics with these parameters.
func ExampleServer_Answer() {
	cube, err := country.Load(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	server := analytics.Server{Cube: func() *aggregate.Cube { return cube }, Catalog: cube.Catalog(), Tree: cube.Tree()}
	response, err := server.Answer(context.Background(), url.Values{
		"dimension": {"dx:deDelivery1;inDelivery1", "ou:LEVEL-2"},
		"filter":    {"pe:2025Q1"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range response.Rows {
		fmt.Println(row, response.Meta.Items[row[1]].Name)
	}
	// Output:
	// [deDelivery1 ouRegion001 4071] Coast
	// [deDelivery1 ouRegion002 4122] Highlands
	// [deDelivery1 ouRegion003 3635] Plains
	// [inDelivery1 ouRegion001 61.1] Coast
	// [inDelivery1 ouRegion002 63.6] Highlands
	// [inDelivery1 ouRegion003 58.8] Plains
}

// This server is for one district and shows nothing else.
func ExampleServer_within() {
	cube, err := country.Load(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	server := analytics.Server{Cube: func() *aggregate.Cube { return cube }, Catalog: cube.Catalog(), Tree: cube.Tree()}
	server.Within = []hmis.UID{"ouDistr0001"}
	response, err := server.Answer(context.Background(), url.Values{
		"dimension": {"dx:deDelivery1"}, "filter": {"pe:2025Q1"}, // a request without org units
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Rows)
	_, err = server.Answer(context.Background(), url.Values{
		"dimension": {"dx:deDelivery1", "ou:ouDistr0002"}, "filter": {"pe:2025Q1"},
	})
	fmt.Println(err)
	// Output:
	// [[deDelivery1 861]]
	// hmis: E7120: dimension: User: `ouDistr0001` is not allowed to view org unit: `ouDistr0002`
}

// An item that cannot be computed only loses its own rows.
func ExampleServer_reject() {
	md := country.Metadata()
	md.Indicators = append(md.Indicators, hmis.Indicator{ID: "inBroken001", Numerator: "C{GoneAway001}", Denominator: "1"})
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	if err != nil {
		log.Fatal(err)
	}
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(context.Background(), country.Values())
	if err != nil {
		log.Fatal(err)
	}
	server := analytics.Server{
		Cube:    func() *aggregate.Cube { return cube },
		Catalog: catalog,
		Tree:    tree,
		Reject:  func(item indicator.Item, err error) { fmt.Println(item.ID, "is left out:", err) },
	}
	response, err := server.Answer(context.Background(), url.Values{
		"dimension": {"dx:inMalPositv;inBroken001"}, "filter": {"pe:202501"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Rows)
	// Output:
	// inBroken001 is left out: hmis: Data: indicator inBroken001: unknown constant C{GoneAway001}
	// [[inMalPositv 43.0]]
}

// Servers that share a ceiling together hold no more than it allows.
func ExampleCeiling() {
	cube, err := country.Load(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	server := analytics.Server{Cube: func() *aggregate.Cube { return cube }, Catalog: cube.Catalog(), Tree: cube.Tree()}
	ceiling := &analytics.Ceiling{Bytes: 64 << 20}
	server.Ceiling = ceiling
	server.Limits = analytics.Limits{Rows: 10_000, Bytes: 16 << 20, Fixed: true}
	_, err = server.Answer(context.Background(), url.Values{
		"dimension": {"dx:deDelivery1"}, "filter": {"pe:2025Q1"},
	})
	fmt.Println(err, ceiling.Held())
	// Output: <nil> 0
}

// A request that cannot be answered gets an error with the code of DHIS2.
func ExampleServer_Query() {
	cube, err := country.Load(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	server := analytics.Server{Cube: func() *aggregate.Cube { return cube }, Catalog: cube.Catalog(), Tree: cube.Tree()}
	_, err = server.Query(url.Values{"dimension": {"dx:deDelivery1", "pe:2025Q5"}})
	fmt.Println(err)
	// Output:
	// hmis: E7611: dimension: Period not valid: `2025Q5`
}

// Programs that send requests to a DHIS2 server can send them to this one.
func ExampleServer_ServeHTTP() {
	cube, err := country.Load(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	server := analytics.Server{Cube: func() *aggregate.Cube { return cube }, Catalog: cube.Catalog(), Tree: cube.Tree()}
	mux := http.NewServeMux()
	mux.Handle("/api/analytics.csv", server)
	web := httptest.NewServer(mux)
	defer web.Close()

	response, err := http.Get(web.URL + "/api/analytics.csv?dimension=dx:deDelivery1&dimension=pe:202501;202502&filter=ou:ouRegion001")
	if err != nil {
		log.Println(err)
		return
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		log.Println(err)
	}
	// Output:
	// Data,Period,Value
	// deDelivery1,202501,1338
	// deDelivery1,202502,1299
}

// An answer can be a stream of values, for another cube or for package adx.
func ExampleServer_Values() {
	cube, err := country.Load(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	server := analytics.Server{Cube: func() *aggregate.Cube { return cube }, Catalog: cube.Catalog(), Tree: cube.Tree()}
	request := url.Values{"dimension": {"dx:deLiveBirth.ocFemale001;inDelivery1", "pe:2025Q1", "ou:ouRegion001"}}
	for v, err := range server.Values(context.Background(), request) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(v.DataElement, v.OptionCombo, v.OrgUnit, v.Period, v.Value)
	}
	// Output:
	// deLiveBirth ocFemale001 ouRegion001 2025Q1 1987
	// inDelivery1  ouRegion001 2025Q1 61.1
}

// RawData returns the stored values themselves.
func ExampleServer_RawData() {
	cube, err := country.Load(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	server := analytics.Server{Cube: func() *aggregate.Cube { return cube }, Catalog: cube.Catalog(), Tree: cube.Tree()}
	response, err := server.RawData(context.Background(), url.Values{
		"dimension": {"dx:deDelivery1", "ou:ouFacil0001"}, "filter": {"pe:2025Q1"},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := response.WriteCSV(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// Data,Organisation unit,,Period start date,Period end date,Value
	// deDelivery1,ouFacil0001,202501,2025-01-01,2025-01-31,92.0
	// deDelivery1,ouFacil0001,202503,2025-03-01,2025-03-31,115.0
}

func ExampleResponse_WriteJSON() {
	cube, err := country.Load(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	server := analytics.Server{Cube: func() *aggregate.Cube { return cube }, Catalog: cube.Catalog(), Tree: cube.Tree()}
	response, err := server.Answer(context.Background(), url.Values{
		"dimension": {"dx:deDelivery1"}, "filter": {"pe:202501"}, "skipMeta": {"true"},
	})
	if err != nil {
		log.Fatal(err)
	}
	response.Headers = nil // this keeps the example short
	if err := response.WriteJSON(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// {"headers":[],"metaData":{},"rowContext":{},"rows":[["deDelivery1","4036"]],"width":2,"height":1,"headerWidth":0}
}
