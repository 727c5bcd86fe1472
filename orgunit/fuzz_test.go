package orgunit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

// unitsOf makes org units from bytes. Each unit needs three: its id, its
// parent, and whether it has a Parent, a Path or both.
func unitsOf(data []byte) []hmis.OrgUnit {
	name := func(b byte) string {
		if b%32 == 0 {
			return ""
		}
		return string('a' + rune(b%32))
	}
	var units []hmis.OrgUnit
	for ; len(data) >= 3; data = data[3:] {
		u := hmis.OrgUnit{ID: hmis.UID(name(data[0]))}
		switch parent := name(data[1]); data[2] % 4 {
		case 0:
			u.Parent = hmis.UID(parent)
		case 1:
			u.Path = "/" + parent + "/" + string(u.ID)
		case 2:
			u.Path = "/" + name(data[2]) + "/" + parent + "/" + string(u.ID)
		case 3:
			u.Parent = hmis.UID(parent)
			u.Path = "/" + name(data[2]) + "/" + parent + "/" + string(u.ID)
		}
		units = append(units, u)
	}
	return units
}

// NewTree returns an error, or a tree whose methods agree with each other.
func FuzzNewTree(f *testing.F) {
	f.Add([]byte{1, 0, 0, 2, 1, 0, 3, 1, 0, 4, 2, 0})
	f.Add([]byte{1, 2, 0, 2, 1, 0})
	f.Add([]byte{1, 5, 2, 2, 1, 1, 3, 9, 3, 5, 0, 1})
	f.Add([]byte{4, 7, 2, 7, 4, 6, 4, 1, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		units := unitsOf(data)
		tree, err := orgunit.NewTree(units)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without text")
			}
			return
		}
		if tree.Len() != len(units) {
			t.Fatalf("%d of %d units", tree.Len(), len(units))
		}
		_ = tree.Check()
		below := 0
		for _, root := range tree.Roots() {
			below += len(slices.Collect(tree.Subtree(root)))
		}
		if below != len(units) {
			t.Errorf("%d units below the roots, want %d", below, len(units))
		}
		for id := range tree.All() {
			ids := strings.Split(tree.Path(id), "/")[1:]
			if len(ids) != tree.Level(id) || ids[len(ids)-1] != string(id) {
				t.Errorf("%s: path %s at level %d", id, tree.Path(id), tree.Level(id))
			}
			children := 1
			for _, child := range tree.Children(id) {
				if parent, _ := tree.Parent(child); parent != id {
					t.Errorf("the parent of %s is %s, want %s", child, parent, id)
				}
				children += len(slices.Collect(tree.Subtree(child)))
			}
			if n := len(slices.Collect(tree.Subtree(id))); n != children {
				t.Errorf("%d units below %s, want %d", n, id, children)
			}
			for other := range tree.All() {
				if within := slices.Contains(ids, string(other)); within != tree.Contains(other, id) {
					t.Errorf("Contains(%s, %s) = %v, but the path is %v", other, id, !within, ids)
				}
			}
		}
	})
}

// A selector is refused, or selects units of the tree, each once.
func FuzzParseSelector(f *testing.F) {
	f.Add("LEVEL-3;OU_GROUP-clinics;p")
	f.Add("USER_ORGUNIT;USER_ORGUNIT_CHILDREN;USER_ORGUNIT_GRANDCHILDREN;c")
	f.Add("LEVEL-3-O6uvpzGd5pu;;DS-a;PR-b")
	tree := country(f)
	f.Fuzz(func(t *testing.T, s string) {
		selector, err := tree.ParseSelector(s, nil, "p", "q", "x")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "orgunit: ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q", err)
			}
			return
		}
		seen := make(map[hmis.UID]bool)
		for _, id := range tree.Select(selector) {
			if _, known := tree.Unit(id); !known || seen[id] {
				t.Errorf("%q selects %s, known %v, before %v", s, id, known, seen[id])
			}
			seen[id] = true
		}
	})
}

// Any text as geometry must be handled without a panic.
func FuzzGeometry(f *testing.F) {
	f.Add(`{"type":"Point","coordinates":[-11.7,8.1]}`)
	f.Add(`{"type":"MultiPolygon","coordinates":[[[[0,5],[1,5],[1,6],[0,5]]]]}`)
	f.Add(`{"type":"Polygon","coordinates":[[[0,0],[1e308,-1e308],[null,1],[0,0]]]}`)
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := orgunit.NewTree([]hmis.OrgUnit{
			{ID: "a", Geometry: text},
			{ID: "b", Parent: "a", Geometry: `{"type":"Point","coordinates":[0.5,0.5]}`},
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(tree.Check()); text == "" && n == 0 {
			t.Error("a missing geometry is not listed")
		}
	})
}

// The result of an edit is a tree again. Paths that were right before are right
// after it.
func FuzzEdit(f *testing.F) {
	f.Add([]byte{1, 0, 1, 2, 1, 1, 3, 1, 1, 4, 2, 1}, byte(2), byte(3), byte(4))
	f.Add([]byte{1, 5, 2, 2, 1, 1, 3, 9, 3}, byte(1), byte(2), byte(3))
	f.Fuzz(func(t *testing.T, data []byte, a, b, c byte) {
		unit := func(x byte) hmis.UID { return hmis.UID('a' + rune(x%32)) }
		md := hmis.Metadata{OrgUnits: unitsOf(data)}
		old, err := orgunit.NewTree(md.OrgUnits)
		if err != nil {
			return
		}
		given := fmt.Sprint(md)
		for _, edit := range []struct {
			name string
			make func(hmis.Metadata) (hmis.Metadata, error)
		}{
			{"move", func(md hmis.Metadata) (hmis.Metadata, error) { return orgunit.Move(md, unit(a), unit(b)) }},
			{"split", orgunit.Split{Unit: unit(a), Targets: []hmis.UID{unit(b), unit(c)}}.Metadata},
			{"merge", orgunit.Merge{Units: []hmis.UID{unit(a), unit(b)}, Into: unit(c)}.Metadata},
			{"keep", orgunit.Merge{Units: []hmis.UID{unit(a)}, Into: unit(c), Keep: true}.Metadata},
		} {
			name := edit.name
			after, err := edit.make(md)
			if err != nil {
				continue
			}
			tree, err := orgunit.NewTree(after.OrgUnits)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if was, is := wrongPaths(old), wrongPaths(tree); is > was {
				t.Errorf("%s: %d wrong paths, before %d: %v", name, is, was, after.OrgUnits)
			}
			if fmt.Sprint(md) != given {
				t.Errorf("%s changes what it is given", name)
			}
		}
	})
}

func wrongPaths(tree *orgunit.Tree) int {
	n := 0
	for _, issue := range tree.Check() {
		if issue.Code == "orgunits_path_mismatch" {
			n++
		}
	}
	return n
}
