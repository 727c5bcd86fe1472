package api

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// maxValues is the number of values or completions of one answer.
const maxValues = 500_000

// A row is a data value as it is written: with texts in the schemes asked for.
type row struct {
	element, period, unit, combo, attribute string
	value                                   hmis.DataValue
}

// A head has what a set of values says once.
type head struct{ members [][2]string }

func (h *head) add(name, value string) { h.members = append(h.members, [2]string{name, value}) }

func (h *head) has(name string) bool {
	return slices.ContainsFunc(h.members, func(m [2]string) bool { return m[0] == name })
}

// dataValueSets answers with data values (RULES.md#data-values).
func (s *Server) dataValueSets(w http.ResponseWriter, r *http.Request, path []string) error {
	if s.Values == nil && s.Store == nil || len(path) > 1 {
		return notFound(strings.TrimPrefix(r.URL.Path, "/"))
	}
	switch posted, err := s.stores(r); {
	case err != nil:
		return err
	case posted:
		return s.postValues(w, r)
	case s.Values == nil:
		return notFound(strings.TrimPrefix(r.URL.Path, "/"))
	}
	format, ok := wanted(r)
	if !ok {
		return notFound(strings.TrimPrefix(r.URL.Path, "/"))
	}
	q, err := s.selection(r)
	if err != nil {
		return err
	}
	var values []hmis.DataValue
	seen := 0
	for v, err := range s.Values(r.Context()) {
		if seen++; seen%4096 == 0 && r.Context().Err() != nil {
			return r.Context().Err()
		}
		switch {
		case err != nil:
			return err
		case !q.has(&v):
			continue
		case len(values) == maxValues:
			return &fault{Status: http.StatusRequestEntityTooLarge, Code: "E1003", Message: fmt.Sprintf("The answer would have more than %d values.", maxValues)}
		}
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b hmis.DataValue) int {
		return cmp.Or(a.Period.Compare(b.Period), cmp.Compare(a.OrgUnit, b.OrgUnit), cmp.Compare(a.DataElement, b.DataElement),
			cmp.Compare(a.OptionCombo, b.OptionCombo), cmp.Compare(a.AttributeCombo, b.AttributeCombo))
	})
	if q.limit > 0 {
		values = values[:min(q.limit, len(values))]
	}
	if format == "adx" {
		body, err := s.message(r.Context(), q, values)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/adx+xml;charset=UTF-8")
		_, err = w.Write(body)
		return err
	}
	h, rows, err := s.texts(q, values)
	if err != nil {
		return err
	}
	contentType, body := "application/json;charset=UTF-8", jsonSet(h, rows)
	switch format {
	case "csv":
		contentType, body = "application/csv;charset=UTF-8", csvSet(rows)
	case "xml":
		contentType, body = "application/xml;charset=UTF-8", xmlSet(h, rows)
	}
	w.Header().Set("Content-Type", contentType)
	_, err = w.Write(body)
	return err
}

// texts returns values in the schemes that a request asks for, and what they
// have in common. An object without a text in its scheme is an error, so that
// no value is lost.
func (s *Server) texts(q *selection, values []hmis.DataValue) (*head, []row, error) {
	h := new(head)
	schemes := map[string]hmis.Scheme{}
	for _, name := range []string{"dataElementIdScheme", "orgUnitIdScheme", "categoryOptionComboIdScheme"} {
		schemes[name] = scheme(cmp.Or(q.params.Get(name), q.params.Get("idScheme")))
	}
	text := func(k hmis.Kind, id hmis.UID, name string) (string, error) {
		return s.Catalog.Text(hmis.Ref{Kind: k, ID: id}, schemes[name])
	}
	one := func(name string) string {
		if all := q.params[name]; len(all) == 1 && !strings.Contains(all[0], ",") {
			return all[0]
		}
		return ""
	}
	if set := one("dataSet"); set != "" {
		if text, err := s.Catalog.Text(hmis.Ref{Kind: hmis.KindDataSet, ID: hmis.UID(set)}, scheme(cmp.Or(q.params.Get("dataSetIdScheme"), q.params.Get("idScheme")))); err == nil {
			h.add("dataSet", text)
		}
	}
	if p := one("period"); p != "" {
		h.add("period", p)
	}
	if unit := one("orgUnit"); unit != "" && !q.below() {
		if text, err := text(hmis.KindOrgUnit, hmis.UID(unit), "orgUnitIdScheme"); err == nil && text != "" {
			h.add("orgUnit", text)
		}
	}
	for _, name := range []string{"dataElementIdScheme", "orgUnitIdScheme", "categoryOptionComboIdScheme"} {
		if q.params.Has(name) {
			h.add(name, q.params.Get(name))
		}
	}
	parts := [...]struct {
		kind         hmis.Kind
		scheme, noun string
		by           hmis.Scheme
	}{
		{hmis.KindDataElement, "dataElementIdScheme", "data element", schemes["dataElementIdScheme"]},
		{hmis.KindOrgUnit, "orgUnitIdScheme", "org unit", schemes["orgUnitIdScheme"]},
		{hmis.KindOptionCombo, "categoryOptionComboIdScheme", "category option combo", schemes["categoryOptionComboIdScheme"]},
		{hmis.KindOptionCombo, "categoryOptionComboIdScheme", "category option combo", schemes["categoryOptionComboIdScheme"]},
	}
	rows := make([]row, len(values))
	missing := map[string][]string{}
	var first string // of missing
	for i, v := range values {
		row := &rows[i]
		row.value, row.period = v, v.Period.String()
		ids := [...]hmis.UID{v.DataElement, v.OrgUnit, s.combo(v.OptionCombo), s.combo(v.AttributeCombo)}
		for k, into := range [...]*string{&row.element, &row.unit, &row.combo, &row.attribute} {
			part := &parts[k]
			var err error
			if *into, err = s.Catalog.Text(hmis.Ref{Kind: part.kind, ID: ids[k]}, part.by); err != nil || *into == "" {
				key := strings.ToUpper(cmp.Or(q.params.Get(part.scheme), q.params.Get("idScheme"))) + "\n" + part.noun
				first = cmp.Or(first, key)
				if id := string(ids[k]); !slices.Contains(missing[key], id) {
					missing[key] = append(missing[key], id)
				}
			}
		}
	}
	if ids := missing[first]; len(ids) > 0 {
		scheme, noun, _ := strings.Cut(first, "\n")
		return nil, nil, conflict("E8202", "Export as "+scheme+" not possible as the property is undefined for "+noun+"(s): `["+
			strings.Join(ids[:min(len(ids), 10)], ", ")+"]`")
	}
	return h, rows, nil
}

// combo returns an option combo, or the default one for "".
func (s *Server) combo(id hmis.UID) hmis.UID { return cmp.Or(id, s.Catalog.DefaultOptionCombo()) }

func scheme(text string) hmis.Scheme {
	switch strings.ToUpper(text) {
	case "CODE":
		return hmis.ByCode
	case "NAME":
		return hmis.ByName
	}
	return hmis.ByID
}

// stamp writes a time as servers do.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000+0000") }

func created(v *hmis.DataValue) time.Time {
	if v.Created.IsZero() {
		return v.Updated
	}
	return v.Created
}

// members calls f for each text of a value that the head does not have.
func (r *row) members(h *head, f func(name, text string)) {
	f("dataElement", r.element)
	if !h.has("period") {
		f("period", r.period)
	}
	if !h.has("orgUnit") {
		f("orgUnit", r.unit)
	}
	f("categoryOptionCombo", r.combo)
	f("attributeOptionCombo", r.attribute)
	f("value", r.value.Value)
	if r.value.StoredBy != "" {
		f("storedBy", r.value.StoredBy)
	}
	if at := created(&r.value); !at.IsZero() {
		f("created", stamp(at))
	}
	if !r.value.Updated.IsZero() {
		f("lastUpdated", stamp(r.value.Updated))
	}
	if r.value.Comment != "" {
		f("comment", r.value.Comment)
	}
}

func jsonSet(h *head, rows []row) []byte {
	var b bytes.Buffer
	member := func(name, text string) { // names need no escape
		e, _ := json.Marshal(text) // a text can always be written
		b.WriteString(`"` + name + `":`)
		b.Write(e)
		b.WriteString(",")
	}
	b.WriteString("{")
	for _, m := range h.members {
		member(m[0], m[1])
	}
	b.WriteString(`"dataValues":[`)
	for i := range rows {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("{")
		rows[i].members(h, member)
		b.WriteString(`"followup":` + strconv.FormatBool(rows[i].value.FollowUp))
		if rows[i].value.Deleted {
			b.WriteString(`,"deleted":true`)
		}
		b.WriteString("}")
	}
	b.WriteString("]}")
	return b.Bytes()
}

func xmlSet(h *head, rows []row) []byte {
	var b bytes.Buffer
	attribute := func(name, value string) {
		var text bytes.Buffer
		xml.EscapeText(&text, []byte(value)) // a buffer has no errors
		b.WriteString(" " + name + `="` + strings.ReplaceAll(text.String(), "&#34;", "&quot;") + `"`)
	}
	b.WriteString(`<?xml version='1.0' encoding='UTF-8'?><dataValueSet xmlns="http://dhis2.org/schema/dxf/2.0"`)
	for _, m := range h.members {
		if p, err := period.Parse(m[1]); m[0] == "period" && err == nil {
			m[1] = p.ISO() // as ADX has it
		}
		attribute(m[0], m[1])
	}
	if len(rows) == 0 {
		b.WriteString("/>")
		return b.Bytes()
	}
	b.WriteString(">")
	for i := range rows {
		b.WriteString("<dataValue")
		rows[i].members(h, attribute)
		if rows[i].value.FollowUp {
			attribute("followUp", "true")
		}
		b.WriteString("/>")
	}
	b.WriteString("</dataValueSet>")
	return b.Bytes()
}

func csvSet(rows []row) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b) // a buffer has no errors
	w.Write(strings.Split("dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value,storedby,lastupdated,comment,followup,deleted", ","))
	for i := range rows {
		r := &rows[i]
		updated := ""
		if !r.value.Updated.IsZero() {
			updated = stamp(r.value.Updated)
		}
		w.Write([]string{r.element, r.period, r.unit, r.combo, r.attribute, r.value.Value, r.value.StoredBy, updated,
			r.value.Comment, strconv.FormatBool(r.value.FollowUp), strconv.FormatBool(r.value.Deleted)})
	}
	w.Flush()
	return b.Bytes()
}

// completions answers with the completions of forms.
func (s *Server) completions(w http.ResponseWriter, r *http.Request, path []string) error {
	if s.Completions == nil && s.Store == nil || len(path) > 1 {
		return notFound(strings.TrimPrefix(r.URL.Path, "/"))
	}
	switch posted, err := s.stores(r); {
	case err != nil:
		return err
	case posted:
		return s.postCompletions(w, r)
	case s.Completions == nil:
		return notFound(strings.TrimPrefix(r.URL.Path, "/"))
	}
	q, err := s.selection(r)
	if err != nil {
		return err
	}
	var out []map[string]any
	for c, err := range s.Completions(r.Context()) {
		if err != nil {
			return err
		}
		if !q.sets[c.DataSet] || !q.units[c.OrgUnit] || !q.at(c.Period) {
			continue
		}
		if len(out) == maxValues {
			return &fault{Status: http.StatusRequestEntityTooLarge, Code: "E1003", Message: fmt.Sprintf("The answer would have more than %d completions.", maxValues)}
		}
		one := map[string]any{"period": c.Period.String(), "dataSet": c.DataSet, "organisationUnit": c.OrgUnit,
			"attributeOptionCombo": s.combo(c.AttributeCombo), "date": c.At.Format("2006-01-02"), "completed": !c.Withdrawn}
		if c.By != "" {
			one["storedBy"] = c.By
		}
		out = append(out, one)
	}
	if out == nil {
		return writeJSON(w, struct{}{})
	}
	return writeJSON(w, map[string]any{"completeDataSetRegistrations": out})
}
