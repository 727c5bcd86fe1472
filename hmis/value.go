package hmis

import (
	"time"

	"github.com/ohie-hmis/hmis-go/period"
)

// A Key identifies a data value: no two stored values share one. It is
// comparable.
type Key struct {
	DataElement    UID
	OptionCombo    UID // "" means the default
	AttributeCombo UID // "" means the default
	OrgUnit        UID
	Period         period.Period
}

// A DataValue is one reported value. Its text is kept as reported; see
// [ValueType] for how it is read.
type DataValue struct {
	Key
	Value            string
	Comment          string
	StoredBy         string
	Created, Updated time.Time
	FollowUp         bool
	Deleted          bool
}

// A Completion says that an org unit has finished a form for a period.
type Completion struct {
	DataSet        UID
	AttributeCombo UID // "" means the default
	OrgUnit        UID
	Period         period.Period
	At             time.Time // local time of day, which decides whether the report is on time
	By             string
	Updated        time.Time
	Withdrawn      bool // the form is no longer complete; the completion does not count
}
