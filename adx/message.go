package adx

import (
	"strconv"
	"time"
)

// Namespace is the XML namespace of messages, in every edition of the profile.
const Namespace = "urn:ihe:qrph:adx:2015"

// A Header has the attributes of a message as a whole.
type Header struct {
	// Exported is when the message was made. It is zero if the message has no
	// time or one that cannot be read.
	Exported time.Time

	// ExportedText is the text of Exported in the message. A Writer uses it if
	// it still means the time in Exported.
	ExportedText string

	// Attrs are extensions of the profile, in the order of the message.
	Attrs []Attr
}

// A Group holds the values that one org unit reports for one period. All texts
// are codes in the scheme that sender and receiver have agreed on.
type Group struct {
	DataSet string // "" if the group has no data set, which only the edition of 2015 allows
	OrgUnit string
	Period  TimeRange

	// Attrs are all other attributes, in the order of the message: outer
	// dimensions, such as a funding mechanism, and extensions.
	Attrs []Attr

	Values []Value

	// Rejected has the numbers of the values that the Reader has left out,
	// counted from 1 within the group.
	Rejected []int

	// Number is the position of the group in its message, counted from 1.
	// Groups that were left out count too. Line and Column are the place where
	// it begins. All three are 0 if the group was not read from a message; a
	// Writer ignores them.
	Number, Line, Column int
}

// Path returns the place of value i of g in the message that g was read from,
// such as "group[3]/dataValue[12]", both counted from 1. If i is negative, it
// is the place of g itself. If g was not read from a message, the path has no
// part for the group.
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
// It looks only in g.Attrs. ok is false if there is none.
func (g Group) Attr(name string) (value string, ok bool) { return find(g.Attrs, name) }

// A Value is one number in a group.
type Value struct {
	DataElement string

	// Value is a decimal, exactly as it was written: 2.0 stays 2.0. If the data
	// element is not numeric, Value is 0 and Annotation holds the text.
	Value string

	// Attrs are all other attributes, in the order of the message: inner
	// dimensions, such as an age band, and extensions.
	Attrs []Attr

	// Annotation is a remark, or the text of a value that is not a number. Nil
	// means that there is none, which differs from an empty annotation.
	Annotation *string

	// Line and Column are the place where the value begins in its message. They
	// are 0 if the value was not read from a message; a Writer ignores them.
	Line, Column int
}

// Attr returns the value of the attribute of v with this name and no namespace.
// It looks only in v.Attrs. ok is false if there is none.
func (v Value) Attr(name string) (value string, ok bool) { return find(v.Attrs, name) }

// An Attr is an attribute of a header, group or value, such as SEX="F".
type Attr struct {
	Space string // the namespace; "" for dimensions and the usual extensions
	Name  string
	Value string
}

// IsDimension reports whether a may be a dimension: it has no namespace, and
// its name is neither one of the profile nor a well-known extension such as
// completeDate (RULES.md#dimensions). Only a definition of the data set says
// which of these are dimensions.
func (a Attr) IsDimension() bool { return a.Space == "" && !isReserved(a.Name) }

// isDefault reports whether a is default="default". Newer releases of DHIS2
// mark values without disaggregation by it (RULES.md#dimensions).
func (a *Attr) isDefault() bool { return a.Name == "default" && a.Value == "default" && a.Space == "" }

// isReserved reports whether a dimension cannot have this name.
func isReserved(name string) bool { return isProfile(name) || isExtension(name) }

// isProfile reports whether the profile has an attribute of this name. Such
// attributes have fields of their own and are never in a list of Attrs.
func isProfile(name string) bool {
	switch name {
	case "dataElement", "value", "orgUnit", "period", "dataSet", "exported":
		return true
	}
	return false
}

// isExtension reports whether name is a well-known extension of the profile.
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
