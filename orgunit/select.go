package orgunit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Selector describes a set of org units. Without Levels and Groups these are
// Units. With them they are all units at one of the levels or in one of the
// groups; if Units is not empty, only those within Units (RULES.md#selectors).
type Selector struct {
	Units  []hmis.UID
	Levels []int
	Groups []hmis.UID
}

// Select returns the units that s describes, each once. Units keep their order.
// Units of levels are in preorder, followed by those of groups in preorder.
// Unknown ids select nothing.
func (t *Tree) Select(s Selector) []hmis.UID {
	if len(s.Levels) == 0 && len(s.Groups) == 0 {
		return t.known(s.Units)
	}
	within := t.spans(s.Units)
	var ids []hmis.UID
	chosen := make([]bool, len(t.units))
	choose := func(pos int32) {
		if !chosen[pos] {
			chosen[pos] = true
			ids = append(ids, t.units[pos].ID)
		}
	}
	if levels := slices.Sorted(slices.Values(s.Levels)); len(levels) > 0 {
		for _, w := range within {
			for pos := w.first; pos < w.end; pos++ {
				if _, ok := slices.BinarySearch(levels, int(t.level[pos])); ok {
					choose(pos)
				}
			}
		}
	}
	var members []int32
	for _, group := range s.Groups {
		list := t.members[group]
		for _, w := range within {
			from, _ := slices.BinarySearch(list, w.first)
			to, _ := slices.BinarySearch(list, w.end)
			members = append(members, list[from:to]...)
		}
	}
	slices.Sort(members)
	for _, pos := range members {
		choose(pos)
	}
	return ids
}

// known returns the ids that are in the tree, each once.
func (t *Tree) known(ids []hmis.UID) []hmis.UID {
	var kept []hmis.UID
	seen := make(map[hmis.UID]bool, len(ids))
	for _, id := range ids {
		if _, ok := t.index[id]; ok && !seen[id] {
			seen[id] = true
			kept = append(kept, id)
		}
	}
	return kept
}

// A span is a range of positions, from first to before end.
type span struct{ first, end int32 }

// spans returns the ranges of positions that units and everything below them
// cover, in order and without overlap. Without units it is the whole tree.
func (t *Tree) spans(units []hmis.UID) []span {
	if len(units) == 0 {
		return []span{{0, int32(len(t.units))}}
	}
	var all []span
	for _, id := range units {
		if first, end, ok := t.Span(id); ok {
			all = append(all, span{int32(first), int32(end)})
		}
	}
	slices.SortFunc(all, func(a, b span) int { return int(a.first - b.first) })
	// Two subtrees are disjoint, or one contains the other. The outer one comes
	// first.
	kept := all[:0]
	for _, s := range all {
		if n := len(kept); n == 0 || s.first >= kept[n-1].end {
			kept = append(kept, s)
		}
	}
	return kept
}

// ParseSelector reads the DHIS2 form, such as
// "LEVEL-3;OU_GROUP-oDkJh5Ddh7d;O6uvpzGd5pu": org units, levels by number or by
// the id of the level, groups, USER_ORGUNIT, USER_ORGUNIT_CHILDREN,
// USER_ORGUNIT_GRANDCHILDREN, and DS- with the id of a data set for the units
// that report it (RULES.md#selectors).
//
// user is the value of USER_ORGUNIT. c, which may be nil, has the levels and
// data sets. Unknown names are left out, as in DHIS2, and so are all programs
// (PR-), which this library does not have. A level that is not a number from 1
// is an error. "LEVEL-3-O6uvpzGd5pu" is an error too: its documentation
// promises the level within that unit, but servers read LEVEL-3.
func (t *Tree) ParseSelector(s string, c *hmis.Catalog, user ...hmis.UID) (Selector, error) {
	p := selectorParser{tree: t, catalog: c, user: user}
	seen := make(map[string]bool)
	for item := range strings.SplitSeq(s, ";") {
		item = strings.TrimSpace(item)
		if seen[item] {
			continue // an item that repeats is parsed once
		}
		seen[item] = true
		if err := p.read(item); err != nil {
			return Selector{}, err
		}
	}
	p.out.Units = t.known(p.out.Units)
	return p.out, nil
}

// A selectorParser collects what the items of a selector describe.
type selectorParser struct {
	tree    *Tree
	catalog *hmis.Catalog
	user    []hmis.UID
	out     Selector
}

// read parses one item and adds what it describes.
func (p *selectorParser) read(item string) error {
	switch item {
	case "USER_ORGUNIT":
		p.out.Units = append(p.out.Units, p.user...)
		return nil
	case "USER_ORGUNIT_CHILDREN":
		for _, id := range p.user {
			p.out.Units = append(p.out.Units, p.tree.Children(id)...)
		}
		return nil
	case "USER_ORGUNIT_GRANDCHILDREN":
		for _, id := range p.user {
			for _, child := range p.tree.Children(id) {
				p.out.Units = append(p.out.Units, p.tree.Children(child)...)
			}
		}
		return nil
	}
	if level, ok := strings.CutPrefix(item, "LEVEL-"); ok {
		return p.level(item, level)
	}
	if group, ok := strings.CutPrefix(item, "OU_GROUP-"); ok {
		if _, known := p.tree.members[hmis.UID(group)]; known {
			p.out.Groups = append(p.out.Groups, hmis.UID(group))
		}
		return nil
	}
	if set, ok := strings.CutPrefix(item, "DS-"); ok {
		if p.catalog != nil {
			set, _ := hmis.Find[hmis.DataSet](p.catalog, hmis.UID(set))
			p.out.Units = append(p.out.Units, set.OrgUnits...)
		}
		return nil
	}
	p.out.Units = append(p.out.Units, hmis.UID(item))
	return nil
}

// level adds a level, given by its number or id.
func (p *selectorParser) level(item, text string) error {
	if n, err := strconv.ParseUint(text, 10, 31); err == nil && n > 0 {
		p.out.Levels = append(p.out.Levels, int(n))
		return nil
	}
	if _, err := hmis.ParseUID(text); err != nil {
		return fmt.Errorf("orgunit: %q: want LEVEL- and a number from 1 or the id of a level", item)
	}
	if p.catalog != nil {
		if l, ok := hmis.Find[hmis.OrgUnitLevel](p.catalog, hmis.UID(text)); ok {
			p.out.Levels = append(p.out.Levels, l.Level)
		}
	}
	return nil
}
