package hmis_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/stretchr/testify/require"
)

// A catalog gives back its metadata, in copies of its lists.
func TestCatalogMetadata(t *testing.T) {
	ref := hmis.Ref{Kind: hmis.KindDataElement, ID: "a"}
	md := hmis.Metadata{
		DataElements:    []hmis.DataElement{{ID: "a", Name: "Cases"}},
		Groups:          []hmis.Group{{Kind: hmis.KindDataElementGroup, ID: "g", Members: []hmis.UID{"a"}}},
		AttributeValues: []hmis.AttributeValue{{Object: ref, Attribute: "x", Value: "1"}},
		Translations:    []hmis.Translation{{Object: ref, Locale: "fr", Property: "NAME", Value: "Cas"}},
		Properties:      []hmis.Property{{Object: ref, Name: "url", Value: `"u"`}},
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	got := catalog.Metadata()
	require.Empty(t, cmp.Diff(md, got))
	got.DataElements[0].Name = "changed"
	require.Equal(t, "Cases", catalog.Name(ref))
}
