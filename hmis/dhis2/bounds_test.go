package dhis2_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/stretchr/testify/require"
)

// A generator is a text of a head, a part that repeats, and a tail. The part
// repeats a number of times, or for ever.
type generator struct {
	head, part, tail string
	times            int // 0 means for ever
	read             int // bytes so far

	cancelAt int // cancel is called after so many bytes
	cancel   func()
	left     string
}

func (g *generator) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if g.left == "" {
			switch {
			case g.head != "":
				g.left, g.head = g.head, ""
			case g.part != "":
				g.left = g.part
				if g.times--; g.times == 0 {
					g.part = ""
				}
			case g.tail != "":
				g.left, g.tail = g.tail, ""
			default:
				if n == 0 {
					return 0, io.EOF
				}
				return n, nil
			}
		}
		k := copy(p[n:], g.left)
		g.left = g.left[k:]
		n += k
	}
	g.read += n
	if g.cancel != nil && g.read > g.cancelAt {
		g.cancel()
	}
	return n, nil
}

// packed returns the gzip of a text.
func packed(t *testing.T, g *generator) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	require.NoError(t, err)
	_, err = io.Copy(z, g)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

// allocated returns how many bytes a call allocates.
func allocated(call func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

const mebibyte = 1 << 20

// Small inputs that would fill the memory are errors before they do so
// (RULES.md#limits).
func TestBombs(t *testing.T) {
	values := func(f dhis2.Format) func(io.Reader) error {
		return func(r io.Reader) error {
			_, err := collect(f.ReadBatches(r, nil))
			return err
		}
	}
	metadata := func(r io.Reader) error {
		_, err := dhis2.ReadMetadata(r)
		return err
	}
	summary := func(r io.Reader) error {
		_, err := dhis2.ReadSummary(r)
		return err
	}
	long := strings.Repeat("x", 3*mebibyte)
	tests := []struct {
		name string
		in   *generator
		gzip bool
		read func(io.Reader) error
		most int // the most memory that may be allocated, in MiB
		want string
	}{
		{"issues of an answer", &generator{head: `{"status":"ERROR","conflicts":[{}`, part: strings.Repeat(`,{}`, 1000), times: 5000, tail: `]}`}, true, summary, 600,
			`dhis2: offset 0: conflicts: entry 520223: want at most 128 MiB of conflicts`},
		{"issues of an answer in XML", &generator{head: `<importSummary><conflicts>`, part: strings.Repeat(`<conflict/>`, 1000)}, false, summary, 1500, `dhis2: offset 5767194: want at most 128 MiB of conflicts`},
		{"rows of an issue", &generator{head: `{"status":"ERROR","conflicts":[{"indexes":[0`, part: strings.Repeat(`,0`, 1000), times: 9000, tail: `]}]}`}, true, summary, 200,
			`dhis2: offset 0: conflicts: entry 0: want at most 128 MiB of conflicts`},
		{"an answer without end", &generator{head: `{"message":"`, part: strings.Repeat(`x`, 1000)}, false, summary, 600, `dhis2: offset 0: want at most 64 MiB in one value`},
		{"blanks in gzip", &generator{head: `{`, part: strings.Repeat(` `, 1<<20), times: 80, tail: `}`}, true, values(dhis2.Format{}), 10,
			`dhis2: offset 67108864: gzip: want at most 200 bytes of text for each byte of `},
		{"objects without end", &generator{head: `{"dataElements":[{"id":"a","x":"`, part: strings.Repeat(`x`, 1000)}, false, metadata, 600, `dhis2: offset 17: want at most 64 MiB in one value`},
		{"a long row", &generator{head: "de,pe,ou,value\na,2024,u,\"", part: strings.Repeat("x\n", 1000)}, false, values(dhis2.Format{CSV: true}), 200,
			`dhis2: line 2: want at most 4 MiB in one row`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var in io.Reader = tt.in
			if tt.gzip {
				in = bytes.NewReader(packed(t, tt.in))
			}
			var err error
			if got := allocated(func() { err = tt.read(in) }) / mebibyte; got > tt.most {
				t.Errorf("%d MiB allocated, want at most %d", got, tt.most)
			}
			require.ErrorContains(t, err, tt.want)
		})
	}

	// Too many values that wait for a default are released. The caller's own
	// default then counts, or they have none. No more input is read for that.
	rows := `{"dataElement":"a","period":"2024","value":"1","comment":"` + long + `"},`
	waiting := &generator{head: `{"dataValues":[`, part: rows}
	_, err := collect(dhis2.ReadValues(waiting))
	require.EqualError(t, err, "dhis2: offset 15: value 0: orgUnit: want one in every value, or one for all before the values: at most 256 MiB of them can wait for it")
	require.Less(t, waiting.read, 400*mebibyte)
	rejected := 0
	late := &generator{head: `{"dataValues":[`, part: rows, times: 90, tail: `{"dataElement":"a","period":"2024","orgUnit":"v","value":"1"}],"orgUnit":"u"}`}
	_, err = collect(dhis2.Format{Reject: func(hmis.DataValue, error) { rejected++ }}.Read(late, nil))
	require.ErrorContains(t, err, fmt.Sprintf("orgUnit: want it before dataValues, of which %d have been read without it: at most 256 MiB of values can wait for it", rejected))
	require.Greater(t, rejected, 80) // all values that waited
	few := &generator{head: `{"dataValues":[`, part: rows, times: 3, tail: `{"dataElement":"a","period":"2024","value":"1"}],"orgUnit":"u"}`}
	got, err := collect(dhis2.ReadValues(few))
	require.NoError(t, err)
	require.Len(t, got, 4)

	// XML is yielded in batches of few bytes, and not only of few values.
	set := &generator{head: `<dataValueSet>`, part: `<dataValue dataElement="a" period="2024" orgUnit="u" value="1" comment="` + long + `"/>`, times: 20, tail: `</dataValueSet>`}
	for batch, err := range (dhis2.Format{XML: true}).ReadBatches(set, nil) {
		require.NoError(t, err)
		require.LessOrEqual(t, batch.Len(), 2)
	}
}

// Objects of a few bytes count with the memory they need, and reading needs
// little more (RULES.md#limits).
func TestManyObjects(t *testing.T) {
	dhis2.LowerMaxMetadata(t, 16*mebibyte)
	for _, tt := range []struct{ list, object, want string }{
		{"dataElements", `{"id":"a"}`, "dhis2: offset 343041: dataElements[31184]: want at most 16 MiB of metadata"},
		{"dataElements", `{"id":"a","name":"b"}`, ""},
		{"organisationUnits", `{"id":"a"}`, ""},
		{"dataSets", `{"id":"a"}`, ""},
		{"indicators", `{"id":"a"}`, ""},
	} {
		var err error
		in := &generator{head: `{"` + tt.list + `":[` + tt.object, part: strings.Repeat(`,`+tt.object, 1000)}
		got := allocated(func() { _, err = dhis2.ReadMetadata(in) })
		require.ErrorContains(t, err, "want at most 16 MiB of metadata", tt.list)
		if tt.want != "" {
			require.EqualError(t, err, tt.want)
		}
		require.Less(t, got, 32*mebibyte, tt.list)
	}
}

// Lines within quotes are never parsed as rows.
func TestQuotedLines(t *testing.T) {
	comment := strings.Repeat("x\n", 600_000) + "x"
	in := &generator{head: "de,pe,ou,value,comment\n", part: "a,2024,u,1,\"" + comment + "\"\n", times: 10}
	n := 0
	got := allocated(func() {
		for v, err := range (dhis2.Format{CSV: true}).Read(in, nil) {
			require.NoError(t, err)
			require.Equal(t, len(comment), len(v.Comment))
			n++
		}
	})
	require.Equal(t, 10, n)
	require.Less(t, got, 120*mebibyte) // 12 MiB of text need buffers and comments, but no faults
}

// A row that is only a fault needs little memory.
func TestManyFaults(t *testing.T) {
	rejected := 0
	f := dhis2.Format{Reject: func(hmis.DataValue, error) { rejected++ }}
	in := &generator{head: `{"dataValues":[{}`, part: strings.Repeat(`,{}`, 1000), times: 300, tail: `]}`}
	got := allocated(func() {
		_, err := collect(f.Read(in, nil))
		require.NoError(t, err)
	})
	require.Equal(t, 300_001, rejected)
	require.Less(t, got, 300*mebibyte)
}

// Each reader stops when its context ends (RULES.md#limits).
func TestWithContext(t *testing.T) {
	values := func(f dhis2.Format) func(io.Reader) error {
		return func(r io.Reader) error {
			for _, err := range f.Read(r, nil) {
				if err != nil {
					return err
				}
			}
			return nil
		}
	}
	completions := func(f dhis2.Format) func(io.Reader) error {
		return func(r io.Reader) error {
			for _, err := range f.ReadCompletions(r) {
				if err != nil {
					return err
				}
			}
			return nil
		}
	}
	reject := func(hmis.DataValue, error) {}
	tests := []struct {
		name       string
		head, part string
		read       func(io.Reader) error
	}{
		{"values", `{"dataValues":[`, `{"dataElement":"a","period":"2024","orgUnit":"u","value":"5"},`, values(dhis2.Format{})},
		{"values that are refused", `{"dataValues":[`, `{"dataElement":"a"},`, values(dhis2.Format{Reject: reject})},
		{"blanks", `{"dataValues":`, " ", values(dhis2.Format{})},
		{"CSV", "de,pe,ou,value\n", "a,2024,u,5\n", values(dhis2.Format{CSV: true})},
		{"empty lines of CSV", "de,pe,ou,value\n", "\n", values(dhis2.Format{CSV: true})},
		{"XML", "<dataValueSet>", `<dataValue dataElement="a" period="2024" orgUnit="u" value="5"/>`, values(dhis2.Format{XML: true})},
		{"comments in XML", "<dataValueSet>", `<!-- x -->`, values(dhis2.Format{XML: true})},
		{"completions", `{"completeDataSetRegistrations":[`, `{"dataSet":"s","period":"2024","organisationUnit":"u"},`, completions(dhis2.Format{})},
		{"completions in XML", `<completeDataSetRegistrations>`, `<completeDataSetRegistration dataSet="s" period="2024" organisationUnit="u"/>`, completions(dhis2.Format{XML: true})},
		{"metadata", `{"indicatorTypes":[`, `{"id":"a"},`, func(r io.Reader) error { _, err := dhis2.ReadMetadata(r); return err }},
		{"metadata that is skipped", `{"users":[`, `{"id":"a"},`, func(r io.Reader) error { _, err := dhis2.ReadMetadata(r); return err }},
		{"a table", "name,uid\n", "x,o1234567890\n", func(r io.Reader) error { _, err := dhis2.ReadMetadataCSV(r, hmis.KindCategoryOption); return err }},
		{"an answer", `{"status":`, " ", func(r io.Reader) error { _, err := dhis2.ReadSummary(r); return err }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			in := &generator{head: tt.head, part: strings.Repeat(tt.part, 1000), cancelAt: 3 * mebibyte / 2, cancel: cancel}
			require.ErrorIs(t, tt.read(dhis2.WithContext(ctx, in)), context.Canceled)
			require.Less(t, in.read, 3*mebibyte)
		})
	}
}
