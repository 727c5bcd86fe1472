package mcsd

import (
	"strings"

	"github.com/ohie-hmis/hmis-go/orgunit/mcsd/internal/cursor"
)

// readEntry reads an entry of a bundle. other is the resource type if this
// package does not support it.
func readEntry(c *cursor.Cursor, e *entry, intern func([]byte) string) (other string) {
	d := decoder{c, intern}
	var fullURL, method, url string
	given := false
	d.members(func(name string) {
		switch name {
		case "fullUrl":
			fullURL = d.Text()
		case "resource":
			given = true
			other = d.resource(&e.resource)
		case "request":
			method, url = d.request()
		case "response":
			e.at = d.lastModified()
		default:
			d.Skip()
		}
	})
	switch {
	case d.Err() != nil || other != "":
		return other
	case !given && method == "DELETE":
		e.deleted = true
		return d.deletion(e, url)
	case !given:
		d.Failf(d.Pos(), "an entry without a resource: want one, or a request with the method DELETE")
		return ""
	}
	e.deleted = method == "DELETE"
	if e.id == "" { // in a transaction the server may assign the ids
		e.id, _ = strings.CutPrefix(fullURL, "urn:uuid:")
	}
	if !validID(e.id) {
		d.Failf(d.Pos(), "id %q: want 1 to 64 letters, digits, dashes and dots", clip(e.id))
	}
	if e.at == "" {
		e.at = e.updated
	}
	return ""
}

// deletion reads which resource is deleted.
func (d decoder) deletion(e *entry, url string) (other string) {
	typ, id := splitReference(url)
	switch {
	case typ == "Location":
		e.kind = location
	case typ == "Organization":
		e.kind = organization
	case typ == "OrganizationAffiliation":
		e.kind = affiliation
	case typ != "":
		return d.intern([]byte(typ))
	}
	if e.id = id; typ == "" || !validID(id) {
		d.Failf(d.Pos(), "request %q: want what is deleted, such as Location/1", clip(url))
	}
	return ""
}

func (d decoder) request() (method, url string) {
	d.members(func(name string) {
		switch name {
		case "method":
			method = d.intern(d.String())
		case "url":
			url = d.Text()
		default:
			d.Skip()
		}
	})
	return method, url
}

func (d decoder) lastModified() (at string) {
	d.members(func(name string) {
		if name == "lastModified" {
			at = d.Text()
		} else {
			d.Skip()
		}
	})
	return at
}

// validID reports whether id is a valid FHIR id.
func validID(id string) bool {
	if len(id) == 0 || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c|0x20-'a' > 25 && c-'0' > 9 && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// clip shortens a text for use in an error.
func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 100)], "") }

// splitReference returns the type and id of a reference. It accepts
// "Location/1", "Location/1/_history/2", and either after the URL of a server.
// For a urn:uuid: the type is "".
func splitReference(ref string) (typ, id string) {
	if uuid, ok := strings.CutPrefix(ref, "urn:uuid:"); ok {
		return "", uuid
	}
	ref, _, _ = strings.Cut(ref, "?")
	if i := strings.Index(ref, "/_history"); i >= 0 {
		ref = ref[:i]
	}
	i := strings.LastIndexByte(ref, '/')
	if i < 0 {
		return "", ""
	}
	return ref[strings.LastIndexByte(ref[:i], '/')+1 : i], ref[i+1:]
}
