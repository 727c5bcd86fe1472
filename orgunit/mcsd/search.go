package mcsd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/internal/fold"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A test reports whether a resource is a match.
type test func(*item) bool

// A searchParam is a supported search parameter (RULES.md#searches).
type searchParam struct {
	name, typ string // typ is the FHIR name of its type
	modifiers []string
	// parse returns a test that passes if any of the values matches.
	parse func(d *Directory, modifier string, values []string) (test, error)
}

// searchParams returns the parameters of a type, in order.
func searchParams(k kind) []searchParam {
	list := []searchParam{{name: "_id", typ: "token", parse: parseIDs}, {name: "_lastUpdated", typ: "date", parse: parseUpdated}}
	switch k {
	case location:
		list = append(list,
			tokenParam("identifier", identifierTokens), nameParam(), referenceParam(k, "organization"), referenceParam(k, "partof", "below"),
			tokenParam("status", func(i *item, f func(system, code string)) { f("http://hl7.org/fhir/location-status", i.status) }),
			tokenParam("type", typeTokens), searchParam{name: "near", typ: "special", parse: parseNear})
	case organization:
		list = append(list, tokenParam("active", activeTokens), tokenParam("identifier", identifierTokens), nameParam(),
			referenceParam(k, "partof", "below"), tokenParam("type", typeTokens))
	case affiliation:
		list = append(list, tokenParam("active", activeTokens), referenceParam(k, "participating-organization"),
			referenceParam(k, "primary-organization"), tokenParam("role", typeTokens))
	}
	return list
}

func identifierTokens(i *item, f func(system, code string)) {
	for _, n := range i.identifiers {
		f(n.system, n.value)
	}
}

func typeTokens(i *item, f func(system, code string)) {
	for _, n := range i.codings {
		f(n.system, n.code)
	}
}

func activeTokens(i *item, f func(system, code string)) {
	switch i.active {
	case isActive:
		f("", "true")
	case isInactive:
		f("", "false")
	}
}

func parseIDs(_ *Directory, _ string, values []string) (test, error) {
	ids := map[string]bool{}
	for _, v := range values {
		ids[v] = true
	}
	return func(i *item) bool { return ids[i.id] }, nil
}

// A token is one value of a search for codes: code, system|code, |code, or
// system|.
type token struct {
	system    string
	anySystem bool
}

func tokenParam(name string, each func(*item, func(system, code string))) searchParam {
	return searchParam{name: name, typ: "token", parse: func(_ *Directory, _ string, values []string) (test, error) {
		codes, systems := map[string][]token{}, map[string]bool{}
		for _, v := range values {
			parts := splitEscaped(v, '|')
			switch {
			case len(parts) > 2:
				return nil, fmt.Errorf("%s: want system|code", quote.Text(v))
			case len(parts) == 1:
				codes[parts[0]] = append(codes[parts[0]], token{anySystem: true})
			case parts[1] == "" && parts[0] != "":
				systems[parts[0]] = true
			case parts[1] == "":
				return nil, fmt.Errorf("%s: want system|code", quote.Text(v))
			default:
				codes[parts[1]] = append(codes[parts[1]], token{system: parts[0]})
			}
		}
		return func(i *item) (ok bool) {
			each(i, func(system, code string) {
				ok = ok || systems[system] || slices.ContainsFunc(codes[code], func(t token) bool { return t.anySystem || t.system == system })
			})
			return ok
		}, nil
	}}
}

func nameParam() searchParam {
	return searchParam{name: "name", typ: "string", modifiers: []string{"contains", "exact"},
		parse: func(_ *Directory, modifier string, values []string) (test, error) {
			for n, v := range values {
				values[n] = unescape(v)
				if modifier != "exact" {
					values[n] = fold.Text(values[n])
				}
			}
			switch modifier {
			case "exact":
				return func(i *item) bool {
					return slices.Contains(values, i.name) || slices.ContainsFunc(i.aliases, func(s string) bool { return slices.Contains(values, s) })
				}, nil
			case "contains":
				return nameTest(values, strings.Contains), nil
			}
			return nameTest(values, strings.HasPrefix), nil
		}}
}

func nameTest(values []string, matches func(name, part string) bool) test {
	return func(i *item) bool {
		for _, v := range values {
			for _, name := range i.names {
				if matches(name, v) {
					return true
				}
			}
		}
		return false
	}
}

func referenceParam(k kind, name string, modifiers ...string) searchParam {
	at := slices.IndexFunc(refParams[:], func(p refParamOf) bool { return p.of == k && p.name == name })
	ref := refParams[at]
	return searchParam{name: name, typ: "reference", modifiers: modifiers, parse: func(d *Directory, modifier string, values []string) (test, error) {
		ids := map[string]bool{}
		for _, v := range values {
			v = strings.TrimPrefix(unescape(v), d.f.Base+"/")
			v = strings.TrimPrefix(v, ref.to.String()+"/")
			if !validID(v) {
				return nil, fmt.Errorf("%s: want %v/1, its id alone, or its URL here", quote.Text(v), ref.to)
			}
			ids[v] = true
		}
		if modifier != "below" {
			return func(i *item) bool { return ids[ref.get(i.resource)] }, nil
		}
		return func(i *item) bool {
			for range 64 { // limited, since there may be a cycle
				id := ref.get(i.resource)
				if ids[id] {
					return true
				}
				if i = d.index[ref.to][id]; i == nil {
					return false
				}
			}
			return false
		}, nil
	}}
}

// parseNear reads latitude|longitude|distance|unit.
func parseNear(_ *Directory, _ string, values []string) (test, error) {
	type place struct{ latitude, longitude, most float64 }
	var places []place
	for _, v := range values {
		parts := splitEscaped(v, '|')
		if len(parts) < 2 || len(parts) > 4 {
			return nil, fmt.Errorf("%s: want latitude|longitude|distance|unit", quote.Text(v))
		}
		parts = append(parts, "", "")
		latitude, err1 := parseDegrees(parts[0], 90)
		longitude, err2 := parseDegrees(parts[1], 180)
		if err := cmpErr(err1, err2); err != nil {
			return nil, err
		}
		most := defaultNear
		if parts[2] != "" {
			var err error
			if most, err = strconv.ParseFloat(parts[2], 64); err != nil || !(most >= 0) {
				return nil, fmt.Errorf("distance %s: want a number from 0", quote.Text(parts[2]))
			}
		}
		switch parts[3] {
		case "", "km":
		case "m":
			most /= 1000
		case "[mi_us]", "[mi_i]", "mi":
			most *= 1.609344
		default:
			return nil, fmt.Errorf("unit %s: want km, m or [mi_us]", quote.Text(parts[3]))
		}
		places = append(places, place{latitude, longitude, most})
	}
	return func(i *item) bool {
		if i.latitude == "" || i.longitude == "" {
			return false
		}
		latitude, err1 := strconv.ParseFloat(i.latitude, 64)
		longitude, err2 := strconv.ParseFloat(i.longitude, 64)
		return err1 == nil && err2 == nil && slices.ContainsFunc(places, func(p place) bool {
			return distance(p.latitude, p.longitude, latitude, longitude) <= p.most
		})
	}, nil
}
