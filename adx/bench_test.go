package adx_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/period"
)

// monthlyReports returns the reports of n facilities for a month: a form of 40
// values by age and sex, some of them texts.
func monthlyReports(n int) []adx.Group {
	ages := []string{"P0Y--P1Y", "P1Y--P5Y", "P5Y--P15Y", "P15Y--P9999Y"}
	note := "stock-out & late"
	month := adx.TimeRangeOf(period.MustParse("202601"))
	groups := make([]adx.Group, n)
	for i := range groups {
		g := adx.Group{
			DataSet: "HMIS_105", OrgUnit: fmt.Sprintf("OU_%06d", i), Period: month,
			Attrs: []adx.Attr{{Name: "MECHANISM", Value: fmt.Sprintf("M%02d", i%7)}},
		}
		for j := range 39 {
			g.Values = append(g.Values, adx.Value{
				DataElement: fmt.Sprintf("HMIS_DE_%03d", j/4),
				Value:       fmt.Sprint((i*31 + j*17) % 200),
				Attrs:       []adx.Attr{{Name: "AGE", Value: ages[j%4]}, {Name: "SEX", Value: "FM"[j/20 : j/20+1]}},
			})
		}
		g.Values = append(g.Values, adx.Value{DataElement: "REMARK", Value: "0", Annotation: &note})
		groups[i] = g
	}
	return groups
}

const (
	valuesPerReport = 40
	facilities      = 25_000 // facilities in benchmarks
)

// shuffled sorts the values of each group in a different order.
func shuffled(groups []adx.Group) []adx.Group {
	random := rand.New(rand.NewPCG(1, 2))
	for _, g := range groups {
		random.Shuffle(len(g.Values), func(i, j int) { g.Values[i], g.Values[j] = g.Values[j], g.Values[i] })
	}
	return groups
}

func message(b testing.TB, groups []adx.Group) []byte {
	var out bytes.Buffer
	w := adx.NewWriter(&out)
	w.Indent = "  "
	for _, g := range groups {
		if err := w.Write(g); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

func report(b *testing.B, values int) {
	b.ReportMetric(float64(values)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mvalues/s")
}

// These are the structs that a program would use with encoding/xml.
type (
	xmlMessage struct {
		XMLName  xml.Name   `xml:"urn:ihe:qrph:adx:2015 adx"`
		Exported string     `xml:"exported,attr"`
		Groups   []xmlGroup `xml:"group"`
	}
	xmlGroup struct {
		DataSet string     `xml:"dataSet,attr"`
		OrgUnit string     `xml:"orgUnit,attr"`
		Period  string     `xml:"period,attr"`
		Attrs   []xml.Attr `xml:",any,attr"`
		Values  []xmlValue `xml:"dataValue"`
	}
	xmlValue struct {
		DataElement string     `xml:"dataElement,attr"`
		Value       string     `xml:"value,attr"`
		Attrs       []xml.Attr `xml:",any,attr"`
		Annotation  *string    `xml:"annotation"`
	}
)

// BenchmarkRead reads the reports of 25,000 facilities: a million values. In
// "Shuffled" no two facilities have their values in the same order.
func BenchmarkRead(b *testing.B) {
	doc := message(b, monthlyReports(facilities))
	count := facilities * valuesPerReport
	ours := func(doc []byte) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(doc)))
			for b.Loop() {
				n := 0
				for g, err := range adx.NewReader(bytes.NewReader(doc)).Groups() {
					if err != nil {
						b.Fatal(err)
					}
					n += len(g.Values)
				}
				if n != count {
					b.Fatal(n)
				}
			}
			report(b, count)
		}
	}
	b.Run("Reader", ours(doc))
	b.Run("Reader shuffled", ours(message(b, shuffled(monthlyReports(facilities)))))
	b.Run("encoding/xml structs", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(doc)))
		for b.Loop() {
			var m xmlMessage
			if err := xml.Unmarshal(doc, &m); err != nil {
				b.Fatal(err)
			}
		}
		report(b, count)
	})
	b.Run("encoding/xml raw tokens", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(doc)))
		for b.Loop() {
			d := xml.NewDecoder(bytes.NewReader(doc))
			for {
				if _, err := d.RawToken(); err == io.EOF {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
		report(b, count)
	})
}

// BenchmarkWrite writes the reports of 25,000 facilities: a million values.
func BenchmarkWrite(b *testing.B) {
	groups := monthlyReports(facilities)
	count := facilities * valuesPerReport
	ours := func(groups []adx.Group) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := adx.NewWriter(io.Discard)
				for _, g := range groups {
					if err := w.Write(g); err != nil {
						b.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			report(b, count)
		}
	}
	b.Run("Writer", ours(groups))
	b.Run("Writer shuffled", ours(shuffled(monthlyReports(facilities))))
	b.Run("encoding/xml structs", func(b *testing.B) {
		m := xmlMessage{Exported: "2026-02-05T08:15:00Z"}
		attrs := func(list []adx.Attr) (out []xml.Attr) {
			for _, a := range list {
				out = append(out, xml.Attr{Name: xml.Name{Local: a.Name}, Value: a.Value})
			}
			return out
		}
		for _, g := range groups {
			x := xmlGroup{g.DataSet, g.OrgUnit, g.Period.String(), attrs(g.Attrs), nil}
			for _, v := range g.Values {
				x.Values = append(x.Values, xmlValue{v.DataElement, v.Value, attrs(v.Attrs), v.Annotation})
			}
			m.Groups = append(m.Groups, x)
		}
		b.ReportAllocs()
		for b.Loop() {
			if err := xml.NewEncoder(io.Discard).Encode(m); err != nil {
				b.Fatal(err)
			}
		}
		report(b, count)
	})
}
