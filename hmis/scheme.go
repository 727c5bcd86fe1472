package hmis

import (
	"fmt"
	"strings"
)

// A Scheme is the property by which a reference names an object. The zero
// Scheme is the id. "ATTRIBUTE:" with the UID of a unique attribute is a Scheme
// too (RULES.md#id-schemes).
type Scheme string

// These are the schemes without an attribute.
const (
	ByID   Scheme = ""
	ByUID  Scheme = "UID" // the same as ByID, for fields in which "" has another meaning
	ByCode Scheme = "CODE"
	ByName Scheme = "NAME"
)

// byAttribute returns the Scheme for the values of a unique attribute.
func byAttribute(attribute UID) Scheme { return attributePrefix + Scheme(attribute) }

const attributePrefix = "ATTRIBUTE:"

// ParseScheme reads a scheme as files and requests name it: UID, ID, CODE and
// NAME in any letter case, or ATTRIBUTE: with a UID, whose case is kept. The
// empty text is [ByID]; UID and ID are [ByUID], so that a file can overrule
// another default.
func ParseScheme(s string) (Scheme, error) {
	switch strings.ToUpper(s) {
	case "":
		return ByID, nil
	case "UID", "ID":
		return ByUID, nil
	case "CODE":
		return ByCode, nil
	case "NAME":
		return ByName, nil
	}
	if n := len(attributePrefix); len(s) > n && strings.EqualFold(s[:n], attributePrefix) {
		attribute, err := ParseUID(s[n:])
		if err != nil {
			return "", fmt.Errorf("hmis: id scheme %q: want the UID of an attribute at offset %d", s, n)
		}
		return byAttribute(attribute), nil
	}
	return "", fmt.Errorf("hmis: id scheme %q: want UID, CODE, NAME or ATTRIBUTE: and a UID", s)
}

// attribute returns the attribute of a scheme. ok is false if the scheme has
// none.
func (s Scheme) attribute() (attribute UID, ok bool) {
	rest, ok := strings.CutPrefix(string(s), attributePrefix)
	return UID(rest), ok
}

// Schemes has the schemes of the references in a file, one for each kind of
// object. An empty field is as Any; if that is empty too, it is ByID.
type Schemes struct {
	Any                         Scheme
	DataSet, DataElement        Scheme
	OrgUnit                     Scheme
	OptionCombo, AttributeCombo Scheme // schemes of category option combos and of attribute option combos
	Category, CategoryOption    Scheme // where combos are written as their options
}

// Over returns s with its empty fields filled from t. Use it to let the schemes
// that a file states override those that the caller states.
func (s Schemes) Over(t Schemes) Schemes {
	// A general scheme in s is overridden by a specific one in t, but not by a
	// general one (RULES.md#id-schemes).
	fill := func(field *Scheme, below Scheme) {
		if *field == "" {
			*field = s.Any
			if s.Any == "" {
				*field = below
			}
		}
	}
	anyBelow := t.Any
	fill(&s.DataSet, t.DataSet)
	fill(&s.DataElement, t.DataElement)
	fill(&s.OrgUnit, t.OrgUnit)
	fill(&s.OptionCombo, t.OptionCombo)
	fill(&s.AttributeCombo, t.AttributeCombo)
	fill(&s.Category, t.Category)
	fill(&s.CategoryOption, t.CategoryOption)
	if s.Any == "" {
		s.Any = anyBelow
	}
	return s
}
