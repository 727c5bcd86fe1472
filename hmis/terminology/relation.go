package terminology

// A Relation is the relation between a source and a target code in a FHIR
// ConceptMap. R5 describes the source and R4 the target, so the words are
// reversed: "wider" in R4 is "source-is-narrower-than-target" in R5
// (RULES.md#relations).
type Relation string

// The relations, named as in R5.
const (
	Equivalent Relation = "equivalent"
	Narrower   Relation = "source-is-narrower-than-target"
	Broader    Relation = "source-is-broader-than-target"
	Related    Relation = "related-to"
	Unrelated  Relation = "not-related-to" // the code is deliberately not mapped
)

// Relations returns all relations in the order above.
func Relations() []Relation {
	return []Relation{Equivalent, Narrower, Broader, Related, Unrelated}
}

// R5 converts the relation to its R5 name. It accepts names of R4 and R5. ok is
// false if it is neither.
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

// R4 converts the relation to its R4 name. ok is false if it is not a relation.
// If several R4 names mean the same, the one introduced first is returned:
// equivalent, wider, narrower, relatedto, unmatched.
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
