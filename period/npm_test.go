package period_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/ohie-hmis/hmis-go/period/internal/vectors"
)

// TestVectorsNPM compares with the JavaScript package that the web applications
// of DHIS2 use, where that package can be trusted. It can in the Gregorian
// calendar, and for Nepali weeks of the years in which its table is the same.
// Its Ethiopian weeks start on Tuesdays and are not compared.
func TestVectorsNPM(t *testing.T) {
	if dir := os.Getenv("HMIS_VECTORS"); dir != "" {
		found, _ := filepath.Glob(filepath.Join(dir, "periods_npm*"))
		more, _ := filepath.Glob(filepath.Join(testfile.Root(t), dir, "periods_npm*"))
		if len(found)+len(more) == 0 {
			t.Skip("no periods_npm*: these results are for information, and other folders may lack them")
		}
	}
	vectors.Run(t, "testdata/vectors", "periods_npm*", askNPM)
}

func askNPM(_ *vectors.Set, row vectors.Row) (a vectors.Answer) {
	id := row.Text("id")
	agrees, _ := row.Cell("agreesWithServer").(bool)
	nepaliWeek := row.Calendar() == "nepali" && weekID.MatchString(id) && id < "2083" && row.Text("npmId") == id
	if !nepaliWeek && !(agrees && row.Calendar() == "iso8601") {
		a.Left = "not to be trusted"
	}
	c, _ := period.CalendarByName(row.Calendar())
	a.Got, a.Want = "!", "!"
	if p, err := c.Parse(id); err == nil {
		a.Got = show(p, p.First(), p.Last())
	}
	if row.Text("npmId") != "!" {
		a.Want = show(row.Text("npmId"), row.Text("start"), row.Text("end"))
	}
	return a
}
