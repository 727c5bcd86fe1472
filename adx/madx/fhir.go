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
	System  string // URL of the code system; "" if it is not said
	Code    string
	Display string // for people
}

// same reports whether two codings mean the same: equal codes, of the same
// system if both name one.
func (c Coding) same(o Coding) bool {
	return c.Code == o.Code && (c.System == o.System || c.System == "" || o.System == "")
}

// A resourceReader reads the parts of resources, and collects what is wrong with
// them by the rules of FHIR (MADX-002).
type resourceReader struct {
	*decoder
	complaints []adx.Finding
	log        quota.Quota // of complaints
	left       int         // objects in arrays that may still come; 0 is no limit
}

// maxObjects is how many objects a Measure or a bundle of value sets may have in
// its arrays. It bounds the memory of short ones: {} grows a hundredfold.
const maxObjects = 250_000

// objectSize is about how many bytes an object in an array takes, in a list that
// has grown by copying.
const objectSize = 256

func newResourceReader(r io.Reader, l adx.Limits) *resourceReader {
	return &resourceReader{decoder: newDecoder(r, l), log: quota.New(0)}
}

// complain keeps what is wrong with the resource, unless there is too much of it.
func (r *resourceReader) complain(f adx.Finding) {
	if r.log.Pass() {
		r.complaints = append(r.complaints, f)
	}
}

// wrong complains of the value that is read next.
func (r *resourceReader) wrong(got, want string) {
	r.complain(adx.Finding{
		Rule: "MADX-002", Severity: hmis.Severe, Line: r.at.line, Column: r.at.column,
		Path: pathOf("", r.path), Got: got, Want: want,
	})
}

// is reports whether a value of a kind follows: '{', '[', '"', '0' for a number.
// If not, it complains and skips the value.
func (r *resourceReader) is(kind byte) (bool, error) {
	c, err := r.peek()
	if err != nil {
		return false, err
	}
	if c == '-' || '0' <= c && c <= '9' {
		c = '0'
	}
	if c == kind {
		return true, nil
	}
	r.wrong("", map[byte]string{'{': "an object", '[': "an array", '"': "a text", '0': "a number"}[kind])
	return false, r.skip()
}

// each reads an array of objects.
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

// one reads an object.
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

// setCode reads a code into s. FHIR knows no superfluous white space in one.
func (r *resourceReader) setCode(s *string) error {
	err := r.set(s)
	if c := token.Collapse(*s); err == nil && c != *s {
		r.wrong(*s, "the code without superfluous blanks")
		*s = c
	}
	return err
}

// other deals with a member that a type is not asked for: any element may have
// an id, extensions, and extensions of its texts and numbers.
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

// An identifier is a business identifier of a resource.
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

// A link is a Reference.
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

// A quantity is a number with what may change its meaning.
type quantity struct {
	value            string // "" if there is none
	bad              bool   // there is something that cannot be read as one
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
			ok, err := r.is('0')
			if ok && err == nil {
				to.value, err = r.number()
			}
			to.bad = !ok
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

// absent reads what is said beside a number and reports whether that is why the
// number is missing.
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
