package adx_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/stretchr/testify/require"
)

// epiGroup returns a group of the clinic with these values.
func epiGroup(values string) string { return epi + values + "</group>" }

// Two values with the same key are an error anywhere in a message, however
// their option combos are written (RULES.md#keys).
func TestImportRepeats(t *testing.T) {
	const (
		bcg   = `<dataValue dataElement="BCG" value="14"/>`
		other = `<dataValue dataElement="BCG" value="15"/>`
	)
	at102 := strings.Replace(epiGroup(`<dataValue dataElement="BCG" value="7"/>`), "HF-101", "HF-102", 1)
	for _, tt := range []struct {
		name, doc string
		tolerant  bool
		imported  int64
		refused   int64
		severity  hmis.Severity
	}{
		{"other groups between", epiGroup(bcg) + at102 + epiGroup(other), false, 2, 1, hmis.Severe},
		{"the same number", epiGroup(bcg) + at102 + epiGroup(bcg), false, 2, 1, hmis.Severe},
		{"the same number, tolerantly", epiGroup(bcg) + at102 + epiGroup(bcg), true, 2, 1, hmis.Warning},
		{"another number, tolerantly", epiGroup(bcg) + at102 + epiGroup(other), true, 2, 1, hmis.Severe},
		{"the period spelt otherwise", epiGroup(bcg) + strings.Replace(epiGroup(other), "2026-01-01/P1M", "2026-01-01Z/P1M", 1), false, 1, 1, hmis.Severe},
		{"the default combo said aloud", epiGroup(bcg) + at102 + epiGroup(strings.Replace(other, "/>", ` default="default"/>`, 1)), false, 2, 1, hmis.Severe},
	} {
		var reports []*adx.Report
		for _, dry := range []bool{true, false} {
			m := &entry.Memory{}
			im := adx.Import{Mapper: adx.Mapper{Catalog: catalog(t)}, Store: m, DryRun: dry}
			r := adx.NewReader(strings.NewReader(root + tt.doc + "</adx>"))
			r.Tolerant = tt.tolerant
			report, err := im.Run(t.Context(), r)
			require.NoError(t, err, tt.name)
			require.Equal(t, []int64{tt.imported, tt.refused}, []int64{report.Imported, report.Rejected}, "%s: %v", tt.name, report.Causes)
			worst := hmis.Info
			for _, c := range report.Causes {
				if c.Rule == "ADX-049" {
					worst = max(worst, c.Severity)
				}
			}
			require.Equal(t, tt.severity, worst, tt.name)
			require.Len(t, stored(m), map[bool]int{true: 0, false: int(tt.imported)}[dry], tt.name)
			reports = append(reports, report)
		}
		diff := cmp.Diff(reports[0], reports[1], cmpopts.IgnoreUnexported(adx.Report{}), cmpopts.IgnoreFields(adx.Report{}, "DryRun"))
		require.Empty(t, diff, "a dry run counts as a real one")
	}
}

// If any call of a store fails, nothing is stored, the transaction has ended,
// and the error is that of the store (RULES.md#imports).
func TestImportStoreFails(t *testing.T) {
	doc := root + strings.Replace(epi, ">", ` completeDate="2026-02-04">`, 1) + value + "</group></adx>"
	full := errors.New("the disk is full")
	for _, call := range []string{"Begin", "Stored", "Put", "Complete", "Commit"} {
		s := &failingStore{Memory: &entry.Memory{}, call: call, err: full}
		told := 0
		im := adx.Import{Mapper: adx.Mapper{Catalog: catalog(t), Completions: func(hmis.Completion) { told++ }}, Store: s}
		report, err := run(im, doc)
		require.ErrorIs(t, err, full, call)
		require.ErrorIs(t, report.Failed, full, call)
		require.Equal(t, "ERROR", report.Status())
		require.Zero(t, report.Used(), call)
		require.Zero(t, s.open, "%s: a transaction is open", call)
		require.Empty(t, stored(s.Memory), call)
		require.Zero(t, told, call)
	}
}

// A batches is a store that records how many values each call has.
type batches struct {
	*entry.Memory
	asked, put []int
}

func (b *batches) Begin(ctx context.Context) (entry.Tx, error) {
	tx, err := b.Memory.Begin(ctx)
	return batchTx{tx, b}, err
}

type batchTx struct {
	entry.Tx
	of *batches
}

func (tx batchTx) Stored(ctx context.Context, keys []hmis.Key) (map[hmis.Key]hmis.DataValue, error) {
	tx.of.asked = append(tx.of.asked, len(keys))
	return tx.Tx.Stored(ctx, keys)
}

func (tx batchTx) Put(ctx context.Context, values []hmis.DataValue) error {
	tx.of.put = append(tx.of.put, len(values))
	return tx.Tx.Put(ctx, values)
}

// Values are looked up and stored in batches.
func TestImportBatches(t *testing.T) {
	var doc strings.Builder
	doc.WriteString(root)
	for i := range 25 {
		doc.WriteString(strings.Replace(epiGroup(`<dataValue dataElement="BCG" value="1"/>`), "2026-01", fmt.Sprintf("%d-%02d", 2000+i/12, i%12+1), 1))
	}
	doc.WriteString("</adx>")
	s := &batches{Memory: &entry.Memory{}}
	im := adx.Import{Mapper: adx.Mapper{Catalog: catalog(t)}, Store: s, Batch: 10}
	report, err := run(im, doc.String())
	require.NoError(t, err)
	require.EqualValues(t, 25, report.Imported)
	require.Equal(t, []int{10, 10, 5}, s.asked)
	require.Equal(t, []int{10, 10, 5}, s.put)

	*s = batches{Memory: s.Memory}
	report, err = run(im, strings.Replace(doc.String(), `value="1"`, `value="2"`, 1))
	require.NoError(t, err)
	require.Equal(t, []int64{1, 24}, []int64{report.Updated, report.Unchanged})
	require.Equal(t, []int{1}, s.put, "what is there already is not put again")

	im.Memory = 64 * 20
	report, err = run(im, doc.String())
	require.ErrorContains(t, err, "ADX-164: the message has more values than Import.Memory has room for")
	require.Zero(t, report.Used())
}

// A form is complete only if all of its values have passed the checks.
func TestImportIncompleteForms(t *testing.T) {
	form := func(unit, values string) string {
		return strings.Replace(strings.Replace(epi, ">", ` completeDate="2026-02-04">`, 1), "HF-101", unit, 1) + values + "</group>"
	}
	bcg, note := `<dataValue dataElement="BCG" value="14"/>`, `<dataValue dataElement="NOTE" value="0"><annotation>x</annotation></dataValue>`
	late := func(values iter.Seq2[hmis.DataValue, error], _ *hmis.Summary) iter.Seq2[hmis.DataValue, error] {
		return func(yield func(hmis.DataValue, error) bool) {
			var all []hmis.DataValue // the values are yielded only at the end
			for v, err := range values {
				if err != nil {
					yield(v, err)
					return
				}
				if v.DataElement != "deNote" {
					all = append(all, v)
				}
			}
			for _, v := range all {
				if !yield(v, nil) {
					return
				}
			}
		}
	}
	at := func(values iter.Seq2[hmis.DataValue, error], _ *hmis.Summary) iter.Seq2[hmis.DataValue, error] {
		return func(yield func(hmis.DataValue, error) bool) {
			for v, err := range values {
				if v.DataElement != "deNote" && !yield(v, err) {
					return
				}
			}
		}
	}
	for name, check := range map[string]func(iter.Seq2[hmis.DataValue, error], *hmis.Summary) iter.Seq2[hmis.DataValue, error]{"late": late, "at once": at} {
		m := &entry.Memory{}
		im := adx.Import{Mapper: adx.Mapper{Catalog: catalog(t)}, Check: check, Store: m}
		report, err := run(im, root+form("HF-101", bcg)+form("HF-102", bcg+note)+"</adx>")
		require.NoError(t, err)
		require.Equal(t, 1, report.Completions, name)
		for c := range m.Completions() {
			require.Equal(t, hmis.UID("ouA"), c.OrgUnit, name)
		}
	}
}

// A context that ends stops an import within 50 ms, wherever it waits, and its
// error is returned.
func TestImportContext(t *testing.T) {
	var big strings.Builder
	for i := range 300_000 {
		fmt.Fprintf(&big, `<dataValue dataElement="BCG" value="%d" x%d="1"/>`, i, i%2)
	}
	one := root + epiGroup(value) + "</adx>"
	for _, tt := range []struct {
		name string
		im   adx.Import
		in   func() io.Reader
	}{
		{"a slow source", adx.Import{}, func() io.Reader { return io.MultiReader(strings.NewReader(one[:190]), stuck{}) }},
		{"a large group", adx.Import{}, func() io.Reader { return strings.NewReader(root + epiGroup(big.String()) + "</adx>") }},
		{"a large group of a server", adx.Import{Mapper: adx.Mapper{Dialect: adx.DHIS2}}, func() io.Reader { return strings.NewReader(root + epiGroup(big.String()) + "</adx>") }},
		{"a slow store", adx.Import{Store: slowStore{}}, func() io.Reader { return strings.NewReader(one) }},
	} {
		for _, wait := range []time.Duration{0, 5 * time.Millisecond, 40 * time.Millisecond} {
			im := tt.im
			im.Mapper.Catalog = catalog(t)
			ctx, cancel := context.WithCancel(t.Context())
			var stopped time.Time
			time.AfterFunc(wait, func() { stopped = time.Now(); cancel() })
			report, err := im.Run(ctx, adx.NewReader(tt.in()))
			late := time.Since(stopped)
			if err == nil { // the import had ended before
				require.Positive(t, report.Read)
				continue
			}
			require.ErrorIs(t, err, context.Canceled, tt.name)
			require.ErrorIs(t, report.Failed, context.Canceled, tt.name)
			require.Less(t, late, 5*time.Second, tt.name) // it is 50 ms on an idle machine
			cancel()
		}
	}
}

// A stuck source never has anything to read.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { select {} }

// A slowStore waits until its context ends.
type slowStore struct{}

func (slowStore) Begin(ctx context.Context) (entry.Tx, error) { <-ctx.Done(); return nil, ctx.Err() }

// The JSON of a finding has all of its fields.
func TestFindingJSON(t *testing.T) {
	f := adx.Finding{
		Rule: "ADX-022", Severity: hmis.Severe, Line: 3, Column: 49, Path: "group[1]", Attr: "period", Got: "202601", Want: "a start and a duration",
		Err: errors.New("odd"),
	}
	text, err := json.Marshal([]any{f, &f, adx.Finding{}, adx.Cause{Rule: "E8020", Reason: "not in the form", Count: 2, Rows: []int{1, 4}}})
	require.NoError(t, err)
	one := `{"rule":"ADX-022","severity":"severe","line":3,"column":49,"path":"group[1]","attribute":"period","got":"202601","want":"a start and a duration","reason":"period \"202601\": odd: want a start and a duration"}`
	require.JSONEq(t, `[`+one+`,`+one+`,{"severity":"info"},{"rule":"E8020","severity":"info","reason":"not in the form","count":2,"rows":[1,4]}]`, string(text))
}
