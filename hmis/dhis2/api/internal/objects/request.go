package objects

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api/internal/fields"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api/internal/filter"
)

// Limits of a request and its answer.
const (
	MaxAddress  = 64 << 10
	MaxPageSize = 100_000
	MaxFilters  = 200
	MaxValues   = 20_000 // of one filter
	MaxAnswer   = 64 << 20
)

// A Request asks for a listing or an object.
type Request struct {
	Path []string // the steps of the address, such as "dataElements" and an id
	URL  *url.URL
	Base string // the address of the API, without a slash at the end
	CSV  bool   // a listing is wanted as CSV

	Context context.Context
}

// A query is a request with its parameters.
type query struct {
	Request
	params    url.Values
	fields    fields.List
	filters   []filter.Filter
	malformed bool // a filter was left out, since it lacks a part
	any       bool // one filter that matches is enough
	order     []filter.Order
	paging    bool
	page      int
	pageSize  int
}

func badRequest(code, message string) *Fault {
	return &Fault{Status: http.StatusBadRequest, Code: code, Message: message}
}

// parse reads the parameters of a request.
func parse(r Request) (*query, error) {
	if len(r.URL.RawQuery) > MaxAddress {
		return nil, &Fault{Status: http.StatusRequestURITooLong, Message: "The address has more than 65536 bytes."}
	}
	// Transformers have semicolons, which Go's parser refuses.
	params, err := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "%3B"))
	if err != nil {
		return nil, badRequest("", "The query of the address is malformed.")
	}
	q := &query{Request: r, params: params, page: 1, pageSize: 50}
	text := strings.Join(q.params["fields"], ",")
	list, err := fields.Parse(text)
	if err != nil {
		return nil, badRequest("E1003", err.Error())
	}
	q.fields = list
	q.any = strings.EqualFold(q.params.Get("rootJunction"), "OR")
	q.paging = q.params.Get("paging") != "false" && q.params.Get("skipPaging") != "true"
	q.order = filter.ParseOrder(strings.Join(q.params["order"], ","))
	if err := q.number("page", &q.page); err != nil {
		return nil, err
	}
	if err := q.number("pageSize", &q.pageSize); err != nil {
		return nil, err
	}
	if q.pageSize > MaxPageSize {
		return nil, badRequest("E1003", "A page has at most 100000 objects.")
	}
	return q, q.parseFilters()
}

func (q *query) number(name string, into *int) error {
	text := q.params.Get(name)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return badRequest("", "Value '"+text+"' is not valid for parameter "+name+". It should be of type Integer")
	}
	*into = max(n, 1)
	return nil
}

// parseFilters parses all filters. A filter without an operator is left out if
// there are others (RULES.md#filters).
func (q *query) parseFilters() error {
	texts := q.params["filter"]
	if len(texts) == 1 {
		texts = splitFilters(texts[0])
	}
	if len(texts) > MaxFilters {
		return badRequest("E1003", "A request has at most 200 filters.")
	}
	for _, text := range texts {
		f, err := filter.Parse(text)
		switch err := err.(type) {
		case nil:
			q.filters = append(q.filters, f)
		case *filter.FormError:
			if q.malformed = true; len(texts) == 1 {
				return badRequest("E1003", err.Error())
			}
		case *filter.ValueError:
			return badRequest("", err.Error())
		default:
			return badRequest("E1003", err.Error())
		}
		if len(f.Values) > MaxValues {
			return badRequest("E1003", "A filter has at most 20000 values.")
		}
	}
	return nil
}

// splitFilters splits the only filter of a request at its commas outside
// brackets, as servers do. Empty parts at the end are left out.
func splitFilters(text string) []string {
	var out []string
	depth, start := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '[':
			depth++
		case ']':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, text[start:i])
				start = i + 1
			}
		}
	}
	if start < len(text) || start == 0 {
		out = append(out, text[start:])
	}
	return out
}

// newer reports whether the newer of the two engines of a server answers, which
// has another order and another pager (RULES.md#two-engines).
func (q *query) newer(k *kind) bool {
	if k.name == "attributes" || !q.paging || q.malformed {
		return false
	}
	for name := range q.params {
		switch name {
		case "fields", "filter", "order", "page", "pageSize", "paging":
		default:
			return false
		}
	}
	for _, f := range q.fields {
		if !newerField(k, f) {
			return false
		}
	}
	for _, f := range q.filters {
		p := k.byName[f.Path[0]]
		if len(f.Path) > 1 || f.Operator == "token" || p == nil || !column(p) {
			return false
		}
	}
	for _, o := range q.order {
		p := k.byName[o.Name]
		if !o.Plain || p == nil || !column(p) {
			return false
		}
	}
	return true
}

// column reports whether a property is a column of a server's database.
func column(p *property) bool { return p.simple && p.in("owner") }

// newerField reports whether the newer engine can answer with a field.
func newerField(k *kind, f fields.Field) bool {
	p := k.byName[f.Name]
	if f.Preset || f.Exclude || p == nil {
		return false
	}
	for _, t := range f.Transforms {
		if t.Name != "rename" && t.Name != "isEmpty" && t.Name != "isNotEmpty" {
			return false
		}
	}
	if !f.Nested {
		return column(p) || p.name == "displayName"
	}
	if p.target == nil || p.target.part || p.source != stored {
		return false
	}
	for _, inner := range f.Fields {
		if to := p.target.byName[inner.Name]; inner.Nested || to == nil || !newerField(p.target, inner) {
			return false
		}
	}
	return true
}
