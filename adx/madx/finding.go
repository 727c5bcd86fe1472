package madx

import (
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// The severities of findings, as RULES.md has them.
const (
	warning  = hmis.Warning
	severe   = hmis.Severe
	critical = hmis.Critical
)

// defaultLimits are the limits of a Measure. Those of reports are the same, but
// without Bytes.
var defaultLimits = adx.Limits{Bytes: 64 << 20}
