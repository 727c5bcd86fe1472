package orgunit_test

import (
	"fmt"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/fold"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/stretchr/testify/require"
)

// What people type finds what they mean, the likeliest first
// (RULES.md#searches).
func TestSearch(t *testing.T) {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "Ffffffffff1", Code: "SN-01", Name: "Thiès"},
		{ID: "Ffffffffff2", Code: "SN-0102", Name: "Hôpital de  Thiès"},
		{ID: "Ffffffffff3", Name: "São Tomé", ShortName: "ST"},
		{ID: "Ffffffffff4", Name: "Bo (Thiès-Nord)"},
		{ID: "Ffffffffff5", Name: "Matthies"},
		{ID: "Ffffffffff6", Name: "Thièsba"},
	})
	require.NoError(t, err)
	tests := []struct{ text, want string }{
		{"thies", "Ffffffffff1 Ffffffffff6 Ffffffffff4 Ffffffffff2 Ffffffffff5"},
		{"  THIÈS ", "Ffffffffff1 Ffffffffff6 Ffffffffff4 Ffffffffff2 Ffffffffff5"},
		{"thies hop", "Ffffffffff2"},
		{"hopital de thies", "Ffffffffff2"},
		{"sn-01", "Ffffffffff1 Ffffffffff2"},
		{"st", "Ffffffffff3"},
		{"sao", "Ffffffffff3"},
		{"Ffffffffff5", "Ffffffffff5"},
		{"ffffffffff5", ""},
		{"thies x", ""},
		{" ", ""},
	}
	s := orgunit.NewSearcher(tree)
	for _, tt := range tests {
		if got := join(s.Find(tt.text, 0)); got != tt.want {
			t.Errorf("Find(%q) = %s, want %s", tt.text, got, tt.want)
		}
	}
	require.Equal(t, "Ffffffffff1 Ffffffffff6", join(s.Find("thies", 2)))
}

func FuzzSearch(f *testing.F) {
	f.Add("Thiès-Nord", "nord")
	f.Add("a  İb", "İ")
	f.Fuzz(func(t *testing.T, name, text string) {
		tree, err := orgunit.NewTree([]hmis.OrgUnit{{ID: "Ffffffffff1", Name: name}})
		require.NoError(t, err)
		s := orgunit.NewSearcher(tree)
		s.Find(text, 1)
		if fold.Text(name) != "" && len(s.Find(name, 1)) == 0 {
			t.Errorf("%q does not find itself", name)
		}
	})
}

// A search among 100,000 facilities.
func BenchmarkSearch(b *testing.B) {
	var units []hmis.OrgUnit
	for i := range 100_000 {
		units = append(units, hmis.OrgUnit{ID: hmis.UID(fmt.Sprintf("F%010d", i)), Name: fmt.Sprintf("Hôpital %d de Thiès", i)})
	}
	tree, err := orgunit.NewTree(units)
	require.NoError(b, err)
	s := orgunit.NewSearcher(tree)
	b.ReportAllocs()
	for b.Loop() {
		if len(s.Find("thies 4711", 10)) != 10 {
			b.Fatal("not found")
		}
	}
}

func ExampleSearcher_Find() {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "O6uvpzGd5pu", Name: "Thiès"},
		{ID: "DiszpKrYNg8", Name: "Hôpital de Thiès"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(orgunit.NewSearcher(tree).Find("thies HOP", 10))
	// Output: [DiszpKrYNg8]
}
