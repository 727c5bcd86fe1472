package adx

import (
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Mapper translates between the codes of a message and the ids of data
// values. It is safe for concurrent use. Each stream that it returns is for one
// goroutine.
//
// A disaggregation is written as attributes. A value has one for each category
// of its data element's combo, and a group has one for each category of its
// data set's combo. The attributes categoryOptionCombo and attributeOptionCombo
// may replace them (RULES.md#dimensions). Without any of these a value or group
// has the default option combo, or is a total.
type Mapper struct {
	Catalog  *hmis.Catalog
	Calendar *period.Calendar // the calendar of periods; nil is Gregorian

	// Schemes say what identifies each kind of object in a message. Empty
	// fields have the value of Any, and an empty Any means [hmis.ByCode]. Use
	// [hmis.ByUID] for ids.
	Schemes hmis.Schemes

	// Dialect chooses the rules of Groups and of an [Import]. For DHIS2, Groups
	// adds default="default" to what has no disaggregation. Values always
	// follows the profile, as exports of DHIS2 do.
	Dialect Dialect

	// DataSet is the data set of the groups that Groups returns. If it is
	// empty, the data set of the data element is used. Of several, the one for
	// periods of the same type is used, and of these the one that the org unit
	// reports. Values uses DataSet for groups without a data set.
	DataSet hmis.UID

	// Whole writes each option combo as one code, in the attribute
	// categoryOptionCombo or attributeOptionCombo. Values reads both forms.
	Whole bool

	// RequireDimensions rejects each value or group without any dimension whose
	// data element or data set is disaggregated (RULES.md#dimensions).
	RequireDimensions bool

	// Provenance writes the attributes storedBy, created and lastUpdated of
	// DHIS2. Values always reads them.
	Provenance bool

	// Ignore lists attributes that Values skips. Any other attribute that is
	// neither a dimension nor a well-known extension is an error (ADX-046),
	// because it could distinguish two values.
	Ignore []string

	// Completions, if not nil, is called for each completeDate of a group if
	// none of its values was rejected.
	Completions func(hmis.Completion)

	// Warn, if not nil, is called for everything doubtful that Values keeps.
	// That is a text with a number other than 0 (ADX-052), an annotation beside
	// a comment, or a completeDate without a data set.
	Warn func(Finding)

	// Reject, if not nil, is called for each value that cannot be translated,
	// with the reason as a *[Finding]. The stream goes on without it. Fields
	// that could not be translated hold the text of the message. If nil, the
	// first such value ends the stream.
	Reject func(hmis.DataValue, error)

	unknown func(hmis.Kind, string) // called for each text that no object has; set by an Import, otherwise nil
}
