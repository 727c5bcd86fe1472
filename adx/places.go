package adx

import "unsafe"

// A places remembers where attributes are, for tags of several lines. A tag of
// one line needs no entry: its attributes are on the line of the group or
// value.
type places struct {
	group  []attrPlace
	values map[int][]attrPlace // for each value, by its index in the group, the places of its attributes
}

type attrPlace struct {
	name         string
	line, column int
}

// note remembers the places of the attributes of value i. attrs is nil for a
// tag of one line. After a value that was left out, its index is used again.
func (p *places) note(i int, attrs []attrPlace) {
	switch {
	case attrs == nil && len(p.values) == 0:
		return
	case attrs == nil:
		delete(p.values, i)
		return
	case p.values == nil:
		p.values = map[int][]attrPlace{}
	}
	p.values[i] = attrs
}

// Place returns where in the message an attribute of value i of the last group
// is. If i is negative, it is an attribute of the group itself. line and column
// are 0 if there is no such attribute, or if the whole tag is on one line: that
// of the value or group.
func (r *Reader) Place(i int, attr string) (line, column int) {
	attrs := r.places.group
	if i >= 0 {
		attrs = r.places.values[i]
	}
	for _, a := range attrs {
		if a.name == attr {
			return a.line, a.column
		}
	}
	return 0, 0
}

// attrPlaces returns the places of the attributes in the last start tag. It is
// nil if all are on the tag's first line.
func (r *Reader) attrPlaces() []attrPlace {
	n := len(r.xml.Attrs)
	if n == 0 {
		return nil
	}
	if line, _ := r.at(n - 1); line == r.xml.Pos().Line {
		return nil
	}
	list := make([]attrPlace, 0, n)
	r.codes.made += int64(n) * int64(unsafe.Sizeof(attrPlace{}))
	for i := range n {
		if a := &r.xml.Attrs[i]; a.Space == "" {
			line, column := r.at(i)
			list = append(list, attrPlace{a.Name(), line, column})
		}
	}
	return list
}
