package mcsd

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/fold"
)

// A Directory answers the questions that a care services directory is asked over
// HTTP: searches (ITI-90) and updates since a time (ITI-91). It is an
// [net/http.Handler], does not change, and is safe for concurrent use.
//
//	directory, err := mcsd.Format{Base: "https://hmis.example.org/fhir"}.Directory(md, time.Now())
//	...
//	http.Handle("/fhir/", http.StripPrefix("/fhir", directory))
//
// Everyone who can call it sees all of it. For a user who may see less, make a
// Directory of the units that this user may see.
type Directory struct {
	f       Format // Base has no slash at its end
	at      time.Time
	items   [3][]*item // by kind, in order of their ids; without deleted ones
	index   [3]map[string]*item
	changes []*item // newest first
	back    map[refParam]map[string][]*item
}

// An item is a resource of a Directory in its newest version.
type item struct {
	*resource
	version int
	at      time.Time
	gone    bool
	names   []string // the name and aliases, as fold returns them
}

// Directory returns a Directory of the units of md. Each resource has its first
// version, of the time at. Base must be the URL of the Directory itself.
func (f Format) Directory(md hmis.Metadata, at time.Time) (*Directory, error) {
	f.Base = strings.TrimSuffix(f.Base, "/")
	if !isURI(f.Base) {
		return nil, fmt.Errorf("mcsd: Base %q: want the URL of the directory, such as https://hmis.example.org/fhir", clip(f.Base))
	}
	return (&Directory{f: f}).With(md, at)
}

// With returns a Directory of the units of md, in which the resources that
// differ from those of d have a new version, of the time at. Those that are no
// longer there are deleted: clients of ITI-91 learn of it. d stays as it is, and
// answers the requests that it has. To serve the newest of several, keep it in
// a [sync/atomic.Pointer].
func (d *Directory) With(md hmis.Metadata, at time.Time) (*Directory, error) {
	at = at.UTC().Truncate(time.Millisecond) // as FHIR writes it
	if !at.After(d.at) {
		return nil, fmt.Errorf("mcsd: %s: want a time after that of the last change, %s", instant(at), instant(d.at))
	}
	s, err := d.f.newSplitter(&md)
	if err != nil {
		return nil, err
	}
	next := &Directory{f: d.f, at: at}
	for k := range next.index {
		next.index[k] = make(map[string]*item, len(d.index[k]))
	}
	for _, unit := range parentsFirst(s.parents) {
		l, o, err := s.pair(unit)
		if err != nil {
			return nil, err
		}
		if o != nil && next.index[organization][o.id] == nil {
			next.put(d, o)
		}
		next.put(d, l)
	}
	for _, a := range s.affiliations() {
		if err := openAffiliation(a); err != nil {
			return nil, err
		}
		next.put(d, a)
	}
	next.finish(d)
	if d.f.Warn != nil {
		for _, i := range s.uncarried() {
			d.f.Warn(*i)
		}
	}
	return next, nil
}

// put adds a resource, in a new version if it differs from that in old.
func (d *Directory) put(old *Directory, r *resource) {
	i := &item{resource: r, version: 1, at: d.at}
	if before := old.index[r.kind][r.id]; before != nil {
		if i.version, i.at = before.version, before.at; before.gone || !bytes.Equal(content(r), content(before.resource)) {
			i.version, i.at = before.version+1, d.at
		}
	}
	r.updated, r.version = instant(i.at), strconv.Itoa(i.version)
	for _, name := range append([]string{r.name}, r.aliases...) {
		i.names = append(i.names, fold.Text(name))
	}
	d.index[r.kind][r.id] = i
}

// content returns the JSON of a resource without its version.
func content(r *resource) []byte {
	c := *r
	c.updated, c.version = "", ""
	return appendResource(nil, &c)
}

// finish adds deletions, and sorts the items and changes.
func (d *Directory) finish(old *Directory) {
	for k := range old.index {
		for id, before := range old.index[k] {
			if d.index[k][id] != nil {
				continue
			}
			i := *before
			if !i.gone {
				i.gone, i.at = true, d.at
				i.version++
			}
			d.index[k][id] = &i
		}
	}
	for k := range d.index {
		for _, i := range d.index[k] {
			d.changes = append(d.changes, i)
			if !i.gone {
				d.items[k] = append(d.items[k], i)
			}
		}
		slices.SortFunc(d.items[k], func(a, b *item) int { return strings.Compare(a.id, b.id) })
	}
	slices.SortFunc(d.changes, newerFirst)
	d.back = map[refParam]map[string][]*item{}
	for _, p := range refParams {
		ids := map[string][]*item{}
		for _, i := range d.items[p.of] {
			if id := p.get(i.resource); id != "" {
				ids[id] = append(ids[id], i)
			}
		}
		d.back[refParam{p.of, p.name}] = ids
	}
}

// newerFirst compares items for a history: the newest comes first.
func newerFirst(a, b *item) int {
	return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.kind, b.kind), strings.Compare(a.id, b.id))
}

// instant formats a time as a FHIR instant.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// openAffiliation splits an affiliation into its members, so that it can get
// its own version.
func openAffiliation(a *resource) error {
	var list []member
	err := parse([]byte(a.rest[0].raw), func(d decoder) {
		d.members(func(name string) {
			switch name {
			case "resourceType", "id":
				d.Skip()
			case "meta":
				d.meta(a)
			default:
				list = append(list, member{name, d.raw()})
			}
		})
	})
	if err != nil {
		return fmt.Errorf("mcsd: OrganizationAffiliation/%s: %w", clip(a.id), err)
	}
	if len(list) == 0 {
		return errors.New("mcsd: an OrganizationAffiliation without members")
	}
	a.rest = list
	return nil
}

// A refParam names a search parameter, of a resource type, whose value is a
// reference.
type refParam struct {
	of   kind
	name string
}

// A refParamOf is a search parameter whose value is a reference from one
// resource type to another.
type refParamOf struct {
	of   kind
	name string
	to   kind
	get  func(*resource) string
}

// refParams are the references that can be searched, included, and followed
// back.
var refParams = [...]refParamOf{
	{location, "organization", organization, func(r *resource) string { return r.managedBy.id }},
	{location, "partof", location, func(r *resource) string { return r.partOf.id }},
	{organization, "partof", organization, func(r *resource) string { return r.partOf.id }},
	{affiliation, "primary-organization", organization, func(r *resource) string { return r.partOf.id }},
	{affiliation, "participating-organization", organization, func(r *resource) string { return r.managedBy.id }},
}

// kindNamed returns the kind for the name of a resource type.
func kindNamed(typ string) (kind, bool) {
	for k := range affiliation + 1 {
		if k.String() == typ {
			return k, true
		}
	}
	return 0, false
}
