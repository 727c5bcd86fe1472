package adx

import (
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Mapper translates between the codes of a message and the ids of data values.
// It does not change and is safe for concurrent use; each stream it makes is for
// one goroutine.
//
// Disaggregations are attributes: one for each category of the category combo that
// a data element has in the data set, and for each category of the data set's own
// combo. The attributes categoryOptionCombo and attributeOptionCombo, if there,
// come first (RULES.md#dimensions). A value or group without any of
// these attributes has no option combo, which is the default one or a total.
type Mapper struct {
	Catalog  *hmis.Catalog
	Calendar *period.Calendar // that periods are counted in; nil is Gregorian

	// Schemes say what identifies an object in a message. Those left empty are
	// as Any, which is [hmis.ByCode] here if it is empty too; [hmis.ByUID]
	// means ids.
	Schemes hmis.Schemes

	// Dialect says by whose rules groups are written, and read by an [Import]. Groups
	// for DHIS2 say default="default" where there is no disaggregation. Values
	// reads by the rules of the profile, which exports of servers follow.
	Dialect Dialect

	// DataSet is the data set of the groups made; "" takes the one that the
	// data element is in, of several the one for such periods, and of these the
	// one that the org unit reports. In reading it is the data set of groups
	// that name none.
	DataSet hmis.UID

	// Whole writes option combos as one code each, in the attributes
	// categoryOptionCombo and attributeOptionCombo. Both forms are always read.
	Whole bool

	// Strict refuses values and groups that have no dimension at all though their
	// data element or data set is disaggregated (ADX-045, ADX-032).
	Strict bool

	// Provenance writes who stored a value, and when, as DHIS2 names it:
	// storedBy, created, lastUpdated. They are always read.
	Provenance bool

	// Ignore lists attributes that are passed over in reading. Any other that
	// is neither a dimension nor a well-known extension is an error (ADX-046),
	// since it could distinguish values.
	Ignore []string

	// Completions, if not nil, is called for each completeDate of a group all
	// of whose values came through.
	Completions func(hmis.Completion)

	// Warn, if not nil, is called for each warning in reading: a value that is
	// no number but has one other than 0 (ADX-052), an annotation beside a
	// comment, and a completeDate that names no data set.
	Warn func(Finding)

	// Reject, if not nil, is called for each value that has no counterpart and
	// why, as a *[Finding]; the stream then goes on without it. Fields that
	// could not be translated hold the text they had. If nil, the first such
	// value ends the stream.
	Reject func(hmis.DataValue, error)

	unknown func(hmis.Kind, string) // of an Import: called for each text that stands for nothing
}
