package dsd

import (
	"time"

	"github.com/ohie-hmis/hmis-go/adx/internal/token"
)

// The namespaces of SDMX 2.1.
const (
	spaceMessage   = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
	spaceStructure = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure"
	spaceCommon    = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"
)

// The concept scheme that IHE owns (RULES.md#definitions).
const (
	mandatoryScheme = "ADX_MANDATORY_CONCEPTS"
	mandatoryAgency = "IHE_QRPH"
)

// The ids that the profile fixes.
const (
	timeDimension   = "TIME_PERIOD"
	outerDimensions = "OUTER_DIMENSIONS"
	disaggregation  = "Disaggregation" // of an annotation
)

// A document is a structure message as it is written. Its references are not
// resolved.
type document struct {
	header     header
	lists      []*codelist
	schemes    []*scheme
	structures []*structure

	// The places of each container, and of what the profile does not use.
	structuresAt, codelistsAt, conceptsAt []place
	outside                               []named
	outsideMore                           int // beyond those that are kept
}

type header struct {
	id       string
	test     bool
	prepared time.Time
	sender   string
}

// named is a construct and its place.
type named struct {
	name string
	at   place
}

// An artefact is what SDMX calls a maintainable artefact.
type artefact struct {
	id, agency, version string
	labels
	external bool   // the artefact itself is elsewhere
	url      string // where
	at       place
}

// labels are the names, descriptions and annotations of an artefact.
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
	id     string // white space collapsed
	padded bool   // it had white space around it
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

// A representation says which values a component may have: a code list or a
// type of text. The zero representation says nothing.
type representation struct {
	list     *reference
	textType string // as in SDMX; "String" where a TextFormat names none
}

func (r representation) isZero() bool { return r.list == nil && r.textType == "" }

// A reference names an artefact, or an item of one.
type reference struct {
	agency, version string // of the artefact
	parent          string // the artefact, if item is in one
	id              string
	at              place
}

type structure struct {
	artefact
	dimensions []component // the time dimension too, where it stands
	groups     []group
	measures   []component
}

// A component is a dimension or a measure.
type component struct {
	id      string // "" if it is not written
	time    bool   // a TimeDimension
	concept *reference
	local   representation
	at      place
}

// name returns the id of the component, or that of its concept if it has none.
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

// text returns the English name, or else the first one. A name that only
// repeats the id is ignored, because SDMX requires a name for everything.
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

// disaggregations returns the concepts of the dimensions that a data element
// has, from its annotations (RULES.md#disaggregation).
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
