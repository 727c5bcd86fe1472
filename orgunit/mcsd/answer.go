package mcsd

import (
	"bufio"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// An answer is a bundle that is sent to the client while it is being made.
type answer struct {
	*bufio.Writer
	d     *Directory
	buf   []byte
	links int
	n     int
}

// begin writes the members that come before the links. The timestamp is the
// earliest time that a later change can have. A client that asks for changes
// since then misses none and gets none twice.
func (d *Directory) begin(w http.ResponseWriter, typ string, total int) *answer {
	header(w)
	out := &answer{Writer: bufio.NewWriterSize(w, 32<<10), d: d}
	out.WriteString(`{"resourceType":"Bundle","type":"` + typ + `","timestamp":"` + instant(d.at.Add(time.Millisecond)) + `","total":` + strconv.Itoa(total) + `,"link":[`)
	return out
}

// link writes a link to this page, or to the page that begins after the item
// after.
func (out *answer) link(relation, path string, params url.Values, after string) {
	if out.links++; out.links > 1 {
		out.WriteByte(',')
	}
	query := params.Encode()
	if after != "" {
		if query != "" {
			query += "&"
		}
		query += "_after=" + url.QueryEscape(after)
	}
	text := out.d.f.Base + "/" + path
	if query != "" {
		text += "?" + query
	}
	out.WriteString(`{"relation":"` + relation + `","url":` + quoted(text) + `}`)
}

func (out *answer) endLinks() { out.WriteByte(']') }

// entry begins an entry. If there are no entries, FHIR wants the member left
// out rather than an empty array.
func (out *answer) entry(i *item) []byte {
	b := out.buf[:0]
	if out.n++; out.n == 1 {
		b = append(b, `,"entry":[`...)
	} else {
		b = append(b, ',')
	}
	b = append(b, "\n{"...)
	if i != nil {
		b = append(b, `"fullUrl":`...)
		b = appendText(b, out.d.f.Base+"/"+i.kind.String()+"/"+i.id)
		b = append(b, ',')
	}
	return b
}

// found writes one resource of a search result.
func (out *answer) found(i *item, mode string) {
	b := appendResource(append(out.entry(i), `"resource":`...), i.resource)
	out.buf = append(b, `,"search":{"mode":"`+mode+`"}}`...)
	out.Write(out.buf) // an error stays until Flush
}

func (out *answer) outcome(text []byte) {
	b := append(append(out.entry(nil), `"resource":`...), text...)
	out.Write(append(b, `,"search":{"mode":"outcome"}}`...))
}

// change writes one version of a resource in a history.
func (out *answer) change(i *item) {
	b := out.entry(i)
	status, method := "200", "PUT"
	switch {
	case i.gone:
		status, method = "204", "DELETE"
	case i.version == 1:
		status = "201"
	}
	if !i.gone {
		b = appendResource(append(b, `"resource":`...), i.resource)
		b = append(b, ',')
	}
	b = append(b, `"request":{"method":"`+method+`","url":"`+i.kind.String()+"/"+i.id+`"},"response":{"status":"`+status+
		`","etag":"W/\"`+strconv.Itoa(i.version)+`\"","lastModified":"`+instant(i.at)+`"}}`...)
	out.buf = b
	out.Write(b)
}

// end ends the bundle. It is no error if the client has gone.
func (out *answer) end() error {
	if out.n > 0 {
		out.WriteByte(']')
	}
	out.WriteString("}\n")
	_ = out.Flush()
	return nil
}

// history answers a request for what has changed, newest first
// (RULES.md#histories).
func (d *Directory) history(w http.ResponseWriter, r *http.Request, params url.Values, path string, of func(*item) bool) error {
	p := page{size: defaultPage}
	var since time.Time
	self := url.Values{}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		values := params[name]
		if values[len(values)-1] == "" {
			continue // FHIR ignores a parameter without a value
		} else if name == "_since" {
			from, _, err := parseSpan(values[len(values)-1])
			if err != nil {
				return bad(name, "%v", err)
			}
			since = from
		} else if ok, err := p.set(name, values); err != nil {
			return err
		} else if !ok && !isLenient(r) {
			return bad(name, "not known: want _since or _count")
		} else if !ok || name == "_after" || name == "_format" {
			continue
		}
		self[name] = values
	}
	from := 0
	if p.after != "" {
		last, err := parsePlace(p.after)
		if err != nil {
			return err
		}
		at, found := slices.BinarySearchFunc(d.changes, last, newerFirst)
		if from = at; found {
			from++
		}
	}
	var list []*item
	total := 0
	for n, i := range d.changes {
		if n&0xff == 0 && r.Context().Err() != nil {
			return r.Context().Err()
		}
		if i.at.Before(since) {
			break
		}
		if !of(i) {
			continue
		}
		total++
		if n >= from && len(list) <= p.size {
			list = append(list, i)
		}
	}
	out := d.begin(w, "history", total)
	out.link("self", path, self, "")
	if len(list) > p.size && !p.none {
		list = list[:p.size]
		out.link("next", path, self, place(list[len(list)-1]))
	}
	out.endLinks()
	if !p.none {
		for _, i := range list {
			out.change(i)
		}
	}
	return out.end()
}

// place returns the place after which the next page of a history begins, such
// as "2026-01-31T00:00:00.000Z Location/1".
func place(i *item) string { return instant(i.at) + " " + i.kind.String() + "/" + i.id }

func parsePlace(s string) (*item, error) {
	text, ref, _ := strings.Cut(s, " ")
	at, err := time.Parse(time.RFC3339Nano, text)
	typ, id := splitReference(ref)
	k, ok := kindNamed(typ)
	if err != nil || !ok {
		return nil, bad("_after", "%s: want the link of a page before", quote.Text(s))
	}
	return &item{resource: &resource{kind: k, id: id}, at: at}, nil
}
