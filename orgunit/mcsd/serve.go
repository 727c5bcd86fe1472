package mcsd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// Limits of a request; see [Directory.ServeHTTP].
const (
	maxQuery    = 256 << 10 // bytes of a query
	maxForm     = 64 << 10  // bytes of a form, which becomes the query of the next page
	maxValues   = 2000      // number of values of all parameters
	defaultPage = 100
	maxPage     = 1000
	maxIncluded = 10_000 // resources that a page may include beside its matches
)

// A problem is an error that is sent to the client.
type problem struct {
	status int
	code   string // code of the issue in the OperationOutcome
	text   string
	param  string // name of the parameter at fault
}

func (p *problem) Error() string { return p.text }

func bad(param, format string, args ...any) *problem {
	return &problem{http.StatusBadRequest, "invalid", fmt.Sprintf(format, args...), param}
}

// ServeHTTP answers in JSON:
//
//	GET  Location?name=bo&type=facility   a search; so for Organization and OrganizationAffiliation
//	POST Location/_search                 the same with a form
//	GET  Location/{id}                    one resource
//	GET  Location/_history?_since=...     what has changed since (ITI-91); also Location/{id}/_history and _history
//	GET  metadata                         what this server can do
//
// Answers have pages of 100 resources, or of _count, at most 1,000. A request
// may include 10,000 resources and have 2,000 values and a form of 64 KiB. An error has a status and an OperationOutcome:
// a parameter that is not known is one (400) unless the client sends the header
// "Prefer: handling=lenient", and so is a wish for XML (406).
func (d *Directory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := d.serve(w, r)
	if err == nil {
		return
	}
	p, ok := errors.AsType[*problem](err)
	if !ok {
		p = &problem{http.StatusServiceUnavailable, "timeout", "the request was given up: " + err.Error(), ""}
	}
	if p.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", "GET, HEAD")
	}
	write(w, p.status, p.outcome("error"))
}

// outcome returns the OperationOutcome of a problem.
func (p *problem) outcome(severity string) []byte {
	type issue struct {
		Severity    string   `json:"severity"`
		Code        string   `json:"code"`
		Diagnostics string   `json:"diagnostics"`
		Expression  []string `json:"expression,omitempty"`
	}
	i := issue{Severity: severity, Code: p.code, Diagnostics: p.text}
	if p.param != "" {
		i.Diagnostics = quote.Line(p.param, 100) + ": " + p.text
		if name, _, _ := strings.Cut(p.param, ":"); isName(name) {
			i.Expression = []string{"http." + name}
		}
	}
	text, _ := json.Marshal(map[string]any{"resourceType": "OperationOutcome", "issue": []issue{i}}) // marshaling strings cannot fail
	return text
}

func isName(s string) bool {
	return s != "" && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-") == ""
}

func write(w http.ResponseWriter, status int, text []byte) {
	header(w)
	w.WriteHeader(status)
	_, _ = w.Write(text) // an error means that the client has gone
}

func header(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/fhir+json; charset=utf-8")
	h.Set("Cache-Control", "no-cache, private")
	h.Set("Vary", "Accept")
	h.Set("X-Content-Type-Options", "nosniff")
}

func (d *Directory) serve(w http.ResponseWriter, r *http.Request) error {
	params, err := readParams(r)
	if err != nil {
		return err
	}
	if err := wantJSON(r, params); err != nil {
		return err
	}
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case len(path) == 1 && path[0] == "metadata":
		write(w, http.StatusOK, d.capabilities())
		return nil
	case len(path) == 1 && path[0] == "_history":
		return d.history(w, r, params, "_history", func(*item) bool { return true })
	}
	k, ok := kindNamed(path[0])
	if !ok {
		return &problem{http.StatusNotFound, "not-supported", quote.Text(r.URL.Path) + ": want Location, Organization, OrganizationAffiliation, _history or metadata", ""}
	}
	typ := path[0]
	switch {
	case len(path) == 1, len(path) == 2 && path[1] == "_search":
		return d.search(w, r, k, params)
	case len(path) == 2 && path[1] == "_history":
		return d.history(w, r, params, typ+"/_history", func(i *item) bool { return i.kind == k })
	case len(path) == 2:
		return d.read(w, r, k, path[1], "")
	case len(path) == 3 && path[2] == "_history":
		if d.index[k][path[1]] == nil {
			return unknown(typ, path[1])
		}
		return d.history(w, r, params, typ+"/"+path[1]+"/_history", func(i *item) bool { return i.kind == k && i.id == path[1] })
	case len(path) == 4 && path[2] == "_history":
		return d.read(w, r, k, path[1], path[3])
	}
	return &problem{http.StatusNotFound, "not-supported", quote.Text(r.URL.Path) + ": want such as " + typ + "/1", ""}
}

// readParams reads the parameters from the query and from the form.
func readParams(r *http.Request) (url.Values, error) {
	if len(r.URL.RawQuery) > maxQuery {
		return nil, &problem{http.StatusRequestURITooLong, "too-long", fmt.Sprintf("want a query of at most %d bytes", maxQuery), ""}
	}
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, bad("", "the query: %v", err)
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return params, countValues(params)
	case http.MethodPost:
		if !strings.HasSuffix(r.URL.Path, "/_search") {
			break
		}
		if typ, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); typ != "application/x-www-form-urlencoded" {
			return nil, &problem{http.StatusUnsupportedMediaType, "not-supported", "Content-Type " + quote.Text(typ) + ": want application/x-www-form-urlencoded", ""}
		}
		text, err := io.ReadAll(io.LimitReader(r.Body, maxForm+1))
		if err != nil {
			return nil, bad("", "the form: %v", err)
		}
		if len(text)+len(r.URL.RawQuery) > maxForm {
			return nil, &problem{http.StatusRequestEntityTooLarge, "too-long", fmt.Sprintf("want a form of at most %d bytes", maxForm), ""}
		}
		form, err := url.ParseQuery(string(text))
		if err != nil {
			return nil, bad("", "the form: %v", err)
		}
		for name, values := range form {
			params[name] = append(params[name], values...)
		}
		return params, countValues(params)
	}
	return nil, &problem{http.StatusMethodNotAllowed, "not-supported", r.Method + ": want GET; this directory cannot be changed", ""}
}

func countValues(params url.Values) error {
	n := 0
	for _, values := range params {
		for _, v := range values {
			n += 1 + strings.Count(v, ",")
		}
	}
	if n > maxValues {
		return &problem{http.StatusBadRequest, "too-costly", fmt.Sprintf("%d values: want at most %d", n, maxValues), ""}
	}
	return nil
}

// wantJSON returns an error if the client asks for a format other than JSON. As
// in all FHIR servers, _format overrides the Accept header.
func wantJSON(r *http.Request, params url.Values) error {
	wanted := params.Get("_format")
	if wanted == "" {
		wanted = strings.Join(r.Header.Values("Accept"), ",")
	}
	if strings.TrimSpace(wanted) == "" {
		return nil
	}
	for part := range strings.SplitSeq(wanted, ",") {
		typ, _, _ := strings.Cut(part, ";")
		typ = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(typ)), " ", "+") // an unescaped plus sign
		switch typ {
		case "json", "application/json", "application/fhir+json", "application/*", "*/*":
			return nil
		}
	}
	return &problem{http.StatusNotAcceptable, "not-supported", quote.Text(wanted) + ": want application/fhir+json", ""}
}

func unknown(typ, id string) *problem {
	return &problem{http.StatusNotFound, "not-found", "no " + typ + "/" + quote.Line(id, 64), ""}
}

// read answers a request for one resource.
func (d *Directory) read(w http.ResponseWriter, r *http.Request, k kind, id, version string) error {
	i := d.index[k][id]
	switch {
	case i == nil:
		return unknown(k.String(), id)
	case version != "" && (i.gone || version != i.resource.version):
		return &problem{http.StatusNotFound, "not-found", fmt.Sprintf("%v/%s has version %d; others are not kept", k, id, i.version), ""}
	case i.gone:
		return &problem{http.StatusGone, "deleted", fmt.Sprintf("%v/%s was deleted at %s", k, id, instant(i.at)), ""}
	}
	tag := `W/"` + i.resource.version + `"`
	w.Header().Set("ETag", tag)
	w.Header().Set("Last-Modified", i.at.Format(http.TimeFormat))
	if slices.Contains(strings.Split(strings.ReplaceAll(r.Header.Get("If-None-Match"), " ", ""), ","), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	write(w, http.StatusOK, appendResource(nil, i.resource))
	return nil
}

// capabilities returns the CapabilityStatement.
func (d *Directory) capabilities() []byte {
	var b bytes.Buffer
	b.WriteString(`{"resourceType":"CapabilityStatement","status":"active","kind":"instance","fhirVersion":"4.0.1","date":"` + d.at.Format(time.RFC3339) +
		`","format":["application/fhir+json"],"implementation":{"description":"Org units as mCSD Locations and Organizations","url":` + quoted(d.f.Base) +
		`},"rest":[{"mode":"server","interaction":[{"code":"history-system"}],"resource":[`)
	for k := range affiliation + 1 {
		if k > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"type":"` + k.String() + `"`)
		if k != affiliation {
			profiles := []string{profileBase + "Facility" + k.String(), profileBase + "Jurisdiction" + k.String()}
			b.WriteString(`,"supportedProfile":` + texts(profiles))
		}
		b.WriteString(`,"interaction":[{"code":"read"},{"code":"search-type"},{"code":"history-instance"},{"code":"history-type"}]` +
			`,"versioning":"versioned","readHistory":false`)
		include, back := includeNames(k)
		b.WriteString(string(appendRaw(appendRaw(nil, "searchInclude", listOrNone(include)), "searchRevInclude", listOrNone(back))))
		b.WriteString(`,"searchParam":[`)
		for n, p := range searchParams(k) {
			if n > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`{"name":"` + p.name + `","type":"` + p.typ + `"}`)
		}
		b.WriteString(`]}`)
	}
	b.WriteString(`]}]}`)
	return b.Bytes()
}

func listOrNone(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return texts(list)
}

// includeNames returns the _include and _revinclude values that a search for a
// type accepts.
func includeNames(k kind) (include, back []string) {
	for _, p := range refParams {
		name := p.of.String() + ":" + p.name
		if p.of == k {
			include = append(include, name)
		}
		if p.to == k {
			back = append(back, name)
		}
	}
	return include, back
}
