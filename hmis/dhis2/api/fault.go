package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api/internal/objects"
)

// A fault is the answer to a request that fails.
type fault = objects.Fault

// writeError writes the answer to a request that fails.
func writeError(w http.ResponseWriter, err error) {
	if _, missing := err.(*noResource); missing {
		writeNoResource(w, err)
		return
	}
	f := new(fault)
	if !errors.As(err, &f) {
		f = &fault{Status: http.StatusInternalServerError, Message: err.Error()}
	}
	writeFault(w, f)
}

// writeFault writes the body that a server has for a fault.
func writeFault(w http.ResponseWriter, f *fault) {
	body := struct {
		HTTPStatus     string `json:"httpStatus"`
		HTTPStatusCode int    `json:"httpStatusCode"`
		Status         string `json:"status"`
		Message        string `json:"message"`
		ErrorCode      string `json:"errorCode,omitempty"`
	}{http.StatusText(f.Status), f.Status, "ERROR", f.Message, f.Code}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.Status)
	json.NewEncoder(w).Encode(body)
}

// A noResource is an address that nothing serves. Its answer is a page, as the
// container of a server writes it.
type noResource struct{ path string }

func (e *noResource) Error() string { return "No static resource " + e.path + "." }

func notFound(path string) error { return &noResource{path} }

func writeNoResource(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "text/html;charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	const title = "HTTP Status 404 – Not Found"
	fmt.Fprintf(w, "<!doctype html><html lang=\"en\"><head><title>%s</title></head><body><h1>%[1]s</h1><p>%s</p></body></html>\n",
		title, html.EscapeString(err.Error()))
}
