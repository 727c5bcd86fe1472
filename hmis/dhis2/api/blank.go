package api

import (
	"net/http"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A blank is a value of a form that nobody has filled in.
type blank struct {
	DataElement hmis.UID `json:"dataElement"`
	OptionCombo hmis.UID `json:"categoryOptionCombo"`
	Period      string   `json:"period,omitempty"`
	OrgUnit     string   `json:"orgUnit,omitempty"`
	Value       string   `json:"value"`
}

// dataSets answers with the blank form of a data set. All other addresses below
// the name are those of objects.
func (s *Server) dataSets(w http.ResponseWriter, r *http.Request, path []string) error {
	if len(path) != 3 || path[2] != "dataValueSet" || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return s.serveObjects(w, r, path, false)
	}
	set, ok := hmis.Find[hmis.DataSet](s.Catalog, hmis.UID(path[1]))
	if !ok {
		return s.serveObjects(w, r, path[:2], false) // it says that there is no such data set
	}
	query := r.URL.Query()
	units := query["orgUnit"]
	if len(units) == 0 {
		units = []string{""}
	}
	blanks := []blank{}
	for _, unit := range units {
		for _, e := range set.Elements {
			for _, combo := range s.Catalog.OptionCombos(s.Catalog.CategoryCombo(e.DataElement, set.ID)) {
				if len(blanks) == maxValues {
					return &fault{Status: http.StatusRequestEntityTooLarge, Code: "E1003", Message: "The answer would have more than 500000 values."}
				}
				blanks = append(blanks, blank{e.DataElement, combo, query.Get("period"), unit, ""})
			}
		}
	}
	return writeJSON(w, map[string]any{"dataValues": blanks})
}
