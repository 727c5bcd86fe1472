package quality

import "github.com/ohie-hmis/hmis-go/aggregate"

// A Scope says where to look: at which org units, with everything below them,
// and at which periods or days. A part that is empty does not narrow.
type Scope = aggregate.Filter
