package objects

import "slices"

// joined returns the objects that the newer engine of a server finds when it
// joins the tables of a plan: those without a nested reference are lost. It
// fails for nested lists of several members, as the server does
// (RULES.md#server-artefacts).
func (pl *plan) joined(list []*Object) ([]*Object, error) {
	for i := range pl.steps {
		s := &pl.steps[i]
		switch {
		case s.nested == nil:
		case !s.property.list:
			list = slices.DeleteFunc(slices.Clone(list), func(o *Object) bool { return o.values[s.property.index] == nil })
		case len(s.nested.steps) > 1:
			return nil, badRequest("", "com.fasterxml.jackson.databind.JsonMappingException: "+
				"Null key for a Map not allowed in JSON (use a converting NullKeySerializer?)")
		}
	}
	return list, nil
}
