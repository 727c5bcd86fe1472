package analytics

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// ServeHTTP serves the resources of DHIS2, wherever they are mounted:
// analytics, analytics/dataValueSet, analytics/rawData and
// analytics/outlierDetection, each with .json, .csv or nothing after it. Only
// GET and HEAD are allowed. A request for analytics that accepts CSV and not
// JSON gets CSV.
//
// A wrong request gets status 409, or 400 if DHIS2 has no code for the error.
// The body has httpStatus, httpStatusCode, status, message and errorCode.
func (s Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		fail(w, http.StatusMethodNotAllowed, "", fmt.Sprintf("method %s: want GET", quote.Text(r.Method)))
		return
	}
	resource, ok := resources[resourceOf(r)]
	if !ok {
		fail(w, http.StatusNotFound, "", fmt.Sprintf("%s: want analytics, analytics/dataValueSet, analytics/rawData or analytics/outlierDetection", quote.Text(r.URL.Path)))
		return
	}
	if most := s.Limits.filled().Text; len(r.URL.RawQuery) > most {
		fail(w, http.StatusRequestURITooLong, "", fmt.Sprintf("want a query of at most %d bytes, got %d", most, len(r.URL.RawQuery)))
		return
	}
	params, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		failWith(w, err)
		return
	}
	s.overHTTP = true
	held := s.hold()
	defer held.release()
	write, err := resource.answer(s, r.Context(), params, held)
	if err == nil {
		err = r.Context().Err()
	}
	if err != nil {
		failWith(w, err)
		return
	}
	w.Header().Set("Content-Type", resource.contentType)
	w.Header().Set("Cache-Control", "no-cache, private")
	w.Header().Set("Vary", "Accept")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	out := bufio.NewWriter(w)
	// The status is already written, so an error now means that the client has
	// gone.
	if write(out) == nil {
		_ = out.Flush()
	}
}

// parseQuery parses a query string. A semicolon separates items and not
// parameters, since many clients do not escape it.
func parseQuery(raw string) (url.Values, error) {
	params, err := url.ParseQuery(strings.ReplaceAll(raw, ";", "%3B"))
	if err != nil {
		return nil, refuse("query", "want names and values: %w", err)
	}
	return params, nil
}

// A resource has a function that answers a request. The result is a second
// function, which writes the answer.
type resource struct {
	contentType string
	answer      func(Server, context.Context, url.Values, *hold) (func(io.Writer) error, error)
}

const (
	typeJSON = "application/json;charset=UTF-8"
	typeCSV  = "application/csv;charset=UTF-8"
)

// resources lists the resources by the part of the path after "analytics".
var resources = map[string]resource{
	".json": {typeJSON, func(s Server, ctx context.Context, params url.Values, h *hold) (func(io.Writer) error, error) {
		r, err := s.answer(ctx, params, h)
		return r.WriteJSON, err
	}},
	".csv": {typeCSV, func(s Server, ctx context.Context, params url.Values, h *hold) (func(io.Writer) error, error) {
		r, err := s.answer(ctx, params, h)
		return s.csvOf(r), err
	}},
	"/rawData.json": {typeJSON, func(s Server, ctx context.Context, params url.Values, h *hold) (func(io.Writer) error, error) {
		r, err := s.rawData(ctx, params, h)
		return r.WriteJSON, err
	}},
	"/rawData.csv": {typeCSV, func(s Server, ctx context.Context, params url.Values, h *hold) (func(io.Writer) error, error) {
		r, err := s.rawData(ctx, params, h)
		return s.csvOf(r), err
	}},
	"/dataValueSet.json": {typeJSON, func(s Server, ctx context.Context, params url.Values, h *hold) (func(io.Writer) error, error) {
		_, values, err := s.values(ctx, params, h)
		return func(w io.Writer) error { return writeValues(w, values) }, err
	}},
	"/outlierDetection.json": {typeJSON, func(s Server, ctx context.Context, params url.Values, h *hold) (func(io.Writer) error, error) {
		o, err := s.outliers(ctx, params, h)
		return o.WriteJSON, err
	}},
	"/outlierDetection.csv": {typeCSV, func(s Server, ctx context.Context, params url.Values, h *hold) (func(io.Writer) error, error) {
		o, err := s.outliers(ctx, params, h)
		if err != nil {
			return nil, err
		}
		return s.csvOf(&o.Response), nil
	}},
	"/dataValueSet.csv": {typeCSV, func(s Server, ctx context.Context, params url.Values, h *hold) (func(io.Writer) error, error) {
		_, values, err := s.values(ctx, params, h)
		return func(w io.Writer) error { return writeValuesCSV(w, values) }, err
	}},
}

// csvOf returns the function with which the server writes an answer as CSV.
func (s Server) csvOf(r *Response) func(io.Writer) error {
	if s.Interchange {
		return r.WriteInterchange
	}
	return r.WriteCSV
}

// resourceOf returns the key of the resource that a request is for.
func resourceOf(r *http.Request) string {
	const root = "/analytics"
	path := r.URL.Path
	if i := strings.LastIndex(path, root); i >= 0 {
		path = path[i+len(root):]
	}
	switch path {
	case "":
		if acceptsCSV(r.Header.Values("Accept")) {
			return ".csv"
		}
		return ".json"
	case "/rawData", "/dataValueSet":
		return path + ".json"
	case "/outlierDetection":
		if acceptsCSV(r.Header.Values("Accept")) {
			return path + ".csv"
		}
		return path + ".json"
	}
	return path
}

// acceptsCSV reports whether a client accepts CSV and does not name JSON.
func acceptsCSV(accept []string) bool {
	all := strings.ToLower(strings.Join(accept, ","))
	return strings.Contains(all, "/csv") && !strings.Contains(all, "json")
}

// failWith writes an error as a response.
func failWith(w http.ResponseWriter, err error) {
	issue, ok := errors.AsType[*hmis.Issue](err)
	switch {
	case ok && issue.Code == "":
		fail(w, http.StatusBadRequest, "", message(issue))
	case ok:
		fail(w, http.StatusConflict, issue.Code, message(issue))
	case errors.Is(err, ErrBusy):
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusServiceUnavailable, "", err.Error())
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		fail(w, http.StatusServiceUnavailable, "", "the request took too long")
	default:
		fail(w, http.StatusInternalServerError, "", err.Error())
	}
}

// message returns the message of a server for an issue, without its detail. If
// a server has no message, it returns the error with the name of the parameter.
func message(i *hmis.Issue) string {
	if said, ok := i.Err.(*failure); ok {
		return said.message
	}
	bare := *i
	bare.Code = ""
	return strings.TrimPrefix(bare.Error(), "hmis: ")
}

// fail writes an error in the form of a DHIS2 response.
func fail(w http.ResponseWriter, status int, code, message string) {
	body, _ := json.Marshal(struct { // this cannot fail for texts and a number
		HTTPStatus     string `json:"httpStatus"`
		HTTPStatusCode int    `json:"httpStatusCode"`
		Status         string `json:"status"`
		Message        string `json:"message"`
		ErrorCode      string `json:"errorCode,omitempty"`
	}{http.StatusText(status), status, "ERROR", message, code})
	w.Header().Set("Content-Type", typeJSON)
	w.Header().Set("Cache-Control", "no-cache, private")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error means that the client has gone
}
