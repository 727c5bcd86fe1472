package api

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api/internal/objects"
	"github.com/ohie-hmis/hmis-go/period"
)

// version is the version of DHIS2 that clients are told.
const version = "2.44.0"

// settings has the settings that clients read, with the values that this server
// keeps to.
var settings = map[string]any{
	"keyCalendar": "iso8601", "keyDateFormat": "yyyy-MM-dd", "keyAnalysisRelativePeriod": "LAST_12_MONTHS",
	"keyAnalysisDisplayProperty": "name", "keyUiLocale": "en", "keyDbLocale": "en", "applicationTitle": "hmis-go",
	"keyAnalysisDigitGroupSeparator": "SPACE", "keyAnalyticsMaxLimit": 100000, "keyIncludeZeroValuesInAnalytics": false,
	"analyticsFinancialYearStart": "FINANCIAL_YEAR_OCTOBER", "keyFlag": "dhis2", "keyStyle": "light_blue/light_blue.css",
	"keyCacheStrategy": "NO_CACHE", "keyHideDailyPeriods": false, "keyHideWeeklyPeriods": false, "keyHideMonthlyPeriods": false,
}

// userSettings are the settings of a user among them.
var userSettings = []string{"keyDbLocale", "keyStyle", "keyUiLocale", "keyAnalysisDisplayProperty"}

func writeJSON(w http.ResponseWriter, value any) error {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(value)
}

// writeFields writes a value with the fields that a request asks for.
func writeFields(w http.ResponseWriter, r *http.Request, value any) error {
	value, err := objects.Project(value, r.URL)
	if err != nil {
		return err
	}
	return writeJSON(w, value)
}

// system answers what clients ask to learn where they are (RULES.md#system).
func (s *Server) system(w http.ResponseWriter, r *http.Request, path []string) error {
	switch strings.Join(path[1:], "/") {
	case "ping":
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		_, err := io.WriteString(w, "pong")
		return err
	case "info":
		now := time.Now().UTC().Format("2006-01-02T15:04:05.000")
		return writeFields(w, r, map[string]any{
			"contextPath": strings.TrimSuffix(base(r), "/api"), "userAgent": r.UserAgent(), "calendar": "iso8601",
			"dateFormat": "yyyy-mm-dd", "serverDate": now, "serverTimeZoneId": "UTC",
			"serverTimeZoneDisplayName": "Coordinated Universal Time", "version": version, "revision": "",
			"systemName": "hmis-go", "readOnlyMode": "on", "instanceBaseUrl": strings.TrimSuffix(base(r), "/api"),
			"lastAnalyticsTableSuccess": now, "intervalSinceLastAnalyticsTableSuccess": "0 s",
		})
	}
	return notFound("api/" + strings.Join(path, "/"))
}

func ping(w http.ResponseWriter, _ *http.Request, _ []string) error {
	w.WriteHeader(http.StatusOK)
	return nil
}

// systemSettings answers with all settings, with some that parameters name, or
// with one.
func systemSettings(w http.ResponseWriter, r *http.Request, path []string) error {
	keys := r.URL.Query()["key"]
	if len(path) > 1 {
		keys = []string{path[1]}
	}
	if len(keys) == 0 {
		return writeJSON(w, settings)
	}
	out := map[string]any{}
	for _, key := range keys {
		if value, ok := settings[key]; ok {
			out[key] = value
		}
	}
	return writeJSON(w, out)
}

func ownSettings() map[string]any {
	out := map[string]any{}
	for _, key := range userSettings {
		out[key] = settings[key]
	}
	return out
}

// settingsOfUser answers with the settings of the user, one as plain text.
func settingsOfUser(w http.ResponseWriter, _ *http.Request, path []string) error {
	if len(path) == 1 {
		return writeJSON(w, ownSettings())
	}
	value, ok := ownSettings()[path[1]].(string)
	if !ok {
		return &fault{Status: http.StatusNotFound, Code: "E1005", Message: "Setting does not exist: " + path[1]}
	}
	w.Header().Set("Content-Type", "text/plain;charset=UTF-8")
	_, err := io.WriteString(w, value)
	return err
}

// me answers with the user who sent the request (RULES.md#system).
func (s *Server) me(w http.ResponseWriter, r *http.Request, path []string) error {
	user := userOf(r)
	authorities := user.Authorities
	if authorities == nil {
		authorities = []string{}
	}
	switch {
	case len(path) == 1:
		roots := []map[string]any{}
		for u := range hmis.All[hmis.OrgUnit](s.Catalog) {
			if u.Parent == "" {
				roots = append(roots, map[string]any{"id": u.ID})
			}
		}
		name := strings.TrimSpace(user.FirstName + " " + user.Surname)
		return writeFields(w, r, map[string]any{
			"id": user.ID, "username": user.Username, "firstName": user.FirstName, "surname": user.Surname, "name": name,
			"displayName": name, "organisationUnits": roots, "dataViewOrganisationUnits": roots,
			"teiSearchOrganisationUnits": []map[string]any{}, "userGroups": []map[string]any{}, "userRoles": []map[string]any{},
			"programs": []any{}, "dataSets": []any{}, "settings": ownSettings(), "authorities": authorities,
			"userCredentials": map[string]any{"id": user.ID, "username": user.Username, "userRoles": []map[string]any{}},
		})
	case len(path) == 2 && path[1] == "authorization":
		return writeJSON(w, authorities)
	case len(path) == 3 && path[1] == "authorization":
		return writeJSON(w, slices.Contains(authorities, "ALL") || slices.Contains(authorities, path[2]))
	}
	return notFound("api/" + strings.Join(path, "/"))
}

func schemas(w http.ResponseWriter, r *http.Request, path []string) error {
	all := objects.Schemas(base(r))
	if len(path) == 2 {
		for _, one := range all {
			if one["name"] == path[1] || one["plural"] == path[1] {
				return writeFields(w, r, one)
			}
		}
		return &fault{Status: http.StatusNotFound, Code: "E1005", Message: "Type " + path[1] + " does not exist."}
	}
	list, err := objects.Project(all, r.URL)
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"schemas": list})
}

// resources answers with the addresses of the listings.
func resources(w http.ResponseWriter, r *http.Request, _ []string) error {
	var out []map[string]any
	for _, one := range objects.Schemas(base(r)) {
		out = append(out, map[string]any{"displayName": one["displayName"], "singular": one["singular"],
			"plural": one["plural"], "href": one["apiEndpoint"]})
	}
	return writeJSON(w, map[string]any{"resources": out})
}

// periodTypes answers with the types of period, by name.
func periodTypes(w http.ResponseWriter, r *http.Request, _ []string) error {
	var out []map[string]any
	for _, t := range period.Types() {
		f := formats[t.String()]
		out = append(out, map[string]any{"name": t.String(), "displayName": f.display, "isoDuration": f.duration,
			"isoFormat": f.iso, "frequencyOrder": f.days})
	}
	slices.SortFunc(out, func(a, b map[string]any) int { return strings.Compare(a["name"].(string), b["name"].(string)) })
	list, err := objects.Project(out, r.URL)
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"periodTypes": list})
}

// filledLevels answers with the levels of the tree that have units. A level
// without a name of its own is called by its number (RULES.md#system).
func (s *Server) filledLevels(w http.ResponseWriter, r *http.Request, _ []string) error {
	named := map[int]hmis.OrgUnitLevel{}
	for l := range hmis.All[hmis.OrgUnitLevel](s.Catalog) {
		named[l.Level] = l
	}
	out := []map[string]any{}
	for level := 1; level <= s.store.Depth(); level++ {
		one := map[string]any{"level": level, "name": "Level " + strconv.Itoa(level), "attributeValues": []any{},
			"translations": []any{}, "access": objects.Access()}
		if l, ok := named[level]; ok {
			one["id"], one["name"] = l.ID, l.Name
			if l.Code != "" {
				one["code"] = l.Code
			}
		}
		one["displayName"] = one["name"]
		out = append(out, one)
	}
	return writeFields(w, r, out)
}

func none(w http.ResponseWriter, _ *http.Request, _ []string) error { return writeJSON(w, []any{}) }
