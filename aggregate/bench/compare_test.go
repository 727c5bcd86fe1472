package main

import (
	"context"
	"os"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
)

// TestSubjects asks every engine every question and wants the same cells of all.
func TestSubjects(t *testing.T) {
	w := workload.New(workload.Tiny)
	ctx := context.Background()
	var want []answer
	for _, s := range subjects(options{scale: workload.Tiny, postgres: os.Getenv("HMIS_POSTGRES")}) {
		if err := s.load(ctx, w); err != nil {
			t.Fatalf("%s: %v", s.name(), err)
		}
		for i, variants := range questions(w) {
			var got answer
			for _, q := range variants {
				a, err := s.ask(ctx, q)
				if err != nil {
					t.Fatalf("%s: %s: %v", s.name(), q.id, err)
				}
				got.plus(a)
			}
			if len(want) == i {
				want = append(want, got)
				if got.cells == 0 {
					t.Errorf("%s: no cells", variants[0].id)
				}
			}
			if got != want[i] {
				t.Errorf("%s of %s: %+v, want %+v", variants[0].id, s.name(), got, want[i])
			}
		}
		if err := s.close(); err != nil {
			t.Errorf("%s: %v", s.name(), err)
		}
	}
}
