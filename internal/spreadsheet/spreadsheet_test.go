package spreadsheet_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/internal/spreadsheet"
)

func TestSafe(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"Ngelehun CHC", "Ngelehun CHC"},
		{"-12.5", "-12.5"}, // numbers stay as they are
		{"+7", "+7"},
		{"-1.0E-4", "-1.0E-4"},
		{"-Infinity", "-Infinity"},
		{"=1+1", "'=1+1"},
		{"+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"},
		{"-2+3", "'-2+3"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"\t=1", "'\t=1"},
		{"\r=1", "'\r=1"},
		{"\n=1", "'\n=1"},
		{"a=1", "a=1"},
	}
	for _, tt := range tests {
		if got := spreadsheet.Safe(tt.text); got != tt.want {
			t.Errorf("Safe(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}
