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
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/stretchr/testify/require"
)

// A served line is a request to a server of DHIS2 with its answer.
type servedLine struct {
	ID, Group, Path, Method, Type, Body string
	RequestBody                         string `json:"request_body"`
	RequestType                         string `json:"request_type"`
	Status                              int
}

// A servedCountry is what the server held.
type servedCountry struct {
	catalog *hmis.Catalog
	tree    *orgunit.Tree
	values  []hmis.DataValue
}

// incomparable returns why the answer to a message is no statement about ADX, or "".
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

// TestVectorsServer reads what a server has exported to the same values and writes
// these to the same message, and takes messages as the server takes them in: with
// the same status, counts and codes, and the same number of values stored. Not
// compared are texts of errors, and the positions of rows, which a server counts
// within a group here and within the message there. Where a server gives up without
// an answer (500, or 409 without a summary), only the refusal is.
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

// servedData reads the synthetic country.
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

// querySchemes returns the schemes that a query names, over those given.
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

// selected returns the stored values that an export asks for.
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

// groupText is what the values of a group have in common.
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

// tolerant returns a Reader of a message of a server.
func tolerant(doc string) *adx.Reader {
	r := adx.NewReader(strings.NewReader(doc))
	r.Tolerant = true
	return r
}

// sameValues compares the values in a message with those that are wanted.
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

// sameMessage compares a message with what is written of values.
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
			for i := range g.Values { // an export leaves them out
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

// messageLines returns what a message says, a line for each value.
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

// sameLists compares two lists whose order does not matter.
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

// sameRefusal looks whether values cannot be written because an org unit that the
// server names has no code.
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

// A servedAnswer is the part of an import summary that is compared.
type servedAnswer struct {
	Count    struct{ Imported, Updated, Ignored, Deleted int } `json:"importCount"`
	Complete string                                            `json:"dataSetComplete"`
	Faults   []struct {
		Code string `json:"errorCode"`
	} `json:"conflicts"`
}

// codes returns the codes of an answer, each once and in order.
func (a *servedAnswer) codes() []string {
	var list []string
	for _, f := range a.Faults {
		if strings.HasPrefix(f.Code, "E") && !slices.Contains(list, f.Code) {
			list = append(list, f.Code)
		}
	}
	return list
}

// take imports a message with a Handler in the dialect of DHIS2, and compares
// what it answers.
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
		return nil // there is no summary to compare with
	}
	var got servedAnswer
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		return err
	}
	got.Count.Updated += got.Count.Imported // which a server does not tell apart
	got.Count.Imported = 0
	if got.Count != want.Response.Count {
		return fmt.Errorf("counts %+v, want %+v: %s", got.Count, want.Response.Count, answer.Body)
	}
	gotCodes, wantCodes := got.codes(), want.Response.codes()
	if len(want.Response.Faults) == 1 && len(gotCodes) > 1 {
		gotCodes = gotCodes[:1] // a server stops at the first fault of decoding
	}
	if !slices.Equal(gotCodes, wantCodes) {
		return fmt.Errorf("codes %v, want %v", gotCodes, wantCodes)
	}
	if want.Response.Complete != "" && got.Complete != want.Response.Complete {
		return fmt.Errorf("complete %q, want %q", got.Complete, want.Response.Complete)
	}
	return c.stores(im, line, want.Response.Count.Updated)
}

// post posts the message of a line.
func (c *servedCountry) post(im adx.Import, line servedLine) *httptest.ResponseRecorder {
	request := httptest.NewRequest(line.Method, line.Path, strings.NewReader(line.RequestBody))
	request.Header.Set("Content-Type", line.RequestType)
	answer := httptest.NewRecorder()
	post.Handler{Import: im, DHIS2: true}.ServeHTTP(answer, request)
	return answer
}

// stores looks whether as many values are stored as the server has counted, when it
// is no dry run.
func (c *servedCountry) stores(im adx.Import, line servedLine, want int) error {
	store := &adx.Memory{}
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
