package num_test

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
	"github.com/stretchr/testify/require"
)

// fraction returns the decimal number in the shortest text of f, exactly. The
// tests compute with such fractions.
func fraction(t *testing.T, f float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(f, 'e', -1, 64))
	require.True(t, ok)
	return r
}

// nearest returns the double nearest to r. For zero it is 0.
func nearest(r *big.Rat) float64 {
	f, _ := r.Float64()
	return f + 0
}

// random returns doubles of all kinds, most of them with few digits.
func random(r *rand.Rand) float64 {
	switch r.IntN(8) {
	case 0:
		return float64(r.Int64N(1000) - 500)
	case 1, 2:
		return float64(r.Int64N(2e6)-1e6) / 100
	case 3:
		return float64(r.Int64N(2e15)-1e15) / math.Pow10(r.IntN(20))
	case 4:
		return r.NormFloat64()
	case 5:
		return math.Ldexp(r.Float64()+0.5, r.IntN(120)-60)
	case 6:
		return math.Ldexp(r.Float64()-0.5, r.IntN(600)-300)
	}
	return float64(r.Int64N(1 << 62))
}

func TestArithmetic(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	one := big.NewRat(1, 1)
	for range 30000 {
		x, y := random(r), random(r)
		a, b := fraction(t, x), fraction(t, y)
		p, q := num.FromFloat(x), num.FromFloat(y)
		require.Equal(t, x, p.Float())
		check := func(op string, got num.Num, err error, want float64) {
			t.Helper()
			if err != nil || got.Float() != want || math.Signbit(got.Float()) && got.IsZero() {
				t.Fatalf("%v %s %v = %v, %v; want %v", x, op, y, got, err, want)
			}
		}
		sum, err := num.Add(p, q)
		check("+", sum, err, nearest(new(big.Rat).Add(a, b)))
		diff, err := num.Sub(p, q)
		check("-", diff, err, nearest(new(big.Rat).Sub(a, b)))
		prod, err := num.Mul(p, q)
		check("*", prod, err, nearest(new(big.Rat).Mul(a, b)))
		if y == 0 {
			continue
		}
		quo := new(big.Rat).Quo(a, b)
		got, err := num.Div(p, q)
		check("/", got, err, significant(quo, 16))
		whole := new(big.Int).Quo(quo.Num(), quo.Denom()) // drop the fraction
		rem := new(big.Rat).Sub(a, new(big.Rat).Mul(b, new(big.Rat).SetFrac(whole, one.Num())))
		got, err = num.Rem(p, q)
		check("%", got, err, nearest(rem))
		require.Equal(t, a.Cmp(b), num.Compare(p, q))
	}
}

// significant rounds to a number of significant digits, with ties to even.
func significant(r *big.Rat, digits int) float64 {
	if r.Sign() == 0 {
		return 0
	}
	ten := big.NewRat(10, 1)
	low, high := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits-1)), nil)), new(big.Rat)
	high.Mul(low, ten)
	x, exp := new(big.Rat).Abs(r), 0
	for x.Cmp(low) < 0 {
		x.Mul(x, ten)
		exp--
	}
	for x.Cmp(high) >= 0 {
		x.Quo(x, ten)
		exp++
	}
	q, rest := new(big.Int).QuoRem(x.Num(), x.Denom(), new(big.Int))
	if c := rest.Lsh(rest, 1).Cmp(x.Denom()); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	f, _ := strconv.ParseFloat(q.String()+"e"+strconv.Itoa(exp), 64)
	if r.Sign() < 0 {
		f = -f
	}
	return f
}

func TestRound(t *testing.T) {
	tests := []struct {
		x      float64
		digits int
		want   string
	}{
		{1.005, 2, "1.01"}, {2.675, 2, "2.68"}, {-0.125, 2, "-0.13"}, {-1.005, 2, "-1.01"},
		{0.004, 2, "0.0"}, {-0.004, 2, "-0.0"}, {1e-300, 2, "0.0"}, {-1e-300, 10, "-0.0"},
		{1e300, 2, "1.0E300"}, {123456789.125, 2, "1.2345678913E8"}, {0.9999, 2, "1.0"},
		{math.NaN(), 2, "NaN"}, {math.Inf(-1), 2, "-Infinity"}, {math.Copysign(0, -1), 2, "-0.0"},
		{0.6666666666666666, 10, "0.6666666667"}, {999.995, 2, "1000.0"}, {15, -1, "20.0"},
	}
	for _, tt := range tests {
		if got := num.FromFloat(tt.x).Round(tt.digits).String(); got != tt.want {
			t.Errorf("%v to %d digits: %s, want %s", tt.x, tt.digits, got, tt.want)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 20000 {
		x, digits := random(r), r.IntN(12)
		unit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
		scaled := fraction(t, math.Abs(x))
		scaled.Mul(scaled, unit).Add(scaled, big.NewRat(1, 2))
		whole := new(big.Rat).SetInt(new(big.Int).Quo(scaled.Num(), scaled.Denom()))
		want := math.Copysign(nearest(whole.Quo(whole, unit)), x)
		if got := num.FromFloat(x).Round(digits).Float(); got != want {
			t.Fatalf("%v to %d digits: %v, want %v", x, digits, got, want)
		}
	}
}

// TestString checks texts in the form of Java.
func TestString(t *testing.T) {
	tests := []struct {
		x    float64
		want string
	}{
		{1, "1.0"}, {12.5, "12.5"}, {0.001, "0.001"}, {0.0001, "1.0E-4"}, {1e7, "1.0E7"}, {9999999, "9999999.0"},
		{12345678.9, "1.23456789E7"}, {1.2345e-4, "1.2345E-4"}, {5e-324, "4.9E-324"}, {2e-323, "2.0E-323"},
		{math.MaxFloat64, "1.7976931348623157E308"}, {-0.5, "-0.5"}, {0, "0.0"}, {math.Copysign(0, -1), "-0.0"},
		{math.NaN(), "NaN"}, {math.Inf(1), "Infinity"}, {1e23, "1.0E23"}, {100, "100.0"}, {0.05, "0.05"},
	}
	for _, tt := range tests {
		if got := num.FromFloat(tt.x).String(); got != tt.want {
			t.Errorf("%v is %s, want %s", tt.x, got, tt.want)
		}
	}
}

func TestPow(t *testing.T) {
	tests := []struct {
		x, y float64
		want string
		err  error
	}{
		{2, 10, "1024.0", nil}, {2, 0.5, "1.0", nil}, {2, -1, "0.5", nil}, {0, 0, "1.0", nil}, {0, 5, "0.0", nil},
		{123456, 2, "1.524138E10", nil}, {1.1, 100, "13780.61", nil}, {-2, 3, "-8.0", nil}, {3, -2, "0.1111111", nil},
		{10, 400, "Infinity", nil}, {10, -400, "0.0", nil}, {1.0000001, 9999999, "2.718281", nil},
		{99999999, 1, "1.0E8", nil}, {2, 4294967297, "2.0", nil}, // the low 32 bits of the exponent are 1
		{0, -1, "", num.ErrZeroBase}, {2, 1e7, "", num.ErrExponent}, {2, math.Inf(1), "", num.ErrInfinite},
		{2, 1e20, "", num.ErrExponent}, {0.5, 1e-320, "1.0", nil}, {2, 1e300, "1.0", nil}, // the low 32 bits of the exponent are 0
	}
	for _, tt := range tests {
		got, err := num.Pow(num.FromFloat(tt.x), num.FromFloat(tt.y))
		if !errors.Is(err, tt.err) || err == nil && got.String() != tt.want {
			t.Errorf("%v ^ %v = %v, %v; want %s, %v", tt.x, tt.y, got, err, tt.want, tt.err)
		}
	}
}

func TestCompare(t *testing.T) {
	order := []float64{math.Inf(-1), -1e300, -1, -5e-324, math.Copysign(0, -1), 0, 5e-324, 0.1, 0.3, 1, 1e300, math.Inf(1), math.NaN()}
	for i, x := range order {
		for j, y := range order {
			want := min(1, max(-1, i-j))
			if got := num.Compare(num.FromFloat(x), num.FromFloat(y)); got != want {
				t.Errorf("compare %v and %v: %d, want %d", x, y, got, want)
			}
		}
	}
}

func TestInfinitiesAndNaN(t *testing.T) {
	inf, nan := num.FromFloat(math.Inf(1)), num.NaN
	one := num.FromFloat(1)
	for _, op := range []func(a, b num.Num) (num.Num, error){num.Add, num.Sub, num.Mul, num.Div, num.Rem} {
		if _, err := op(one, inf); !errors.Is(err, num.ErrInfinite) {
			t.Errorf("with an infinity: %v", err)
		}
		if _, err := op(inf, one); !errors.Is(err, num.ErrInfinite) {
			t.Errorf("of an infinity: %v", err)
		}
		for _, x := range []num.Num{one, inf, nan} {
			if r, err := op(nan, x); err != nil || !r.IsNaN() {
				t.Errorf("of NaN and %v: %v, %v", x, r, err)
			}
		}
	}
	require.True(t, nan.IsNaN())
	require.True(t, inf.Neg().IsInf())
	require.False(t, one.IsInf())
	_, _, ok := nan.Decimal()
	require.False(t, ok)
}
