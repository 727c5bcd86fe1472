package fold_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/internal/fold"
)

func TestText(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{" \t", ""},
		{"ngelehun chc", "ngelehun chc"},
		{"  Ngelehun\u00a0 CHC ", "ngelehun chc"},
		{"Thi\u00e8s", "thies"},
		{"Thie\u0300s", "thies"}, // the accent behind the letter
		{"S\u00e3o Tom\u00e9 e Pr\u00edncipe", "sao tome e principe"},
		{"\u0186b\u025b", "obe"}, // of Akan and Ewe
		{"\u1eaen", "an"},
		{"C\u0153ur d\u2019Alene", "coeur d'alene"},
		{"STRASSE \u1e9e", "strasse ss"},
		{"\u0419\u0401", "\u0438\u0435"}, // Cyrillic
		{"\u0130zmir", "izmir"},
		{"\u0985", "\u0985"}, // of an alphabet that the table does not have
	}
	for _, tt := range tests {
		if got := fold.Text(tt.in); got != tt.want {
			t.Errorf("Text(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("S\u00e3o  Tom\u00e9")
	f.Add("\u0301 a\u0130")
	f.Fuzz(func(t *testing.T, s string) {
		once := fold.Text(s)
		if twice := fold.Text(once); twice != once {
			t.Errorf("%q becomes %q, then %q", s, once, twice)
		}
	})
}
