package hmis

import (
	"fmt"
	"strings"
)

// A Scheme says which property of an object a reference holds. The zero Scheme
// is the id. "ATTRIBUTE:" and the UID of a unique attribute is a Scheme too
// (RULES.md#id-schemes).
type Scheme string

// The schemes that need no attribute.
const (
	ByID   Scheme = ""
	ByUID  Scheme = "UID" // ByID said aloud, where an empty field means another
	ByCode Scheme = "CODE"
	ByName Scheme = "NAME"
)

// byAttribute returns the Scheme of the values of a unique attribute.
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

// attribute returns the attribute of an attribute scheme.
func (s Scheme) attribute() (UID, bool) {
	rest, ok := strings.CutPrefix(string(s), attributePrefix)
	return UID(rest), ok
}

// Schemes say how references are written in a file, kind by kind. Fields left
// empty are as Any; it is ByID if it is empty too.
type Schemes struct {
	Any                         Scheme
	DataSet, DataElement        Scheme
	OrgUnit                     Scheme
	OptionCombo, AttributeCombo Scheme // category and attribute option combos
	Category, CategoryOption    Scheme // where combos are spelt out
}

// Over returns s with its empty fields filled from t: what a file
// says about itself goes over what the caller says.
func (s Schemes) Over(t Schemes) Schemes {
	// A general scheme on top is more specific than nothing, and less than a
	// specific one below it (RULES.md#id-schemes).
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
