package adx

import (
	"strconv"
	"time"
)

// Namespace is the XML namespace of messages, in every edition of the profile.
const Namespace = "urn:ihe:qrph:adx:2015"

// A Header is what a message says about itself.
type Header struct {
	// Exported is when the message was made. It is zero if the message does not
	// say, or not in a way that can be read.
	Exported time.Time

	// ExportedText is what the message says of that time, as written. A Writer
	// repeats it if it means the time in Exported.
	ExportedText string

	// Attrs are the extensions, in the order of the message.
	Attrs []Attr
}

// A Group is the values that one org unit reports for one period. All texts are
// codes in whatever scheme sender and receiver have agreed on.
type Group struct {
	DataSet string // "" if there is none, which only the edition of 2015 allows
	OrgUnit string
	Period  TimeRange

	// Attrs are all other attributes, in the order of the message: outer
	// dimensions, such as a funding mechanism, and extensions.
	Attrs []Attr

	Values []Value

	// Rejected says which values of the message the Reader has left out, counted
	// from 1. It is nil if that is none.
	Rejected []int

	// Number counts the groups of the message that the group was read from, those
	// left out included, from 1; Line and Column say where it begins. All are 0
	// otherwise. A Writer does not look at them.
	Number, Line, Column int
}

// Path returns the place of value i of g in the message that g was read from,
// such as "group[3]/dataValue[12]", both counted from 1; or where g does if i
// is negative. It is a path within that group alone if g was not read from a
// message.
func (g Group) Path(i int) string {
	path := ""
	if g.Number > 0 {
		path = "group[" + strconv.Itoa(g.Number) + "]"
	}
	if i < 0 {
		return path
	}
	n := i + 1
	for _, left := range g.Rejected {
		if left > n {
			break
		}
		n++
	}
	if path != "" {
		path += "/"
	}
	return path + "dataValue[" + strconv.Itoa(n) + "]"
}

// Attr returns the value of the attribute of g with this name and no namespace.
// It knows only what is in g.Attrs.
func (g Group) Attr(name string) (string, bool) { return find(g.Attrs, name) }

// A Value is one number in a group.
type Value struct {
	DataElement string

	// Value is a decimal as xs:decimal writes it, exactly as it was written:
	// 2.0 stays 2.0. Of a data element that is not a number it is 0, and the
	// value is in Annotation.
	Value string

	// Attrs are all other attributes, in the order of the message: inner
	// dimensions, such as an age band, and extensions.
	Attrs []Attr

	// Annotation is a remark, or the text of a value that is not a number. It is
	// nil if there is none, which differs from empty.
	Annotation *string

	// Line and Column say where the value begins in the message that it was read
	// from; they are 0 otherwise. A Writer does not look at them.
	Line, Column int
}

// Attr returns the value of the attribute of v with this name and no namespace.
// It knows only what is in v.Attrs.
func (v Value) Attr(name string) (string, bool) { return find(v.Attrs, name) }

// An Attr is an attribute of a header, group or value, such as SEX="F".
type Attr struct {
	Space string // namespace; "" for dimensions and the usual extensions
	Name  string
	Value string
}

// IsDimension reports whether a may be a dimension: it has no namespace, and
// its name is neither one of the profile nor a well-known extension such as
// completeDate (RULES.md#dimensions). Only a definition of the message says
// which of these are dimensions.
func (a Attr) IsDimension() bool { return a.Space == "" && !isReserved(a.Name) }

// isDefault reports whether a says that there is no disaggregation, as newer
// DHIS2 spells it; it distinguishes nothing (RULES.md#dimensions).
func (a *Attr) isDefault() bool { return a.Name == "default" && a.Value == "default" && a.Space == "" }

// isReserved reports whether name can never be that of a dimension.
func isReserved(name string) bool { return isProfile(name) || isExtension(name) }

// isProfile reports whether name is an attribute of the profile, which is a field
// here and never in a list of Attrs.
func isProfile(name string) bool {
	switch name {
	case "dataElement", "value", "orgUnit", "period", "dataSet", "exported":
		return true
	}
	return false
}

// isExtension reports whether name is an attribute that senders are known to add
// to a message.
func isExtension(name string) bool {
	switch name {
	case "completeDate", "attributeOptionCombo", "categoryOptionCombo", "comment", "dataSetComplete",
		"followup", "deleted", "storedBy", "created", "lastUpdated", "dataElementIDSystem", "orgUnitIDSCheme":
		return true
	}
	return false
}

// find returns the value of the attribute with this name and no namespace.
func find(attrs []Attr, name string) (string, bool) {
	for _, a := range attrs {
		if a.Name == name && a.Space == "" {
			return a.Value, true
		}
	}
	return "", false
}
