package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/post"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
)

// maxBody is how many bytes a posted body may have, as it is sent.
const maxBody = 64 << 20

// maxImport is how long an import may last, with the arrival of its body.
const maxImport = 5 * time.Minute

// mayStore is the authority that a user needs to post.
const mayStore = "F_DATAVALUE_ADD"

// An order is what the address and headers of a post ask for.
type order struct {
	format  string // "json", "xml", "csv" or "adx"
	dryRun  bool
	gate    entry.Gate
	schemes hmis.Schemes
	user    User // who sends the body
}

// A runner imports a body: a method of dhis2.Import.
type runner func(dhis2.Import, context.Context, io.Reader) (*hmis.Summary, error)

// stores reports whether a request posts to a server that has a Store. The
// error refuses all methods that do not read.
func (s *Server) stores(r *http.Request) (bool, error) {
	switch {
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		return false, nil
	case r.Method == http.MethodPost && s.Store != nil:
		return true, nil
	}
	return false, &fault{Status: http.StatusMethodNotAllowed, Message: "Request method '" + clip(r.Method) + "' is not supported"}
}

// postValues stores data values (RULES.md#posting).
func (s *Server) postValues(w http.ResponseWriter, r *http.Request) error {
	o, err := s.order(r, "json", "xml", "csv", "adx")
	if err != nil {
		return err
	}
	if o.format == "adx" {
		return s.postADX(w, r, o)
	}
	return s.run(w, r, o, dhis2.Import.Run)
}

// postCompletions stores completions of forms.
func (s *Server) postCompletions(w http.ResponseWriter, r *http.Request) error {
	o, err := s.order(r, "json", "xml")
	if err != nil {
		return err
	}
	if o.gate.Strategy != entry.CreateAndUpdate {
		return badParameter("importStrategy", string(o.gate.Strategy), "CREATE_AND_UPDATE")
	}
	return s.run(w, r, o, dhis2.Import.RunCompletions)
}

// run imports a body in a format of package dhis2.
func (s *Server) run(w http.ResponseWriter, r *http.Request, o *order, run runner) error {
	ctx, cancel := context.WithTimeout(r.Context(), maxImport)
	defer cancel()
	im := dhis2.Import{
		Format: dhis2.Format{CSV: o.format == "csv", XML: o.format == "xml", Schemes: o.schemes},
		Gate:   o.gate, Store: signed{s.Store, o.user.Username}, DryRun: o.dryRun,
	}
	sum, err := run(im, ctx, http.MaxBytesReader(w, r.Body, maxBody))
	if _, rejected := errors.AsType[*hmis.Issue](err); err != nil && !rejected {
		return refusal(r, err)
	}
	var body bytes.Buffer
	if err := dhis2.WriteSummary(&body, *sum); err != nil {
		return err
	}
	return writeSummary(w, body.Bytes())
}

// postADX imports a message. The Handler decompresses it and checks parameters.
func (s *Server) postADX(w http.ResponseWriter, r *http.Request, o *order) error {
	answer := newReply()
	h := post.Handler{DHIS2: true, Timeout: maxImport, Import: adx.Import{
		Mapper: adx.Mapper{Catalog: s.Catalog, Dialect: adx.DHIS2, Schemes: hmis.Schemes{Any: hmis.ByUID}},
		Gate:   &o.gate, Store: signed{s.Store, o.user.Username},
		DryRun: o.dryRun,
	}}
	h.Import.Mapper.DataSet = o.gate.DataSet
	in := r.Clone(r.Context())
	query := in.URL.Query()
	query.Del("importStrategy") // it is in the gate
	in.URL.RawQuery = query.Encode()
	h.ServeHTTP(answer, in)
	if answer.status == http.StatusOK || answer.status == http.StatusConflict {
		return writeSummary(w, answer.body.Bytes())
	}
	sum, err := dhis2.ReadSummary(&answer.body)
	if err != nil {
		return err
	}
	message := http.StatusText(answer.status)
	if len(sum.Issues) > 0 && sum.Issues[0].Err != nil {
		message = sum.Issues[0].Err.Error()
	}
	return &fault{Status: answer.status, Message: message}
}

// writeSummary writes an import summary in the envelope of servers.
func writeSummary(w http.ResponseWriter, summary []byte) error {
	var said struct{ Status string }
	if err := json.Unmarshal(summary, &said); err != nil {
		return err
	}
	out := struct {
		HTTPStatus     string          `json:"httpStatus"`
		HTTPStatusCode int             `json:"httpStatusCode"`
		Status         string          `json:"status"`
		Message        string          `json:"message"`
		Response       json.RawMessage `json:"response"`
	}{Status: said.Status, HTTPStatusCode: http.StatusOK, Response: summary}
	switch said.Status {
	case "SUCCESS":
		out.Status, out.Message = "OK", "Import was successful."
	case "WARNING":
		out.Message = "Import completed with warnings, please check import summary."
	default:
		out.HTTPStatusCode, out.Message = http.StatusConflict, "An error occurred, please check import summary."
	}
	out.HTTPStatus = http.StatusText(out.HTTPStatusCode)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(out.HTTPStatusCode)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(out)
}

var tooLong = &fault{Status: http.StatusRequestEntityTooLarge, Message: "The body must have at most " + strconv.Itoa(maxBody) + " bytes"}

// refusal is the answer to a body of which nothing was stored. An internal
// error is logged and not shown.
func refusal(r *http.Request, err error) error {
	f := &fault{Status: http.StatusInternalServerError, Message: "Nothing was stored because of an internal error"}
	_, long := errors.AsType[*http.MaxBytesError](err)
	_, unreadable := errors.AsType[*dhis2.ReadError](err)
	switch {
	case long:
		return tooLong
	case errors.Is(err, entry.ErrMemory):
		f.Status, f.Message = http.StatusRequestEntityTooLarge, err.Error()
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.Canceled):
		f.Status, f.Message = http.StatusRequestTimeout, "The body did not arrive in time"
	case errors.Is(err, context.DeadlineExceeded):
		f.Status, f.Message = http.StatusServiceUnavailable, "The import did not end in time"
	case unreadable:
		f.Status, f.Message = http.StatusBadRequest, err.Error()
	default:
		slog.ErrorContext(r.Context(), "posted data was not stored", "error", err)
	}
	return f
}

// order reads the address and headers of a post, and refuses one that may not
// store anything.
func (s *Server) order(r *http.Request, formats ...string) (*order, error) {
	user := userOf(r)
	if !user.may(mayStore) {
		return nil, &fault{Status: http.StatusForbidden, Message: "Access is denied, requires one Authority from [" + mayStore + "]"}
	}
	o := &order{user: user, format: formatOf(r.Header.Get("Content-Type"))}
	if !slices.Contains(formats, o.format) {
		return nil, &fault{Status: http.StatusUnsupportedMediaType,
			Message: "Content-Type '" + r.Header.Get("Content-Type") + "' is not supported"}
	}
	if r.ContentLength > maxBody {
		return nil, tooLong
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &fault{Status: http.StatusBadRequest, Message: "The parameters cannot be read"}
	}
	o.gate = entry.Gate{Policy: entry.Grouped, Now: time.Now(), EditExpired: user.may("F_EDIT_EXPIRED")}
	if s.Gate != nil {
		o.gate = s.Gate(user)
	}
	o.gate.Catalog = cmp.Or(o.gate.Catalog, s.Catalog)
	o.gate.Tree = cmp.Or(o.gate.Tree, s.Tree)
	return o, o.read(query)
}

// may reports whether a user has an authority.
func (u User) may(authority string) bool {
	return slices.Contains(u.Authorities, authority) || slices.Contains(u.Authorities, "ALL")
}

// formatOf returns the format of a body with a media type, or "". A body
// without one has none, so that no web page can post without asking first.
func formatOf(contentType string) string {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	media = strings.TrimSuffix(strings.TrimSuffix(media, "+gzip"), "+zip")
	format := map[string]string{
		"application/json": "json", "application/xml": "xml", "text/xml": "xml", "application/csv": "csv", "text/csv": "csv",
		post.MediaType: "adx", "application/xml+adx": "adx",
	}[media]
	if charset := params["charset"]; format != "adx" && charset != "" && !strings.EqualFold(charset, "utf-8") {
		return ""
	}
	return format
}

// read reads the parameters of a post. One that decides whether something is
// stored must be right.
func (o *order) read(query url.Values) error {
	var err error
	for name, values := range query {
		last := values[len(values)-1]
		switch strings.ToLower(name) {
		case "dryrun":
			if o.dryRun, err = strconv.ParseBool(last); err != nil || name != "dryRun" || len(values) > 1 {
				return badParameter(name, last, "dryRun=true or dryRun=false, once")
			}
		case "importstrategy":
			if name != "importStrategy" || len(values) > 1 {
				return badParameter(name, last, "importStrategy, once")
			}
			if o.gate.Strategy, err = entry.ParseStrategy(last); err != nil {
				return badParameter(name, last, "CREATE, UPDATE, CREATE_AND_UPDATE or DELETE")
			}
		case "async":
			if last != "false" {
				return badParameter(name, last, "false")
			}
		}
	}
	o.gate.Strategy = cmp.Or(o.gate.Strategy, entry.CreateAndUpdate)
	if set := query.Get("dataSet"); set != "" {
		if o.gate.DataSet, err = hmis.ParseUID(set); err != nil {
			return badParameter("dataSet", set, "a UID")
		}
	}
	for name, into := range map[string]*hmis.Scheme{
		"idScheme": &o.schemes.Any, "dataSetIdScheme": &o.schemes.DataSet, "dataElementIdScheme": &o.schemes.DataElement,
		"orgUnitIdScheme": &o.schemes.OrgUnit, "categoryOptionComboIdScheme": &o.schemes.OptionCombo,
		"attributeOptionComboIdScheme": &o.schemes.AttributeCombo,
		"categoryIdScheme":             &o.schemes.Category, "categoryOptionIdScheme": &o.schemes.CategoryOption,
	} {
		if *into, err = hmis.ParseScheme(query.Get(name)); err != nil || len(query[name]) > 1 {
			return badParameter(name, query.Get(name), "UID, CODE, NAME or ATTRIBUTE: with a UID, once")
		}
	}
	return nil
}

func badParameter(name, value, want string) error {
	return &fault{Status: http.StatusBadRequest, Message: "Value '" + clip(value) + "' is not valid for parameter " + clip(name) + ". It should be " + want}
}

// clip shortens a text of a client.
func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 60)], "") }
