package madx

import (
	"errors"
	"fmt"

	"github.com/ohie-hmis/hmis-go/adx"
)

// A resource is a FHIR resource that may be a MeasureReport. Its type may only
// be known at the end, since members can be in any order.
type resource struct {
	kind        string // the member resourceType
	at          place
	path        []step // the path of the resource within its bundle
	id          string
	identifiers []identifier

	status, use, measure string // use is FHIR's member type
	subject              link
	date                 string
	period               struct {
		there      bool
		start, end string
		at         place
	}
	groups    []group
	hasGroup  bool
	contained map[string][]identifier // the locations inside the report, by "#id"
	values    int
}

type group struct {
	at          place
	code        []Coding
	populations []population
	score       quantity
	stratifiers []stratifier
}

type population struct {
	code    []Coding
	count   string // the number of the count; "" if there is none
	absent  bool   // the count is missing, with a reason
	hasCode bool
}

type stratifier struct {
	at     place
	id     string
	strata []stratum
}

type stratum struct {
	at         place
	value      bool // the stratum has the member value
	components []component
	score      quantity
}

type component struct {
	at          place
	code, value []Coding
}

// resource reads a resource. For the entries of a bundle it calls entries.
func (r *resourceReader) resource(to *resource, entries func() error) error {
	to.at = r.at
	to.path = append([]step(nil), r.path...)
	return r.one(func(key string) error {
		switch {
		case key == "resourceType":
			return r.set(&to.kind)
		case key == "entry" && entries != nil && (to.kind == "" || to.kind == "Bundle"):
			return entries()
		case to.kind != "" && to.kind != "MeasureReport" && key != "id" && key != "identifier":
			return r.skip()
		}
		return r.member(to, key)
	})
}

// member reads a member of a MeasureReport.
func (r *resourceReader) member(to *resource, key string) error {
	switch key {
	case "meta", "implicitRules", "language", "text", "reporter", "improvementNotation", "evaluatedResource":
		return r.skip()
	case "id":
		return r.set(&to.id)
	case "identifier":
		return r.each(func(int) error {
			var id identifier
			err := r.identifier(&id)
			to.identifiers = append(to.identifiers, id)
			return err
		})
	case "status":
		return r.set(&to.status)
	case "type":
		return r.set(&to.use)
	case "measure":
		return r.set(&to.measure)
	case "subject":
		return r.link(&to.subject)
	case "date":
		return r.set(&to.date)
	case "period":
		to.period.there, to.period.at = true, r.at
		return r.one(func(key string) error {
			switch key {
			case "start":
				return r.set(&to.period.start)
			case "end":
				return r.set(&to.period.end)
			}
			return r.other(key)
		})
	case "contained":
		return r.each(func(int) error { return r.contained(to) })
	case "group":
		to.hasGroup = true
		return r.each(func(int) error {
			g := group{at: r.at}
			err := r.group(to, &g)
			to.groups = append(to.groups, g)
			return err
		})
	}
	return r.other(key)
}

// contained reads a resource inside the report. It only keeps locations.
func (r *resourceReader) contained(to *resource) error {
	var kind, id string
	var ids []identifier
	err := r.one(func(key string) error {
		switch key {
		case "resourceType":
			return r.set(&kind)
		case "id":
			return r.set(&id)
		case "identifier":
			if fit, err := r.fits('['); err != nil || fit != fitting {
				return errors.Join(err, r.skip()) // some resources have one identifier instead of a list
			}
			return r.each(func(int) error {
				var i identifier
				err := r.identifier(&i)
				ids = append(ids, i)
				return err
			})
		}
		return r.skip()
	})
	if to.contained == nil {
		to.contained = map[string][]identifier{}
	}
	if kind == "Location" {
		to.contained["#"+id] = ids
	}
	return err
}

func (r *resourceReader) group(in *resource, to *group) error {
	return r.one(func(key string) error {
		switch key {
		case "code":
			return r.concept(&to.code)
		case "measureScore":
			return r.quantity(&to.score)
		case "population":
			return r.each(func(int) error {
				var p population
				err := r.population(&p)
				to.populations = append(to.populations, p)
				return err
			})
		case "stratifier":
			return r.each(func(int) error {
				s := stratifier{at: r.at}
				err := r.stratifier(in, &s)
				to.stratifiers = append(to.stratifiers, s)
				return err
			})
		}
		return r.other(key)
	})
}

func (r *resourceReader) population(to *population) error {
	return r.one(func(key string) error {
		switch key {
		case "code":
			to.hasCode = true
			return r.concept(&to.code)
		case "count":
			ok, err := r.is('0')
			if !ok || err != nil {
				return err
			}
			to.count, err = r.number()
			if err == nil && !isCount(to.count) {
				r.wrong(to.count, "a whole number up to 2147483647")
				to.count = ""
			}
			return err
		case "_count":
			return r.absent(&to.absent)
		case "subjectResults":
			return r.skip()
		}
		return r.other(key)
	})
}

func (r *resourceReader) stratifier(in *resource, to *stratifier) error {
	return r.one(func(key string) error {
		switch key {
		case "id":
			return r.set(&to.id)
		case "code":
			return r.skip()
		case "stratum":
			return r.each(func(int) error {
				if in.values++; in.values > r.limits.Group {
					return r.fail(r.at, adx.Finding{
						Rule: "ADX-164",
						Err:  fmt.Errorf("more than %d strata", r.limits.Group),
					})
				}
				s := stratum{at: r.at}
				err := r.stratum(&s)
				to.strata = append(to.strata, s)
				return err
			})
		}
		return r.other(key)
	})
}

func (r *resourceReader) stratum(to *stratum) error {
	return r.one(func(key string) error {
		switch key {
		case "value":
			to.value = true
			return r.skip()
		case "population":
			return r.skip()
		case "measureScore":
			return r.quantity(&to.score)
		case "component":
			return r.each(func(int) error {
				c := component{at: r.at}
				err := r.one(func(key string) error {
					switch key {
					case "code":
						return r.concept(&c.code)
					case "value":
						return r.concept(&c.value)
					}
					return r.other(key)
				})
				to.components = append(to.components, c)
				return err
			})
		}
		return r.other(key)
	})
}
