package madx

import (
	"fmt"
	"io"
	"slices"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// WriteValueSets writes the value sets of the dimensions whose codes are known,
// each once, as a Bundle in JSON. [ReadValueSets] reads it. A dimension with an
// empty list of codes is an error, because FHIR has no empty value set.
func (m Measure) WriteValueSets(w io.Writer) error { return m.writeValueSets(w, encode) }

// WriteValueSetsXML writes the value sets in XML. Otherwise it is like
// WriteValueSets.
func (m Measure) WriteValueSetsXML(w io.Writer) error { return m.writeValueSets(w, encodeXML) }

func (m Measure) writeValueSets(w io.Writer, encode encoder) error {
	bundle := wireBundle{ResourceType: "Bundle", Type: "collection"}
	var done []string
	for _, dim := range m.Dimensions {
		if dim.ValueSet == "" || dim.Codes == nil || slices.Contains(done, dim.ValueSet) {
			continue
		}
		if len(dim.Codes) == 0 {
			return fmt.Errorf("adx: dimension %s: no codes to make a value set of", quote.Text(dim.Name))
		}
		done = append(done, dim.ValueSet)
		title := orElse(m.display(dim.Name), dim.Name)
		set := wireValueSet{
			ResourceType: "ValueSet", URL: dim.ValueSet, Version: m.Version, Name: pascal(dim.Name), Title: title,
			Status: orElse(m.Status, "active"), Experimental: m.Experimental, Publisher: m.Publisher,
		}
		for _, c := range dim.Codes { // each change of code system begins a new include, which keeps the order
			include := &set.Compose.Include
			if n := len(*include); n == 0 || (*include)[n-1].System != c.System {
				*include = append(*include, wireInclude{System: c.System})
			}
			last := &(*include)[len(*include)-1]
			last.Concept = append(last.Concept, wireCoding{Code: c.Code, Display: c.Display})
		}
		bundle.Entry = append(bundle.Entry, wireEntry{dim.ValueSet, set})
	}
	return encode(w, bundle, "  ")
}

type (
	wireBundle struct {
		ResourceType string      `json:"resourceType"`
		Type         string      `json:"type"`
		Entry        []wireEntry `json:"entry,omitempty"`
	}
	wireEntry struct {
		FullURL  string       `json:"fullUrl"`
		Resource wireValueSet `json:"resource"`
	}
	wireValueSet struct {
		ResourceType string `json:"resourceType"`
		URL          string `json:"url"`
		Version      string `json:"version,omitempty"`
		Name         string `json:"name"`
		Title        string `json:"title"`
		Status       string `json:"status"`
		Experimental bool   `json:"experimental"`
		Publisher    string `json:"publisher,omitempty"`
		Compose      struct {
			Include []wireInclude `json:"include"`
		} `json:"compose"`
	}
	wireInclude struct {
		System  string       `json:"system,omitempty"`
		Concept []wireCoding `json:"concept"`
	}
)

// ReadValueSets reads a ValueSet, or a Bundle of them, in JSON or XML, and returns
// the codes of each by its canonical URL. The codes are those in expansion or,
// without it, those listed in compose. A value set with whole code systems or
// filters is left out, because its codes are not known. Other resources are
// skipped.
func ReadValueSets(r io.Reader) (map[string][]Coding, error) {
	d := newResourceReader(r, defaultLimits)
	d.left = maxObjects + 1
	sets := map[string][]Coding{}
	var read func(entries bool) error
	read = func(entries bool) error {
		var v valueSet
		err := d.one(func(key string) error {
			if key == "entry" && entries {
				return d.each(func(int) error {
					return d.one(func(key string) error {
						if key != "resource" {
							return d.skip()
						}
						return read(false)
					})
				})
			}
			return d.valueSet(&v, key)
		})
		switch {
		case v.kind != "ValueSet" || v.url == "":
		case v.expanded:
			sets[v.url] = v.expansion
		case !v.open && v.composed != nil:
			sets[v.url] = v.composed
		}
		return err
	}
	err := d.begin()
	if err == nil {
		err = read(true)
	}
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return nil, located(err)
	}
	return sets, nil
}

type valueSet struct {
	kind, url           string
	composed, expansion []Coding
	open, expanded      bool
}

func (r *resourceReader) valueSet(v *valueSet, key string) error {
	switch key {
	case "resourceType":
		return r.set(&v.kind)
	case "url":
		return r.set(&v.url)
	case "expansion":
		return r.one(func(key string) error {
			if key != "contains" {
				return r.skip()
			}
			v.expanded = true
			return r.contains(&v.expansion)
		})
	case "compose":
		return r.one(func(key string) error {
			switch key {
			case "include":
				return r.each(func(int) error { return r.include(v) })
			case "exclude":
				v.open = true
			}
			return r.skip()
		})
	}
	return r.skip()
}

// contains reads the codes of an expansion. A code may contain others.
func (r *resourceReader) contains(to *[]Coding) error {
	return r.each(func(int) error {
		var c Coding
		abstract := false
		var below []Coding
		err := r.one(func(key string) error {
			switch key {
			case "system":
				return r.set(&c.System)
			case "code":
				return r.set(&c.Code)
			case "display":
				return r.set(&c.Display)
			case "abstract":
				word, err := r.literal()
				abstract = word == "true"
				return err
			case "contains":
				return r.contains(&below)
			}
			return r.skip()
		})
		if c.Code != "" && !abstract {
			*to = append(*to, c)
		}
		*to = append(*to, below...)
		return err
	})
}

// include reads one part of the compose of a value set.
func (r *resourceReader) include(v *valueSet) error {
	var system string
	var codes []Coding
	listed := false
	err := r.one(func(key string) error {
		switch key {
		case "system":
			return r.set(&system)
		case "concept":
			listed = true
			return r.each(func(int) error {
				var c Coding
				err := r.one(func(key string) error {
					switch key {
					case "code":
						return r.set(&c.Code)
					case "display":
						return r.set(&c.Display)
					}
					return r.skip()
				})
				codes = append(codes, c)
				return err
			})
		case "filter", "valueSet":
			v.open = true
		}
		return r.skip()
	})
	v.open = v.open || !listed
	for _, c := range codes {
		c.System = system
		v.composed = append(v.composed, c)
	}
	return err
}
