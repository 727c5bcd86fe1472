package terminology

import "time"

// A Coding is a code of a code system.
type Coding struct{ System, Version, Code, Display string }

// Resources are the resources of one or more files.
type Resources struct {
	CodeSystems []CodeSystem
	ValueSets   []ValueSet
	ConceptMaps []ConceptMap

	Skipped map[string]int // how many resources of other types there were
}

// A Header is what all resources here have.
type Header struct {
	ID, URL, Version string
	Name, Title      string
	Status, Date     string // the status is "draft", "active", "retired" or "unknown"
	Publisher        string
	Description      string
	Experimental     bool
	Extensions       []Property // those with a plain value; Code is the URL
}

// A CodeSystem defines codes.
type CodeSystem struct {
	Header
	Content       string // "complete", "fragment", "not-present", "example", "supplement"
	CaseSensitive *bool  // nil if the file does not say; then case counts
	Supplements   string // the code system that a supplement is about
	ValueSet      string // the value set of all its codes
	Concepts      []Concept
}

// A Concept is one code with what it means, and the concepts below it.
type Concept struct {
	Code, Display, Definition string
	Designations              []Designation
	Properties                []Property
	Concepts                  []Concept
}

// A Designation is another name of a concept.
type Designation struct{ Language, Use, Value string }

// A Property says something about a concept or a mapping. Type is that of FHIR,
// such as "string", "code", "decimal", "boolean" or "Coding"; of a Coding, Value is
// the code.
type Property struct{ Code, Type, System, Value string }

// A ValueSet says which codes may be used somewhere: the codes included, without
// those excluded.
type ValueSet struct {
	Header
	Include, Exclude []Selection
	Expansion        *Expansion // as stored in the file; nil if there is none
}

// A Selection selects codes: those of a system that are listed, or that pass all
// filters, or else all; and of these those that are in all of ValueSets.
type Selection struct {
	System, Version string
	Concepts        []Coding // their System is that of the selection
	Filters         []Filter
	ValueSets       []string
}

// A Filter keeps concepts by a property.
type Filter struct{ Property, Op, Value string }

// An Expansion is the list of codes of a value set.
type Expansion struct {
	At    time.Time // when it was made; zero if it was computed here
	Total int       // as the file says; 0 if it does not
	Codes []Coding  // without those that group others and may not be chosen

	partial bool // a page, or an incomplete list
}

// A ConceptMap says what codes are called in other systems.
type ConceptMap struct {
	Header
	Source, Target string // the value sets that are mapped
	Groups         []MapGroup
}

// A MapGroup maps the codes of one system.
type MapGroup struct {
	Source, SourceVersion string
	Target, TargetVersion string
	Elements              []MapElement
	Unmapped              *Unmapped
}

// A MapElement is a code with its targets. A code may have several elements.
type MapElement struct {
	Code, Display string
	NoMap         bool // deliberately without a target
	Targets       []MapTarget
}

// A MapTarget is one target of a code.
type MapTarget struct {
	Code, Display string
	Relation      Relation
	Comment       string
	DependsOn     []Property // what else the source must be; Code names the attribute
	Product       []Property // what else the target is
	Properties    []Property
}

// Unmapped says what becomes of codes without an element.
type Unmapped struct {
	Mode     string // "fixed", "use-source-code" or "other-map"
	Code     string // the code, if it is fixed
	Display  string
	Relation Relation // "" is related-to
	Map      string   // the other map
}
