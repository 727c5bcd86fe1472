package adx

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// These are the ids that default objects have on most servers. A catalog may
// leave such objects out.
const (
	defaultCategory    = "GLevLNI9wkl"
	defaultOption      = "xYerKDKCefk"
	defaultOptionCombo = "HllvX50cXC0"
)

// whole returns the option combo whose code is the value of attribute a. It
// returns "" for the default option combo, whatever its id is
// (RULES.md#dimensions).
func (t *translator) whole(rule string, a *Attr, line, column int) (hmis.UID, *Finding) {
	k, text := hmis.Kind(a.Name), a.Value
	if _, err := t.Catalog.Lookup(object(k), t.text.scheme(k), text); err != nil && (text == defaultName || text == defaultOptionCombo) {
		return "", nil
	}
	id, f := t.reference(rule, a.Name, text, k, line, column)
	if id == t.Catalog.DefaultOptionCombo() {
		id = ""
	}
	return id, f
}

// dimensions sorts attributes into three results. list has the dimensions,
// combo has the code of a whole option combo, and stray is such a code that
// belongs to the other level.
func (t *translator) dimensions(attrs []Attr, l level) (list []Attr, combo, stray *Attr) {
	for i := range attrs {
		a := &attrs[i]
		switch {
		case !a.isCode(), a.isDefault(), slices.Contains(t.Ignore, a.Name):
		case a.Name == l.combo:
			combo = a
		case isReserved(a.Name):
			stray = a
		default:
			list = append(list, *a)
		}
	}
	return list, combo, stray
}

// A level is either that of groups or that of values. It has the name of the
// attribute for a whole option combo, and the rules that dimensions of this
// level can break.
type level struct{ combo, code, missing, other string }

var (
	outer = level{combo: string(attributeCombo), code: "ADX-031", missing: "ADX-032", other: "ADX-033"}
	inner = level{combo: string(hmis.KindOptionCombo), code: "ADX-044", missing: "ADX-045", other: "ADX-046"}
)

// combine returns the option combo of a category combo that has the options in
// dimensions.
func (t *translator) combine(combo hmis.UID, dimensions []Attr, l level, line, column int) (hmis.UID, *Finding) {
	if len(dimensions) == 0 && !t.RequireDimensions {
		return "", nil
	}
	categories, err := t.text.categories(combo)
	if err != nil {
		return "", t.fail(line, column, Finding{Rule: l.code, Err: err})
	}
	var first *Finding
	note := func(f Finding) {
		if first == nil {
			first = t.fail(line, column, f)
		}
	}
	var room [8]hmis.UID
	options := room[:0]
	used := 0
	for i := range categories {
		c := &categories[i]
		j := slices.IndexFunc(dimensions, func(a Attr) bool { return a.Name == c.name })
		if j < 0 {
			note(Finding{Rule: l.missing, Attr: c.name, Err: errMissing})
			continue
		}
		used++
		option, ok := c.options[dimensions[j].Value]
		if !ok {
			t.text.report(hmis.KindCategoryOption, dimensions[j].Value)
			note(Finding{
				Rule: l.code, Attr: c.name, Got: dimensions[j].Value,
				Want: "an option of the category",
			})
			continue
		}
		options = append(options, option)
	}
	if used < len(dimensions) {
		for _, a := range dimensions {
			isCategory := func(c category) bool { return c.name == a.Name }
			if !slices.ContainsFunc(categories, isCategory) && !t.isDefault(a) {
				note(Finding{
					Rule: l.other, Attr: a.Name, Got: a.Value,
					Err: errors.New("it is no dimension here"),
				})
			}
		}
	}
	if first != nil {
		return "", first
	}
	if len(categories) == 0 {
		return "", nil
	}
	id, ok := t.Catalog.OptionCombo(combo, options...)
	if !ok {
		return "", t.fail(line, column, Finding{
			Rule: l.code,
			Err:  fmt.Errorf("the category combo has no option combo of %s", spell(categories, dimensions)),
		})
	}
	return id, nil
}

// spell returns the options of the given categories as text for an error, in
// the order of the category combo.
func spell(categories []category, dimensions []Attr) string {
	parts := make([]string, len(categories))
	for i, c := range categories {
		j := slices.IndexFunc(dimensions, func(a Attr) bool { return a.Name == c.name })
		parts[i] = c.name + " " + quote.Text(dimensions[j].Value)
	}
	return strings.Join(parts, ", ")
}

// isDefault reports whether attribute a is named like the default category, in
// any scheme.
func (t *translator) isDefault(a Attr) bool {
	if a.Name == defaultCategory {
		return true
	}
	id, err := t.text.id(hmis.KindCategory, a.Name)
	if err != nil {
		return false
	}
	c, _ := hmis.Find[hmis.Category](t.Catalog, id)
	return c.Name == defaultName
}
