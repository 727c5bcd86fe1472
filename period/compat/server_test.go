package compat_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/period"
	"github.com/ohie-hmis/hmis-go/period/compat"
	"github.com/ohie-hmis/hmis-go/period/internal/vectors"
)

// TestVectorsServer compares relative periods with the answers of a running
// server.
func TestVectorsServer(t *testing.T) {
	var s compat.Server
	vectors.RunLines(t, "../testdata/vectors", "server/relative-periods*", func(l vectors.Line) (got, want string) {
		ask, err := vectors.ReadRelative(l)
		if err != nil {
			return err.Error(), "a request and an answer"
		}
		list, err := s.Relative(period.Relative(ask.Keyword), period.Clock{
			Today:         day(ask.Today),
			Week:          typ(ask.Week),
			FinancialYear: typ(ask.Year),
		})
		return ids(list, err), show(ask.Want)
	})
}
