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

func TestGuard(t *testing.T) {
	tests := []struct{ text, cell string }{
		{"plain", "plain"}, {"", ""}, {"-5", "-5"}, {"=A1", "'=A1"}, {"'=A1", "''=A1"}, {"''=A1", "'''=A1"}, {"'quoted'", "'quoted'"}, {"'", "'"},
	}
	for _, tt := range tests {
		if got := spreadsheet.Guard(tt.text); got != tt.cell {
			t.Errorf("Guard(%q) = %q, want %q", tt.text, got, tt.cell)
		}
		if got := spreadsheet.Unguard(tt.cell); got != tt.text {
			t.Errorf("Unguard(%q) = %q, want %q", tt.cell, got, tt.text)
		}
	}
	if got := spreadsheet.Unguard("=A1"); got != "=A1" {
		t.Errorf("Unguard of an unguarded cell = %q", got)
	}
}
