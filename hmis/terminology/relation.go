package terminology

// A Relation says how a source and a target are related: a code of a FHIR
// ConceptMap. R5 describes the source, R4 the target, so the words turn around:
// "wider" is "source-is-narrower-than-target" (RULES.md#relations).
type Relation string

// The relations in the words of R5.
const (
	Equivalent Relation = "equivalent"
	Narrower   Relation = "source-is-narrower-than-target"
	Broader    Relation = "source-is-broader-than-target"
	Related    Relation = "related-to"
	Unrelated  Relation = "not-related-to" // deliberately not mapped
)

// Relations returns all relations in the order above.
func Relations() []Relation {
	return []Relation{Equivalent, Narrower, Broader, Related, Unrelated}
}

// R5 returns the relation in the words of R5, whether it is given in those of R4
// or R5. ok is false if it is no relation.
func (r Relation) R5() (in5 Relation, ok bool) {
	switch r {
	case Equivalent, Narrower, Broader, Related, Unrelated:
		return r, true
	case "equal":
		return Equivalent, true
	case "wider", "subsumes":
		return Narrower, true
	case "narrower", "specializes":
		return Broader, true
	case "relatedto", "inexact":
		return Related, true
	case "unmatched", "disjoint":
		return Unrelated, true
	}
	return "", false
}

// R4 returns the relation in the words of R4. ok is false if it is no relation.
// Of the words that mean the same it is the one first introduced: equivalent,
// wider, narrower, relatedto, unmatched.
func (r Relation) R4() (in4 string, ok bool) {
	in5, ok := r.R5()
	switch in5 {
	case Equivalent:
		return "equivalent", ok
	case Narrower:
		return "wider", ok
	case Broader:
		return "narrower", ok
	case Related:
		return "relatedto", ok
	case Unrelated:
		return "unmatched", ok
	}
	return "", false
}
