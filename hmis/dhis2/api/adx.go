package api

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// wanted returns the format in which a request wants values: "json", "csv",
// "xml" or "adx". ok is false if its address ends in another one.
func wanted(r *http.Request) (format string, ok bool) {
	name := strings.TrimSuffix(r.URL.Path[strings.LastIndex(r.URL.Path, "dataValueSets"):], "/")
	if _, ending, found := strings.Cut(name, "."); found {
		return ending, slices.Contains([]string{"json", "csv", "xml", "adx"}, ending)
	}
	if said := r.URL.Query().Get("format"); said != "" {
		if said == "adx+xml" {
			said = "adx"
		}
		return said, slices.Contains([]string{"json", "csv", "xml", "adx"}, said)
	}
	first, _, _ := strings.Cut(r.Header.Get("Accept"), ",")
	return cmp.Or(formatOf(first), "json"), true
}

// schemesOfADX returns the parameters of a request for a message: objects are
// named by code unless they say otherwise, and option combos by their options.
func schemesOfADX(query url.Values) (url.Values, hmis.Schemes) {
	q := maps.Clone(query)
	q.Set("idScheme", cmp.Or(q.Get("idScheme"), "CODE"))
	q.Set("categoryOptionComboIdScheme", "UID")
	of := func(name string) hmis.Scheme {
		if s := scheme(cmp.Or(q.Get(name), q.Get("idScheme"))); s != hmis.ByID {
			return s
		}
		return hmis.ByUID
	}
	return q, hmis.Schemes{
		DataSet: of("dataSetIdScheme"), DataElement: of("dataElementIdScheme"), OrgUnit: of("orgUnitIdScheme"),
		Category: of("categoryIdScheme"), CategoryOption: of("categoryOptionIdScheme"),
	}
}

// message writes values as a message in ADX, as a server writes it.
func (s *Server) message(ctx context.Context, q *selection, values []hmis.DataValue) ([]byte, error) {
	if len(q.sets) != 1 || len(q.params["dataElement"])+len(q.params["dataElementGroup"]) > 0 {
		return nil, conflict("E2001", "ADX needs exactly one data set, and no data elements or groups of them")
	}
	params, schemes := schemesOfADX(q.params)
	asked := *q
	asked.params = params
	if _, _, err := s.texts(&asked, values); err != nil {
		return nil, err
	}
	if len(values) == 0 {
		return []byte(`<adx xmlns="` + adx.Namespace + `"/>`), nil
	}
	// The values of a group must be together.
	slices.SortStableFunc(values, func(a, b hmis.DataValue) int {
		return cmp.Or(a.Period.Compare(b.Period), cmp.Compare(a.OrgUnit, b.OrgUnit), cmp.Compare(s.combo(a.AttributeCombo), s.combo(b.AttributeCombo)))
	})
	m := adx.Mapper{Catalog: s.Catalog, Dialect: adx.DHIS2, Schemes: schemes}
	for set := range q.sets {
		m.DataSet = set
	}
	var out bytes.Buffer
	w := adx.NewWriter(&out)
	w.Undated, w.Dialect = true, adx.DHIS2
	for g, err := range m.Groups(each(ctx, values)) {
		if err == nil {
			err = w.Write(g)
		}
		if err != nil {
			return nil, unwritable(err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, unwritable(err)
	}
	return out.Bytes(), nil
}

// unwritable is the answer if a value cannot be written.
func unwritable(err error) error {
	if bad, ok := errors.AsType[*adx.Finding](err); ok {
		return conflict("E8202", "Export not possible: "+bad.Error())
	}
	return err
}

// each returns values until ctx ends.
func each(ctx context.Context, values []hmis.DataValue) func(func(hmis.DataValue, error) bool) {
	return func(yield func(hmis.DataValue, error) bool) {
		for i, v := range values {
			if i%4096 == 0 && ctx.Err() != nil {
				yield(v, ctx.Err())
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}
