package mcsd

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A store holds the newest version of each resource of some bundles.
type store struct {
	f       Format
	of      [3][]*record // by kind, in order of arrival
	index   [3]map[string]*record
	uids    map[hmis.UID]*record // records by unit: Locations, or Organizations without one
	skipped map[string]int
	issues  hmis.Issues
	today   period.Date
	ctx     context.Context
	err     error // error of the context
}

// A record is a resource with facts found outside of it.
type record struct {
	*resource
	gone    bool
	goneAt  string // time of the deletion, or of the bundle if that is unknown
	stamp   string // time of the bundle
	changed bool   // one of the bundles changed it
	seq     int    // position of its first version in the bundles
	uid     hmis.UID
	pair    *record   // the Organization of a Location, and the reverse
	before  *resource // resource before an update; nil if it is new
}

func (r *record) ref() hmis.Ref {
	return hmis.Ref{Kind: hmis.Kind(r.kind.String()), ID: hmis.UID(r.id)}
}

func (f Format) newStore(ctx context.Context) *store {
	s := &store{f: f, ctx: ctx, uids: map[hmis.UID]*record{}, skipped: map[string]int{}, today: f.today()}
	for k := range s.index {
		s.index[k] = map[string]*record{}
	}
	return s
}

// stop reports whether the context has ended. To save time it checks only for
// some values of i, a loop counter.
func (s *store) stop(i int) bool {
	if i&0xff == 0 && s.err == nil {
		s.err = s.ctx.Err()
	}
	return s.err != nil
}

// add adds the resources of bundles to the store. Those of a history are added
// oldest first, others in their order (RULES.md#updates).
func (s *store) add(bundles []*Bundle) error {
	type update struct {
		*entry
		bundle *Bundle
		at     time.Time
		seq    int
	}
	var list []update
	history := false
	for _, b := range bundles {
		for i := range b.entries {
			list = append(list, update{b.entries[i], b, time.Time{}, len(list)})
		}
		for typ, n := range b.skipped {
			s.skipped[typ] += n
		}
		history = history || b.Type == "history"
	}
	if history {
		slices.Reverse(list) // a history lists the newest version first
		for i := range list {
			list[i].at, _ = time.Parse(time.RFC3339Nano, list[i].entry.at)
		}
		slices.SortStableFunc(list, func(a, b update) int { return a.at.Compare(b.at) })
	}
	var have [3]int
	for k := range s.of {
		have[k] = len(s.of[k])
	}
	for i, u := range list {
		if s.stop(i) {
			return s.err
		}
		if u.deleted {
			s.remove(u.entry, u.bundle)
			continue
		}
		if err := s.put(u.entry, u.bundle, u.seq, history); err != nil {
			return err
		}
	}
	for k := range s.of { // a history is applied from its oldest version on, so put its new records back in the order of the bundles
		slices.SortStableFunc(s.of[k][have[k]:], func(a, b *record) int { return cmp.Compare(a.seq, b.seq) })
	}
	return nil
}

// put adds a resource, or replaces an older version of it.
func (s *store) put(e *entry, b *Bundle, seq int, history bool) error {
	old := s.index[e.kind][e.id]
	if old == nil {
		r := &record{resource: &e.resource, stamp: b.Timestamp, changed: true, seq: seq, uid: UIDOf(e.id)}
		s.index[e.kind][e.id] = r
		s.of[e.kind] = append(s.of[e.kind], r)
		return nil
	}
	if old.before != nil && compareTimes(e.updated, old.before.updated) < 0 {
		return nil // md has a newer version
	}
	if old.changed && !history {
		switch newer := compareTimes(e.updated, old.updated); {
		case newer < 0 || same(&e.resource, old.resource):
			return nil
		case newer == 0 || old.updated == "":
			return s.reject(e.kind, e.id, e.offset, "MCSD-D1", "id", "the id is there twice, with different content and no telling which is newer")
		}
	}
	old.resource, old.stamp, old.changed, old.gone = &e.resource, b.Timestamp, true, false
	old.seq = min(old.seq, seq)
	return nil
}

// compareTimes compares two times as written. If one cannot be parsed, they are
// compared as strings. A missing time equals any other.
func compareTimes(a, b string) int {
	if a == "" || b == "" {
		return 0
	}
	x, errA := time.Parse(time.RFC3339Nano, a)
	y, errB := time.Parse(time.RFC3339Nano, b)
	if errA != nil || errB != nil {
		return cmp.Compare(a, b)
	}
	return x.Compare(y)
}

// same reports whether two versions are equal apart from their place in the
// input.
func same(a, b *resource) bool {
	c := *a
	c.offset = b.offset
	return reflect.DeepEqual(&c, b)
}

// remove records that a resource was deleted. It reports a deletion of an
// unknown resource.
func (s *store) remove(e *entry, b *Bundle) {
	r := s.index[e.kind][e.id]
	if r == nil {
		s.find("MCSD-D2", hmis.Info, &record{resource: &e.resource}, "id", "deleted, but not known here")
		return
	}
	if r.before != nil && compareTimes(e.at, r.before.updated) < 0 {
		return
	}
	r.gone, r.changed = true, true
	r.goneAt = cmp.Or(e.at, b.Timestamp)
}

// reject reports a resource that is not used.
func (s *store) reject(k kind, id string, offset int64, code, field, format string, args ...any) error {
	ref := hmis.Ref{Kind: hmis.Kind(k.String()), ID: hmis.UID(id)}
	err := &hmis.Issue{Code: code, Severity: hmis.Severe, Object: ref, Field: field, Offset: offset, Err: fmt.Errorf(format, args...)}
	if s.f.Reject == nil {
		return err
	}
	s.f.Reject(ref, err)
	return nil
}

// find records a finding.
func (s *store) find(code string, severity hmis.Severity, r *record, field, format string, args ...any) *hmis.Issue {
	i := &hmis.Issue{Code: code, Severity: severity, Object: r.ref(), Field: field, Offset: r.offset, Err: fmt.Errorf(format, args...)}
	s.issues = append(s.issues, i)
	return i
}

// link assigns an id to each unit and pairs Locations with Organizations.
func (s *store) link() error {
	for _, l := range s.of[location] {
		l.pair = nil
	}
	for _, o := range s.of[organization] {
		o.pair = nil
	}
	kept := s.of[location][:0]
	for i, l := range s.of[location] {
		if s.stop(i) {
			return s.err
		}
		if other := s.uids[l.uid]; other != nil {
			err := s.reject(location, l.id, l.offset, "MCSD-U1", "id", "%s is also the id made for Location %s", l.uid, other.id)
			if err != nil {
				return err
			}
			delete(s.index[location], l.id)
			continue
		}
		s.uids[l.uid] = l
		kept = append(kept, l)
	}
	clear(s.of[location][len(kept):])
	s.of[location] = kept
	for _, l := range kept {
		if o := s.index[organization][l.managedBy.id]; o != nil && l.managedBy.id != "" {
			l.pair = o
			if o.pair == nil {
				o.pair = l
			}
		}
	}
	return nil
}

// parentOf returns the Location above l in the tree that decides, and the id of
// the parent that is named. up is nil if there is no parent or it is unknown.
func (s *store) parentOf(l *record) (up *record, id string) {
	if s.f.OrganizationsLead && l.pair != nil && l.pair.pair == l {
		o := s.index[organization][l.pair.partOf.id]
		switch {
		case l.pair.partOf.id == "":
			return nil, ""
		case o != nil && o.pair != nil:
			return o.pair, o.pair.id
		}
	}
	if l.partOf.id == "" {
		return nil, ""
	}
	return s.index[location][l.partOf.id], l.partOf.id
}

// order returns the Locations with parents before children, otherwise in their
// original order.
func (s *store) order() []*record {
	at := make(map[*record]int, len(s.of[location]))
	for i, l := range s.of[location] {
		at[l] = i
	}
	above := make([]int, len(s.of[location]))
	for i, l := range s.of[location] {
		above[i] = -1
		if up, _ := s.parentOf(l); up != nil {
			above[i] = at[up]
		}
	}
	out := make([]*record, len(above))
	for i, l := range parentsFirst(above) {
		out[i] = s.of[location][l]
	}
	return out
}

// parentsFirst returns the order of the nodes of a forest with parents before
// children. above has the index of each node's parent, or -1. Nodes otherwise
// keep their order, and a cycle begins with its first node.
func parentsFirst(above []int) []int {
	out := make([]int, 0, len(above))
	seen := make([]bool, len(above))
	var path []int
	for i := range above {
		path = path[:0]
		up := i
		for ; up >= 0 && !seen[up]; up = above[up] {
			seen[up] = true
			path = append(path, up)
		}
		if closes := slices.Index(path, up); closes >= 0 {
			out = append(out, path[closes:]...)
			path = path[:closes]
		}
		for _, node := range slices.Backward(path) {
			out = append(out, node)
		}
	}
	return out
}

// finish passes the findings to Warn, or returns them as an error.
func (s *store) finish(use func(*hmis.Issue) bool) error {
	if s.err != nil {
		return s.err
	}
	for _, typ := range sortedKeys(s.skipped) {
		s.issues = append(s.issues, &hmis.Issue{
			Code: "MCSD-S1", Severity: hmis.Info, Object: hmis.Ref{Kind: hmis.Kind(typ)}, Offset: -1,
			Err: fmt.Errorf("skipped resources of this type: %d", s.skipped[typ]),
		})
	}
	severe := false
	var kept hmis.Issues
	for _, i := range s.issues {
		if use(i) {
			kept = append(kept, i)
			severe = severe || i.Severity >= hmis.Severe
		}
	}
	if s.f.Warn != nil {
		for _, i := range kept {
			s.f.Warn(*i)
		}
		return nil
	}
	if severe {
		return kept
	}
	return nil
}
