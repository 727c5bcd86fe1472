package dhis2_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// arrivals returns n values in the order of a national system: month by month,
// facility by facility, with 40 data elements and up to 6 option combos.
func arrivals(n int) []hmis.DataValue {
	rnd := rand.New(rand.NewPCG(1, 2))
	uid := func() hmis.UID {
		b := []byte("aaaaaaaaaaa")
		for i := range b {
			b[i] = byte('a' + rnd.IntN(26))
		}
		return hmis.UID(b)
	}
	ids := func(n int) []hmis.UID {
		list := make([]hmis.UID, n)
		for i := range list {
			list[i] = uid()
		}
		return list
	}
	elements, units, combos := ids(300), ids(12_000), ids(12)
	var values []hmis.DataValue
	for month := period.MustParse("202401"); ; month = month.Add(1) {
		for _, unit := range units {
			first := rnd.IntN(270)
			for _, e := range elements[first : first+30] {
				for _, c := range combos[:1+rnd.IntN(6)] {
					if len(values) == n {
						return values
					}
					text := fmt.Sprint(int(rnd.ExpFloat64() * 40))
					if rnd.IntN(12) == 0 {
						text += fmt.Sprintf(".%d", rnd.IntN(1000))
					}
					values = append(values, hmis.DataValue{
						Key:      hmis.Key{DataElement: e, OrgUnit: unit, Period: month, OptionCombo: c, AttributeCombo: "HllvX50cXC0"},
						Value:    text,
						StoredBy: "district1",
						Created:  time.Date(2024, 3, 1+rnd.IntN(3), 8, rnd.IntN(60), 0, 0, time.UTC),
						Updated:  time.Date(2024, 3, 4, 8, rnd.IntN(60), 0, 0, time.UTC),
					})
				}
			}
		}
	}
}

const benchValues = 200_000

func benchText(b *testing.B, f dhis2.Format) []byte {
	var buf bytes.Buffer
	require.NoError(b, f.Write(&buf, stream(arrivals(benchValues))))
	return buf.Bytes()
}

func perSecond(b *testing.B) {
	b.ReportMetric(float64(b.N)*benchValues/b.Elapsed().Seconds(), "values/s")
}

// BenchmarkReadBatches reads 200,000 values of 12,000 facilities, in the form
// of servers.
func BenchmarkReadBatches(b *testing.B) {
	for name, f := range map[string]dhis2.Format{"CSV": {CSV: true}, "JSON": {}, "XML": {XML: true}} {
		text := benchText(b, f)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				n := 0
				for batch, err := range f.ReadBatches(bytes.NewReader(text), nil) {
					require.NoError(b, err)
					n += batch.Len()
				}
				require.Equal(b, benchValues, n)
			}
			perSecond(b)
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for name, f := range map[string]dhis2.Format{"CSV": {CSV: true}, "JSON": {}} {
		text := benchText(b, f)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				n := 0
				for _, err := range f.Read(bytes.NewReader(text), nil) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				require.Equal(b, benchValues, n)
			}
			perSecond(b)
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	values := arrivals(benchValues)
	for name, f := range map[string]dhis2.Format{"CSV": {CSV: true}, "JSON": {}, "XML": {XML: true}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, f.Write(io.Discard, stream(values)))
			}
			perSecond(b)
		})
	}
}

// BenchmarkStandardLibrary reads the same texts with the standard library: CSV
// as cells only, and JSON as structs of strings.
func BenchmarkStandardLibrary(b *testing.B) {
	b.Run("encoding-csv", func(b *testing.B) {
		text := benchText(b, dhis2.Format{CSV: true})
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			r := csv.NewReader(bytes.NewReader(text))
			r.ReuseRecord = true
			n := -1
			for {
				_, err := r.Read()
				if err == io.EOF {
					break
				}
				require.NoError(b, err)
				n++
			}
			require.Equal(b, benchValues, n)
		}
		perSecond(b)
	})
	b.Run("encoding-json", func(b *testing.B) {
		text := benchText(b, dhis2.Format{})
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			var set struct {
				DataValues []struct {
					DataElement, Period, OrgUnit                   string
					OptionCombo                                    string `json:"categoryOptionCombo"`
					AttributeCombo                                 string `json:"attributeOptionCombo"`
					Value, StoredBy, Created, LastUpdated, Comment string
					FollowUp, Deleted                              bool
				}
			}
			require.NoError(b, json.Unmarshal(text, &set))
			require.Len(b, set.DataValues, benchValues)
		}
		perSecond(b)
	})
}
