package analytics_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestTableLayout(t *testing.T) {
	tests := []struct{ name, request, want string }{
		{
			"rows by columns, empty ones too",
			"columns=pe&rows=ou;dx",
			lines("Organisation unit ID|Organisation unit|Organisation unit code|Organisation unit description|"+
				"Data ID|Data|Data code|Data description|january 2024|february 2024|march 2024",
				"DistrictEa1|East|E||Tested00001|Malaria tests|MAL.01|Of any kind|23||",
				"DistrictEa1|East|E||Positive001|Malaria positive|MAL.02||5||",
				"DistrictWe1|West, by the sea|W||Tested00001|Malaria tests|MAL.01|Of any kind||4|",
				"DistrictWe1|West, by the sea|W||Positive001|Malaria positive|MAL.02|||1|"),
		}, {
			"no rows: one line",
			"columns=dx;pe;ou&hideEmptyColumns=true",
			lines("tests_january 2024_ea|tests_february 2024_west, by the sea|malaria positive_january 2024_ea|malaria positive_february 2024_west, by the sea",
				"23|4|5|1"),
		}, {
			"no columns: their total, and ids whatever the request says",
			"rows=pe;dx;ou&hideEmptyRows=true&outputIdScheme=CODE",
			lines("Period ID|Period|Period code|Period description|Data ID|Data|Data code|Data description|"+
				"Organisation unit ID|Organisation unit|Organisation unit code|Organisation unit description|total",
				"202401|January 2024|202401||Tested00001|Malaria tests|MAL.01|Of any kind|DistrictEa1|East|E||23",
				"202401|January 2024|202401||Positive001|Malaria positive|MAL.02||DistrictEa1|East|E||5",
				"202402|February 2024|202402||Tested00001|Malaria tests|MAL.01|Of any kind|DistrictWe1|West, by the sea|W||4",
				"202402|February 2024|202402||Positive001|Malaria positive|MAL.02||DistrictWe1|West, by the sea|W||1"),
		}, {
			"a dimension in neither is not summed up",
			"columns=dx&rows=ou",
			lines("Organisation unit ID|Organisation unit|Organisation unit code|Organisation unit description|tests|malaria positive",
				"DistrictEa1|East|E|||", "DistrictWe1|West, by the sea|W|||"),
		}, {
			"empty ones hidden, names of the units above",
			"columns=pe;dx&rows=ou&hideEmptyColumns=true&hideEmptyRows=true&showHierarchy=true&userOrgUnit=Country0001",
			lines("Org unit level 1|Org unit level 2|Organisation unit ID|Organisation unit|Organisation unit code|Organisation unit description|"+
				"january 2024_tests|january 2024_malaria positive|february 2024_tests|february 2024_malaria positive",
				"Country|East|DistrictEa1|East|E||23|5||",
				"Country|West, by the sea|DistrictWe1|West, by the sea|W||||4|1"),
		}, {
			"no layout without columns and rows", "tableLayout=true&order=ASC",
			lines("dx|pe|ou|value", "Positive001|202402|DistrictWe1|1", "Tested00001|202402|DistrictWe1|4", "Positive001|202401|DistrictEa1|5", "Tested00001|202401|DistrictEa1|23"),
		},
	}
	s := newServer(t)
	for _, tt := range tests {
		r, err := s.Answer(context.Background(), parse(t, "dimension=dx:Tested00001;Positive001&dimension=pe:202401;202402;202403&dimension=ou:LEVEL-2&"+tt.request))
		require.NoError(t, err, tt.name)
		if diff := cmp.Diff(tt.want, inCells(r)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	// An axis of option combos without items has those that occur in the cells.
	r, err := s.Answer(context.Background(), parse(t, "dimension=dx:Tested00001&dimension=co&filter=pe:202402&columns=dx&rows=co&skipMeta=true"))
	require.NoError(t, err)
	require.Equal(t, lines("Data details ID|Data details|Data details code|Data details description|tests", "CocFemale01|Female|F||4"), inCells(r))
	require.Equal(t, "Malaria tests", r.Headers[4].Column)
	require.Equal(t, "February 2024", r.Title)
	require.True(t, r.Headers[0].Hidden && !r.Headers[1].Hidden && r.Headers[2].Hidden && r.Headers[3].Hidden)

	// On a server the columns of categories have no name; here they have one.
	r, err = s.Answer(context.Background(), parse(t, "dimension=dx:Tested00001&dimension=CatSex00001&filter=pe:202402&columns=dx&rows=CatSex00001&includeNumDen=true"))
	require.NoError(t, err)
	require.Equal(t, lines("Sex ID|Sex|Sex code|Sex description|tests", "OptFemale01|Female|F||4", "OptMale0001|Male|M||"), inCells(r))
	require.Equal(t, []string{"CatSex00001id", "CatSex00001name"}, []string{r.Headers[0].Column, r.Headers[1].Column})
}
