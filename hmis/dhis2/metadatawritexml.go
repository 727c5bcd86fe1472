package dhis2

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// appendElement appends JSON as an XML element, the reverse of
// [xmlReader.json]. As on servers, the names of an object are attributes.
func appendElement(b []byte, name string, raw []byte) ([]byte, error) {
	if !isXMLName(name) {
		return b, errors.New("cannot be the name of an element")
	}
	b = append(append(b, '<'), name...)
	if raw[0] == '{' {
		err := jsontext.Members(raw, func(m jsontext.Member) error {
			if !isAttribute(m) {
				return nil
			}
			text, err := jsontext.Scalar(m.Raw)
			if err == nil {
				b = append(append(append(b, ' '), m.Name...), '=', '"')
				b, err = appendXMLText(b, text)
				b = append(b, '"')
			}
			return placeIn(m.Name, err)
		})
		if err != nil {
			return b, err
		}
	}
	b = append(b, '>')
	open := len(b)
	b, err := appendContent(b, name, raw)
	if err != nil {
		return b, err
	}
	if len(b) == open {
		return append(b[:open-1], "/>"...), nil
	}
	return append(append(append(b, "</"...), name...), '>'), nil
}

// appendContent appends the content of an element.
func appendContent(b []byte, name string, raw []byte) ([]byte, error) {
	switch {
	case name == "geometry":
		return appendXMLText(b, raw)
	case raw[0] == 'n':
		return b, nil
	case raw[0] == '{':
		err := jsontext.Members(raw, func(m jsontext.Member) (err error) {
			if isAttribute(m) {
				return nil
			}
			b, err = appendElement(b, m.Name, m.Raw)
			return placeIn(m.Name, err)
		})
		return b, err
	case raw[0] == '[':
		err := jsontext.Members(raw, func(m jsontext.Member) (err error) {
			if m.Raw[0] == '[' {
				return errors.New("want no array in an array in XML")
			}
			b, err = appendElement(b, singular(name), m.Raw)
			return err
		})
		return b, err
	}
	text, err := jsontext.Scalar(raw)
	if err != nil {
		return b, err
	}
	return appendXMLText(b, text)
}

// isAttribute reports whether a member of JSON is an attribute in XML.
func isAttribute(m jsontext.Member) bool {
	if c := m.Raw[0]; c == '{' || c == '[' || c == 'n' {
		return false
	}
	switch m.Name {
	case "id", "code", "name", "shortName", "created", "lastUpdated":
		return true
	}
	return false
}

// appendXMLText appends text with the characters escaped that XML requires.
func appendXMLText(b, text []byte) ([]byte, error) {
	if !utf8.Valid(text) {
		return b, fmt.Errorf("%s: want UTF-8", quoted(text))
	}
	for _, r := range string(text) {
		if r < ' ' && !strings.ContainsRune("\t\n\r", r) || r == '\uFFFE' || r == '\uFFFF' {
			return b, fmt.Errorf("%s: %U cannot be written in XML", quoted(text), r)
		}
	}
	var escaped bytes.Buffer
	xml.EscapeText(&escaped, text) // writing to a Buffer cannot fail
	return append(b, escaped.Bytes()...), nil
}

func isXMLName(name string) bool {
	for i, r := range name {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || r != '-' && r != '.' && !unicode.IsDigit(r)) {
			return false
		}
	}
	return name != ""
}

// placeIn adds the name of a member to an error.
func placeIn(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", quote.Line(name, 64), err)
}
