package entry_test

import (
	"errors"
	"iter"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// message is a Source of values, of which those with a code cannot be read. At is
// the position of the value that was read last.
type message struct {
	t     *testing.T
	lines []string // a value, or a code such as "E8104"
	at    int
	read  int
}

func (m *message) source(reject func(hmis.DataValue, *hmis.Issue)) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for i, line := range m.lines {
			m.at, m.read = i, m.read+1
			if len(line) == len("E8104") {
				reject(hmis.DataValue{Value: line}, &hmis.Issue{
					Code: line, Severity: hmis.Severe, Rows: []int{i}, Offset: -1, Err: errors.New("unreadable"),
				})
				continue
			}
			if !yield(value(m.t, line), nil) {
				return
			}
		}
	}
}

// What a source cannot read is dropped, or rejects all, as the policy says
// (RULES.md#policies), (RULES.md#imports). Of several such values the first one
// counts, whoever found it.
func TestUnread(t *testing.T) {
	const (
		good   = "deBcg000001 . . ouBo0000001 202402 5"
		better = "deBcg000001 . . ouBo0000001 202403 5"
		badID  = "DE_BCG . . ouBo0000001 202402 5"
	)
	tests := []struct {
		name              string
		policy            entry.Policy
		lines             []string
		imported, ignored int
		issues            []string
		rejected          []string // the texts of the values, or codes
		want              string   // the code that rejects all
		read              int
	}{
		{"lenient", entry.Lenient, []string{good, "E8104", better}, 2, 1, []string{"E8104[1]"}, []string{"E8104"}, "", 3},
		{"strict", entry.Strict, []string{good, "E8104", better}, 2, 1, []string{"E8104[1]"}, []string{"E8104"}, "", 3},
		{"atomic", entry.Atomic, []string{good, "E8104", better, better}, 0, 2, []string{"E8104[1]"}, []string{"E8104"}, "E8104", 3},
		{"atomic at the end", entry.Atomic, []string{good, "E8104"}, 0, 2, []string{"E8104[1]"}, []string{"E8104"}, "E8104", 2},
		{"grouped", entry.Grouped, []string{good, "E8104", better}, 0, 0, []string{"E8104[1]"}, nil, "E8104", 3},
		{"the first of two", entry.Grouped, []string{good, "E8104", "E8106"}, 0, 0, []string{"E8104[1]"}, nil, "E8104", 3},
		{"before a bad id", entry.Grouped, []string{"E8106", badID}, 0, 0, []string{"E8106[0]"}, []string{"5"}, "E8106", 2},
		{"grouped and atomic", entry.GroupedAtomic, []string{good, "E8104", better}, 0, 0, []string{"E8104[1]"}, nil, "E8104", 3},
	}
	for _, tt := range tests {
		for _, batch := range []int{1, 1000} { // it changes nothing
			m := &message{t: t, lines: tt.lines}
			s := &failing{Memory: &entry.Memory{}}
			im := entry.Import{Gate: gate(t, nil), Store: s, Batch: batch}
			im.Gate.Policy = tt.policy
			im.Gate.Row = func() int { return m.at }
			var rejected []string
			im.Gate.Reject = func(v hmis.DataValue, err error) {
				require.Error(t, err)
				rejected = append(rejected, v.Value)
			}
			sum, err := im.RunFrom(t.Context(), m.source)
			if tt.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tt.want)
			}
			require.Equal(t, []int{tt.imported, tt.ignored}, []int{sum.Imported, sum.Ignored}, tt.name)
			require.Equal(t, tt.issues, codes(sum.Issues), tt.name)
			require.Equal(t, tt.rejected, rejected, tt.name)
			require.Equal(t, tt.read, m.read, tt.name)
			if tt.policy >= entry.Grouped {
				require.Equal(t, hmis.Critical, sum.Issues[0].Severity)
			}
			n, _ := held(s.Memory)
			require.Equal(t, tt.imported, n)
		}
	}
}

// Of elements that are in no form or in several, one in no form counts first, and
// of these the first value (RULES.md#order-of-checks).
func TestStrayElements(t *testing.T) {
	const (
		several = "deBoth00001 . . ouBo0000001 202402 5"
		none    = "deNowhere01 . . ouBo0000001 202402 5"
		good    = "deBcg000001 . . ouBo0000001 202402 5"
	)
	tests := []struct {
		lines []string
		want  string
	}{
		{[]string{good, several, none, none}, "E8003[2]"}, {[]string{none, several, none}, "E8003[0]"}, {[]string{good, several, several}, "E8002[1]"},
	}
	for _, tt := range tests {
		g := gate(t, nil)
		g.Policy = entry.Grouped
		out, sum, err := pass(g, lines(t, tt.lines...)...)
		require.Error(t, err)
		require.Empty(t, out)
		require.Equal(t, []string{tt.want}, codes(sum.Issues))
	}
}

// The days of an org unit and of attribute options count themselves.
func TestFirstAndLastDays(t *testing.T) {
	day := period.DateOf(2024, 2, 1)
	g := gate(t, func(md *hmis.Metadata) {
		md.OrgUnits[1].Opened, md.OrgUnits[2].Closed = day, day
		md.CategoryOptions[2].First = day
	})
	for _, s := range []string{
		"deBcg000001 . . ouBo0000001 202402 5", "deBcg000001 . . ouKenema001 202402 5", "deProject01 . aocA0000001 ouBo0000001 202402 5",
	} {
		out, sum, _ := pass(g, value(t, s))
		require.Len(t, out, 1, "%s: %v", s, sum.Issues)
	}
	for _, s := range []string{"deBcg000001 . . ouBo0000001 202401 5", "deBcg000001 . . ouKenema001 202403 5"} {
		_, sum, _ := pass(g, value(t, s))
		require.Equal(t, []string{"E8031[0]"}, codes(sum.Issues))
	}
}

// The comment of a deletion is checked if it is there (RULES.md#comments).
func TestCommentsOfDeletions(t *testing.T) {
	g := gate(t, nil)
	g.MaxComment = 10
	number := "deBcg000001 . . ouBo0000001 202402 5"
	for _, tt := range []struct{ value, comment, want string }{
		{"deCommented . . ouBo0000001 202401 .", "green", "E8124[0]"}, {"deCommented . . ouBo0000001 202401 .", "red", ""},
		{"deBcg000001 . . ouBo0000001 202401 .", "much too long", "E8125[0]"}, {"deBcg000001 . . ouBo0000001 202401 .", "long", ""},
	} {
		v := value(t, tt.value)
		v.Deleted, v.Comment = true, tt.comment
		out, sum, _ := pass(g, v, value(t, number))
		if tt.want == "" {
			require.Len(t, out, 2)
			continue
		}
		require.Equal(t, []string{tt.want}, codes(sum.Issues))
	}
}

// A store is left alone by what changes nothing. Without one, every deletion and
// update counts.
func TestImportOfNothing(t *testing.T) {
	s := &failing{Memory: &entry.Memory{}}
	im := entry.Import{Gate: gate(t, nil), Store: s}
	_, err := im.Run(t.Context(), stream())
	require.NoError(t, err)
	require.Empty(t, s.calls)
	v := value(t, "deBcg000001 . . ouBo0000001 202402 5")
	put(t, s.Memory, v)
	s.calls = nil
	sum, err := im.Run(t.Context(), stream(v))
	require.NoError(t, err)
	require.Equal(t, 1, sum.Ignored)
	require.Equal(t, []string{"Begin", "Stored", "Commit"}, s.calls)

	im.Store = nil
	im.Gate.Strategy = entry.Update
	sum, err = im.Run(t.Context(), stream(v))
	require.NoError(t, err)
	require.Equal(t, hmis.Summary{Updated: 1}, *sum)
	im.Gate.Strategy = entry.Delete
	sum, err = im.Run(t.Context(), stream(v))
	require.NoError(t, err)
	require.Equal(t, hmis.Summary{Deleted: 1}, *sum)
	im.Gate.Strategy = entry.Create
	sum, err = im.Run(t.Context(), stream(v))
	require.NoError(t, err)
	require.Equal(t, hmis.Summary{Imported: 1}, *sum)
}
