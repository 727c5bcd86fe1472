package crosswalk

import (
	"math/bits"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
	"github.com/shopspring/decimal"
)

// A number is an exact decimal: coef × 10^-scale, or big if that is not nil.
// The zero number is 0.
type number struct {
	coef  int64
	big   *decimal.Decimal
	scale int8
}

func numberOf(d decimal.Decimal) number {
	if coef := d.Coefficient(); coef.IsInt64() && d.Exponent() <= 0 && d.Exponent() >= -scan.MaxDigits {
		return number{coef: coef.Int64(), scale: int8(-d.Exponent())}
	}
	return number{big: &d}
}

func (n number) decimal() decimal.Decimal {
	if n.big != nil {
		return *n.big
	}
	return decimal.New(n.coef, -int32(n.scale))
}

// plus returns the sum of n and o. It allocates only if the sum needs more than
// an int64.
func (n number) plus(o number) number {
	if n.scale == o.scale && n.big == nil && o.big == nil {
		if sum := n.coef + o.coef; (sum > n.coef) == (o.coef > 0) {
			return number{coef: sum, scale: n.scale}
		}
	}
	return n.plusSlowly(o)
}

func (n number) plusSlowly(o number) number {
	if n.big == nil && o.big == nil {
		if n.scale > o.scale {
			n, o = o, n
		}
		if coef, ok := times(n.coef, powers[o.scale-n.scale]); ok {
			if sum := coef + o.coef; (sum > coef) == (o.coef > 0) {
				return number{coef: sum, scale: o.scale}
			}
		}
	}
	return numberOf(n.decimal().Add(o.decimal()))
}

// times returns the product of n and o.
func (n number) times(o number) number {
	if n.big == nil && o.big == nil && n.scale+o.scale <= scan.MaxDigits {
		if coef, ok := times(n.coef, o.coef); ok {
			return number{coef: coef, scale: n.scale + o.scale}
		}
	}
	return numberOf(n.decimal().Mul(o.decimal()))
}

// times returns the product of two integers. ok is false if it overflows.
func times(a, b int64) (product int64, ok bool) {
	negative := (a < 0) != (b < 0)
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	if high != 0 || low > 1<<63-1 {
		return 0, false
	}
	if negative {
		return -int64(low), true
	}
	return int64(low), true
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

// powers are the powers of ten up to 10^18.
var powers = func() (list [scan.MaxDigits + 1]int64) {
	list[0] = 1
	for i := 1; i < len(list); i++ {
		list[i] = list[i-1] * 10
	}
	return list
}()

// longestText limits the bytes of a number, and longestWhole those before its
// point, including the sign.
const (
	longestText  = 50_000
	longestWhole = 307
)

// read parses a reported text as a number (RULES.md#numbers). It accepts
// surrounding blanks, a sign, leading zeros, and a point with digits on only
// one side.
func read(text string) (n number, ok bool) {
	if coef, scale, ok := scan.Plain(text); ok {
		return number{coef: coef, scale: scale}, true
	}
	if len(text) > longestText {
		return number{}, false
	}
	text = strings.TrimSpace(text)
	unsigned := strings.TrimPrefix(text, "-")
	negative := unsigned != text
	if !negative {
		unsigned = strings.TrimPrefix(text, "+")
	}
	whole, fraction, _ := strings.Cut(unsigned, ".")
	if len(whole)+len(text)-len(unsigned) > longestWhole || whole+fraction == "" || !digits(whole) || !digits(fraction) {
		return number{}, false
	}
	if whole == "" {
		whole = "0"
	}
	if negative {
		whole = "-" + whole
	}
	if fraction != "" {
		whole += "." + fraction
	}
	d, err := decimal.NewFromString(whole)
	if err != nil {
		return number{}, false
	}
	return numberOf(d), true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}
