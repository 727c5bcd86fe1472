package fixed_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/fixed"
	"github.com/shopspring/decimal"
)

func TestDivRound(t *testing.T) {
	tests := []struct {
		num    int64
		scale  int
		den    int64
		digits int
		want   int64
	}{
		{1, 0, 3, 2, 33},
		{2, 0, 3, 2, 67},
		{1, 0, 8, 2, 13}, // a tie goes away from zero
		{-1, 0, 8, 2, -13},
		{1005, 3, 1, 2, 101},
		{-1005, 3, 1, 2, -101},
		{1004, 3, 1, 2, 100},
		{15, 1, 1, 0, 2},
		{-15, 1, 1, 0, -2},
		{14, 1, 1, 0, 1},
		{0, 5, 7, 10, 0},
		{math.MaxInt64, 0, 1, 0, math.MaxInt64},
		{math.MinInt64 + 1, 0, 1, 0, math.MinInt64 + 1},
		{5, 18, 1, 0, 0},
	}
	for _, tt := range tests {
		got, ok := fixed.DivRound(tt.num, tt.scale, tt.den, tt.digits)
		if !ok || got != tt.want {
			t.Errorf("DivRound(%d, %d, %d, %d) = %d, %v; want %d", tt.num, tt.scale, tt.den, tt.digits, got, ok, tt.want)
		}
	}
	for _, tt := range [][4]int64{{1, 0, 0, 2}, {math.MaxInt64, 0, 1, 1}, {1, 0, 1, 19}, {1, 30, 1, 0}} {
		if got, ok := fixed.DivRound(tt[0], int(tt[1]), tt[2], int(tt[3])); ok {
			t.Errorf("DivRound(%v) = %d; want it not to fit", tt, got)
		}
	}
}

// Whatever fits is what decimals say, and what is said not to fit does not.
func TestAgainstDecimals(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	number := func() int64 { return rng.Int64() >> rng.IntN(63) * (1 - 2*rng.Int64N(2)) }
	limit := decimal.NewFromInt(math.MaxInt64)
	for range 200_000 {
		num, den, scale, digits := number(), number(), rng.IntN(12), rng.IntN(12)
		if den != 0 {
			want := decimal.New(num, -int32(scale)).DivRound(decimal.NewFromInt(den), int32(digits)).Shift(int32(digits))
			got, ok := fixed.DivRound(num, scale, den, digits)
			if ok && !want.Equal(decimal.NewFromInt(got)) {
				t.Fatalf("DivRound(%d, %d, %d, %d) = %d; want %s", num, scale, den, digits, got, want)
			}
			if !ok && scale <= digits && want.Abs().LessThan(limit) {
				t.Fatalf("DivRound(%d, %d, %d, %d) does not fit; want %s", num, scale, den, digits, want)
			}
		}
		want := decimal.New(num, -int32(scale)).Round(int32(digits)).Shift(int32(digits))
		if got, ok := fixed.Rescale(num, scale, digits); ok && !want.Equal(decimal.NewFromInt(got)) || !ok && want.Abs().LessThan(limit) {
			t.Fatalf("Rescale(%d, %d, %d) = %d, %v; want %s", num, scale, digits, got, ok, want)
		}
		product := decimal.NewFromInt(num).Mul(decimal.NewFromInt(den))
		if got, ok := fixed.Mul(num, den); ok != !product.Abs().GreaterThan(limit) || ok && !product.Equal(decimal.NewFromInt(got)) {
			t.Fatalf("Mul(%d, %d) = %d, %v; want %s", num, den, got, ok, product)
		}
	}
}
