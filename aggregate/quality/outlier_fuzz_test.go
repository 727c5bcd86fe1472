package quality_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// Whatever a file says, a bound that is read is whole: known ids, and the upper end
// above the lower one.
func FuzzReadBounds(f *testing.F) {
	f.Add(`{"values":[{"dataElement":"cases","orgUnit":"c","optionCombo":"HllvX50cXC0","minValue":1,"maxValue":2.5,"generated":true}]}`)
	f.Add(`{"dataSet":"x","values":[{}]}`)
	f.Add(`{"values":[{"minValue":1e400}]}`)
	cube := clinic(f, "1")
	reader := quality.Reader{Catalog: cube.Catalog(), Tree: cube.Tree()}
	f.Fuzz(func(t *testing.T, file string) {
		rejected := 0
		list, err := reader.Bounds(strings.NewReader(file), func(quality.Bound, error) { rejected++ })
		if err != nil {
			return
		}
		for _, b := range list {
			if b.DataElement != "cases" || cube.Tree().Level(b.OrgUnit) == 0 || b.High.Cmp(b.Low) <= 0 {
				t.Errorf("read %+v", b)
			}
		}
	})
}

// Whatever parameters say, what is read can be run, and what is wrong is an Issue.
func FuzzOutlierRequest(f *testing.F) {
	f.Add("dx=cases&ou=c&startDate=2024-01-01&endDate=2024-12-31&algorithm=MOD_Z_SCORE&threshold=2&orderBy=Z_SCORE&maxResults=3")
	f.Add("dx=cases&pe=2024&algorithm=MODIFIED_Z_SCORE&orderBy=medianabsdeviation&sortOrder=ASC")
	f.Add("ds=x&threshold=NaN&dataStartDate=2024-01-01")
	f.Add("de=cases&ou=n&pe=2024Q1&maxResults=9")
	cube := clinic(f, "1 2 3! 4 50 6")
	reader := quality.Reader{Catalog: cube.Catalog(), Tree: cube.Tree()}
	f.Fuzz(func(t *testing.T, query string) {
		params, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		for _, read := range []func(url.Values) (quality.Method, quality.Scope, error){reader.Outliers, reader.AnalyticsOutliers} {
			m, s, err := read(params)
			if err != nil {
				if _, ok := err.(*hmis.Issue); !ok {
					t.Errorf("%q: %T", query, err)
				}
				continue
			}
			if list, err := quality.Outliers(t.Context(), cube, m, s); err != nil || len(list) > 6 {
				t.Errorf("%q: %d outliers, %v", query, len(list), err)
			}
		}
		if list, s, err := reader.FollowUps(params); err == nil {
			if _, err := list.Values(t.Context(), cube, s); err != nil {
				t.Errorf("%q: %v", query, err)
			}
		}
	})
}
