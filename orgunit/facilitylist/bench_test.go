package facilitylist_test

import (
	"fmt"
	"strings"
	"testing"
)

// A list of 100,000 facilities in 100 districts.
func BenchmarkRead(b *testing.B) {
	var text strings.Builder
	text.WriteString("District,Chiefdom,Facility,Code\n")
	const n = 100_000
	for i := range n {
		fmt.Fprintf(&text, "District %d,Chiefdom %d,Clinic %d,%d\n", i%100, i%1000, i, i)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		md, err := plain.Read(b.Context(), strings.NewReader(text.String()))
		if err != nil || len(md.OrgUnits) != n+1000+100 {
			b.Fatal(len(md.OrgUnits), err)
		}
	}
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "facilities/s")
}
