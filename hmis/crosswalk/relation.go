package crosswalk

import "github.com/ohie-hmis/hmis-go/hmis/terminology"

// A Relation is the relation between a source and a target, named as in FHIR R4
// or R5.
type Relation = terminology.Relation

// The relations, named as in R5 (RULES.md#relations).
const (
	Equivalent = terminology.Equivalent
	Narrower   = terminology.Narrower
	Broader    = terminology.Broader
	Related    = terminology.Related
	Unrelated  = terminology.Unrelated
)
