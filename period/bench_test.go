package period_test

import (
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/period"
)

// These benchmarks report the time for one period. Compare it with
// BenchmarkTimeParse, in which the standard library reads one day.

var (
	sinkPeriod period.Period
	sinkTime   time.Time
	sinkBytes  []byte
	sinkString string
	sinkInt    int
	sinkBool   bool
)

// rate reports the periods per second if each iteration makes n periods.
func rate(b *testing.B, n int) {
	b.ReportMetric(float64(b.N)*float64(n)/b.Elapsed().Seconds(), "periods/s")
}

func BenchmarkTimeParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sinkTime, _ = time.Parse("20060102", "20240229")
	}
}

func BenchmarkParse(b *testing.B) {
	for _, id := range []string{"20240229", "2024W9", "2024SatW9", "2024BiW5", "202402", "2024Q1", "2024AprilS1", "2024", "2024April"} {
		b.Run(id, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sinkPeriod, _ = period.Parse(id)
			}
			rate(b, 1)
		})
	}
	b.Run("ethiopian/201606", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sinkPeriod, _ = period.Ethiopian.Parse("201606")
		}
		rate(b, 1)
	})
}

func BenchmarkParseISO(b *testing.B) {
	for _, text := range []string{"2024-01-01/P1D", "2024-01-07/P7D", "2024-01-01/P1M", "2023-11-01/P3M", "2024-10-01/P1Y"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sinkPeriod, _ = period.ParseISO(text)
			}
			rate(b, 1)
		})
	}
}

func BenchmarkAppendText(b *testing.B) {
	for _, id := range []string{"20240229", "2024W9", "202402", "2024NovQ1", "2024"} {
		b.Run(id, func(b *testing.B) {
			p, buf := period.MustParse(id), make([]byte, 0, 16)
			b.ReportAllocs()
			for b.Loop() {
				sinkBytes, _ = p.AppendText(buf)
			}
			rate(b, 1)
		})
	}
}

func BenchmarkString(b *testing.B) {
	p := period.MustParse("202402")
	b.ReportAllocs()
	for b.Loop() {
		sinkString = p.String()
	}
	rate(b, 1)
}

func BenchmarkOn(b *testing.B) {
	d := period.DateOf(2024, 2, 29)
	for _, t := range []period.Type{period.Daily, period.Weekly, period.BiWeekly, period.Monthly, period.QuarterlyNov, period.Yearly, period.FinancialOct} {
		b.Run(t.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sinkPeriod = t.On(d)
			}
			rate(b, 1)
		})
	}
	for _, c := range []*period.Calendar{period.Ethiopian, period.Nepali, period.Islamic} {
		b.Run(c.Name()+"/Monthly", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sinkPeriod = c.On(period.Monthly, d)
			}
			rate(b, 1)
		})
	}
}

func BenchmarkAdd(b *testing.B) {
	for _, id := range []string{"20240229", "2024W9", "2024BiW5", "202402", "2024Q1", "2024"} {
		b.Run(id, func(b *testing.B) {
			p := period.MustParse(id)
			b.ReportAllocs()
			for b.Loop() {
				sinkPeriod = p.Add(1)
			}
			rate(b, 1)
		})
	}
}

func BenchmarkCompare(b *testing.B) {
	p, q, month := period.MustParse("2024Q1"), period.MustParse("2024Q2"), period.MustParse("202402")
	b.Run("one type", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sinkInt = p.Compare(q)
		}
	})
	b.Run("two types", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sinkInt = p.Compare(month)
		}
	})
}

// BenchmarkIn rolls a month and a week up to every type that an aggregation
// needs.
func BenchmarkIn(b *testing.B) {
	for _, id := range []string{"202402", "2024W9"} {
		p := period.MustParse(id)
		for _, t := range []period.Type{period.Quarterly, period.Yearly, period.FinancialApril} {
			b.Run(id+"/"+t.String(), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					sinkPeriod, sinkBool = p.In(t)
				}
				rate(b, 1)
			})
		}
	}
}

func BenchmarkDays(b *testing.B) {
	p := period.MustParse("202402")
	b.ReportAllocs()
	for b.Loop() {
		sinkInt = p.Days()
	}
	rate(b, 1)
}

func BenchmarkRelative(b *testing.B) {
	c := period.Clock{Today: period.DateOf(2024, 3, 31)}
	b.ReportAllocs()
	for b.Loop() {
		sinkInt = len(period.Last12Months.On(c))
	}
	rate(b, 12)
}

// BenchmarkRange lists 100 years of days.
func BenchmarkRange(b *testing.B) {
	first, last := period.MustParse("19500101"), period.MustParse("20491231")
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n = len(period.Range(first, last))
	}
	rate(b, n)
}
