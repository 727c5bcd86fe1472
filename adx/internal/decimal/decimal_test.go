package decimal_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/adx/internal/decimal"
)

// Each row is a text and the decimal it means (RULES.md#numbers).
func TestDecimal(t *testing.T) {
	for _, tt := range []struct {
		text     string
		digits   int // 0 if it is no decimal
		number   string
		negative bool
		plain    string
	}{
		{"32", 2, "32", false, "32"}, {"-3", 1, "3", true, "-3"}, {"+3", 1, "3", false, "3"}, {"3.50", 3, "3.5", false, "3.50"},
		{".5", 1, ".5", false, "0.5"}, {"-.5", 1, ".5", true, "-0.5"}, {"5.", 1, "5", false, "5"}, {"007", 3, "7", false, "007"},
		{"-0", 1, "0", false, "-0"}, {"0.00", 3, "0", false, "0.00"}, {"+.0", 1, "0", false, "0.0"}, {"100", 3, "100", false, "100"},
		{"1e3", 0, "", false, ""}, {"1,000", 0, "", false, ""}, {"", 0, "", false, ""}, {"NaN", 0, "", false, ""}, {".", 0, "", false, ""},
		{"1.2.3", 0, "", false, ""}, {"--1", 0, "", false, ""}, {"1-", 0, "", false, ""}, {"١", 0, "", false, ""},
	} {
		digits, ok := decimal.Digits(tt.text)
		if digits != tt.digits && ok || ok != (tt.digits > 0) {
			t.Errorf("Digits(%q) = %d, %v; want %d", tt.text, digits, ok, tt.digits)
		}
		if !ok {
			continue
		}
		number, negative := decimal.Number(tt.text)
		if number != tt.number || negative != tt.negative {
			t.Errorf("Number(%q) = %q, %v; want %q, %v", tt.text, number, negative, tt.number, tt.negative)
		}
		if got := decimal.Plain(tt.text); got != tt.plain {
			t.Errorf("Plain(%q) = %q, want %q", tt.text, got, tt.plain)
		}
		if got := decimal.IsZero(tt.text); got != (tt.number == "0") {
			t.Errorf("IsZero(%q) = %v", tt.text, got)
		}
	}
}

// Equal numbers have equal texts.
func TestNumber(t *testing.T) {
	for in, want := range map[string]string{
		"2": "2", "2.0": "2", "+02.": "2", "20": "20", "-20.50": "-20.5", "0": "0", "-0": "0", "000": "0", "-.0": "0", ".5": ".5", "-00.5": "-.5", "100.01": "100.01",
	} {
		digits, negative := decimal.Number(in)
		if negative {
			digits = "-" + digits
		}
		if digits != want {
			t.Errorf("Number(%q) = %q; want %q", in, digits, want)
		}
	}
}
