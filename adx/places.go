package adx

import "unsafe"

// places remembers where attributes are, for tags of several lines. A tag of
// one line needs nothing: its attributes are on the line of the group or value.
type places struct {
	group  []attrPlace
	values map[int][]attrPlace // by the index of the value in its group
}

type attrPlace struct {
	name         string
	line, column int
}

// note remembers the places of the attributes of value i. Nil means that its
// tag has one line. The index of a value that was left out is used again.
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

// Place returns where in the message an attribute is: one of value i of the
// group that was returned last, or of the group itself if i is negative. It is
// 0 if there is no such attribute, or if the tag has one line, which is then
// that of the value or group.
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

// attrPlaces returns where the attributes of the start tag just read are, or nil if
// all are on its first line.
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
