package dhis2

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A schemeMember is a member of a file that says how references to one kind of
// object are written.
type schemeMember struct {
	name       string
	of         func(*hmis.Schemes) *hmis.Scheme
	completion bool // completions have it too
}

// schemeMembers has all of them, in the order of writing.
var schemeMembers = [...]schemeMember{
	{"idScheme", func(s *hmis.Schemes) *hmis.Scheme { return &s.Any }, true},
	{"dataSetIdScheme", func(s *hmis.Schemes) *hmis.Scheme { return &s.DataSet }, true},
	{"dataElementIdScheme", func(s *hmis.Schemes) *hmis.Scheme { return &s.DataElement }, false},
	{"orgUnitIdScheme", func(s *hmis.Schemes) *hmis.Scheme { return &s.OrgUnit }, true},
	{"categoryOptionComboIdScheme", func(s *hmis.Schemes) *hmis.Scheme { return &s.OptionCombo }, false},
	{"attributeOptionComboIdScheme", func(s *hmis.Schemes) *hmis.Scheme { return &s.AttributeCombo }, true},
	{"categoryIdScheme", func(s *hmis.Schemes) *hmis.Scheme { return &s.Category }, false},
	{"categoryOptionIdScheme", func(s *hmis.Schemes) *hmis.Scheme { return &s.CategoryOption }, false},
}

// isScheme reports whether a member of values, or of completions, is a scheme.
func isScheme(name string, completion bool) bool {
	for _, m := range schemeMembers {
		if m.name == name {
			return m.completion || !completion
		}
	}
	return false
}

// takeSchemes reads the schemes among the members of a file. They go over those
// that the caller gave.
func (h *header) takeSchemes(texts setTexts) error {
	var in hmis.Schemes
	for _, m := range schemeMembers {
		t, ok := texts[m.name]
		if !ok {
			continue
		}
		s, err := hmis.ParseScheme(t.text)
		if err != nil {
			return at(t.offset, fmt.Errorf("%s: %s: want UID, CODE, NAME or ATTRIBUTE: and a UID", m.name, quoted(t.text)))
		}
		*m.of(&in) = s
	}
	h.Schemes = in.Over(h.Schemes)
	return nil
}

// needsCatalog refuses schemes that need a catalog if there is none.
func (h *header) needsCatalog() error {
	if h.Catalog != nil {
		return nil
	}
	for _, m := range schemeMembers {
		if s := *m.of(&h.Schemes); s != hmis.ByID && s != hmis.ByUID {
			return fmt.Errorf("dhis2: id scheme %s: want a Format with a Catalog", s)
		}
	}
	return nil
}

// written returns the schemes that are not left to the reader, by their
// members.
func written(s hmis.Schemes, completion bool) (members [][2]string) {
	for _, m := range schemeMembers {
		if scheme := *m.of(&s); scheme != "" && (m.completion || !completion) {
			members = append(members, [2]string{m.name, string(scheme)})
		}
	}
	return members
}
