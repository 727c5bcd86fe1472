package dhis2_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/stretchr/testify/require"
)

// many returns n values whose texts look like the ends of rows, so that cuts
// between chunks are often wrong.
func many(n int) []hmis.DataValue {
	values := arrivals(n)
	for i := range values {
		switch i % 7 {
		case 0:
			values[i].Comment = strings.Repeat("\"},\n{\"dataElement\":\"x\"},{", i%13)
		case 1:
			values[i].Value = strings.Repeat("text, \n\"quoted\"\r\n", i%11)
		case 2:
			values[i].FollowUp, values[i].OptionCombo = true, ""
		case 3:
			values[i].Deleted, values[i].Value = true, ""
		}
		if i%5 == 0 {
			values[i].StoredBy, values[i].Created, values[i].Updated = "", time.Time{}, time.Time{}
		}
	}
	return values
}

// Values stay the same when they are written and read again, over many chunks.
func TestRoundTrip(t *testing.T) {
	values := many(20_000)
	for name, f := range map[string]dhis2.Format{"JSON": {}, "CSV": {CSV: true}, "XML": {XML: true}} {
		t.Run(name, func(t *testing.T) {
			var text bytes.Buffer
			require.NoError(t, f.Write(&text, stream(values)))
			got, err := collect(f.Read(bytes.NewReader(text.Bytes()), nil))
			require.NoError(t, err)
			want := values
			if f.CSV { // CSV has no column for it
				want = make([]hmis.DataValue, len(values))
				for i, v := range values {
					v.Created = time.Time{}
					want[i] = v
				}
			}
			if i := first(want, got); i >= 0 {
				t.Errorf("value %d of %d and %d: -written +read:\n%s", i, len(want), len(got), cmp.Diff(want[i:i+1], got[i:i+1], samePeriods()))
			}
			n := 0
			for batch, err := range f.ReadBatches(iotest.HalfReader(bytes.NewReader(text.Bytes())), nil) {
				require.NoError(t, err)
				for v := range batch.Values() {
					if want[n] != v {
						t.Fatalf("value %d: -want +got:\n%s", n, cmp.Diff(want[n], v, samePeriods()))
					}
					n++
				}
			}
			require.Equal(t, len(want), n)
		})
	}
}

// A fault far inside a file has the right place.
func TestFaultFarIn(t *testing.T) {
	values := many(17_000)
	for name, f := range map[string]dhis2.Format{"JSON": {}, "CSV": {CSV: true}, "XML": {XML: true}} {
		t.Run(name, func(t *testing.T) {
			var text, part bytes.Buffer
			require.NoError(t, f.Write(&text, stream(values)))
			require.NoError(t, f.Write(&part, stream(values[:15_001])))
			head := bytes.TrimSuffix(bytes.TrimSuffix(part.Bytes(), []byte("\n]}\n")), []byte("\n</dataValueSet>\n"))
			// The period of value 15,001, such as 202402, gets an invalid
			// month.
			at := len(head) + bytes.Index(text.Bytes()[len(head):], []byte("2024"))
			spoilt := bytes.Clone(text.Bytes())
			copy(spoilt[at:], "202413")
			got, err := collect(f.Read(bytes.NewReader(spoilt), nil))
			var bad *dhis2.ReadError
			require.ErrorAs(t, err, &bad)
			require.Equal(t, "period", bad.Field)
			require.Equal(t, 15_001, bad.Row)
			require.Len(t, got, 15_001)
			if f.CSV {
				require.Equal(t, bytes.Count(head, []byte("\n"))+1, bad.Line)
			}
			require.InDelta(t, len(head), bad.Offset, 3) // a comma and a line end may be in between
		})
	}
}

// Defaults that come too late are an error.
func TestDefaultsTooLate(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, dhis2.WriteValues(&text, stream(arrivals(10_000))))
	in := strings.TrimSuffix(text.String(), "}\n") + `,"idScheme":"CODE"}`
	_, err := collect(dhis2.Format{Catalog: country(t)}.Read(strings.NewReader(in), nil))
	require.ErrorContains(t, err, "idScheme: want it before dataValues, of which 10000 have been read without it")

	// Values that lack a default wait for it.
	in = strings.ReplaceAll(strings.TrimSuffix(text.String(), "}\n"), `,"attributeOptionCombo":"HllvX50cXC0"`, "") + `,"attributeOptionCombo":"late"}`
	got, err := collect(dhis2.ReadValues(strings.NewReader(in)))
	require.NoError(t, err)
	require.Len(t, got, 10_000)
	for _, v := range got {
		require.Equal(t, hmis.UID("late"), v.AttributeCombo)
	}
}

// A row that is too long is an error before it fills the memory.
func TestRowTooLong(t *testing.T) {
	for name, in := range map[string]string{
		"JSON": `{"dataValues":[{"dataElement":"`,
		"CSV":  "de,pe,ou,value\na,2024,u,\"",
		"XML":  `<dataValueSet><dataValue dataElement="`,
	} {
		f := dhis2.Format{CSV: name == "CSV", XML: name == "XML"}
		endless := &endless{head: in}
		_, err := collect(f.Read(endless, nil))
		require.ErrorContains(t, err, "want at most 4 MiB", name)
		require.Less(t, endless.read, 32<<20, name)
	}
}

// An endless text repeats without end.
type endless struct {
	head string
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.head)
	e.head = e.head[n:]
	for i := n; i < len(p); i++ {
		p[i] = 'x'
	}
	e.read += len(p)
	return len(p), nil
}

// A row that is cut off anywhere is read like the first row of a file, even if
// its cells equal those of the row before.
func TestRowCutShort(t *testing.T) {
	const head = "dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value,storedby,lastupdated,comment,followup,deleted\n"
	const row = "deMalaria01,202401,ouBo0000001,cocFemale01,HllvX50cXC0,5,district1,2025-01-06T08:30:00.000+0000,,false,false\n"
	read := func(text string) ([]hmis.DataValue, error) {
		got, err := collect(dhis2.Format{CSV: true}.Read(strings.NewReader(text), nil))
		if bad, ok := errors.AsType[*dhis2.ReadError](err); ok {
			err = bad.Err
		}
		return got, err
	}
	for n := range row {
		want, wantErr := read(head + row[:n])
		got, err := read(head + row + row[:n])
		require.NotEmpty(t, got)
		require.Equal(t, fmt.Sprint(wantErr), fmt.Sprint(err), row[:n])
		require.Empty(t, cmp.Diff(want, got[1:], samePeriods(), cmpopts.EquateEmpty()), row[:n])
	}
}

func TestReadStops(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, dhis2.WriteValues(&text, stream(arrivals(50_000))))
	r := bytes.NewReader(text.Bytes())
	n := 0
	for range dhis2.ReadValues(r) {
		if n++; n == 10 {
			break
		}
	}
	require.Equal(t, 10, n)
	left := r.Len()
	require.Positive(t, left)
}

// When a stream ends in any way, its goroutines have ended.
func TestStreamsLeaveNothingBehind(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, dhis2.WriteValues(&text, stream(arrivals(50_000))))
	before := runtime.NumGoroutine()
	for name, take := range map[string]func(n int) (more, panics bool){
		"break": func(n int) (bool, bool) { return n < 2, false },
		"end":   func(int) (bool, bool) { return true, false },
		"panic": func(n int) (bool, bool) { return true, n == 2 },
	} {
		for _, in := range []string{text.String(), text.String()[:text.Len()/2]} {
			func() {
				defer func() { _ = recover() }()
				n := 0
				for range (dhis2.Format{}).ReadBatches(strings.NewReader(in), nil) {
					n++
					more, panics := take(n)
					if panics {
						panic("the receiver's own")
					}
					if !more {
						break
					}
				}
			}()
			// A goroutine that has ended may still be counted for a moment.
			for wait := 0; runtime.NumGoroutine() > before && wait < 1000; wait++ {
				time.Sleep(time.Millisecond)
			}
			require.LessOrEqual(t, runtime.NumGoroutine(), before, name)
		}
	}
}

// An error of the input is returned with its place.
func TestReadBroken(t *testing.T) {
	broken := errors.New("the line is dead")
	for name, in := range map[string]string{"JSON": `{"dataValues":[{"dataElement":"a`, "CSV": "de,pe,ou,val", "XML": "<dataValueSet>"} {
		f := dhis2.Format{CSV: name == "CSV", XML: name == "XML"}
		_, err := collect(f.Read(iotest.ErrReader(broken), nil))
		require.ErrorIs(t, err, broken, name)
		_, err = collect(f.Read(&failing{strings.NewReader(in), broken}, nil))
		require.ErrorIs(t, err, broken, name)
	}
	whole := gzipped(t, `{"dataValues":[]}`)
	_, err := collect(dhis2.ReadValues(strings.NewReader(whole[:len(whole)-6])))
	require.EqualError(t, err, "dhis2: offset 17: unexpected EOF")
}

type failing struct {
	r   *strings.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	if f.r.Len() == 0 {
		return 0, f.err
	}
	return f.r.Read(p)
}

// The lists of a batch have only what its values refer to. Any other id would
// be looked up in vain.
func TestBatchLists(t *testing.T) {
	rows := `{"dataElement":"a","period":"202401","orgUnit":"u","categoryOptionCombo":"c","attributeOptionCombo":"d","value":"5"}`
	tests := []struct {
		name    string
		format  dhis2.Format
		in      string
		ids     []hmis.UID
		periods string
	}{
		{"every row says all", dhis2.Format{}, `{"orgUnit":"v","period":"2020","dataValues":[` + rows + `]}`,
			[]hmis.UID{"a", "u", "c", "d"}, "[202401]"},
		{"the default combo is the empty id", dhis2.Format{}, `{"dataValues":[{"dataElement":"a","period":"202401","orgUnit":"u","value":"5"}]}`,
			[]hmis.UID{"a", "u", ""}, "[202401]"},
		{"one row has it from the set", dhis2.Format{}, `{"orgUnit":"v","period":"2020","attributeOptionCombo":"d","dataValues":[` + rows +
			`,{"dataElement":"a","categoryOptionCombo":"c","value":"6"}]}`, []hmis.UID{"a", "v", "u", "c", "d"}, "[2020 202401]"},
		{"CSV", dhis2.Format{CSV: true}, "de,pe,ou,coc,aoc,value\na,202401,u,c,d,5\n", []hmis.UID{"a", "u", "c", "d"}, "[202401]"},
		{"XML", dhis2.Format{XML: true}, `<dataValueSet><dataValue dataElement="a" period="202401" orgUnit="u" categoryOptionCombo="c" attributeOptionCombo="d" value="5"/></dataValueSet>`,
			[]hmis.UID{"a", "u", "c", "d"}, "[202401]"},
	}
	for _, tt := range tests {
		batches, err := collect(tt.format.ReadBatches(strings.NewReader(tt.in), nil))
		require.NoError(t, err, tt.name)
		require.Len(t, batches, 1, tt.name)
		require.Equal(t, tt.ids, batches[0].IDs, tt.name)
		require.Equal(t, tt.periods, fmt.Sprint(batches[0].Periods), tt.name)
	}
}
