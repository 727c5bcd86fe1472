package period_test

import (
	"os"
	"testing"

	"github.com/ohie-hmis/hmis-go/period"
	"github.com/ohie-hmis/hmis-go/period/internal/vectors"
)

// TestVectorsNPM compares with the package of the web applications of DHIS2 where
// that can be trusted (periods specification, 19): in the Gregorian calendar
// where it agrees with the server, and for Nepali weeks and bi-weeks, which the
// server cannot read, before the years for which it has another table. Its
// Ethiopian weeks are not compared, since its Mondays are Tuesdays.
func TestVectorsNPM(t *testing.T) {
	files, err := vectors.Load("testdata/vectors", "periods_npm*")
	if err != nil && os.Getenv("HMIS_VECTORS") != "" {
		t.Skip(err) // these results are for information: other directories may lack them
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		passed, failed, left := 0, 0, 0
		for i := range file.Sets {
			set := &file.Sets[i]
			for row := range set.Each {
				id := row.Text("id")
				agrees, _ := row.Cell("agreesWithServer").(bool)
				nepaliWeek := row.Calendar() == "nepali" && weekID.MatchString(id) && id < "2083" && row.Text("npmId") == id
				if !nepaliWeek && !(agrees && row.Calendar() == "iso8601") {
					left++
					continue
				}
				c, _ := period.CalendarByName(row.Calendar())
				got, want := "!", "!"
				if p, err := c.Parse(id); err == nil {
					got = show(p, p.First(), p.Last())
				}
				if row.Text("npmId") != "!" {
					want = show(row.Text("npmId"), row.Text("start"), row.Text("end"))
				}
				if got == want {
					passed++
				} else if failed++; failed <= 20 {
					t.Errorf("%s: %v:\n got  %s\n want %s", file.Name, row, got, want)
				}
			}
		}
		t.Logf("%s: %d passed, %d failed, %d not compared", file.Name, passed, failed, left)
	}
}
