package hmis

import (
	"fmt"
	"reflect"

	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/shopspring/decimal"
)

// Merge puts several metadata together, such as the org units of a country from
// one file and its data elements from another:
//
//	md, conflicts := hmis.Merge(elements, units)
//
// An object that is in several parts, by its kind and id, becomes one: a field
// that is empty in an earlier part is filled from a later one, and lists are
// united in order, so that references and members add up. If two parts differ
// in a field, the earlier one is kept, and an *[Issue] with the Go name of the
// field says what was left out. Attribute values, translations and properties
// are merged by the same rule.
//
// The parts are not changed, but lists that came from one part only are shared
// with it.
func Merge(parts ...Metadata) (Metadata, Issues) {
	var m merger
	var md Metadata
	for _, p := range parts {
		for _, t := range nounTypes {
			t.append(&md, &p)
		}
		md.AttributeValues = append(md.AttributeValues, p.AttributeValues...)
		md.Translations = append(md.Translations, p.Translations...)
		md.Properties = append(md.Properties, p.Properties...)
	}
	for _, t := range nounTypes {
		t.merge(&m, &md)
	}
	md.AttributeValues = mergeRows(&m, md.AttributeValues, func(v AttributeValue) (row, string) {
		return row{v.Object, string(v.Attribute), ""}, v.Value
	})
	md.Translations = mergeRows(&m, md.Translations, func(t Translation) (row, string) {
		return row{t.Object, t.Property, t.Locale}, t.Value
	})
	md.Properties = mergeRows(&m, md.Properties, func(p Property) (row, string) {
		return row{p.Object, p.Name, ""}, p.Value
	})
	return md, m.issues
}

type merger struct{ issues Issues }

func (m *merger) conflict(r Ref, field, format string, args ...any) {
	m.issues = append(m.issues, &Issue{
		Code: "merge_conflict", Severity: Warning, Object: r, Field: field, Offset: -1, Err: fmt.Errorf(format, args...),
	})
}

// mergeNouns returns list with one object for each kind and id. Objects without
// an id are kept, so that NewCatalog reports them.
func mergeNouns[T Noun](m *merger, list []T) []T {
	at := make(map[Ref]int, len(list))
	out := list[:0]
	for i := range list {
		h := list[i].head()
		r := Ref{h.kind, h.id}
		first, repeats := at[r]
		if !repeats || h.id == "" {
			at[r] = len(out)
			out = append(out, list[i])
			continue
		}
		into, from := reflect.ValueOf(&out[first]).Elem(), reflect.ValueOf(list[i])
		for f := range into.NumField() {
			m.field(r, into.Type().Field(f).Name, into.Field(f), from.Field(f))
		}
	}
	clear(list[len(out):])
	return out
}

func (m *merger) field(r Ref, name string, into, from reflect.Value) {
	switch {
	case from.IsZero():
	case into.IsZero():
		into.Set(from)
	case into.Kind() == reflect.Slice:
		into.Set(m.union(r, name, into, from))
	case !same(into.Interface(), from.Interface()):
		m.conflict(r, name, "%s is kept, %s is left out", show(into), show(from))
	}
}

// same reports whether a and b are equal. Numbers are compared by value, so 1.0
// equals 1.
func same(a, b any) bool {
	if d, ok := a.(decimal.Decimal); ok {
		return d.Equal(b.(decimal.Decimal))
	}
	return reflect.DeepEqual(a, b)
}

// show returns the value of a field as text for an issue.
func show(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() == reflect.String {
		return quote.Text(v.String())
	}
	return quote.Cut(fmt.Sprint(v.Interface()), 64)
}

// union returns the entries of a, followed by those of b that a does not have.
// Entries with the same id, such as sections, are merged field by field.
func (m *merger) union(r Ref, name string, a, b reflect.Value) reflect.Value {
	out := reflect.MakeSlice(a.Type(), 0, a.Len()+b.Len()) // a is shared with its part, so it must not change
	out = reflect.AppendSlice(out, a)
	at := make(map[any]int, a.Len())
	for i := range a.Len() {
		at[identity(a.Index(i))] = i
	}
	for i := range b.Len() {
		from := b.Index(i)
		first, repeats := at[identity(from)]
		if !repeats {
			at[identity(from)] = out.Len()
			out = reflect.Append(out, from)
		} else if from.Kind() == reflect.Struct && !reflect.DeepEqual(out.Index(first).Interface(), from.Interface()) {
			for f := range from.NumField() {
				m.field(r, name+"."+from.Type().Field(f).Name, out.Index(first).Field(f), from.Field(f))
			}
		}
	}
	return out
}

func identity(v reflect.Value) any {
	switch e := v.Interface().(type) {
	case Section:
		if e.ID != "" {
			return e.ID
		}
		return e.Name
	case Option:
		if e.ID != "" {
			return e.ID
		}
		return e.Code
	case DataSetElement:
		return e.DataElement
	default:
		return e // ids, levels, kinds, operands and input periods can be compared with ==
	}
}

// A row identifies an entry in the list of attribute values, translations or
// properties.
type row struct {
	object         Ref
	name, language string
}

func mergeRows[T any](m *merger, list []T, key func(T) (row, string)) []T {
	seen := make(map[row]string, len(list))
	out := list[:0]
	for _, e := range list {
		r, value := key(e)
		first, repeats := seen[r]
		if !repeats {
			seen[r] = value
			out = append(out, e)
		} else if first != value {
			m.conflict(r.object, r.name, "%s is kept, %s is left out", quote.Text(first), quote.Text(value))
		}
	}
	return out
}
