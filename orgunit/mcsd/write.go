package mcsd

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// Write writes the org units of md as a bundle in JSON, parents before children,
// an Organization and then a Location for each (RULES.md#writing). What the
// profile has no place for, such as names of levels, is reported to Warn.
func (f Format) Write(w io.Writer, md hmis.Metadata) error {
	s, err := f.newSplitter(&md)
	if err != nil {
		return err
	}
	typ := f.Bundle
	switch typ {
	case "":
		typ = "transaction"
	case "transaction", "searchset", "history", "collection":
	default:
		return fmt.Errorf("mcsd: bundle %q: want transaction, searchset, history or collection", clip(typ))
	}
	out := &bundleWriter{Writer: bufio.NewWriterSize(w, 64<<10), f: f, typ: typ}
	out.begin(s)
	written := make(map[string]bool, len(md.OrgUnits))
	for _, unit := range parentsFirst(s.parents) {
		l, o, err := s.pair(unit)
		if err != nil {
			return err
		}
		if o != nil && !written[o.id] {
			written[o.id] = true
			out.resource(o)
		}
		out.resource(l)
	}
	for _, a := range s.affiliations() {
		out.resource(a)
	}
	if out.n > 0 {
		out.WriteString("\n]")
	}
	out.WriteString("}\n")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("mcsd: %w", err)
	}
	if f.Warn != nil {
		for _, i := range s.uncarried() {
			f.Warn(*i)
		}
	}
	return nil
}

// A bundleWriter writes entries one by one.
type bundleWriter struct {
	*bufio.Writer
	f   Format
	typ string
	n   int
	buf []byte
}

func (w *bundleWriter) begin(s *splitter) {
	fmt.Fprintf(w, `{"resourceType":"Bundle","type":%s`, quoted(w.typ))
	if w.typ == "searchset" {
		orgs := map[string]bool{}
		for i := range s.ids {
			if s.property(i, "Location.managingOrganization") == "" {
				orgs[s.orgIDs[i]] = true
			}
		}
		fmt.Fprintf(w, `,"total":%d`, len(s.ids)+len(orgs)+len(s.affiliations()))
	}
}

// resource writes one entry. The Writer keeps an error until Flush.
func (w *bundleWriter) resource(r *resource) {
	b := w.buf[:0]
	if w.n == 0 { // FHIR has no empty arrays
		b = append(b, `,"entry":[`...)
	} else {
		b = append(b, ',')
	}
	w.n++
	b = append(b, "\n{"...)
	url := r.kind.String() + "/" + r.id
	if w.f.Base != "" {
		b = append(append(b, `"fullUrl":`...), quoted(strings.TrimSuffix(w.f.Base, "/")+"/"+url)...)
		b = append(b, ',')
	}
	b = appendResource(append(b, `"resource":`...), r)
	b = appendTransport(b, w.typ, url, r)
	w.buf = append(b, '}')
	w.Write(w.buf)
}

// appendTransport appends the members of an entry, beside the resource, that
// the type of bundle requires.
func appendTransport(b []byte, typ, url string, r *resource) []byte {
	switch typ {
	case "searchset":
		return append(b, `,"search":{"mode":"match"}`...)
	case "transaction", "history":
		b = append(append(append(b, `,"request":{"method":"PUT","url":"`...), url...), `"}`...)
	}
	if typ == "history" {
		b = append(b, `,"response":{"status":"200"`...)
		b = appendMember(b, "lastModified", r.updated)
		b = append(b, '}')
	}
	return b
}

// affiliations returns the affiliations stored in groups. Those of members that
// no longer exist are left out.
func (s *splitter) affiliations() []*resource {
	var out []*resource
	seen := map[string]bool{}
	for i := range s.md.Properties {
		p := &s.md.Properties[i]
		g, ok := s.at[p.Object.ID]
		if p.Object.Kind != hmis.KindOrgUnitGroup || !isAffiliation(p.Name) || !ok {
			continue
		}
		a := &resource{kind: affiliation}
		if err := parse([]byte(p.Value), func(d decoder) { d.affiliation(a) }); err != nil || seen[a.id] {
			continue
		}
		for _, member := range s.md.Groups[g].Members {
			if u, ok := s.index[member]; ok && s.orgIDs[u] == a.managedBy.id {
				seen[a.id] = true
				out = append(out, a)
				break
			}
		}
	}
	return out
}

func isAffiliation(property string) bool { return strings.HasPrefix(property, affiliationPrefix) }

// uncarried lists the data that the bundle cannot hold, by object and field.
func (s *splitter) uncarried() hmis.Issues {
	var out hmis.Issues
	lost := func(kind hmis.Kind, id hmis.UID, field, format string, args ...any) {
		out = append(out, &hmis.Issue{
			Code: "MCSD-W1", Severity: hmis.Info, Object: hmis.Ref{Kind: kind, ID: id}, Field: field, Offset: -1,
			Err: fmt.Errorf("not written: "+format, args...),
		})
	}
	for _, l := range s.md.OrgUnitLevels {
		lost(hmis.KindOrgUnitLevel, l.ID, "name", "%q of level %d", clip(l.Name), l.Level)
	}
	for i := range s.md.Groups {
		g := &s.md.Groups[i]
		ours := len(s.codes[i]) > 0 && s.codes[i][0].code == string(g.ID)
		switch {
		case g.Kind != hmis.KindOrgUnitGroup:
		case len(g.Members) == 0:
			lost(g.Kind, g.ID, "members", "a group without members")
		default:
			if ours && g.Code != "" {
				lost(g.Kind, g.ID, "code", "%q", clip(g.Code))
			}
			if g.ShortName != "" {
				lost(g.Kind, g.ID, "shortName", "%q", clip(g.ShortName))
			}
		}
	}
	for i := range s.md.GroupSets {
		set := &s.md.GroupSets[i]
		if set.Kind != hmis.KindOrgUnitGroupSet {
			continue
		}
		if !isURI(set.Code) {
			lost(set.Kind, set.ID, "name", "%q, and whether it is compulsory or a dimension", clip(set.Name))
		}
	}
	for _, a := range s.md.Attributes {
		if !a.Unique && slices.Contains(a.Kinds, hmis.KindOrgUnit) {
			lost(hmis.KindAttribute, a.ID, "value", "values of %q, which is not unique", clip(a.Name))
		}
	}
	others := map[string]int{}
	for i := range s.md.Properties {
		p := &s.md.Properties[i]
		if p.Object.Kind == hmis.KindOrgUnit && !known(p.Name) {
			others[p.Name]++
		}
	}
	for _, name := range sortedKeys(others) {
		lost(hmis.KindOrgUnit, "", name, "this property of %d units", others[name])
	}
	return out
}

// known reports whether Write writes a property of units with this name.
func known(name string) bool {
	switch name {
	case "phoneNumber", "email", "url", "address", "description":
		return true
	}
	return strings.HasPrefix(name, "Location.") || strings.HasPrefix(name, "Organization.")
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
