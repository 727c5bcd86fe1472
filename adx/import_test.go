package adx_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/stretchr/testify/require"
)

// memory returns a store that holds values.
func memory(t testing.TB, values ...hmis.DataValue) *entry.Memory {
	m := &entry.Memory{}
	tx, err := m.Begin(t.Context())
	require.NoError(t, err)
	require.NoError(t, tx.Put(t.Context(), values))
	require.NoError(t, tx.Commit(t.Context()))
	return m
}

// stored returns the stored values by key.
func stored(m *entry.Memory) map[hmis.Key]hmis.DataValue {
	all := map[hmis.Key]hmis.DataValue{}
	for v := range m.Values() {
		all[v.Key] = v
	}
	return all
}

// A failingStore fails in one call of its transactions and counts the open
// ones.
type failingStore struct {
	*entry.Memory
	call string
	err  error
	open int
}

func (s *failingStore) Begin(ctx context.Context) (entry.Tx, error) {
	if s.call == "Begin" {
		return nil, s.err
	}
	tx, err := s.Memory.Begin(ctx)
	s.open++
	return failingTx{tx, s}, err
}

type failingTx struct {
	entry.Tx
	of *failingStore
}

func (tx failingTx) at(call string, err error) error {
	if tx.of.call == call {
		return tx.of.err
	}
	return err
}

func (tx failingTx) Stored(ctx context.Context, keys []hmis.Key) (map[hmis.Key]hmis.DataValue, error) {
	there, err := tx.Tx.Stored(ctx, keys)
	return there, tx.at("Stored", err)
}

func (tx failingTx) Put(ctx context.Context, values []hmis.DataValue) error {
	return tx.at("Put", tx.Tx.Put(ctx, values))
}

func (tx failingTx) Complete(ctx context.Context, done []hmis.Completion) error {
	return tx.at("Complete", tx.Tx.Complete(ctx, done))
}

func (tx failingTx) Commit(ctx context.Context) error {
	if tx.of.call == "Commit" {
		return tx.of.err
	}
	tx.of.open--
	return tx.Tx.Commit(ctx)
}

func (tx failingTx) Rollback(ctx context.Context) error {
	tx.of.open--
	return tx.Tx.Rollback(ctx)
}

// run imports the message doc.
func run(im adx.Import, doc string) (*adx.Report, error) {
	return im.Run(context.Background(), adx.NewReader(strings.NewReader(doc)))
}

const mixed = epi + `
	<dataValue dataElement="BCG" value="14"/>
	<dataValue dataElement="PENTA3" SEX="F" AGE="P0Y--P5Y" value="7"/>
	<dataValue dataElement="PENTA3" SEX="M" AGE="P0Y--P5Y" value="8"/>
	<dataValue dataElement="MEASLES1" SEX="M" value="3" deleted="true"/>
	<dataValue dataElement="MEASLES1" SEX="F" value="3" deleted="true"/>
	<dataValue dataElement="MAL01" value="1"/>
	<dataValue dataElement="MAL01" SEX="M" value="2"/>
	<dataValue dataElement="COLD" value="many"/>
	<dataValue dataElement="NOTE" value="0"><annotation>stock-out</annotation></dataValue>
</group>`

func TestImport(t *testing.T) {
	c := catalog(t)
	s := memory(t,
		at("deBCG", "", "xState", "ouA", "14"),
		at("dePenta", "xYoungF", "xState", "ouA", "6"),
		at("deMeasles", "xM", "xState", "ouA", "1"),
	)
	noNotes := func(values iter.Seq2[hmis.DataValue, error], sum *hmis.Summary) iter.Seq2[hmis.DataValue, error] {
		return func(yield func(hmis.DataValue, error) bool) {
			row := 0
			for v, err := range values {
				if err == nil && v.DataElement == "deNote" {
					sum.Issues = append(sum.Issues, &hmis.Issue{
						Code: "E8020", Severity: hmis.Severe, Object: hmis.Ref{Kind: hmis.KindDataElement, ID: v.DataElement}, Rows: []int{row}, Err: errors.New("not in the form"),
					})
				} else if !yield(v, err) {
					return
				}
				row++
			}
		}
	}
	im := adx.Import{Mapper: adx.Mapper{Catalog: c}, Check: noNotes, Store: s, DryRun: true}

	want := &adx.Report{
		DryRun: true, Groups: 1, Read: 9, Imported: 1, Updated: 1, Deleted: 1, Unchanged: 2, Ignored: 1, Rejected: 3,
		Causes: []adx.Cause{
			{Rule: "ADX-042", Severity: hmis.Severe, Attr: "value", Got: "many", Count: 1, Line: 9, Column: 32, Path: "group[1]/dataValue[8]", Reason: `value "many": want a decimal such as -3.50`},
			{Rule: "ADX-043", Severity: hmis.Severe, Attr: "dataElement", Got: "MAL01", Count: 2, Line: 7, Column: 2, Path: "group[1]/dataValue[6]", Reason: `dataElement "MAL01": want the code of a known dataElement`},
			{Rule: "E8020", Severity: hmis.Severe, Got: "deNote", Count: 1, Rows: []int{5}, Reason: "dataElement deNote: not in the form"},
		},
		Unknown: map[hmis.Kind][]string{hmis.KindDataElement: {"MAL01"}},
	}
	same := cmpopts.IgnoreUnexported(adx.Report{})
	report, err := run(im, root+mixed+"</adx>")
	require.NoError(t, err)
	if diff := cmp.Diff(want, report, same); diff != "" {
		t.Error(diff)
	}
	require.Len(t, stored(s), 3, "a dry run stores nothing")
	require.Equal(t, "WARNING", report.Status())

	im.DryRun, want.DryRun = false, false
	report, err = run(im, root+mixed+"</adx>")
	require.NoError(t, err)
	if diff := cmp.Diff(want, report, same); diff != "" {
		t.Error(diff)
	}
	require.Equal(t, "7", stored(s)[at("dePenta", "xYoungF", "xState", "ouA", "").Key].Value)
	require.Equal(t, "8", stored(s)[at("dePenta", "xYoungM", "xState", "ouA", "").Key].Value)
	require.Len(t, stored(s), 3)

	report, err = run(im, root+mixed+"</adx>") // a second import changes nothing
	require.NoError(t, err)
	require.Equal(t, []int64{0, 5, 1, 3}, []int64{report.Used(), report.Unchanged, report.Ignored, report.Rejected})

	im.Atomic = true
	report, err = run(im, root+strings.Replace(mixed, `value="14"`, `value="15"`, 1)+"</adx>")
	require.ErrorIs(t, err, adx.ErrRejected)
	require.Equal(t, "ERROR", report.Status())
	require.Equal(t, []int64{0, 4, 2, 3}, []int64{report.Used(), report.Unchanged, report.Ignored, report.Rejected})
	require.Equal(t, "14", stored(s)[at("deBCG", "", "xState", "ouA", "").Key].Value)

	im.Atomic = false
	report, err = run(im, root+strings.Replace(mixed, `value="14"`, `value="15"`, 1)) // the message is cut off
	require.ErrorContains(t, err, "the input ends before adx of line 1 is closed")
	require.Equal(t, "ADX-001", report.Causes[len(report.Causes)-1].Rule)
	require.Equal(t, "14", stored(s)[at("deBCG", "", "xState", "ouA", "").Key].Value)
}

// A deleted value no longer exists. A later one with the same key is new, even
// if it is equal (RULES.md#imports).
func TestImportRevives(t *testing.T) {
	gone := at("deBCG", "", "xState", "ouA", "14")
	gone.Deleted = true
	im := adx.Import{Mapper: adx.Mapper{Catalog: catalog(t)}, Store: memory(t, gone)}
	for _, tt := range []struct {
		value string
		want  []int64 // the numbers of values imported, updated, deleted and unchanged
	}{
		{`<dataValue dataElement="BCG" value="14" deleted="true"/>`, []int64{0, 0, 0, 1}},
		{`<dataValue dataElement="BCG" value="14"/>`, []int64{1, 0, 0, 0}},
		{`<dataValue dataElement="BCG" value="14"/>`, []int64{0, 0, 0, 1}},
		{`<dataValue dataElement="BCG" value="14" deleted="true"/>`, []int64{0, 0, 1, 0}},
	} {
		report, err := run(im, root+epi+tt.value+"</group></adx>")
		require.NoError(t, err)
		require.Equal(t, tt.want, []int64{report.Imported, report.Updated, report.Deleted, report.Unchanged}, tt.value)
	}
}

func TestImportCompletions(t *testing.T) {
	doc := root + strings.Replace(epi, ">", ` completeDate="2026-02-04">`, 1) + value + "</group></adx>"
	told := 0
	im := adx.Import{Mapper: adx.Mapper{Catalog: catalog(t), Completions: func(hmis.Completion) { told++ }}}
	report, err := run(im, doc)
	require.NoError(t, err)
	require.Equal(t, []int{1, 0}, []int{report.Completions, told}, "not in a dry run")
	full := errors.New("the disk is full")
	broken := &failingStore{Memory: memory(t), call: "Put", err: full}
	im.Store = broken
	report, err = run(im, doc)
	require.ErrorIs(t, err, full)
	require.Equal(t, []int{0, 0}, []int{report.Completions, told}, "not if it failed")
	require.ErrorIs(t, report.Failed, full)
	require.Zero(t, broken.open)
	good := memory(t)
	im.Store = good
	_, err = run(im, doc)
	require.NoError(t, err)
	require.Equal(t, 1, told)
	require.Len(t, slices.Collect(good.Completions()), 1)
}

func TestReportJSON(t *testing.T) {
	im := adx.Import{Mapper: adx.Mapper{Catalog: catalog(t)}}
	report, err := run(im, root+epi+`<dataValue dataElement="?" value="1"/>`+value+"</group></adx>")
	require.NoError(t, err)
	text, err := json.Marshal(*report)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"status": "WARNING", "dryRun": true, "groups": 1, "read": 2, "used": 1, "imported": 1, "updated": 0, "deleted": 0,
		"unchanged": 0, "ignored": 0, "rejected": 1, "completions": 0,
		"causes": [{
			"rule": "ADX-043", "severity": "severe", "attribute": "dataElement", "got": "?", "count": 1,
			"reason": "dataElement \"?\": want the code of a known dataElement", "line": 1, "column": 145, "path": "group[1]/dataValue[1]"
		}],
		"unknown": {"dataElement": ["?"]}
	}`, string(text))
	sum := report.Summary()
	require.Equal(t, []int{1, 0, 1, 0}, []int{sum.Imported, sum.Updated, sum.Ignored, sum.Deleted})
	require.Equal(t, "ADX-043", sum.Issues[0].Code)
}

// A message in which every value has another fault makes a short report with
// the right counts.
func TestReportLimits(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		b.WriteString(strings.Replace(`<dataValue dataElement="?#" value="1"/>`, "#", strings.Repeat("x", i%50)+string(rune('a'+i%26))+strings.Repeat("y", i/60), 1))
	}
	r := adx.NewReader(strings.NewReader(root + epi + b.String() + "</group></adx>"))
	report, err := adx.Import{Mapper: adx.Mapper{Catalog: catalog(t)}}.Run(t.Context(), r)
	require.NoError(t, err)
	require.Len(t, report.Causes, 1000)
	total := 0
	for _, c := range report.Causes {
		total += c.Count
	}
	require.Len(t, report.Unknown[hmis.KindDataElement], 1000)
	require.EqualValues(t, 3000, report.Rejected)
	require.GreaterOrEqual(t, total, 3000)
}

// Many very long codes do not make a long report.
func TestReportLongCodes(t *testing.T) {
	var b strings.Builder
	for i := range 500 {
		fmt.Fprintf(&b, `<dataValue dataElement="%03d%s" value="1"/>`, i, strings.Repeat("é", 10_000))
	}
	r := adx.NewReader(strings.NewReader(root + epi + b.String() + b.String() + "</group></adx>"))
	r.Tolerant = true
	report, err := adx.Import{Mapper: adx.Mapper{Catalog: catalog(t)}}.Run(t.Context(), r)
	require.NoError(t, err)
	require.Len(t, report.Unknown[hmis.KindDataElement], 500)
	text, err := json.Marshal(report)
	require.NoError(t, err)
	require.Less(t, len(text), 1<<20)
}
