package madeid_test

import (
	"fmt"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/madeid"
)

// Ids have the form of DHIS2, differ, and are the same in each release: stored
// data refers to them.
func TestOf(t *testing.T) {
	if got := madeid.Of("Bo"); got != "oBpXaURTOV7" {
		t.Errorf("got %s", got)
	}
	seen := make(map[string]bool)
	for i := range 10_000 {
		id := madeid.Of(fmt.Sprint(i))
		if _, err := hmis.ParseUID(id); err != nil || seen[id] {
			t.Fatalf("%d: %s, %v", i, id, err)
		}
		seen[id] = true
	}
}
