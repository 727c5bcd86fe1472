package objects

import (
	"net/url"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api/internal/fields"
)

// Project returns of a JSON object, or of each object of a list, the members
// that the parameter fields of an address asks for. Without the parameter it
// returns the value as it is.
func Project(value any, address *url.URL) (any, error) {
	q, err := parse(Request{URL: address})
	if err != nil || len(q.fields) == 0 {
		return value, err
	}
	return project(value, q.fields), nil
}

func project(value any, list fields.List) any {
	switch v := value.(type) {
	case []map[string]any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = project(one, list)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for _, f := range list {
			switch inner, has := v[f.Name]; {
			case f.Exclude:
			case f.Preset:
				for name, value := range v {
					if _, had := out[name]; !had {
						out[name] = value
					}
				}
			case has && f.Nested:
				out[f.Name] = project(inner, f.Fields)
			case has:
				out[f.Name] = inner
			}
		}
		for _, f := range list {
			if f.Exclude {
				delete(out, f.Name)
			}
		}
		return out
	}
	return value
}
