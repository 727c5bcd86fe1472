package sheet_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/sheet"
)

// A district keeps its figures with the months across the top.
func ExampleFormat_Read() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		OrgUnits:     []hmis.OrgUnit{{ID: "DiszpKrYNg8", Name: "Ngelehun CHC"}},
		DataElements: []hmis.DataElement{{ID: "fbfJHSPpUQD", Name: "ANC 1st visit"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	file := strings.NewReader(`
Facility;Indicator;2024;;
;;janvier;février;mars
Ngelehun CHC;ANC 1st visit;1 024;;998
`)
	format := sheet.Format{
		Catalog: catalog,
		Schemes: hmis.Schemes{Any: hmis.ByName},
		Comma:   ';',
		Columns: []sheet.Column{{"Facility", sheet.OrgUnit}, {"Indicator", sheet.DataElement}},
		Across:  []sheet.Field{sheet.Year, sheet.Month},
		Numbers: sheet.Numbers{Decimal: ',', Group: ' '},
	}
	for v, err := range format.Read(file) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(v.OrgUnit, v.DataElement, v.Period, v.Value)
	}
	// Output:
	// DiszpKrYNg8 fbfJHSPpUQD 202401 1024
	// DiszpKrYNg8 fbfJHSPpUQD 202403 998
}
