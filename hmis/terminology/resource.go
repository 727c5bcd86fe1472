package terminology

import "time"

// A Coding is a code of a code system.
type Coding struct{ System, Version, Code, Display string }

// Resources holds the resources of one or more files.
type Resources struct {
	CodeSystems []CodeSystem
	ValueSets   []ValueSet
	ConceptMaps []ConceptMap

	Skipped map[string]int // number of skipped resources, by type
}

// A Header has the fields that all kinds of resources share.
type Header struct {
	ID, URL, Version string
	Name, Title      string
	Status, Date     string // the status is "draft", "active", "retired" or "unknown"
	Publisher        string
	Description      string
	Experimental     bool
	Extensions       []Property // extensions with a plain value; Code is the URL
}

// A CodeSystem defines codes.
type CodeSystem struct {
	Header
	Content       string // "complete", "fragment", "not-present", "example", "supplement"
	CaseSensitive *bool  // nil if the file does not say, which counts as true
	Supplements   string // the code system that a supplement adds to
	ValueSet      string // the value set of all its codes
	Concepts      []Concept
}

// A Concept is one code with its meaning, and the concepts below it.
type Concept struct {
	Code, Display, Definition string
	Designations              []Designation
	Properties                []Property
	Concepts                  []Concept
}

// A Designation is another name of a concept.
type Designation struct{ Language, Use, Value string }

// A Property is a named value of a concept or a mapping. Type is the FHIR type,
// such as "string", "code", "decimal", "boolean" or "Coding". For a Coding,
// Value is the code.
type Property struct{ Code, Type, System, Value string }

// A ValueSet says which codes may be used somewhere: the codes included, without
// those excluded.
type ValueSet struct {
	Header
	Include, Exclude []Selection
	Expansion        *Expansion // the expansion stored in the file, or nil
}

// A Selection selects codes of one system: the listed codes, or those that pass
// all filters, or else all codes. If there are ValueSets, only codes that are
// in all of them remain.
type Selection struct {
	System, Version string
	Concepts        []Coding // each System is that of the selection
	Filters         []Filter
	ValueSets       []string
}

// A Filter keeps the concepts whose property matches a value.
type Filter struct{ Property, Op, Value string }

// An Expansion is the list of codes of a value set.
type Expansion struct {
	At    time.Time // time of the expansion; zero if it was computed here
	Total int       // number of codes that the file states, or 0
	Codes []Coding  // without codes that only group others and may not be chosen

	partial bool // only one page, or otherwise incomplete
}

// A ConceptMap maps codes to the corresponding codes of other systems.
type ConceptMap struct {
	Header
	Source, Target string // the value sets that the map connects
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
	NoMap         bool // the code deliberately has no target
	Targets       []MapTarget
}

// A MapTarget is one target of a code.
type MapTarget struct {
	Code, Display string
	Relation      Relation
	Comment       string
	DependsOn     []Property // further conditions on the source; Code names the attribute
	Product       []Property // further values of the target; Code names the attribute
	Properties    []Property
}

// Unmapped says how codes without an element are translated.
type Unmapped struct {
	Mode     string // "fixed", "use-source-code" or "other-map"
	Code     string // the target code in mode "fixed"
	Display  string
	Relation Relation // "" is related-to
	Map      string   // URL of the next map in mode "other-map"
}
