package geojson

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

// properties are the properties of a unit as a DHIS2 server writes them.
type properties struct {
	Code        string     `json:"code,omitempty"`
	Name        string     `json:"name"`
	Level       string     `json:"level"`
	Parent      hmis.UID   `json:"parent,omitempty"`
	ParentGraph string     `json:"parentGraph"` // the ids of the ancestors from the root, with / between
	Groups      []hmis.UID `json:"groups"`
}

// Write writes the units of md that have a geometry as a FeatureCollection, in
// preorder: a unit comes before those below it. The id of a feature is that of
// its unit, and it has the properties code, name, level, parent, parentGraph
// and groups.
//
// The error is that of [orgunit.NewTree], that of w, or a geometry that is no
// JSON. Whether a geometry is valid is not checked; see [orgunit.Tree.Check].
func Write(w io.Writer, md hmis.Metadata) error {
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		return err
	}
	groups := make(map[hmis.UID][]hmis.UID)
	for _, g := range md.Groups {
		if g.Kind != hmis.KindOrgUnitGroup {
			continue
		}
		for _, unit := range g.Members {
			groups[unit] = append(groups[unit], g.ID)
		}
	}
	out := bufio.NewWriter(w)
	out.WriteString(`{"type":"FeatureCollection","features":[`)
	between := "\n"
	for id := range tree.All() {
		u, _ := tree.Unit(id)
		if u.Geometry == "" {
			continue
		}
		if !json.Valid([]byte(u.Geometry)) {
			return fmt.Errorf("geojson: org unit %s: the geometry is no JSON", id)
		}
		p := properties{Code: u.Code, Name: u.Name, Level: strconv.Itoa(tree.Level(id)), Groups: groups[id]}
		if p.Groups == nil {
			p.Groups = []hmis.UID{}
		}
		p.Parent, _ = tree.Parent(id)
		if above, ok := strings.CutSuffix(tree.Path(id), "/"+string(id)); ok {
			p.ParentGraph = strings.TrimPrefix(above, "/")
		}
		if err := writeFeature(out, between, id, u.Geometry, p); err != nil {
			return err
		}
		between = ",\n"
	}
	out.WriteString("\n]}\n")
	return out.Flush()
}

func writeFeature(out *bufio.Writer, between string, id hmis.UID, geometry string, p properties) error {
	quoted, err := json.Marshal(id)
	if err != nil {
		return err
	}
	about, err := json.Marshal(p)
	if err != nil {
		return err
	}
	out.WriteString(between)
	out.WriteString(`{"type":"Feature","id":`)
	out.Write(quoted)
	out.WriteString(`,"geometry":`)
	out.WriteString(geometry)
	out.WriteString(`,"properties":`)
	out.Write(about)
	_, err = out.WriteString("}")
	return err
}
