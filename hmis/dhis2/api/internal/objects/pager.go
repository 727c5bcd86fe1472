package objects

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// pager writes the pager of a page of total objects, and after it the mark of
// the newer engine (RULES.md#paging).
func (w *writer) pager(q *query, total int, newer bool) {
	count := (total + q.pageSize - 1) / q.pageSize
	page := q.page
	if !newer {
		page = max(min(page, count), 1)
	}
	w.b = append(w.b, `"pager":{"page":`...)
	w.b = strconv.AppendInt(w.b, int64(page), 10)
	number := func(name string, n int) {
		w.b = strconv.AppendInt(append(appendText(append(w.b, ','), name), ':'), int64(n), 10)
	}
	number("pageSize", q.pageSize)
	number("total", total)
	number("pageCount", count)
	link := func(name string, page int) {
		address := q.Base + "/" + q.olderLink(page)
		if newer {
			address = q.Base + "/" + q.newerLink(page)
		}
		w.b = appendText(append(appendText(append(w.b, ','), name), ':'), address)
	}
	if page < count {
		link("nextPage", page+1)
	}
	if page > 1 {
		link("prevPage", page-1)
	}
	w.b = append(w.b, `},`...)
	if newer {
		w.b = append(w.b, `"gist":true,`...)
	}
}

// address returns the last steps of the address as it was written.
func (q *query) address() string {
	_, after, found := strings.Cut(strings.TrimPrefix(q.URL.Path, "/"), "/"+q.Path[0])
	if !found {
		return strings.Join(q.Path, "/")
	}
	return q.Path[0] + after
}

// newerLink returns the address of another page: the query as it was, with page
// at its end.
func (q *query) newerLink(page int) string {
	var parts []string
	for part := range strings.SplitSeq(q.URL.RawQuery, "&") {
		if part != "" && !strings.HasPrefix(part, "page=") {
			parts = append(parts, part)
		}
	}
	parts = append(parts, "page="+strconv.Itoa(page))
	return q.address() + "?" + strings.Join(parts, "&")
}

// linkOrder has the parameters of the older engine's links in their order.
// Others follow by name.
var linkOrder = []string{"totalPages", "query", "filter", "rootJunction", "fields", "order"}

// olderLink returns the address of another page: the page if it is not the
// first, its size if it is not 50, and the other parameters in a fixed order.
func (q *query) olderLink(page int) string {
	var parts []string
	if page > 1 {
		parts = append(parts, "page="+strconv.Itoa(page))
	}
	if q.pageSize != 50 {
		parts = append(parts, "pageSize="+strconv.Itoa(q.pageSize))
	}
	var rest []string
	for name := range q.params {
		if name != "page" && name != "pageSize" && !slices.Contains(linkOrder, name) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	for _, name := range append(slices.Clone(linkOrder), rest...) {
		for _, value := range q.params[name] {
			parts = append(parts, name+"="+escape(value))
		}
	}
	if len(parts) == 0 {
		return q.address()
	}
	return q.address() + "?" + strings.Join(parts, "&")
}

// escape escapes a value as Java does, which leaves "*" as it is.
func escape(value string) string {
	return strings.NewReplacer("%2A", "*", "~", "%7E").Replace(url.QueryEscape(value))
}
