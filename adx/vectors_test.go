package adx_test

import (
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/period"
)

// A vectorFile is a file of vectors about periods.
type vectorFile struct {
	Sets []struct {
		Set, Calendar string
		Columns       []string
		Rows          [][]any
	}
}

// TestVectorsTimeRange compares with the ADX periods that DHIS2 writes and
// reads. DHIS2 accepts any start within a period. This package requires its
// first day, so it must refuse exactly those that DHIS2 moves.
func TestVectorsTimeRange(t *testing.T) {
	for _, file := range testfile.Vectors(t, "periods_adx*") {
		counted := tally.Of(t, file)
		var vectors vectorFile
		testfile.JSON(t, file, &vectors)
		for _, set := range vectors.Sets {
			if set.Calendar != "iso8601" && set.Calendar != "gregorian" {
				continue
			}
			for _, row := range set.Rows {
				column := func(name string) string {
					for i, c := range set.Columns {
						if c == name && i < len(row) {
							text, _ := row[i].(string)
							return text
						}
					}
					return ""
				}
				switch set.Set {
				case "adx_serialize":
					p, err := period.Parse(column("id"))
					if err != nil && strings.HasSuffix(column("id"), "BiW27") {
						continue // DHIS2 has a 27th bi-week in years of 52 weeks too, which is one of the next year
					}
					r := adx.TimeRangeOf(p)
					counted.Check(err == nil && r.String() == column("adx"), "%s as %q, %v; want %q", column("id"), r, err, column("adx"))
				case "adx_parse":
					in, want, start := column("adx"), column("iso"), column("start")
					r, err := adx.ParseTimeRange(in)
					var p period.Period
					if err == nil {
						p, err = r.Period(nil)
					}
					got := "!"
					if err == nil {
						got = p.String()
					}
					switch {
					case strings.HasPrefix(in, start+"/") && p.Type() == period.QuarterlyNov:
						// DHIS2 reads its own 2023-11-01/P3M as the quarter of
						// October (RULES.md#calendar-periods).
						counted.Check(p.ISO() == in, "%q is %s", in, got)
					case p.Type() == period.QuarterlyNov && !strings.HasPrefix(in, start+"/"):
						counted.Check(p.ISO() == in, "%q is %s", in, got)
					case got == "!" && want != "!":
						// DHIS2 has moved the start, or the text is not in the
						// form of the profile.
						counted.Check(!strings.HasPrefix(in, start+"/") || strings.Count(in, "/") != 1, "%q is refused; want %s", in, want)
					case strings.HasSuffix(in, "/P12M"):
						counted.Check(p.Type().Duration() == "P1Y", "%q is %s", in, got) // P12M is as long as P1Y, but DHIS2 does not know it
					default:
						counted.Check(got == want, "%q is %s, want %s", in, got, want)
					}
				}
			}
		}
		counted.Done()
	}
}
