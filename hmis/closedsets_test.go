package hmis_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/stretchr/testify/require"
)

// constants returns the texts of all constants of one type in a file, sorted.
func constants(t *testing.T, file, typ string) []string {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	var texts []string
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); ok && id.Name == typ {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			texts = append(texts, text)
		}
		return true
	})
	slices.Sort(texts)
	return texts
}

func sorted[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = string(v)
	}
	slices.Sort(texts)
	return texts
}

// Each function that returns a closed set returns every member once.
func TestClosedSets(t *testing.T) {
	for _, tt := range []struct {
		file, typ string
		list      []string
	}{
		{"uid.go", "Kind", sorted(hmis.Kinds())},
		{"closedsets.go", "ValueType", sorted(hmis.ValueTypes())},
		{"closedsets.go", "Aggregation", sorted(hmis.Aggregations())},
	} {
		want := constants(t, tt.file, tt.typ)
		require.NotEmpty(t, want, tt.typ)
		if diff := cmp.Diff(want, tt.list); diff != "" {
			t.Errorf("%s: %s", tt.typ, diff)
		}
	}
}

func TestHas(t *testing.T) {
	c, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "a"}},
		Groups:       []hmis.Group{{Kind: hmis.KindOrgUnitGroup, ID: "g"}},
	})
	require.NoError(t, err)
	require.True(t, c.Has(hmis.Ref{Kind: hmis.KindDataElement, ID: "a"}))
	require.True(t, c.Has(hmis.Ref{Kind: hmis.KindOrgUnitGroup, ID: "g"}))
	require.False(t, c.Has(hmis.Ref{Kind: hmis.KindDataElementGroup, ID: "g"}))
	for _, k := range hmis.Kinds() {
		require.False(t, c.Has(hmis.Ref{Kind: k, ID: "b"}), k)
	}
	require.False(t, c.Has(hmis.Ref{}))
}
