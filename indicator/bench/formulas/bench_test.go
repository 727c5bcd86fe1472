package formulas

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkFormulas computes 100 formulas over 2,048 cells.
func BenchmarkFormulas(b *testing.B) {
	const cells, n = 2048, 100
	r := rand.New(rand.NewPCG(7, 2026))
	cols := makeColumns(r, cells, 10)
	formulas := makeFormulas(r, n)
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			size := cells
			if e.slow {
				size = 10
			}
			out := make([]answer, size)
			compute := make([]computation, n)
			for i, f := range formulas {
				var err error
				if compute[i], err = e.begin(cols, f); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				for _, c := range compute {
					if err := c(0, out); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size*n), "ns/cell")
		})
	}
}
