package api

import (
	"encoding/json"
	"net/http"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api/internal/objects"
)

// A fault is the answer to a request that fails.
type fault = objects.Fault

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

// notFound returns the fault for an address that nothing serves.
func notFound(path string) *fault {
	return &fault{Status: http.StatusNotFound, Code: "E1005", Message: "No static resource " + path + "."}
}
