package rows

import (
	"fmt"
	"slices"
	"strings"
)

// Names says which names of members, attributes and columns are known.
type Names struct {
	Ignore []string // Format.Ignore
}

// Ignores reports whether the caller wants nothing of a name, in any letter
// case.
func (n Names) Ignores(name string) bool {
	return slices.ContainsFunc(n.Ignore, func(s string) bool { return strings.EqualFold(s, name) })
}

// Column returns what a member of a JSON value or an attribute of an XML value
// says.
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
	case "followUp", "followup": // written in one way, read in another
		return FollowUp
	case "deleted":
		return Deleted
	}
	if n.Ignores(name) {
		return Ignored
	}
	return Unknown
}

// FailUnknown refuses the current row: an unknown name may be its only
// difference from another row.
func (r *Rows) FailUnknown(what, name string) {
	r.Fail(Ignored, UnknownName(what, name))
}

// UnknownName returns the error of a name that is neither known nor ignored.
func UnknownName(what, name string) error { return fmt.Errorf("unknown %s %s", what, quoted(name)) }
