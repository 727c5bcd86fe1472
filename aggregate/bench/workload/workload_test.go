package workload_test

import (
	"os"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// TestShape checks that the world has the size and the gaps that results are
// compared by.
func TestShape(t *testing.T) {
	w := workload.New(workload.Tiny)
	pairs := 0
	for e := range w.Elements {
		pairs += len(w.CombosOf(e))
	}
	for _, tt := range []struct {
		what      string
		got, want int
	}{
		{"org units", len(w.Units), 13631},
		{"provinces", len(w.At(2)), 10},
		{"districts", len(w.At(3)), 120},
		{"sub-districts", len(w.At(4)), 1500},
		{"facilities", len(w.At(5)), 12000},
		{"data elements", len(w.Elements), 300},
		{"pairs of data element and option combo", pairs, 970},
		{"SUM elements", len(w.Of(hmis.Sum)), 264},
		{"LAST elements", len(w.Of(hmis.Last)), 16},
		{"elements of AVERAGE kinds", len(w.Of(hmis.Average, hmis.AverageSumOrgUnit)), 12},
		{"MIN elements", len(w.Of(hmis.Min)), 4},
		{"MAX elements", len(w.Of(hmis.Max)), 4},
		{"months", len(w.Periods), 36},
	} {
		if tt.got != tt.want {
			t.Errorf("%d %s, want %d", tt.got, tt.what, tt.want)
		}
	}
	for u := range w.Units {
		if p := w.Parent[u]; p >= 0 && (w.Pos[u] <= w.Pos[p] || w.End[u] > w.End[p]) {
			t.Errorf("unit %d lies at %d to %d, not within its parent at %d to %d", u, w.Pos[u], w.End[u], w.Pos[p], w.End[p])
		}
	}
}

// TestSizes counts the rows of the scales; L only if HMIS_LONG is set.
func TestSizes(t *testing.T) {
	for _, tt := range []struct {
		scale workload.Scale
		want  int
	}{
		{workload.S, 960_075}, {workload.M, 9_836_703}, {workload.L, 50_032_890},
	} {
		if tt.want > 1e6 && os.Getenv("HMIS_LONG") == "" {
			continue
		}
		n := 0
		for range workload.New(tt.scale).Rows() {
			n++
		}
		if n < tt.want*95/100 || n > tt.want*105/100 {
			t.Errorf("%s has %d rows, want %d within 5 per cent", tt.scale.Name, n, tt.want)
		} else {
			t.Logf("%s has %d rows", tt.scale.Name, n)
		}
	}
}
