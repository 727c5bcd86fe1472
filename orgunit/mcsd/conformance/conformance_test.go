package conformance_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/fhir/go/fhirversion"
	"github.com/google/fhir/go/jsonformat"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit/mcsd"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

const base = "https://hmis.example.org/fhir"

// check reads a resource with the other implementation, which refuses members
// that FHIR does not have, wrong types and cardinalities, and bad references.
func check(t *testing.T, what string, text []byte) {
	t.Helper()
	reader, err := jsonformat.NewUnmarshaller("UTC", fhirversion.R4)
	require.NoError(t, err)
	if _, err := reader.Unmarshal(text); err != nil {
		t.Errorf("%s: %v in %.2000s", what, err, text)
	}
}

// TestCheck breaks a resource, so that it is known that check can fail.
func TestCheck(t *testing.T) {
	reader, err := jsonformat.NewUnmarshaller("UTC", fhirversion.R4)
	require.NoError(t, err)
	for _, text := range []string{
		`{"resourceType":"Location","opened":"2020-01-01"}`,
		`{"resourceType":"Location","status":"open"}`,
		`{"resourceType":"Location","managingOrganization":{"reference":"Location/1"}}`,
		`{"resourceType":"Location","position":{"longitude":"1"}}`,
		`{"resourceType":"Bundle"}`,
	} {
		_, err := reader.Unmarshal([]byte(text))
		require.Error(t, err, text)
	}
}

// country returns org units with everything that a bundle can say.
func country() hmis.Metadata {
	clinic := hmis.Ref{Kind: hmis.KindOrgUnit, ID: "clinic00001"}
	return hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{
			{ID: "country0001", Code: "C", Name: "Country", Geometry: `{"type":"Polygon","coordinates":[[[30,-2],[32,-2],[32,0],[30,0],[30,-2]]]}`},
			{
				ID: "clinic00001", Code: "C-1", Name: `Clinic "Sainte-Thérèse"`, ShortName: "Thérèse", Parent: "country0001",
				Geometry: `{"type":"Point","coordinates":[31.25,-1]}`, Opened: period.DateOf(1990, 2, 1), Closed: period.DateOf(2020, 12, 31),
			},
			{ID: "clinic00002", Name: "Clinic", Parent: "country0001"},
		},
		Groups:    []hmis.Group{{Kind: hmis.KindOrgUnitGroup, ID: "groupClinic", Name: "Clinics", Members: []hmis.UID{"clinic00001"}}},
		GroupSets: []hmis.GroupSet{{Kind: hmis.KindOrgUnitGroupSet, ID: "setFaciType", Name: "Type", Groups: []hmis.UID{"groupClinic"}}},
		Attributes: []hmis.Attribute{
			{ID: "attribute01", Code: "MFL", Name: "Master list", Unique: true, Kinds: []hmis.Kind{hmis.KindOrgUnit}},
		},
		AttributeValues: []hmis.AttributeValue{{Object: clinic, Attribute: "attribute01", Value: "M1"}},
		Properties: []hmis.Property{
			{Object: clinic, Name: "phoneNumber", Value: `"+231 77"`}, {Object: clinic, Name: "email", Value: `"a@example.org"`},
			{Object: clinic, Name: "url", Value: `"https://example.org"`}, {Object: clinic, Name: "address", Value: `"Main Street"`},
			{Object: clinic, Name: "description", Value: `"by the river"`},
		},
	}
}

func TestBundles(t *testing.T) {
	all := map[string]hmis.Metadata{"country": country(), "nothing": {}}
	for _, name := range testfile.Data(t, "sierra-leone/*metadata*.json.gz") {
		file, err := os.Open(name)
		require.NoError(t, err)
		md, err := dhis2.ReadMetadata(file)
		require.NoError(t, err)
		require.NoError(t, file.Close())
		all[name] = md
	}
	for name, md := range all {
		for _, typ := range []string{"transaction", "searchset", "history", "collection"} {
			var out bytes.Buffer
			require.NoError(t, mcsd.Format{Base: base, Bundle: typ}.Write(&out, md))
			check(t, fmt.Sprint(name, " as ", typ), out.Bytes())
		}
	}
}

func TestDirectory(t *testing.T) {
	md := country()
	d, err := mcsd.Format{Base: base}.Directory(md, time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	less := md
	less.OrgUnits = slices.Clone(md.OrgUnits[:2])
	d, err = d.With(less, time.Date(2026, 1, 11, 12, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	for target, status := range map[string]int{
		"metadata": 200, "Location": 200, "Location?_count=1&_include=Location:organization": 200, "Organization?_count=0": 200,
		"Location?name=nothing": 200, "Location/clinic00001": 200, "Organization/clinic00001": 200, "_history": 200,
		"Location/_history?_since=2026-01-11": 200, "Location/ghost": 404, "Location/clinic00002": 410, "Location?x=1": 400,
	} {
		w := httptest.NewRecorder()
		http.StripPrefix("/fhir", d).ServeHTTP(w, httptest.NewRequest(http.MethodGet, base+"/"+target, nil))
		require.Equal(t, status, w.Code, target)
		check(t, target, w.Body.Bytes())
	}
}
