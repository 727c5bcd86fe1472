package madx

import (
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// These constants are short names for the severities.
const (
	warning  = hmis.Warning
	severe   = hmis.Severe
	critical = hmis.Critical
)

// defaultLimits has the limits for reading a Measure. Those of reports are the
// same, but without Bytes.
var defaultLimits = adx.Limits{Bytes: 64 << 20}
