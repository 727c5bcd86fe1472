package mcsd

import (
	"encoding/base64"
	"slices"
	"strings"
)

// appendText appends s as a JSON string.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			return append(b, quoted(s)...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// appendMember appends a member with a text, and a comma before it.
func appendMember(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	b = append(append(append(b, `,"`...), name...), `":`...)
	return appendText(b, text)
}

// appendRaw appends a member with a value in JSON, and a comma before it.
func appendRaw(b []byte, name, raw string) []byte {
	if raw == "" {
		return b
	}
	b = append(b, ',')
	b = append(appendText(b, name), ':')
	return append(b, raw...)
}

// json returns the identifier as JSON.
func (n identifier) json() string {
	if n.raw != "" {
		return n.raw
	}
	return object(appendMember(appendMember(appendMember(nil, "use", n.use), "system", n.system), "value", n.value))
}

// object returns a JSON object. Each of members begins with a comma.
func object(members []byte) string {
	if len(members) == 0 {
		return "{}"
	}
	return "{" + string(members[1:]) + "}"
}

// identifiersJSON returns the member identifier, or "[]".
func identifiersJSON(list []identifier) string { return string(appendIdentifiers(nil, list)) }

func appendIdentifiers(b []byte, list []identifier) []byte {
	b = append(b, '[')
	for i, n := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, n.json()...)
	}
	return append(b, ']')
}

// typesJSON returns the member type, or "[]". Concepts that are only codings
// come first, then the other concepts.
func typesJSON(codings []coding, concepts []string) string {
	return string(appendTypes(nil, codings, concepts))
}

func appendTypes(b []byte, codings []coding, concepts []string) []byte {
	b = append(b, '[')
	first, last := len(b), -1 // index of the concept of the previous coding
	for _, n := range codings {
		switch {
		case n.concept < 0:
			continue
		case last == n.concept:
			b = append(b, ',')
		case last >= 0:
			b = append(b, `]},{"coding":[`...)
		default:
			b = append(b, `{"coding":[`...)
		}
		last = n.concept
		var members []byte
		members = appendMember(members, "system", n.system)
		members = appendMember(members, "code", n.code)
		members = appendMember(members, "display", n.display)
		b = append(append(append(b, '{'), members[min(1, len(members)):]...), '}')
	}
	if last >= 0 {
		b = append(b, `]}`...)
	}
	for _, c := range concepts {
		if len(b) > first {
			b = append(b, ',')
		}
		b = append(b, c...)
	}
	return append(b, ']')
}

// metaJSON returns the member meta, or "" if it would be empty.
func metaJSON(r *resource, profiles []string) string {
	var b []byte
	profiles = append(slices.Clip(profiles), r.profiles...)
	if len(profiles) > 0 {
		b = appendRaw(b, "profile", texts(profiles))
	}
	b = appendMember(b, "versionId", r.version)
	b = appendMember(b, "lastUpdated", r.updated)
	for _, m := range r.meta {
		b = appendRaw(b, m.name, m.raw)
	}
	if len(b) == 0 {
		return ""
	}
	return object(b)
}

// profilesOf returns the URLs of the profiles that a resource of its kind
// claims.
func profilesOf(r *resource) []string {
	switch {
	case r.has("facility"):
		return []string{profileBase + "Facility" + r.kind.String()}
	case r.has("jurisdiction"):
		return []string{profileBase + "Jurisdiction" + r.kind.String()}
	}
	return []string{profileBase + r.kind.String()}
}

// appendResource appends a resource in JSON.
func appendResource(b []byte, r *resource) []byte {
	if r.kind == affiliation && len(r.rest) == 1 && r.rest[0].name == "" {
		return append(b, r.rest[0].raw...) // as it was read
	}
	typ := r.kind.String()
	b = append(append(append(b, `{"resourceType":"`...), typ...), '"')
	b = appendMember(b, "id", r.id)
	if r.kind == affiliation {
		b = appendRaw(b, "meta", metaJSON(r, nil))
		for _, m := range r.rest {
			b = appendRaw(b, m.name, m.raw)
		}
		return append(b, '}')
	}
	b = appendRaw(b, "meta", metaJSON(r, profilesOf(r)))
	if r.boundary != "" || r.opened != "" || r.closed != "" || len(r.extensions) > 0 {
		b = append(b, `,"extension":[`...)
		first := len(b)
		if r.opened != "" || r.closed != "" {
			value := object(appendMember(appendMember(nil, "start", r.opened), "end", r.closed))
			b = append(b, `{"url":"`+PeriodExtension+`","valuePeriod":`+value+`}`...)
		}
		if r.boundary != "" {
			if len(b) > first {
				b = append(b, ',')
			}
			b = append(b, `{"url":"`+boundaryExtension+`","valueAttachment":{"contentType":"application/geo+json","data":"`...)
			b = base64.StdEncoding.AppendEncode(b, []byte(r.boundary))
			b = append(b, `"}}`...)
		}
		for _, raw := range r.extensions {
			if len(b) > first {
				b = append(b, ',')
			}
			b = append(b, raw...)
		}
		b = append(b, ']')
	}
	if len(r.identifiers) > 0 {
		b = appendIdentifiers(append(b, `,"identifier":`...), r.identifiers)
	}
	b = appendMember(b, "status", r.status)
	if r.active != unsaid {
		b = append(b, `,"active":`...)
		if r.active == isActive {
			b = append(b, "true"...)
		} else {
			b = append(b, "false"...)
		}
	}
	b = appendMember(b, "name", r.name)
	if len(r.aliases) > 0 {
		b = appendRaw(b, "alias", texts(r.aliases))
	}
	if len(r.codings)+len(r.concepts) > 0 {
		b = appendTypes(append(b, `,"type":`...), r.codings, r.concepts)
	}
	b = appendRaw(b, "physicalType", physicalType(r.physical))
	if r.longitude != "" && r.latitude != "" && !slices.ContainsFunc(r.rest, func(m member) bool { return m.name == "position" }) {
		b = append(b, `,"position":{"longitude":`+r.longitude+`,"latitude":`+r.latitude+`}`...)
	}
	b = appendRaw(b, "managingOrganization", referenceOf("Organization", r.managedBy))
	b = appendRaw(b, "partOf", referenceOf(typ, r.partOf))
	for _, m := range r.rest {
		b = appendRaw(b, m.name, m.raw)
	}
	return append(b, '}')
}

// isURI reports whether s is a URI, as the system of a coding or identifier
// must be.
func isURI(s string) bool { return strings.Contains(s, "://") || strings.HasPrefix(s, "urn:") }
