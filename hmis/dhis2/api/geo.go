package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A place is an org unit with what maps show of it.
type place struct {
	unit        hmis.OrgUnit
	level       int
	parents     []hmis.UID // from the root
	kind        string     // "Point", "Polygon", ...
	coordinates json.RawMessage
}

// places returns the chosen units that have a geometry with coordinates.
func (s *Server) places(chosen func(level int, parents []hmis.UID, id hmis.UID) bool) []place {
	var out []place
	above := map[hmis.UID]hmis.UID{}
	for u := range hmis.All[hmis.OrgUnit](s.Catalog) {
		above[u.ID] = u.Parent
	}
	for u := range hmis.All[hmis.OrgUnit](s.Catalog) {
		if u.Geometry == "" {
			continue
		}
		var parents []hmis.UID
		for id := u.Parent; id != "" && len(parents) < 100; id = above[id] {
			parents = append([]hmis.UID{id}, parents...)
		}
		p := place{unit: u, level: len(parents) + 1, parents: parents}
		var shape struct {
			Type        string          `json:"type"`
			Coordinates json.RawMessage `json:"coordinates"`
		}
		if !chosen(p.level, parents, u.ID) || json.Unmarshal([]byte(u.Geometry), &shape) != nil || shape.Coordinates == nil {
			continue
		}
		p.kind, p.coordinates = shape.Type, shape.Coordinates
		out = append(out, p)
	}
	return out
}

func (p *place) graph() string {
	var b strings.Builder
	for _, id := range p.parents {
		b.WriteString("/" + string(id))
	}
	return b.String()
}

// contains reports whether one of the ids is in the list.
func contains(list []hmis.UID, ids map[hmis.UID]bool) bool {
	return slices.ContainsFunc(list, func(id hmis.UID) bool { return ids[id] })
}

// geojson answers with the units that have a geometry: of some levels, below
// some units, or all (RULES.md#maps).
func (s *Server) geojson(w http.ResponseWriter, r *http.Request, path []string) error {
	if len(path) > 1 {
		return notFound(strings.TrimPrefix(r.URL.Path, "/"))
	}
	levels, parents := map[int]bool{}, map[hmis.UID]bool{}
	for _, text := range r.URL.Query()["level"] {
		n, err := strconv.Atoi(text)
		if err != nil {
			return &fault{Status: http.StatusBadRequest, Message: "Value '" + text + "' is not valid for parameter level. It should be of type Integer"}
		}
		levels[n] = true
	}
	for _, id := range r.URL.Query()["parent"] {
		parents[hmis.UID(id)] = true
	}
	features := []map[string]any{}
	for _, p := range s.places(func(level int, up []hmis.UID, id hmis.UID) bool {
		return (len(levels) == 0 || levels[level]) && (len(parents) == 0 || parents[id] || contains(up, parents))
	}) {
		features = append(features, map[string]any{"type": "Feature", "id": p.unit.ID, "geometry": json.RawMessage(p.unit.Geometry),
			"properties": map[string]any{"code": p.unit.Code, "name": p.unit.Name, "level": strconv.Itoa(p.level),
				"parent": p.unit.Parent, "parentGraph": strings.TrimPrefix(p.graph(), "/"), "groups": []any{}}})
	}
	return writeJSON(w, map[string]any{"type": "FeatureCollection", "features": features})
}

// geoFeatures answers with the same in the short form that map clients read.
// Units are chosen as in an analytics dimension: ids, LEVEL-2, or both, which
// means that level below the units (RULES.md#maps).
func (s *Server) geoFeatures(w http.ResponseWriter, r *http.Request, _ []string) error {
	levels, units := map[int]bool{}, map[hmis.UID]bool{}
	// Go's parser refuses semicolons.
	params, err := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "%3B"))
	if err != nil {
		return &fault{Status: http.StatusBadRequest, Message: "The query of the address is malformed."}
	}
	for item := range strings.SplitSeq(strings.TrimPrefix(params.Get("ou"), "ou:"), ";") {
		if text, is := strings.CutPrefix(item, "LEVEL-"); is {
			n, _ := strconv.Atoi(text)
			levels[n] = true
		} else if item != "" {
			units[hmis.UID(item)] = true
		}
	}
	out := []map[string]any{}
	for _, p := range s.places(func(level int, up []hmis.UID, id hmis.UID) bool {
		if len(levels) == 0 {
			return units[id]
		}
		return levels[level] && (len(units) == 0 || units[id] || contains(up, units))
	}) {
		kind := 2
		if p.kind == "Point" {
			kind = 1
		}
		parent, _ := hmis.Find[hmis.OrgUnit](s.Catalog, p.unit.Parent)
		out = append(out, map[string]any{"id": p.unit.ID, "code": p.unit.Code, "na": p.unit.Name, "hcd": false, "hcu": len(p.parents) > 0,
			"le": p.level, "pg": p.graph(), "pi": p.unit.Parent, "pn": parent.Name, "ty": kind, "co": string(p.coordinates), "dimensions": map[string]any{}})
	}
	return writeJSON(w, out)
}
