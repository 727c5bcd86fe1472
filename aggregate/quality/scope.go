package quality

import "github.com/ohie-hmis/hmis-go/aggregate"

// A Scope restricts a search to data, to org units with everything below them,
// and to periods or days. Empty fields do not restrict it.
type Scope = aggregate.Filter
