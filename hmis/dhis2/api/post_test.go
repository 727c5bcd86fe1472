package api_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// clinic is a server of one form, which stores what clerks post.
func clinic(t testing.TB, store entry.Store) *api.Server {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		OrgUnits:        []hmis.OrgUnit{{ID: "Rrrrrrrrrrr", Name: "Land", Code: "L"}},
		CategoryOptions: []hmis.CategoryOption{{ID: "xYerKDKCefk", Name: "default", Code: "default"}},
		Categories:      []hmis.Category{{ID: "GLevLNI9wkl", Name: "default", Code: "default", Options: []hmis.UID{"xYerKDKCefk"}}},
		CategoryCombos:  []hmis.CategoryCombo{{ID: "bjDvmb4bfuf", Name: "default", Code: "default", Categories: []hmis.UID{"GLevLNI9wkl"}}},
		OptionCombos: []hmis.OptionCombo{{ID: "HllvX50cXC0", Name: "default", Code: "default", CategoryCombo: "bjDvmb4bfuf",
			Options: []hmis.UID{"xYerKDKCefk"}}},
		DataElements: []hmis.DataElement{{ID: "Ccccccccccc", Name: "Cases", Code: "C", ValueType: hmis.Integer}},
		DataSets: []hmis.DataSet{{ID: "Sssssssssss", Name: "Monthly", Code: "S", PeriodType: period.Monthly,
			Elements: []hmis.DataSetElement{{DataElement: "Ccccccccccc"}}, OrgUnits: []hmis.UID{"Rrrrrrrrrrr"}}},
	})
	require.NoError(t, err)
	return &api.Server{Catalog: catalog, Store: store, Authenticate: func(r *http.Request) (api.User, bool) {
		user := api.User{Username: "clerk", Authorities: []string{"F_DATAVALUE_ADD"}}
		if r.Header.Get("Authorization") == "reader" {
			user.Authorities = nil
		}
		return user, true
	}}
}

// send posts a body and returns the answer.
func send(s http.Handler, target, contentType, body string, header ...string) (status int, answer string) {
	r := httptest.NewRequest("POST", "http://x/api/"+target, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

const (
	jsonBody = `{"dataSet":"Sssssssssss","dataValues":[{"dataElement":"Ccccccccccc","period":"202401","orgUnit":"Rrrrrrrrrrr","value":"5"}]}`
	xmlBody  = `<dataValueSet xmlns="http://dhis2.org/schema/dxf/2.0"><dataValue dataElement="Ccccccccccc" period="202401" orgUnit="Rrrrrrrrrrr" value="5"/></dataValueSet>`
	csvBody  = "dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value\nCcccccccccc,202401,Rrrrrrrrrrr,,,5\n"
	adxBody  = `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2024-02-08T19:30:00Z"><group orgUnit="Rrrrrrrrrrr" period="2024-01-01/P1M" ` +
		`dataSet="Sssssssssss"><dataValue dataElement="Ccccccccccc" value="5" GLevLNI9wkl="xYerKDKCefk"/></group></adx>`
	doneBody = `{"completeDataSetRegistrations":[{"dataSet":"Sssssssssss","period":"202401","organisationUnit":"Rrrrrrrrrrr","date":"2024-02-03"}]}`
)

// What is posted, what the answer is, and what is stored (RULES.md#posting).
func TestPost(t *testing.T) {
	const ok = `{"httpStatus":"OK","httpStatusCode":200,"status":"OK","message":"Import was successful.","response":{"responseType":"ImportSummary","status":"SUCCESS",`
	const one = `"importCount":{"imported":1,"updated":0,"ignored":0,"deleted":0}`
	refused := strings.Replace(jsonBody, "Rrrrrrrrrrr", "Nnnnnnnnnnn", 1)
	byCode := strings.NewReplacer("Ccccccccccc", "C", "Rrrrrrrrrrr", "L", "Sssssssssss", "S", "GLevLNI9wkl", "default", "xYerKDKCefk", "default")
	tests := []struct {
		name, target, media, body string
		header                    []string
		status                    int
		want                      []string
		values, done              int // stored
	}{
		{"json", "dataValueSets", "application/json", jsonBody, nil, 200, []string{ok, one}, 1, 0},
		{"charset", "42/dataValueSets", "application/json; charset=UTF-8", jsonBody, nil, 200, []string{ok, one}, 1, 0},
		{"xml", "dataValueSets", "application/xml", xmlBody, nil, 200, []string{ok, one}, 1, 0},
		{"csv", "dataValueSets", "application/csv", csvBody, nil, 200, []string{ok, one}, 1, 0},
		{"adx", "dataValueSets", "application/adx+xml", adxBody, nil, 200, []string{ok, one}, 1, 0},
		{"gzip", "dataValueSets", "application/json", packed(jsonBody), []string{"Content-Encoding", "gzip"}, 200, []string{ok, one}, 1, 0},
		{"gzip of adx", "dataValueSets", "application/adx+xml", packed(adxBody), []string{"Content-Encoding", "gzip"}, 200, []string{ok, one}, 1, 0},
		{"codes", "dataValueSets?idScheme=CODE", "application/json", byCode.Replace(jsonBody), nil, 200, []string{ok, one}, 1, 0},
		{"codes in adx", "dataValueSets?idScheme=CODE", "application/adx+xml", byCode.Replace(adxBody), nil, 200, []string{ok, one}, 1, 0},
		{"dry run", "dataValueSets?dryRun=true", "application/json", jsonBody, nil, 200, []string{ok, one}, 0, 0},
		{"dry run of adx", "dataValueSets?dryRun=true", "application/adx+xml", adxBody, nil, 200, []string{ok, one}, 0, 0},
		{"only updates", "dataValueSets?importStrategy=UPDATE", "application/json", jsonBody, nil, 200, []string{`"imported":0,"updated":0,"ignored":1`}, 0, 0},
		{"only updates in adx", "dataValueSets?importStrategy=UPDATE", "application/adx+xml", adxBody, nil, 200, []string{`"imported":0`}, 0, 0},
		{"unknown unit", "dataValueSets", "application/json", refused, nil, 409, []string{`{"httpStatus":"Conflict","httpStatusCode":409,"status":"ERROR",` +
			`"message":"An error occurred, please check import summary."`, `"errorCode":"E8022"`, `"rejectedIndexes":[0]`}, 0, 0},
		{"unknown unit in adx", "dataValueSets", "application/adx+xml", strings.Replace(adxBody, "Rrrrrrrrrrr", "Nnnnnnnnnnn", 1), nil, 409,
			[]string{`"status":"ERROR"`, `"errorCode":"E8107"`}, 0, 0},
		{"text in place of a number", "dataValueSets", "application/json", strings.Replace(jsonBody, `"5"`, `"five"`, 1), nil, 409,
			[]string{`"errorCode":"E8122"`, `"rejectedIndexes":[0]`}, 0, 0},
		{"a body that is cut off", "dataValueSets", "application/json", jsonBody[:60], nil, 400, []string{`"httpStatusCode":400`, "dhis2: offset"}, 0, 0},
		{"adx that is cut off", "dataValueSets", "application/adx+xml", adxBody[:len(adxBody)-6], nil, 400, []string{`"httpStatusCode":400`, "adx: "}, 0, 0},
		{"a bad period in adx", "dataValueSets", "application/adx+xml", strings.Replace(adxBody, "2024-01-01/P1M", "2024-01", 1), nil, 400, []string{"2024-01"}, 0, 0},
		{"no media type", "dataValueSets", "", jsonBody, nil, 415, []string{"Content-Type '' is not supported"}, 0, 0},
		{"another media type", "dataValueSets", "text/plain", jsonBody, nil, 415, []string{"text/plain"}, 0, 0},
		{"another charset", "dataValueSets", "text/csv; charset=latin1", csvBody, nil, 415, []string{"latin1"}, 0, 0},
		{"misspelt dryRun", "dataValueSets?dryrun=true", "application/json", jsonBody, nil, 400, []string{"not valid for parameter dryrun"}, 0, 0},
		{"doubtful dryRun", "dataValueSets?dryRun=yes", "application/json", jsonBody, nil, 400, []string{"dryRun"}, 0, 0},
		{"unknown strategy", "dataValueSets?importStrategy=MERGE", "application/json", jsonBody, nil, 400, []string{"importStrategy"}, 0, 0},
		{"unknown scheme", "dataValueSets?orgUnitIdScheme=PATH", "application/json", jsonBody, nil, 400, []string{"orgUnitIdScheme"}, 0, 0},
		{"a job", "dataValueSets?async=true", "application/json", jsonBody, nil, 400, []string{"async"}, 0, 0},
		{"who may only read", "dataValueSets", "application/json", jsonBody, []string{"Authorization", "reader"}, 403,
			[]string{"Access is denied, requires one Authority from [F_DATAVALUE_ADD]"}, 0, 0},
		{"completions", "completeDataSetRegistrations", "application/json", doneBody, nil, 200, []string{ok, one}, 0, 1},
		{"completions in xml", "completeDataSetRegistrations", "application/xml", `<completeDataSetRegistrations><completeDataSetRegistration ` +
			`dataSet="Sssssssssss" period="202401" organisationUnit="Rrrrrrrrrrr"/></completeDataSetRegistrations>`, nil, 200, []string{ok, one}, 0, 1},
		{"completions of another form", "completeDataSetRegistrations", "application/json", strings.Replace(doneBody, "Sss", "Nnn", 1), nil, 409,
			[]string{`"errorCode":"E8005"`}, 0, 0},
		{"completions as a table", "completeDataSetRegistrations", "text/csv", csvBody, nil, 415, []string{"text/csv"}, 0, 0},
		{"completions to delete", "completeDataSetRegistrations?importStrategy=DELETE", "application/json", doneBody, nil, 400, []string{"importStrategy"}, 0, 0},
		{"who may not complete", "completeDataSetRegistrations", "application/json", doneBody, []string{"Authorization", "reader"}, 403, []string{"Access"}, 0, 0},
		{"no collection", "dataValueSets/x", "application/json", jsonBody, nil, 404, []string{"No static resource"}, 0, 0},
		{"metadata", "dataElements", "application/json", "{}", nil, 405, []string{"Request method 'POST' is not supported"}, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store := new(entry.Memory)
			status, body := send(clinic(t, store), test.target, test.media, test.body, test.header...)
			assert.Equal(t, test.status, status, body)
			for _, want := range test.want {
				assert.Contains(t, body, want)
			}
			values, done := slices.Collect(store.Values()), slices.Collect(store.Completions())
			require.Len(t, values, test.values)
			require.Len(t, done, test.done)
			for _, v := range values {
				assert.Equal(t, hmis.Key{DataElement: "Ccccccccccc", OrgUnit: "Rrrrrrrrrrr", Period: period.MustParse("202401")}, v.Key)
				assert.Equal(t, "5", v.Value)
				assert.Equal(t, "clerk", v.StoredBy)
				assert.False(t, v.Updated.IsZero())
			}
			for _, c := range done {
				assert.Equal(t, "clerk", c.By)
				assert.False(t, c.At.IsZero())
			}
		})
	}
}

// A second post of the same values changes nothing.
func TestPostTwice(t *testing.T) {
	store := new(entry.Memory)
	s := clinic(t, store)
	_, _ = send(s, "dataValueSets", "application/json", jsonBody)
	first := slices.Collect(store.Values())
	status, body := send(s, "dataValueSets", "application/json", jsonBody)
	assert.Equal(t, 200, status)
	assert.Contains(t, body, `"imported":0,"updated":0,"ignored":1`)
	assert.Equal(t, first, slices.Collect(store.Values()))
	status, body = send(s, "dataValueSets?importStrategy=DELETE", "application/json", jsonBody)
	assert.Equal(t, 200, status, body)
	assert.Contains(t, body, `"deleted":1`)
	assert.Empty(t, slices.Collect(store.Values()))
}

// Without a Store nothing is stored, and without Authenticate nobody may.
func TestPostWithoutStore(t *testing.T) {
	s := clinic(t, nil)
	s.Values = func(context.Context) iter.Seq2[hmis.DataValue, error] { return sequence[hmis.DataValue](nil) }
	status, body := send(s, "dataValueSets", "application/json", jsonBody)
	assert.Equal(t, 405, status)
	assert.Contains(t, body, "Request method 'POST' is not supported")

	s = clinic(t, new(entry.Memory))
	s.Authenticate = nil
	status, _ = send(s, "dataValueSets", "application/json", jsonBody)
	assert.Equal(t, 403, status)
	status, _ = get(s, "dataValueSets?dataSet=Sssssssssss&period=202401&orgUnit=Rrrrrrrrrrr")
	assert.Equal(t, 404, status, "there are no values to read")
}

// A gate of the embedder decides, with who sends the values.
func TestPostGate(t *testing.T) {
	s := clinic(t, new(entry.Memory))
	s.Gate = func(u api.User) entry.Gate {
		return entry.Gate{Approved: func(_, _ hmis.UID, _ period.Period, _ hmis.UID) bool { return u.Username == "clerk" }, Policy: entry.Grouped,
			Now: period.MustParse("202402").First().Time(time.UTC)}
	}
	status, body := send(s, "dataValueSets", "application/json", jsonBody)
	assert.Equal(t, 409, status)
	assert.Contains(t, body, "E8033")
}

// brokenStore is a database that is down.
type brokenStore struct{}

func (brokenStore) Begin(context.Context) (entry.Tx, error) {
	return nil, errors.New("password of db: secret")
}

// An internal error is not shown, and a body that is too long is refused.
func TestPostFails(t *testing.T) {
	for media, body := range map[string]string{"application/json": jsonBody, "application/adx+xml": adxBody} {
		status, answer := send(clinic(t, brokenStore{}), "dataValueSets", media, body)
		assert.Equal(t, 500, status)
		assert.NotContains(t, answer, "secret")
	}
	tests := []struct {
		media  string
		body   io.Reader
		length int64
	}{
		{"application/json", strings.NewReader(jsonBody), 100 << 20},
		{"application/adx+xml", io.MultiReader(strings.NewReader("<adx>"), blanks{}), -1},
	}
	for _, test := range tests {
		r := httptest.NewRequest("POST", "http://x/api/dataValueSets", test.body)
		r.ContentLength = test.length
		r.Header.Set("Content-Type", test.media)
		w := httptest.NewRecorder()
		clinic(t, new(entry.Memory)).ServeHTTP(w, r)
		assert.Equal(t, 413, w.Code, "%s: %s", test.media, w.Body)
	}
}

// blanks is an endless body.
type blanks struct{}

func (blanks) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

func packed(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text) // a buffer has no errors
	_ = z.Close()
	return b.String()
}

// TestVectorsADX compares the answers to requests for messages, and to posted
// ones, with those of a server. Of posted ones these are the status codes and
// whether the import succeeded: what this library only doubts is a warning here
// and nothing there.
func TestVectorsADX(t *testing.T) {
	server := serverOf(t, "synthetic").(*api.Server)
	for _, file := range testfile.Vectors(t, "server/adx*") {
		count := tally.Of(t, file)
		for v := range testfile.Lines[vector](t, file) {
			if why := known[v.ID]; why != "" {
				count.Leave(why)
				continue
			}
			server.Store = new(entry.Memory)
			got := ask(server, v)
			var want, have struct{ Status, Message string }
			_ = json.Unmarshal([]byte(v.Body), &want) // a body that is no JSON has no status
			_ = json.Unmarshal(got.Body.Bytes(), &have)
			if v.Method != http.MethodPost {
				difference := ""
				if v.Status == http.StatusOK {
					difference = cmp.Diff(groups(t, v.Body), groups(t, got.Body.String()))
				}
				// A server names the first org unit without a code, in an order of its own.
				message, unit, _ := strings.Cut(strings.TrimSuffix(want.Message, "]`"), "`[")
				same := strings.HasPrefix(have.Message, message) && strings.Contains(have.Message, unit)
				count.Check(got.Code == v.Status && have.Status == want.Status && same && difference == "", "%s %s: %d %s, want %d %s: %s", v.ID, v.Path,
					got.Code, have, v.Status, want, difference)
				continue
			}
			same := have.Status == want.Status || want.Status == "OK" && have.Status == "WARNING"
			count.Check(got.Code == v.Status && same, "%s %s: %d %s, want %d %s: %.300s", v.ID, v.Group, got.Code, have.Status, v.Status, want.Status, got.Body)
		}
		count.Done()
	}
}

// groups returns the values of a message, sorted, each with its group. A server
// leaves comments and marks out.
func groups(t *testing.T, message string) (lines []string) {
	attrs := func(list []adx.Attr) (texts []string) {
		for _, a := range list {
			if a.Name != "comment" && a.Name != "followup" {
				texts = append(texts, a.Name+"="+a.Value)
			}
		}
		slices.Sort(texts)
		return texts
	}
	r := adx.NewReader(strings.NewReader(message))
	r.Tolerant = true
	for g, err := range r.Groups() {
		require.NoError(t, err, message)
		for _, v := range g.Values {
			note := ""
			if v.Annotation != nil {
				note = *v.Annotation
			}
			lines = append(lines, fmt.Sprint(g.DataSet, g.OrgUnit, g.Period, attrs(g.Attrs), v.DataElement, attrs(v.Attrs), v.Value, note))
		}
	}
	slices.Sort(lines)
	return lines
}

// Values are read as a message by a parameter, an ending or Accept.
func TestMessage(t *testing.T) {
	s := clinic(t, new(entry.Memory))
	s.Values = func(context.Context) iter.Seq2[hmis.DataValue, error] {
		return sequence([]hmis.DataValue{{Key: hmis.Key{DataElement: "Ccccccccccc", OrgUnit: "Rrrrrrrrrrr", Period: period.MustParse("202401")}, Value: "5"}})
	}
	const query = "dataSet=Sssssssssss&period=202401&orgUnit=Rrrrrrrrrrr"
	for _, target := range []string{"dataValueSets?format=adx%2Bxml&" + query, "dataValueSets.adx?" + query} {
		status, body := get(s, target)
		assert.Equal(t, 200, status, body)
		assert.Contains(t, body, `<adx xmlns="urn:ihe:qrph:adx:2015"><group dataSet="S" orgUnit="L" period="2024-01-01/P1M" default="default">`+
			`<dataValue dataElement="C" default="default" value="5"/></group></adx>`)
	}
	status, body := get(s, "dataValueSets.adx?idScheme=UID&"+query)
	assert.Equal(t, 200, status)
	assert.Contains(t, body, `orgUnit="Rrrrrrrrrrr"`)
	sent, answer := send(s, "dataValueSets", "application/adx+xml", body)
	assert.Equal(t, 200, sent, "what is read can be posted: %s", answer)

	r := httptest.NewRequest("GET", "http://x/api/dataValueSets?"+query, nil)
	r.Header.Set("Accept", "application/adx+xml")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	assert.Equal(t, "application/adx+xml;charset=UTF-8", w.Header().Get("Content-Type"))

	status, _ = get(s, "dataValueSets.adx?dataElement=Ccccccccccc&period=202401&orgUnit=Rrrrrrrrrrr")
	assert.Equal(t, 409, status)
	status, _ = get(s, "dataValueSets.adx+xml?"+query)
	assert.Equal(t, 404, status)
	status, body = get(s, "dataValueSets.adx?"+strings.Replace(query, "202401", "202402", 1))
	assert.Equal(t, 200, status)
	assert.Empty(t, groups(t, body))
}
