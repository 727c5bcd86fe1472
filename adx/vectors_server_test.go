package adx_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/post"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/stretchr/testify/require"
)

// A servedLine is a request to a DHIS2 server and its answer.
type servedLine struct {
	ID, Group, Path, Method, Type, Body string
	RequestBody                         string `json:"request_body"`
	RequestType                         string `json:"request_type"`
	Status                              int
}

// A servedCountry has the data of that server.
type servedCountry struct {
	catalog *hmis.Catalog
	tree    *orgunit.Tree
	values  []hmis.DataValue
}

// incomparable returns why a server's answer has nothing to do with ADX, or "".
func incomparable(line servedLine) (why string) {
	where, err := url.Parse(line.Path)
	if err != nil || line.Group == "export" {
		return ""
	}
	if q := where.Query(); q.Has("idScheme") && !q.Has("attributeOptionComboIdScheme") && strings.Contains(line.Body, `"E8110"`) {
		return "idScheme holds for option combos too, and a server looks for the UID of its default one among their codes"
	}
	r := tolerant(line.RequestBody)
	r.Dialect = adx.DHIS2
	r.Warn = func(f adx.Finding) {
		if f.Rule == "ADX-008" || f.Rule == "ADX-009" {
			why = "a server finds groups and values wherever they are, also in elements that do not belong in a message"
		}
	}
	r.Reject = r.Warn
	for _, err := range r.Groups() {
		if bad, ok := errors.AsType[*adx.Finding](err); ok && bad.Rule == "ADX-004" && strings.Contains(bad.Got, "dataValueSet") {
			why = "its root is dataValueSet: a server reads it as another format, which package dhis2 does here"
		}
	}
	return why
}

// TestVectorsServer compares exports and imports with those of a server. An
// exported message must read as the same values, and these must write the same
// message. An import must have the same status, counts, codes and stored
// values. The texts of errors and the positions of rows are not compared. If
// the server has failed without an answer, only the failure is compared.
func TestVectorsServer(t *testing.T) {
	country := servedData(t)
	for _, file := range testfile.Vectors(t, "server/adx*") {
		count := tally.Of(t, file)
		for line := range testfile.Lines[servedLine](t, file) {
			if why := incomparable(line); why != "" {
				count.Leave(why + ": " + line.ID)
				continue
			}
			var err error
			if line.Group == "export" {
				err = country.export(line)
			} else {
				err = country.take(line)
			}
			count.Check(err == nil, "%s (%s): %v", line.ID, line.Group, err)
		}
		count.Done()
	}
}

// servedData reads the data of the synthetic country.
func servedData(t *testing.T) servedCountry {
	md, err := dhis2.ReadMetadata(testfile.Open(t, testfile.Input(t, "server/synthetic-metadata.json.gz")))
	require.NoError(t, err)
	c := servedCountry{}
	c.catalog, err = hmis.NewCatalog(md)
	require.NoError(t, err)
	c.tree, err = orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	for v, err := range (dhis2.Format{CSV: true}).Read(testfile.Open(t, testfile.Input(t, "server/synthetic-dataValues.csv.gz")), nil) {
		require.NoError(t, err)
		c.values = append(c.values, v)
	}
	return c
}

// querySchemes returns the schemes in a query. Others are as in usual.
func querySchemes(q url.Values, usual hmis.Schemes) hmis.Schemes {
	read := func(name string) hmis.Scheme {
		s, err := hmis.ParseScheme(q.Get(name))
		if err != nil {
			panic(err)
		}
		return s
	}
	return hmis.Schemes{
		Any: read("idScheme"), DataSet: read("dataSetIdScheme"), DataElement: read("dataElementIdScheme"), OrgUnit: read("orgUnitIdScheme"),
		Category: read("categoryIdScheme"), CategoryOption: read("categoryOptionIdScheme"),
	}.Over(usual)
}

// selected returns the stored values that an export must contain.
func (c *servedCountry) selected(q url.Values) []hmis.DataValue {
	set, _ := hmis.Find[hmis.DataSet](c.catalog, hmis.UID(q.Get("dataSet")))
	in := map[hmis.UID]bool{}
	for _, e := range set.Elements {
		in[e.DataElement] = true
	}
	unit := hmis.UID(q.Get("orgUnit"))
	var list []hmis.DataValue
	for _, v := range c.values {
		here := v.OrgUnit == unit || q.Get("children") == "true" && c.tree.Contains(unit, v.OrgUnit)
		if here && in[v.DataElement] && slices.Contains(q["period"], v.Period.String()) {
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b hmis.DataValue) int {
		return strings.Compare(groupText(a), groupText(b))
	})
	return list
}

// groupText returns the fields that the values of a group share, as text.
func groupText(v hmis.DataValue) string {
	return fmt.Sprint(v.Period, " ", v.OrgUnit, " ", v.AttributeCombo)
}

// export compares an exported message with the values that the server held
// (RULES.md#exports-of-dhis2).
func (c *servedCountry) export(line servedLine) error {
	where, err := url.Parse(line.Path)
	if err != nil {
		return err
	}
	q := where.Query()
	want := c.selected(q)
	m := adx.Mapper{Catalog: c.catalog, Dialect: adx.DHIS2, DataSet: hmis.UID(q.Get("dataSet")), Schemes: querySchemes(q, hmis.Schemes{Any: hmis.ByCode})}
	switch line.Status {
	case http.StatusOK:
		if err := sameValues(m, line.Body, want); err != nil {
			return err
		}
		return sameMessage(m, line.Body, want)
	case http.StatusConflict:
		return sameRefusal(m, line.Body, want)
	}
	for _, err := range tolerant(line.Body).Groups() {
		if bad, ok := errors.AsType[*adx.Finding](err); ok && bad.Rule == "ADX-001" {
			return nil
		}
	}
	return errors.New("an error page was read as a message")
}

// tolerant returns a tolerant Reader of a server's message.
func tolerant(doc string) *adx.Reader {
	r := adx.NewReader(strings.NewReader(doc))
	r.Tolerant = true
	return r
}

// sameValues returns an error if a message does not have the wanted values.
func sameValues(m adx.Mapper, doc string, want []hmis.DataValue) error {
	text := func(v hmis.DataValue) string { return fmt.Sprint(v.Key, " ", v.Value) }
	var got, expected []string
	for v, err := range m.Values(tolerant(doc).Groups()) {
		if err != nil {
			return err
		}
		got = append(got, text(v))
	}
	none := m.Catalog.DefaultOptionCombo()
	for _, v := range want {
		if v.OptionCombo == none {
			v.OptionCombo = ""
		}
		if v.AttributeCombo == none {
			v.AttributeCombo = ""
		}
		expected = append(expected, text(v))
	}
	return sameLists("values", got, expected)
}

// sameMessage returns an error if a message differs from what values are
// written as.
func sameMessage(m adx.Mapper, doc string, values []hmis.DataValue) error {
	list := func(yield func(hmis.DataValue, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
	var out strings.Builder
	w := adx.NewWriter(&out)
	w.Undated, w.Dialect = true, adx.DHIS2
	for g, err := range m.Groups(list) {
		if err == nil {
			for i := range g.Values { // an export has no such attributes
				g.Values[i].Attrs = slices.DeleteFunc(g.Values[i].Attrs, func(a adx.Attr) bool { return a.Name == "comment" || a.Name == "followup" })
			}
			err = w.Write(g)
		}
		if err != nil {
			return err
		}
	}
	if len(values) > 0 {
		if err := w.Close(); err != nil {
			return err
		}
	} else {
		out.WriteString(`<adx xmlns="` + adx.Namespace + `"/>`)
	}
	got, err := messageLines(out.String())
	if err != nil {
		return err
	}
	want, err := messageLines(doc)
	if err != nil {
		return err
	}
	return sameLists("lines of the message", got, want)
}

// messageLines returns the content of a message, one line for each value.
func messageLines(doc string) (lines []string, err error) {
	attrs := func(list []adx.Attr) string {
		var texts []string
		for _, a := range list {
			texts = append(texts, a.Name+"="+a.Value)
		}
		slices.Sort(texts)
		return strings.Join(texts, ",")
	}
	for g, err := range tolerant(doc).Groups() {
		if err != nil {
			return nil, err
		}
		for _, v := range g.Values {
			note := "-"
			if v.Annotation != nil {
				note = *v.Annotation
			}
			lines = append(lines, fmt.Sprintf("%s %s %s [%s] %s [%s] %s %q", g.DataSet, g.OrgUnit, g.Period, attrs(g.Attrs), v.DataElement, attrs(v.Attrs), v.Value, note))
		}
	}
	return lines, nil
}

// sameLists returns an error if two lists differ in more than their order.
func sameLists(what string, got, want []string) error {
	slices.Sort(got)
	slices.Sort(want)
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got) || i < len(want) && got[i] > want[i]:
			return fmt.Errorf("%s: no %q", what, want[i])
		case i >= len(want) || got[i] < want[i]:
			return fmt.Errorf("%s: %q is too much", what, got[i])
		}
	}
	return nil
}

// sameRefusal returns an error unless values cannot be written because the org
// unit in the server's answer has no code.
func sameRefusal(m adx.Mapper, body string, values []hmis.DataValue) error {
	refused := map[hmis.UID]bool{}
	m.Reject = func(v hmis.DataValue, err error) {
		if bad, ok := errors.AsType[*adx.Finding](err); ok && bad.Rule == "ADX-020" {
			refused[v.OrgUnit] = true
		}
	}
	for _, err := range m.Groups(func(yield func(hmis.DataValue, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}) {
		if err != nil {
			return err
		}
	}
	_, named, _ := strings.Cut(body, "org unit(s): `[")
	named, _, _ = strings.Cut(named, "]`")
	for _, id := range strings.Split(named, ", ") {
		if !refused[hmis.UID(id)] {
			return fmt.Errorf("org unit %q is written though it has no code", id)
		}
	}
	return nil
}

// A servedAnswer has those fields of an import summary that are compared.
type servedAnswer struct {
	Count    struct{ Imported, Updated, Ignored, Deleted int } `json:"importCount"`
	Complete string                                            `json:"dataSetComplete"`
	Faults   []struct {
		Code string `json:"errorCode"`
	} `json:"conflicts"`
}

// codes returns the codes of an answer, sorted and each once.
func (a *servedAnswer) codes() []string {
	var list []string
	for _, f := range a.Faults {
		if strings.HasPrefix(f.Code, "E") && !slices.Contains(list, f.Code) {
			list = append(list, f.Code)
		}
	}
	return list
}

// take imports a message through a Handler in the dialect of DHIS2, and
// compares the answer.
func (c *servedCountry) take(line servedLine) error {
	im := adx.Import{Mapper: adx.Mapper{Catalog: c.catalog, Dialect: adx.DHIS2, Schemes: hmis.Schemes{Any: hmis.ByUID}}}
	answer := c.post(im, line)
	refused := line.Status == http.StatusInternalServerError && answer.Code >= 400 && answer.Code < 500
	if answer.Code != line.Status && !refused {
		return fmt.Errorf("status %d, want %d: %s", answer.Code, line.Status, answer.Body)
	}
	var want struct {
		Response *servedAnswer
	}
	if err := json.Unmarshal([]byte(line.Body), &want); err != nil || want.Response == nil {
		return nil // the server has sent no summary to compare with
	}
	var got servedAnswer
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		return err
	}
	got.Count.Updated += got.Count.Imported // a server counts both as updated
	got.Count.Imported = 0
	if got.Count != want.Response.Count {
		return fmt.Errorf("counts %+v, want %+v: %s", got.Count, want.Response.Count, answer.Body)
	}
	gotCodes, wantCodes := got.codes(), want.Response.codes()
	if len(want.Response.Faults) == 1 && len(gotCodes) > 1 {
		gotCodes = gotCodes[:1] // a server stops at the first code that it cannot decode
	}
	if !slices.Equal(gotCodes, wantCodes) {
		return fmt.Errorf("codes %v, want %v", gotCodes, wantCodes)
	}
	if want.Response.Complete != "" && got.Complete != want.Response.Complete {
		return fmt.Errorf("complete %q, want %q", got.Complete, want.Response.Complete)
	}
	return c.stores(im, line, want.Response.Count.Updated)
}

// post sends the message of a line to a Handler.
func (c *servedCountry) post(im adx.Import, line servedLine) *httptest.ResponseRecorder {
	request := httptest.NewRequest(line.Method, line.Path, strings.NewReader(line.RequestBody))
	request.Header.Set("Content-Type", line.RequestType)
	answer := httptest.NewRecorder()
	post.Handler{Import: im, DHIS2: true}.ServeHTTP(answer, request)
	return answer
}

// stores returns an error unless as many values are stored as the server has
// counted. In a dry run it is none.
func (c *servedCountry) stores(im adx.Import, line servedLine, want int) error {
	store := &entry.Memory{}
	im.Store = store
	line.Path = strings.Replace(line.Path, "dryRun=true", "dryRun=false", 1)
	c.post(im, line)
	n := 0
	for range store.Values() {
		n++
	}
	if n != want {
		return fmt.Errorf("%d values are stored, want %d", n, want)
	}
	return nil
}
