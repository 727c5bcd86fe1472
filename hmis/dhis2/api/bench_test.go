package api_test

import (
	"fmt"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api"
	"github.com/stretchr/testify/require"
)

// BenchmarkListing lists the units of a country with 20,000 of them.
func BenchmarkListing(b *testing.B) {
	units := []hmis.OrgUnit{{ID: "Rrrrrrrrrrr", Name: "Land"}}
	for i := range 20_000 {
		units = append(units, hmis.OrgUnit{ID: hmis.UID(fmt.Sprintf("U%010d", i)), Name: fmt.Sprintf("Unit %d", i*7919%20_000),
			Parent: units[i/20].ID})
	}
	catalog, err := hmis.NewCatalog(hmis.Metadata{OrgUnits: units})
	require.NoError(b, err)
	server := &api.Server{Catalog: catalog}
	for _, query := range []string{"", "?filter=name:ilike:99&fields=id,name", "?fields=:owner&pageSize=200",
		"?paging=false&fields=id,name,path", "?order=name:desc"} {
		b.Run("units"+query, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				status, body := get(server, "organisationUnits"+query)
				if status != 200 || len(body) < 100 {
					b.Fatal(status, body)
				}
			}
		})
	}
}
