package orgunit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Tree is an index of org units by position. It does not change after NewTree
// and is safe for concurrent use.
//
// Units are numbered in preorder, parents before children, so everything below
// a unit is one span of positions and ancestry is two comparisons. A unit that
// the tree does not know is at level 0, is contained in nothing and has nothing
// above or below it; asking for it is not an error.
type Tree struct {
	units  []hmis.OrgUnit // by position
	index  map[hmis.UID]int32
	parent []int32 // position of the unit above, -1 for a root
	end    []int32 // first position after everything below
	level  []int32

	// missing holds, for a unit whose parent is not in the tree, the ids of its
	// path between it and the nearest unit above that is, nearest first.
	missing map[int32][]hmis.UID

	members map[hmis.UID][]int32 // of a group, positions in order
	strays  []stray              // members of groups that are not in the tree
}

// A stray is a member of a group that the tree does not have.
type stray struct{ group, unit hmis.UID }

// NewTree builds the tree. There may be several roots; a unit whose parent is
// not among units is one, and its Path still counts for [Tree.Level],
// [Tree.Ancestors] and [Tree.Path], so that a part of a country keeps its
// levels (RULES.md#trees). If Path and Parent disagree, Parent wins; if Parent
// is empty, the last id before the unit's own in Path is the parent. Where the
// path leads over missing units to one that is there, the unit is below that
// one.
//
// Groups are needed only to select, count and divide by them; those of other
// kinds than [hmis.KindOrgUnitGroup] are skipped.
//
// The error is [hmis.Issues] and lists all that makes a tree impossible: ids
// that are empty or repeat, and cycles. For what is only doubtful see
// [Tree.Check]. NewTree copies units; the caller may go on to change them.
func NewTree(units []hmis.OrgUnit, groups ...hmis.Group) (*Tree, error) {
	given, issues := number(units)
	if err := issues.Err(); err != nil {
		return nil, err
	}
	above := make([]int32, len(units))
	missing := make(map[int32][]hmis.UID)
	for i := range units {
		var gap []hmis.UID
		above[i], gap = parentOf(&units[i], given)
		if len(gap) > 0 {
			missing[int32(i)] = gap
		}
	}

	order, end := preorder(above)
	if len(order) < len(units) {
		return nil, cycles(units, above, order)
	}

	t := &Tree{
		units:   make([]hmis.OrgUnit, len(units)),
		index:   given, // renumbered below
		parent:  make([]int32, len(units)),
		end:     end,
		level:   make([]int32, len(units)),
		missing: make(map[int32][]hmis.UID, len(missing)),
	}
	for pos, i := range order {
		t.units[pos] = units[i]
		t.index[units[i].ID] = int32(pos)
		t.parent[pos] = -1
		if up := above[i]; up >= 0 {
			// The parent has been given its position, since it comes first.
			t.parent[pos] = t.index[units[up].ID]
			t.level[pos] = t.level[t.parent[pos]]
		}
		t.level[pos]++
		if gap := missing[i]; len(gap) > 0 {
			t.missing[int32(pos)] = gap
			t.level[pos] += int32(len(gap))
		}
	}
	t.join(groups)
	return t, nil
}

// number returns the place of each id in units.
func number(units []hmis.OrgUnit) (map[hmis.UID]int32, hmis.Issues) {
	given := make(map[hmis.UID]int32, len(units))
	var issues hmis.Issues
	for i := range units {
		id := units[i].ID
		if id == "" {
			issues = append(issues, critical("orgunits_without_id", id, "id",
				fmt.Errorf("unit %d, named %q, has no id", i, units[i].Name)))
			continue
		}
		if first, repeats := given[id]; repeats {
			issues = append(issues, critical("orgunits_same_id", id, "id",
				fmt.Errorf("the id of unit %d is also that of unit %d", i, first)))
			continue
		}
		given[id] = int32(i)
	}
	return given, issues
}

// parentOf returns the place of the parent of u, -1 for a root, and
// the ids on u's path that are missing in between, nearest first.
func parentOf(u *hmis.OrgUnit, given map[hmis.UID]int32) (above int32, gap []hmis.UID) {
	if u.Parent != "" {
		if i, ok := given[u.Parent]; ok {
			return i, nil
		}
	}
	rest, ok := pathAbove(u)
	if !ok {
		return -1, nil
	}
	for rest != "" {
		cut := strings.LastIndexByte(rest, '/')
		id := hmis.UID(rest[cut+1:])
		if i, ok := given[id]; ok {
			return i, gap
		}
		gap = append(gap, id)
		rest = rest[:max(cut, 0)]
	}
	return -1, gap
}

// pathAbove returns u's path without u, such as "/ImspTQPwCqd", or false if it
// has none that agrees with its id and parent.
func pathAbove(u *hmis.OrgUnit) (string, bool) {
	rest, ok := strings.CutSuffix(u.Path, "/"+string(u.ID))
	if !ok || rest != "" && rest[0] != '/' || strings.Contains(rest, "//") || strings.HasSuffix(rest, "/") {
		return "", false
	}
	if last := rest[strings.LastIndexByte(rest, '/')+1:]; u.Parent != "" && string(u.Parent) != last {
		return "", false
	}
	return rest, true
}

// preorder numbers the nodes of a forest, given for each node the one above it
// or -1. Siblings keep their order. Order lists nodes by position, and end
// holds for each position the first one after everything below. Nodes on a
// cycle and below it are left out.
func preorder(above []int32) (order, end []int32) {
	n := len(above)
	first := slices.Repeat([]int32{-1}, n+1) // of a node's children; that of the roots is last
	next := make([]int32, n)
	for i := n - 1; i >= 0; i-- {
		up := above[i]
		if up < 0 {
			up = int32(n)
		}
		next[i], first[up] = first[up], int32(i)
	}

	order = make([]int32, 0, n)
	end = make([]int32, n)
	pos := make([]int32, n)
	for node := first[n]; node >= 0; {
		pos[node] = int32(len(order))
		order = append(order, node)
		if first[node] >= 0 {
			node = first[node]
			continue
		}
		for { // up to the next node that has a sibling to come
			end[pos[node]] = int32(len(order))
			if next[node] >= 0 {
				node = next[node]
				break
			}
			if node = above[node]; node < 0 {
				break
			}
		}
	}
	return order, end
}

// cycles returns an issue for each cycle among the units that order leaves out.
func cycles(units []hmis.OrgUnit, above, order []int32) hmis.Issues {
	const fresh = -1
	seen := slices.Repeat([]int32{fresh}, len(units)) // the walk that visited a unit
	for _, i := range order {
		seen[i] = int32(len(units)) // no walk
	}
	var issues hmis.Issues
	for walk := range int32(len(units)) {
		i := walk
		for seen[i] == fresh {
			seen[i] = walk
			i = above[i]
		}
		if seen[i] != walk {
			continue
		}
		// The walk has come back to itself. Its first unit may only be below
		// the cycle, so the cycle is reported from where it closed.
		bad := critical("org_units_with_cyclic_references", units[i].ID, "parent", errors.New(cycleText(units, above, i)))
		for k := above[i]; k != i; k = above[k] {
			bad.Refs = append(bad.Refs, hmis.Ref{Kind: hmis.KindOrgUnit, ID: units[k].ID})
		}
		issues = append(issues, bad)
	}
	return issues
}

// cycleText writes a cycle as "a" → "b" → "a", or less of a long one.
func cycleText(units []hmis.OrgUnit, above []int32, start int32) string {
	const shown = 8
	var b strings.Builder
	fmt.Fprintf(&b, "a unit above itself: %q", units[start].ID)
	n := 1
	for i := above[start]; i != start; i = above[i] {
		if n < shown {
			fmt.Fprintf(&b, " → %q", units[i].ID)
		}
		n++
	}
	if n > shown {
		fmt.Fprintf(&b, " → %d more", n-shown)
	}
	fmt.Fprintf(&b, " → %q", units[start].ID)
	return b.String()
}

// join notes the members of groups.
func (t *Tree) join(groups []hmis.Group) {
	t.members = make(map[hmis.UID][]int32)
	for _, g := range groups {
		if g.Kind != hmis.KindOrgUnitGroup {
			continue
		}
		list := t.members[g.ID]
		for _, id := range g.Members {
			if pos, ok := t.index[id]; ok {
				list = append(list, pos)
			} else {
				t.strays = append(t.strays, stray{g.ID, id})
			}
		}
		slices.Sort(list)
		t.members[g.ID] = slices.Compact(list)
	}
}

// critical returns an issue of an org unit that forbids a tree.
func critical(code string, id hmis.UID, field string, err error) *hmis.Issue {
	return issue(code, hmis.Critical, id, field, err)
}

// issue returns an issue of an org unit.
func issue(code string, s hmis.Severity, id hmis.UID, field string, err error) *hmis.Issue {
	return &hmis.Issue{
		Code:     code,
		Severity: s,
		Object:   hmis.Ref{Kind: hmis.KindOrgUnit, ID: id},
		Field:    field,
		Offset:   -1,
		Err:      err,
	}
}
