package dsd

import (
	"time"

	"github.com/ohie-hmis/hmis-go/adx/internal/token"
)

// These are the namespaces of SDMX 2.1.
const (
	spaceMessage   = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
	spaceStructure = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure"
	spaceCommon    = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"
)

// These constants name the concept scheme that IHE owns (RULES.md#definitions).
const (
	mandatoryScheme = "ADX_MANDATORY_CONCEPTS"
	mandatoryAgency = "IHE_QRPH"
)

// These are the ids that the profile fixes.
const (
	timeDimension   = "TIME_PERIOD"
	outerDimensions = "OUTER_DIMENSIONS"
	disaggregation  = "Disaggregation" // the type of an annotation that names a dimension of a data element
)

// A document is a structure message with unresolved references, as it was read
// or will be written.
type document struct {
	header     header
	lists      []*codelist
	schemes    []*scheme
	structures []*structure

	// structuresAt, codelistsAt and conceptsAt are the places of containers.
	// outside has the elements that the profile does not use.
	structuresAt, codelistsAt, conceptsAt []place
	outside                               []named
	outsideMore                           int // how many elements outside the profile were not kept
}

type header struct {
	id       string
	test     bool
	prepared time.Time
	sender   string
}

// A named is an element with an id or name, and its place.
type named struct {
	name string
	at   place
}

// An artefact has what SDMX calls a maintainable artefact: id, agency, version
// and names.
type artefact struct {
	id, agency, version string
	labels
	external bool   // the content of the artefact is elsewhere
	url      string // the URL of that content
	at       place
}

// A labels has the names, descriptions and annotations of an artefact.
type labels struct {
	names, descriptions []label
	annotations         []annotation
}

type label struct{ lang, text string }

type annotation struct {
	id, title, kind, url string
	texts                []label
}

type codelist struct {
	artefact
	codes []code
}

type code struct {
	id     string // the id with white space collapsed
	padded bool   // the id had white space around it
	parent string
	labels
	at place
}

type scheme struct {
	artefact
	concepts []concept
}

type concept struct {
	id string
	labels
	core representation
	at   place
}

// A representation states which values a component may have: a code list or a
// type of text. The zero representation allows any value.
type representation struct {
	list     *reference
	textType string // the type's name in SDMX; "String" if a TextFormat has none
}

func (r representation) isZero() bool { return r.list == nil && r.textType == "" }

// A reference points to an artefact, or to an item of one.
type reference struct {
	agency, version string // of the artefact to which the reference points
	parent          string // the artefact that contains the item, if the reference points to an item
	id              string
	at              place
}

type structure struct {
	artefact
	dimensions []component // all dimensions, including the one for time, in the order of the document
	groups     []group
	measures   []component
}

// A component is a dimension or a measure.
type component struct {
	id      string // the id of the component; "" if it has none
	time    bool   // the component is a TimeDimension
	concept *reference
	local   representation
	at      place
}

// name returns the id of the component, or the id of its concept if the
// component has none.
func (c *component) name() string {
	switch {
	case c.id != "":
		return c.id
	case c.time:
		return timeDimension
	case c.concept != nil:
		return c.concept.id
	}
	return ""
}

type group struct {
	id   string
	refs []reference
	at   place
}

// text returns the English name, or else the first name. It ignores a name that
// only repeats the id, because SDMX requires one for everything.
func (l labels) text(id string) string {
	name := ""
	if len(l.names) > 0 {
		name = l.names[0].text
	}
	for _, n := range l.names {
		if n.lang == "en" {
			name = n.text
			break
		}
	}
	if name == id {
		return ""
	}
	return name
}

// disaggregations returns the concepts in the annotations of a data element:
// those of the dimensions that it has (RULES.md#disaggregation).
func (l labels) disaggregations() []string {
	var ids []string
	for _, a := range l.annotations {
		if a.id != disaggregation {
			continue
		}
		for _, t := range a.texts {
			ids = append(ids, token.Collapse(t.text))
		}
	}
	return ids
}
