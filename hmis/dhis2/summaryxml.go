package dhis2

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
)

// readXMLSummary reads an answer with any of the root elements that servers
// use.
func readXMLSummary(x *xmlReader) (hmis.Summary, error) {
	root, err := x.root("importSummary", "importSummaries", "webMessage")
	if err != nil {
		return hmis.Summary{}, err
	}
	offset := x.offset()
	a := &answer{held: new(int)}
	for _, attr := range root.Attr {
		a.attribute(attr)
	}
	if err := x.answer(a, 0); err != nil {
		return hmis.Summary{}, err
	}
	if err := x.finish(); err != nil {
		return hmis.Summary{}, err
	}
	s, err := a.summary()
	return s, at(offset, err)
}

// attribute reads an attribute of an envelope, in which newer servers state the
// status.
func (a *answer) attribute(attr xml.Attr) {
	switch attr.Name.Local {
	case "status":
		a.status = attr.Value
	case "httpStatusCode":
		a.httpCode = attr.Value
	case "message":
		a.message = attr.Value
	}
}

// answer reads the elements of a summary to its end. The element conflicts has
// the conflicts, and a response or list may contain further summaries.
func (x *xmlReader) answer(a *answer, depth int) error {
	if depth++; depth > jsontext.MaxDepth {
		return x.fail(fmt.Errorf("want at most %d levels of nesting", jsontext.MaxDepth))
	}
	for {
		start, ok, err := x.within()
		if err != nil || !ok {
			return err
		}
		switch name := start.Name.Local; name {
		case "conflicts", "importSummaries":
			err = x.answer(a, depth)
		case "response", "importSummary":
			part := &answer{held: a.held}
			for _, attr := range start.Attr {
				part.attribute(attr)
			}
			if err = x.answer(part, depth); err == nil {
				err = x.fail(a.add(*part))
			}
		default:
			if err = x.fail(a.element(start)); err == nil {
				var text string
				if text, err = x.text(); err == nil {
					err = x.fail(a.content(name, text))
				}
			}
		}
		if err != nil {
			return err
		}
	}
}

// element reads the attributes of an element.
func (a *answer) element(start xml.StartElement) error {
	switch start.Name.Local {
	case "conflict":
		a.about = true
		var c hmis.Issue
		var value string
		size := 0
		for _, attr := range start.Attr {
			size += len(attr.Value)
			switch attr.Name.Local {
			case "object":
				c.Object.ID = hmis.UID(attr.Value)
			case "value":
				value = attr.Value
			case "errorCode":
				c.Code = attr.Value
			case "property":
				c.Field = attr.Value
			}
		}
		return a.issue(c, value, size)
	case "importCount", "dataValueCount":
		a.about, a.counted = true, true
		for _, attr := range start.Attr {
			if err := addCount(&a.sum, attr.Name.Local, attr.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// content reads the text of an element.
func (a *answer) content(name, text string) error {
	switch name {
	case "status":
		a.status = text
	case "description":
		a.description = text
	case "message":
		a.message = text
	case "httpStatusCode":
		a.httpCode = text
	case "dataSetComplete":
		return a.complete(text)
	case "imported", "updated", "ignored", "deleted":
		a.about = true
		return addCount(&a.own, name, text)
	case "conflict", "importCount", "dataValueCount":
		if text = strings.TrimSpace(text); text != "" {
			return fmt.Errorf("%s: %s: want attributes only", name, quoted(text))
		}
	}
	return nil
}
