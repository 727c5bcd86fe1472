package dsd

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/quota"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A resolver looks up the references of a document and collects findings.
type resolver struct {
	doc   *document
	main  *structure
	found []adx.Finding

	errors, warnings quota.Quota
}

// maxFindings limits the errors, and also the warnings, that are kept
// (ADX-165).
const maxFindings = 1000

// resolve returns the definition in a document. References that cannot be
// resolved are left out, with a finding.
func resolve(doc *document, external []adx.Finding) *Definition {
	r := &resolver{doc: doc, main: doc.structures[0], found: external, errors: quota.New(maxFindings), warnings: quota.New(maxFindings)}
	r.containers()
	r.mandatory()
	r.conceptNames()
	r.codes()
	d := &Definition{doc: doc, main: r.main}
	d.dimensions = r.dimensions()
	d.element = r.elements(&d.dimensions)
	for _, e := range d.element {
		d.ragged = d.ragged || slices.Contains(e.needs, true)
	}
	if d.elements != nil && !d.ragged { // annotations make a definition ragged even if they name no known dimension
		d.ragged = slices.ContainsFunc(d.elements.codes, func(c code) bool { return len(c.disaggregations()) > 0 })
	}
	if d.ragged {
		r.orphans(d)
	}
	if d.units != nil {
		d.unit = make(map[string]bool, len(d.units.codes))
		for i := range d.units.codes {
			d.unit[d.units.codes[i].id] = true
		}
	}
	r.dataSet()
	slices.SortStableFunc(r.found, func(a, b adx.Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if rest := quota.Rest(len(r.found), r.errors.Held()+r.warnings.Held()+doc.outsideMore); rest != nil {
		r.found = append(r.found, adx.Finding{Rule: "ADX-165", Severity: hmis.Info, Err: rest})
	}
	d.found = r.found
	return d
}

// fail reports an error of the definition.
func (r *resolver) fail(at place, f adx.Finding) {
	if r.errors.Pass() {
		f.Severity = severe
		r.found = append(r.found, found(at, f))
	}
}

// warn reports a warning about the definition.
func (r *resolver) warn(at place, f adx.Finding) {
	if r.warnings.Pass() {
		f.Severity = warning
		r.found = append(r.found, found(at, f))
	}
}

// containers checks the containers of the structure message (ADX-100, ADX-101
// and ADX-119).
func (r *resolver) containers() {
	for _, c := range []struct {
		name string
		at   []place
	}{{"Structures", r.doc.structuresAt}, {"Codelists", r.doc.codelistsAt}, {"Concepts", r.doc.conceptsAt}} {
		if n := len(c.at); n != 1 {
			var at place
			if n > 1 {
				at = c.at[1]
			}
			r.fail(at, adx.Finding{
				Rule: "ADX-100", Path: c.name,
				Err: fmt.Errorf("%d times: want it once", n),
			})
		}
	}
	if n := len(r.doc.structures); n > 1 {
		r.fail(r.doc.structures[1].at, adx.Finding{
			Rule: "ADX-101", Path: "DataStructures",
			Err: fmt.Errorf("%d DataStructures: want one", n),
		})
	}
	for _, o := range r.doc.outside {
		if o.name == "MeasureDimension" {
			r.fail(o.at, adx.Finding{
				Rule: "ADX-119", Path: token.Name(o.name),
				Err: errors.New("a dimension of measures: want none"),
			})
			continue
		}
		r.warn(o.at, adx.Finding{
			Rule: "ADX-119", Path: token.Name(o.name),
			Err: errors.New("not used by the profile; it is not looked at"),
		})
	}
}

// mandatory checks the mandatory concepts (ADX-102 and ADX-103).
func (r *resolver) mandatory() {
	var s *scheme
	for _, c := range r.doc.schemes {
		if c.id == mandatoryScheme && (s == nil || c.agency == mandatoryAgency) {
			s = c
		}
	}
	if s == nil {
		r.fail(place{}, adx.Finding{
			Rule: "ADX-102", Path: "Concepts",
			Err: fmt.Errorf("no ConceptScheme %s of agency %s", mandatoryScheme, mandatoryAgency),
		})
		return
	}
	if s.agency != mandatoryAgency {
		r.fail(s.at, adx.Finding{
			Rule: "ADX-102", Path: mandatoryScheme,
			Err: fmt.Errorf("agency %s: want %s", quote.Text(s.agency), mandatoryAgency),
		})
	}
	if s.external {
		return // ADX-104 has already reported the scheme as not known
	}
	want := []string{"dataElement", "orgUnit", "period", "value"}
	for i := range s.concepts {
		c := &s.concepts[i]
		k := slices.Index(want, c.id)
		if k < 0 {
			r.fail(c.at, adx.Finding{
				Rule: "ADX-103", Path: mandatoryScheme,
				Err: fmt.Errorf("concept %s: want dataElement, orgUnit, period and value, each once", quote.Text(c.id)),
			})
			continue
		}
		want = slices.Delete(want, k, k+1)
		if c.id == "value" && c.core.textType != "Decimal" {
			r.warn(c.at, adx.Finding{
				Rule: "ADX-103", Path: mandatoryScheme + "/value",
				Err: fmt.Errorf("TextFormat %s: want Decimal", quote.Text(c.core.textType)),
			})
		}
	}
	for _, id := range want {
		r.fail(s.at, adx.Finding{
			Rule: "ADX-103", Path: mandatoryScheme,
			Err: fmt.Errorf("no concept %s", id),
		})
	}
}

// dimensions resolves the components and checks ADX-105 to ADX-111.
func (r *resolver) dimensions() dimensions {
	var d dimensions
	r.measure()
	outer := r.outer()
	counts := map[string]int{}
	ids := map[string]bool{}
	for i := range r.main.dimensions {
		c := &r.main.dimensions[i]
		path := "Dimension[" + token.Name(c.name()) + "]"
		con, core := r.concept(c, path)
		if ids[c.name()] {
			r.fail(c.at, adx.Finding{
				Rule: "ADX-114", Path: path,
				Err: errors.New("the dimension is there twice"),
			})
		}
		ids[c.name()] = true
		switch {
		case c.time:
			if counts[timeDimension]++; counts[timeDimension] == 1 {
				d.timeType = r.time(c, con, path)
			}
		case r.plays(c, con, "dataElement"):
			if counts["dataElement"]++; counts["dataElement"] == 1 {
				d.elements = r.enumerated("ADX-106", c, con, path)
				if d.elements == nil && core.list != nil { // this is an error, but it is clear which codes are data elements
					d.elements = r.list(core.list, path)
				}
			}
		case r.plays(c, con, "orgUnit"):
			if counts["orgUnit"]++; counts["orgUnit"] == 1 {
				d.units = r.enumerated("ADX-107", c, con, path)
			}
		default:
			if con == nil || isReserved(con.id) || !isNCName(con.id) {
				continue // already reported, since no attribute can have this name
			}
			if slices.ContainsFunc(d.dims, func(o dimension) bool { return o.name == con.id }) {
				r.fail(c.at, adx.Finding{
					Rule: "ADX-114", Path: path,
					Err: fmt.Errorf("concept %s is that of two dimensions", quote.Text(con.id)),
				})
				continue
			}
			dim := dimension{name: con.id, id: c.name(), outer: outer[c.name()], title: con.text(con.id)}
			rep := c.local
			if rep.isZero() {
				rep = core
			}
			dim.textType = rep.textType
			if rep.list != nil {
				dim.list = r.list(rep.list, path)
			}
			if dim.list != nil {
				dim.codes = make(map[string]bool, len(dim.list.codes))
				bands := dim.list.hasBands()
				for _, k := range dim.list.codes {
					dim.codes[k.id] = bands && badBand(k.id)
				}
			}
			d.dims = append(d.dims, dim)
		}
	}
	for _, want := range []struct{ rule, name string }{
		{"ADX-106", "dataElement"}, {"ADX-107", "orgUnit"}, {"ADX-108", timeDimension},
	} {
		if n := counts[want.name]; n != 1 {
			r.fail(r.main.at, adx.Finding{
				Rule: want.rule, Path: "DimensionList",
				Err: fmt.Errorf("%d dimensions %s: want one", n, want.name),
			})
		}
	}
	return d
}

// plays reports whether component c uses the mandatory concept with this name,
// or has its id.
func (r *resolver) plays(c *component, con *concept, name string) bool {
	return c.name() == name || con != nil && con.id == name && c.concept.parent == mandatoryScheme
}

// enumerated checks the dimension dataElement or orgUnit, and returns the list
// of its codes, if there is one.
func (r *resolver) enumerated(rule string, c *component, con *concept, path string) *codelist {
	name := map[string]string{"ADX-106": "dataElement", "ADX-107": "orgUnit"}[rule]
	if c.id != name {
		r.fail(c.at, adx.Finding{
			Rule: rule, Path: path,
			Err: fmt.Errorf("id %s: want %s", quote.Text(c.id), name),
		})
	}
	if con != nil && (con.id != name || c.concept.parent != mandatoryScheme) {
		r.fail(c.at, adx.Finding{
			Rule: rule, Path: path,
			Err: fmt.Errorf("concept %s of %s: want %s of %s", quote.Text(con.id), quote.Text(c.concept.parent), name, mandatoryScheme),
		})
	}
	switch {
	case c.local.list != nil:
		return r.list(c.local.list, path)
	case c.local.textType != "" && rule == "ADX-107":
		return nil // facilities need not be listed
	}
	r.fail(c.at, adx.Finding{
		Rule: rule, Path: path,
		Err: errors.New("no LocalRepresentation with an Enumeration"),
	})
	return nil
}

// time checks the type of the time dimension (ADX-108) and returns it.
func (r *resolver) time(c *component, con *concept, path string) string {
	if c.name() != timeDimension {
		r.fail(c.at, adx.Finding{
			Rule: "ADX-108", Path: path,
			Err: fmt.Errorf("id %s: want %s", quote.Text(c.id), timeDimension),
		})
	}
	if con != nil && (con.id != "period" || c.concept.parent != mandatoryScheme) {
		r.fail(c.at, adx.Finding{
			Rule: "ADX-108", Path: path,
			Err: fmt.Errorf("concept %s of %s: want period of %s", quote.Text(con.id), quote.Text(c.concept.parent), mandatoryScheme),
		})
	}
	switch c.local.textType {
	case "TimeRange", "DateTime":
		return c.local.textType
	}
	r.fail(c.at, adx.Finding{
		Rule: "ADX-108", Path: path,
		Err: fmt.Errorf("TextFormat %s: want TimeRange or DateTime", quote.Text(c.local.textType)),
	})
	return ""
}

// measure checks the primary measure (ADX-111).
func (r *resolver) measure() {
	if n := len(r.main.measures); n != 1 {
		r.fail(r.main.at, adx.Finding{
			Rule: "ADX-111", Path: "MeasureList",
			Err: fmt.Errorf("%d times PrimaryMeasure: want one", n),
		})
	}
	for i := range r.main.measures {
		c := &r.main.measures[i]
		if c.concept == nil || c.concept.id != "value" || c.concept.parent != mandatoryScheme {
			r.fail(c.at, adx.Finding{
				Rule: "ADX-111", Path: "PrimaryMeasure",
				Err: fmt.Errorf("want the concept value of %s", mandatoryScheme),
			})
			continue
		}
		r.concept(c, "PrimaryMeasure")
	}
}

// outer returns the ids of the outer dimensions. It checks the groups that list
// them (ADX-105, ADX-109 and ADX-110).
func (r *resolver) outer() map[string]bool {
	outer := map[string]bool{}
	groups := 0
	for _, g := range r.main.groups {
		if g.id != outerDimensions {
			r.warn(g.at, adx.Finding{
				Rule: "ADX-119", Path: "Group[" + token.Name(g.id) + "]",
				Err: errors.New("not used by the profile; it is not looked at"),
			})
			continue
		}
		if groups++; groups > 1 {
			r.fail(g.at, adx.Finding{
				Rule: "ADX-105", Path: "Group[" + token.Name(g.id) + "]",
				Err: errors.New("the group is there twice"),
			})
			continue
		}
		for _, ref := range g.refs {
			switch {
			case ref.id == "dataElement":
				r.fail(ref.at, adx.Finding{
					Rule: "ADX-109", Path: outerDimensions,
					Err: errors.New("dataElement is inside: it belongs to each value"),
				})
			case outer[ref.id]:
				r.fail(ref.at, adx.Finding{
					Rule: "ADX-110", Path: outerDimensions,
					Err: fmt.Errorf("dimension %s is there twice", quote.Text(ref.id)),
				})
			case !slices.ContainsFunc(r.main.dimensions, func(c component) bool { return c.name() == ref.id }):
				r.fail(ref.at, adx.Finding{
					Rule: "ADX-110", Path: outerDimensions,
					Err: fmt.Errorf("no dimension %s", quote.Text(ref.id)),
				})
			default:
				outer[ref.id] = true
			}
		}
		for _, id := range []string{"orgUnit", timeDimension} {
			if !outer[id] {
				r.fail(g.at, adx.Finding{
					Rule: "ADX-109", Path: outerDimensions,
					Err: fmt.Errorf("no %s: want it once", id),
				})
			}
		}
	}
	if groups == 0 {
		r.fail(r.main.at, adx.Finding{
			Rule: "ADX-105", Path: "DataStructureComponents",
			Err: fmt.Errorf("no Group %s", outerDimensions),
		})
	}
	return outer
}

// concept returns the concept of a component. If the reference does not match
// exactly, a scheme with the same id is used, with a warning (ADX-113).
func (r *resolver) concept(c *component, path string) (*concept, representation) {
	if c.concept == nil {
		r.fail(c.at, adx.Finding{
			Rule: "ADX-113", Path: path,
			Err: errors.New("no ConceptIdentity"),
		})
		return nil, representation{}
	}
	ref := c.concept
	var alike *concept
	var of *scheme // a scheme with the same id
	unread := false
	for _, s := range r.doc.schemes {
		if s.id != ref.parent {
			continue
		}
		unread = unread || s.external
		for i := range s.concepts {
			if s.concepts[i].id != ref.id {
				continue
			}
			if s.agency == ref.agency && s.version == ref.version {
				return &s.concepts[i], s.concepts[i].core
			}
			if alike == nil {
				alike, of = &s.concepts[i], s
			}
		}
	}
	switch {
	case alike != nil:
		r.warn(ref.at, adx.Finding{
			Rule: "ADX-113", Path: path,
			Err: fmt.Errorf("concept %s of %s: there is none of agency %s, version %s: that of %s, version %s is taken", quote.Text(ref.id), token.Name(ref.parent), quote.Text(ref.agency), quote.Text(ref.version), quote.Text(of.agency), quote.Text(of.version)),
		})
		return alike, alike.core
	case unread:
		return &concept{id: ref.id}, representation{} // ADX-104 has already reported why the scheme is not known
	}
	r.fail(ref.at, adx.Finding{
		Rule: "ADX-113", Path: path,
		Err: fmt.Errorf("no concept %s in %s", quote.Text(ref.id), quote.Text(ref.parent)),
	})
	return nil, representation{}
}

// list returns the code list of a reference (ADX-112). A list that differs only
// in agency or version is used, so that checking can continue.
func (r *resolver) list(ref *reference, path string) *codelist {
	var alike *codelist
	for _, l := range r.doc.lists {
		if l.id != ref.id {
			continue
		}
		if l.agency == ref.agency && l.version == ref.version {
			if l.external {
				return nil // ADX-104 has already reported the list as not known
			}
			return l
		}
		alike = l
	}
	r.fail(ref.at, adx.Finding{
		Rule: "ADX-112", Path: path,
		Err: fmt.Errorf("no Codelist %s of agency %s with version %s", quote.Text(ref.id), quote.Text(ref.agency), quote.Text(ref.version)),
	})
	if alike != nil && alike.external {
		return nil
	}
	return alike
}
