package adx_test

import (
	"bytes"
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/stretchr/testify/require"
)

// realMetadata reads the metadata that the values refer to. The two may be in
// different folders.
func realMetadata(t *testing.T) *hmis.Catalog {
	var parts []hmis.Metadata
	for _, name := range []string{"play42-metadata.json.gz", "play42-organisationUnits.json.gz"} {
		md, err := dhis2.ReadMetadata(testfile.Open(t, testfile.Companion(t, "sierra-leone/"+name)))
		require.NoError(t, err)
		parts = append(parts, md)
	}
	md, _ := hmis.Merge(parts...)
	c, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	return c
}

// A year of real values comes back the same from a message, by ids and by the
// codes that exist.
func TestRealRoundTrip(t *testing.T) {
	files := testfile.Data(t, "sierra-leone/play42-dataValues-*.csv.gz", "sierra-leone/play42-dataValues-*.json.gz")
	c := realMetadata(t)
	for _, file := range files {
		f, err := os.Open(file)
		require.NoError(t, err)
		var values []hmis.DataValue
		for v, err := range (dhis2.Format{CSV: strings.Contains(file, ".csv")}).Read(f, nil) {
			require.NoError(t, err)
			values = append(values, v)
		}
		f.Close()
		for _, whole := range []bool{false, true} {
			// The file is sorted by data element, but a message by group.
			slices.SortStableFunc(values, func(a, b hmis.DataValue) int {
				return cmp.Or(
					strings.Compare(string(a.OrgUnit), string(b.OrgUnit)), a.Period.Compare(b.Period),
					strings.Compare(string(a.AttributeCombo), string(b.AttributeCombo)), strings.Compare(string(a.DataElement), string(b.DataElement)),
				)
			})
			realRoundTrip(t, file, adx.Mapper{Catalog: c, Schemes: hmis.Schemes{Any: hmis.ByUID}, Whole: whole, Provenance: true}, values)
		}
	}
}

func realRoundTrip(t *testing.T, file string, m adx.Mapper, values []hmis.DataValue) {
	refused := map[string]int{}
	var message bytes.Buffer
	w := adx.NewWriter(&message)
	write := m
	kept := map[hmis.Key]hmis.DataValue{}
	write.Reject = func(v hmis.DataValue, err error) {
		f, _ := errors.AsType[*adx.Finding](err)
		refused[f.Rule]++
		delete(kept, plainKey(m.Catalog, v.Key))
	}
	for _, v := range values {
		kept[plainKey(m.Catalog, v.Key)] = v
	}
	groups := 0
	for g, err := range write.Groups(list(values...)) {
		require.NoError(t, err)
		require.NoError(t, w.Write(g))
		groups++
	}
	require.NoError(t, w.Close())
	size := message.Len()
	require.Greater(t, len(kept), len(values)*9/10)

	// Elements that are in two data sets make groups of each, in turn.
	r := adx.NewReader(&message)
	r.Limits.Findings = -1
	n := 0
	for v, err := range m.Values(r.Groups()) {
		require.NoError(t, err)
		was, ok := kept[plainKey(m.Catalog, v.Key)]
		if !ok || was.Value != v.Value || was.Comment != v.Comment || was.StoredBy != v.StoredBy || !was.Updated.Equal(v.Updated) || was.FollowUp != v.FollowUp {
			t.Fatalf("%v comes back as %v", was, v)
		}
		n++
	}
	require.Equal(t, len(kept), n)
	t.Logf("%s: %d passed, 0 failed; %d groups, %d bytes, refused %v", filepath.Base(file), n, groups, size, refused)
}

// plainKey returns k with "" for the default option combo.
func plainKey(c *hmis.Catalog, k hmis.Key) hmis.Key {
	for _, combo := range []*hmis.UID{&k.OptionCombo, &k.AttributeCombo} {
		if *combo == c.DefaultOptionCombo() {
			*combo = ""
		}
	}
	return k
}
