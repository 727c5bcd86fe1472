package crosswalk

import "github.com/ohie-hmis/hmis-go/hmis/terminology"

// A Relation says how a source and a target are related, in the words of FHIR R4
// or R5.
type Relation = terminology.Relation

// The relations in the words of R5 (RULES.md#relations).
const (
	Equivalent = terminology.Equivalent
	Narrower   = terminology.Narrower
	Broader    = terminology.Broader
	Related    = terminology.Related
	Unrelated  = terminology.Unrelated
)
