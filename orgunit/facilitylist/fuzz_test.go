package facilitylist_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Read never panics. What it accepts, encoding/csv accepts too, and each name
// that it found is in a cell. Written and read back it is the same.
func FuzzRead(f *testing.F) {
	const head = "D,DID,DC,F,FID,FC,Short,From,To,Lon,Lat\n"
	f.Add(head + "Bo,,BO,A,,1,a,2001-02-03,2024-12-31,-11.7,7.9\n")
	f.Add(head + "Bo,,,,,,,,,,\nBo,,,A,,,,,,,\nBo,,,A,,7,,,,,\n")
	f.Add(head + "\"Bo\n\",x,,A,x,,,,,,\n")
	f.Fuzz(func(t *testing.T, text string) {
		ragged := full
		ragged.Ragged = true
		md, err := ragged.Read(t.Context(), strings.NewReader(text))
		if err != nil {
			return
		}
		if strings.HasPrefix(text, "\x1f\x8b") || strings.HasPrefix(text, "PK") {
			return
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\xef\xbb\xbf")))
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatalf("read, but no CSV: %v", err)
		}
		names := make(map[string]bool)
		for _, row := range rows {
			for _, cell := range row {
				plain := strings.Join(strings.Fields(cell), " ")
				names[plain], names[strings.TrimPrefix(plain, "'")] = true, true
			}
		}
		for _, u := range md.OrgUnits {
			if !names[u.Name] {
				t.Errorf("the name %q is in no cell", u.Name)
			}
		}
		var b bytes.Buffer
		if err := full.Write(&b, md); err != nil {
			t.Fatal(err)
		}
		back, err := full.Read(t.Context(), &b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(md, back); diff != "" {
			t.Error(diff)
		}
	})
}
