package madx

import (
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// These are the severities under short names.
const (
	warning  = hmis.Warning
	severe   = hmis.Severe
	critical = hmis.Critical
)

// defaultLimits has the limits of a Measure. Those of reports are the same, but
// without Bytes.
var defaultLimits = adx.Limits{Bytes: 64 << 20}
