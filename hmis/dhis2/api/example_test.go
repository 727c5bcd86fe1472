package api_test

import (
	"fmt"
	"net/http/httptest"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api"
)

func Example() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{
			{ID: "s46m5MS0hxu", Name: "BCG doses given"},
			{ID: "fbfJHSPpUQD", Name: "ANC 1st visit"},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := &api.Server{Catalog: catalog}

	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, httptest.NewRequest("GET", "/api/dataElements?fields=id,name&paging=false", nil))
	fmt.Println(answer.Body)

	// Output:
	// {"dataElements":[{"id":"fbfJHSPpUQD","name":"ANC 1st visit"},{"id":"s46m5MS0hxu","name":"BCG doses given"}]}
}
