package crosswalk

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Difference is one difference between two maps. If only one map has the
// entry or org unit, Field is "" and either Before or After is "".
type Difference struct {
	Object        hmis.Ref // an entry, an org unit of the source, or the map
	Field         string
	Before, After string
}

// String returns the difference on one line, such as "entry M1: relation:
// equivalent → related-to".
func (d Difference) String() string {
	text := d.Object.String() + ": "
	if d.Field != "" {
		text += d.Field + ": "
	}
	switch {
	case d.Before == "":
		return text + "+ " + d.After
	case d.After == "":
		return text + "- " + d.Before
	}
	return text + d.Before + " → " + d.After
}

// Diff lists the changes from m to next: first the fields of the map itself,
// then entries by id, then org units by id. It ignores the order of entries and
// sources, comments, and fields that only FHIR has.
func (m Map) Diff(next Map) []Difference {
	var list []Difference
	compare := func(at hmis.Ref, field, before, after string) {
		if before != after {
			list = append(list, Difference{at, field, before, after})
		}
	}
	at := hmis.Ref{Kind: "crosswalk", ID: hmis.UID(m.ID)}
	before, after := m.words(), next.words()
	for i := range before {
		compare(at, before[i][0], before[i][1], after[i][1])
	}
	old, now := entriesByID(m.Entries), entriesByID(next.Entries)
	for _, id := range sortedKeys(old, now) {
		a, b := old[id], now[id]
		if len(a) != 1 || len(b) != 1 { // new, removed, or with an id that is not unique
			compare(refToEntry(id), "", describeAll(a), describeAll(b))
			continue
		}
		before, after := a[0].words(), b[0].words()
		for i := range before {
			compare(refToEntry(id), before[i][0], before[i][1], after[i][1])
		}
	}
	oldUnits, nowUnits := targetsOf(m.OrgUnits), targetsOf(next.OrgUnits)
	for _, id := range sortedKeys(oldUnits, nowUnits) {
		compare(refToUnit(id), "", oldUnits[id], nowUnits[id])
	}
	return list
}

func sortedKeys[K cmp.Ordered, V any](a, b map[K]V) []K {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// words returns the fields of the map itself as text, with their names.
func (m Map) words() [][2]string {
	days := func(first, last fmt.Stringer, set bool) string {
		if !set {
			return "always"
		}
		return first.String() + " to " + last.String()
	}
	return [][2]string{
		{"version", m.Version}, {"source", m.Source}, {"target", m.Target}, {"from", m.From.String()}, {"to", m.To.String()},
		{"valid", days(m.First, m.Last, m.First != 0 || m.Last != 0)}, {"requireAll", fmt.Sprint(m.RequireAll)},
		{"sameOrgUnits", fmt.Sprint(m.SameOrgUnits)}, {"defaultCombo", string(m.DefaultCombo)},
	}
}

// words returns the fields of the entry as text, with their names.
func (e *Entry) words() [][2]string {
	relation, ok := e.Relation.R5()
	if !ok {
		relation = e.Relation
	}
	var sources []string
	for _, s := range e.From {
		text := string(refTo(s.Operand, anyCombo).ID)
		if s.Weight != nil {
			text += " × " + s.Weight.String()
		}
		sources = append(sources, text)
	}
	slices.Sort(sources)
	target := ""
	if e.To.DataElement != "" {
		target = string(refTo(e.To, defaultCombo).ID)
	}
	return [][2]string{
		{"relation", string(relation)}, {"sources", strings.Join(sources, " + ")}, {"target", target}, {"over", string(cmp.Or(e.Over, hmis.Sum))},
		{"integer", fmt.Sprint(e.Integer)}, {"whole", fmt.Sprint(e.Whole)},
	}
}

func entriesByID(list []Entry) map[string][]*Entry {
	byID := map[string][]*Entry{}
	for i := range list {
		byID[list[i].ID] = append(byID[list[i].ID], &list[i])
	}
	return byID
}

// describeAll writes entries as "A.* + B.* = X.default (equivalent, SUM)".
func describeAll(list []*Entry) string {
	var texts []string
	for _, e := range list {
		w := e.words()
		text := fmt.Sprintf("%s = %s (%s, %s", w[1][1], w[2][1], w[0][1], w[3][1])
		if e.Integer {
			text += ", integer"
		}
		if e.Whole {
			text += ", whole"
		}
		texts = append(texts, text+")")
	}
	slices.Sort(texts)
	return strings.Join(texts, "; ")
}

// targetsOf returns the targets of each source org unit as text.
func targetsOf(pairs []Pair) map[hmis.UID]string {
	lists := map[hmis.UID][]string{}
	for _, p := range pairs {
		if !slices.Contains(lists[p.Source], string(p.Target)) {
			lists[p.Source] = append(lists[p.Source], string(p.Target))
		}
	}
	texts := map[hmis.UID]string{}
	for id, list := range lists {
		slices.Sort(list)
		texts[id] = strings.Join(list, ", ")
	}
	return texts
}

// A Change is a value that differs from what was last sent.
type Change struct {
	Key           hmis.Key
	Before, After string // "" if there is no value
}

// Changes lists the differences between the values that were sent and those of
// now. New and changed values come first, in the order of now. Values that are
// gone follow, in order of their keys. Numbers that differ only in spelling are
// equal. The sent values are held in memory. A value marked deleted counts as
// no value.
func Changes(sent, now iter.Seq2[hmis.DataValue, error]) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		before := map[hmis.Key]string{}
		for v, err := range sent {
			if err != nil {
				yield(Change{}, err)
				return
			}
			if v.Deleted {
				delete(before, v.Key)
			} else {
				before[v.Key] = v.Value
			}
		}
		for v, err := range now {
			if err != nil {
				yield(Change{}, err)
				return
			}
			old, met := before[v.Key]
			if v.Deleted {
				continue
			}
			delete(before, v.Key)
			if (!met || !same(old, v.Value)) && !yield(Change{v.Key, old, v.Value}, nil) {
				return
			}
		}
		gone := slices.SortedFunc(maps.Keys(before), compareKeys)
		for _, key := range gone {
			if !yield(Change{Key: key, Before: before[key]}, nil) {
				return
			}
		}
	}
}

// same reports whether two texts are equal as strings or as numbers.
func same(a, b string) bool {
	if a == b {
		return true
	}
	x, okX := read(a)
	y, okY := read(b)
	return okX && okY && x.decimal().Equal(y.decimal())
}

func compareKeys(a, b hmis.Key) int {
	return cmp.Or(
		cmp.Compare(a.DataElement, b.DataElement), cmp.Compare(a.OptionCombo, b.OptionCombo), cmp.Compare(a.AttributeCombo, b.AttributeCombo),
		cmp.Compare(a.OrgUnit, b.OrgUnit), a.Period.Compare(b.Period),
	)
}
