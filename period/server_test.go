package period_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/period"
	"github.com/ohie-hmis/hmis-go/period/internal/vectors"
)

// TestVectorsServer compares relative periods with the answers of a running
// server. Its calendar is ISO, in which this package and package compat give
// the same lists; compat has the same test.
func TestVectorsServer(t *testing.T) {
	vectors.RunLines(t, "testdata/vectors", "server/relative-periods*", func(l vectors.Line) (got, want string) {
		ask, err := vectors.ReadRelative(l)
		if err != nil {
			return err.Error(), "a request and an answer"
		}
		r, err := period.ParseRelative(ask.Keyword)
		if err != nil {
			return err.Error(), show(ask.Want)
		}
		return show(r.On(period.Clock{
			Today:         day(ask.Today),
			Week:          typ(ask.Week),
			FinancialYear: typ(ask.Year),
		})), show(ask.Want)
	})
}
