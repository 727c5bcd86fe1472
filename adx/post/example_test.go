package post_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/post"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/period"
)

// This handler imports the messages that districts send to a ministry.
func Example() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "s46m5MS0hxu", Code: "BCG"}},
		DataSets:     []hmis.DataSet{{ID: "BfMAe6Itzgt", Code: "EPI", PeriodType: period.Monthly}},
		OrgUnits:     []hmis.OrgUnit{{ID: "DiszpKrYNg8", Code: "HF-101"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	store := &entry.Memory{} // or a Store that uses a database
	ministry := httptest.NewTLSServer(post.Handler{Import: adx.Import{
		Mapper: adx.Mapper{Catalog: catalog},
		Store:  store,
	}})
	defer ministry.Close()

	district := post.Client{URL: ministry.URL + "/adx?dryRun=false", HTTP: ministry.Client(), Gzip: true}
	answer, err := district.Send(context.Background(), strings.NewReader(
		`<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">
		  <group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M">
		    <dataValue dataElement="BCG" value="14"/>
		    <dataValue dataElement="BCG2" value="3"/>
		  </group>
		</adx>`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("answer:", answer.Status, answer.Summary.Imported, "imported,", answer.Summary.Ignored, "ignored")
	for _, issue := range answer.Summary.Issues {
		fmt.Println(issue.Code, issue.Err)
	}
	for v := range store.Values() {
		fmt.Println("stored:", v.DataElement, v.OrgUnit, v.Period, v.Value)
	}
	// Output:
	// answer: 200 1 imported, 1 ignored
	// ADX-043 dataElement "BCG2": want the code of a known dataElement
	// stored: s46m5MS0hxu DiszpKrYNg8 202601 14
}
