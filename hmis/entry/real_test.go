package entry_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/stretchr/testify/require"
)

// A year of the demo country goes through the gate. All of it fits its forms, and
// four numbers have leading zeros, which no server would take today.
func TestRealSierraLeone(t *testing.T) {
	var parts []hmis.Metadata
	for _, name := range []string{"sierra-leone/play42-metadata.json.gz", "sierra-leone/play42-organisationUnits.json.gz"} {
		md, err := dhis2.ReadMetadata(testfile.Open(t, testfile.Companion(t, name)))
		require.NoError(t, err)
		parts = append(parts, md)
	}
	md, _ := hmis.Merge(parts...)
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	for _, policy := range []entry.Policy{entry.Lenient, entry.Strict} {
		count := map[string]int{}
		g := entry.Gate{Catalog: catalog, Tree: tree, Policy: policy, Now: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)}
		g.Reject = func(v hmis.DataValue, err error) {
			issue, ok := errors.AsType[*hmis.Issue](err)
			require.True(t, ok)
			count[issue.Code]++
			require.Regexp(t, `^0\d+$`, v.Value)
		}
		var sum hmis.Summary
		passed, read := 0, 0
		source := func(yield func(hmis.DataValue, error) bool) {
			for _, file := range testfile.Data(t, "sierra-leone/play42-dataValues-2025.csv.gz") {
				for v, err := range (dhis2.Format{CSV: true}).Read(testfile.Open(t, file), nil) {
					read++
					if !yield(v, err) {
						return
					}
				}
			}
		}
		for _, err := range g.Values(source, &sum) {
			require.NoError(t, err)
			passed++
		}
		require.Equal(t, map[string]int{"E8122": 4}, count, "numbers such as 017")
		require.Equal(t, read, passed+4)
		require.Equal(t, passed, sum.Imported)
	}
}
