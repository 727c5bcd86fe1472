package entry_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// Registrations are checked as values are (RULES.md#completions).
func TestCompletions(t *testing.T) {
	then := time.Date(2024, 3, 4, 0, 0, 0, 0, time.UTC)
	of := func(set, attr, unit hmis.UID, p string) hmis.Completion {
		c := hmis.Completion{DataSet: set, AttributeCombo: attr, OrgUnit: unit, At: then}
		if p != "" {
			c.Period = period.MustParse(p)
		}
		return c
	}
	tests := []struct {
		hmis.Completion
		code    string
		lenient bool // it passes under Lenient, with a warning
	}{
		{of("dsMonthly01", "", "ouBo0000001", "202402"), "", true},
		{of("dsMonthly01", "HllvX50cXC0", "ouBo0000001", "202402"), "", true},
		{of("dsProject01", "aocA0000001", "ouBo0000001", "202402"), "", true},
		{of("dsUnknown01", "", "ouBo0000001", "202402"), "E8005", false},
		{of("dsMonthly01", "", "ouBo0000001", ""), "E8100", false},
		{of("dsMonthly01", "", "", "202402"), "E8105", false},
		{of("dsMonthly01", "", "OU_BO", "202402"), "E8106", false},
		{of("dsMonthly01", "", "ouUnknown01", "202402"), "E8022", false},
		{of("dsMonthly01", "", "ouPujehun01", "202402"), "E8022", true},
		{of("dsMonthly01", "", "ouBo0000001", "2024W5"), "E8021", true},
		{of("dsMonthly01", "AOC", "ouBo0000001", "202402"), "E8111", false},
		{of("dsMonthly01", "aocUnknown1", "ouBo0000001", "202402"), "E8023", false},
		{of("dsMonthly01", "aocA0000001", "ouBo0000001", "202402"), "E8023", true},
		{of("dsProject01", "aocA0000001", "ouKenema001", "202402"), "E8025", false},
		{of("dsProject01", "aocA0000001", "ouBo0000001", "202405"), "E8032", false},
	}
	for _, tt := range tests {
		for _, policy := range []entry.Policy{entry.Lenient, entry.Strict, entry.Atomic} {
			g := gate(t, nil)
			g.Policy = policy
			var sum hmis.Summary
			var out []hmis.Completion
			var failed error
			for c, err := range g.Completions(func(yield func(hmis.Completion, error) bool) { yield(tt.Completion, nil) }, &sum) {
				if failed = err; err == nil {
					out = append(out, c)
				}
			}
			passes := tt.code == "" || policy == entry.Lenient && tt.lenient
			require.Equal(t, passes, len(out) == 1, "%v %v: %v", tt.Completion, policy, sum.Issues)
			require.Equal(t, !passes && policy == entry.Atomic, failed != nil)
			if passes {
				require.Equal(t, 1, sum.Imported)
				require.NotEqual(t, hmis.UID("HllvX50cXC0"), out[0].AttributeCombo)
			} else {
				require.Equal(t, 1, sum.Ignored)
			}
			if tt.code != "" {
				require.Equal(t, []string{tt.code + "[0]"}, codes(sum.Issues), tt.Completion)
			}
		}
	}
}

// Compulsory values are looked up, a time that is missing is now, and withdrawn
// registrations are kept.
func TestCompulsory(t *testing.T) {
	c := hmis.Completion{DataSet: "dsProject01", AttributeCombo: "aocA0000001", OrgUnit: "ouBo0000001", Period: period.MustParse("202402")}
	there := value(t, "deProject01 . aocA0000001 ouBo0000001 202402 5")
	tests := []struct {
		stored    bool
		binding   bool
		withdrawn bool
		out       int
		severity  hmis.Severity // of the issue; Info if there is none
	}{
		{true, true, false, 1, hmis.Info},
		{false, false, false, 1, hmis.Warning},
		{false, true, false, 0, hmis.Severe},
		{false, true, true, 1, hmis.Info},
	}
	for _, tt := range tests {
		g := gate(t, func(md *hmis.Metadata) { md.DataSets[3].CompulsoryToComplete = tt.binding })
		g.Now = at(t, "2024-03-04 10:00")
		g.Stored = func(k hmis.Key) (hmis.DataValue, bool) { return there, tt.stored && k == there.Key }
		c.Withdrawn = tt.withdrawn
		var sum hmis.Summary
		n := 0
		for out, err := range g.Completions(func(yield func(hmis.Completion, error) bool) { yield(c, nil) }, &sum) {
			require.NoError(t, err)
			require.Equal(t, g.Now, out.At)
			n++
		}
		require.Equal(t, tt.out, n, "%+v", tt)
		if tt.severity == hmis.Info {
			require.Empty(t, sum.Issues)
			continue
		}
		require.Len(t, sum.Issues, 1)
		require.Equal(t, tt.severity, sum.Issues[0].Severity)
		require.EqualError(t, sum.Issues[0], "hmis: compulsory_values_missing: dataSet dsProject01: 202402 lacks 1 compulsory values in org unit ouBo0000001")
		require.Equal(t, []hmis.Ref{{Kind: hmis.KindDataElement, ID: "deProject01"}}, sum.Issues[0].Refs)
	}
}

// Registrations go to the store, all or nothing, with compulsory values looked
// up there.
func TestRunCompletions(t *testing.T) {
	c := hmis.Completion{DataSet: "dsProject01", AttributeCombo: "aocA0000001", OrgUnit: "ouBo0000001", Period: period.MustParse("202402"), At: at(t, "2024-03-04 10:00")}
	bad := c
	bad.OrgUnit = "ouKenema001" // E8025
	source := func(list ...hmis.Completion) func(func(hmis.Completion, error) bool) {
		return func(yield func(hmis.Completion, error) bool) {
			for _, c := range list {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
	im := func(policy entry.Policy) (entry.Import, *failing) {
		g := gate(t, func(md *hmis.Metadata) { md.DataSets[3].CompulsoryToComplete = true })
		g.Policy = policy
		s := &failing{Memory: &entry.Memory{}}
		put(t, s.Memory, value(t, "deProject01 . aocA0000001 ouBo0000001 202402 5"))
		return entry.Import{Gate: g, Store: s}, s
	}
	to, s := im(entry.Strict)
	withdrawn := c
	withdrawn.Period, withdrawn.Withdrawn = c.Period.Add(1), true
	lacking := c
	lacking.Period = c.Period.Add(-1)
	sum, err := to.RunCompletions(t.Context(), source(c, bad, withdrawn, lacking))
	require.NoError(t, err)
	require.Equal(t, []int{1, 1, 2}, []int{sum.Imported, sum.Updated, sum.Ignored})
	require.Equal(t, []string{"E8025[1]", "compulsory_values_missing[3]"}, codes(sum.Issues))
	_, n := held(s.Memory)
	require.Equal(t, 2, n)

	to, s = im(entry.Atomic)
	sum, err = to.RunCompletions(t.Context(), source(c, bad))
	require.ErrorContains(t, err, "E8025")
	require.Equal(t, []int{0, 2}, []int{sum.Imported, sum.Ignored})
	_, n = held(s.Memory)
	require.Zero(t, n)

	for _, call := range []string{"Begin", "Stored", "Complete", "Commit"} {
		to, s = im(entry.Strict)
		s.call, s.err = call, context.DeadlineExceeded
		_, err = to.RunCompletions(t.Context(), source(c))
		require.ErrorIs(t, err, context.DeadlineExceeded, call)
		_, n = held(s.Memory)
		require.Zero(t, n, call)
	}
	to, s = im(entry.Strict)
	to.DryRun = true
	sum, err = to.RunCompletions(t.Context(), source(c))
	require.NoError(t, err)
	require.Equal(t, 1, sum.Imported)
	_, n = held(s.Memory)
	require.Zero(t, n)
	to.Store, to.DryRun = nil, false
	sum, err = to.RunCompletions(t.Context(), source(c))
	require.NoError(t, err)
	require.Equal(t, 1, sum.Imported)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = to.RunCompletions(ctx, source(c))
	require.ErrorIs(t, err, context.Canceled)

	// The source may break off, and a long one stops soon after the context has
	// ended or the memory is used up.
	broken := errors.New("the line is dead")
	to, s = im(entry.Strict)
	_, err = to.RunCompletions(t.Context(), func(yield func(hmis.Completion, error) bool) {
		_ = yield(c, nil) && yield(hmis.Completion{}, broken)
	})
	require.ErrorIs(t, err, broken)
	_, n = held(s.Memory)
	require.Zero(t, n)
	endless := func(cancels bool) (n int, err error) {
		to, _ := im(entry.Strict)
		to.Gate.Memory = 1 << 20
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_, err = to.RunCompletions(ctx, func(yield func(hmis.Completion, error) bool) {
			for withdrawn := withdrawn; n < 100_000 && yield(withdrawn, nil); n++ {
				if cancels {
					cancel()
				}
			}
		})
		return n, err
	}
	n, err = endless(true)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, n, 10)
	n, err = endless(false)
	require.ErrorIs(t, err, entry.ErrMemory)
	require.Less(t, n, 100_000)
}
