package analytics_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// FuzzRequest checks that every query string gives a query or an error with its
// parameter, and never an internal error over HTTP. Escaping does not change a
// request. A restricted server shows nothing from outside its restriction.
func FuzzRequest(f *testing.F) {
	f.Add("dimension=dx:Tested00001;PositRate01&dimension=ou:LEVEL-2&filter=pe:202401")
	f.Add("dimension=dx:DE_GROUP-GroupMalar1;Malaria0001.REPORTING_RATE&dimension=pe:LAST_12_MONTHS&filter=ou:USER_ORGUNIT&relativePeriodDate=2024-03-31")
	f.Add("dimension=dx:MAL.01.F;POS&dimension=ou:OU_GROUP-GroupPubli1;E&startDate=2024&endDate=20241231&inputIdScheme=CODE&outputIdScheme=NAME")
	f.Add("dimension=dx:Tested00001.*.HllvX50cXC0;Positive001.CocMale0001&dimension=co&dimension=CatSex00001&filter=pe:2024&includeNumDen=true&order=DESC")
	f.Add("dimension=SetOwner001:ALL_ITEMS&filter=dx:PositRate00&filter=pe:2024Q1&measureCriteria=GE:1e5;LT:x&columns=SetOwner001&hierarchyMeta=true")
	f.Add("dimension=dx:Weight00001&dimension=pe:2024W1;2024;20240229;2024BiW1&aggregationType=LAST_IN_PERIOD&skipRounding=1&showHierarchy=yes")
	f.Add("dimension=&filter=:::&userOrgUnit=;;&dimension=ou:LEVEL-0&duplicatesOnly=%00")
	s := newServer(f)
	east := newServer(f)
	east.Within = []hmis.UID{"DistrictEa1"}
	code := regexp.MustCompile(`^E\d{4}$`)
	f.Fuzz(func(t *testing.T, query string) {
		params, err := url.ParseQuery(strings.ReplaceAll(query, ";", "%3B"))
		if err != nil {
			return
		}
		q, err := s.Query(params)
		if err != nil {
			issue, ok := errors.AsType[*hmis.Issue](err)
			if !ok || issue.Field == "" || issue.Code != "" && !code.MatchString(issue.Code) {
				t.Errorf("%q: the error %v is a %T without a place", query, err, err)
			}
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("%q: the error has more than one line: %v", query, err)
			}
		} else if again, err := s.Query(params); err != nil || inWords(again) != inWords(q) {
			t.Errorf("%q is read as %s, then as %s, %v", query, inWords(q), inWords(again), err)
		}
		if cells := max(1, len(q.Data)) * max(1, len(q.OrgUnits)) * max(1, len(q.Periods)); cells > 10_000 {
			return // the answer would take longer than a fuzz target has
		}
		for _, path := range []string{"/api/analytics", "/api/analytics.csv", "/api/analytics/rawData", "/api/analytics/dataValueSet"} {
			r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
			r.URL.RawQuery = query
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			switch w.Code {
			case http.StatusOK, http.StatusConflict, http.StatusBadRequest:
			default:
				t.Errorf("%s?%s: status %d: %s", path, query, w.Code, w.Body)
			}
			// Texts that are not in the request cannot come from outside the
			// restriction.
			w = httptest.NewRecorder()
			east.ServeHTTP(w, r)
			for _, elsewhere := range []string{"DistrictWe1", "ClinicCxxx1", "ClinicDxxx1", "Country0001", "by the sea", "Clinic C", "Clinic D"} {
				if w.Code == http.StatusOK && !strings.Contains(query, elsewhere[:4]) && strings.Contains(w.Body.String(), elsewhere) {
					t.Errorf("%s?%s: shows %q to the east: %s", path, query, elsewhere, w.Body)
				}
			}
		}
	})
}
