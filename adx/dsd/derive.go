package dsd

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// Derive returns the definition of a data set that follows from its metadata.
// Each category becomes a dimension with a list of codes: an outer one if it
// belongs to the data set's own category combo, and an inner one if it belongs
// to that of a data element. Default combos add no dimension. The org units are
// those that the data set is assigned to; if there are none, none are listed.
// Schemes choose the codes, as in [adx.Mapper]; the zero Schemes mean ByCode.
//
// The error is [hmis.Issues] with every code that is missing, repeated or, for
// a category, cannot be the name of an attribute. It also has every category
// that is used for both values and groups.
func Derive(c *hmis.Catalog, dataSet hmis.UID, schemes hmis.Schemes) (*Definition, error) {
	set, ok := hmis.Find[hmis.DataSet](c, dataSet)
	if !ok {
		return nil, hmis.Issues{newIssue(hmis.KindDataSet, dataSet, "", "no such data set")}
	}
	if schemes.Any == "" {
		schemes.Any = hmis.ByCode
	}
	b := &builder{catalog: c, schemes: schemes, outer: map[hmis.UID]bool{}}
	b.ID = b.text(hmis.KindDataSet, set.ID, schemes.DataSet)
	b.Name = set.Name
	if id := set.CategoryCombo; id != "" {
		b.combo(hmis.Ref{Kind: hmis.KindDataSet, ID: set.ID}, id, true)
	}
	for _, e := range set.Elements {
		b.element(e.DataElement, set.ID)
	}
	for _, unit := range set.OrgUnits {
		b.OrgUnits = b.code(b.OrgUnits, hmis.KindOrgUnit, unit, schemes.OrgUnit)
	}
	if len(b.issues) > 0 {
		return nil, b.issues
	}
	return New(b.Structure)
}

// A builder collects a structure and the issues that prevent it.
type builder struct {
	Structure
	catalog *hmis.Catalog
	schemes hmis.Schemes
	issues  hmis.Issues
	outer   map[hmis.UID]bool // the categories added before; the value is true for an outer one
	owners  map[owner]hmis.UID
}

// An owner is the set in which a code must be unique: a kind of object, or the
// options of a category.
type owner struct {
	kind     hmis.Kind
	category hmis.UID
	code     string
}

func newIssue(k hmis.Kind, id hmis.UID, field, format string, args ...any) *hmis.Issue {
	return &hmis.Issue{
		Severity: hmis.Severe, Object: hmis.Ref{Kind: k, ID: id}, Field: field, Offset: -1,
		Err: fmt.Errorf(format, args...),
	}
}

func (b *builder) fail(k hmis.Kind, id hmis.UID, field, format string, args ...any) {
	b.issues = append(b.issues, newIssue(k, id, field, format, args...))
}

// text returns the code of an object, with white space collapsed.
func (b *builder) text(k hmis.Kind, id hmis.UID, s hmis.Scheme) string {
	s = cmp.Or(s, b.schemes.Any)
	text, err := b.catalog.Text(hmis.Ref{Kind: k, ID: id}, s)
	if err != nil {
		if issue, ok := err.(*hmis.Issue); ok {
			b.issues = append(b.issues, issue)
			return ""
		}
		b.fail(k, id, "", "%w", err)
		return ""
	}
	return token.Collapse(text)
}

// own records the object that has a code. It adds an issue if another object
// has the same code.
func (b *builder) own(o owner, id hmis.UID) bool {
	if b.owners == nil {
		b.owners = map[owner]hmis.UID{}
	}
	if first, taken := b.owners[o]; taken {
		if first != id {
			b.fail(o.kind, id, "code", "%s is also that of %s", quote.Text(o.code), first)
		}
		return false
	}
	b.owners[o] = id
	return true
}

// code appends the code of an object to list.
func (b *builder) code(list []Code, k hmis.Kind, id hmis.UID, s hmis.Scheme) []Code {
	text := b.text(k, id, s)
	if text == "" || !b.own(owner{kind: k, code: text}, id) {
		return list
	}
	return append(list, Code{text, b.catalog.Name(hmis.Ref{Kind: k, ID: id})})
}

// element adds the data element with this id to the structure.
func (b *builder) element(id, dataSet hmis.UID) {
	e, ok := hmis.Find[hmis.DataElement](b.catalog, id)
	if !ok {
		b.fail(hmis.KindDataSet, dataSet, "dataSetElements", "no data element %q", id)
		return
	}
	dims := b.combo(hmis.Ref{Kind: hmis.KindDataElement, ID: id}, b.catalog.CategoryCombo(id, dataSet), false)
	code := b.text(hmis.KindDataElement, id, b.schemes.DataElement)
	if code == "" || !b.own(owner{kind: hmis.KindDataElement, code: code}, id) {
		return
	}
	b.Elements = append(b.Elements, Element{Code: code, Name: e.Name, Dimensions: dims, Text: !e.ValueType.IsNumeric()})
}

// combo adds the categories of a combo as dimensions and returns their names.
func (b *builder) combo(user hmis.Ref, id hmis.UID, outer bool) []string {
	if id == b.catalog.CategoryCombo("", "") {
		return nil // the default combo
	}
	combo, ok := hmis.Find[hmis.CategoryCombo](b.catalog, id)
	if !ok {
		b.fail(user.Kind, user.ID, "categoryCombo", "no object %q", id)
		return nil
	}
	var names []string
	for _, category := range combo.Categories {
		if name := b.category(category, outer); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// category adds a category, once, and returns the name of its dimension. The
// name is "" if the category has none.
func (b *builder) category(id hmis.UID, outer bool) string {
	before, met := b.outer[id]
	if met && before != outer {
		b.fail(hmis.KindCategory, id, "", "it tells values apart and whole groups too")
		return ""
	}
	b.outer[id] = outer
	category, ok := hmis.Find[hmis.Category](b.catalog, id)
	if !ok {
		if !met {
			b.fail(hmis.KindCategory, id, "", "no such object")
		}
		return ""
	}
	if met {
		if i := slices.IndexFunc(b.Dimensions, func(d Dimension) bool {
			return b.owners[owner{kind: hmis.KindCategory, code: d.Name}] == id
		}); i >= 0 {
			return b.Dimensions[i].Name
		}
		return "" // the missing name was reported when the category was first added
	}
	name := b.text(hmis.KindCategory, id, b.schemes.Category)
	switch {
	case name == "":
		return ""
	case !isNCName(name):
		b.fail(hmis.KindCategory, id, "code", "%s: want a name that an attribute can have", quote.Text(name))
		return ""
	case isReserved(name):
		b.fail(hmis.KindCategory, id, "code", "%s: the profile has an attribute of this name", quote.Text(name))
		return ""
	case !b.own(owner{kind: hmis.KindCategory, code: name}, id):
		return ""
	}
	dim := Dimension{Name: name, Title: category.Name, Outer: outer, Codes: []Code{}}
	for _, option := range category.Options {
		text := b.text(hmis.KindCategoryOption, option, b.schemes.CategoryOption)
		if text != "" && b.own(owner{hmis.KindCategoryOption, id, text}, option) {
			dim.Codes = append(dim.Codes, Code{text, b.catalog.Name(hmis.Ref{Kind: hmis.KindCategoryOption, ID: option})})
		}
	}
	b.Dimensions = append(b.Dimensions, dim)
	return name
}
