package adx

import (
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

	// Rejected is how many more values the group had: those that the Reader has
	// left out.
	Rejected int

	// Line and Column say where the group begins in the message that it was read
	// from; they are 0 otherwise. A Writer does not look at them.
	Line, Column int
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

// IsDimension reports whether a may be a dimension: it has no namespace, and its
// name is neither one of the profile nor a well-known extension such as
// completeDate (ADX specification, sections 2.1 and 2.2). Which of these are
// dimensions indeed only a definition of the message can say.
func (a Attr) IsDimension() bool { return a.Space == "" && !isReserved(a.Name) }

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
