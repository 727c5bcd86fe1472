package dhis2

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A schemeMember is the member of a file that states the scheme for references
// to one kind of object.
type schemeMember struct {
	name       string
	of         func(*hmis.Schemes) *hmis.Scheme
	completion bool // files of completions have it too
}

// schemeMembers lists these members, in the order of writing.
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

// isScheme reports whether a file of values, or of completions, has a scheme in
// a member of this name.
func isScheme(name string, completion bool) bool {
	for _, m := range schemeMembers {
		if m.name == name {
			return m.completion || !completion
		}
	}
	return false
}

// takeSchemes parses the schemes among the members of a file. They override
// those of the caller.
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

// needsCatalog returns an error if a scheme needs a catalog and there is none.
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

// written returns the members and names of the schemes that a file must state.
func written(s hmis.Schemes, completion bool) (members [][2]string) {
	for _, m := range schemeMembers {
		if scheme := *m.of(&s); scheme != "" && (m.completion || !completion) {
			members = append(members, [2]string{m.name, string(scheme)})
		}
	}
	return members
}
