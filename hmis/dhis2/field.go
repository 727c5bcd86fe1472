package dhis2

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// A field binds a member of a metadata object to a field of a noun, both ways.
// The tables of fields, one for each kind, are the interoperability
// specification, section 4.
type field struct {
	name string
	read func(d *packageReader, raw []byte) error
	// append adds the value as JSON, or nothing if it is not worth writing. It is
	// nil for what is only read.
	append func(b []byte) []byte
}

// errKeep says that a value does not fit the noun and stays a property.
type errKeep struct{ err error }

func (e errKeep) Error() string { return e.err.Error() }

func want(raw []byte, what string) error {
	got := kindOf(raw)
	if raw[0] != 'n' {
		got += " " + short(raw)
	}
	return fmt.Errorf("want %s, got %s", what, got)
}

func text[T ~string](name string, v *T) field {
	return field{name, func(_ *packageReader, raw []byte) error {
		s, err := scalar(raw)
		*v = T(s)
		return err
	}, func(b []byte) []byte {
		if *v == "" {
			return b
		}
		return appendJSON(b, string(*v))
	}}
}

// flag is a truth value that is otherwise not written than when it is not usual.
func flag(name string, v *bool, usual bool) field {
	return truth(name, usual, func() bool { return *v }, func(is bool) { *v = is })
}

// flagNot is a flag that says the opposite of v.
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

// choice is one of two words, in any letter case: old servers write small ones.
func choice(name string, v *bool, no, yes string) field {
	return field{name, func(_ *packageReader, raw []byte) error {
		s, err := scalar(raw)
		switch {
		case err != nil:
			return err
		case strings.EqualFold(string(s), yes):
			*v = true
		case strings.EqualFold(string(s), no) || s == nil:
			*v = false
		default:
			return errKeep{fmt.Errorf("%q: want %s or %s", short(s), no, yes)}
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

// wholeNumber also takes 3.0, as some clients write it.
func wholeNumber(raw []byte) (int, error) {
	s, err := scalar(raw)
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
		return d.entries(raw, func(m member) error {
			n, err := wholeNumber(m.raw)
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
		s, err := scalar(raw)
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

// maxDigits bounds the text of a number, as it is read and as it is written.
const maxDigits = 1500

func number(name string, v *decimal.Decimal) field {
	return field{name, func(_ *packageReader, raw []byte) error {
		s, err := scalar(raw)
		if err != nil || s == nil {
			return err
		}
		// A coefficient costs the square of its digits; an exponent what it means.
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
		s, err := scalar(raw)
		if err != nil || len(s) == 0 {
			return err
		}
		m, err := scan.ParseMoment(string(s))
		if err == nil {
			*v = period.DateOfTime(m.Time) // the day as written
		}
		return err
	}, func(b []byte) []byte {
		if *v == 0 {
			return b
		}
		return appendDate(b, *v)
	}}
}

// openingDate is a date that servers want of every org unit: one that was always
// open has opened on the day that stands for always.
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
		s, err := scalar(raw)
		if err != nil || len(s) == 0 {
			return err
		}
		m, err := scan.ParseMoment(string(s))
		*v = m.Time
		return err
	}
}

// periodType keeps a name that is no type, such as "TwoYearly".
func periodType(name string, v *period.Type) field {
	return field{name, func(_ *packageReader, raw []byte) error {
		s, err := scalar(raw)
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

// reference is {"id": ...}; a file may have the code of the object in its place.
func reference(name string, k hmis.Kind, v *hmis.UID) field {
	return field{name, func(d *packageReader, raw []byte) error {
		return d.ref(raw, k, v)
	}, func(b []byte) []byte {
		if *v == "" {
			return b
		}
		return appendRef(b, *v)
	}}
}

func references(name string, k hmis.Kind, v *[]hmis.UID) field {
	return field{name, func(d *packageReader, raw []byte) error {
		return d.refs(raw, k, v)
	}, func(b []byte) []byte {
		if len(*v) == 0 {
			return b
		}
		return appendList(b, *v, appendRef)
	}}
}

// geometry is GeoJSON, kept as it was written.
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

// withCombos reads entries that are a data element with a combo of some kind.
func withCombos[T any](d *packageReader, raw []byte, name string, k hmis.Kind, parts func(*T) (element, combo *hmis.UID)) ([]T, error) {
	list := fixed[T](raw)
	n := 0
	err := d.entries(raw, func(m member) error {
		var none T
		list[n] = none // may have been left by an entry that was not read
		element, combo := parts(&list[n])
		given := false
		err := members(m.raw, func(m member) error {
			switch m.name {
			case "dataElement":
				given = true
				return d.need(m.raw, hmis.KindDataElement, element)
			case name:
				return d.ref(m.raw, k, combo)
			}
			return nil
		})
		if err == nil && !given {
			err = want(m.raw, "an object with a dataElement")
		}
		if err == nil {
			n++
		}
		return err
	})
	return whole(list[:n]), err
}

// operands are cells: a data element with an option combo.
func operands(name string, v *[]hmis.Operand) field {
	return field{name, func(d *packageReader, raw []byte) (err error) {
		*v, err = withCombos(d, raw, "categoryOptionCombo", hmis.KindCategoryOptionCombo, func(o *hmis.Operand) (_, _ *hmis.UID) {
			return &o.DataElement, &o.OptionCombo
		})
		return err
	}, func(b []byte) []byte {
		if len(*v) == 0 {
			return b
		}
		return appendList(b, *v, func(b []byte, o hmis.Operand) []byte {
			b = appendRef(append(b, `{"dataElement":`...), o.DataElement)
			if o.OptionCombo != "" {
				b = appendRef(append(b, `,"categoryOptionCombo":`...), o.OptionCombo)
			}
			return append(b, '}')
		})
	}}
}

// readOnly takes what is not written.
func readOnly(name string, read func(d *packageReader, raw []byte) error) field {
	return field{name, read, nil}
}

// entries walks an array; null has none, and an entry that is null is skipped.
func entries(raw []byte, yield func(member) error) error {
	if raw[0] == 'n' {
		return nil
	}
	if raw[0] != '[' {
		return want(raw, "an array")
	}
	n := -1
	return members(raw, func(m member) error {
		if n++; m.raw[0] == 'n' {
			return nil
		}
		if err := yield(m); err != nil {
			return fmt.Errorf("entry %d: %w", n, err)
		}
		return nil
	})
}

// fixed makes a list for the entries of an array: of fixed size, since references
// may be filled in later; nil for none.
func fixed[T any](raw []byte) []T {
	if n := count(raw); n > 0 {
		return make([]T, n)
	}
	return nil
}

// whole returns a list, or nil if it is empty.
func whole[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// count returns the number of entries of an array that are not null.
func count(raw []byte) int {
	n := 0
	if raw[0] == '[' {
		members(raw, func(m member) error { // has been checked
			if m.raw[0] != 'n' {
				n++
			}
			return nil
		})
	}
	return n
}

// ref reads a reference: an object with an id or a code, or the id alone.
func (d *packageReader) ref(raw []byte, k hmis.Kind, v *hmis.UID) error {
	*v = ""
	if raw[0] != '{' {
		s, err := scalar(raw)
		*v = hmis.UID(s)
		return cmp.Or(err, check(string(s))) // null refers to nothing
	}
	var id, code []byte
	err := members(raw, func(m member) (err error) {
		switch m.name {
		case "id":
			id, err = scalar(m.raw)
		case "code":
			code, err = scalar(m.raw)
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case len(id) > 0:
		*v = hmis.UID(id)
		return check(string(id))
	case len(code) > 0:
		d.byCode = append(d.byCode, codeRef{k, string(code), v, d.object, d.offset})
		return nil
	}
	return errors.New("want a reference with an id or a code")
}

func (d *packageReader) refs(raw []byte, k hmis.Kind, v *[]hmis.UID) error {
	list := fixed[hmis.UID](raw)
	n := 0
	err := d.entries(raw, func(m member) error {
		err := d.need(m.raw, k, &list[n])
		if err == nil {
			n++
		}
		return err
	})
	*v = whole(list[:n])
	return err
}

// need is ref for a reference that has to be there.
func (d *packageReader) need(raw []byte, k hmis.Kind, v *hmis.UID) error {
	if raw[0] == 'n' || string(raw) == `""` {
		return want(raw, "a reference")
	}
	return d.ref(raw, k, v)
}

func appendRef(b []byte, id hmis.UID) []byte {
	return append(appendJSON(append(b, `{"id":`...), string(id)), '}')
}

func appendList[T any](b []byte, list []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, v)
	}
	return append(b, ']')
}

// snake writes camelCase as CAMEL_CASE, camel the other way round.
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
