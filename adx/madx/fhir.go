package madx

import (
	"fmt"
	"io"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/quota"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Coding is a code of a code system.
type Coding struct {
	System  string // the URL of the code system; "" if not given
	Code    string
	Display string // a name to show
}

// same reports whether c and o have the same code. If both have a system, it
// must be the same too.
func (c Coding) same(o Coding) bool {
	return c.Code == o.Code && (c.System == o.System || c.System == "" || o.System == "")
}

// A resourceReader reads the parts of resources, and collects findings about
// their form (MADX-002).
type resourceReader struct {
	*cursor
	source
	complaints []adx.Finding
	log        quota.Quota // limits how many findings are kept
	left       int         // how many more objects arrays may have; 0 means no limit
}

// maxObjects limits the objects in the arrays of a Measure or a bundle of value
// sets. That limits memory, since {} needs a hundred times its length.
const maxObjects = 250_000

// objectSize is the approximate memory of one object in an array, in bytes.
const objectSize = 256

func newResourceReader(r io.Reader, l adx.Limits) *resourceReader {
	at, from := open(r, l)
	return &resourceReader{cursor: at, source: from, log: quota.New(0)}
}

// complain keeps a finding about the resource, up to a limit.
func (r *resourceReader) complain(f adx.Finding) {
	if r.log.Pass() {
		r.complaints = append(r.complaints, f)
	}
}

// wrong keeps a finding about the next value. got is the value, and want
// describes what was expected.
func (r *resourceReader) wrong(got, want string) {
	r.complain(adx.Finding{
		Rule: "MADX-002", Severity: hmis.Severe, Line: r.at.line, Column: r.at.column,
		Path: pathOf("", r.path), Got: got, Want: want,
	})
}

// is reports whether the next value has a kind: '{', '[', '"', or '0' for a
// number. If it has another kind, is keeps a finding and skips the value.
func (r *resourceReader) is(kind byte) (bool, error) {
	fit, err := r.fits(kind)
	if err != nil || fit == missing {
		return false, err
	}
	if fit == fitting {
		return true, nil
	}
	r.wrong("", map[byte]string{'{': "an object", '[': "an array", '"': "a text", '0': "a number"}[kind])
	return false, r.skip()
}

// each reads an array of objects. It calls f for each object.
func (r *resourceReader) each(f func(i int) error) error {
	if ok, err := r.is('['); !ok || err != nil {
		return err
	}
	n := 0
	err := r.array(func(i int) error {
		n++
		if r.left--; r.left == 0 {
			return r.fail(r.at, adx.Finding{
				Rule: "ADX-164",
				Err:  fmt.Errorf("more than %d objects", maxObjects),
			})
		}
		if ok, err := r.is('{'); !ok || err != nil {
			return err
		}
		if err := r.hold(objectSize); err != nil {
			return err
		}
		return f(i)
	})
	if n == 0 && err == nil {
		r.wrong("", "an array that is not empty")
	}
	return err
}

// one reads an object. It calls f for each member.
func (r *resourceReader) one(f func(key string) error) error {
	if ok, err := r.is('{'); !ok || err != nil {
		return err
	}
	return r.object(f)
}

// set reads a text into s.
func (r *resourceReader) set(s *string) error {
	ok, err := r.is('"')
	if !ok || err != nil {
		return err
	}
	*s, err = r.text()
	if err == nil && strings.TrimSpace(*s) == "" {
		*s = ""
		r.wrong("", "a text that is not empty")
	}
	return err
}

// setCode reads a code into s. FHIR does not allow extra white space in a code.
func (r *resourceReader) setCode(s *string) error {
	err := r.set(s)
	if c := token.Collapse(*s); err == nil && c != *s {
		r.wrong(*s, "the code without superfluous blanks")
		*s = c
	}
	return err
}

// other skips a member with an unknown name. Any element may have an id and
// extensions; other names give a finding.
func (r *resourceReader) other(key string) error {
	switch {
	case key == "id", key == "extension", strings.HasPrefix(key, "_"):
	case key == "modifierExtension":
		r.wrong("", "none: it changes the meaning in a way that is not known here")
	default:
		r.wrong("", "an element of FHIR R4")
	}
	return r.skip()
}

// concept reads a CodeableConcept.
func (r *resourceReader) concept(to *[]Coding) error {
	return r.one(func(key string) error {
		switch key {
		case "coding":
			return r.each(func(int) error {
				var c Coding
				err := r.coding(&c)
				*to = append(*to, c)
				return err
			})
		case "text":
			return r.skip()
		}
		return r.other(key)
	})
}

func (r *resourceReader) coding(c *Coding) error {
	return r.one(func(key string) error {
		switch key {
		case "system":
			return r.set(&c.System)
		case "code":
			return r.setCode(&c.Code)
		case "display":
			return r.set(&c.Display)
		case "version", "userSelected":
			return r.skip()
		}
		return r.other(key)
	})
}

// An identifier identifies a resource in the world outside FHIR, such as the
// code of a facility.
type identifier struct{ system, value string }

func (r *resourceReader) identifier(to *identifier) error {
	return r.one(func(key string) error {
		switch key {
		case "system":
			return r.set(&to.system)
		case "value":
			return r.set(&to.value)
		case "use", "type", "period", "assigner":
			return r.skip()
		}
		return r.other(key)
	})
}

// A link is a FHIR Reference to another resource.
type link struct {
	there      bool
	to         string
	identifier identifier
}

func (r *resourceReader) link(to *link) error {
	to.there = true
	return r.one(func(key string) error {
		switch key {
		case "reference":
			return r.set(&to.to)
		case "identifier":
			return r.identifier(&to.identifier)
		case "type", "display":
			return r.skip()
		}
		return r.other(key)
	})
}

// A quantity is a number and the members that may change its meaning.
type quantity struct {
	value            string // the number's text; "" if there is none
	bad              bool   // the value is not a number
	unit, comparator string
}

func (r *resourceReader) quantity(to *quantity) error {
	if ok, err := r.is('{'); !ok || err != nil {
		to.bad = true
		return err
	}
	return r.object(func(key string) error {
		switch key {
		case "value":
			wrong := len(r.complaints)
			ok, err := r.is('0')
			if ok && err == nil {
				to.value, err = r.number()
			}
			to.bad = len(r.complaints) > wrong
			return err
		case "unit":
			return r.set(&to.unit)
		case "code":
			var code string
			err := r.set(&code)
			if to.unit == "" {
				to.unit = code
			}
			return err
		case "comparator":
			return r.set(&to.comparator)
		case "system":
			return r.skip()
		}
		return r.other(key)
	})
}

// dataAbsentReason is the extension that replaces a missing value.
const dataAbsentReason = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

// absent reads the extensions of a number. It sets *to if one of them gives a
// reason why the number is missing.
func (r *resourceReader) absent(to *bool) error {
	return r.one(func(key string) error {
		if key != "extension" {
			return r.skip()
		}
		return r.each(func(int) error {
			return r.one(func(key string) error {
				if key != "url" {
					return r.skip()
				}
				var url string
				err := r.set(&url)
				*to = *to || url == dataAbsentReason
				return err
			})
		})
	})
}
