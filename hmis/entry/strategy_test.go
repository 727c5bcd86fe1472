package entry_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/stretchr/testify/require"
)

// What a value does depends on the strategy and on what is there
// (RULES.md#strategies).
func TestStrategies(t *testing.T) {
	const (
		none    = "-" // nothing is there
		same    = "same"
		other   = "other"
		deleted = "deleted"
	)
	tests := []struct {
		strategy entry.Strategy
		deletion bool // the value is marked
		there    string
		out      int
		want     hmis.Summary
	}{
		{"", false, none, 1, hmis.Summary{Imported: 1}},
		{"", false, same, 0, hmis.Summary{Ignored: 1}},
		{"", false, other, 1, hmis.Summary{Updated: 1}},
		{"", false, deleted, 1, hmis.Summary{Imported: 1}}, // it is there again
		{"", true, none, 0, hmis.Summary{Ignored: 1}},
		{"", true, other, 1, hmis.Summary{Deleted: 1}},
		{"", true, deleted, 0, hmis.Summary{Ignored: 1}},
		{entry.Create, false, none, 1, hmis.Summary{Imported: 1}},
		{entry.Create, false, other, 0, hmis.Summary{Ignored: 1}},
		{entry.Create, false, deleted, 1, hmis.Summary{Imported: 1}},
		{entry.Create, true, other, 1, hmis.Summary{Deleted: 1}},
		{entry.Update, false, none, 0, hmis.Summary{Ignored: 1}},
		{entry.Update, false, deleted, 0, hmis.Summary{Ignored: 1}},
		{entry.Update, false, same, 0, hmis.Summary{Ignored: 1}},
		{entry.Update, false, other, 1, hmis.Summary{Updated: 1}},
		{entry.Update, true, other, 1, hmis.Summary{Deleted: 1}},
		{entry.Delete, false, none, 0, hmis.Summary{Ignored: 1}},
		{entry.Delete, false, same, 1, hmis.Summary{Deleted: 1}},
		{entry.Delete, true, other, 1, hmis.Summary{Deleted: 1}},
		{"NEW_AND_UPDATES", false, other, 1, hmis.Summary{Updated: 1}},
	}
	for _, tt := range tests {
		v := value(t, "deBcg000001 . . ouBo0000001 202402 5")
		was := v
		switch tt.there {
		case other:
			was.Value = "4"
		case deleted:
			was.Deleted = true
		}
		v.Deleted = tt.deletion
		for _, policy := range []entry.Policy{entry.Strict, entry.Grouped} {
			g := gate(t, nil)
			g.Strategy, g.Policy = tt.strategy, policy
			g.Stored = func(k hmis.Key) (hmis.DataValue, bool) { return was, tt.there != none && k == v.Key }
			out, sum, err := pass(g, v)
			require.NoError(t, err)
			require.Len(t, out, tt.out, "%+v", tt)
			require.Equal(t, tt.want, sum, "%+v", tt)

			// An import says the same of a store.
			store := &entry.Memory{}
			if tt.there != none {
				put(t, store, was)
			}
			g.Stored = nil
			got, err := entry.Import{Gate: g, Store: store}.Run(t.Context(), stream(v))
			require.NoError(t, err)
			if tt.there != deleted { // Memory keeps no deleted values
				require.Equal(t, tt.want, *got, "%+v", tt)
			}
		}
	}
}

// put stores values.
func put(t *testing.T, s entry.Store, values ...hmis.DataValue) {
	t.Helper()
	tx, err := s.Begin(t.Context())
	require.NoError(t, err)
	require.NoError(t, tx.Put(t.Context(), values))
	require.NoError(t, tx.Commit(t.Context()))
}

// Comment and mark are part of what a value says.
func TestChanges(t *testing.T) {
	for _, change := range []func(*hmis.DataValue){func(v *hmis.DataValue) { v.Comment = "late" }, func(v *hmis.DataValue) { v.FollowUp = true }} {
		was := value(t, "deBcg000001 . . ouBo0000001 202402 5")
		v := was
		change(&v)
		g := gate(t, nil)
		g.Stored = func(hmis.Key) (hmis.DataValue, bool) { return was, true }
		_, sum, _ := pass(g, v)
		require.Equal(t, 1, sum.Updated)
	}
}

// The text of a deletion may be missing. If it is there it is checked, unless
// nothing but deletions is in the form (RULES.md#empty-values).
func TestDeletions(t *testing.T) {
	deletion := func(text string) hmis.DataValue {
		v := value(t, "deBcg000001 . . ouBo0000001 202401 "+text)
		v.Deleted = true
		return v
	}
	number := value(t, "deBcg000001 . . ouBo0000001 202402 5")
	bare := deletion("")
	commented := value(t, "deCommented . . ouBo0000001 202401 .")
	commented.Deleted = true
	tests := []struct {
		policy   entry.Policy
		strategy entry.Strategy
		values   []hmis.DataValue
		out      int
		codes    []string
	}{
		{entry.Strict, "", []hmis.DataValue{bare, commented}, 2, nil},
		{entry.Strict, "", []hmis.DataValue{deletion("x"), number}, 1, []string{"E8122[0]"}},
		{entry.Strict, entry.Delete, []hmis.DataValue{deletion("x"), number}, 2, nil},
		{entry.Grouped, "", []hmis.DataValue{deletion("x"), number}, 1, []string{"E8122[0]"}},
		{entry.Grouped, "", []hmis.DataValue{deletion("x")}, 1, nil},
		{entry.Grouped, entry.Delete, []hmis.DataValue{deletion("x"), number}, 2, nil},
	}
	for i, tt := range tests {
		g := gate(t, nil)
		g.Policy, g.Strategy = tt.policy, tt.strategy
		out, sum, err := pass(g, tt.values...)
		require.NoError(t, err)
		require.Len(t, out, tt.out, i)
		require.Equal(t, tt.codes, codes(sum.Issues), i)
	}
}

// Zeros that mean nothing are dropped if that is wanted (RULES.md#zeros).
func TestZeros(t *testing.T) {
	tests := []struct {
		element, text string
		dropped       bool
	}{
		{"deBcg000001", "0", true}, {"deBcg000001", "0.0", true}, {"deBcg000001", "5", false},
		{"deBoth00001", "0.00", true}, {"deBoth00001", "0.01", false}, {"deBoth00001", "-0", false}, {"deBoth00001", "10", false},
		{"deStock0001", "0", false}, {"deZero00001", "0", false}, {"deNote00001", "0", false},
	}
	for _, tt := range tests {
		v := value(t, tt.element+" . . ouBo0000001 202402 "+tt.text)
		g := gate(t, nil)
		out, _, _ := pass(g, v)
		require.Len(t, out, 1, tt)
		g.SkipZeros = true
		out, sum, _ := pass(g, v)
		require.Equal(t, tt.dropped, len(out) == 0, tt)
		require.Empty(t, sum.Issues)
		require.Equal(t, map[bool]int{true: 1}[tt.dropped], sum.Ignored)
	}
}

func TestParseStrategy(t *testing.T) {
	tests := map[string]entry.Strategy{
		"": entry.CreateAndUpdate, "CREATE_AND_UPDATE": entry.CreateAndUpdate, "new_and_updates": entry.CreateAndUpdate, "SYNC": entry.CreateAndUpdate,
		"CREATE": entry.Create, "NEW": entry.Create, "UPDATE": entry.Update, "UPDATES": entry.Update, "delete": entry.Delete, "DELETES": entry.Delete,
	}
	for text, want := range tests {
		got, err := entry.ParseStrategy(text)
		require.NoError(t, err)
		require.Equal(t, want, got, text)
	}
	_, err := entry.ParseStrategy("REPLACE")
	require.EqualError(t, err, `entry: strategy "REPLACE": want CREATE, UPDATE, CREATE_AND_UPDATE or DELETE`)
}
