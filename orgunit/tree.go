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
// a unit is one span of positions and ancestry is two comparisons. An unknown
// unit is no error: its level is 0, no unit contains it, and there is nothing
// above or below it.
type Tree struct {
	units  []hmis.OrgUnit // the units by position
	index  map[hmis.UID]int32
	parent []int32 // the position of each unit's parent, -1 for a root
	end    []int32 // the position after everything below each unit
	level  []int32

	// missing has an entry for each unit whose parent is not in the tree. It
	// lists the ids on the unit's path that are missing, from the nearest up to
	// the first that the tree has.
	missing map[int32][]hmis.UID

	members map[hmis.UID][]int32 // the positions of each group's members, in order
	strays  []stray              // members of groups that are not in the tree
}

// A stray is a member of a group that is not in the tree.
type stray struct{ group, unit hmis.UID }

// NewTree builds the tree. There may be several roots. A unit whose parent is
// not in units is a root, but [Tree.Level], [Tree.Ancestors] and [Tree.Path]
// still follow its Path. So a part of a country keeps its levels
// (RULES.md#trees). If Path and Parent disagree, Parent counts. If Parent is
// empty, the parent is the last id in Path before the unit's own. If that one
// is missing, the unit is below the nearest one on the path that is in units.
//
// Groups are only needed to select, count and divide by them. Groups of any
// kind but [hmis.KindOrgUnitGroup] are skipped.
//
// The error is [hmis.Issues] and lists all that makes a tree impossible: ids
// that are empty or repeat, and cycles. For what is only doubtful see
// [Tree.Check]. NewTree copies units, so the caller may change them afterwards.
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
		index:   given, // positions are assigned below
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
			// The parent already has its position, since it comes first.
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

// number returns the index of each id in units.
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

// parentOf returns the index of the parent of u, or -1 for a root. gap has the
// ids on u's path that are missing in between, nearest first.
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

// pathAbove returns u's path without u, such as "/ImspTQPwCqd". ok is false if
// u has no path, or one that contradicts its id or parent.
func pathAbove(u *hmis.OrgUnit) (path string, ok bool) {
	rest, ok := strings.CutSuffix(u.Path, "/"+string(u.ID))
	if !ok || rest != "" && rest[0] != '/' || strings.Contains(rest, "//") || strings.HasSuffix(rest, "/") {
		return "", false
	}
	if last := rest[strings.LastIndexByte(rest, '/')+1:]; u.Parent != "" && string(u.Parent) != last {
		return "", false
	}
	return rest, true
}

// preorder numbers the nodes of a forest. above has the parent of each node, or
// -1. Siblings keep their order. The result order has the node at each
// position, and end the first position after everything below it. Nodes on or
// below a cycle are left out.
func preorder(above []int32) (order, end []int32) {
	n := len(above)
	first := slices.Repeat([]int32{-1}, n+1) // the first child of each node; the last entry is the first root
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
		for { // go up to the next node with a further sibling
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

// cycles returns an issue for each cycle among the units that are not in order.
func cycles(units []hmis.OrgUnit, above, order []int32) hmis.Issues {
	const fresh = -1
	seen := slices.Repeat([]int32{fresh}, len(units)) // the walk in which each unit was visited
	for _, i := range order {
		seen[i] = int32(len(units)) // the number of no walk
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
		// The walk has come back to a unit of its own. Its first unit may only
		// be below the cycle, so the issue starts at the unit where the cycle
		// closed.
		bad := critical("org_units_with_cyclic_references", units[i].ID, "parent", errors.New(cycleText(units, above, i)))
		for k := above[i]; k != i; k = above[k] {
			bad.Refs = append(bad.Refs, hmis.Ref{Kind: hmis.KindOrgUnit, ID: units[k].ID})
		}
		issues = append(issues, bad)
	}
	return issues
}

// cycleText returns a cycle as "a" → "b" → "a". A long one is shortened.
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

// join records the members of groups.
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

// critical returns an issue about a fault that makes a tree impossible.
func critical(code string, id hmis.UID, field string, err error) *hmis.Issue {
	return issue(code, hmis.Critical, id, field, err)
}

// issue returns an issue about an org unit.
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
