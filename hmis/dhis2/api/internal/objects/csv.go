package objects

import "strings"

// csv answers with a page of a listing as CSV, with the simple fields as
// columns in the order in which they are asked for (RULES.md#csv).
func (s *Store) csv(q *query, k *kind) ([]byte, error) {
	found, err := s.filtered(q, k, s.byName[k.name])
	if err == nil {
		found, err = sorted(q, k, found)
	}
	if err != nil {
		return nil, err
	}
	if q.paging {
		found = q.pageOf(found)
	}
	var names []string
	var columns []*property
	for _, step := range compile(k, q.wanted(), true).steps {
		if step.property.simple {
			names = append(names, step.name)
			columns = append(columns, step.property)
		}
	}
	w := q.writer(strings.Join(names, ",") + "\n")
	for _, o := range found {
		if w.full() {
			break
		}
		for i, p := range columns {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			values, _ := o.lookup([]string{p.name}, nil)
			w.b = AppendCell(w.b, strings.Join(values, ""))
		}
		w.b = append(w.b, '\n')
	}
	return w.result()
}

// AppendCell appends a cell. As on a server, a text is quoted if it is longer
// than 24 characters or has one that comes before "-" in ASCII.
func AppendCell(b []byte, text string) []byte {
	if len(text) <= 24 && !strings.ContainsFunc(text, func(r rune) bool { return r < '-' || r == '\\' }) {
		return append(b, text...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(text, `"`, `""`)...)
	return append(b, '"')
}
