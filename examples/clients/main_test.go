package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnswers asks what clients ask first, without and with a password, and what
// dhis2-fetch asks of a kind that no catalog has.
func TestAnswers(t *testing.T) {
	handler, err := newHandler(t.Context())
	require.NoError(t, err)
	tests := []struct {
		password, path string
		status         int
		body           string // part of the body
	}{
		{"", "/api/me", http.StatusUnauthorized, `"httpStatusCode":401`},
		{"wrong", "/api/me", http.StatusUnauthorized, `"httpStatusCode":401`},
		{"district", "/api/me?fields=username", http.StatusOK, `{"username":"admin"}`},
		{"district", "/api/programIndicators?filter=id:in:[inAnc1Cover]&paging=false", http.StatusOK, `"programIndicators":[]`},
		{"district", "/api/42/analytics?dimension=ou:LEVEL-2&filter=dx:deOutpatnts&filter=pe:2025Q1&skipMeta=true", http.StatusOK,
			`["ouRegion001","109273"]`},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodGet, tt.path, nil)
		if tt.password != "" {
			r.SetBasicAuth("admin", tt.password)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		require.Equal(t, tt.status, w.Code, tt.path)
		require.Contains(t, w.Body.String(), tt.body, tt.path)
	}
}
