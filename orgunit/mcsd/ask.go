package mcsd

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A question is a parsed search request.
type question struct {
	kind     kind
	tests    []test
	includes []include
	page     page
	self     url.Values // the parameters that were used
	ignored  []string
}

// A page says which part of the result the client wants.
type page struct {
	size  int
	none  bool // the client wants only the total
	after string
}

// An include adds resources that matches refer to, or resources that refer to
// matches.
type include struct {
	ref     refParamOf
	back    bool
	iterate bool // apply it to included resources too
}

// search answers a search (RULES.md#searches).
func (d *Directory) search(w http.ResponseWriter, r *http.Request, k kind, params url.Values) error {
	q, err := d.question(k, params, isLenient(r))
	if err != nil {
		return err
	}
	matches, total, err := d.matches(r.Context(), q)
	if err != nil {
		return err
	}
	more := len(matches) > q.page.size && !q.page.none
	matches = matches[:min(len(matches), q.page.size)]
	if q.page.none {
		matches = nil
	}
	included, err := d.included(r.Context(), matches, q.includes)
	if err != nil {
		return err
	}
	out := d.begin(w, "searchset", total)
	out.link("self", k.String(), q.self, "")
	if more {
		out.link("next", k.String(), q.self, matches[len(matches)-1].id)
	}
	out.endLinks()
	for _, i := range matches {
		out.found(i, "match")
	}
	for _, i := range included {
		out.found(i, "include")
	}
	if len(q.ignored) > 0 {
		p := &problem{code: "not-supported", text: "not known, so it was ignored", param: strings.Join(q.ignored, ", ")}
		out.outcome(p.outcome("warning"))
	}
	return out.end()
}

func isLenient(r *http.Request) bool {
	return strings.Contains(strings.ReplaceAll(strings.Join(r.Header.Values("Prefer"), ","), " ", ""), "handling=lenient")
}

// question reads the parameters of a search, in order of their names.
func (d *Directory) question(k kind, params url.Values, lenient bool) (*question, error) {
	q := &question{kind: k, page: page{size: defaultPage}, self: url.Values{}}
	known := searchParams(k)
	for _, full := range slices.Sorted(maps.Keys(params)) {
		name, modifier, modified := strings.Cut(full, ":")
		at := slices.IndexFunc(known, func(p searchParam) bool { return p.name == name })
		var err error
		switch {
		case at < 0 && strings.Join(params[full], "") == "": // FHIR ignores a parameter without a value
		case at >= 0 && (!modified || slices.Contains(known[at].modifiers, modifier)):
			err = d.addTests(q, known[at], modifier, full, params[full])
		case at >= 0:
			err = bad(full, "modifier %s: want %s", quote.Text(modifier), oneOf(known[at].modifiers))
		case name == "_include", name == "_revinclude":
			err = q.addIncludes(full, name == "_revinclude", modifier, params[full])
		default:
			var ok bool
			if ok, err = q.page.set(full, params[full]); !ok && err == nil {
				if !lenient {
					return nil, bad(full, "not known: want %s", oneOf(paramNames(known)))
				}
				q.ignored = append(q.ignored, full)
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		if full != "_after" && full != "_format" {
			q.self[full] = params[full]
		}
	}
	return q, nil
}

func oneOf(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

func paramNames(known []searchParam) []string {
	names := make([]string, len(known), len(known)+4)
	for i := range known {
		names[i] = known[i].name
	}
	return append(names, "_include", "_revinclude", "_count", "_summary=count")
}

// addTests adds a test for each occurrence of a parameter. A resource must pass
// all of them.
func (d *Directory) addTests(q *question, p searchParam, modifier, full string, values []string) error {
	for _, v := range values {
		if v == "" {
			continue // FHIR ignores a parameter without a value
		}
		t, err := p.parse(d, modifier, splitEscaped(v, ','))
		if err != nil {
			return bad(full, "%v", err)
		}
		q.tests = append(q.tests, t)
	}
	return nil
}

func (q *question) addIncludes(full string, back bool, modifier string, values []string) error {
	if modifier != "" && modifier != "iterate" {
		return bad(full, "modifier %s: want iterate", quote.Text(modifier))
	}
	for _, v := range values {
		parts := strings.Split(v, ":")
		at := slices.IndexFunc(refParams[:], func(p refParamOf) bool {
			return len(parts) >= 2 && parts[0] == p.of.String() && parts[1] == p.name && (len(parts) == 2 || len(parts) == 3 && parts[2] == p.to.String())
		})
		if at < 0 {
			forward, backward := includeNames(q.kind)
			if back {
				forward = backward
			}
			return bad(full, "%s: want %s", quote.Text(v), oneOf(forward))
		}
		q.includes = append(q.includes, include{refParams[at], back, modifier == "iterate"})
	}
	return nil
}

// set reads a parameter that selects a page. ok is false for any other
// parameter.
func (p *page) set(name string, values []string) (ok bool, err error) {
	value := values[len(values)-1]
	switch name {
	case "_count":
		n, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			return false, bad(name, "%s: want a whole number from 0", quote.Text(value))
		}
		p.size, p.none = min(int(n), maxPage), p.none || n == 0
	case "_summary":
		switch value {
		case "count":
			p.none = true
		case "false":
		default:
			return false, bad(name, "%s: want count or false", quote.Text(value))
		}
	case "_total":
		switch value {
		case "none", "estimate", "accurate": // the total is always exact, since it costs nothing
		default:
			return false, bad(name, "%s: want none, estimate or accurate", quote.Text(value))
		}
	case "_after":
		p.after = value
	case "_format", "_pretty": // read earlier; they do not affect the matches
	default:
		return false, nil
	}
	return true, nil
}

// matches returns the matches of a page, plus one more if there is a next page.
// It also returns the total number of matches.
func (d *Directory) matches(ctx context.Context, q *question) (list []*item, total int, err error) {
	for n, i := range d.items[q.kind] {
		if n&0xff == 0 && ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		ok := true
		for _, t := range q.tests {
			if ok = t(i); !ok {
				break
			}
		}
		if !ok {
			continue
		}
		total++
		if len(list) <= q.page.size && i.id > q.page.after {
			list = append(list, i)
		}
	}
	return list, total, nil
}

// included returns the resources to include with the matches. Each is listed
// once, and matches are not repeated.
func (d *Directory) included(ctx context.Context, matches []*item, includes []include) ([]*item, error) {
	if len(includes) == 0 {
		return nil, nil
	}
	seen := map[*item]bool{}
	for _, i := range matches {
		seen[i] = true
	}
	var out []*item
	add := func(i *item) {
		if i != nil && !i.gone && !seen[i] {
			seen[i] = true
			out = append(out, i)
		}
	}
	follow := func(i *item, n include) {
		switch {
		case !n.back && i.kind == n.ref.of:
			add(d.index[n.ref.to][n.ref.get(i.resource)])
		case n.back && i.kind == n.ref.to:
			for _, other := range d.back[refParam{n.ref.of, n.ref.name}][i.id] {
				add(other)
			}
		}
	}
	for at := 0; at < len(matches)+len(out); at++ { // out grows within the loop
		for _, n := range includes {
			if at < len(matches) {
				follow(matches[at], n)
			} else if n.iterate {
				follow(out[at-len(matches)], n)
			}
		}
		if len(out) > maxIncluded {
			return nil, &problem{http.StatusBadRequest, "too-costly", fmt.Sprintf("more than %d resources are included: want a smaller _count", maxIncluded), ""}
		}
		if at&0xff == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return out, nil
}
