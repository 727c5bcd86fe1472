package dhis2

import (
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A stranger is an unknown member of the outermost object.
type stranger struct {
	name   string
	text   string // its text, if it is a text, number or boolean
	offset int64
}

// strangers holds the first members of an object, as long as none of them is
// known.
type strangers struct {
	list []stranger
	more int // the number of members that are not in list
}

// maxStrangers limits how many unknown members are kept for an error.
const maxStrangers = 16

func (s *strangers) add(name string, raw []byte, offset int64) {
	if len(s.list) == maxStrangers {
		s.more++
		return
	}
	n := stranger{name: name, offset: offset}
	if text, err := jsontext.Scalar(raw); err == nil {
		n.text = quote.Cut(string(text), 64)
	}
	s.list = append(s.list, n)
}

// text returns the text of the member with this name, or "".
func (s *strangers) text(name string) string {
	for _, m := range s.list {
		if m.name == name {
			return m.text
		}
	}
	return ""
}

// err returns an error about an object in which no member is known. want is
// what was expected.
func (s *strangers) err(want string) error {
	if len(s.list) == 0 {
		return nil
	}
	status, message := s.text("status"), s.text("message")
	if message == "" {
		message = s.text("description")
	}
	switch {
	case s.text("type") == "FeatureCollection" || s.text("type") == "Feature":
		return fmt.Errorf("GeoJSON: want %s", want)
	case status != "" && message != "":
		return answerError(status, s.text("httpStatusCode"), message, want)
	case s.text("id") != "":
		return fmt.Errorf("a single object, %s: want %s", s.text("id"), want)
	}
	var b strings.Builder
	for i, m := range s.list {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s", quoted(m.name))
	}
	if s.more > 0 {
		fmt.Fprintf(&b, " and %d more", s.more)
	}
	return fmt.Errorf("unknown members %s: want %s", b.String(), want)
}

// errMember returns an error for an unknown member.
func errMember(name, want string) error {
	return fmt.Errorf("unknown member %s: want %s", quoted(name), want)
}
