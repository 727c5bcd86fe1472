package adx

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A texts finds objects by their codes or other texts, and texts by their
// objects. It remembers what it has found, at most the whole catalog.
type texts struct {
	catalog *hmis.Catalog
	schemes hmis.Schemes
	ids     map[hmis.Kind]map[string]hmis.UID
	back    map[hmis.Ref]string
	odd     map[hmis.Kind]map[string]hmis.UID // for each kind, objects by their text without extra blanks, if some text of the kind has them
	combos  map[hmis.UID][]category
	numbers map[hmis.UID]bool
	plain   Attr // the result of none

	unknown func(hmis.Kind, string) // called for each unknown text, or nil
	told    map[textOf]bool         // the unknown texts that have been reported
}

// A textOf is a text that should identify an object of a given kind.
type textOf struct {
	kind hmis.Kind
	text string
}

// maxUnknown limits how many unknown texts are remembered.
const maxUnknown = 10_000

// attributeCombo is the kind of the option combos of groups. It is not in hmis,
// because only their schemes differ.
const attributeCombo hmis.Kind = "attributeOptionCombo"

// object returns the kind that k has in the catalog, which does not distinguish
// attributeCombo.
func object(k hmis.Kind) hmis.Kind {
	if k == attributeCombo {
		return hmis.KindOptionCombo
	}
	return k
}

// A category is a category of a combo with the texts of its options.
type category struct {
	id      hmis.UID
	name    string // the name of the attribute for the category
	options map[string]hmis.UID
}

// defaultName is the name of all objects that mean no disaggregation.
const defaultName = "default"

func newTexts(c *hmis.Catalog, s hmis.Schemes) texts {
	if s.Any == "" {
		s.Any = hmis.ByCode
	}
	return texts{
		catalog: c, schemes: s,
		ids: map[hmis.Kind]map[string]hmis.UID{}, back: map[hmis.Ref]string{}, odd: map[hmis.Kind]map[string]hmis.UID{},
		combos: map[hmis.UID][]category{}, numbers: map[hmis.UID]bool{}, told: map[textOf]bool{},
	}
}

// scheme returns the scheme of a kind of object.
func (t *texts) scheme(k hmis.Kind) hmis.Scheme {
	s := hmis.Scheme("")
	switch k {
	case hmis.KindDataSet:
		s = t.schemes.DataSet
	case hmis.KindDataElement:
		s = t.schemes.DataElement
	case hmis.KindOrgUnit:
		s = t.schemes.OrgUnit
	case hmis.KindCategory:
		s = t.schemes.Category
	case hmis.KindCategoryOption:
		s = t.schemes.CategoryOption
	case hmis.KindOptionCombo:
		s = t.schemes.OptionCombo
	case attributeCombo:
		s = t.schemes.AttributeCombo
	}
	if s == "" {
		s = t.schemes.Any
	}
	return s
}

// want returns the words for an error about a text that should identify an
// object of a kind.
func (t *texts) want(k hmis.Kind) string {
	what := "the attribute value"
	switch t.scheme(k) {
	case hmis.ByCode:
		what = "the code"
	case hmis.ByName:
		what = "the name"
	case hmis.ByID, hmis.ByUID:
		what = "the id"
	}
	return what + " of a known " + string(object(k))
}

// id returns the object that has a text. Extra blanks are ignored, both in the
// message and in the catalog (RULES.md#codes).
func (t *texts) id(k hmis.Kind, text string) (hmis.UID, error) {
	known := t.ids[k]
	if id, ok := known[text]; ok {
		return id, nil
	}
	if known == nil {
		known = map[string]hmis.UID{}
		t.ids[k] = known
	}
	id, err := t.catalog.Lookup(object(k), t.scheme(k), text)
	if err != nil {
		odd, ok := t.oddTexts(k)[token.Collapse(text)]
		switch {
		case !ok:
		case odd == "":
			err = fmt.Errorf("%q with other blanks: %w", text, hmis.ErrAmbiguous)
		default:
			id, err = odd, nil
		}
	}
	if err != nil {
		t.report(k, text)
		return "", err
	}
	known[text] = id
	return id, nil
}

// report calls unknown the first time a text is not found.
func (t *texts) report(k hmis.Kind, text string) {
	of := textOf{object(k), text}
	if t.unknown == nil || t.told[of] {
		return
	}
	if len(t.told) >= maxUnknown {
		clear(t.told)
	}
	if len(text) <= maxKept {
		t.told[of] = true
	}
	t.unknown(of.kind, of.text)
}

// oddTexts returns the objects whose text has extra blanks, by the text without
// them. If several objects share a text, the id is "".
func (t *texts) oddTexts(k hmis.Kind) map[string]hmis.UID {
	if odd, ok := t.odd[k]; ok {
		return odd
	}
	odd := map[string]hmis.UID{}
	t.odd[k] = odd
	add := func(id hmis.UID) {
		text, err := t.catalog.Text(hmis.Ref{Kind: object(k), ID: id}, t.scheme(k))
		if err != nil {
			return
		}
		if plain := token.Collapse(text); plain != text {
			if _, repeats := odd[plain]; repeats {
				id = ""
			}
			odd[plain] = id
		}
	}
	switch k {
	case hmis.KindDataElement:
		for o := range hmis.All[hmis.DataElement](t.catalog) {
			add(o.ID)
		}
	case hmis.KindOrgUnit:
		for o := range hmis.All[hmis.OrgUnit](t.catalog) {
			add(o.ID)
		}
	case hmis.KindDataSet:
		for o := range hmis.All[hmis.DataSet](t.catalog) {
			add(o.ID)
		}
	case hmis.KindOptionCombo, attributeCombo:
		for o := range hmis.All[hmis.OptionCombo](t.catalog) {
			add(o.ID)
		}
	}
	return odd
}

// of returns the text that identifies an object. The error is that of
// [hmis.Catalog.Text].
func (t *texts) of(r hmis.Ref) (string, error) {
	if text, ok := t.back[r]; ok {
		return text, nil
	}
	text, err := t.catalog.Text(hmis.Ref{Kind: object(r.Kind), ID: r.ID}, t.scheme(r.Kind))
	if err == nil {
		t.back[r] = text
	}
	return text, err
}

// categories returns the dimensions of a category combo. The default combo has
// none.
func (t *texts) categories(combo hmis.UID) ([]category, error) {
	if list, ok := t.combos[combo]; ok {
		return list, nil
	}
	var list []category
	found, _ := hmis.Find[hmis.CategoryCombo](t.catalog, combo)
	for _, id := range found.Categories {
		c, ok := hmis.Find[hmis.Category](t.catalog, id)
		if !ok {
			return nil, fmt.Errorf("categoryCombo %s: no category %q", combo, id)
		}
		if c.Name == defaultName {
			continue
		}
		name, err := t.of(hmis.Ref{Kind: hmis.KindCategory, ID: id})
		if err != nil {
			return nil, err
		}
		options := map[string]hmis.UID{}
		for _, o := range c.Options {
			text, err := t.of(hmis.Ref{Kind: hmis.KindCategoryOption, ID: o})
			if err != nil {
				continue // no message can refer to an option without a text
			}
			text = token.Collapse(text)
			if other, repeats := options[text]; repeats && other != o {
				return nil, fmt.Errorf("category %s: options %s and %s are both %q", id, other, o, text)
			}
			options[text] = o
		}
		list = append(list, category{id, name, options})
	}
	t.combos[combo] = list
	return list, nil
}

// none returns the attribute that means no disaggregation: the default category
// with its option.
func (t *texts) none() Attr {
	if t.plain.Name != "" {
		return t.plain
	}
	t.plain = Attr{Name: t.fallback(hmis.KindCategory, defaultCategory), Value: t.fallback(hmis.KindCategoryOption, defaultOption)}
	combo, _ := hmis.Find[hmis.CategoryCombo](t.catalog, t.catalog.CategoryCombo("", ""))
	for _, id := range combo.Categories {
		c, _ := hmis.Find[hmis.Category](t.catalog, id)
		name, err := t.of(hmis.Ref{Kind: hmis.KindCategory, ID: id})
		if err != nil || len(c.Options) == 0 {
			continue
		}
		if option, err := t.of(hmis.Ref{Kind: hmis.KindCategoryOption, ID: c.Options[0]}); err == nil {
			t.plain = Attr{Name: name, Value: option}
		}
	}
	return t.plain
}

// fallback returns the text for a default object that is not in the catalog: id
// in a scheme of ids, and "default" in others.
func (t *texts) fallback(k hmis.Kind, id string) string {
	if s := t.scheme(k); s == hmis.ByID || s == hmis.ByUID {
		return id
	}
	return defaultName
}

// isNumber reports whether the values of a data element are numbers.
func (t *texts) isNumber(element hmis.UID) bool {
	number, known := t.numbers[element]
	if !known {
		e, _ := hmis.Find[hmis.DataElement](t.catalog, element)
		number = e.ValueType.IsNumeric()
		t.numbers[element] = number
	}
	return number
}

// isDimensionName reports whether name can be the name of a dimension's
// attribute (RULES.md#codes).
func isDimensionName(name string) bool {
	return xmlstream.IsNCName(name) && !isXML(name) && !isReserved(name)
}
