package adx

import (
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Dialect is a set of rules by which messages are written and imported.
type Dialect uint8

const (
	// Profile means ADX as IHE specifies it.
	Profile Dialect = iota

	// DHIS2 is what servers do since release 2.43
	// (RULES.md#the-dialect-of-dhis2). A value without disaggregation has
	// default="default". An annotation replaces the number of its value. A
	// value that does not fit its data element is dropped; any other error
	// drops the data set or the message. Namespaces and unknown attributes are
	// ignored.
	DHIS2
)

// code returns the DHIS2 error code for the rule of finding f. It returns the
// rule itself if DHIS2 has no code for it.
func (m *Mapper) code(f *Finding) string {
	texts := texts{schemes: m.schemes()}
	one := func(k hmis.Kind, unknown, malformed string) string {
		if s := texts.scheme(k); s == hmis.ByID || s == hmis.ByUID {
			if _, err := hmis.ParseUID(f.Got); err != nil {
				return malformed
			}
		}
		return unknown
	}
	switch f.Rule {
	case "ADX-020":
		return "E8105"
	case "ADX-026":
		return "E8101"
	case "ADX-027":
		return one(hmis.KindDataSet, "E8005", "E8004")
	case "ADX-030":
		return one(hmis.KindOrgUnit, "E8107", "E8106")
	case "ADX-031":
		return one(attributeCombo, "E8110", "E8111")
	case "ADX-040":
		return "E8102"
	case "ADX-041":
		return "E8120"
	case "ADX-042":
		return "E8122"
	case "ADX-043":
		return one(hmis.KindDataElement, "E8103", "E8104")
	case "ADX-044", "ADX-045":
		if f.Attr == inner.combo {
			return one(hmis.KindOptionCombo, "E8108", "E8109")
		}
		return "E8108"
	case "ADX-049":
		return "E8128"
	}
	return f.Rule
}

// schemes returns the schemes of m. It fills in the default where none is set.
func (m *Mapper) schemes() hmis.Schemes {
	s := m.Schemes
	if s.Any == "" {
		s.Any = hmis.ByCode
	}
	return s
}
