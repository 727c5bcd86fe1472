package rows

import (
	"encoding/xml"
	"errors"
)

// XML parses the attributes of a dataValue element.
func (r *Rows) XML(start xml.StartElement, n Names) {
	var seen uint32
	for _, a := range start.Attr {
		if IsNamespace(a) {
			continue
		}
		c := n.Column(a.Name.Local)
		switch c {
		case Ignored:
			continue
		case Unknown:
			r.FailUnknown("attribute", a.Name.Local)
			continue
		}
		if bit := uint32(1) << c; seen&bit != 0 {
			r.Fail(c, errors.New("want it once in each value"))
		} else {
			seen |= bit
		}
		if a.Value != "" {
			r.set(c, []byte(a.Value))
		}
	}
}

// IsNamespace reports whether an attribute declares a namespace or a schema.
func IsNamespace(a xml.Attr) bool {
	return a.Name.Space == "xmlns" || a.Name.Local == "xmlns" || a.Name.Space == "xml" ||
		a.Name.Space == "http://www.w3.org/XML/1998/namespace" || a.Name.Space == "http://www.w3.org/2001/XMLSchema-instance"
}
