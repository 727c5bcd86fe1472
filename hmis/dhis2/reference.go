package dhis2

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
)

// reference binds a reference, which is {"id": ...} or {"code": ...}.
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

// withCombos reads entries that consist of a data element and a combo of some
// kind.
func withCombos[T any](d *packageReader, raw []byte, name string, k hmis.Kind, parts func(*T) (element, combo *hmis.UID)) ([]T, error) {
	list := fixed[T](raw)
	n := 0
	err := d.entries(raw, func(m jsontext.Member) error {
		var none T
		list[n] = none // a failed entry may have been partly filled in
		element, combo := parts(&list[n])
		given := false
		err := jsontext.Members(m.Raw, func(m jsontext.Member) error {
			switch m.Name {
			case "dataElement":
				given = true
				return d.need(m.Raw, hmis.KindDataElement, element)
			case name:
				return d.ref(m.Raw, k, combo)
			}
			return nil
		})
		if err == nil && !given {
			err = want(m.Raw, "an object with a dataElement")
		}
		if err == nil {
			n++
		}
		return err
	})
	return whole(list[:n]), err
}

// operands binds a list of form cells: a data element with an option combo.
func operands(name string, v *[]hmis.Operand) field {
	return field{name, func(d *packageReader, raw []byte) (err error) {
		*v, err = withCombos(d, raw, "categoryOptionCombo", hmis.KindOptionCombo, func(o *hmis.Operand) (_, _ *hmis.UID) {
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

// readOnly binds a member that is read but not written.
func readOnly(name string, read func(d *packageReader, raw []byte) error) field {
	return field{name, read, nil}
}

// entries calls yield for each entry of an array. null is an empty array, and
// entries that are null are skipped.
func entries(raw []byte, yield func(jsontext.Member) error) error {
	if raw[0] == 'n' {
		return nil
	}
	if raw[0] != '[' {
		return want(raw, "an array")
	}
	n := -1
	return jsontext.Members(raw, func(m jsontext.Member) error {
		if n++; m.Raw[0] == 'n' {
			return nil
		}
		if err := yield(m); err != nil {
			return fmt.Errorf("entry %d: %w", n, err)
		}
		return nil
	})
}

// fixed returns a list with room for all entries of an array. It must not grow,
// since references are filled in later. It is nil for an empty array.
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
		jsontext.Members(raw, func(m jsontext.Member) error { // the array has been checked before
			if m.Raw[0] != 'n' {
				n++
			}
			return nil
		})
	}
	return n
}

// ref reads a reference: an object with an id or a code, or only an id.
func (d *packageReader) ref(raw []byte, k hmis.Kind, v *hmis.UID) error {
	*v = ""
	if raw[0] != '{' {
		s, err := jsontext.Scalar(raw)
		*v = hmis.UID(s)
		return cmp.Or(err, rows.CheckText(string(s))) // null is no reference
	}
	var id, code []byte
	err := jsontext.Members(raw, func(m jsontext.Member) (err error) {
		switch m.Name {
		case "id":
			id, err = jsontext.Scalar(m.Raw)
		case "code":
			code, err = jsontext.Scalar(m.Raw)
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case len(id) > 0:
		*v = hmis.UID(id)
		return rows.CheckText(string(id))
	case len(code) > 0:
		d.byCode = append(d.byCode, codeRef{k, string(code), v, d.object, d.offset})
		return nil
	}
	return errors.New("want a reference with an id or a code")
}

func (d *packageReader) refs(raw []byte, k hmis.Kind, v *[]hmis.UID) error {
	list := fixed[hmis.UID](raw)
	n := 0
	err := d.entries(raw, func(m jsontext.Member) error {
		err := d.need(m.Raw, k, &list[n])
		if err == nil {
			n++
		}
		return err
	})
	*v = whole(list[:n])
	return err
}

// need reads a reference that must not be missing.
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
