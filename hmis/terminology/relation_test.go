package terminology_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis/terminology"
)

// RULES.md#relations
func TestRelation(t *testing.T) {
	tests := []struct {
		in   terminology.Relation
		five terminology.Relation
		four string
	}{
		{"equivalent", terminology.Equivalent, "equivalent"}, {"equal", terminology.Equivalent, "equivalent"},
		{"wider", terminology.Narrower, "wider"}, {"subsumes", terminology.Narrower, "wider"},
		{"narrower", terminology.Broader, "narrower"}, {"specializes", terminology.Broader, "narrower"},
		{"relatedto", terminology.Related, "relatedto"}, {"inexact", terminology.Related, "relatedto"},
		{"unmatched", terminology.Unrelated, "unmatched"}, {"disjoint", terminology.Unrelated, "unmatched"},
		{"source-is-narrower-than-target", terminology.Narrower, "wider"}, {"source-is-broader-than-target", terminology.Broader, "narrower"},
		{"related-to", terminology.Related, "relatedto"}, {"not-related-to", terminology.Unrelated, "unmatched"},
		{"", "", ""}, {"EQUAL", "", ""}, {"relates-to", "", ""},
	}
	for _, tt := range tests {
		five, ok5 := tt.in.R5()
		four, ok4 := tt.in.R4()
		if known := tt.five != ""; five != tt.five || four != tt.four || ok5 != known || ok4 != known {
			t.Errorf("%q is %q, %v in R5 and %q, %v in R4; want %q and %q", tt.in, five, ok5, four, ok4, tt.five, tt.four)
		}
	}
	for _, r := range terminology.Relations() {
		four, _ := r.R4()
		if back, ok := terminology.Relation(four).R5(); !ok || back != r {
			t.Errorf("%s is %s in R4, which is %s, %v in R5", r, four, back, ok)
		}
	}
}
