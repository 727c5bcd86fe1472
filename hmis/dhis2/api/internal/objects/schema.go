package objects

import "strings"

// Schemas returns the description of every kind that has listings, as clients
// read it before they ask for objects. base is the address of the API.
func Schemas(base string) []map[string]any {
	var out []map[string]any
	for _, line := range kinds {
		k := byKind[line.name]
		if k.part {
			continue
		}
		singular := strings.ToLower(k.class[:1]) + k.class[1:]
		var properties []map[string]any
		for _, p := range k.properties {
			properties = append(properties, schemaOf(p))
		}
		out = append(out, map[string]any{
			"name": singular, "singular": singular, "plural": k.name, "displayName": k.class, "klass": "org.hisp.dhis." + k.class,
			"relativeApiEndpoint": "/" + k.name, "apiEndpoint": base + "/" + k.name, "href": base + "/schemas/" + singular,
			"metadata": true, "identifiableObject": true, "nameableObject": k.byName["shortName"] != nil, "shareable": false,
			"translatable": true, "embeddedObject": false, "authorities": []any{}, "properties": properties,
		})
	}
	return out
}

func schemaOf(p *property) map[string]any {
	out := map[string]any{
		"name": p.name, "fieldName": p.name, "propertyType": "TEXT", "collection": p.list, "simple": p.simple,
		"owner": p.owned, "persisted": p.owned, "readable": true, "writable": false, "required": false, "unique": p.name == "id",
	}
	switch {
	case p.list:
		out["propertyType"], out["collectionName"] = "COLLECTION", p.name
		out["itemPropertyType"] = "REFERENCE"
	case p.isPart:
		out["propertyType"] = "COMPLEX"
	case p.target != nil:
		out["propertyType"] = "REFERENCE"
	case p.name == "id":
		out["propertyType"] = "IDENTIFIER"
	case p.name == "created" || p.name == "lastUpdated" || strings.HasSuffix(p.name, "Date"):
		out["propertyType"] = "DATE"
	case p.def == true || p.def == false:
		out["propertyType"] = "BOOLEAN"
	case p.name == "href":
		out["propertyType"] = "URL"
	case !p.simple:
		out["propertyType"] = "COMPLEX"
	}
	return out
}
