package rows

import (
	"fmt"
	"slices"
	"strings"
)

// Names knows which names of members, attributes and columns have a meaning.
type Names struct {
	Ignore []string // the names in Format.Ignore
}

// Ignores reports whether the caller wants a name to be skipped. Letter case
// does not matter.
func (n Names) Ignores(name string) bool {
	return slices.ContainsFunc(n.Ignore, func(s string) bool { return strings.EqualFold(s, name) })
}

// Column returns the column that a member of a JSON value, or an attribute of
// an XML value, belongs to.
func (n Names) Column(name string) Column {
	switch name {
	case "dataElement":
		return Element
	case "period":
		return Period
	case "orgUnit":
		return OrgUnit
	case "categoryOptionCombo":
		return OptionCombo
	case "attributeOptionCombo":
		return AttributeCombo
	case "value":
		return Value
	case "storedBy":
		return StoredBy
	case "created":
		return Created
	case "lastUpdated":
		return Updated
	case "comment":
		return Comment
	case "followUp", "followup": // written in one spelling and read in another
		return FollowUp
	case "deleted":
		return Deleted
	}
	if n.Ignores(name) {
		return Ignored
	}
	return Unknown
}

// FailUnknown makes the current row a fault, because an unknown name may be its
// only difference from another row.
func (r *Rows) FailUnknown(what, name string) {
	r.Fail(Ignored, UnknownName(what, name))
}

// UnknownName returns an error for a name that is neither known nor ignored.
func UnknownName(what, name string) error { return fmt.Errorf("unknown %s %s", what, quoted(name)) }
