package mcsd_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/orgunit/mcsd"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// sample returns a file of the shared samples, which are not part of the
// repository.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testfile.Root(t), "..", "shared", "samples", "fhir", name))
	if os.IsNotExist(err) {
		t.Skip("no shared samples")
	}
	require.NoError(t, err)
	return text
}

var today = period.DateOf(2026, 2, 1)

// read reads a bundle and returns its findings as lines.
func read(t testing.TB, f mcsd.Format, text []byte) (hmis.Metadata, []string) {
	t.Helper()
	var found []string
	f.Today = today
	f.Warn = func(i hmis.Issue) { found = append(found, line(&i)) }
	md, err := f.Read(bytes.NewReader(text))
	require.NoError(t, err)
	return md, found
}

// line writes a finding as "MCSD-H2 Location/hf-102 partOf".
func line(i *hmis.Issue) string {
	return fmt.Sprintf("%s %s/%s %s", i.Code, i.Object.Kind, i.Object.ID, i.Field)
}

func write(t testing.TB, f mcsd.Format, md hmis.Metadata) []byte {
	t.Helper()
	f.Today = today
	var b bytes.Buffer
	require.NoError(t, f.Write(&b, md))
	return b.Bytes()
}

// The sample has what its index says (RULES.md#units, RULES.md#kinds,
// RULES.md#types-and-groups).
func TestSampleSearchset(t *testing.T) {
	md, found := read(t, mcsd.Format{}, sample(t, "made-up-mcsd-searchset.json"))
	require.Empty(t, found)
	var got []string
	for _, u := range md.OrgUnits {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s", u.Code, u.Name, u.ShortName, u.Geometry))
	}
	require.Equal(t, []string{
		"EX|Exampleland||", "EX-N|North Region||", "EX-N-1|Riverside District||",
		`HF-101|Riverside Health Post||{"type":"Point","coordinates":[34.1201,-1.2345]}`,
		`HF-102|Hilltop Clinic||{"type":"Point","coordinates":[34.2,-1.3]}`,
		`HF-203|Lakeview Hospital|Lakeside Hospital|{"type":"Point","coordinates":[34.5,-1.1]}`,
	}, got)
	hospital, clinic := mcsd.UIDOf("hf-203"), mcsd.UIDOf("hf-101")
	members := map[string][]hmis.UID{}
	for _, g := range md.Groups {
		members[g.Name] = g.Members
	}
	require.Equal(t, []hmis.UID{clinic, mcsd.UIDOf("hf-102"), hospital}, members["facility"])
	require.Len(t, members["jurisdiction"], 3)
	require.Equal(t, []hmis.UID{hospital}, members["HOSP"])
	require.Equal(t, []hmis.UID{clinic}, members["Lakeview Hospital"]) // the supply hierarchy
	c, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	status, ok := c.Property(hmis.Ref{Kind: hmis.KindOrgUnit, ID: hospital}, "Location.status")
	require.True(t, ok)
	require.Equal(t, `"suspended"`, status)
	found2, err := c.Lookup(hmis.KindOrgUnit, hmis.Scheme("ATTRIBUTE:"+mcsd.LocationID), "hf-203")
	require.NoError(t, err)
	require.Equal(t, hospital, found2)
	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	require.NoError(t, err)
	require.Len(t, tree.AtLevel(3), 2)

	sameAfterWriting(t, md)
}

// sameAfterWriting writes metadata as every type of bundle and compares what is
// read back.
func sameAfterWriting(t *testing.T, md hmis.Metadata) {
	t.Helper()
	for _, typ := range []string{"transaction", "searchset", "history", "collection"} {
		f := mcsd.Format{Bundle: typ, Base: "https://fhir.moh.example.org"}
		again, found := read(t, f, write(t, f, md))
		require.Empty(t, found)
		sameMetadata(t, typ, md, again)
	}
}

// sameMetadata compares metadata. Properties of an object have no order.
func sameMetadata(t *testing.T, what string, want, got hmis.Metadata) {
	t.Helper()
	properties := cmpopts.SortSlices(func(a, b hmis.Property) bool {
		return a.Object.ID+"."+hmis.UID(a.Name) < b.Object.ID+"."+hmis.UID(b.Name)
	})
	if diff := cmp.Diff(want, got, properties); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

func TestSampleInvalid(t *testing.T) {
	_, found := read(t, mcsd.Format{}, sample(t, "made-up-mcsd-searchset-invalid.json"))
	slices.Sort(found)
	require.Equal(t, []string{
		"MCSD-A1 OrganizationAffiliation/supply-hf-101 organization", // follows from F2
		"MCSD-F2 Location/hf-203 managingOrganization",
		"MCSD-F3 Location/hf-203 type",
		"MCSD-H1 Location/ex partOf",
		"MCSD-H2 Location/hf-102 partOf",
		"MCSD-H5 Location/hf-102 identifier[0]",
		"MCSD-P1 Organization/hf-203 ", // follows from F2
		"MCSD-S1 Organization/ ",
	}, found)
}
