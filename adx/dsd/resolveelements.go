package dsd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// elements returns the dimensions that each data element has. It checks the
// annotations that state them (ADX-117).
func (r *resolver) elements(d *dimensions) map[string]*elementRule {
	rules := map[string]*elementRule{}
	if d.elements == nil {
		return rules
	}
	for i := range d.elements.codes {
		c := &d.elements.codes[i]
		if c.id == "" || rules[c.id] != nil {
			continue
		}
		rule := &elementRule{code: c, needs: make([]bool, len(d.dims))}
		rules[c.id] = rule
		for _, name := range c.disaggregations() {
			k := slices.IndexFunc(d.dims, func(dim dimension) bool { return dim.name == name })
			if k < 0 || d.dims[k].outer {
				r.fail(c.at, adx.Finding{
					Rule: "ADX-117", Path: token.Name(d.elements.id) + "/" + token.Name(c.id),
					Err: fmt.Errorf("annotation Disaggregation %s: want an inner dimension", quote.Text(name)),
				})
				continue
			}
			rule.needs[k] = true
		}
	}
	return rules
}

// orphans reports dimensions that no data element has (ADX-118).
func (r *resolver) orphans(d *Definition) {
	for i, dim := range d.dims {
		if dim.outer {
			continue
		}
		used := false
		for _, e := range d.element {
			used = used || e.needs[i]
		}
		if !used {
			c := slices.IndexFunc(r.main.dimensions, func(c component) bool { return c.name() == dim.id })
			r.warn(r.main.dimensions[c].at, adx.Finding{
				Rule: "ADX-118", Path: "Dimension[" + token.Name(dim.id) + "]",
				Err: errors.New("no data element has this dimension"),
			})
		}
	}
}

// dataSet checks ADX-116, for ids that messages usually write differently.
func (r *resolver) dataSet() {
	id := r.main.id
	switch {
	case id == "":
		r.fail(r.main.at, adx.Finding{
			Rule: "ADX-116", Path: "DataStructure",
			Err: errors.New("no id: want the code of the data set"),
		})
	case strings.HasPrefix(id, "DSD_") && len(id) > len("DSD_"):
		r.warn(r.main.at, adx.Finding{
			Rule: "ADX-116", Path: "DataStructure",
			Err: fmt.Errorf("id %s: messages will say %s", quote.Text(id), quote.Text(strings.TrimPrefix(id, "DSD_"))),
		})
	case strings.EqualFold(id, "ADX"):
		r.warn(r.main.at, adx.Finding{
			Rule: "ADX-116", Path: "DataStructure",
			Err: fmt.Errorf("id %s: want the code of the data set", quote.Text(id)),
		})
	case !isSDMX(id, false):
		r.warn(r.main.at, adx.Finding{
			Rule: "ADX-100", Path: "DataStructure",
			Err: fmt.Errorf("id %s is no identifier of SDMX, whose schemas refuse it", quote.Text(id)),
		})
	}
}
