package sheet

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A finder looks up the objects that cells name, each name once.
type finder struct {
	format  Format
	schemes hmis.Schemes
	found   map[name]hmis.UID
}

// A name is the text of a cell. For an option combo, it includes the data
// element.
type name struct {
	field   Field
	element hmis.UID
	text    string
}

const (
	maxName  = 1000    // bytes of one name
	maxNames = 1 << 18 // number of names to cache
)

func newFinder(f Format) *finder {
	return &finder{format: f, schemes: f.Schemes.Over(hmis.Schemes{}), found: map[name]hmis.UID{}}
}

// find returns the object that a cell names. element matters only for option
// combos, whose names are unique only within their data element.
func (f *finder) find(field Field, text string, element hmis.UID) (hmis.UID, error) {
	if field != OptionCombo {
		element = ""
	}
	n := name{field, element, text}
	if id, ok := f.found[n]; ok {
		return id, nil
	}
	if len(text) > maxName {
		return "", fmt.Errorf("want a name of at most %d bytes", maxName)
	}
	id, err := f.lookup(n)
	if err != nil {
		return "", err
	}
	if len(f.found) == maxNames {
		clear(f.found)
	}
	n.text = strings.Clone(text) // text shares memory with a row
	f.found[n] = id
	return id, nil
}

func (f *finder) lookup(n name) (hmis.UID, error) {
	c := f.format.Catalog
	switch {
	case n.text == "" && (n.field == OptionCombo || n.field == AttributeCombo):
		return "", nil // "" means the default option combo
	case n.text == "":
		return "", errors.New("want one in each row")
	case f.format.Find != nil:
		return f.format.Find(n.field.kind(), n.text, n.element)
	case c == nil:
		if strings.ContainsFunc(n.text, isBlank) {
			return "", errors.New("want an id, or a Catalog to look up names")
		}
		return hmis.UID(n.text), nil
	case n.field == OptionCombo && n.element != "":
		return f.optionCombo(n)
	}
	id, err := c.Lookup(n.field.kind(), f.scheme(n.field), n.text)
	if issue := (*hmis.Issue)(nil); errors.As(err, &issue) {
		err = issue.Err // the CellError already has the other fields
	}
	return id, err
}

// scheme returns the scheme in which the sheet names the objects of a field.
func (f *finder) scheme(field Field) hmis.Scheme {
	switch field {
	case DataElement:
		return f.schemes.DataElement
	case OptionCombo:
		return f.schemes.OptionCombo
	case AttributeCombo:
		return f.schemes.AttributeCombo
	}
	return f.schemes.OrgUnit
}

// optionCombo looks up an option combo among those that the element has in any
// data set.
func (f *finder) optionCombo(n name) (hmis.UID, error) {
	c := f.format.Catalog
	combos := map[hmis.UID]bool{c.CategoryCombo(n.element, ""): true}
	for _, set := range c.DataSets(n.element) {
		combos[c.CategoryCombo(n.element, set)] = true
	}
	found := map[hmis.UID]bool{}
	for combo := range combos {
		for _, id := range c.OptionCombos(combo) {
			if text, err := c.Text(hmis.Ref{Kind: hmis.KindOptionCombo, ID: id}, f.scheme(OptionCombo)); err == nil && text == n.text {
				found[id] = true
			}
		}
	}
	switch len(found) {
	case 1:
		for id := range found {
			return id, nil
		}
	case 0:
		return "", fmt.Errorf("no option combo of %s is called so", quote.Text(c.Name(hmis.Ref{Kind: hmis.KindDataElement, ID: n.element})))
	}
	return "", fmt.Errorf("%d option combos of %s: %w", len(found), quote.Text(c.Name(hmis.Ref{Kind: hmis.KindDataElement, ID: n.element})), hmis.ErrAmbiguous)
}
