package api_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// unimportant are the members that are not compared: they describe the server,
// its users, its clock, and how often it changed an object.
var unimportant = []string{"created", "lastUpdated", "createdBy", "lastUpdatedBy", "user", "sharing", "access",
	"users", "interpretations", "programs", "system", "version"}

// ofServer are the first steps of addresses whose answers describe a server or
// its users. Only their status is compared.
var ofServer = []string{"system", "systemSettings", "userSettings", "me", "schemas", "resources", "apps"}

// compare returns the difference of an answer from that of the server, or "".
func compare(v vector, got *httptest.ResponseRecorder) string {
	if v.Status != 0 && got.Code != v.Status {
		return fmt.Sprintf("status %d, want %d: %.200s", got.Code, v.Status, got.Body.String())
	}
	if v.Body == "" {
		return "" // it was not recorded
	}
	if slices.Contains(ofServer, v.step()) && v.Status < 400 && !strings.Contains(v.Path, "me?fields=id") {
		return "" // settings, users and facts of the host
	}
	want, have := decode(pieces(v.Body)), decode(pieces(got.Body.String()))
	if v.Status >= 400 {
		return cmp.Diff(faultOf(want), faultOf(have))
	}
	depth := 0
	if m, ok := want.(map[string]any); ok && m["id"] != nil {
		depth = 1 // a single object
	}
	if v.step() == "dataSets" && (strings.HasSuffix(v.Path, "/metadata") || strings.Contains(v.Path, "/dataValueSet.json")) {
		depth = 1 // a package of sets
	}
	if step := v.step(); step == "dataValueSets" || step == "completeDataSetRegistrations" {
		depth = 1
	}
	return cmp.Diff(unordered(described(want), depth), unordered(described(have), depth))
}

var (
	rowStart = regexp.MustCompile(`(<dataValue |\n)`)
	times    = regexp.MustCompile(`(created|lastUpdated)="[^"]*"`)
)

// pieces sorts the rows of CSV and XML, and leaves other texts as they are.
func pieces(text string) string {
	if !strings.HasPrefix(text, "<?xml") && !strings.HasPrefix(text, "dataelement,") {
		return text
	}
	text = strings.TrimSuffix(text, "</dataValueSet>")
	list := strings.Split(rowStart.ReplaceAllString(times.ReplaceAllString(text, ""), "\x00"), "\x00")
	slices.Sort(list)
	return strings.Join(list, "\n")
}

// faultOf returns the members of an error that are compared.
func faultOf(body any) [2]any {
	m, _ := body.(map[string]any)
	return [2]any{m["errorCode"], m["message"]}
}

// described returns a value without the members that are not compared.
// Addresses lose their host.
func described(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, value := range v {
			if slices.Contains(unimportant, name) {
				continue
			}
			if list, ok := value.([]any); ok && len(list) == 0 && name == "translations" {
				continue
			}
			if text, ok := value.(string); ok && (name == "href" || name == "nextPage" || name == "prevPage") {
				value = withoutHost(text)
			}
			out[name] = described(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = described(v[i])
		}
		return out
	case json.Number: // 5.0 is 5
		n, _ := v.Float64()
		return n
	}
	return v
}

// unordered sorts the lists inside the entries of a listing, which servers keep
// as sets.
func unordered(v any, depth int) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			v[name] = unordered(value, depth+1)
		}
	case []any:
		for i := range v {
			v[i] = unordered(v[i], depth+1)
		}
		if depth > 1 {
			slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
	}
	return v
}

func withoutHost(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.RequestURI()
}
