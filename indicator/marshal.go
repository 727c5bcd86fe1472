package indicator

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/shopspring/decimal"
)

// These are the words for not-a-number and the infinities in JSON and SQL.
const (
	wordNaN      = "NaN"
	wordInfinity = "Infinity"
)

// MarshalJSON implements [json.Marshaler]: a number with all of its digits, a
// text, true, false, or null if the value is missing. Not-a-number and the
// infinities are the texts "NaN", "Infinity" and "-Infinity".
func (v Value) MarshalJSON() ([]byte, error) {
	switch {
	case v.kind == missing:
		return []byte("null"), nil
	case v.kind == text:
		return json.Marshal(*v.str)
	case v.isMinusZero():
		return []byte("-0"), nil
	case v.isNumber() && !v.finite():
		return json.Marshal(v.word())
	}
	return []byte(v.String()), nil
}

// UnmarshalJSON implements [json.Unmarshaler]: it reads what
// [Value.MarshalJSON] writes. The three texts for numbers become numbers. If it
// fails, v does not change.
func (v *Value) UnmarshalJSON(data []byte) error {
	switch s := string(data); {
	case s == "null":
		*v = Value{}
	case s == "true", s == "false":
		*v = Truth(s == "true")
	case len(s) > 0 && s[0] == '"':
		var t string
		if err := json.Unmarshal(data, &t); err != nil {
			return fmt.Errorf("indicator: %w", err)
		}
		*v = textOrWord(t)
	default:
		n, ok := readNumber(s)
		if !ok || !json.Valid(data) {
			return fmt.Errorf("indicator: cannot read a value from %s: "+
				"want a number, a text, true, false or null", quote.Cut(s, 64))
		}
		*v = n
	}
	return nil
}

// Value implements [driver.Valuer]: a number as text with all of its digits, as
// a NUMERIC column accepts it, a text, a truth value, or NULL if the value is
// missing. Not-a-number and the infinities are the texts NaN, Infinity and
// -Infinity.
func (v Value) Value() (driver.Value, error) {
	switch {
	case v.kind == missing:
		return nil, nil
	case v.kind == truth:
		return v.n != 0, nil
	case v.isNumber() && !v.finite():
		return v.word(), nil
	case v.isMinusZero():
		return "-0", nil
	}
	return v.String(), nil
}

// Scan implements [database/sql.Scanner]. Text that is a number in decimal or
// exponent form becomes a number, as drivers give NUMERIC columns as text; all
// other text is text. NULL is missing. If it fails, v does not change.
func (v *Value) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		*v = Value{}
	case bool:
		*v = Truth(src)
	case int64:
		*v = Num(decimal.New(src, 0))
	case float64:
		*v = Float(src)
	case string:
		*v = scanned(src)
	case []byte:
		*v = scanned(string(src))
	default:
		return fmt.Errorf("indicator: cannot read a value from %T: "+
			"want a number, a text, a truth value or NULL", src)
	}
	return nil
}

func scanned(s string) Value {
	if n, ok := readNumber(s); ok {
		return n
	}
	return textOrWord(s)
}

// finite reports whether a number is not NaN or an infinity.
func (v Value) finite() bool {
	return v.kind != number || !v.num().IsNaN() && !v.num().IsInf()
}

// word returns the word for a number that is not finite, such as NaN.
func (v Value) word() string {
	switch f := v.num().Float(); {
	case f > 0:
		return wordInfinity
	case f < 0:
		return "-" + wordInfinity
	}
	return wordNaN
}

// textOrWord returns a number if s is the word for one, such as NaN. Otherwise
// it returns the text s.
func textOrWord(s string) Value {
	switch s {
	case wordNaN:
		return Float(math.NaN())
	case wordInfinity:
		return Float(math.Inf(1))
	case "-" + wordInfinity:
		return Float(math.Inf(-1))
	}
	return Text(s)
}

// readNumber parses a decimal number. ok is false if s is not a number, or is
// so long that parsing it would be slow.
func readNumber(s string) (v Value, ok bool) {
	if s == "" || len(s) > maxDigits+maxMagnitude {
		return Value{}, false
	}
	for _, c := range []byte(s) {
		if c != '+' && c != '-' && c != '.' && c|0x20 != 'e' && (c < '0' || c > '9') {
			return Value{}, false
		}
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return Value{}, false
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && f == 0 && math.Signbit(f) && d.IsZero() {
		return Float(f), true // strconv returns -0, which a decimal cannot represent
	}
	return Num(d), true
}
