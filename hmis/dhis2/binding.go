package dhis2

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// A field connects a member of a JSON object with a field of a Go struct, for
// reading and writing. Each kind of object has a table of such fields.
type field struct {
	name string
	read func(d *packageReader, raw []byte) error
	// append appends the value as JSON, or nothing if it has its default.
	// append is nil for a member that is only read.
	append func(b []byte) []byte
}

// An errKeep is the error of a value that does not fit its field. The value is
// then kept as a property.
type errKeep struct{ err error }

func (e errKeep) Error() string { return e.err.Error() }

func want(raw []byte, what string) error {
	got := jsontext.KindOf(raw)
	if raw[0] != 'n' {
		got += " " + quote.Cut(string(raw), 64)
	}
	return fmt.Errorf("want %s, got %s", what, got)
}

func text[T ~string](name string, v *T) field {
	return field{name, func(_ *packageReader, raw []byte) error {
		s, err := jsontext.Scalar(raw)
		*v = T(s)
		return err
	}, func(b []byte) []byte {
		if *v == "" {
			return b
		}
		return appendJSON(b, string(*v))
	}}
}

// flag binds a boolean. It is written only if it differs from its usual value.
func flag(name string, v *bool, usual bool) field {
	return truth(name, usual, func() bool { return *v }, func(is bool) { *v = is })
}

// flagNot binds a boolean whose member has the opposite meaning.
func flagNot(name string, v *bool) field {
	return truth(name, true, func() bool { return !*v }, func(is bool) { *v = !is })
}

func truth(name string, usual bool, get func() bool, set func(bool)) field {
	return field{name, func(_ *packageReader, raw []byte) error {
		switch string(raw) {
		case "true", `"true"`:
			set(true)
		case "false", `"false"`:
			set(false)
		case "null":
		default:
			return want(raw, "true or false")
		}
		return nil
	}, func(b []byte) []byte {
		if get() == usual {
			return b
		}
		return strconv.AppendBool(b, get())
	}}
}

// choice binds a boolean that is written as one of two words. Any letter case
// is read, since old servers write small letters.
func choice(name string, v *bool, no, yes string) field {
	return field{name, func(_ *packageReader, raw []byte) error {
		s, err := jsontext.Scalar(raw)
		switch {
		case err != nil:
			return err
		case strings.EqualFold(string(s), yes):
			*v = true
		case strings.EqualFold(string(s), no) || s == nil:
			*v = false
		default:
			return errKeep{fmt.Errorf("%s: want %s or %s", quoted(s), no, yes)}
		}
		return nil
	}, func(b []byte) []byte {
		if *v {
			return appendJSON(b, yes)
		}
		return appendJSON(b, no)
	}}
}

func integer(name string, v *int) field {
	return field{name, func(_ *packageReader, raw []byte) (err error) {
		*v, err = wholeNumber(raw)
		return err
	}, func(b []byte) []byte {
		if *v == 0 {
			return b
		}
		return strconv.AppendInt(b, int64(*v), 10)
	}}
}

func optionalInteger(name string, v **int) field {
	return field{name, func(_ *packageReader, raw []byte) error {
		if raw[0] == 'n' {
			return nil
		}
		n, err := wholeNumber(raw)
		*v = &n
		return err
	}, func(b []byte) []byte {
		if *v == nil {
			return b
		}
		return strconv.AppendInt(b, int64(**v), 10)
	}}
}

// wholeNumber parses an integer of 32 bits. It also accepts 3.0, which some
// clients write.
func wholeNumber(raw []byte) (int, error) {
	s, err := jsontext.Scalar(raw)
	if err != nil || s == nil {
		return 0, err
	}
	coef, scale, ok := scan.Plain(s)
	for ; ok && scale > 0 && coef%10 == 0; scale-- {
		coef /= 10
	}
	if !ok || scale > 0 || int64(int32(coef)) != coef {
		return 0, want(raw, "a whole number of 32 bits")
	}
	return int(coef), nil
}

func integers(name string, v *[]int) field {
	return field{name, func(d *packageReader, raw []byte) error {
		*v = nil
		return d.entries(raw, func(m jsontext.Member) error {
			n, err := wholeNumber(m.Raw)
			if err == nil {
				*v = append(*v, n)
			}
			return err
		})
	}, func(b []byte) []byte {
		if len(*v) == 0 {
			return b
		}
		return appendList(b, *v, func(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) })
	}}
}

func float(name string, v *float64) field {
	return field{name, func(_ *packageReader, raw []byte) error {
		s, err := jsontext.Scalar(raw)
		if err != nil || s == nil {
			return err
		}
		if *v, err = strconv.ParseFloat(string(s), 64); err != nil || *v != *v || *v-*v != 0 {
			return want(raw, "a number")
		}
		return nil
	}, func(b []byte) []byte {
		if *v == 0 {
			return b
		}
		return strconv.AppendFloat(b, *v, 'f', -1, 64)
	}}
}

// maxDigits limits the length of a number, as it is read and as it is written.
const maxDigits = 1500

func number(name string, v *decimal.Decimal) field {
	return field{name, func(_ *packageReader, raw []byte) error {
		s, err := jsontext.Scalar(raw)
		if err != nil || s == nil {
			return err
		}
		// A long coefficient takes time that grows with the square of its
		// digits, and a large exponent takes memory.
		if len(s) > maxDigits {
			return want(raw, fmt.Sprintf("a number of at most %d digits", maxDigits))
		}
		d, err := decimal.NewFromString(string(s))
		if err != nil || d.Exponent() > 400 || d.Exponent() < -1400 || len(d.String()) > maxDigits {
			return want(raw, "a number of reasonable size")
		}
		*v = d
		return nil
	}, func(b []byte) []byte { return append(b, v.String()...) }}
}

func date(name string, v *period.Date) field {
	return field{name, func(_ *packageReader, raw []byte) error {
		s, err := jsontext.Scalar(raw)
		if err != nil || len(s) == 0 {
			return err
		}
		m, err := scan.ParseMoment(string(s))
		if err == nil {
			*v = period.DateAt(m.Time) // the day in the time zone of the text
		}
		return err
	}, func(b []byte) []byte {
		if *v == 0 {
			return b
		}
		return appendDate(b, *v)
	}}
}

// openingDate binds the first day of an org unit. Servers require one. A unit
// that was always open gets 1970-01-01, which means always.
func openingDate(name string, v *period.Date) field {
	f := date(name, v)
	f.append = func(b []byte) []byte { return appendDate(b, *v) }
	return f
}

func appendDate(b []byte, d period.Date) []byte {
	return append(append(append(b, '"'), d.String()...), `T00:00:00.000"`...)
}

func readTime(v *time.Time) func([]byte) error {
	return func(raw []byte) error {
		s, err := jsontext.Scalar(raw)
		if err != nil || len(s) == 0 {
			return err
		}
		m, err := scan.ParseMoment(string(s))
		*v = m.Time
		return err
	}
}

// periodType binds the name of a period type. An unknown name, such as
// "TwoYearly", becomes a property.
func periodType(name string, v *period.Type) field {
	return field{name, func(_ *packageReader, raw []byte) error {
		s, err := jsontext.Scalar(raw)
		if err != nil || len(s) == 0 {
			return err
		}
		if *v, err = period.ParseType(string(s)); err != nil {
			return errKeep{err}
		}
		return nil
	}, func(b []byte) []byte {
		if *v == 0 {
			return b
		}
		return appendJSON(b, v.String())
	}}
}

// geometry binds GeoJSON, which is kept as it was written.
func geometry(name string, v *string) field {
	return field{name, func(_ *packageReader, raw []byte) error {
		if raw[0] == 'n' {
			return nil
		}
		if raw[0] != '{' {
			return want(raw, "a geometry")
		}
		*v = string(raw)
		return nil
	}, func(b []byte) []byte {
		if !json.Valid([]byte(*v)) {
			return b
		}
		var compact bytes.Buffer
		if json.Compact(&compact, []byte(*v)) != nil {
			return b
		}
		return append(b, compact.Bytes()...)
	}}
}

// snake converts camelCase to CAMEL_CASE, and camel converts it back.
func snake(s string) string {
	if strings.ToUpper(s) == s {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		if 'A' <= r && r <= 'Z' && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

func camel(s string) string {
	words := strings.Split(strings.ToLower(s), "_")
	for i, w := range words {
		if i > 0 && w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}
